"""``appflow-gitops convert``: write the flows of other tools' files as documents, without AWS."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from appflow_gitops.documents.reading_rules import UNKNOWN_VARIABLE
from appflow_gitops.findings import Finding, Severity
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.convert.conversion import MAX_BYTES, ConvertedFlow, convert_file
from appflow_gitops_cli.convert.hand_over import instructions
from appflow_gitops_cli.convert.placeholders import Placeholders
from appflow_gitops_cli.documents.finding_text import finding_lines
from appflow_gitops_cli.documents.output_folder import OutputFolder, WriteResult, write_file
from appflow_gitops_cli.documents.report import DocumentReport, counted, lines_of, unreadable_report
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.screen import Screen, print_lines, standard_output


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder to write to, one document per flow; standard output without it.",
)
@click.option(
    "--vars-out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The variables file to write, if the documents use variables. [default with --out: variables.yaml]",
)
@click.option("--force", is_flag=True, help="Overwrite files with other content.")
def convert(*, files: tuple[str, ...], out: Path | None, vars_out: Path | None, force: bool) -> None:
    """Write the flows in files of other tools as documents, without AWS.

    FILE is a template of CloudFormation, SAM or the CDK, a Terraform state or the output of terraform show -json, the
    output of pulumi stack export, or of DescribeFlow or GetResource; a folder, or - for standard input.

    References that the file does not resolve become variables. They are written to a variables file, with the value
    empty if the file does not contain one. Existing files with other content are not overwritten. Prints to standard
    error what was not converted and why, a summary, and how to hand the flows over from the other tool.

    \b
    Example:
      appflow-gitops convert template.yaml --out flows/
      terraform show -json | appflow-gitops convert - --out flows/
      pulumi stack export | appflow-gitops convert -

    Exit status: 0 success, 1 a flow was not converted or not written, or its document is invalid, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    placeholders = Placeholders()
    flows: list[ConvertedFlow] = []
    reports: list[DocumentReport] = []
    for source in find_sources(files):
        content = source.read(MAX_BYTES)
        if isinstance(content, Finding):
            reports.append(unreadable_report(source, content))
            continue
        converted = convert_file(source.name, content, placeholders)
        flows += converted.flows
        findings = tuple(converted.findings)
        names = tuple(flow.name for flow in converted.flows)
        reports.append(DocumentReport(source.name, names, findings, lines_of(content, findings)))
    placeholders.keep_only(flow.text for flow in flows)
    problems = list(_invalid(flows, placeholders))
    written, unwritten = _write_documents(flows, out, force)
    problems += [*unwritten, *_write_variables(placeholders, out, vars_out, force)]
    _report(reports, problems, len(flows), placeholders)
    for line in instructions(written):
        click.echo(printable(line), err=True)
    sys.exit(0 if flows and not problems and all(report.valid for report in reports) else 1)


def _invalid(flows: Sequence[ConvertedFlow], placeholders: Placeholders) -> Iterator[str]:
    """Yield the first error of each document. Values with a variable that is not set are not checked."""
    variables = placeholders.known()
    for flow in flows:
        checked = validate(flow.text.encode(), f"{flow.file_name}.yaml", Environment(variables=variables))
        errors = (each for each in checked.findings if each.severity is Severity.ERROR)
        # Variables without a value are listed in the summary, and flow documents may use variables of their own.
        error = next((each for each in errors if each.rule != UNKNOWN_VARIABLE.id), None)
        if error:
            where = f" ({error.pointer})" if error.pointer else ""
            yield f"{flow.name}: the flow fails validation: {error.message}{where}"


def _write_documents(
    flows: Sequence[ConvertedFlow],
    out: Path | None,
    force: bool,  # noqa: FBT001 - click's flag
) -> tuple[list[ConvertedFlow], list[str]]:
    """Write the documents. Return the flows that were written, and why the others were not."""
    if out is None:
        print_lines(["---\n".join(flow.text for flow in flows).removesuffix("\n")] if flows else [])
        return list(flows), []
    folder = OutputFolder(out, "yaml", force)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"cannot create the folder {folder.path}: {error.strerror}") from None
    first: dict[str, ConvertedFlow] = {}
    written, problems = [], []
    for flow in flows:
        found = list(_write_document(flow, first.setdefault(flow.file_name, flow), folder))
        problems += found
        if not found:
            written.append(flow)
    return written, problems


def _write_document(flow: ConvertedFlow, first: ConvertedFlow, folder: OutputFolder) -> Iterator[str]:
    """Write the document of a flow, if it is the first of its name; yield why it was not written."""
    if first is not flow:
        yield f"{flow.name}: declared by {first.address} and {flow.address}; only the first was written"
        return
    try:
        file = folder.file(flow.file_name)
    except ValueError as error:
        yield f"{flow.name}: {error}"
        return
    yield from _write(file, flow.text, force=folder.force)


def _write_variables(
    placeholders: Placeholders,
    out: Path | None,
    vars_out: Path | None,
    force: bool,  # noqa: FBT001 - click's flag
) -> Iterator[str]:
    """Write the variables file; yield why it was not written."""
    file = vars_out or (Path("variables.yaml") if out else None)
    if file and list(placeholders):
        yield from _write(file, placeholders.to_yaml(), force=force)


def _write(file: Path, text: str, *, force: bool) -> Iterator[str]:
    try:
        if write_file(file, text.encode(), force=force) is WriteResult.KEPT:
            yield f"{file} exists with other content (--force overwrites it)"
    except OSError as error:
        yield f"cannot write {file}: {error.strerror}"


def _report(
    reports: Sequence[DocumentReport],
    problems: Sequence[str],
    flows: int,
    placeholders: Placeholders,
) -> None:
    screen = Screen(standard_output().width)
    for report in reports:
        for line in finding_lines(report, screen):
            click.echo(line, err=True)
    for problem in problems:
        click.echo(printable(problem), err=True)
    found = sum(len(report.findings) for report in reports) + len(problems)
    summary = [
        f"{counted(flows, 'flow')} converted",
        f"{counted(found, 'problem')} in {counted(len(reports), 'file')}",
    ]
    click.echo(", ".join(summary), err=True)
    names = [variable.name for variable in placeholders if variable.value is None]
    if names:
        click.echo(f"set {counted(len(names), 'variable')}: {', '.join(names)}", err=True)
