"""Documents of flows from Salesforce, and the fields that the local AppFlow describes."""

from pathlib import Path

from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.entities import entity_from_json

DOCUMENT = """\
flowName: accounts-{number}
triggerConfig: {{triggerType: OnDemand}}
sourceFlowConfig:
  connectorType: Salesforce
  connectorProfileName: crm
  sourceConnectorProperties: {{Salesforce: {{object: {name}}}}}
destinationFlowConfigList:
- {{connectorType: S3, destinationConnectorProperties: {{S3: {{bucketName: lake}}}}}}
tasks:
- {{taskType: Filter, sourceFields: [City], connectorOperator: {{Salesforce: PROJECTION}}}}
- {{taskType: Map, sourceFields: [City], destinationField: city}}
"""


def describe(*fields: str, name: str = "Account", exists: bool = True) -> None:
    members = [{"identifier": field} for field in fields] if exists else None
    controls.entities.describe(
        entity_from_json({"connectorType": "Salesforce", "entity": name, "fields": members})
    )


def write(number: int = 0, name: str = "Account") -> None:
    Path("flows").mkdir(exist_ok=True)
    Path(f"flows/accounts-{number}.yaml").write_text(DOCUMENT.format(number=number, name=name))


def calls(operation: str) -> int:
    return controls.calls.counts().get(operation, 0)
