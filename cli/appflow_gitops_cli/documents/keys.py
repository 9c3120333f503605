"""Which key each file has in the documents bucket, and which keys ``push`` would replace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment


@dataclass(frozen=True)
class Keys:
    """The keys of files, ``None`` for a file whose key is unknown.

    ``folders`` are the prefixes of keys that correspond to the folders on the command line.
    """

    of: dict[str, str | None]
    folders: tuple[str, ...] = ()

    def contain(self, key: str) -> bool:
        """Whether a push of these paths would replace the document with this key."""
        return key in self._all or key.startswith(self.folders)

    @cached_property
    def _all(self) -> frozenset[str | None]:
        return frozenset(self.of.values())


def find_keys(paths: Iterable[str], sources: Sequence[Source], prefix: str, local: LocalEnvironment) -> Keys:
    """Return the keys of all sources. ``paths`` are the arguments of the command.

    With a policy, keys are relative to its folder. Otherwise a path that starts with the prefix is the key, and any
    other folder corresponds to the prefix, as for push. Raises CommandError for a file outside of the policy's folder.
    """
    folders = [path for path in paths if Path(path).is_dir()]
    found: dict[str, str | None] = {}
    for source in sources:
        found[source.name] = local.key(source.name) if local.root else key_from_path(prefix, source.name)
    prefixes = []
    for folder in folders:
        inside = [name for name in found if PurePath(name).is_relative_to(folder)]
        if all(found[name] is None for name in inside):
            found |= {name: prefix + PurePath(name).relative_to(folder).as_posix() for name in inside}
        keys = [key for name in inside if (key := found[name])]
        if keys:
            prefixes.append(_folder_of(inside[0], found[inside[0]] or "", folder))
        if not inside:
            prefixes.append(_prefix_of_empty(folder, prefix, local))
    return Keys(found, tuple(prefixes))


def key_from_path(prefix: str, file: str) -> str | None:
    """The key of a file whose path starts with the prefix of keys; ``None`` for any other file."""
    path = PurePath(file).as_posix()
    return path if path.startswith(prefix) and ".." not in PurePath(file).parts else None


def _folder_of(file: str, key: str, folder: str) -> str:
    """The prefix of the keys of all files in the folder."""
    return key.removesuffix(PurePath(file).relative_to(folder).as_posix())


def _prefix_of_empty(folder: str, prefix: str, local: LocalEnvironment) -> str:
    """The prefix of the keys that files in the empty folder would have."""
    file = f"{PurePath(folder).as_posix()}/x"
    key = local.key(file) if local.root else key_from_path(prefix, file)
    return (key or f"{prefix}x").removesuffix("x")
