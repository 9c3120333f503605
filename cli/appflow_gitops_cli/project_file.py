"""The project file ``appflow-gitops.toml``: defaults of the commands' options, for all stages and for each stage.

The nearest file in the current folder or above it counts, up to the root of the Git repository. An option on the
command line replaces the default. ``docs/project-file.md`` describes the file.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from appflow_gitops.quoting import listed, quoted
from appflow_gitops_cli.documents.selection import rule_prefixes
from appflow_gitops_cli.main import CommandError

FILE_NAME = "appflow-gitops.toml"
STAGE_VARIABLE = "APPFLOW_GITOPS_STAGE"

_STAGES = "stages"
_SELECTABLE = f"{__name__}.stages"
"""Key of the stages in the context of a command that could select one of them, and did not."""
_Command = Callable[..., Any]


def stack_option(purpose: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option ``--stack`` of a command, with ``purpose`` as its help."""
    return click.option(
        "--stack",
        metavar="NAME",
        envvar="APPFLOW_GITOPS_STACK",
        show_envvar=True,
        default="appflow-gitops",
        show_default=True,
        help=purpose,
    )


def project_options(command: _Command) -> _Command:
    """Add ``--stage`` to a command, and take the defaults of its other options from the project file."""
    return click.option(
        "--stage",
        metavar="NAME",
        envvar=STAGE_VARIABLE,
        show_envvar=True,
        is_eager=True,
        expose_value=False,
        callback=set_defaults,
        help=f"Use the settings of this stage in {FILE_NAME}.",
    )(command)


def set_defaults(context: click.Context, option: click.Parameter, stage: str | None) -> str | None:
    """Callback of an eager option: set the defaults of all options for the stage, which it returns.

    An option whose value the command receives has a use of its own, so the file may lack the stage.
    """
    if context.resilient_parsing:  # shell completion
        return stage
    file = find_project_file(Path.cwd())
    if file:
        defaults = read_defaults(file, stage, stage_is_required=not option.expose_value)
        context.default_map = {**(context.default_map or {}), **defaults}
        context.meta[_SELECTABLE] = [] if stage else stage_names(file)
    elif stage and not option.expose_value:
        raise CommandError(f"stage {quoted(stage)} needs a file {FILE_NAME}, see docs/project-file.md")
    return stage


def select_stage_hint() -> str | None:
    """What to do about missing settings: select a stage; ``None`` if one is selected or the project file has none."""
    context = click.get_current_context(silent=True)
    stages = context.meta.get(_SELECTABLE) if context else None
    return f"select a stage with --stage: {listed(stages)}" if stages else None


def set_local_defaults(context: click.Context, option: click.Parameter, stage: str | None) -> str | None:
    """Callback of ``local up``: as ``set_defaults``, for the first stage in the project file if none is selected."""
    file = find_project_file(Path.cwd())
    if file is None or context.resilient_parsing:
        return stage
    names = stage_names(file)
    if stage and stage not in names:
        raise CommandError(
            f"{FILE_NAME}: unknown stage {quoted(stage)}, expected one of: {listed(names) or 'none'}"
        )
    stage = stage or next(iter(names), None)
    context.default_map = {**(context.default_map or {}), "allow_missing": True}
    return set_defaults(context, option, stage)


def stage_names(file: Path) -> list[str]:
    """The stages in the project file, in its order. Raises CommandError if the file is invalid."""
    return list(_read(file).get(_STAGES, {}))


def find_project_file(folder: Path) -> Path | None:
    """Return the project file in the folder, or in the nearest folder above it in the same repository."""
    for parent in (folder, *folder.parents):
        if (file := parent / FILE_NAME).is_file():
            return file
        if (parent / ".git").exists():
            return None
    return None


def read_defaults(file: Path, stage: str | None, *, stage_is_required: bool = True) -> dict[str, Any]:
    """Return the defaults for a stage, by parameter of the commands. Paths are relative to the folder of the file.

    Raises CommandError if the file is invalid, or lacks a required stage.
    """
    settings = _read(file)
    try:
        return _defaults_of_stage(settings, file.parent, stage, stage_is_required=stage_is_required)
    except _InvalidError as error:
        raise CommandError(f"{FILE_NAME}: {error}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{FILE_NAME}: {error}") from None
    if not isinstance(settings.get(_STAGES, {}), dict):
        raise CommandError(f"{FILE_NAME}: {quoted(_STAGES)} must be a table of tables, such as [stages.prod]")
    return settings


class _InvalidError(ValueError):
    """The project file has a wrong key or value."""


def _defaults_of_stage(
    settings: dict[str, Any], folder: Path, stage: str | None, *, stage_is_required: bool
) -> dict[str, Any]:
    stages = settings.pop(_STAGES, {})
    defaults = _defaults(settings, folder)
    by_stage = {name: _defaults(table, folder) for name, table in stages.items()}
    if stage and stage_is_required and stage not in by_stage:
        raise _InvalidError(f"unknown stage {quoted(stage)}, expected one of: {listed(stages) or 'none'}")
    return defaults | by_stage.get(stage or "", {})


def _defaults(table: object, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise _InvalidError("a stage must be a table, such as [stages.prod]")
    if unknown := [key for key in table if key not in _KEYS]:
        raise _InvalidError(f"unknown key {quoted(unknown[0])}, expected one of: {listed([*_KEYS, _STAGES])}")
    return {_KEYS[key][0]: _KEYS[key][1](key, value, folder) for key, value in table.items()}


def _text(key: str, value: object, _folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise _InvalidError(f"{quoted(key)} must be a string")
    return value


def _file(key: str, value: object, folder: Path) -> str:
    path = Path(_text(key, value, folder))
    return str(path) if path.is_absolute() else os.path.relpath(folder / path)


def _rules(key: str, value: object, _folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _InvalidError(f"{quoted(key)} must be a list of rule ids or prefixes, such as ['AFG257']")
    try:
        return tuple(prefix for item in value for prefix in rule_prefixes(item))
    except ValueError as invalid:
        raise _InvalidError(f"unknown rule {quoted(invalid)} in {quoted(key)}") from None


_KEYS: Mapping[str, tuple[str, Callable[[str, object, Path], Any]]] = {
    "stack": ("stack", _text),
    "vars": ("variables", _file),
    "policy": ("policy", _file),
    "fields": ("fields", _file),
    "select": ("select", _rules),
    "ignore": ("ignore", _rules),
}
"""Key of the file -> the parameter of the commands, and the function that checks and converts the value."""
