"""``appflow-gitops validate``: check flow documents locally and in CI; without AWS, unless ``--live`` is set."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appflow_gitops.findings import Severity
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.rule_catalogue import all_rules
from appflow_gitops_cli.documents.document_files import find_documents
from appflow_gitops_cli.documents.report import (
    DocumentReport,
    ReadSource,
    Report,
    counted,
    environment_reports,
    read_source,
    validate_source,
)
from appflow_gitops_cli.documents.selection import Selection, rule_prefixes
from appflow_gitops_cli.documents.sources import Source
from appflow_gitops_cli.environment import LocalEnvironment, environment_options, read_environment
from appflow_gitops_cli.field_files import DEFAULT_FOLDER, FieldFiles
from appflow_gitops_cli.progress import with_progress
from appflow_gitops_cli.project_file import project_options
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.usage import format_option
from appflow_gitops_cli.validate.formats import FORMATS
from appflow_gitops_cli.validate.formats.as_sarif import left_out, left_out_message

if TYPE_CHECKING:
    from appflow_gitops.sync.field_check import FieldChecker


class _Rules(click.ParamType[tuple[str, ...]]):
    name = "RULES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        try:
            prefixes = rule_prefixes(str(value))
            unknown = [
                prefix for prefix in prefixes if not any(rule.id.startswith(prefix) for rule in all_rules())
            ]
            if not unknown:
                return prefixes
            self.fail(
                f"unknown rule {quoted(unknown[0])}; run 'appflow-gitops rule' to list all rules", param, ctx
            )
        except ValueError as invalid:
            self.fail(
                f"unknown rule {quoted(invalid)}, expected an id such as AFG201 or a prefix such as AFG2",
                param,
                ctx,
            )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@format_option("Format of the findings.", FORMATS)
@click.option(
    "--select",
    type=_Rules(),
    multiple=True,
    help="Report only these rules: comma-separated ids or prefixes, such as AFG2. Repeatable.",
)
@click.option(
    "--ignore",
    type=_Rules(),
    multiple=True,
    help="Do not report these rules. Takes precedence over --select.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Show infos too, in text. They are only counted otherwise."
)
@click.option("--warnings-as-errors", is_flag=True, help="Exit with status 1 for warnings too.")
@click.option("--live", is_flag=True, help="Also check fields against their connectors (AFG4). Calls AWS.")
@click.option(
    "--fields",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Check fields against the files that 'fields pull' wrote.  [default: the folder fields, if it exists]",
)
@environment_options
@project_options
def validate(  # noqa: PLR0913 - click hands over every option
    *,
    paths: tuple[str, ...],
    output_format: str,
    select: tuple[tuple[str, ...], ...],
    ignore: tuple[tuple[str, ...], ...],
    verbose: bool,
    warnings_as_errors: bool,
    live: bool,
    fields: Path | None,
    policy: str | None,
    variables: str | None,
) -> None:
    """Check flow documents, without AWS unless --live is set.

    PATH is a file, a folder or - for standard input. In a folder, every .json, .yaml and .yml file is checked, except
    hidden files, node_modules, policy, variables, and the files that 'fields pull' wrote. Prints the findings and a
    summary.

    --live compares the fields that flows use with those that AppFlow describes for each connector. Each object is
    described once; an object that cannot be described is a note, not an error. Without --live, the files in the folder
    of --fields are used, and their age is printed.

    Errors of AFG0 and AFG1 cannot be ignored: such a document declares no flow to send to AppFlow. --select and
    --ignore have no effect on the deployed stack, which rejects every document with an error.

    \b
    Example:
      appflow-gitops validate flows/
      appflow-gitops validate --live flows/
      appflow-gitops validate --format github --warnings-as-errors flows/
      appflow-gitops validate --verbose --ignore AFG257 flows/
      appflow-gitops validate --policy policy.yaml --vars variables/prod.yaml flows/
      aws appflow describe-flow --flow-name orders | appflow-gitops validate -

    Exit status: 0 no errors, 1 errors (or warnings with --warnings-as-errors), 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    local = read_environment(policy, variables)
    files = _field_files(fields)
    sources = find_documents(paths, local)
    selection = Selection(select=sum(select, ()), ignore=sum(ignore, ()))
    if live or files:
        checked = _check_with_fields(sources, selection, local, None if live else files)
    else:
        checked = _check(sources, selection, local)
    documents = (*environment_reports(local), *checked)
    failing = {Severity.ERROR, Severity.WARNING} if warnings_as_errors else {Severity.ERROR}
    report = Report(documents, frozenset(failing), shows_infos=verbose or bool(select))
    print_lines(FORMATS[output_format](report, standard_output()))
    if output_format == "sarif" and (count := left_out(report)):
        click.echo(left_out_message(count), err=True)
    sys.exit(1 if report.failed else 0)


def _field_files(folder: Path | None) -> FieldFiles | None:
    if folder is None and not Path(DEFAULT_FOLDER).is_dir():
        return None
    return FieldFiles(folder or Path(DEFAULT_FOLDER))


def _check(sources: list[Source], selection: Selection, local: LocalEnvironment) -> list[DocumentReport]:
    with_bar = with_progress(sources, len(sources), "Validating", sys.stderr)
    return [validate_source(source, selection, local) for source in with_bar]


def _check_with_fields(
    sources: list[Source], selection: Selection, local: LocalEnvironment, files: FieldFiles | None
) -> list[DocumentReport]:
    """Check the documents, and their fields against the files, or against the connectors if there are none.

    Prints notes: what was not checked, and the age of the files.
    """
    from appflow_gitops_cli.documents import field_findings  # noqa: PLC0415 - imported with the first use
    from appflow_gitops_cli.parallel import in_parallel  # noqa: PLC0415 - imports boto3

    local = replace(local, environment=replace(local.environment, checks_fields=True))
    with_bar = with_progress(sources, len(sources), "Validating", sys.stderr)
    read = [read_source(source, local) for source in with_bar]
    valid = [each.checked for each in read if isinstance(each, ReadSource)]
    checker = field_findings.file_checker(files) if files else _live_checker()
    checked = iter(field_findings.with_field_findings(valid, checker, in_parallel))
    reports = [
        each if isinstance(each, DocumentReport) else replace(each, checked=next(checked)).report(selection)
        for each in read
    ]
    findings = (finding for report in reports for finding in report.findings)
    for note in [_age_note(files)] if files else field_findings.unchecked_notes(findings):
        if note:
            click.echo(f"note: {note}", err=True)
    return reports


def _live_checker() -> "FieldChecker":
    from appflow_gitops_cli.cloud import field_checker, translate_aws_errors  # noqa: PLC0415 - imports boto3

    with translate_aws_errors():
        return field_checker()


def _age_note(files: FieldFiles) -> str | None:
    """Which files the fields were checked against, and how old the oldest is; None if no file was used."""
    if not files.used:
        return None
    oldest = min(pulled.pulled_at for pulled in files.used.values())
    days = max(0, (datetime.now(UTC) - oldest).days)
    age = "today" if days == 0 else f"{counted(days, 'day')} ago"
    return f"fields checked against {counted(len(files.used), 'file')} in {files.folder}, the oldest pulled {age}"
