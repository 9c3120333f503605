"""The AFG1xx rules: what can be wrong with the shape of a flow, as data for findings and generated docs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """One kind of mistake. ``example`` is a document's excerpt that makes it."""

    id: str
    title: str
    explanation: str
    example: str


WRONG_TYPE = ShapeRule(
    "AFG101",
    "A value has the wrong type",
    "Types are strict: a number in quotes is a string, true is no number, an unquoted no in YAML is false. "
    "Null is no value of any member: leave the member out.",
    "maxPageSize: '500'",
)
MISSING_MEMBER = ShapeRule(
    "AFG102",
    "A required member is missing",
    "UpdateFlow replaces the whole flow, so every document states all of it. "
    "A Map_all task needs sourceFields too: an empty list.",
    "tasks: [{taskType: Map_all}]",
)
UNKNOWN_MEMBER = ShapeRule(
    "AFG103",
    "A member is not known",
    "Documents use the member names of the AppFlow API, letter case included. "
    "CloudFormation and Terraform spell many of them otherwise; the hint gives AppFlow's name.",
    "destinationFlowConfig: []",
)
UNKNOWN_CHOICE = ShapeRule(
    "AFG104",
    "A value is not one of those allowed",
    "The API takes a closed list of values here, letter case included. "
    "Each connector has operators of its own.",
    "taskType: MapAll",
)
LENGTH = ShapeRule(
    "AFG105",
    "A value is too long or too short",
    "The API limits how many characters a string and how many entries a map may have.",
    "bucketName: my",
)
RANGE = ShapeRule(
    "AFG106",
    "A number is too large or too small",
    "The API limits this number. Times are epoch seconds: one in milliseconds lies thousands of years ahead.",
    "flowErrorDeactivationThreshold: 0",
)
FORM = ShapeRule(
    "AFG107",
    "A text has characters or a form that the API refuses",
    "The API gives a pattern that the whole text must match.",
    "flowName: sales/orders",
)
MORE = ShapeRule(
    "AFG108",
    "There are more mistakes than are listed",
    "Only the first mistakes of a flow are listed when there are very many.",
    "",
)

SHAPE_RULES = (
    WRONG_TYPE,
    MISSING_MEMBER,
    UNKNOWN_MEMBER,
    UNKNOWN_CHOICE,
    LENGTH,
    RANGE,
    FORM,
    MORE,
)
