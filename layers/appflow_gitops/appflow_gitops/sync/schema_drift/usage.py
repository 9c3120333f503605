"""Which objects the declared flows use, and which of their fields."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from appflow_gitops.findings import Path, to_pointer
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.declaration import Declaration
from appflow_gitops.validation.fields.entity import EntityKey
from appflow_gitops.validation.fields.used_fields import (
    Use,
    UsedField,
    destination_fields,
    entity_key,
    has_map_all,
    source_fields,
)
from appflow_gitops.validation.rules.flow_view import Connection, FlowView, view_flow


@dataclass(frozen=True, slots=True)
class Usage:
    """One flow's use of an object: the used fields with their pointers into the flow.

    ``reads_all``: it transfers all fields of the object, except for ``excluded`` ones. ``reads``: the object is its
    source.
    """

    flow: str
    document: DocumentVersion
    fields: Mapping[str, tuple[str, ...]]
    reads_all: bool = False
    excluded: frozenset[str] = field(default_factory=frozenset)
    reads: bool = False

    def concerns(self, name: str) -> bool:
        """Whether a change of the field concerns the flow."""
        return name in self.fields or (self.reads_all and name not in self.excluded)


def usages(declarations: Iterable[Declaration]) -> dict[EntityKey, list[Usage]]:
    """Every use of every object, in the order of the declarations."""
    found: dict[EntityKey, list[Usage]] = {}
    for declaration in declarations:
        for flow in declaration.flows.values():
            for key, usage in _usages(flow, declaration.version):
                found.setdefault(key, []).append(usage)
    return found


def _usages(flow: FlowDocument, document: DocumentVersion) -> Iterator[tuple[EntityKey, Usage]]:
    view = view_flow(flow.request, (), ())
    for connection in view.connections:
        if key := entity_key(connection):
            yield key, _usage(flow.flowName, document, view, connection)


def _usage(flow: str, document: DocumentVersion, view: FlowView, connection: Connection) -> Usage:
    if connection.role == "destination":
        return Usage(flow, document, _pointers(tuple(destination_fields(view, connection))))
    used = tuple(source_fields(view))
    excluded = frozenset(each.name for each in used if each.use is Use.EXCLUDE)
    read = tuple(each for each in used if each.use is not Use.EXCLUDE)
    return Usage(flow, document, _pointers(read), has_map_all(view), excluded, reads=True)


def _pointers(used: Sequence[UsedField]) -> dict[str, tuple[str, ...]]:
    paths: dict[str, list[Path]] = {}
    for each in used:
        paths.setdefault(each.name, []).append(each.path)
    return {name: tuple(map(to_pointer, of_name)) for name, of_name in paths.items()}
