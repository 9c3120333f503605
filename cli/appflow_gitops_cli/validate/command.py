"""``appflow-gitops validate``: flow documents checked at the desk and in CI, without AWS."""

import sys

import click

from appflow_gitops.findings import Severity
from appflow_gitops_cli.documents.report import Report, report_on, reports_on_stage
from appflow_gitops_cli.documents.selection import Selection, rule_prefixes
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import environment_options, read_environment
from appflow_gitops_cli.progress import with_progress
from appflow_gitops_cli.screen import print_lines, standard_output
from appflow_gitops_cli.validate.formats import FORMATS


class _Rules(click.ParamType[tuple[str, ...]]):
    name = "RULES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        try:
            return rule_prefixes(str(value))
        except ValueError as wrong:
            self.fail(f"{wrong} is no rule id such as AFG201, nor the start of one", param, ctx)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to print the findings.",
)
@click.option(
    "--select",
    type=_Rules(),
    multiple=True,
    help="Only these rules: ids or their starts (AFG2), comma-separated. May be repeated.",
)
@click.option("--ignore", type=_Rules(), multiple=True, help="Not these rules; wins over --select.")
@click.option("--warnings-as-errors", is_flag=True, help="Fail for warnings too.")
@environment_options
def validate(  # noqa: PLR0913 - click hands over every option
    *,
    paths: tuple[str, ...],
    output_format: str,
    select: tuple[tuple[str, ...], ...],
    ignore: tuple[tuple[str, ...], ...],
    warnings_as_errors: bool,
    policy: str | None,
    variables: str | None,
) -> None:
    """Check flow documents, without AWS.

    PATH is a file, a folder (its .json, .yaml and .yml files, hidden ones and node_modules left out) or - for standard
    input.

    Errors of AFG0 and AFG1 cannot be left out: such a document declares nothing that AppFlow could be sent. The stack
    in the cloud knows nothing of --select and --ignore: it refuses a document with any error.

    \b
    Example:
      appflow-gitops validate flows/
      appflow-gitops validate --format github --warnings-as-errors flows/
      appflow-gitops validate --policy policy.yaml --vars variables/prod.yaml flows/
      aws appflow describe-flow --flow-name orders | appflow-gitops validate -

    Exit status: 0 good, 1 errors (or warnings, if asked), 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    desk = read_environment(policy, variables)
    sources = [source for source in find_sources(paths) if not desk.has(source.name)]
    selection = Selection(select=sum(select, ()), ignore=sum(ignore, ()))
    waiting = with_progress(sources, len(sources), "Validating", sys.stderr)
    documents = (*reports_on_stage(desk), *(report_on(source, selection, desk) for source in waiting))
    failing = {Severity.ERROR, Severity.WARNING} if warnings_as_errors else {Severity.ERROR}
    report = Report(documents, frozenset(failing))
    print_lines(FORMATS[output_format](report, standard_output()))
    sys.exit(1 if report.failed else 0)
