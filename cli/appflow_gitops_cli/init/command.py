"""``appflow-gitops init``: write a small repository of flow documents for two stages."""

import re
from importlib.metadata import metadata
from pathlib import Path

import click

from appflow_gitops_cli.git import call_git
from appflow_gitops_cli.main import CommandError, cli

_PACKAGED = Path(__file__).parent / "repository"
"""Where a wheel stores the files; in a checkout they are examples/repository."""

REPOSITORY = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[3] / "examples/repository"


_DOCUMENTS = "flows"
_WORKFLOW = ".github/workflows/flows.yml"
_PLACEHOLDER = "uses: OWNER/appflow-gitops@"
_POLICY_OF_AN_ACCOUNT = b"""\
# Which documents may change which flows, and what these flows may use.
# This allows everything: limit it, folder by folder, roles and keys first.
documents:
  - prefix: flows/
    flows: ["*"]
    glueRoles: ["*"]
    kmsKeys: ["*"]
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".", metavar="[DIR]")
@click.option(
    "--from-account", is_flag=True, help="Export the flows of the account and region instead of samples."
)
@click.pass_context
def init(context: click.Context, *, folder: Path, from_account: bool) -> None:
    """Write a repository of flow documents for two stages, dev and prod.

    Writes sample documents, a policy, variables and a project file, settings for editors and pre-commit, a GitHub
    workflow, and a README.md with the next steps to DIR, by default the current folder. Existing files are not
    overwritten: if one exists with other content, nothing is written. Prints the files it wrote, and a reminder to run
    git init if DIR is not in a Git repository.

    With --from-account, the documents are the live flows, as export --all writes them, and the policy allows all flows.

    \b
    Example:
      appflow-gitops init our-flows
      appflow-gitops init --from-account our-flows

    Exit status: 0 success, 1 a flow was not exported, or its document is invalid, 2 could not run.
    """  # noqa: D301 - click wants a real backspace before text that it may not wrap
    contents = {
        folder / name: content for name, content in repository_files(samples=not from_account).items()
    }
    try:
        missing = _missing(contents)
        for file in missing:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(contents[file])
    except OSError as error:
        raise CommandError(f"cannot write {error.filename}: {error.strerror}") from None
    for file in missing:
        click.echo(f"wrote {file}")
    unchanged = len(contents) - len(missing)
    click.echo(f"{len(missing)} files written, {unchanged} unchanged; see {folder / 'README.md'}")
    if call_git(str(folder), "rev-parse", "--git-dir") is None:
        click.echo(f"not in a Git repository yet: run 'git init -b main' in {folder}")
    if from_account:
        export = cli.get_command(context, "export")
        assert export is not None  # noqa: S101 - a name in COMMANDS
        export.main(["--all", "--out", str(folder / _DOCUMENTS)], standalone_mode=False)


def repository_files(*, samples: bool = True) -> dict[str, bytes]:
    """The files of the repository: path -> content. Without samples, it has no documents and a policy for all flows."""
    files = sorted(path for path in REPOSITORY.rglob("*") if path.is_file())
    contents = {file.relative_to(REPOSITORY).as_posix(): file.read_bytes() for file in files}
    contents[_WORKFLOW] = contents[_WORKFLOW].replace(_PLACEHOLDER.encode(), f"uses: {_home()}@".encode())
    if samples:
        return contents
    rest = {name: text for name, text in contents.items() if not name.startswith(f"{_DOCUMENTS}/")}
    return rest | {"policy.yaml": _POLICY_OF_AN_ACCOUNT}


def _home() -> str:
    """The repository of appflow-gitops on GitHub, by its project URLs; a placeholder if they have one."""
    urls = metadata("appflow-gitops").get_all("Project-URL") or []
    found = re.search(r"^Repository, https://github\.com/([\w.-]+/[\w.-]+)$", "\n".join(urls), re.MULTILINE)
    return found[1] if found else "OWNER/appflow-gitops"


def _missing(contents: dict[Path, bytes]) -> list[Path]:
    """The files that do not exist yet. Raises CommandError if one exists with other content, and OSError."""
    existing = [file for file in contents if file.exists()]
    if changed := [file for file in existing if file.read_bytes() != contents[file]]:
        raise CommandError(f"{changed[0]} exists with other content; nothing was written")
    return [file for file in contents if file not in existing]
