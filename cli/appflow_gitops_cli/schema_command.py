"""``appflow-gitops schema``: the JSON Schema of a flow document, for editors."""

import json
from pathlib import Path

import click

from appflow_gitops.flows.json_schema import flow_document_schema
from appflow_gitops_cli.main import CannotRun


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there instead of printing it.",
)
def schema(*, output: Path | None) -> None:
    """Print the JSON Schema of a flow document, for editors.

    It describes the canonical form, draft 2020-12. `validate` understands more, and checks more.

    \b
    Example:
      appflow-gitops schema --output .vscode/flow-document.schema.json
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    text = schema_text()
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"cannot write {output}: {error.strerror}") from None


def schema_text() -> str:
    """The schema as schemas/flow-document.schema.json keeps it."""
    return json.dumps(flow_document_schema(), indent=2) + "\n"
