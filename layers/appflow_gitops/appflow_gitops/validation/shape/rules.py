"""The AFG1xx rules: the shape of a flow."""

from appflow_gitops.findings import RuleInfo, Severity

_MODEL = "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_UpdateFlow.html"


def _rule(rule_id: str, title: str, explanation: str, example: str) -> RuleInfo:
    """Return a rule of severity error: the model of the API rejects the request."""
    return RuleInfo(rule_id, Severity.ERROR, title, explanation, example, _MODEL)


WRONG_TYPE = _rule(
    "AFG101",
    "Wrong type",
    "Types are strict: a quoted number is a string, and YAML reads an unquoted `no` as false. Null is not a value of "
    "any key. Write the value in the expected type; to unset a key, remove it.",
    "maxPageSize: '500'",
)
MISSING_KEY = _rule(
    "AFG102",
    "Missing required key",
    "UpdateFlow replaces the whole flow, so a document must be complete. Add the key. For a Map_all task, "
    "`sourceFields` is an empty list.",
    "tasks: [{taskType: Map_all}]",
)
UNKNOWN_KEY = _rule(
    "AFG103",
    "Unknown key",
    "Documents use the keys of the AppFlow API, including letter case. CloudFormation and Terraform spell many of them "
    "differently. The hint names the key of the API, the object to move it into, or the keys that exist.",
    "destinationFlowConfig: []",
)
UNKNOWN_CHOICE = _rule(
    "AFG104",
    "Unknown value",
    "The API accepts a fixed list of values here, including letter case. Each connector has its own operators. Use "
    "one of the values in the hint.",
    "taskType: MapAll",
)
LENGTH = _rule(
    "AFG105",
    "Value too long or too short",
    "The API limits the characters of a string and the entries of a map. Change the value to a length within the "
    "limit.",
    "bucketName: my",
)
RANGE = _rule(
    "AFG106",
    "Number out of range",
    "The API limits this number. Times are epoch seconds: a time in milliseconds would be thousands of years in the "
    "future.",
    "flowErrorDeactivationThreshold: 0",
)
FORMAT = _rule(
    "AFG107",
    "Invalid characters or format",
    "The whole text must match a pattern of the API. Remove the characters in the hint, or write the text in the "
    "expected format.",
    "flowName: sales/orders",
)
TOO_MANY_ERRORS = _rule(
    "AFG108",
    "Too many errors to list",
    "Only the first 200 errors in the shape of a flow are listed. Fix them and validate again.",
    "(a flow with 201 errors)",
)

SHAPE_RULES: tuple[RuleInfo, ...] = (
    WRONG_TYPE,
    MISSING_KEY,
    UNKNOWN_KEY,
    UNKNOWN_CHOICE,
    LENGTH,
    RANGE,
    FORMAT,
    TOO_MANY_ERRORS,
)
"""All rules about the shape, ordered by id."""
