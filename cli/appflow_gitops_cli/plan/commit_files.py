"""The files of a commit, for ``plan --git``: read from git's objects, so that the working copy stays as it is."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.documents.sources import STANDARD_INPUT
from appflow_gitops_cli.git import call_git, read_objects
from appflow_gitops_cli.main import CommandError

_REGULAR = ("100644", "100755")
"""The modes of files that are not links to others."""


@contextmanager
def files_of_commit(ref: str, paths: Sequence[str]) -> Iterator[None]:
    """Work in a temporary folder that has these files and folders as they are in a commit, under the same names.

    Raises CommandError if the commit is unknown, or has nothing under one of the paths.
    """
    root = call_git(".", "rev-parse", "--show-toplevel")
    if root is None:
        raise CommandError("--git needs a repository; call the command in one")
    commit = call_git(".", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise CommandError(f"unknown commit {quoted(ref)}; in a shallow clone, fetch it first")
    here = Path.cwd().resolve()
    blobs: dict[str, str] = {}
    for path in paths:
        found = _blobs_under(commit, _path_in(Path(root).resolve(), here, path))
        if not found:
            raise CommandError(f"commit {quoted(ref)} has no file in {quoted(path)}")
        blobs |= found
    contents = read_objects(root, list(blobs.values()))
    if missing := next((name for name, blob in blobs.items() if blob not in contents), None):
        raise CommandError(
            f"git cannot read {quoted(missing)} of commit {quoted(ref)}; in a partial clone, fetch it first"
        )
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder, here.relative_to(Path(root).resolve()))
        inside.mkdir(parents=True, exist_ok=True)
        for name, blob in blobs.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[blob])
        with contextlib.chdir(inside):
            yield


def relative_path(path: str) -> str:
    """The path relative to the current folder, as the project file names policy and variables by absolute ones."""
    return os.path.relpath(path) if PurePath(path).is_absolute() else path


def _path_in(root: Path, here: Path, path: str) -> str:
    """The path relative to the root of the repository, without following links."""
    if path == STANDARD_INPUT:
        raise CommandError("--git reads files of a commit, not standard input")
    inside = PurePath(os.path.normpath(here / path))
    if not inside.is_relative_to(root):
        raise CommandError(f"{quoted(path)} is outside of the repository {quoted(root)}")
    return inside.relative_to(root).as_posix()


def _blobs_under(commit: str, path: str) -> dict[str, str]:
    """The ids of the regular files in the commit that are the path or under it, by their paths in the repository."""
    names = () if path == "." else (path,)
    listed = call_git(".", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *names) or ""
    entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
    modes = ((meta.split(), name) for meta, _, name in entries)
    found = {name: blob for (mode, _, blob), name in modes if mode in _REGULAR}
    if hostile := next((name for name in found if ".." in PurePath(name).parts), None):
        raise CommandError(f"the commit has a file with an invalid name: {quoted(hostile)}")
    return found
