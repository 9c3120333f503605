"""Settles on real AWS what is not known about AppFlow: ``make verify-on-aws PROFILE=me REGION=eu-west-1``.

Only a profile and a region that are named in so many words are used, never those of the environment. Exit status 0 when
every question was answered, whatever the answer; 1 when one was not, or something could not be removed; 2 when it
could not run. docs/verify-on-aws.md describes it, its permissions and its cost.
"""

import os
import signal
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import boto3
import botocore
import click
from botocore.config import Config

from appflow_gitops.aws import clients
from appflow_gitops.aws.errors import translated
from appflow_gitops_cli.cloud import translate_aws_errors
from appflow_gitops_cli.main import EXIT_ERROR, CommandError
from tools.verify_on_aws.answer import Answer, answer
from tools.verify_on_aws.laboratory import Clients, Laboratory, laboratory
from tools.verify_on_aws.questions import BURST_THREADS, QUESTIONS
from tools.verify_on_aws.report import Report, anonymous

REPORT = "verify-on-aws.md"
EXIT_INCOMPLETE = 1
UNRETRIED = Config(retries={"total_max_attempts": 1}, max_pool_connections=BURST_THREADS)
HOW = "make verify-on-aws PROFILE=me REGION=eu-west-1"
PLAN = f"""\
Makes in {{region}}, with the profile {{profile}}: two S3 buckets, one small object and one AppFlow flow, all named
appflow-gitops-verify-... The flow does not run. Asks {len(QUESTIONS)} questions, takes a minute or two, and removes
everything again, after Ctrl-C too."""


def main(arguments: Sequence[str], wait: Callable[[float], object] = time.sleep) -> int:
    """Ask every question and write the report; the exit status. ``wait`` takes seconds."""
    parser = ArgumentParser(prog="verify", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="", help="the profile whose credentials are used")
    parser.add_argument("--region", default="", help="the region that everything is made in")
    parser.add_argument(
        "--report", default="", help=f"where the report goes ({REPORT}); the JSON goes beside it"
    )
    options = parser.parse_args(arguments)
    try:
        _require(options.profile, options.region)
        path = _writable(Path(options.report or REPORT))
        with translate_aws_errors(), translated():
            return _verify(options.profile, options.region, path, wait)
    except CommandError as error:
        return _cannot_run(error.message)
    except KeyboardInterrupt:
        click.echo("Stopped, without a report.", err=True)
        return EXIT_INCOMPLETE
    except Exception as error:  # noqa: BLE001 - the outermost handler, which prints the error
        return _cannot_run(f"unexpected {type(error).__name__}: {error}. Please report it.")


def _verify(profile: str, region: str, path: Path, wait: Callable[[float], object]) -> int:
    boto3.setup_default_session(profile_name=profile, region_name=region)
    ways = _clients()
    account = boto3.client("sts").get_caller_identity()["Account"]
    started = datetime.now(UTC)
    click.echo(PLAN.format(region=region, profile=profile))
    with laboratory(ways, account, wait=wait, now=int(started.timestamp()), report=_complain) as opened:
        click.echo(f"Made {opened.name} and its buckets.")
        answers = [_answered(number, opened) for number in range(len(QUESTIONS))]
        click.echo("Removing everything.")
    report = Report(
        answers,
        region=region,
        endpoint=ways.appflow.meta.endpoint_url,
        sdk=f"boto3 {boto3.__version__}, botocore {botocore.__version__}",
        asked_at=started.isoformat(timespec="seconds"),
    )
    report.write(path)
    click.echo(f"{report.summary()}. The report: {path} and {path.with_suffix('.json')}")
    complete = all(given.outcome is not None for given in answers)
    return 0 if complete and not opened.left else EXIT_INCOMPLETE


def _answered(number: int, opened: Laboratory) -> Answer:
    given = answer(QUESTIONS[number], opened)
    click.echo(f"{number + 1:2}/{len(QUESTIONS)} {given.question.asks}")
    click.echo(f"      {given.verdict}: {anonymous(given.outcome or given.detail)}")
    return given


def _clients() -> Clients:
    return Clients(
        appflow=clients.appflow(clients.PATIENT),
        unretried=boto3.client("appflow", config=UNRETRIED),
        s3=clients.s3(clients.PATIENT),
    )


def _require(profile: str, region: str) -> None:
    missing = [name for name, value in (("PROFILE", profile), ("REGION", region)) if not value]
    if missing:
        raise CommandError(
            f"{' and '.join(missing)} not given; it makes things in a real account, so name both: {HOW}"
        )


def _writable(path: Path) -> Path:
    """The path, if the report can be written there: it would be a pity to learn later that it cannot."""
    if path.suffix != ".md":
        raise CommandError(f"the report {path} has to end in .md, the JSON goes beside it: REPORT={REPORT}")
    if not os.access(path.parent, os.W_OK):
        raise CommandError(
            f"the report cannot be written to the folder {path.parent}: name another with REPORT="
        )
    return path


def _complain(text: str) -> None:
    click.echo(anonymous(text), err=True)


def _cannot_run(reason: str) -> int:
    denied = " (docs/verify-on-aws.md lists the permissions)" if "AccessDenied" in reason else ""
    click.echo(f"Error: {anonymous(reason)}{denied}", err=True)
    return EXIT_ERROR


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it cleans up as after Ctrl-C
    sys.exit(main(sys.argv[1:]))
