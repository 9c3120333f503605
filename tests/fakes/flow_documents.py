"""The flows that the tests of ``sync`` are about, as text; written for these tests."""

import json
from typing import Any


def orders(**changes: Any) -> dict[str, Any]:
    """An on-demand flow from one bucket to another, with members changed."""
    flow: dict[str, Any] = {
        "flowName": "orders",
        "description": "Orders of the shop",
        "triggerConfig": {"triggerType": "OnDemand"},
        "sourceFlowConfig": {
            "connectorType": "S3",
            "sourceConnectorProperties": {"S3": {"bucketName": "shop-raw", "bucketPrefix": "orders"}},
        },
        "destinationFlowConfigList": [
            {
                "connectorType": "S3",
                "destinationConnectorProperties": {
                    "S3": {"bucketName": "shop-lake", "bucketPrefix": "orders"}
                },
            }
        ],
        "tasks": [
            {
                "taskType": "Filter",
                "sourceFields": ["id", "total"],
                "connectorOperator": {"S3": "PROJECTION"},
            },
            {
                "taskType": "Map",
                "sourceFields": ["id"],
                "destinationField": "id",
                "connectorOperator": {"S3": "NO_OP"},
            },
            {
                "taskType": "Map",
                "sourceFields": ["total"],
                "destinationField": "total",
                "connectorOperator": {"S3": "NO_OP"},
            },
        ],
    }
    return {**flow, **changes}


def accounts(**changes: Any) -> dict[str, Any]:
    """An on-demand flow that transfers the field City of Accounts in Salesforce, with members changed."""
    source = {
        "connectorType": "Salesforce",
        "connectorProfileName": "team-crm",
        "sourceConnectorProperties": {"Salesforce": {"object": "Account"}},
    }
    tasks = [
        {
            "taskType": "Filter",
            "sourceFields": ["City"],
            "connectorOperator": {"Salesforce": "PROJECTION"},
        },
        {"taskType": "Map", "sourceFields": ["City"], "destinationField": "city"},
    ]
    return orders(**{"sourceFlowConfig": source, "tasks": tasks, **changes})


def scheduled(**changes: Any) -> dict[str, Any]:
    """The same flow, every hour."""
    trigger = {
        "triggerType": "Scheduled",
        "triggerProperties": {
            "Scheduled": {"scheduleExpression": "rate(1hours)", "dataPullMode": "Complete"}
        },
    }
    return orders(**{"triggerConfig": trigger, **changes})


def text(flow: dict[str, Any]) -> str:
    """The document as a file has it."""
    return json.dumps(flow, indent=2)
