"""The folder that is pushed: its documents, their keys in the bucket, and what the desk has to say about them.

``work`` reads it; ``decision`` and ``send`` go by what it finds.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Finding
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.documents.sources import Source, find_sources
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.printable import printable


@dataclass(frozen=True, slots=True)
class LocalDocument:
    """One document of the folder. ``file`` is what the person calls it, ``key`` what the bucket does."""

    file: str
    key: str
    content: bytes
    checked: ValidatedDocument

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that it declares, as far as it gives names."""
        return tuple(dict.fromkeys(flow.name for flow in self.checked.flows if flow.name))

    @property
    def is_whole(self) -> bool:
        """Whether ``content`` is all of the file. No more is read of one that is too large for a document."""
        return len(self.content) <= MAX_BYTES


def documents_in(
    folder: str, prefix: str, environment: Environment, without: Collection[Path] = ()
) -> list[LocalDocument]:
    """Every document of the folder but the files ``without``, judged by ``stage`` under the key that it will have.

    Raises CannotRun when there is none, or one cannot be read or stored.
    """
    return [
        _read(source, key, environment)
        for source, key in _keyed(folder, prefix)
        if Path(source.name).resolve() not in without
    ]


def _keyed(folder: str, prefix: str) -> Iterator[tuple[Source, str]]:
    for source in find_sources([folder]):
        yield source, prefix + Path(source.name).relative_to(folder).as_posix()


def _read(source: Source, key: str, environment: Environment) -> LocalDocument:
    content, file = source.read(), printable(source.name)
    if isinstance(content, Finding):
        raise CannotRun(f"cannot read {file}: {content.message}")
    if not key.endswith(DOCUMENT_SUFFIXES):
        endings = ", ".join(DOCUMENT_SUFFIXES)
        raise CannotRun(f"{file}: the stack takes only {endings}, in small letters; rename the file")
    if not _is_text(key):
        raise CannotRun(f"{file}: the name is no UTF-8; rename the file")
    return LocalDocument(source.name, key, content, validate(content, source.name, environment, key))


def _is_text(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
