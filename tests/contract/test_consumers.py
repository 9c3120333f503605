"""The examples of consumers handle every event, and repeat no markup or link of a document."""

import io
import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto.events.models import EventPattern

from appflow_gitops.sync.outcome import Outcome
from tools.docs.status_events import example_drift, example_event, example_health, example_limited_repairs

ROOT = Path(__file__).parents[2]
COMMIT = "4f2c1a9e" * 5
HOSTILE = 'a"b\\`<!channel>*_[x](https://evil.example)&\u202e\n\x1b{}'
Event = dict[str, Any]
Handler = Callable[[Event, None], None]


class Loader(yaml.SafeLoader):
    """Ignores CloudFormation's short forms."""


Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: "")


def resource(template: str, kind: str) -> Any:
    """The properties of the only resource of a kind."""
    path = ROOT / "examples/consumers" / f"{template}.yaml"
    resources = yaml.load(path.read_text(encoding="utf-8"), Loader)["Resources"]  # noqa: S506 - a safe one
    [found] = [each["Properties"] for each in resources.values() if each["Type"] == kind]
    return found


def handler(template: str) -> Handler:
    """The function in a template."""
    code: dict[str, Any] = {}
    exec(resource(template, "AWS::Lambda::Function")["Code"]["ZipFile"], code)  # noqa: S102 - our own example
    found: Handler = code["handler"]
    return found


def batch(*events: Event) -> Event:
    """Events as the function receives them from the queue."""
    return {"Records": [{"body": json.dumps(event)} for event in events]}


def outcome(word: Outcome, id_: str = "1", **data: Any) -> Event:
    """A status event about one flow."""
    members = {"outcome": word.value, "flowName": "orders", "provenance": {"commit": COMMIT}, **data}
    return {"detail-type": f"Flow Change {word.value}", "detail": {"metadata": {"id": id_}, "data": members}}


class Client:
    """SNS and Secrets Manager: ``published`` are the messages by topic."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str]] = []

    def publish(self, *, TopicArn: str, Message: str, Subject: str = "") -> None:  # noqa: N803 - as in boto3
        assert Subject.isprintable()
        self.published.append((TopicArn, Message))

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        return {"SecretString": json.dumps({"token": f"token of {SecretId}"})}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    fake = Client()
    monkeypatch.setattr(boto3, "client", lambda _service: fake)
    for name in ("MAIL_TOPIC", "SLACK_TOPIC"):
        monkeypatch.setenv(name, name)
    return fake


@pytest.mark.parametrize("template", ["digest", "github"])
def test_every_rule_matches_the_outcomes_that_consumers_report(template: str) -> None:
    pattern = EventPattern.load(json.dumps(resource(template, "AWS::Events::Rule")["EventPattern"]))
    for word in (Outcome.APPLIED, Outcome.REJECTED, Outcome.FAILED):
        event: Any = {**example_event(word), "source": "appflow-gitops"}
        event["detail"]["data"]["provenance"] = {"commit": COMMIT}
        assert pattern.matches_event(event)
    others: tuple[Any, ...] = (example_drift(), example_health(), example_limited_repairs())
    assert all(pattern.matches_event(event) for event in others) is (template == "digest")


def test_every_event_of_the_documentation_is_digested(client: Client) -> None:
    events = [example_event(word) for word in (Outcome.APPLIED, Outcome.REJECTED, Outcome.FAILED)]
    for number, event in enumerate(events):
        event["detail"]["metadata"] = {"id": str(number)}
    handler("digest")(batch(*events, example_drift(), example_health(), example_limited_repairs()), None)
    text = "\n".join(message for topic, message in client.published if topic == "MAIL_TOPIC")
    for word in ("Rejected", "Failed", "drifted", "Silent", "Repairs limited: "):
        assert word in text


def test_a_commit_is_one_message_that_counts_each_event_once(client: Client) -> None:
    events = [outcome(Outcome.APPLIED, str(number)) for number in range(40)]
    failed = outcome(Outcome.FAILED, "x", error={"code": "X", "message": "why"})
    handler("digest")(batch(*events, events[0], failed), None)
    [(_, mail), (_, slack)] = client.published
    assert mail.splitlines() == [
        "commit 4f2c1a9e: 40 Applied, 1 Failed",
        "",
        "Failed: orders (request): why",
    ]
    assert json.loads(slack)["content"]["title"] == ":warning: commit 4f2c1a9e: 40 Applied, 1 Failed"


def test_success_is_posted_and_not_mailed(client: Client) -> None:
    handler("digest")(batch(outcome(Outcome.APPLIED), outcome(Outcome.HELD)), None)
    assert [topic for topic, _ in client.published] == ["SLACK_TOPIC"]


def test_long_digests_are_cut(client: Client) -> None:
    handler("digest")(batch(*[outcome(Outcome.FAILED, str(number)) for number in range(50)]), None)
    assert client.published[0][1].splitlines()[-1] == "and 30 more"


def test_nothing_of_a_document_is_markup_or_a_link_in_a_digest(client: Client) -> None:
    hostile = outcome(
        Outcome.REJECTED,
        flowName=HOSTILE,
        document={"key": HOSTILE},
        provenance={"commit": HOSTILE},
        findings=[{"message": HOSTILE}],
    )
    handler("digest")(batch(hostile), None)
    for topic, message in client.published:
        text = json.loads(message)["content"]["description"] if topic == "SLACK_TOPIC" else message
        assert not re.search(r"[`<>*\[\]|&\"\\\u202e\x1b]|://", text)
        assert "without a commit" in message


class FakeGitHub:
    """GitHub's API: ``calls`` are the paths and bodies, ``known`` what a GET returns by the start of its path."""

    def __init__(self, **known: Any) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.known = known

    def open(self, request: urllib.request.Request, timeout: float) -> io.BytesIO:
        assert timeout
        assert request.get_header("Authorization") == "Bearer token of secret"
        path = request.full_url.removeprefix("https://api.github.com/repos/acme/flows/")
        body = json.loads(request.data) if isinstance(request.data, bytes) else None
        self.calls.append((path, body))
        answer = (
            {"id": 7} if body else self.known["statuses" if path.endswith("/statuses") else "deployments"]
        )
        return io.BytesIO(json.dumps(answer).encode())


def reported(monkeypatch: pytest.MonkeyPatch, report: str, github: FakeGitHub, *events: Event) -> None:
    settings = {"REPOSITORY": "acme/flows", "REPORT": report, "ENVIRONMENT": "prod", "SECRET": "secret"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(urllib.request, "urlopen", github.open)
    handler("github")(batch(*events), None)


@pytest.mark.usefixtures("client")
def test_a_commit_is_one_deployment_with_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    github = FakeGitHub(deployments=[])
    events = [outcome(Outcome.APPLIED, "1"), outcome(Outcome.APPLIED, "2"), outcome(Outcome.REJECTED, "3")]
    reported(monkeypatch, "deployments", github, *events)
    (listed, _), (created, deployment), (path, status) = github.calls
    assert listed == f"deployments?sha={COMMIT}&environment=prod"
    assert (created, deployment["ref"], deployment["environment"]) == ("deployments", COMMIT, "prod")
    assert (path, status) == (
        "deployments/7/statuses",
        {"state": "failure", "description": "2 Applied, 1 Rejected"},
    )


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(("failed_at", "calls"), [("2020-01-01T00:00:00Z", 3), ("2999-01-01T00:00:00Z", 2)])
def test_a_success_does_not_hide_a_failure_of_the_same_push(
    monkeypatch: pytest.MonkeyPatch, failed_at: str, calls: int
) -> None:
    github = FakeGitHub(deployments=[{"id": 7}], statuses=[{"state": "failure", "created_at": failed_at}])
    reported(monkeypatch, "deployments", github, outcome(Outcome.APPLIED))
    assert len(github.calls) == calls


@pytest.mark.usefixtures("client")
def test_each_flow_has_a_commit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    github = FakeGitHub()
    failed = outcome(Outcome.FAILED, "2", flowName=HOSTILE, document={"key": "flows/a.yaml"})
    reported(monkeypatch, "statuses", github, outcome(Outcome.APPLIED), failed)
    [(path, good), (_, bad)] = github.calls
    assert path == f"statuses/{COMMIT}"
    assert (good["state"], good["context"], good["description"]) == (
        "success",
        "appflow request orders",
        "Applied",
    )
    assert bad["state"] == "failure"
    assert bad["context"].startswith("appflow flows/a.yaml a?b")
    assert not re.search(r"[`<>*\u202e\x1b]", bad["context"])


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("commit", [f"../../{COMMIT[6:]}", COMMIT[:7], COMMIT.upper(), f"{COMMIT}\n"])
def test_only_a_full_commit_hash_becomes_part_of_a_url(monkeypatch: pytest.MonkeyPatch, commit: str) -> None:
    github = FakeGitHub(deployments=[])
    reported(monkeypatch, "statuses", github, outcome(Outcome.APPLIED, provenance={"commit": commit}))
    assert github.calls == []
