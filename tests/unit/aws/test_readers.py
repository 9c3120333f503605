"""Readers of CloudFormation and CloudWatch Logs: the members they send, and answers that lack some."""

from dataclasses import dataclass, field
from typing import Any

from appflow_gitops.aws.log_entries import log_entries
from appflow_gitops.aws.stack import Stack, read_stack


@dataclass
class FakeReader:
    """Answers one after the other; what was asked is recorded."""

    answers: list[dict[str, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def filter_log_events(self, **members: Any) -> Any:
        self.asked.append(members)
        return self.answers.pop(0)

    def describe_stacks(self, **members: str) -> Any:
        self.asked.append(members)
        return {"Stacks": self.answers}


def test_entries_are_read_from_the_millisecond_on_and_page_by_page() -> None:
    reader = FakeReader([{"events": ["one"], "nextToken": "next"}, {}])
    assert list(log_entries(reader, "group", 1767225600.5, filterPattern="retrying")) == ["one"]
    first = {"logGroupName": "group", "startTime": 1767225600500, "filterPattern": "retrying"}
    assert reader.asked == [first, {**first, "nextToken": "next"}]


def test_a_stack_may_have_neither_parameters_nor_outputs() -> None:
    reader = FakeReader([{"StackName": "flows"}])
    assert read_stack(reader, "flows") == Stack({}, {})
    assert reader.asked == [{"StackName": "flows"}]
