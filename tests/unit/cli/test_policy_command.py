"""``policy explain`` says what the policy allows a document, and by which pattern; it agrees with validation."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appflow_gitops.findings import Severity
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.model import Policy
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.main import cli
from appflow_gitops_cli.policy.explanation import explain
from fakes.flow_documents import orders

from .conftest import Run

KEY = "flows/sales/orders.yaml"
ROLE = "arn:aws:iam::123456789012:role/sales-catalog"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one document and no policy."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows/sales").mkdir(parents=True)
    (tmp_path / KEY).write_text(json.dumps(orders()))
    return tmp_path


def write_policy(folder: Path, **grant: object) -> None:
    policy = {"documents": [{"prefix": "flows/sales/", "flows": ["or*"], **grant}]}
    (folder / "policy.yaml").write_text(json.dumps(policy))


def test_each_use_is_printed_with_the_pattern_that_allows_it(run: Run, folder: Path) -> None:
    write_policy(folder, connectors=["S3"])
    result = run("policy", "explain", "--policy", "policy.yaml", KEY)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines[:3] == [
        KEY,
        "grant for documents under 'flows/sales/'",
        "flow 'orders': allowed by 'or*' in 'flows'",
    ]
    assert "connector 'S3': allowed by 'S3' in 'connectors'" in lines
    assert any(line.endswith("allowed, the grant has no 'buckets'") for line in lines)


@pytest.mark.parametrize(("mode", "observed"), [("observe", True), ("apply", False)])
def test_an_observed_folder_is_named_as_such(run: Run, folder: Path, mode: str, observed: bool) -> None:
    write_policy(folder, mode=mode)
    explain_policy = ("policy", "explain", "--policy", "policy.yaml")
    assert ("mode observe: nothing is written" in run(*explain_policy, KEY).output) is observed
    [explained] = json.loads(run(*explain_policy, "--format", "json", KEY).output)
    assert explained["observed"] is observed


def test_what_is_not_allowed_is_printed_and_ends_in_status_1(run: Run, folder: Path) -> None:
    write_policy(folder, buckets=[])
    result = run("policy", "explain", "--policy", "policy.yaml", "--format", "json", KEY)
    assert result.exit_code == 1
    [explained] = json.loads(result.output)
    assert not explained["allowed"]
    assert {use["kind"] for use in explained["uses"] if not use["allowed"]} == {"bucket"}


def test_the_member_that_allows_a_bucket_is_named(run: Run, folder: Path) -> None:
    write_policy(folder, readBuckets=["*"], writeBuckets=["*"])
    result = run("policy", "explain", "--policy", "policy.yaml", "--format", "json", KEY)
    [explained] = json.loads(result.output)
    assert {use["member"] for use in explained["uses"] if use["kind"] == "bucket"} == {
        "readBuckets",
        "writeBuckets",
    }


def test_a_document_with_other_errors_is_never_called_allowed(run: Run, folder: Path) -> None:
    write_policy(folder)
    (folder / KEY).write_text(json.dumps(orders(description="${env.UNKNOWN}")))
    result = run("policy", "explain", "--policy", "policy.yaml", KEY)
    assert result.exit_code == 1
    assert (
        f"1 other error in the document, so this may be incomplete; run 'appflow-gitops validate {KEY}'"
        in (" ".join(result.output.split()))
    )


def test_a_document_without_a_grant_is_allowed_nothing(run: Run, folder: Path) -> None:
    (folder / "policy.yaml").write_text("documents: []\n")
    result = run("policy", "explain", "--policy", "policy.yaml", KEY)
    assert (result.exit_code, "nothing is allowed" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("policy", "document", "message"),
    [
        (None, None, "Error: no policy; pass --policy FILE"),
        ("documents: 5\n", None, "Error: the policy is invalid: policy.yaml, line 1: expected a list"),
        ("documents: [{prefix: flows/, flows: []}]\n", "[", f"Error: {KEY}: no readable flow; run "),
    ],
)
def test_what_cannot_be_explained_is_one_line(
    run: Run, folder: Path, policy: str | None, document: str | None, message: str
) -> None:
    if policy:
        (folder / "policy.yaml").write_text(policy)
    if document:
        (folder / KEY).write_text(document)
    result = run("policy", "explain", *(("--policy", "policy.yaml") if policy else ()), KEY)
    assert result.exit_code == 2
    assert result.output.startswith(message)
    assert result.output.count("\n") == 1


PATTERNS = st.none() | st.lists(st.sampled_from(["*", "orders", "shop-*", "shop-lake/x/*", ROLE]), max_size=2)
GRANTS = st.fixed_dictionaries(
    {"flows": st.just(["orders"]) | st.just([])},
    optional={
        name: PATTERNS.filter(lambda patterns: patterns is not None)
        for name in ("buckets", "readBuckets", "writeBuckets", "glueRoles", "kmsKeys")
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(GRANTS, st.booleans(), st.booleans())
def test_an_explanation_agrees_with_validation(grant: dict, has_role: bool, has_key: bool) -> None:
    content = orders(
        **({"kmsArn": "arn:aws:kms:eu-west-1:123456789012:key/1"} if has_key else {}),
        **(
            {
                "metadataCatalogConfig": {
                    "glueDataCatalog": {"roleArn": ROLE, "databaseName": "x", "tablePrefix": "y"}
                }
            }
            if has_role
            else {}
        ),
    )
    policy, _ = read_policy(
        json.dumps({"documents": [{"prefix": "flows/sales/", **grant}]}).encode(), "policy.yaml"
    )
    assert isinstance(policy, Policy)
    checked = validate(json.dumps(content).encode(), KEY, Environment(policy, checks_fields=True), KEY)
    violated = any(finding.severity is Severity.ERROR for finding in checked.findings)
    assert explain(KEY, KEY, checked, policy).allowed is not violated


class Terminal(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8")

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        self.flush()
        return self.buffer.getvalue().decode().splitlines()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def explained(terminal: Terminal, *options: str) -> list[str]:
    with redirect_stdout(terminal), pytest.raises(SystemExit):
        cli.main(["policy", "explain", *options, KEY], standalone_mode=False)
    return terminal.lines()


def test_on_a_terminal_what_is_not_allowed_is_red(folder: Path, terminal: Terminal) -> None:
    write_policy(folder, connectors=["S3"], buckets=["shop-raw"])
    (folder / KEY).write_text(json.dumps(orders(description="${env.UNKNOWN}")))
    lines = explained(terminal, "--policy", "policy.yaml")
    validate_it = f"run 'appflow-gitops validate {KEY}'"
    assert lines == [
        f"\x1b[1m{KEY}\x1b[0m",
        "  grant for documents under 'flows/sales/'",
        "\x1b[22m  flow       'orders': allowed by 'or*' in 'flows'\x1b[0m",
        "\x1b[22m  connector  'S3': allowed by 'S3' in 'connectors'\x1b[0m",
        "\x1b[22m  bucket     'shop-raw/orders': allowed by 'shop-raw' in 'buckets'\x1b[0m",
        "\x1b[31m\x1b[22m  bucket     'shop-lake/orders': not allowed by 'buckets'\x1b[0m",
        f"\x1b[31m\x1b[22m  1 other error in the document, so this may be incomplete; {validate_it}\x1b[0m",
    ]


def test_on_a_terminal_a_document_without_a_grant_is_red(folder: Path, terminal: Terminal) -> None:
    (folder / "policy.yaml").write_text("documents: []\n")
    assert explained(terminal, "--policy", "policy.yaml")[1:] == [
        "  \x1b[31m\x1b[22mno grant matches this document; nothing is allowed\x1b[0m"
    ]


def test_an_explanation_in_json_has_every_member(run: Run, folder: Path) -> None:
    write_policy(folder, connectors=["S3"], buckets=["shop-*"], mode="observe")
    result = run("policy", "explain", "--policy", "policy.yaml", "--format", "json", KEY)
    bucket = {"kind": "bucket", "allowed": True, "member": "buckets", "pattern": "shop-*"}
    assert json.loads(result.output) == [
        {
            "document": KEY,
            "allowed": True,
            "grant": "documents under 'flows/sales/'",
            "observed": True,
            "uses": [
                {"kind": "flow", "value": "orders", "allowed": True, "member": "flows", "pattern": "or*"},
                {
                    "kind": "connector",
                    "value": "S3",
                    "allowed": True,
                    "member": "connectors",
                    "pattern": "S3",
                },
                {**bucket, "value": "shop-raw/orders"},
                {**bucket, "value": "shop-lake/orders"},
            ],
            "otherErrors": 0,
        }
    ]


def test_errors_of_a_document_without_a_stage_lead_to_the_stages(run: Run, folder: Path) -> None:
    write_policy(folder)
    (folder / "appflow-gitops.toml").write_text('policy = "policy.yaml"\n[stages.dev]\n')
    (folder / KEY).write_text(json.dumps(orders(description="${env.UNKNOWN}")))
    result = run("policy", "explain", KEY)
    assert "select a stage with --stage: 'dev'" in " ".join(result.output.split())
    (folder / "appflow-gitops.toml").write_text("[stages.dev]\n")
    assert run("policy", "explain", KEY).output == (
        "Error: no policy; pass --policy FILE, or set 'policy' in appflow-gitops.toml (without a policy everything is "
        "allowed)\n"
    )


def test_every_document_must_be_allowed_everything(run: Run, folder: Path) -> None:
    write_policy(folder)
    (folder / "flows/sales/other.yaml").write_text(json.dumps(orders(flowName="other")))
    result = run("policy", "explain", "--policy", "policy.yaml", "flows")
    assert result.exit_code == 1
    assert "flow       'other': not allowed by 'flows'" in result.output
    (folder / "flows/sales/other.yaml").write_text(json.dumps([orders(), orders(flowName="orders-2")]))
    result = run("policy", "explain", "--policy", "policy.yaml", "flows")
    assert result.exit_code == 0
    assert result.output.count("flow       'orders-2': allowed by 'or*' in 'flows'") == 1
    assert result.output.count("'shop-raw/orders'") == len(("orders", "other"))


def test_a_name_that_is_not_text_is_another_error_and_not_a_use(run: Run, folder: Path) -> None:
    write_policy(folder)
    (folder / KEY).write_text(json.dumps(orders(flowName=5)))
    result = run("policy", "explain", "--policy", "policy.yaml", "--format", "json", KEY)
    [explained] = json.loads(result.output)
    assert "flow" not in {use["kind"] for use in explained["uses"]}
    assert (explained["allowed"], explained["otherErrors"]) == (False, 1)
