"""One mistake is one finding, and all mistakes are reported together."""

import pytest

from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document


def reported(text: str, name: str = "flow.yaml") -> list[tuple[str, str]]:
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
            id="a misspelled connector type does not make operators, profile or projection wrong",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: Salesforce
              sourceConnectorProperties: {Zendesk: {object: tickets}}
            tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Zendesk: NO_OP}}]
            """,
            [("AFG202", "/sourceFlowConfig/sourceConnectorProperties")],
            id="with properties of another connector either may be the mistake",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: S3
              sourceConnectorProperties: {S_3: {bucketName: orders}}
            """,
            [("AFG103", "/sourceFlowConfig/sourceConnectorProperties/S_3")],
            id="a misspelled connector of the properties is not missing as well",
        ),
        pytest.param(
            """
            sourceFlowConfig:
              connectorType: Slack
              ConnectorProfileName: chat
              sourceConnectorProperties: {Slack: {object: conversations}}
            """,
            [("AFG103", "/sourceFlowConfig/ConnectorProfileName")],
            id="a misspelled profile is not missing as well",
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
            id="a misspelled operator may be the projection",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: MapAll, sourceFields: []}
            """,
            [("AFG104", "/tasks/0/taskType")],
            id="a misspelled task type may be the Map_all",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Map_all, sourceFields: []}
            - {taskType: Mask, sourceFields: [a], connectorOperator: {S3: MASK_ALL},
               taskProperties: {mask_value: "*"}}
            """,
            [("AFG104", "/tasks/1/taskProperties/mask_value")],
            id="a misspelled property is not missing as well",
        ),
        pytest.param(
            """
            triggerConfig:
              triggerType: Scheduled
              triggerProperties: {scheduledProperties: {scheduleExpression: rate(1days)}}
            """,
            [("AFG103", "/triggerConfig/triggerProperties/scheduledProperties")],
            id="a misspelled schedule is not missing as well",
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
        pytest.param(
            """
            tasks:
            - {taskType: Map_all, sourceFields: []}
            - {taskType: Merge, sourceFields: [a, b], destinationField: "a,b",
               taskProperties: {CONCAT_FORMAT: "${a} ${b}"}}
            - {taskType: Mapp, sourceFields: ["a,b"], destinationField: name}
            """,
            [("AFG104", "/tasks/2/taskType")],
            id="a misspelled task may be the Map of a merged field",
        ),
        pytest.param(
            """
            tasks:
            - {taskType: Filter, sourceFields: [a], connectorOperator: {S3: PROJECTION}}
            - {taskType: Map, sourceFields: [a], destinationField: a}
            - {taskType: Map, sourceFields: [b], destinationField: b}
            - {taskType: Filtr, sourceFields: [b], connectorOperator: {S3: PROJECTION}}
            """,
            [("AFG104", "/tasks/3/taskType")],
            id="a misspelled task may be a part of the projection",
        ),
        pytest.param(
            """
            destinationFlowConfigList:
            - connectorType: SS3
              destinationConnectorProperties: {S3: {bucketName: orders-lake}}
            metadataCatalogConfig:
              glueDataCatalog: {databaseName: orders, tablePrefix: a, roleArn: "arn:aws:iam::111122223333:role/glue"}
            """,
            [("AFG104", "/destinationFlowConfigList/0/connectorType")],
            id="a misspelled destination may be the S3 of the catalog",
        ),
        pytest.param(
            """
            triggerConfig: {triggerType: Event}
            sourceFlowConfig:
              connectorType: Salesfroce
              connectorProfileName: crm
              sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
            tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}]
            """,
            [("AFG104", "/sourceFlowConfig/connectorType")],
            id="a misspelled source may emit events",
        ),
        pytest.param(
            """
            triggerConfig: {triggerType: Event}
            sourceFlowConfig:
              connectorType: Salesfroce
              connectorProfileName: crm
              sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
            tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}]
            destinationFlowConfigList:
            - connectorType: EventBridge
              destinationConnectorProperties: {EventBridge: {object: aws.partner/appflow/salesforce.com/111122223333}}
            """,
            [("AFG104", "/sourceFlowConfig/connectorType")],
            id="a misspelled source may emit events to EventBridge",
        ),
        pytest.param(
            """
            triggerConfig: {triggerType: Evnt}
            sourceFlowConfig:
              connectorType: Salesforce
              connectorProfileName: crm
              sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
            tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}]
            destinationFlowConfigList:
            - connectorType: EventBridge
              destinationConnectorProperties: {EventBridge: {object: aws.partner/appflow/salesforce.com/111122223333}}
            """,
            [("AFG104", "/triggerConfig/triggerType")],
            id="a misspelled trigger may be that of EventBridge",
        ),
        pytest.param(
            """
            triggerConfig:
              triggerType: Scheduled
              triggerProperties: {Scheduled: {scheduleExpression: rate(1minutes), dataPullMode: Incremental}}
            flowStatus: Active
            sourceFlowConfig:
              connectorType: SS3
              sourceConnectorProperties: {S3: {bucketName: orders-inbox, bucketPrefix: daily}}
            """,
            [("AFG104", "/sourceFlowConfig/connectorType")],
            id="a misspelled source may need no timestamp field and run every minute",
        ),
    ],
)
def test_a_mistake_is_reported_once(members: str, findings: list[tuple[str, str]]) -> None:
    assert reported(document(members)) == findings


def test_findings_of_all_checks_are_in_file_order() -> None:
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
    assert reported(text) == [
        ("AFG209", "/description"),
        ("AFG250", "/triggerConfig/triggerProperties"),
        ("AFG104", "/flowStatus"),
        ("AFG205", "/sourceFlowConfig/connectorProfileName"),
        ("AFG208", "/sourceFlowConfig/sourceConnectorProperties/S3/bucketPrefix"),
        ("AFG101", "/tasks/0/sourceFields"),
        ("AFG228", "/tasks/1/sourceFields"),
    ]


def test_a_value_that_could_not_be_read_has_no_further_findings() -> None:
    text = document("""
        tasks:
        - taskType: Filter
          sourceFields: [day]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {VALUE: 2026-01-01}
        - {taskType: Map_all, sourceFields: []}
        """)
    assert reported(text) == [("AFG014", "/tasks/0/taskProperties/VALUE")]


def test_an_unreadable_value_in_one_yaml_document_hides_no_finding_in_the_next() -> None:
    first = document("description: Orders\ndescription: Orders again\n")
    second = document("description: Aufträge\nflowName: other\n")
    assert reported(f"{first}---\n{second}") == [("AFG010", "/description"), ("AFG209", "/description")]


def test_each_flow_of_a_file_has_its_own_findings() -> None:
    flows = [document("flowStatus: Suspended\n"), document("flowName: other\n")]
    checked = validate("---\n".join(flows).encode(), "flows.yaml")
    assert [[finding.rule for finding in flow.findings] for flow in checked.flows] == [["AFG259"], []]


def test_the_pointer_of_a_finding_in_a_json_list_contains_the_index() -> None:
    assert reported('[{"flowName": "orders", "tasks": []}]', "flows.json")[-1] == ("AFG220", "/0/tasks")


def test_only_the_first_hundred_findings_of_a_rule_are_reported() -> None:
    task = "- {taskType: Map, sourceFields: [id], destinationField: same}\n"
    text = document("tasks:\n- {taskType: Map_all, sourceFields: []}\n" + task * 500)
    assert reported(text) == [("AFG230", f"/tasks/{index}/destinationField") for index in range(2, 102)]
