"""The AFG1xx rules: what can be wrong with the shape of a flow, as data for findings and generated docs."""

from appflow_gitops.findings import RuleInfo, Severity

_MODEL = "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_UpdateFlow.html"


def _rule(rule_id: str, title: str, explanation: str, example: str) -> RuleInfo:
    """One kind of mistake. Every one is an error: the API's model refuses it."""
    return RuleInfo(rule_id, Severity.ERROR, title, explanation, example, _MODEL)


WRONG_TYPE = _rule(
    "AFG101",
    "A value has the wrong type",
    "Types are strict: a number in quotes is a string, true is no number, an unquoted no in YAML is false. "
    "Null is no value of any member: leave the member out.",
    "maxPageSize: '500'",
)
MISSING_MEMBER = _rule(
    "AFG102",
    "A required member is missing",
    "UpdateFlow replaces the whole flow, so every document states all of it. "
    "A Map_all task needs sourceFields too: an empty list.",
    "tasks: [{taskType: Map_all}]",
)
UNKNOWN_MEMBER = _rule(
    "AFG103",
    "A member is not known",
    "Documents use the member names of the AppFlow API, letter case included. "
    "CloudFormation and Terraform spell many of them otherwise; the hint gives AppFlow's name.",
    "destinationFlowConfig: []",
)
UNKNOWN_CHOICE = _rule(
    "AFG104",
    "A value is not one of those allowed",
    "The API takes a closed list of values here, letter case included. "
    "Each connector has operators of its own.",
    "taskType: MapAll",
)
LENGTH = _rule(
    "AFG105",
    "A value is too long or too short",
    "The API limits how many characters a string and how many entries a map may have.",
    "bucketName: my",
)
RANGE = _rule(
    "AFG106",
    "A number is too large or too small",
    "The API limits this number. Times are epoch seconds: one in milliseconds lies thousands of years ahead.",
    "flowErrorDeactivationThreshold: 0",
)
FORM = _rule(
    "AFG107",
    "A text has characters or a form that the API refuses",
    "The API gives a pattern that the whole text must match.",
    "flowName: sales/orders",
)
MORE = _rule(
    "AFG108",
    "There are more mistakes than are listed",
    "Only the first mistakes of a flow are listed when there are very many.",
    "(a flow with 201 mistakes)",
)

SHAPE_RULES: tuple[RuleInfo, ...] = (
    WRONG_TYPE,
    MISSING_MEMBER,
    UNKNOWN_MEMBER,
    UNKNOWN_CHOICE,
    LENGTH,
    RANGE,
    FORM,
    MORE,
)
"""Every rule of the shape, in the order of their ids."""
