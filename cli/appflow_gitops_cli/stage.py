"""The stage at the desk: ``--policy`` and ``--vars``, so that a command judges documents as the cloud would."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from appflow_gitops.documents.variables import NO_VARIABLES, read_variables
from appflow_gitops.findings import Finding
from appflow_gitops.rules.policy import read_policy
from appflow_gitops.rules.stage import Stage
from appflow_gitops.sync.stage import is_of_stage
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.validate.sources import STANDARD_INPUT, Source

_T = TypeVar("_T")
_Command = Callable[..., Any]
_FILE = click.Path(exists=True, dir_okay=False)


def stage_options(command: _Command) -> _Command:
    """Give a command the options ``policy`` and ``variables``, for ``read_stage``."""
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
class StageFile:
    """A file that the stage is made of, and what is wrong with it."""

    name: str
    content: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DeskStage:
    """The stage that files give, and which of its two parts they do.

    ``root`` stands for the documents bucket; without a policy nothing does.
    """

    stage: Stage
    files: tuple[StageFile, ...]
    root: Path | None
    own_policy: bool = False
    own_variables: bool = False

    def over(self, stored: Callable[[], Stage]) -> Stage:
        """The stage that ``stored`` reads from the bucket, with what the desk gives in its place."""
        if self.own_policy and self.own_variables:
            return self.stage
        there = stored()
        return Stage(
            policy=self.stage.policy if self.own_policy else there.policy,
            variables=self.stage.variables if self.own_variables else there.variables,
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
        """Whether the file is of the stage, and no document."""
        if any(_absolute(one.name) == _absolute(file) for one in self.files):
            return True
        return is_of_stage(self.key(file) or "")


def read_stage(policy: str | None, variables: str | None) -> DeskStage:
    """The stage of these files; either may be left out. Raises CannotRun for one that cannot be opened."""
    files: list[StageFile] = []
    stage = Stage(
        policy=_read(policy, read_policy, files) if policy else None,
        variables=_read(variables, read_variables, files) if variables else NO_VARIABLES,
    )
    root = _absolute(policy).parent if policy else None
    return DeskStage(stage, tuple(files), root, own_policy=bool(policy), own_variables=bool(variables))


def _read(
    name: str, reader: Callable[[bytes, str], tuple[_T, tuple[Finding, ...]]], files: list[StageFile]
) -> _T:
    content = Source(name).read()
    if isinstance(content, Finding):
        raise CannotRun(f"cannot read {name}: {content.message}")
    read, findings = reader(content, name)
    files.append(StageFile(name, content, findings))
    return read


def _absolute(file: str) -> Path:
    """Made absolute without following links: what a link leads to has another key."""
    return Path(os.path.abspath(file))  # noqa: PTH100 - Path.absolute keeps `..`
