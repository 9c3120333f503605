"""The stage at the desk: ``--policy`` and ``--vars``, so that a command judges documents as the cloud would."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from appflow_gitops.documents.variables import NO_VARIABLES, read_variables
from appflow_gitops.findings import Finding
from appflow_gitops.sync.stored_environment import is_environment_file
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops_cli.documents.sources import STANDARD_INPUT, Source
from appflow_gitops_cli.main import CannotRun

_T = TypeVar("_T")
_Command = Callable[..., Any]
_FILE = click.Path(exists=True, dir_okay=False)


def environment_options(command: _Command) -> _Command:
    """Give a command the options ``policy`` and ``variables``, for ``read_environment``."""
    policy = click.option(
        "--policy",
        type=_FILE,
        metavar="FILE",
        help="Hold documents to this policy. The folder it lies in stands for the documents bucket.",
    )
    variables = click.option(
        "--vars",
        "variables",
        type=_FILE,
        metavar="FILE",
        help="Put in the values of variables that this file gives.",
    )
    return policy(variables(command))


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """A file that the stage is made of, and what is wrong with it."""

    name: str
    content: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LocalEnvironment:
    """The stage that files give, and which of its two parts they do.

    ``root`` stands for the documents bucket; without a policy nothing does.
    """

    environment: Environment
    files: tuple[EnvironmentFile, ...]
    root: Path | None
    has_policy: bool = False
    has_variables: bool = False

    def over(self, stored: Callable[[], Environment]) -> Environment:
        """The stage that ``stored`` reads from the bucket, with what the desk gives in its place."""
        if self.has_policy and self.has_variables:
            return self.environment
        there = stored()
        return Environment(
            policy=self.environment.policy if self.has_policy else there.policy,
            variables=self.environment.variables if self.has_variables else there.variables,
        )

    def key(self, file: str) -> str | None:
        """The key that a document has in the bucket. Standard input has none: it counts as a request.

        Raises CannotRun for a file outside the folder that stands for the bucket.
        """
        if self.root is None or file == STANDARD_INPUT:
            return None
        try:
            return _absolute(file).relative_to(self.root).as_posix()
        except ValueError:
            raise CannotRun(
                f"{file} is not in the folder of the policy, which stands for the bucket"
            ) from None

    def has(self, file: str) -> bool:
        """Whether the file is of the environment, and no document."""
        if any(_absolute(one.name) == _absolute(file) for one in self.files):
            return True
        return is_environment_file(self.key(file) or "")


def read_environment(policy: str | None, variables: str | None) -> LocalEnvironment:
    """The stage of these files; either may be left out. Raises CannotRun for one that cannot be opened."""
    files: list[EnvironmentFile] = []
    environment = Environment(
        policy=_read(policy, read_policy, files) if policy else None,
        variables=_read(variables, read_variables, files) if variables else NO_VARIABLES,
    )
    root = _absolute(policy).parent if policy else None
    return LocalEnvironment(
        environment, tuple(files), root, has_policy=bool(policy), has_variables=bool(variables)
    )


def _read(
    name: str, reader: Callable[[bytes, str], tuple[_T, tuple[Finding, ...]]], files: list[EnvironmentFile]
) -> _T:
    content = Source(name).read()
    if isinstance(content, Finding):
        raise CannotRun(f"cannot read {name}: {content.message}")
    read, findings = reader(content, name)
    files.append(EnvironmentFile(name, content, findings))
    return read


def _absolute(file: str) -> Path:
    """Made absolute without following links: what a link leads to has another key."""
    return Path(os.path.abspath(file))  # noqa: PTH100 - Path.absolute keeps `..`
