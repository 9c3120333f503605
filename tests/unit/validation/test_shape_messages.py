"""The exact message and hint for values at both sides of each distinction."""

from typing import Any

import pytest

from appflow_gitops.validation.shape.check import check_shape
from unit.validation.test_shape import CUSTOM, FORMAT, S3, SCHEDULE, flow_with

TEXT, TASKS, PROPERTIES, OPERATOR = (
    "/description",
    "/tasks",
    "/tasks/1/taskProperties",
    "/tasks/0/connectorOperator",
)
SIZE, FLAG = f"{FORMAT}/aggregationConfig/targetFileSize", f"{FORMAT}/preserveSourceDataTyping"
START, OFFSET = f"{SCHEDULE}/scheduleStartTime", f"{SCHEDULE}/scheduleOffset"
AS_LIST = "wrap the value in a list: [...]"
JSON_LIST = "the value is JSON in a string: write the list itself"
JSON_OBJECT = "the value is JSON in a string: write the object itself"
SET_OR_REMOVE = "set a value, or remove the key"
TIME = "write ISO 8601 with an offset, such as 2026-01-31T08:00:00Z, or epoch seconds"
BOOLEAN = "write true or false, without quotes"
NAME = "two or more letters, digits or _ ! @ # . - with a letter or digit first"


@pytest.mark.parametrize(
    ("pointer", "value", "expected", "got", "hint"),
    [
        (TEXT, 5, "a string", "a number", 'add quotes: "5"'),
        (TEXT, 1.5, "a string", "a number with a decimal point", 'add quotes: "1.5"'),
        (TEXT, 10**18 - 1, "a string", "a number", f'add quotes: "{10**18 - 1}"'),
        (TEXT, ["a"], "a string", "a list", "remove the list around the string"),
        (TEXT, ["a", "b"], "a string", "a list", None),
        (TEXT, {}, "a string", "an object", None),
        (TEXT, None, "a string", "null", SET_OR_REMOVE),
        (TASKS, "[", "a list", "a string", JSON_LIST),
        (TASKS, " [1]", "a list", "a string", JSON_LIST),
        (TASKS, "total", "a list", "a string", AS_LIST),
        (TASKS, {}, "a list", "an object", AS_LIST),
        (TASKS, 5, "a list", "a number", None),
        (PROPERTIES, " {", "an object", "a string", JSON_OBJECT),
        (PROPERTIES, "x", "an object", "a string", None),
        (PROPERTIES, [{}], "an object", "a list", "remove the list around the object"),
        (PROPERTIES, [], "an object", "a list", None),
        (PROPERTIES, [{"Key": "VALUE", "Value": "1"}, 5], "an object", "a list", None),
        (PROPERTIES, [{}, {}], "an object", "a list", None),
        *(
            (
                PROPERTIES,
                [{"Key": "VALUE", "Value": "1"}, {"key": "VALUES", "value": "2"}][::order],
                "an object",
                "a list",
                f"write an object instead of CloudFormation's list of Key and Value: {{'{first}': ...}}",
            )
            for order, first in ((1, "VALUE"), (-1, "VALUES"))
        ),
        (f"{PROPERTIES}/VALUE", ["a", "b"], "a string", "a list", "write VALUES: 'a,b'"),
        (f"{PROPERTIES}/VALUE", ["a", 5], "a string", "a list", None),
        (f"{PROPERTIES}/VALUE", [], "a string", "a list", None),
        (f"{PROPERTIES}/VALUE", {"a": "b"}, "a string", "an object", None),
        (f"{PROPERTIES}/DATA_TYPE", ["a", "b"], "a string", "a list", None),
        (
            OPERATOR,
            "N" * 60,
            "an object",
            "a string",
            f'write the connector around it, such as {{"S3": "{"N" * 60}"}}',
        ),
        (OPERATOR, "N" * 61, "an object", "a string", None),
        (SIZE, "128", "an integer", "a string", "remove the quotes: 128"),
        (SIZE, " +128 ", "an integer", "a string", "remove the quotes: +128"),
        (SIZE, "many", "an integer", "a string", None),
        (SIZE, "9" * 60, "an integer", "a string", f"remove the quotes: {'9' * 60}"),
        (SIZE, "9" * 61, "an integer", "a string", None),
        (SIZE, "1\u00a0", "an integer", "a string", "replace U+00A0 (no-break space) by a space"),
        (SIZE, 128.0, "an integer", "a number with a decimal point", "remove the decimal point: 128"),
        (SIZE, 128.5, "an integer", "a number with a decimal point", None),
        (SIZE, True, "an integer", "true", None),
        (SIZE, [], "an integer", "a list", None),
        (FLAG, "false", "true or false", "a string", BOOLEAN),
        (FLAG, 0, "true or false", "a number", BOOLEAN),
        (FLAG, 1.5, "true or false", "a number with a decimal point", None),
        (FLAG, [], "true or false", "a list", None),
        (FLAG, None, "true or false", "null", SET_OR_REMOVE),
        (START, "17", "a time", "a string", "remove the quotes: 17"),
        (START, True, "a time", "true", TIME),
        (START, [], "a time", "a list", TIME),
        (START, None, "a time", "null", TIME),
        ("/triggerConfig/triggerType", 5, "a string", "a number", 'add quotes: "5"'),
    ],
)
def test_a_wrong_type_names_both_types_and_the_fix_if_it_is_clear(
    pointer: str, value: Any, expected: str, *, got: str, hint: str | None
) -> None:
    [finding] = check_shape(flow_with(pointer, value))[1]
    assert (finding.rule, finding.message) == ("AFG101", f"expected {expected}, got {got}")
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("pointer", "value", "written", "hint"),
    [
        (TEXT, 5, "5", 'add quotes: "5"'),
        (TEXT, True, "yes", 'add quotes: "yes"; without them, YAML reads true'),
        (TEXT, 5, "&five 5", 'add quotes: "5"'),
        (TEXT, 5, "*five", 'add quotes: "5"'),
        (TEXT, 5, "!!int 5", 'add quotes: "5"'),
        (TEXT, 37800, "10:30:00", 'add quotes: "10:30:00"; without them, YAML reads 37800'),
        (TEXT, 1, "1" * 60, f'add quotes: "{"1" * 60}"; without them, YAML reads 1'),
        (TEXT, 1, "1" * 61, "add quotes"),
        (SIZE, "1e3", "1e3", "write 1000: YAML 1.1 reads '1e3' as text"),
        (SIZE, "1e3", '"1e3"', None),
        (SIZE, "0o17", "0o17", "write 15: YAML 1.1 reads '0o17' as text"),
        (SIZE, "1.5e0", "1.5e0", None),
        (SIZE, "1e17", "1e17", f"write {10**17}: YAML 1.1 reads '1e17' as text"),
        (SIZE, "1e18", "1e18", None),
        (SIZE, f"1e{1:016}", f"1e{1:016}", f"write 10: YAML 1.1 reads '1e{1:016}' as text"),
        (SIZE, f"1e{1:017}", f"1e{1:017}", None),
        (SIZE, "word", "word", None),
        (FLAG, "1e3", "1e3", BOOLEAN),
    ],
)
def test_a_hint_shows_the_value_as_it_is_written(
    pointer: str, value: Any, written: str, hint: str | None
) -> None:
    [finding] = check_shape(flow_with(pointer, value), written=lambda _: written)[1]
    assert (finding.rule, finding.hint) == ("AFG101", hint)


@pytest.mark.parametrize(
    ("pointer", "value", "rule", "message", "hint"),
    [
        (START, "tomorrow", "AFG101", "invalid time 'tomorrow'", TIME),
        (START, "9" * 61, "AFG101", f"invalid time '{'9' * 60}...'", TIME),
        (
            START,
            253_402_300_800,
            "AFG106",
            "scheduleStartTime must be in the years 1 to 9999, got 253402300800",
            "this looks like milliseconds; times are epoch seconds",
        ),
        (
            START,
            -(10**11),
            "AFG106",
            "scheduleStartTime must be in the years 1 to 9999, got -100000000000",
            None,
        ),
        (OFFSET, 10**18 - 1, "AFG106", f"scheduleOffset must be at most 36000, got {10**18 - 1}", None),
        (
            OFFSET,
            10**18,
            "AFG106",
            "scheduleOffset must be at most 36000, got a number with more than 18 digits",
            None,
        ),
        (OFFSET, -1, "AFG106", "scheduleOffset must be at least 0, got -1", None),
        (
            "/flowName",
            "a/&/()=?",
            "AFG107",
            f"flowName must be {NAME}, got 'a/&/()=?'",
            "not allowed: '/', '&', '(', ')', '='",
        ),
        (
            "/kmsArn",
            "key/0",
            "AFG107",
            "kmsArn must be the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>, got 'key/0'",
            None,
        ),
        (
            "/destinationFlowConfigList/0/destinationConnectorProperties/LookoutMetrics",
            {"object": "x"},
            "AFG103",
            "unknown key 'object' in LookoutMetrics",
            "expected one of: none",
        ),
        ("/flowName", "_a", "AFG107", f"flowName must be {NAME}, got '_a'", None),
        ("/flowName", "", "AFG107", "flowName must not be empty", None),
        (
            "/flowName",
            "o" * 257,
            "AFG105",
            "flowName must have at most 256 characters, got 257",
            f"expected {NAME}",
        ),
        (
            f"{S3}/bucketName",
            "my",
            "AFG105",
            "bucketName must have at least 3 characters, got 2",
            "expected text without white space",
        ),
        (
            "/tasks/1/sourceFields/0",
            "f" * 2049,
            "AFG105",
            "sourceFields[0] must have at most 2048 characters, got 2049",
            "expected a single line",
        ),
        (
            f"{CUSTOM}/customProperties",
            {f"k{n}": "1" for n in range(51)},
            "AFG105",
            "customProperties must have at most 50 entries, got 51",
            None,
        ),
        (
            "/triggerConfig/triggerType",
            "On\u00a0Demand",
            "AFG104",
            "unknown trigger type 'On<U+00A0>Demand'",
            "remove U+00A0 (no-break space) from the value",
        ),
        (
            "/fl\u00a0ow",
            1,
            "AFG103",
            "unknown key 'fl<U+00A0>ow'",
            "remove U+00A0 (no-break space) from the key",
        ),
    ],
)
def test_another_mismatch_names_the_limit_or_the_form(
    pointer: str, value: Any, rule: str, *, message: str, hint: str | None
) -> None:
    [finding] = check_shape(flow_with(pointer, value))[1]
    assert (finding.rule, finding.message) == (rule, message)
    assert finding.hint == hint
