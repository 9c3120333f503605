"""``appflow-gitops plan``: preview what documents would change in the live flows."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from appflow_gitops.findings import Finding
from appflow_gitops.origin import Provenance
from appflow_gitops.quoting import quoted
from appflow_gitops_cli.cloud import (
    ALLOW_EMPTY,
    DOCUMENTS_PREFIX,
    Deployment,
    differs,
    documents,
    field_checker,
    read_deployment,
    replaces_all_message,
    translate_aws_errors,
)
from appflow_gitops_cli.documents.document_files import find_documents
from appflow_gitops_cli.documents.keys import Keys, find_keys
from appflow_gitops_cli.documents.report import environment_reports
from appflow_gitops_cli.documents.sources import NO_DOCUMENTS, STANDARD_INPUT, Source
from appflow_gitops_cli.environment import environment_files, environment_options, read_environment
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.parallel import in_parallel, parallel_calls
from appflow_gitops_cli.plan import markdown, text
from appflow_gitops_cli.plan.commit_files import files_of_commit, relative_path
from appflow_gitops_cli.plan.planner import FlowPlanner, MissingCommits
from appflow_gitops_cli.plan.report import PlanReport, as_json
from appflow_gitops_cli.plan_file import PlanFile, RecordedFlows, file_digests, stored_etags
from appflow_gitops_cli.progress import with_progress
from appflow_gitops_cli.project_file import project_options, stack_option
from appflow_gitops_cli.provenance import missing_commits, provenance_of
from appflow_gitops_cli.screen import Screen, print_lines, standard_output
from appflow_gitops_cli.usage import format_option

FORMATS: dict[str, Callable[[PlanReport, Screen], Iterator[str]]] = {
    "text": text.render,
    "json": lambda report, _: iter([as_json(report)]),
    "markdown": lambda report, _: markdown.render(report),
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@format_option("Format of the plan; markdown is for a comment on a pull request.", FORMATS)
@stack_option("The stack that the documents are for.")
@click.option("--bucket", metavar="NAME", help="The documents bucket. The stack is not read then.")
@click.option(
    "--prefix",
    metavar="PREFIX",
    default=DOCUMENTS_PREFIX,
    show_default=True,
    help="A file whose path starts with this prefix has its path as the key in the bucket.",
)
@click.option(
    "--create", is_flag=True, help="Plan to create missing flows.  [default: as the stack is configured]"
)
@click.option(
    "--prune", is_flag=True, help="Plan push --prune: delete documents from the bucket that the folder lacks."
)
@ALLOW_EMPTY
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write a file for push --plan, which pushes only while nothing that the plan depends on has changed.",
)
@click.option(
    "--git",
    "ref",
    metavar="REF",
    help="Plan the files of this commit, branch or tag instead of the working copy, also those of --policy and --vars.",
)
@click.option("--no-fields", is_flag=True, help="Do not compare fields with their connectors.")
@environment_options
@project_options
def plan(  # noqa: PLR0913 - click hands over every option
    *,
    paths: tuple[str, ...],
    output_format: str,
    stack: str,
    bucket: str | None,
    prefix: str,
    create: bool,
    prune: bool,
    allow_empty: bool,
    out: str | None,
    ref: str | None,
    no_fields: bool,
    policy: str | None,
    variables: str | None,
) -> None:
    """Show what documents would change in the live flows.

    PATH is a file, a folder or - for standard input, as for validate. Compares each flow in the documents with the
    live flow and prints what push would do: differences, moves between documents, and flows that would lose their
    document. Also compares the fields that flows use with those that AppFlow describes for their connectors, one call
    per object; an object that cannot be described is a note. Nothing is changed. Policy and variables are read from
    the documents bucket unless --policy and --vars are set.

    \b
    Example:
      appflow-gitops plan --prune flows/
      appflow-gitops plan --prune --format markdown flows/ > comment.md
      appflow-gitops plan --prune --out plan.json flows/
      appflow-gitops plan --git v1.4.0 flows/

    Exit status: 0 in sync, 2 changes to apply, 1 invalid documents, refused changes, errors about fields, or could not
    run (prints Error).
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    if out and (bucket or create):
        raise CommandError("--out needs the settings of the stack; leave out --bucket and --create")
    if ref:
        out = out and str(Path(out).absolute())
        paths = tuple(map(relative_path, paths))
        policy, variables = policy and relative_path(policy), variables and relative_path(variables)
        named = (*paths, *filter(None, (policy, variables)))
        click.get_current_context().with_resource(files_of_commit(ref, named))
    local = read_environment(policy, variables)
    sources = find_documents(paths, local, may_be_empty=prune)
    keys = find_keys(paths, sources, prefix, local)
    with translate_aws_errors():
        deployment = Deployment(bucket, stage="") if bucket else read_deployment(stack)
        uploads = () if bucket else tuple(environment_files(local, deployment.stage))
        stored = documents()
        # Listed before the documents are read, so that push --plan notices what changes meanwhile.
        etags = stored_etags(stored, deployment.bucket) if out else {}
        flows = RecordedFlows(deployment.flows())
        environment = local.over(deployment.environment(stored).read)
        planner = FlowPlanner(
            flows,
            stored,
            deployment.bucket,
            keys,
            environment=environment,
            limits=deployment.limits,
            may_create=create or deployment.creates_flows,
            prune=prune,
            # With --policy every document has a key. Without one, the bucket's policy cannot be evaluated.
            keyless=environment if policy else replace(environment, policy=None),
            fields=None if no_fields else field_checker(),
            refuses_fields=deployment.refuses_fields,
            missing_commits=_missing_commits(paths),
            actor=provenance_of(_folder(paths)).actor if environment.may_hold else None,
        )
        with parallel_calls() as calls:
            report = planner.plan_all(
                sources,
                calls,
                in_parallel,
                lambda flows: with_progress(flows, len(flows), "Planning", sys.stderr),
            )
        changed = [key for key, content in uploads if differs(stored, deployment.bucket, key, content)]
    if not (sources or report.deleted):
        raise CommandError(NO_DOCUMENTS)
    if report.replaces_all and not allow_empty:
        raise CommandError(replaces_all_message(len(report.deleted), " ".join(paths)))
    notes = [f"{quoted(key)} differs from the bucket; push uploads it" for key in changed]
    invalid = (*environment_reports(local), *report.invalid)
    report = replace(report, invalid=invalid, notes=(*report.notes, *notes))
    if out:
        file = PlanFile(
            bucket=deployment.bucket,
            stage=deployment.stage,
            createsFlows=deployment.creates_flows,
            prune=prune,
            files=file_digests([*uploads, *_contents(sources, keys)]),
            stored=etags,
            flows=flows.digests,
        )
        _write(file, out, report)
    print_lines(FORMATS[output_format](report, standard_output()))
    sys.exit(report.exit_status)


def _missing_commits(paths: Sequence[str]) -> MissingCommits | None:
    """The check of commits in the repository of the first path; ``None`` for standard input."""
    if paths[0] == STANDARD_INPUT:
        return None
    folder = _folder(paths)

    def missing(stored: Iterable[Provenance]) -> frozenset[str]:
        committed = [each for each in stored if each.commit]
        return missing_commits(folder, provenance_of(folder), committed) if committed else frozenset()

    return missing


def _folder(paths: Sequence[str]) -> str:
    """The folder of the first path; the working directory for standard input."""
    first = Path("." if paths[0] == STANDARD_INPUT else paths[0])
    return str(first if first.is_dir() else first.parent)


def _contents(sources: Sequence[Source], keys: Keys) -> Iterator[tuple[str, bytes]]:
    """The keys and contents of the documents. Raises CommandError for one without a key."""
    for source in sources:
        key, content = keys.of.get(source.name), source.read()
        if key is None:
            raise CommandError(f"--out: unknown key of {quoted(source.name)} in the bucket (see --prefix)")
        if not isinstance(content, Finding):
            yield key, content


def _write(file: PlanFile, name: str, report: PlanReport) -> None:
    """Write the file, unless the plan has errors. A file of an earlier plan is removed then."""
    path = Path(name)
    try:
        if report.exit_status == 1:
            path.unlink(missing_ok=True)
            click.echo(f"{name} not written: the plan has errors", err=True)
        else:
            path.write_text(file.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {quoted(name)}: {error.strerror}") from None
