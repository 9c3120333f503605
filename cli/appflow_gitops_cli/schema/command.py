"""``appflow-gitops schema``: the JSON Schemas of what people write, for editors."""

import json
from pathlib import Path

import click

from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.schema.flow_schema import flow_document_schema
from appflow_gitops_cli.schema.policy_schema import policy_schema

SCHEMAS = {"flow-document": flow_document_schema, "policy": policy_schema}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=click.Choice(list(SCHEMAS)), default="flow-document")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there instead of printing it.",
)
def schema(*, what: str, output: Path | None) -> None:
    """Print the JSON Schema of a flow document, or of a policy, for editors.

    That of flow documents describes the canonical form, draft 2020-12. `validate` understands more, and checks more.

    \b
    Example:
      appflow-gitops schema --output .vscode/flow-document.schema.json
      appflow-gitops schema policy --output .vscode/policy.schema.json
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    text = schema_text(what)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"cannot write {output}: {error.strerror}") from None


def schema_text(what: str) -> str:
    """The schema as schemas/ keeps it."""
    return json.dumps(SCHEMAS[what](), indent=2) + "\n"
