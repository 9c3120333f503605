"""Every rule about fields reports its mistake at the exact position; what a connector leaves out is not reported."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from appflow_gitops.findings import Severity
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.fields.check import FieldFindings, check_fields, entities_of
from appflow_gitops.validation.fields.entity import (
    Description,
    Entity,
    EntityField,
    EntityKey,
    MissingEntity,
    UnknownEntity,
    parse_entity,
)
from appflow_gitops.validation.fields.field_rules import FIELD_RULES
from appflow_gitops.validation.validate import validate
from fakes.connectors import connector_field as described
from unit.validation.rule_cases import marked

ACCOUNT = EntityKey("Salesforce", "crm", "Account")
CONTACT = EntityKey("Salesforce", "target", "Contact")

FLOW = """\
flowName: accounts
triggerConfig: {triggerType: OnDemand}
sourceFlowConfig:
  connectorType: Salesforce
  connectorProfileName: crm
  incrementalPullConfig: {datetimeTypeFieldName: Changed}
  sourceConnectorProperties: {Salesforce: {object: Account}}
destinationFlowConfigList:
- connectorType: Salesforce
  connectorProfileName: target
  destinationConnectorProperties: {Salesforce: {object: Contact, OPERATION}}
tasks:
- {taskType: Filter, sourceFields: [City, Rating], connectorOperator: {Salesforce: PROJECTION}}
- taskType: Filter
  sourceFields: [Rating]
  connectorOperator: {Salesforce: EQUAL_TO}
  taskProperties: {DATA_TYPE: picklist, VALUE: Hot}
- {taskType: Map, sourceFields: [City], destinationField: City}
- {taskType: Map, sourceFields: [Rating], destinationField: LastName}
"""
INSERT = "writeOperationType: INSERT"
UPSERT = "writeOperationType: UPSERT, idFieldNames: [Id]"

REQUIRED = {"isNullable": False}
KEY = {"isCreatable": False, "isUpdatable": False, "supportedWriteOperations": ["UPSERT", "UPDATE", "DELETE"]}
SOURCE = {
    "City": described("City"),
    "Rating": described("Rating", values=("Hot", "Cold")),
    "Changed": described("Changed", "datetime", source={"isTimestampFieldForIncrementalQueries": True}),
}
DESTINATION = {
    "Id": described("Id", "id", isPrimaryKey=True, destination=KEY),
    "City": described("City", isPrimaryKey=False),
    "LastName": described("LastName", isPrimaryKey=False, destination=REQUIRED),
}


@dataclass(frozen=True)
class Case:
    """``edits`` replaces texts of the flow, ``source`` and ``destination`` replace fields (None: removed)."""

    rule: str
    pointer: str
    edits: dict[str, str]
    source: dict[str, Any] = field(default_factory=dict)
    destination: dict[str, Any] = field(default_factory=dict)
    operation: str = INSERT


WRITE = "destinationField: City"
CASES = (
    Case(
        "AFG402", "/tasks/2/sourceFields/0", {"Fields: [City], dest": "Fields: [▶City], dest"}, {"City": None}
    ),
    Case("AFG403", "/tasks/2/destinationField", {WRITE: "destinationField: ▶City"}, {}, {"City": None}),
    Case(
        "AFG403",
        "/destinationFlowConfigList/0/destinationConnectorProperties/Salesforce/idFieldNames/0",
        {"idFieldNames: [Id]": "idFieldNames: [▶Key]"},
        operation=UPSERT,
    ),
    Case(
        "AFG404",
        "/tasks/2/sourceFields/0",
        {"Fields: [City], dest": "Fields: [▶City], dest"},
        {"City": described("City", source={"isRetrievable": False})},
    ),
    Case(
        "AFG405",
        "/tasks/1/sourceFields/0",
        {"Fields: [Rating]\n": "Fields: [▶Rating]\n"},
        {"Rating": described("Rating", source={"isQueryable": False})},
    ),
    Case(
        "AFG406",
        "/tasks/1/connectorOperator",
        {"{Salesforce: EQUAL_TO}": "▶{Salesforce: EQUAL_TO}"},
        {"Rating": described("Rating", operators=("CONTAINS",))},
    ),
    Case("AFG407", "/tasks/1/taskProperties/VALUE", {"VALUE: Hot": "VALUE: ▶Hto"}),
    Case(
        "AFG408",
        "/tasks/2/destinationField",
        {WRITE: "destinationField: ▶City"},
        {"City": described("City", "datetime")},
        {"City": described("City", "double")},
    ),
    Case(
        "AFG409",
        "/sourceFlowConfig/incrementalPullConfig/datetimeTypeFieldName",
        {"FieldName: Changed": "FieldName: ▶City"},
    ),
    Case(
        "AFG410",
        "/tasks/2/destinationField",
        {WRITE: "destinationField: ▶City"},
        {},
        {"City": described("City", destination={"isCreatable": False})},
    ),
    Case(
        "AFG411",
        "/tasks",
        {"tasks:\n- ": "tasks:\n▶- ", "destinationField: LastName": "destinationField: Id2"},
        {},
        {"Id2": described("Id2")},
    ),
    Case(
        "AFG412",
        "/tasks",
        {"tasks:\n- ": "tasks:\n▶- ", "destinationField: LastName": "destinationField: Id2"},
        {},
        {"Id2": described("Id2")},
        operation=UPSERT,
    ),
    Case(
        "AFG413",
        "/destinationFlowConfigList/0/destinationConnectorProperties/Salesforce/idFieldNames/0",
        {"idFieldNames: [Id]": "idFieldNames: [▶City]"},
        operation=UPSERT,
    ),
    Case(
        "AFG414",
        "/tasks/2/sourceFields/0",
        {"Fields: [City], dest": "Fields: [▶City], dest"},
        {"City": described("City", isDeprecated=True)},
    ),
    Case(
        "AFG414",
        "/tasks/2/destinationField",
        {WRITE: "destinationField: ▶City"},
        {},
        {"City": described("City", isDeprecated=True)},
    ),
    Case(
        "AFG415",
        "/tasks/4/taskProperties/EXCLUDE_SOURCE_FIELDS_LIST",
        {
            "destinationField: LastName}\n": "destinationField: LastName}\n"
            "- {taskType: Map_all, sourceFields: [], taskProperties: "
            "{EXCLUDE_SOURCE_FIELDS_LIST: ▶'[\"Phoen\"]'}}\n"
        },
    ),
)
SAID = (
    ("unknown source field 'City' in Salesforce 'Account'", "expected one of: 'Rating', 'Changed'"),
    ("unknown destination field 'City' in Salesforce 'Contact'", "expected one of: 'Id', 'LastName'"),
    ("unknown destination field 'Key' in Salesforce 'Contact'", "expected one of: 'Id', 'City', 'LastName'"),
    (
        "field 'City' of Salesforce 'Account' is not retrievable",
        "remove it from the tasks, or use another field",
    ),
    ("field 'Rating' of Salesforce 'Account' cannot be queried", "filter by another field"),
    (
        "field 'Rating' of Salesforce 'Account' does not support the operator 'EQUAL_TO'",
        "expected one of: 'CONTAINS'",
    ),
    ("field 'Rating' of Salesforce 'Account' cannot have the value 'Hto'", "expected one of: 'Hot', 'Cold'"),
    (
        "field 'City' of Salesforce 'Contact' has the type 'double', the source field 'City' has 'datetime'",
        "map it to a field of its own type, or to text",
    ),
    (
        "field 'City' of Salesforce 'Account' is not a timestamp for incremental queries",
        "expected one of: 'Changed'",
    ),
    (
        "field 'City' of Salesforce 'Contact' cannot be written by INSERT",
        "remove the Map task, or write another field",
    ),
    (
        "missing Map task for the required field 'LastName' of Salesforce 'Contact'",
        "add a Map task with this 'destinationField'",
    ),
    (
        "missing Map task for the required field 'LastName' of Salesforce 'Contact'",
        "add a Map task with this 'destinationField'",
    ),
    ("field 'City' of Salesforce 'Contact' does not identify records for UPSERT", "expected one of: 'Id'"),
    ("field 'City' of Salesforce 'Account' is deprecated", "use another field"),
    ("field 'City' of Salesforce 'Contact' is deprecated", "use another field"),
    (
        "unknown excluded field 'Phoen' in Salesforce 'Account'",
        "expected one of: 'City', 'Rating', 'Changed'",
    ),
)
"""The message and the hint of each case."""
by_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.pointer}")


def checked(text: str, descriptions: dict[EntityKey, Description]) -> FieldFindings:
    (flow,) = validate(text.encode(), "flow.yaml", Environment(checks_fields=True)).flows
    return check_fields(flow, descriptions)


def descriptions(source: dict[str, Any], destination: dict[str, Any]) -> dict[EntityKey, Description]:
    return {
        ACCOUNT: parse_entity([each for each in {**SOURCE, **source}.values() if each]),
        CONTACT: parse_entity([each for each in {**DESTINATION, **destination}.values() if each]),
    }


def edited(edits: dict[str, str], operation: str = INSERT) -> str:
    text = FLOW.replace("OPERATION", operation)
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    return text


@by_rule
def test_a_mistake_has_one_finding_at_the_exact_position(case: Case) -> None:
    text, position = marked(edited(case.edits, case.operation))
    found = checked(text, descriptions(case.source, case.destination))
    assert [(each.rule, each.pointer, each.position) for each in found.findings] == [
        (case.rule, case.pointer, position)
    ]


@pytest.mark.parametrize(("case", "said"), list(zip(CASES, SAID, strict=True)))
def test_a_finding_says_what_is_wrong_and_what_to_do(case: Case, said: tuple[str, str]) -> None:
    text, _ = marked(edited(case.edits, case.operation))
    [finding] = checked(text, descriptions(case.source, case.destination)).findings
    assert (finding.message, finding.hint) == said


@pytest.mark.parametrize("operation", [INSERT, UPSERT])
def test_a_flow_that_fits_its_connectors_has_no_findings(operation: str) -> None:
    assert checked(edited({}, operation), descriptions({}, {})) == FieldFindings()


@by_rule
def test_a_member_that_the_connector_leaves_out_is_unknown_and_not_reported(case: Case) -> None:
    text, _ = marked(edited(case.edits, case.operation))
    bare = {
        name: {"identifier": name}
        for name in ("City", "Rating", "Changed", "LastName", "Id", "Id2", "Key", "Phoen")
    }
    assert checked(text, descriptions(bare, bare)) == FieldFindings()


def test_every_rule_has_a_case() -> None:
    assert {each.rule for each in CASES} | {"AFG401", "AFG490"} == {rule.id for rule in FIELD_RULES}


def test_an_unknown_object_is_reported_with_the_most_similar_one() -> None:
    (finding,) = checked(
        edited({}), {**descriptions({}, {}), ACCOUNT: MissingEntity(("Acount", "Lead"))}
    ).findings
    assert (finding.rule, finding.hint) == ("AFG401", "did you mean 'Acount'?")
    assert finding.pointer == "/sourceFlowConfig/sourceConnectorProperties/Salesforce/object"


def test_an_object_that_cannot_be_described_is_an_info() -> None:
    unknown = UnknownEntity("AccessDeniedException: no")
    (finding,) = checked(edited({}), {**descriptions({}, {}), ACCOUNT: unknown}).findings
    assert (finding.rule, finding.severity) == ("AFG490", Severity.INFO)
    assert finding.message == "fields of Salesforce 'Account' not checked: AccessDeniedException: no"


def test_an_unknown_field_is_reported_with_the_most_similar_one() -> None:
    (finding,) = checked(edited({"[City], dest": "[Citty], dest"}), descriptions({}, {})).findings
    assert (finding.message, finding.hint) == (
        "unknown source field 'Citty' in Salesforce 'Account'",
        "did you mean 'City'?",
    )


def hint_for(written: str, fields: list[str]) -> str | None:
    entity = Entity({name: EntityField({"identifier": name}) for name in fields})
    found = checked(
        edited({"[City], dest": f"['{written}'], dest"}), {**descriptions({}, {}), ACCOUNT: entity}
    )
    return next(each.hint for each in found.findings if f"'{written}'" in each.message)


def test_an_unknown_field_is_reported_with_the_one_that_has_its_words_or_with_all_of_few() -> None:
    assert hint_for("Email", ["Id", "EmailAddress"]) == "did you mean 'EmailAddress'?"
    assert hint_for("Stage", ["Id", "Name"]) == "expected one of: 'Id', 'Name'"
    assert hint_for("Stage", [f"F{number}" for number in range(13)]) is None


def test_the_result_of_a_merge_is_not_a_field() -> None:
    merge = (
        "- {taskType: Merge, sourceFields: [City, Rating], destinationField: NAME, "
        "taskProperties: {CONCAT_FORMAT: x}}\n"
        "- {taskType: Map, sourceFields: [NAME], destinationField: City}\n"
    )
    before = "- {taskType: Map, sourceFields: [City], destinationField: City}\n"
    for name in ('"City,Rating"', "joined"):
        assert checked(edited({before: merge.replace("NAME", name)}), descriptions({}, {})) == FieldFindings()


def test_a_comment_hides_a_warning_and_no_error() -> None:
    comment = "  # appflow-gitops: ignore AFG414 until March"
    text = edited({"[City], destinationField: City}": f"[City], destinationField: City}}{comment}"})
    old = descriptions({"City": described("City", isDeprecated=True, source={"isRetrievable": False})}, {})
    found = checked(text, old)
    assert [each.rule for each in found.findings] == ["AFG404"]
    assert [each.rule for each in found.ignored] == ["AFG414"]


def test_a_nested_field_is_found_by_its_path() -> None:
    nested = {"Town": described("Town", parentIdentifier="Address")}
    for name in ("Town", "Address.Town", "Address/Town"):
        text = edited({"[City], dest": f"[{name}], dest"})
        assert checked(text, descriptions(nested, {})) == FieldFindings()


def test_connectors_without_fields_are_not_described() -> None:
    text = edited({}).replace(
        "connectorType: Salesforce\n  connectorProfileName: target\n"
        f"  destinationConnectorProperties: {{Salesforce: {{object: Contact, {INSERT}}}}}",
        "connectorType: S3\n  destinationConnectorProperties: {S3: {bucketName: lake}}",
    )
    (flow,) = validate(text.encode(), "flow.yaml", Environment(checks_fields=True)).flows
    assert entities_of(flow) == (ACCOUNT,)


def test_a_value_with_a_finding_of_its_own_is_not_checked() -> None:
    text = edited({"[City], dest": "[7], dest"})
    assert checked(text, descriptions({}, {})) == FieldFindings()


def test_a_field_that_identifies_records_need_not_be_writable() -> None:
    text = edited({WRITE: "destinationField: Id"}, UPSERT)
    key = described("Id", "id", isPrimaryKey=True, destination={**KEY, "isUpsertable": False})
    assert checked(text, descriptions({}, {"Id": key})) == FieldFindings()


def test_with_map_all_no_required_field_is_missing() -> None:
    map_all = "- {taskType: Map_all, sourceFields: []}\n"
    text = edited({"destinationField: LastName}\n": f"destinationField: City2}}\n{map_all}"})
    assert checked(text, descriptions({}, {"City2": described("City2")})) == FieldFindings()


def test_a_field_that_is_only_filtered_by_need_not_be_retrievable() -> None:
    text = edited({"sourceFields: [Rating]\n": "sourceFields: [Secret]\n", "VALUE: Hot": "VALUE: x"})
    secret = {"Secret": described("Secret", source={"isRetrievable": False})}
    assert checked(text, descriptions(secret, {})) == FieldFindings()


@pytest.mark.parametrize(
    ("operations", "read"),
    [(["UPDATE", 1, None, "DELETE"], ("UPDATE", "DELETE")), ("UPDATE", ()), (None, ())],
)
def test_only_text_counts_as_a_write_operation(operations: Any, read: tuple[str, ...]) -> None:
    entity = parse_entity(
        [{"identifier": "Id", "destinationProperties": {"supportedWriteOperations": operations}}]
    )
    assert entity.fields["Id"].key_operations == read


def test_parts_of_a_joined_field_without_a_name_are_left_out() -> None:
    for joined in ("City,", "City,*", ",City"):
        text = edited({"[City], dest": f"['{joined}'], dest"})
        assert checked(text, descriptions({}, {})) == FieldFindings()


def test_a_name_without_any_letter_resembles_no_field() -> None:
    assert hint_for("-", ["Id"]) == "expected one of: 'Id'"


@pytest.mark.parametrize("unnamed", [False, None])
def test_without_a_timestamp_field_none_is_suggested(unnamed: bool | None) -> None:
    text, _ = marked(edited({"FieldName: Changed": "FieldName: ▶City"}))
    source: dict[str, Any] = {"isTimestampFieldForIncrementalQueries": unnamed}
    changed = described("Changed", "datetime", source=source)
    [finding] = checked(text, descriptions({"Changed": changed}, {})).findings
    assert (finding.rule, finding.hint) == ("AFG409", None)
