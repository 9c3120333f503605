"""Paths of files in their repository, as GitHub and code scanning expect them, whatever the current folder is."""

import os
from functools import cache
from pathlib import Path

from appflow_gitops_cli.documents.sources import STANDARD_INPUT


def path_in_repository(file: str) -> str:
    """The path relative to the root of the Git repository, with slashes; unchanged for a file outside of one.

    Without a ``.git``, as in a container, GITHUB_WORKSPACE is the root.
    """
    if file == STANDARD_INPUT:
        return file
    path = Path(os.path.abspath(file))  # noqa: PTH100 - Path.absolute keeps `..`
    root = _repository_of(path.parent)
    return path.relative_to(root).as_posix() if root else Path(file).as_posix()


@cache
def _repository_of(folder: Path) -> Path | None:
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return parent
    workspace = os.environ.get("GITHUB_WORKSPACE")
    return Path(workspace) if workspace and folder.is_relative_to(workspace) else None
