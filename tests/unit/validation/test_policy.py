"""What the policy does not allow is an error at its location in the document."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.findings import Json, Path, Severity, to_pointer
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.model.outline import container_of, members_of, structure_of, type_at
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.check import PolicyCheck
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops.validation.policy.ignored import InvalidPointer, parse_member
from appflow_gitops.validation.policy.model import REQUIRED_POLICY, BrokenPolicy, Grant, Policy
from appflow_gitops.validation.policy.read import read_pauses, read_policy
from appflow_gitops.validation.policy.uses import RESTRICTIONS
from appflow_gitops.validation.validate import validate, validate_value
from fakes.flow_documents import orders
from generators.requests import shape_of

NAME = "policy.yaml"
SALES = "flows/sales/orders.yaml"
ROLE_ARN = "arn:aws:iam::123456789012:role/hr-catalog"
KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/hr"


def policy(**sales: Json) -> Policy:
    """Return a policy with a grant of the flows ``sales-*`` for ``flows/sales/``, extended by the arguments."""
    text = json.dumps({"documents": [{"prefix": "flows/sales/", "flows": ["sales-*"], **sales}]})
    read, findings = read_policy(text.encode(), NAME)
    assert isinstance(read, Policy), findings
    return read


def found(
    policy: Policy | BrokenPolicy | None, flow: dict[str, Json], key: str | None = SALES
) -> list[tuple[str, str]]:
    return [(issue.rule.id, to_pointer(issue.path)) for issue in PolicyCheck(policy, key).violations(flow)]


def used(**members: Json) -> dict[str, Json]:
    return {"flowName": "sales-orders", "sourceFlowConfig": members}


FOLDERS, _ = read_policy(
    b"""
documents:
  - {prefix: flows/, flows: [top-*]}
  - {prefix: flows/sales/, flows: [sales-*]}
  - {prefix: flows/sales/emea/, flows: [emea-*]}
requests: {flows: [request-*]}
""",
    NAME,
)


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("flows/orders.yaml", "top-a"),
        ("flows/hr/orders.yaml", "top-a"),
        ("flows/sales.yaml", "top-a"),
        ("flows/sales/orders.yaml", "sales-a"),
        ("flows/sales/apac/orders.yaml", "sales-a"),
        ("flows/sales/emea/orders.yaml", "emea-a"),
        ("flows/sales/emea/x/orders.yaml", "emea-a"),
        (None, "request-a"),
    ],
)
def test_only_the_longest_matching_prefix_applies(key: str | None, allowed: str) -> None:
    names = ("top-a", "sales-a", "emea-a", "request-a")
    assert [name for name in names if not found(FOLDERS, {"flowName": name}, key)] == [allowed]


def test_a_folder_without_a_grant_is_allowed_nothing() -> None:
    [issue] = PolicyCheck(policy(), "flows/hr/payroll.yaml").violations({"flowName": "sales-orders"})
    assert (issue.rule.id, issue.path) == ("AFG301", ("flowName",))
    assert issue.message == "no policy grant matches this document"
    assert issue.hint == "folders with a grant: 'flows/sales/'"


def test_requests_are_allowed_nothing_without_a_grant() -> None:
    assert found(policy(), {"flowName": "sales-orders"}, key=None) == [("AFG301", "/flowName")]


def test_without_a_policy_everything_is_allowed() -> None:
    assert found(None, orders(), "flows/a.yaml") == found(None, orders(), None) == []


@pytest.mark.parametrize(
    ("name", "patterns", "matches"),
    [
        ("sales-orders", ["sales-*"], True),
        ("sales-", ["sales-*"], True),
        ("sales", ["sales-*"], False),
        ("my-sales-orders", ["sales-*"], False),
        ("Sales-orders", ["sales-*"], False),
        ("sales-orders\nx", ["sales-orders"], False),
        ("sales-1", ["sales-?"], True),
        ("sales-12", ["sales-?"], False),
        ("sales.orders", ["sales*orders", "x"], True),
        ("salesXorders", ["sales.orders"], False),
        ("anything", ["*"], True),
        ("anything", [], False),
    ],
)
def test_patterns_match_whole_names_and_are_case_sensitive(
    name: str, patterns: list[Json], matches: bool
) -> None:
    assert (found(policy(flows=patterns), {"flowName": name}) == []) is matches


@pytest.mark.parametrize(
    ("grant", "flow", "location", "message", "hint"),
    [
        (
            {},
            {"flowName": "hr-payroll"},
            ("AFG301", "/flowName"),
            "documents under 'flows/sales/' are not allowed to change the flow 'hr-payroll'",
            "allowed: 'sales-*'",
        ),
        (
            {"connectors": ["S3", "Salesforce"]},
            used(connectorType="Snowflake"),
            ("AFG302", "/sourceFlowConfig/connectorType"),
            "documents under 'flows/sales/' are not allowed to use the connector 'Snowflake'",
            "allowed: 'S3', 'Salesforce'",
        ),
        (
            {"connectorProfiles": ["sales-*"]},
            used(connectorProfileName="hr-sap"),
            ("AFG303", "/sourceFlowConfig/connectorProfileName"),
            "documents under 'flows/sales/' are not allowed to use the connector profile 'hr-sap'",
            "allowed: 'sales-*'",
        ),
        (
            {"buckets": []},
            used(sourceConnectorProperties={"S3": {"bucketName": "hr"}}),
            ("AFG304", "/sourceFlowConfig/sourceConnectorProperties/S3/bucketName"),
            "documents under 'flows/sales/' are not allowed to read from the bucket 'hr'",
            "allowed: none; add it to 'buckets' of the grant",
        ),
        (
            {"buckets": ["lake/sales/*"]},
            {
                "flowName": "sales-orders",
                "destinationFlowConfigList": [{"S3": {"bucketName": "lake", "bucketPrefix": "hr"}}],
            },
            ("AFG304", "/destinationFlowConfigList/0/S3/bucketName"),
            "documents under 'flows/sales/' are not allowed to write to the bucket 'lake/hr'",
            "allowed: 'lake/sales/*'",
        ),
        (
            {},
            {
                "flowName": "sales-orders",
                "metadataCatalogConfig": {"glueDataCatalog": {"roleArn": ROLE_ARN, "databaseName": "hr"}},
            },
            ("AFG306", "/metadataCatalogConfig/glueDataCatalog/roleArn"),
            f"documents under 'flows/sales/' are not allowed to use the role '{ROLE_ARN}'",
            "allowed: none; add it to 'glueRoles' of the grant",
        ),
        (
            {},
            {"flowName": "sales-orders", "kmsArn": KEY_ARN},
            ("AFG308", "/kmsArn"),
            f"documents under 'flows/sales/' are not allowed to use the KMS key '{KEY_ARN}'",
            "allowed: none; add it to 'kmsKeys' of the grant",
        ),
    ],
)
def test_a_violation_names_the_subject_the_value_and_what_is_allowed(
    grant: dict[str, Json], flow: dict[str, Json], location: tuple[str, str], message: str, hint: str
) -> None:
    [issue] = PolicyCheck(policy(**grant), SALES).violations(flow)
    assert (issue.rule.id, to_pointer(issue.path)) == location
    assert (issue.message, issue.hint) == (message, hint)
    assert issue.rule.severity is Severity.ERROR


@pytest.mark.parametrize("omitted", ["connectors", "connectorProfiles", "buckets"])
def test_an_omitted_member_allows_any_value_and_an_empty_list_none(omitted: str) -> None:
    flow = used(
        connectorType="S3", connectorProfileName="x", sourceConnectorProperties={"S3": {"bucketName": "x"}}
    )
    limits: dict[str, Json] = {"connectors": [], "connectorProfiles": [], "buckets": []}
    del limits[omitted]
    rules = {"connectors": "AFG302", "connectorProfiles": "AFG303", "buckets": "AFG304"}
    assert {rule for rule, _ in found(policy(**limits), flow)} == {rules[name] for name in limits}


def members_of_shape(shape: Any, wanted: tuple[str, ...], path: Path = ()) -> Iterator[Path]:
    """Yield the paths in botocore's model of UpdateFlow that have one of these shapes."""
    if shape.name in wanted:
        yield path
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from members_of_shape(member, wanted, (*path, name))
    elif shape.type_name == "list":
        yield from members_of_shape(shape.member, wanted, (*path, 0))


def nested(path: Path, value: Json) -> Any:
    """Return an object with only the value at this path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


RESTRICTED_SHAPES = {
    "ConnectorType": "AFG302",
    "ConnectorProfileName": "AFG303",
    "BucketName": "AFG304",
    "UpsolverBucketName": "AFG304",
    "GlueDataCatalogIAMRole": "AFG306",
    "GlueDataCatalogDatabaseName": "AFG307",
    "KMSArn": "AFG308",
    "DomainName": "AFG309",
}
"""Shapes of botocore's model that name something outside of the flow, and the rule that restricts them."""

FREE_SHAPES = {
    "FlowName": "restricted by the grant's flows",
    "FlowDescription": "text",
    "ScheduleExpression": "when the flow runs",
    "Timezone": "when the flow runs",
    "ApiVersion": "a version of the connector",
    "DataTransferApiTypeName": "an API of the connector",
    "Object": "restricted by the connector profile, except for EventBridge",
    "EntityName": "restricted by the connector profile",
    "ObjectTypeName": "restricted by the domain",
    "DocumentType": "restricted by the connector profile",
    "BucketPrefix": "checked with its bucket",
    "GlueDataCatalogTablePrefix": "restricted by the database",
    "DatetimeTypeFieldName": "a field",
    "Name": "a field",
    "String": "a field",
    "DestinationField": "a field",
    "ClientToken": "set by apply",
}
"""Shapes of text that the policy does not restrict, and why."""

EVENT_SOURCE = (
    "AFG312",
    ("destinationFlowConfigList", 0, "destinationConnectorProperties", "EventBridge", "object"),
)
CREATION = shape_of("CreateFlowRequest")
USES = [
    (rule, path) for shape, rule in RESTRICTED_SHAPES.items() for path in members_of_shape(CREATION, (shape,))
] + [EVENT_SOURCE]
CLOSED: dict[str, Json] = {each.member: [] for each in RESTRICTIONS}


@pytest.mark.parametrize(
    ("rule", "path"), USES, ids=lambda value: to_pointer(value) if isinstance(value, tuple) else ""
)
def test_p10_every_name_of_a_restricted_resource_is_checked(rule: str, path: Path) -> None:
    closed = policy(**CLOSED)
    flow = nested(path, "other") | {"flowName": "sales-orders"}
    assert found(closed, flow) == [(rule, to_pointer(path))]


@pytest.mark.parametrize("writes", [False, True])
def test_buckets_are_allowed_for_reading_and_writing_apart(writes: bool) -> None:
    side = "destinationFlowConfigList" if writes else "sourceFlowConfig"
    flow: dict[str, Json] = {"flowName": "sales-orders", side: {"S3": {"bucketName": "hr"}}}
    both, reads, written = {"buckets": ["hr"]}, {"readBuckets": ["hr"]}, {"writeBuckets": ["hr"]}
    assert found(policy(**both), flow) == []
    assert bool(found(policy(**reads), flow)) is writes
    assert bool(found(policy(**written), flow)) is not writes
    assert bool(found(policy(buckets=[], **reads), flow)) is writes


@pytest.mark.parametrize(
    ("pattern", "bucket", "prefix", "allowed"),
    [
        ("lake", "lake", None, True),
        ("lake", "lake", "hr", True),
        ("lake/sales/*", "lake", "sales", True),
        ("lake/sales/*", "lake", "sales/", True),
        ("lake/sales/*", "lake", "sales/2026/", True),
        ("lake/sales/*", "lake", "salesforce", False),
        ("lake/sales/*", "lake", "hr", False),
        ("lake/sales/*", "lake", "", False),
        ("lake/sales/*", "lake", None, False),
        ("lake/sales/*", "lake", "sales/../hr", False),
        ("lake/sales/*", "lake", "sales//hr", False),
        ("lake/*", "lake", None, False),
        ("lake/*", "lake", "hr", True),
        ("*/sales/*", "other", "sales", True),
        ("lake/sales/*", "lake-2", "sales", False),
        ("l[a]ke", "lake", None, False),
    ],
)
def test_a_pattern_with_a_path_allows_a_folder_of_the_bucket(
    pattern: str, bucket: str, prefix: str | None, allowed: bool
) -> None:
    store: Json = {"bucketName": bucket} | ({} if prefix is None else {"bucketPrefix": prefix})
    assert (found(policy(buckets=[pattern]), used(S3=store)) == []) is allowed


ROLE_AND_KEY: dict[str, Json] = {
    "flowName": "sales-orders",
    "kmsArn": KEY_ARN,
    "metadataCatalogConfig": {"glueDataCatalog": {"roleArn": ROLE_ARN}},
}
ROLE_AND_KEY_RULES = {"glueRoles": "AFG306", "kmsKeys": "AFG308"}


@pytest.mark.parametrize(
    ("member", "pattern", "allowed"),
    [
        ("glueRoles", ROLE_ARN, True),
        ("glueRoles", "arn:aws:iam::*:role/*", True),
        ("glueRoles", "arn:aws:iam::*:role", False),
        ("kmsKeys", KEY_ARN, True),
        ("kmsKeys", "arn:aws:kms:*:key/*", True),
        ("kmsKeys", "arn:aws:kms:*:key", False),
    ],
)
def test_the_slash_of_an_arn_is_part_of_the_name(member: str, pattern: str, allowed: bool) -> None:
    rules = {rule for rule, _ in found(policy(**{member: [pattern]}), ROLE_AND_KEY)}
    assert (ROLE_AND_KEY_RULES[member] not in rules) is allowed


@pytest.mark.parametrize("member", ["glueRoles", "kmsKeys"])
def test_roles_and_keys_are_allowed_only_if_the_grant_names_them(member: str) -> None:
    assert {rule for rule, _ in found(policy(), ROLE_AND_KEY)} == set(ROLE_AND_KEY_RULES.values())
    granted = {rule for rule, _ in found(policy(**{member: ["arn:aws:*"]}), ROLE_AND_KEY)}
    assert ROLE_AND_KEY_RULES[member] not in granted


def test_a_required_policy_that_is_missing_allows_nothing() -> None:
    for key in (SALES, None):
        [issue] = PolicyCheck(REQUIRED_POLICY, key).violations(orders())
        assert (issue.rule.id, issue.path) == ("AFG313", ("flowName",))
        assert issue.hint == "drop a policy.yaml into the root of the bucket"


def test_the_api_has_names_of_every_restricted_resource() -> None:
    assert len([rule for rule, _ in USES if rule == "AFG304"]) >= 14
    assert {rule for rule, _ in USES} == {each.rule.id for each in RESTRICTIONS}


def names_of_shapes(shape: Any) -> set[str]:
    """Return the names of all shapes of free text in a structure of botocore's model."""
    match shape.type_name:
        case "structure":
            return {name for member in shape.members.values() for name in names_of_shapes(member)}
        case "list":
            return names_of_shapes(shape.member)
        case "string" if not shape.enum:
            return {shape.name}
    return set()


def test_p10_every_text_of_the_api_is_restricted_or_free_for_a_reason() -> None:
    assert names_of_shapes(CREATION) == {*RESTRICTED_SHAPES, *FREE_SHAPES} - {"ConnectorType"}


def test_keys_that_the_user_chooses_are_not_checked() -> None:
    closed = policy(**CLOSED)
    free: Json = {"bucketName": "x", "connectorType": "x"}
    flow: dict[str, Json] = {"flowName": "sales-orders", "tags": free, "tasks": [{"taskProperties": free}]}
    custom: Json = {"sourceConnectorProperties": {"CustomConnector": {"customProperties": free}}}
    assert found(closed, {**flow, "sourceFlowConfig": custom}) == []


@pytest.mark.parametrize(
    ("create", "rules"), [({}, []), ({"create": True}, []), ({"create": False}, ["AFG305"])]
)
def test_a_grant_may_deny_creating_flows(create: dict[str, Json], rules: list[str]) -> None:
    check = PolicyCheck(policy(**create), SALES)
    assert [issue.rule.id for issue in check.creation_violations()] == rules


YAML = """\
flowName: hr-payroll
triggerConfig: {triggerType: OnDemand}
sourceFlowConfig:
  connectorType: s3
  sourceConnectorProperties: {s3: {bucketName: hr-raw}}
destinationFlowConfigList:
  - connectorType: S3
    destinationConnectorProperties: {S3: {bucketName: sales-lake}} # appflow-gitops: ignore AFG304 reviewed
tasks:
  - {taskType: Map_all, sourceFields: []}
"""


def test_violations_are_reported_among_all_findings_and_cannot_be_ignored() -> None:
    environment = Environment(policy(buckets=["lake"]))
    checked = validate(YAML.encode(), "a.yaml", environment, SALES)
    errors = [
        (one.rule, one.position.line, one.position.column)
        for one in checked.findings
        if one.severity is Severity.ERROR and one.position
    ]
    assert errors == [("AFG301", 1, 11), ("AFG104", 4, 18), ("AFG304", 5, 48), ("AFG304", 8, 55)]
    assert not checked.valid


def test_a_flow_name_that_could_not_be_read_is_not_checked() -> None:
    checked = validate(b"flowName: ${env.TEAM}-orders\n", "a.yaml", Environment(policy()), SALES)
    assert [one.rule for one in checked.findings if one.pointer == "/flowName"] == ["AFG030"]


def test_each_flow_of_a_document_is_checked() -> None:
    flows: Json = [orders(flowName="sales-a"), orders(flowName="hr-b"), orders(flowName="sales-c")]
    read = policy()
    request = read.model_copy(update={"requests": read.documents[0]})
    assert [one.pointer for one in validate_value(flows, Environment(request)).findings] == ["/1/flowName"]


@pytest.mark.parametrize(
    ("text", "pointer", "line", "column", "message"),
    [
        ("", "", 1, 1, "expected one object"),
        ("# nothing\n", "", 1, 1, "expected one object"),
        ("[]", "", 1, 1, "expected one object"),
        ("{}", "/documents", 1, 1, "missing key 'documents'"),
        ("documents: {}", "/documents", 1, 12, "expected a list, got an object"),
        ("documents:\n- flows: [a]", "/documents/0/prefix", 2, 3, "missing key 'prefix'"),
        ("documents:\n- {prefix: flows/a/}", "/documents/0/flows", 2, 3, "missing key 'flows'"),
        ("documents: []\nrequest: {}", "/request", 2, 1, "unknown key 'request'"),
        (
            "documents: [{prefix: flows/a/, flows: [], bucket: []}]",
            "/documents/0/bucket",
            1,
            43,
            "unknown key 'bucket'",
        ),
        (
            "documents: [{prefix: flows/a/, flows: sales-*}]",
            "/documents/0/flows",
            1,
            39,
            "expected a list, got a string",
        ),
        (
            "documents: [{prefix: flows/a/, flows: [5]}]",
            "/documents/0/flows/0",
            1,
            40,
            "expected a string, got a number",
        ),
        (
            "documents: [{prefix: flows/a/, flows: ['']}]",
            "/documents/0/flows/0",
            1,
            40,
            "expected a name or pattern, got ''",
        ),
        (
            "documents: [{prefix: flows/a/, flows: [], connectors: [salesforce]}]",
            "/documents/0/connectors/0",
            1,
            56,
            "unknown connector type 'salesforce'",
        ),
        (
            "documents:\n- {prefix: flows/a/, flows: [], create: 'no'}",
            "/documents/0/create",
            2,
            41,
            "expected true or false, got a string",
        ),
        ("documents: []\nrequests: [a]", "/requests", 2, 11, "expected an object, got a list"),
        (
            "documents: []\nrequests: {flows: [a], buckets: }",
            "/requests/buckets",
            2,
            33,
            "expected a list, got null",
        ),
        (
            "documents: [{prefix: flows/a/, flows: []}, {prefix: flows/a/, flows: ['*']}]",
            "/documents/1/prefix",
            1,
            53,
            "duplicate prefix 'flows/a/'",
        ),
        ("documents: [{prefix: flows/a/, flows: [*]}]", "", 1, 40, "'*' without a name"),
        ("documents: []\ndocuments: []", "/documents", 2, 1, "duplicate key 'documents'"),
    ],
)
def test_an_invalid_policy_has_a_finding_and_allows_nothing(
    text: str, pointer: str, line: int, column: int, message: str
) -> None:
    broken, [finding] = read_policy(text.encode(), NAME)
    assert finding.position
    assert (finding.pointer, finding.position.line, finding.position.column) == (pointer, line, column)
    assert finding.message == message
    assert broken == BrokenPolicy(f"policy.yaml, line {line}: {message}")
    for key in ("flows/a/b.yaml", None):
        assert found(broken, orders(), key) == [("AFG310", "/flowName")]


AMBIGUOUS = "'08' is read as text; YAML 1.2 reads 8"


def test_a_policy_that_two_versions_of_yaml_read_differently_allows_nothing() -> None:
    """Its only finding is a warning, which names what to change."""
    text = b"documents: [{prefix: flows/, flows: ['*']}]\npaused: [{flows: [a], reason: 08}]\n"
    broken, [finding] = read_policy(text, NAME)
    assert (finding.severity, finding.message, finding.hint) == (
        Severity.WARNING,
        AMBIGUOUS,
        "put it in quotes",
    )
    assert broken == BrokenPolicy(f"policy.yaml, line 2: {AMBIGUOUS}")
    assert found(broken, orders()) == [("AFG310", "/flowName")]


def test_pauses_that_two_versions_of_yaml_read_differently_pause_everything() -> None:
    pauses, findings = read_pauses(b"paused: [{flows: [a], reason: 08}]\n", "paused.yaml")
    assert [finding.message for finding in findings] == [AMBIGUOUS]
    assert pauses == (FlowPause(("*",), f"invalid pauses: paused.yaml, line 1: {AMBIGUOUS}"),)


def test_of_a_warning_and_an_error_in_a_policy_the_error_is_named() -> None:
    broken, findings = read_policy(b"paused: [{flows: [a], reason: 08}]\n", NAME)
    assert [finding.severity for finding in findings] == [Severity.WARNING, Severity.ERROR]
    assert broken == BrokenPolicy("policy.yaml, line 1: missing key 'documents'")


@pytest.mark.parametrize(
    "prefix", ["", "/", "flows", "flows/sales", "/flows/sales/", "sales/", "flows//", "flows/a/*"]
)
def test_a_prefix_must_end_with_a_slash_below_flows(prefix: str) -> None:
    text = json.dumps({"documents": [{"prefix": prefix, "flows": ["*"]}]})
    _, [finding] = read_policy(text.encode(), NAME)
    assert finding.pointer == "/documents/0/prefix"


def test_the_error_in_a_broken_policy_is_reported_for_each_document() -> None:
    broken, _ = read_policy(b"documents:\n- prefix: flows/a/\n", NAME)
    checked = validate(json.dumps(orders()).encode(), "a.json", Environment(broken), "flows/a/b.json")
    assert [one.message for one in checked.findings] == [
        "the policy is invalid: policy.yaml, line 2: missing key 'flows'"
    ]


names = st.sampled_from(["documents", "requests", "prefix", *Grant.model_fields, "other"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["flows/a/", "*", "S3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=20,
)


@given(values.map(json.dumps).map(str.encode) | st.binary())
def test_any_content_is_a_valid_policy_or_allows_nothing(content: bytes) -> None:
    read, findings = read_policy(content, NAME)
    assert isinstance(read, BrokenPolicy) is bool(findings)
    if findings:
        assert found(read, orders()) == [("AFG310", "/flowName")]


@given(values)
def test_any_flow_can_be_checked(flow: Json) -> None:
    checked = validate_value([flow], Environment(policy(connectors=[], connectorProfiles=[], buckets=[])))
    assert not checked.valid


@pytest.mark.parametrize(
    ("health", "message"),
    [
        ("{flows: ['*'], staleAfter: 3 hours}", "expected a time such as '90m', '3h' or '2d', got '3 hours'"),
        ("{flows: ['*'], staleAfter: 3}", "expected a string, got a number"),
        ("{flows: ['*'], minimumRecords: -1}", "expected 0 or more, got '-1'"),
        ("{flows: ['*'], minimumRecords: many}", "expected a whole number, got a string"),
        ("{flows: ['*'], minimumRecord: 1}", "unknown key 'minimumRecord'"),
        ("{staleAfter: 3h}", "missing key 'flows'"),
    ],
)
def test_an_invalid_objective_is_reported(health: str, message: str) -> None:
    _, [finding] = read_policy(f"documents: []\nhealth: [{health}]\n".encode(), "policy.yaml")
    assert finding.message == message


@pytest.mark.parametrize(("text", "seconds"), [("90m", 5400.0), ("3h", 10800.0), ("2d", 172800.0)])
def test_a_time_without_runs_is_in_minutes_hours_or_days(text: str, seconds: float) -> None:
    source = f"documents: []\nhealth: [{{flows: [a-*], staleAfter: {text}}}, {{flows: ['*']}}]\n"
    policy, findings = read_policy(source.encode(), "policy.yaml")
    assert (findings, isinstance(policy, Policy)) == ((), True)
    first, other = policy.objective_for("a-1"), policy.objective_for("b-1")
    assert first
    assert other
    assert (first.stale_after, other.stale_after, other.minimumRecords) == (seconds, None, None)


def test_an_unknown_mode_is_an_error_with_a_suggestion() -> None:
    text = "documents: [{prefix: flows/, flows: ['*'], mode: obsreve}]"
    _, [finding] = read_policy(text.encode(), NAME)
    assert (finding.message, finding.hint, finding.pointer) == (
        "unknown mode 'obsreve'",
        "did you mean 'observe'?",
        "/documents/0/mode",
    )


def ignoring(*pointers: str) -> tuple[Policy | BrokenPolicy, list[tuple[str, str | None, str]]]:
    entry = {"flows": ["sales-*"], "pointers": [*pointers]}
    read, findings = read_policy(json.dumps({"documents": [], "ignore": [entry]}).encode(), NAME)
    return read, [(finding.message, finding.hint, finding.pointer) for finding in findings]


def test_ignored_members_are_those_of_all_matching_entries() -> None:
    text = b"""
documents: []
ignore:
  - {flows: [sales-*], pointers: [/description, /destinationFlowConfigList/0/apiVersion]}
  - {flows: ["*-orders"], pointers: [/tasks, /description]}
"""
    read, _ = read_policy(text, NAME)
    assert isinstance(read, Policy)
    inside = ("destinationFlowConfigList", 0, "apiVersion")
    assert read.ignored_in("sales-orders") == (("description",), inside, ("tasks",))
    assert read.ignored_in("hr-orders") == (("tasks",), ("description",))
    assert read.ignored_in("hr-payroll") == ()


@pytest.mark.parametrize(
    "pointer",
    [
        "/description",
        "/flowStatus",
        "/tasks",
        "/triggerConfig",
        "/triggerConfig/triggerProperties/Scheduled/scheduleStartTime",
        "/sourceFlowConfig/incrementalPullConfig",
        "/sourceFlowConfig/sourceConnectorProperties/CustomConnector/customProperties/a~1b",
        "/destinationFlowConfigList/0/destinationConnectorProperties/S3/s3OutputFormatConfig/fileType",
        "/metadataCatalogConfig/glueDataCatalog/tablePrefix",
    ],
)
def test_these_members_can_be_ignored(pointer: str) -> None:
    read, findings = ignoring(pointer)
    assert findings == []
    assert isinstance(read, Policy)
    (path,) = read.ignored_in("sales-orders")
    assert to_pointer(path) == pointer


@pytest.mark.parametrize(
    ("pointer", "message", "hint"),
    [
        ("description", "expected a JSON pointer such as '/description', got 'description'", None),
        ("/a~2b", "expected a JSON pointer such as '/description', got '/a~2b'", None),
        ("/descripton", "unknown member 'descripton'", "did you mean 'description'?"),
        (
            "/sourceFlowConfig/apiVerison",
            "unknown member 'apiVerison' in '/sourceFlowConfig'",
            "did you mean 'apiVersion'?",
        ),
        ("/clientToken", "unknown member 'clientToken'", None),
        ("/description/0", "'/description' has no members", None),
        ("/tasks/0", "cannot ignore a part of the list '/tasks'", "ignore '/tasks'"),
        ("/destinationFlowConfigList/x", "expected an index in '/destinationFlowConfigList', got 'x'", None),
        (
            "/destinationFlowConfigList/01",
            "expected an index in '/destinationFlowConfigList', got '01'",
            None,
        ),
        (
            "/flowName",
            "'/flowName' cannot be ignored: it identifies the flow, its source or its destination",
            None,
        ),
        (
            "/sourceFlowConfig",
            "'/sourceFlowConfig' cannot be ignored: it identifies the flow, its source or its destination",
            None,
        ),
        ("/kmsArn", "'/kmsArn' cannot be ignored: the policy checks it", None),
        (
            "/metadataCatalogConfig",
            "'/metadataCatalogConfig' cannot be ignored: the policy checks 'databaseName', 'roleArn' in it",
            "ignore single members",
        ),
        (
            "/tags/team",
            "'/tags/team' cannot be ignored",
            "leave it out of the documents: tags that no document declares are not changed",
        ),
        *(
            (
                f"/triggerConfig/{part}",
                f"'/triggerConfig/{part}' cannot be ignored by itself",
                "ignore '/triggerConfig'",
            )
            for part in ("triggerType", "triggerProperties", "triggerProperties/Scheduled")
        ),
    ],
)
def test_other_members_cannot_be_ignored(pointer: str, message: str, hint: str | None) -> None:
    read, [found] = ignoring(pointer)
    assert isinstance(read, BrokenPolicy)
    assert (found[0], found[2]) == (message, "/ignore/0/pointers/0")
    assert hint is None or found[1] == hint


@pytest.mark.parametrize(
    "use", ["connectorProfileName", "bucketName", "bucketPrefix", "roleArn", "domainName"]
)
def test_p10_nothing_that_the_policy_checks_can_be_ignored(use: str) -> None:
    """Every path of the model that leads to such a member, or to an object with one, is refused."""

    def pointers(path: Path) -> Iterator[Path]:
        at = type_at(FlowDocument, path)
        if structure := structure_of(at):
            for name in members_of(structure):
                yield (*path, name)
                yield from pointers((*path, name))
        elif container_of(at) is list:
            yield (*path, 0)
            yield from pointers((*path, 0))

    leading = [path for path in pointers(()) if path[-1] == use]
    assert leading
    for path in leading:
        for length in range(1, len(path) + 1):
            assert isinstance(parse_member(to_pointer(path[:length])), InvalidPointer), path[:length]
