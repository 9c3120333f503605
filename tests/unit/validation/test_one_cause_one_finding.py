"""All that is wrong is told at once, and what follows from something told already is not told again."""

import pytest

from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document


def told(text: str, name: str = "flow.yaml") -> list[tuple[str, str]]:
    return [(finding.rule, finding.pointer) for finding in validate(text.encode(), name).findings]


@pytest.mark.parametrize(
    ("members", "findings"),
    [
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: Salesfroce
              sourceConnectorProperties: {Salesforce: {object: Account}}
            tasks: [{taskType: Map, sourceFields: [Id], destinationField: Id,
                     connectorOperator: {Salesforce: NO_OP}}]
            """,
            [("AFG104", "/sourceFlowConfig/connectorType")],
            id="a misspelt connector says nothing about operators, profile or projection",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: Salesforce
              sourceConnectorProperties: {Zendesk: {object: tickets}}
            tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Zendesk: NO_OP}}]
            """,
            [("AFG202", "/sourceFlowConfig/sourceConnectorProperties")],
            id="with properties of another connector it is open which of the two is right",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: S3
              sourceConnectorProperties: {S_3: {bucketName: orders}}
            """,
            [("AFG103", "/sourceFlowConfig/sourceConnectorProperties/S_3")],
            id="a misspelt connector of the properties is not missing as well",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: Slack
              ConnectorProfileName: chat
              sourceConnectorProperties: {Slack: {object: conversations}}
            """,
            [("AFG103", "/sourceFlowConfig/ConnectorProfileName")],
            id="a misspelt profile is not missing as well",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: EventBridge
              sourceConnectorProperties: {S3: {bucketName: orders}}
            """,
            [("AFG201", "/sourceFlowConfig/connectorType")],
            id="a connector that cannot be read from needs no properties",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [Id], connectorOperator: {S3: PROJEKTION}}
            - {taskType: Map, sourceFields: [Id], destinationField: Id}
            """,
            [("AFG104", "/tasks/0/connectorOperator/S3")],
            id="a misspelt operator may be the projection",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: MapAll, sourceFields: []}
            """,
            [("AFG104", "/tasks/0/taskType")],
            id="a misspelt task type may be the Map_all",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Map_all, sourceFields: []}
            - {taskType: Mask, sourceFields: [a], connectorOperator: {S3: MASK_ALL},
               taskProperties: {mask_value: "*"}}
            """,
            [("AFG104", "/tasks/1/taskProperties/mask_value")],
            id="a misspelt property is not missing as well",
        ),
        pytest.param(
            """
            triggerConfig:
              triggerType: Scheduled
              triggerProperties: {scheduledProperties: {scheduleExpression: rate(1days)}}
            """,
            [("AFG103", "/triggerConfig/triggerProperties/scheduledProperties")],
            id="a misspelt schedule is not missing as well",
        ),
        pytest.param(
            """
            triggerConfig: {triggerType: Scheduled, triggerProperties: {Scheduled: {}}}
            """,
            [("AFG102", "/triggerConfig/triggerProperties/Scheduled/scheduleExpression")],
            id="a schedule without expression is a schedule",
        ),
        pytest.param(
            """
            destinationFlowConfigList: [orders-lake]
            """,
            [("AFG101", "/destinationFlowConfigList/0")],
            id="a broken destination is a destination",
        ),
        pytest.param(
            """
            tasks: "[]"
            """,
            [("AFG101", "/tasks")],
            id="tasks of the wrong type are not missing",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [Id], connectorOperator: {Salesforce: PROJECTION}}
            - {taskType: Map, sourceFields: [Id], destinationField: Id}
            """,
            [("AFG224", "/tasks/0/connectorOperator")],
            id="a projection under another connector is not missing as well",
        ),
    ],
)
def test_a_mistake_is_told_once(members: str, findings: list[tuple[str, str]]) -> None:
    assert told(document(members)) == findings


def test_what_is_wrong_in_shape_and_across_fields_is_told_together_in_the_order_of_the_file() -> None:
    text = document("""
        description: Aufträge
        triggerConfig: {triggerType: Scheduled}
        flowStatus: Draft
        sourceFlowConfig:
          connectorType: S3
          connectorProfileName: crm
          sourceConnectorProperties: {S3: {bucketName: orders, bucketPrefix: /raw}}
        tasks:
        - {taskType: Map, sourceFields: Id, destinationField: Id}
        - {taskType: Map, sourceFields: [], destinationField: Name}
        """)
    assert told(text) == [
        ("AFG209", "/description"),
        ("AFG250", "/triggerConfig/triggerProperties"),
        ("AFG104", "/flowStatus"),
        ("AFG205", "/sourceFlowConfig/connectorProfileName"),
        ("AFG208", "/sourceFlowConfig/sourceConnectorProperties/S3/bucketPrefix"),
        ("AFG101", "/tasks/0/sourceFields"),
        ("AFG228", "/tasks/1/sourceFields"),
    ]


def test_nothing_is_told_about_a_value_that_could_not_be_read() -> None:
    text = document("""
        tasks:
        - taskType: Filter
          sourceFields: [day]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {VALUE: 2026-01-01}
        - {taskType: Map_all, sourceFields: []}
        """)
    assert told(text) == [("AFG014", "/tasks/0/taskProperties/VALUE")]


def test_an_unreadable_value_in_one_yaml_document_hides_nothing_in_the_next() -> None:
    first = document("description: Orders\ndescription: Orders again\n")
    second = document("description: Aufträge\nflowName: other\n")
    assert told(f"{first}---\n{second}") == [("AFG010", "/description"), ("AFG209", "/description")]


def test_each_flow_of_a_file_carries_its_own_findings() -> None:
    flows = [document("flowStatus: Suspended\n"), document("flowName: other\n")]
    checked = validate("---\n".join(flows).encode(), "flows.yaml")
    assert [[finding.rule for finding in flow.findings] for flow in checked.flows] == [["AFG259"], []]


def test_findings_in_a_json_list_lead_through_the_index() -> None:
    assert told('[{"flowName": "orders", "tasks": []}]', "flows.json")[-1] == ("AFG220", "/0/tasks")


def test_of_one_mistake_made_everywhere_only_the_first_hundred_are_told() -> None:
    task = "- {taskType: Map, sourceFields: [id], destinationField: same}\n"
    text = document("tasks:\n- {taskType: Map_all, sourceFields: []}\n" + task * 500)
    assert told(text) == [("AFG230", f"/tasks/{place}/destinationField") for place in range(2, 102)]
