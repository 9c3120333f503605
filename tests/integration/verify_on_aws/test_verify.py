"""The command behind `make verify-on-aws`: refusals, output, exit statuses and permissions."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest

from appflow_gitops_local.appflow.faults import Fault
from appflow_gitops_local.iam import Grant, grants
from integration.verify_on_aws.local_account import ACCOUNT, PROFILE, REGION, Waits
from tools.verify_on_aws.questions import QUESTIONS
from tools.verify_on_aws.verify import main

if TYPE_CHECKING:
    from appflow_gitops_local.appflow.models import AppFlowBackend

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "verify-on-aws.md"
Verify = Callable[..., int]

ACTIONS = {
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:DeleteObject": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "appflow:CreateFlow": ["appflow:CreateFlow", "appflow:TagResource"],
}
"""Calls whose permissions have other names, or that need more than one."""
WITHOUT_RESOURCES = {"appflow:CreateFlow", "appflow:ListFlows"}
"""Actions that a policy allows on everything or not at all."""
NEEDS_NONE = {"sts:GetCallerIdentity"}
APPFLOWS_OWN = {
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "kms:ListKeys",
    "kms:ListAliases",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:ListGrants",
}
"""What AppFlow looks at with the caller's permissions; the local one looks at nothing."""


@pytest.fixture
def verify(aws: None, waits: Waits, tmp_path: Path) -> Verify:  # noqa: ARG001 - only inside the mock
    def call(profile: str = PROFILE, region: str = REGION, report: str = "") -> int:
        options = ["--profile", profile, "--region", region, "--report", report or str(tmp_path / "r.md")]
        return main(options, wait=waits)

    return call


def refused_in_one_line(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.startswith("Error: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("profile", "region", "missing"),
    [
        ("", "", "PROFILE and REGION not given"),
        (PROFILE, "", "REGION not given"),
        ("", REGION, "PROFILE not given"),
    ],
)
def test_without_a_profile_and_a_region_it_refuses_whatever_the_environment_says(
    verify: Verify,
    backend: "AppFlowBackend",
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    profile: str,
    region: str,
    missing: str,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", PROFILE)
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, REGION)

    assert verify(profile, region) == 2

    refused_in_one_line(capsys, missing, "make verify-on-aws PROFILE=me REGION=eu-west-1")
    assert backend.calls.counts() == {}


def test_the_region_and_the_profile_that_are_given_are_used_and_not_the_environments(
    verify: Verify, backend: "AppFlowBackend", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "another")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    assert verify() == 0

    assert {call.region for call in backend.calls.recent()} == {REGION}


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-2", "eu-west-1"])
def test_it_works_in_every_region(verify: Verify, region: str) -> None:
    assert verify(region=region) == 0


def test_it_prints_what_it_creates_each_answer_and_the_path_of_the_report(
    verify: Verify, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify() == 0

    output = capsys.readouterr()
    assert f"Makes in {REGION}, with the profile {PROFILE}: two S3 buckets" in output.out
    assert f" 1/{len(QUESTIONS)} {QUESTIONS[0].asks}\n      same: ConflictException" in output.out
    assert f"Same: {len(QUESTIONS)}, different: 0, not answered: 0. The report: {tmp_path}/r.md" in output.out
    assert output.err == ""


def test_the_report_has_a_row_for_every_question_and_no_account_id(verify: Verify, tmp_path: Path) -> None:
    verify()

    text, data = (tmp_path / "r.md").read_text(), json.loads((tmp_path / "r.json").read_text())
    assert all(question.asks in text for question in QUESTIONS)
    assert [answer["question"] for answer in data["answers"]] == [question.asks for question in QUESTIONS]
    assert f"botocore {botocore.__version__}" in data["sdk"]
    assert ACCOUNT not in text + json.dumps(data)


def test_a_different_answer_is_an_answer(
    verify: Verify, behave: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    behave(refuse_past_start=False)

    assert verify() == 0

    assert "different: taken" in capsys.readouterr().out


def test_nothing_is_left_in_the_account(verify: Verify, backend: "AppFlowBackend") -> None:
    verify()

    assert backend.flows == {}
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_a_question_that_was_not_answered_gives_1(
    verify: Verify, backend: "AppFlowBackend", capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    backend.faults.add(Fault("TagResource", error="AccessDeniedException", times=None))

    assert verify() == 1

    assert "not answered: 1" in capsys.readouterr().out
    assert "**not answered**" in (tmp_path / "r.md").read_text()


def test_something_that_could_not_be_removed_gives_1(
    verify: Verify, backend: "AppFlowBackend", capsys: pytest.CaptureFixture[str]
) -> None:
    backend.faults.add(Fault("DeleteFlow", error="AccessDeniedException", times=None))

    assert verify() == 1

    assert "Not removed: the flow appflow-gitops-verify-" in capsys.readouterr().err


def test_a_profile_that_does_not_exist_is_reported_in_one_line(
    verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(profile="missing") == 2

    refused_in_one_line(capsys, "profile", "missing")


def test_expired_credentials_are_reported_in_one_line_with_a_hint(
    verify: Verify, backend: "AppFlowBackend", capsys: pytest.CaptureFixture[str]
) -> None:
    backend.faults.add(Fault("CreateFlow", error="ExpiredTokenException", times=None))

    assert verify() == 2

    output = capsys.readouterr().err
    assert output.startswith("Error: ")
    assert output.endswith("(sign in again)\n")
    assert len(output.splitlines()) == 1


def test_a_missing_permission_is_named_with_the_page_that_lists_them(
    verify: Verify, backend: "AppFlowBackend", capsys: pytest.CaptureFixture[str]
) -> None:
    backend.faults.add(Fault("CreateFlow", error="AccessDeniedException"))

    assert verify() == 2

    output = capsys.readouterr().err
    assert "AccessDeniedException" in output
    assert output.endswith("(docs/verify-on-aws.md lists the permissions)\n")


@pytest.mark.parametrize("report", ["r.json", "no-such-folder/r.md"])
def test_a_report_that_could_not_be_written_is_refused_before_anything_is_made(
    verify: Verify,
    backend: "AppFlowBackend",
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    report: str,
) -> None:
    assert verify(report=str(tmp_path / report)) == 2

    refused_in_one_line(capsys, "REPORT=")
    assert backend.calls.counts() == {}


def test_after_ctrl_c_it_says_so_and_leaves_nothing(
    aws: None,  # noqa: ARG001
    backend: "AppFlowBackend",
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    options = ["--profile", PROFILE, "--region", REGION, "--report", str(tmp_path / "r.md")]
    assert main(options, wait=interrupted) == 1

    assert capsys.readouterr().err == "Stopped, without a report.\n"
    assert backend.flows == {}
    assert not (tmp_path / "r.md").exists()


def test_the_policy_of_the_guide_allows_every_call_and_nothing_else(
    verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: set[tuple[str, str]] = set()

    def note(event_name: str, params: dict[str, Any], **_: object) -> None:
        service, operation = event_name.split(".")[1:3]
        resource = params.get("Bucket") or params.get("flowName") or params.get("resourceArn", "")
        for action in ACTIONS.get(f"{service}:{operation}", [f"{service}:{operation}"]):
            called.add((action, resource))

    real = boto3.session.Session.client

    def watched(self: boto3.Session, *arguments: Any, **options: Any) -> Any:
        client = real(self, *arguments, **options)
        client.meta.events.register("provide-client-params", note)
        return client

    monkeypatch.setattr(boto3.session.Session, "client", watched)
    verify()

    allowed = list(grants(policy()))
    needed = {action for action, _ in called} - NEEDS_NONE
    assert {grant.action for grant in allowed} == needed | APPFLOWS_OWN
    for action, resource in called:
        assert action in NEEDS_NONE or any(covers(grant, action, resource) for grant in allowed), action


def policy() -> Any:
    (text,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return json.loads(text)


def covers(grant: Grant, action: str, name: str) -> bool:
    """Whether the grant is about the action, and about the thing of that name."""
    if action in WITHOUT_RESOURCES:
        return grant.action == action and "*" in grant.resources
    ours = "appflow-gitops-verify-"
    return grant.action == action and ours in name and any(f"{ours}*" in each for each in grant.resources)


def test_the_guide_and_make_help_name_the_command() -> None:
    assert "make verify-on-aws PROFILE=me REGION=eu-west-1" in GUIDE.read_text()
    assert re.search(r"^verify-on-aws: .*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
