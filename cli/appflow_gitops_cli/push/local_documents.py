"""The documents in the pushed folder: their keys in the bucket, and their validation."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.suffixes import DOCUMENT_SUFFIXES
from appflow_gitops.findings import Finding
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import DOCUMENTS_PREFIX
from appflow_gitops_cli.documents.document_files import find_documents
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.printable import printable


@dataclass(frozen=True, slots=True)
class LocalDocument:
    """One document of the folder. ``file`` is its path as the user wrote it, ``key`` its key in the bucket."""

    file: str
    key: str
    content: bytes
    checked: ValidatedDocument

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that it declares, each once; flows without a name are left out."""
        return tuple(dict.fromkeys(flow.name for flow in self.checked.flows if flow.name))

    @property
    def is_complete(self) -> bool:
        """Whether ``content`` is the whole file. Of a file that is too large for a document, only the start is read."""
        return len(self.content) <= MAX_BYTES


def read_documents(
    folder: str, prefix: str, environment: Environment, local: LocalEnvironment
) -> list[LocalDocument]:
    """Read and validate every document of the folder.

    Raises CommandError if one cannot be read or uploaded, or would have another key than plan expects.
    """
    return [_read(source, key, environment) for source, key in _keyed(folder, prefix, local)]


def _keyed(folder: str, prefix: str, local: LocalEnvironment) -> Iterator[tuple[Source, str]]:
    for source in find_documents([folder], local, may_be_empty=True):
        path = Path(source.name).relative_to(folder).as_posix()
        _require_same_key(printable(source.name), path, prefix + path, local.key_beside_policy(source.name))
        yield source, prefix + path


def _require_same_key(file: str, path: str, key: str, expected: str | None) -> None:
    """Raises CommandError if the place of the document beside the policy is another key in ``flows/``."""
    if expected is None or expected == key or not expected.startswith(DOCUMENTS_PREFIX):
        return
    prefix = expected.removesuffix(path)
    hint = f"use --prefix {prefix}" if prefix else f"push the folder {quoted(DOCUMENTS_PREFIX)}"
    raise CommandError(
        f"{file}: the key would be {quoted(key)}, expected {quoted(expected)} as in plan; {hint}"
    )


def _read(source: Source, key: str, environment: Environment) -> LocalDocument:
    content, file = source.read(), printable(source.name)
    if isinstance(content, Finding):
        raise CommandError(f"{file}: {content.message}")
    if not key.endswith(DOCUMENT_SUFFIXES):
        endings = ", ".join(DOCUMENT_SUFFIXES)
        raise CommandError(
            f"{file}: expected a name that ends in one of {endings} (lower case); rename the file"
        )
    if not _is_utf8(key):
        raise CommandError(f"{file}: the file name is not valid UTF-8; rename the file")
    return LocalDocument(source.name, key, content, validate(content, source.name, environment, key))


def _is_utf8(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
