"""What a rule across fields is. The modules beside this one hold the rules, ``registry`` lists them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import ClassVar, NamedTuple

from appflow_gitops.findings import Finding, Path, RuleInfo, Severity
from appflow_gitops.validation.rules.view import FlowView
from appflow_gitops.validation.shape.hints import quoted


class Found(NamedTuple):
    """One place where a rule has something to say."""

    path: Path
    message: str
    hint: str | None = None


class Rule(ABC):
    """One rule, ``AFG2xx``. Its docstring is what ``docs/rules.md`` says: a title, then the explanation.

    ``bad`` and ``good`` are pieces of YAML documents that break the rule and keep it; ``source`` is the public place
    that the fact comes from. An *error* is only what AppFlow is known to refuse or its model has no place for.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity]
    source: ClassVar[str]
    bad: ClassVar[str]
    good: ClassVar[str]

    @property
    def info(self) -> RuleInfo:
        """The rule as data."""
        title, _, explanation = cleandoc(self.__doc__ or "").partition("\n\n")
        return RuleInfo(
            self.id, self.severity, title.rstrip("."), explanation, cleandoc(self.bad), self.source
        )

    def findings(self, flow: FlowView) -> Iterator[Finding]:
        """What the rule finds in a flow; positions are not filled in."""
        for found in self._look(flow):
            yield Finding(self.id, self.severity, found.path, found.message, found.hint)

    @abstractmethod
    def _look(self, flow: FlowView) -> Iterable[Found]:
        """The places that break the rule."""


def api_reference(structure: str) -> str:
    """The page of the AppFlow API reference about a structure or an operation."""
    return f"https://docs.aws.amazon.com/appflow/1.0/APIReference/API_{structure}.html"


def user_guide(page: str) -> str:
    """A page of the AppFlow user guide."""
    return f"https://docs.aws.amazon.com/appflow/latest/userguide/{page}.html"


def issue(repository: str, number: int) -> str:
    """A public issue on GitHub."""
    return f"https://github.com/{repository}/issues/{number}"


TERRAFORM = "hashicorp/terraform-provider-aws"
CDK = "aws/aws-cdk"
CDK_APPFLOW = "cdklabs/cdk-appflow"

_MOST_NAMES = 12


def listed(names: Iterable[str]) -> str:
    """The names in quotes, on one line; only the first of very many."""
    texts = list(names)
    more = [f"and {len(texts) - _MOST_NAMES} more"] if len(texts) > _MOST_NAMES else []
    return ", ".join([*map(quoted, texts[:_MOST_NAMES]), *more])
