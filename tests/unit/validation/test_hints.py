"""Hints contain the fix, ready to paste."""

import pytest

from appflow_gitops.validation.validate import validate
from unit.validation.rule_cases import document

SALESFORCE = """
sourceFlowConfig:
  connectorType: Salesforce
  connectorProfileName: crm
  sourceConnectorProperties: {Salesforce: {object: Account}}
"""
SCHEDULED = """
triggerConfig:
  triggerType: Scheduled
  triggerProperties: {Scheduled: {scheduleExpression: "%s"}}
"""
FILTER = """
tasks:
- taskType: Filter
  sourceFields: [updated]
  connectorOperator: {S3: %s}
  taskProperties: {DATA_TYPE: datetime, VALUE: "%s"}
- {taskType: Map_all, sourceFields: []}
"""
FILTERS_OF_S3 = (
    "operators of S3 for a Filter task: 'PROJECTION', 'BETWEEN', 'EQUAL_TO', 'NOT_EQUAL_TO', 'LESS_THAN', "
    "'LESS_THAN_OR_EQUAL_TO', 'GREATER_THAN', 'GREATER_THAN_OR_EQUAL_TO'"
)
PROJECTION = """
tasks:
- {taskType: Filter, sourceFields: [id], connectorOperator: {S3: PROJECTION}}
- {taskType: Map, sourceFields: [id], destinationField: id}
- {taskType: Map, sourceFields: [total], destinationField: total}
- {taskType: Validate, sourceFields: [email], connectorOperator: {S3: VALIDATE_NON_NULL},
   taskProperties: {VALIDATION_ACTION: DropRecord}}
"""


@pytest.mark.parametrize(
    ("rule", "members", "hint"),
    [
        (
            "AFG222",
            SALESFORCE
            + """
tasks:
- {taskType: Map, sourceFields: [Id], destinationField: id}
- {taskType: Merge, sourceFields: [First, Last], destinationField: "First,Last",
   taskProperties: {CONCAT_FORMAT: x}}
- {taskType: Map, sourceFields: ["First,Last"], destinationField: name}
""",
            """add {"taskType": "Filter", "sourceFields": ["Id", "First", "Last"], \
"connectorOperator": {"Salesforce": "PROJECTION"}}""",
        ),
        (
            "AFG223",
            "tasks:\n- {taskType: Passthrough, sourceFields: []}\n",
            'add {"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"S3": "NO_OP"}}',
        ),
        ("AFG231", PROJECTION, "add them to its sourceFields"),
        (
            "AFG220",
            SALESFORCE + "tasks: []\n",
            """to transfer all fields, add {"taskType": "Map_all", "sourceFields": [], \
"connectorOperator": {"Salesforce": "NO_OP"}}""",
        ),
        (
            "AFG224",
            FILTER.replace("{S3:", "{Salesforce:") % ("LESS_THAN", "1767225600000"),
            'write {"S3": "LESS_THAN"}',
        ),
        (
            "AFG224",
            FILTER.replace("{S3:", "{Salesforce:") % ("CONTAINS", "1767225600000"),
            f"S3 does not support 'CONTAINS'; {FILTERS_OF_S3}",
        ),
        (
            "AFG226",
            FILTER % ("MASK_ALL", "1767225600000"),
            FILTERS_OF_S3,
        ),
        ("AFG234", FILTER % ("LESS_THAN", "2026-01-01T00:00:00Z"), 'write "1767225600000"'),
        ("AFG234", FILTER % ("LESS_THAN", "2026-01-01T01:00+01:00"), 'write "1767225600000"'),
        ("AFG234", FILTER % ("LESS_THAN", "2026-01-01"), 'write "1767225600000" if the time is in UTC'),
        (
            "AFG234",
            FILTER % ("LESS_THAN", "1767225600"),
            'this looks like seconds; write "1767225600000"',
        ),
        (
            "AFG234",
            FILTER % ("LESS_THAN", "yesterday"),
            'write milliseconds since 1970, in quotes, such as "1767225600000"',
        ),
        ("AFG241", FILTER % ("EQUAL_TO", "SE, NO"), "for 2 values, write VALUES: 'SE,NO'"),
        ("AFG241", FILTER % ("EQUAL_TO", "['SE', 'NO']"), "for 2 values, write VALUES: 'SE,NO'"),
        ("AFG254", SCHEDULED % "rate(1 day)", "write rate(1days)"),
        ("AFG254", SCHEDULED % "RATE(05 Hour)", "write rate(5hours)"),
        (
            "AFG255",
            SCHEDULED % "rate(59minutes)" + SALESFORCE.replace("Salesforce", "Marketo"),
            "write rate(1hours), or longer",
        ),
        (
            "AFG235",
            """
tasks:
- {taskType: Map_all, sourceFields: [], taskProperties: {EXCLUDE_SOURCE_FIELDS_LIST: "['a', b]"}}
""",
            """write '["a", "b"]', in quotes""",
        ),
        (
            "AFG202",
            SALESFORCE.replace("connectorType: Salesforce", "connectorType: Zendesk"),
            "move them to 'Zendesk', or correct connectorType",
        ),
        (
            "AFG208",
            SALESFORCE.replace("Salesforce", "S3").replace(
                "object: Account", "bucketName: orders, bucketPrefix: /raw/"
            ),
            "write 'raw'",
        ),
        (
            "AFG207",
            SALESFORCE.replace("Salesforce", "S3").replace("object: Account", "bucketName: orders/raw"),
            "write only the bucket name, and move the text after the slash to bucketPrefix",
        ),
    ],
)
def test_the_hint_contains_the_fix(rule: str, members: str, hint: str) -> None:
    findings = validate(document(members).encode(), "flow.yaml").findings
    assert hint in [finding.hint for finding in findings if finding.rule == rule]
