"""The environment given by ``--policy`` and ``--vars``, so that commands validate documents as the stack would."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, TypeVar

import click

from appflow_gitops.documents.variables import NO_VARIABLES, Variables, read_variables
from appflow_gitops.findings import Finding
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.stored_environment import (
    POLICY_KEY,
    VARIABLES_PREFIX,
    VARIABLES_SUFFIX,
    is_environment_file,
)
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops_cli.documents.sources import STANDARD_INPUT, Source
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.project_file import select_stage_hint

_T = TypeVar("_T")
_Command = Callable[..., Any]
_FILE = click.Path(exists=True, dir_okay=False)


def environment_options(command: _Command) -> _Command:
    """Add the options ``--policy`` and ``--vars`` to a command; ``read_environment`` reads their files."""
    policy = click.option(
        "--policy",
        type=_FILE,
        metavar="FILE",
        help="Check documents against this policy. Its folder is treated as the root of the documents bucket.",
    )
    variables = click.option(
        "--vars",
        "variables",
        type=_FILE,
        metavar="FILE",
        help="Replace variables in documents by the values in this file.",
    )
    return policy(variables(command))


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """A policy or variables file, and its findings."""

    name: str
    content: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LocalEnvironment:
    """The environment read from local files; ``has_policy`` and ``has_variables`` say which files were passed.

    ``root`` is the folder that corresponds to the documents bucket, ``None`` without a policy.
    """

    environment: Environment
    files: tuple[EnvironmentFile, ...]
    root: Path | None
    has_policy: bool = False
    has_variables: bool = False

    def over(self, stored: Callable[[], Environment]) -> Environment:
        """The environment that ``stored`` reads from the bucket, overridden by the local files.

        The pauses are those of the bucket.
        """
        in_bucket = stored()
        return replace(
            in_bucket,
            policy=self.environment.policy if self.has_policy else in_bucket.policy,
            variables=self.environment.variables if self.has_variables else in_bucket.variables,
        )

    def key(self, file: str) -> str | None:
        """The key of the document in the bucket; ``None`` for standard input, which counts as a request.

        Raises CommandError for a file outside of ``root``.
        """
        if self.root is None or file == STANDARD_INPUT:
            return None
        if (key := self.key_beside_policy(file)) is None:
            raise CommandError(
                f"{file}: outside of the policy's folder; move it there, or pass the policy of its own folder"
            )
        return key

    def key_beside_policy(self, file: str) -> str | None:
        """The path of the file in the policy's folder; ``None`` outside of it, and without a policy."""
        path = _absolute(file)
        if self.root is None or not path.is_relative_to(self.root):
            return None
        return path.relative_to(self.root).as_posix()

    def has(self, file: str) -> bool:
        """Whether the file is a policy or variables file, not a document."""
        if any(_absolute(each.name) == _absolute(file) for each in self.files):
            return True
        return is_environment_file(self.key_beside_policy(file) or "")


def read_environment(policy: str | None, variables: str | None) -> LocalEnvironment:
    """Read the files of ``--policy`` and ``--vars``. Raises CommandError for a file that cannot be read."""
    files: list[EnvironmentFile] = []
    environment = Environment(
        policy=_read(policy, read_policy, files) if policy else None,
        variables=_read(variables, read_variables, files) if variables else _no_variables(),
    )
    root = _absolute(policy).parent if policy else None
    return LocalEnvironment(
        environment, tuple(files), root, has_policy=bool(policy), has_variables=bool(variables)
    )


def _no_variables() -> Variables:
    hint = select_stage_hint()
    return Variables(hint=hint) if hint else NO_VARIABLES


def environment_files(local: LocalEnvironment, stage: str) -> Iterator[tuple[str, bytes]]:
    """The keys that the stack reads policy and variables from, and the contents of the local files.

    Raises CommandError for variables that the stack would not read.
    """
    files = iter(local.files)
    if local.has_policy:
        yield POLICY_KEY, next(files).content
    if local.has_variables:
        file = next(files)
        expected = f"{stage}{VARIABLES_SUFFIX}"
        if not stage:
            raise CommandError(
                f"--vars {file.name}: the stack has no stage and reads no variables; deploy it with Stage=NAME"
            )
        if PurePath(file.name).name != expected:
            raise CommandError(
                f"--vars {file.name}: expected a file named {expected}, because the stage of the stack is "
                f"{quoted(stage)}"
            )
        yield f"{VARIABLES_PREFIX}{expected}", file.content


def _read(
    name: str, reader: Callable[[bytes, str], tuple[_T, tuple[Finding, ...]]], files: list[EnvironmentFile]
) -> _T:
    content = Source(name).read()
    if isinstance(content, Finding):
        raise CommandError(f"{name}: {content.message}")
    read, findings = reader(content, name)
    files.append(EnvironmentFile(name, content, findings))
    return read


def _absolute(file: str) -> Path:
    """The absolute path, without following links: the target of a link has another key."""
    return Path(os.path.abspath(file))  # noqa: PTH100 - Path.absolute keeps `..`
