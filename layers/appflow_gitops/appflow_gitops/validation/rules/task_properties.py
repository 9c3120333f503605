"""Rules about taskProperties of Filter, Mask, Truncate and Validate tasks."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.rules.flow_view import FlowView, TaskView
from appflow_gitops.validation.rules.rule import CDK, Rule, api_reference, github_issue

_BOUNDS = ("LOWER_BOUND", "UPPER_BOUND")
_COMPARED = ("VALUE", "VALUES", *_BOUNDS)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
_SECONDS = range(10**8, 10**11)
"""As milliseconds these would be between January 1970 and March 1973."""


class FilterBounds(Rule):
    """Incomplete or reversed BETWEEN filter.

    A BETWEEN filter requires `LOWER_BOUND` and `UPPER_BOUND`. If the lower bound is above the upper bound, no record
    matches. Add the missing bound, or swap them.
    """

    id = "AFG232"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {S3: BETWEEN}
          taskProperties: {DATA_TYPE: datetime, LOWER_BOUND: "1767225600000"}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {S3: BETWEEN}
          taskProperties: {DATA_TYPE: datetime, LOWER_BOUND: "1767225600000", UPPER_BOUND: "1769904000000"}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Filter"):
            if task.operator != "BETWEEN":
                continue
            for path, names in task.missing(*_BOUNDS):
                yield self.issue(path, f"missing {listed(names)} in a BETWEEN filter")
            lower, upper = (task.property(name) or "" for name in _BOUNDS)
            if _NUMBER.fullmatch(lower) and _NUMBER.fullmatch(upper) and int(lower) > int(upper):
                path = task.view.at("taskProperties", "LOWER_BOUND")
                yield self.issue(path, "'LOWER_BOUND' is above 'UPPER_BOUND'", "swap the two values")


class FilterValue(Rule):
    """Filter without exactly one of VALUE and VALUES.

    A filter compares a field with one value in `VALUE`, or with several in `VALUES`, joined by commas. Set exactly one
    of the two.
    """

    id = "AFG233"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {DATA_TYPE: string}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUE: SE}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Filter"):
            if task.operator in (None, "BETWEEN", "PROJECTION", "NO_OP"):
                continue
            missing = list(task.missing("VALUE"))
            if missing and not (task.properties and task.properties.has("VALUES")):
                message = f"missing 'VALUE' or 'VALUES' in a filter with {quoted(task.operator)}"
                hint = "set one value in VALUE, or several in VALUES: 'a,b'"
                yield self.issue(missing[0][0], message, hint)
            elif not missing and task.properties and task.properties.has("VALUES"):
                message = "expected either 'VALUE' or 'VALUES' in a filter, got both"
                yield self.issue(task.properties.at("VALUES"), message, "remove one of them")


class SeveralValues(Rule):
    """Comma in VALUE.

    `VALUE` is one value: a filter with `VALUE: "7001,7002"` compares the field with this text, comma included. Several
    values belong in `VALUES`. Ignore the rule for a value with a comma.
    """

    id = "AFG241"
    severity = Severity.INFO
    source = github_issue("boto/boto3", 4305)
    bad = """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUE: "SE,NO"}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUES: "SE,NO"}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Filter"):
            value = task.property("VALUE") or ""
            parts = _list_items(value)
            if len(parts) > 1 and all(parts) and not (task.properties and task.properties.has("VALUES")):
                path = task.view.at("taskProperties", "VALUE")
                message = f"'VALUE' is compared as one value, {quoted(value)}"
                yield self.issue(
                    path, message, f"for {len(parts)} values, write VALUES: {quoted(','.join(parts))}"
                )


def _list_items(value: str) -> list[str]:
    """Return the items of a text with commas, without the brackets and quotes of a list in JSON or Python."""
    return [
        part.strip().strip("\"'") for part in value.strip().removeprefix("[").removesuffix("]").split(",")
    ]


class FilterTime(Rule):
    """Filter time is not in epoch milliseconds.

    Filters compare date and time fields with milliseconds since 1970, as a string. (The times of a schedule are in
    seconds.) With another format the filter matches the wrong records, or none. Write the value in the hint.
    """

    id = "AFG234"
    severity = Severity.WARNING
    source = github_issue(CDK, 17748)
    bad = """
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {S3: GREATER_THAN}
          taskProperties: {DATA_TYPE: datetime, VALUE: "2026-01-01T00:00:00Z"}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {S3: GREATER_THAN}
          taskProperties: {DATA_TYPE: datetime, VALUE: "1767225600000"}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Filter"):
            for name in _COMPARED if _compares_times(task) else ():
                text = task.property(name)
                values = (text.split(",") if name == "VALUES" else [text]) if text else []
                wrong = [value.strip() for value in values if not _is_milliseconds(value.strip())]
                if wrong:
                    path = task.view.at("taskProperties", name)
                    message = f"expected epoch milliseconds, got {quoted(wrong[0])}"
                    yield self.issue(path, message, _milliseconds(wrong[0]))


def _compares_times(task: TaskView) -> bool:
    """Return whether the filter compares times: by its DATA_TYPE, or without one if a value is a date."""
    data_type = (task.property("DATA_TYPE") or "").casefold()
    if data_type or task.type is None:
        return "date" in data_type or "timestamp" in data_type
    values = (task.property(name) or "" for name in _COMPARED)
    return any(_ISO_DATE.fullmatch(value) for value in values)


def _is_milliseconds(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and int(value) not in _SECONDS


def _milliseconds(value: str) -> str:
    """Return the hint with the value in milliseconds."""
    if _NUMBER.fullmatch(value):
        return f'this looks like seconds; write "{int(value) * 1000}"'
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return 'write milliseconds since 1970, in quotes, such as "1767225600000"'
    zone = "" if moment.tzinfo else " if the time is in UTC"
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f'write "{round(moment.timestamp() * 1000)}"{zone}'


class MaskComplete(Rule):
    """Incomplete Mask task.

    `MASK_VALUE` is the character that replaces the masked ones. MASK_FIRST_N and MASK_LAST_N also require their number
    in `MASK_LENGTH`. Add the missing property.
    """

    id = "AFG236"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - taskType: Mask
          sourceFields: [phone]
          connectorOperator: {S3: MASK_LAST_N}
          taskProperties: {MASK_LENGTH: "5"}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Mask
          sourceFields: [phone]
          connectorOperator: {S3: MASK_LAST_N}
          taskProperties: {MASK_LENGTH: "5", MASK_VALUE: "*"}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Mask"):
            needs_length = task.operator in ("MASK_FIRST_N", "MASK_LAST_N")
            required = ("MASK_VALUE", "MASK_LENGTH") if needs_length else ("MASK_VALUE",)
            for path, names in task.missing(*required):
                yield self.issue(path, f"missing {listed(names)} in a Mask task", _example(*names))
            yield from _invalid_length(self, task, "MASK_LENGTH")


class TruncateComplete(Rule):
    """Truncate task without a valid length.

    `TRUNCATE_LENGTH` is the number of characters to keep, as a string. Set it to a positive number.
    """

    id = "AFG237"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - {taskType: Truncate, sourceFields: [notes]}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - {taskType: Truncate, sourceFields: [notes], taskProperties: {TRUNCATE_LENGTH: "80"}}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Truncate"):
            for path, names in task.missing("TRUNCATE_LENGTH"):
                yield self.issue(path, f"missing {listed(names)} in a Truncate task", _example(*names))
            yield from _invalid_length(self, task, "TRUNCATE_LENGTH")


class ValidateComplete(Rule):
    """Validate task without an action.

    `VALIDATION_ACTION` is the action for a record that fails the validation: `DropRecord` skips the record,
    `DropDataset` ends the run. Set it.
    """

    id = "AFG238"
    severity = Severity.WARNING
    source = api_reference("Task")
    bad = """
        tasks:
        - {taskType: Validate, sourceFields: [id], connectorOperator: {S3: VALIDATE_NON_NULL}}
        - {taskType: Map_all, sourceFields: []}
    """
    good = """
        tasks:
        - taskType: Validate
          sourceFields: [id]
          connectorOperator: {S3: VALIDATE_NON_NULL}
          taskProperties: {VALIDATION_ACTION: DropRecord}
        - {taskType: Map_all, sourceFields: []}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for task in flow.of_type("Validate"):
            for path, names in task.missing("VALIDATION_ACTION"):
                yield self.issue(
                    path, f"missing {listed(names)} in a Validate task", "set 'DropRecord' or 'DropDataset'"
                )


_EXAMPLES = {"MASK_VALUE": "*", "MASK_LENGTH": "4", "TRUNCATE_LENGTH": "80"}


def _example(*names: str) -> str:
    """Return the hint with a value for each of these properties."""
    return "for example " + ", ".join(f'{name}: "{_EXAMPLES[name]}"' for name in names)


def _invalid_length(rule: Rule, task: TaskView, name: str) -> Iterator[Issue]:
    text = task.property(name)
    if text is not None and not (_NUMBER.fullmatch(text) and int(text) > 0):
        message = f"{quoted(name)} must be a positive number, got {quoted(text)}"
        yield rule.issue(task.view.at("taskProperties", name), message, _example(name))
