"""Why push does not send a document that is valid by itself. Shared by plan and push."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from appflow_gitops.quoting import quoted
from appflow_gitops_cli.documents.compared_flow import ComparedFlow
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

    def find(self, file: str, document: str | None, flows: Iterable[ComparedFlow]) -> tuple[str, ...]:
        """Why the document is not sent. ``document`` is its S3 URI, if that is known."""
        flows = tuple(flows)
        return (*self._duplicates(file, flows), *self._violations(document, flows))

    def _duplicates(self, file: str, flows: Iterable[ComparedFlow]) -> Iterator[str]:
        """The flows that another document declares too: only one of the documents could own them."""
        for flow in flows:
            name = flow.desired.flowName
            others = [other for other in self.declaring.get(name, []) if other != file]
            if others:
                yield f"flow {quoted(name)}: {others[0]} declares it too"

    def _violations(self, document: str | None, flows: Iterable[ComparedFlow]) -> Iterator[str]:
        """What the stack may not change or use, of what applying the document would change or use."""
        for flow in flows:
            if flow.is_written(document):
                for message in self.limits.violations(flow.desired, configures=flow.is_configured):
                    yield f"flow {quoted(flow.desired.flowName)}: {message}"
