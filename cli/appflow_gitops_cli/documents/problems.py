"""Why push does not send a document that is valid by itself. Shared by plan and push."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.quoting import quoted
from appflow_gitops.validation.result import ValidatedFlow
from appflow_gitops_cli.stack_limits import StackLimits


@dataclass(frozen=True, slots=True)
class ProblemFinder:
    """Checks documents against each other and against the stack. ``declaring`` has the files by name of flow."""

    declaring: Mapping[str, list[str]]
    limits: StackLimits

    @classmethod
    def of(cls, documents: Iterable[tuple[str, Iterable[str]]], limits: StackLimits) -> "ProblemFinder":
        """``documents`` are the valid ones: their files and the names of their flows."""
        declaring: dict[str, list[str]] = {}
        for file, flows in documents:
            for flow in flows:
                declaring.setdefault(flow, []).append(file)
        return cls(declaring, limits)

    def duplicates(self, file: str, flows: Iterable[ValidatedFlow]) -> Iterator[str]:
        """The flows that another document declares too: only one of the documents could own them."""
        for flow in flows:
            others = [other for other in self.declaring.get(flow.name or "", []) if other != file]
            if others:
                yield f"flow {quoted(flow.name)}: {others[0]} declares it too"

    def violations(self, flows: Iterable[ValidatedFlow]) -> Iterator[str]:
        """What the stack may not change or use."""
        for flow in flows:
            if flow.document:
                for message in self.limits.violations(flow.document):
                    yield f"flow {quoted(flow.name)}: {message}"
