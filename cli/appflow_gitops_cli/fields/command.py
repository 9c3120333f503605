"""``appflow-gitops fields``: pull the fields that AppFlow describes, and show what changed since."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appflow_gitops.findings import Finding
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.changes import ChangeKind, FieldChange, compare_entities
from appflow_gitops.validation.fields.check import entities_of
from appflow_gitops.validation.fields.entity import Description, Entity, EntityKey, UnknownEntity
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.cloud import field_checker, translate_aws_errors
from appflow_gitops_cli.documents.document_files import find_documents
from appflow_gitops_cli.documents.report import counted
from appflow_gitops_cli.environment import LocalEnvironment, environment_options, read_environment
from appflow_gitops_cli.field_files import DEFAULT_FOLDER, FieldFiles
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.parallel import in_parallel
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.project_file import project_options
from appflow_gitops_cli.usage import format_option

_SIGNS = {ChangeKind.REMOVED: "-", ChangeKind.ADDED: "+", ChangeKind.RETYPED: "~", ChangeKind.CHANGED: "~"}
_SETTINGS = {"help_option_names": ["-h", "--help"]}
_PATHS = click.argument("paths", nargs=-1, required=True, metavar="PATH...")


@click.group(context_settings=_SETTINGS)
def fields() -> None:
    """Keep the fields of connectors in files, to check documents without AWS.

    \b
    Example:
      appflow-gitops fields pull flows/
      appflow-gitops fields diff flows/
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap


@fields.command(context_settings=_SETTINGS, short_help="Write the fields of all objects that documents use.")
@_PATHS
@click.option(
    "--out",
    "fields",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="The folder to write to.",
)
@environment_options
@project_options
def pull(*, paths: tuple[str, ...], fields: Path, policy: str | None, variables: str | None) -> None:
    """Write the fields of all objects that documents use, one file per object.

    Describes each object once, past AppFlow's cache. validate reads the files. Prints the files it wrote, and the
    objects that could not be described.

    \b
    Example:
      appflow-gitops fields pull flows/
      appflow-gitops fields pull --out fields/prod --stage prod flows/

    Exit status: 0 all objects were written, 1 an object could not be described, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    files, failed = FieldFiles(fields), 0
    for key, described in _described(paths, policy, variables).items():
        if isinstance(described, Entity):
            click.echo(printable(f"wrote {_write(files, key, described)}"))
        else:
            failed += 1
            kept = f"; {files.path(key)} of an earlier pull is kept" if files.path(key).exists() else ""
            click.echo(printable(f"{_name(key)}: {_reason(described)}{kept}"), err=True)
    sys.exit(1 if failed else 0)


@fields.command(
    context_settings=_SETTINGS, short_help="Show what changed at the connectors since the last pull."
)
@_PATHS
@click.option(
    "--fields",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="The folder that pull wrote to.",
)
@format_option("Format.")
@environment_options
@project_options
def diff(
    *, paths: tuple[str, ...], fields: Path, output_format: str, policy: str | None, variables: str | None
) -> None:
    """Show what changed at the connectors since the last pull: removed, added and changed fields.

    Compares all objects that documents use with their files. Nothing is written.

    \b
    Example:
      appflow-gitops fields diff flows/
      appflow-gitops fields diff --format json flows/

    Exit status: 0 no changes, 1 changes, or an object that was not pulled or cannot be described, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    files = FieldFiles(fields)
    described = _described(paths, policy, variables)
    changes = {key: _compare(files, key, each) for key, each in described.items()}
    changed = {key: each for key, each in changes.items() if each}
    if output_format == "json":
        click.echo(json.dumps([_as_json(key, each) for key, each in changed.items()], indent=2))
    else:
        for line in _as_text(changed, len(described)):
            click.echo(printable(line))
    sys.exit(1 if changed else 0)


def _described(
    paths: tuple[str, ...], policy: str | None, variables: str | None
) -> Mapping[EntityKey, Description]:
    """The objects that the documents use. Raises CommandError."""
    keys = set(_keys(paths, read_environment(policy, variables)))
    if not keys:
        raise CommandError("no document uses a connector that has objects with fields")
    with translate_aws_errors():
        return field_checker().describe(keys, in_parallel)


def _keys(paths: tuple[str, ...], local: LocalEnvironment) -> Iterator[EntityKey]:
    environment = Environment(variables=local.environment.variables, checks_fields=True)
    for source in find_documents(paths, local):
        content = source.read()
        if isinstance(content, Finding):
            continue
        for flow in validate(content, source.name, environment).flows:
            yield from entities_of(flow)


def _write(files: FieldFiles, key: EntityKey, entity: Entity) -> Path:
    try:
        return files.write(key, entity, datetime.now(UTC))
    except OSError as error:
        raise CommandError(f"cannot write {error.filename}: {error.strerror}") from None


def _compare(files: FieldFiles, key: EntityKey, described: Description) -> tuple[FieldChange, ...] | str:
    """The changes, or why there is nothing to compare."""
    pulled = files.read(key)
    if pulled is None:
        return f"not pulled: {files.path(key)} does not exist"
    if not isinstance(described, Entity):
        return _reason(described)
    return compare_entities(pulled.entity, described)


def _reason(described: Description) -> str:
    return (
        described.reason if isinstance(described, UnknownEntity) else "the connector does not have the object"
    )


def _name(key: EntityKey) -> str:
    return f"{key.connector} {quoted(key.name)} ({key.profile})"


def _as_text(changed: Mapping[EntityKey, tuple[FieldChange, ...] | str], total: int) -> Iterator[str]:
    for key, changes in changed.items():
        if isinstance(changes, str):
            yield f"{_name(key)}: {changes}"
            continue
        yield _name(key)
        yield from (f"  {_SIGNS[change.kind]} {change}" for change in changes)
    yield f"{counted(total, 'object')} compared, {len(changed):,} changed"


def _as_json(key: EntityKey, changes: tuple[FieldChange, ...] | str) -> dict[str, Any]:
    listed = [] if isinstance(changes, str) else changes
    return {
        "connectorType": key.connector,
        "connectorProfileName": key.profile,
        "connectorEntityName": key.name,
        "changes": [
            {
                "kind": each.kind.value,
                "field": each.field,
                "before": each.before,
                "after": each.after,
                "properties": list(each.properties),
            }
            for each in listed
        ],
        "error": changes if isinstance(changes, str) else None,
    }
