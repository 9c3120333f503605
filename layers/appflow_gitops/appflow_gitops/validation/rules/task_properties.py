"""Rules about taskProperties: what a filter compares with, what a mask, a truncation and a validation need."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from appflow_gitops.findings import Severity
from appflow_gitops.validation.rules.rule import CDK, Found, Rule, api_reference, issue, listed
from appflow_gitops.validation.rules.view import FlowView, Task

_BOUNDS = ("LOWER_BOUND", "UPPER_BOUND")
_COMPARED = ("VALUE", "VALUES", *_BOUNDS)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
_SURELY_SECONDS = range(10**8, 10**11)
"""As milliseconds these lie between January 1970 and March 1973."""


class BothBounds(Rule):
    """BETWEEN has two bounds.

    ``LOWER_BOUND`` and ``UPPER_BOUND`` are both needed, the lower one first.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Filter"):
            if task.operator != "BETWEEN":
                continue
            for path, name in task.missing(*_BOUNDS):
                yield Found(path, f"a BETWEEN filter needs {name}")
            lower, upper = (task.property(name) or "" for name in _BOUNDS)
            if _NUMBER.fullmatch(lower) and _NUMBER.fullmatch(upper) and int(lower) > int(upper):
                path = task.part.at("taskProperties", "LOWER_BOUND")
                yield Found(path, "nothing lies between the bounds: the lower one is above the upper one")


class ValueToCompare(Rule):
    """A filter has a value to compare with.

    One value stands in ``VALUE``, several stand in ``VALUES``, joined by commas.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Filter"):
            if task.operator in (None, "BETWEEN", "PROJECTION", "NO_OP"):
                continue
            missing = list(task.missing("VALUE"))
            if missing and not (task.properties and task.properties.has("VALUES")):
                message = f"the {task.operator} filter has nothing to compare with"
                yield Found(missing[0][0], message, "give one value in VALUE, or several in VALUES: 'a,b'")
            elif not missing and task.properties and task.properties.has("VALUES"):
                message = "the filter has VALUE and VALUES; which one counts is not known"
                yield Found(task.properties.at("VALUES"), message, "keep one of them")


class Milliseconds(Rule):
    """A time in a filter is epoch milliseconds.

    Filters compare date and time fields with milliseconds since 1970, in quotes. (The times of a schedule are seconds.)
    """

    id = "AFG234"
    severity = Severity.WARNING
    source = issue(CDK, 17748)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Filter"):
            for name in _COMPARED if _compares_times(task) else ():
                text = task.property(name)
                values = (text.split(",") if name == "VALUES" else [text]) if text else []
                wrong = [value.strip() for value in values if not _is_milliseconds(value.strip())]
                if wrong:
                    path = task.part.at("taskProperties", name)
                    yield Found(
                        path, f"{listed(wrong[:1])} is not in epoch milliseconds", _milliseconds(wrong[0])
                    )


def _compares_times(task: Task) -> bool:
    """Whether the filter is about times: its DATA_TYPE says so, or there is none and a value is a date."""
    data_type = (task.property("DATA_TYPE") or "").casefold()
    if data_type or task.type is None:
        return "date" in data_type or "timestamp" in data_type
    values = (task.property(name) or "" for name in _COMPARED)
    return any(_ISO_DATE.fullmatch(value) for value in values)


def _is_milliseconds(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and int(value) not in _SURELY_SECONDS


def _milliseconds(value: str) -> str:
    """What to write instead."""
    if _NUMBER.fullmatch(value):
        return f'these look like seconds; in milliseconds: "{int(value) * 1000}"'
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return 'milliseconds since 1970, in quotes, such as "1767225600000"'
    zone = "" if moment.tzinfo else " if it is meant in UTC"
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f'write "{round(moment.timestamp() * 1000)}"{zone}'


class MaskComplete(Rule):
    """A Mask has a character, and a length.

    ``MASK_VALUE`` is what is written in place of the characters. MASK_FIRST_N and MASK_LAST_N need to know how many:
    ``MASK_LENGTH``.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Mask"):
            needs_length = task.operator in ("MASK_FIRST_N", "MASK_LAST_N")
            needed = ("MASK_VALUE", "MASK_LENGTH") if needs_length else ("MASK_VALUE",)
            for path, name in task.missing(*needed):
                yield Found(path, f"a Mask task needs {name}", _SAMPLES.get(name))
            yield from _no_length(task, "MASK_LENGTH")


class TruncateComplete(Rule):
    """A Truncate has a length.

    ``TRUNCATE_LENGTH`` tells how many characters are kept, as a number in quotes.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Truncate"):
            for path, name in task.missing("TRUNCATE_LENGTH"):
                yield Found(path, f"a Truncate task needs {name}", _SAMPLES[name])
            yield from _no_length(task, "TRUNCATE_LENGTH")


class ValidateComplete(Rule):
    """A Validate has an action.

    ``VALIDATION_ACTION`` tells what becomes of a record that fails: ``DropRecord`` leaves it out, ``DropDataset`` ends
    the run.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for task in flow.of_type("Validate"):
            for path, name in task.missing("VALIDATION_ACTION"):
                yield Found(path, f"a Validate task needs {name}", "DropRecord or DropDataset")


_SAMPLES = {
    "MASK_VALUE": 'such as MASK_VALUE: "*"',
    "MASK_LENGTH": 'such as MASK_LENGTH: "4"',
    "TRUNCATE_LENGTH": 'such as TRUNCATE_LENGTH: "80"',
}


def _no_length(task: Task, name: str) -> Iterator[Found]:
    text = task.property(name)
    if text is not None and not (_NUMBER.fullmatch(text) and int(text) > 0):
        yield Found(task.part.at("taskProperties", name), f"{listed([text])} is no length", _SAMPLES[name])
