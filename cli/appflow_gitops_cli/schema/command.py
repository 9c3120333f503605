"""``appflow-gitops schema``: the JSON Schemas of flow documents and policies, for editors."""

import json
from pathlib import Path

import click

from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.schema.flow_schema import flow_document_schema
from appflow_gitops_cli.schema.policy_schema import policy_schema
from appflow_gitops_cli.usage import OneOf

SCHEMAS = {"flow-document": flow_document_schema, "policy": policy_schema}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", type=OneOf(SCHEMAS, "schema"), default="flow-document")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the schema to this file instead of printing it.",
)
def schema(*, what: str, output: Path | None) -> None:
    """Print the JSON Schema of flow documents or of policies, for editors.

    The schemas are JSON Schema draft 2020-12. The flow-document schema describes the canonical spelling of a document;
    validate accepts more spellings and checks more rules.

    \b
    Example:
      appflow-gitops schema --output .vscode/flow-document.schema.json
      appflow-gitops schema policy --output .vscode/policy.schema.json

    Exit status: 0 success, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    text = schema_text(what)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {output}: {error.strerror}") from None


def schema_text(what: str) -> str:
    """The schema as text, as in schemas/."""
    return json.dumps(SCHEMAS[what](), indent=2) + "\n"
