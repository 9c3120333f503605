"""The documents among the files that a command reads."""

from collections.abc import Iterable

from appflow_gitops_cli.documents.sources import NO_DOCUMENTS, Source, find_sources
from appflow_gitops_cli.environment import LocalEnvironment
from appflow_gitops_cli.field_files import FieldFiles
from appflow_gitops_cli.main import CommandError


def find_documents(paths: Iterable[str], local: LocalEnvironment, fields: FieldFiles | None) -> list[Source]:
    """The files in ``paths`` without policy, variables and pulled fields. A file that is named itself is a document.

    Raises CommandError if a path does not exist, or no document is found.
    """
    sources = find_sources(paths)
    documents = [
        source
        for source in sources
        if not local.has(source.name) and not (source.folder and fields and fields.contain(source.name))
    ]
    if not documents and not any(local.has(source.name) for source in sources):
        raise CommandError(NO_DOCUMENTS)
    return documents
