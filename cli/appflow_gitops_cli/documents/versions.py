"""The versions of a flow's document in the bucket: find, read, select and compare them.

Shared by history, diff and push --revert.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from appflow_gitops.aws.documents import ListedVersion
from appflow_gitops.flows.diff import DiffItem, diff, possibly_generated
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.sync.declaration import document_keys, read_declaration
from appflow_gitops.sync.ports import DocumentCatalog, DocumentStore, StoredDocument
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops_cli.cloud import DOCUMENTS_PREFIX, Deployment, documents
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.parallel import in_parallel

LATEST = "latest"
_SHORTEST = 4
"""Characters that the start of a version id or commit needs."""
_SHOWN = 8
"""Characters of a version id that are printed."""


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version of a flow's document; ``stored`` is ``None`` for a deletion, and where S3 does not return it.

    ``checked`` is its validation in the current environment, so a version that was applied once may have errors.
    """

    listed: ListedVersion
    flow_name: str
    stored: StoredDocument | None = None
    checked: ValidatedDocument | None = None

    @property
    def id(self) -> str:
        """The id of the version in S3."""
        return self.listed.version.versionId or ""

    @property
    def commit(self) -> str | None:
        """The commit that was pushed."""
        return self.stored.provenance.commit if self.stored else None

    @property
    def flow(self) -> FlowDocument | None:
        """The flow as this version declares it; ``None`` if it does not, or not in a valid shape."""
        flows = self.checked.flows if self.checked else ()
        return next((flow.document for flow in flows if flow.name == self.flow_name), None)


@dataclass(frozen=True, slots=True)
class FlowVersions:
    """The versions of the document ``key``, newest first, each read when it is asked for."""

    documents: DocumentStore
    environment: Environment
    flow_name: str
    key: str
    listed: tuple[ListedVersion, ...]

    def read(self, version: ListedVersion) -> FlowVersion:
        """Read and validate one version. Raises ``SyncError``."""
        stored = None if version.deleted else self.documents.read(version.version)
        checked = stored.validated(self.environment) if stored else None
        return FlowVersion(version, self.flow_name, stored, checked)

    def select(self, text: str) -> FlowVersion:
        """The version with this id, or the newest one with this commit; the start of either is enough.

        Raises ``SyncError``, and CommandError for an unknown or ambiguous version, or a deletion.
        """
        if text == LATEST:
            return self._not_deleted(self.read(self.listed[0]))
        found = [each for each in self.listed if _names(each.version.versionId, text)]
        if len(found) > 1:
            raise CommandError(f"ambiguous version {quoted(text)}: {listed(_ids(found))}")
        if found:
            return self._not_deleted(self.read(found[0]))
        for each in self.listed:
            if _names((version := self.read(each)).commit, text):
                return version
        raise CommandError(
            f"unknown version {quoted(text)} of {quoted(self.key)}; expected the id or commit of a version in "
            f"'appflow-gitops history {self.flow_name}', or '{LATEST}'"
        )

    def short(self, version_id: str) -> str:
        """The start of a version id that no other version has."""
        others = [each for each in _ids(self.listed) if each != version_id]
        length = _SHOWN
        while length < len(version_id) and any(each.startswith(version_id[:length]) for each in others):
            length += 1
        return version_id[:length]

    def _not_deleted(self, version: FlowVersion) -> FlowVersion:
        if version.stored is None:
            state = "a deletion" if version.listed.deleted else "not readable"
            raise CommandError(f"version {quoted(version.id)} of {quoted(self.key)} is {state}")
        return version


def _names(value: str | None, text: str) -> bool:
    return value is not None and (value == text or (len(text) >= _SHORTEST and value.startswith(text)))


def _ids(versions: Sequence[ListedVersion]) -> list[str]:
    return [each.version.versionId or "" for each in versions]


def versions_of_flow(flow_name: str, key: str | None, deployment: Deployment) -> FlowVersions:
    """The versions of the document ``key``, or of the one that the tags of the flow name, or that declares it.

    Raises ``SyncError``, and CommandError if there is none.
    """
    store = documents()
    environment = deployment.environment(store).read()
    key = key or _document_of(flow_name, deployment, store, environment)
    found = store.versions(deployment.bucket, key)
    if not found:
        raise CommandError(f"the bucket has no version of the document {quoted(key)}")
    return FlowVersions(store, environment, flow_name, key, tuple(found))


def _document_of(
    flow_name: str, deployment: Deployment, store: DocumentCatalog, environment: Environment
) -> str:
    live = deployment.flows().describe(flow_name)
    if live and (key := live.owner.key_in(deployment.bucket)):
        return key
    read = partial(read_declaration, deployment.bucket, documents=store, environment=environment)
    keys = document_keys(store, deployment.bucket, DOCUMENTS_PREFIX)
    for found in in_parallel(read, keys, "Reading documents"):
        if found and flow_name in found.flows:
            return found.version.key
    raise CommandError(
        f"no document in the bucket declares flow {quoted(flow_name)}; name a deleted document with --document"
    )


def changes_between(before: FlowDocument, after: FlowDocument) -> tuple[DiffItem, ...]:
    """What differs between two declarations of a flow; ``live`` is the value before."""
    return (
        *diff(after.request, before.request),
        *possibly_generated(after.request, before.request),
        *_changes_beside_the_request(before, after),
    )


def _changes_beside_the_request(before: FlowDocument, after: FlowDocument) -> Iterator[DiffItem]:
    old, new = (
        {
            ("flowStatus",): flow.flowStatus,
            ("kmsArn",): flow.kmsArn,
            **{("tags", key): value for key, value in (flow.tags or {}).items()},
        }
        for flow in (before, after)
    )
    for path in dict.fromkeys((*old, *new)):
        one, other = old.get(path), new.get(path)
        if one != other:
            yield DiffItem(
                "add" if one is None else "remove" if other is None else "change", path, one, other
            )
