"""The documents among the files that a command reads."""

from collections.abc import Iterable

from appflow_gitops_cli.documents.sources import NO_DOCUMENTS, Source, find_sources
from appflow_gitops_cli.environment import LocalEnvironment
from appflow_gitops_cli.field_files import is_pulled_file
from appflow_gitops_cli.main import CommandError


def find_documents(
    paths: Iterable[str], local: LocalEnvironment, *, may_be_empty: bool = False
) -> list[Source]:
    """The files in ``paths`` without policy, variables and pulled fields.

    A file with pulled fields that ``paths`` names itself counts as a document. Raises CommandError if a path does not
    exist, or, unless ``may_be_empty``, no document is found.
    """
    sources = find_sources(paths, may_be_empty=may_be_empty)
    documents = [
        source
        for source in sources
        if not local.has(source.name) and not (source.folder and is_pulled_file(source.name))
    ]
    if not (documents or may_be_empty or any(local.has(source.name) for source in sources)):
        raise CommandError(NO_DOCUMENTS)
    return documents
