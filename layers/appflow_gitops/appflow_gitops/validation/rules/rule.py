"""The base class of the rules across fields, and the sources that they refer to."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cached_property
from inspect import cleandoc
from itertools import islice
from typing import ClassVar

from appflow_gitops.documents.limits import MAX_FINDINGS
from appflow_gitops.findings import Finding, Issue, Path, RuleInfo, Severity
from appflow_gitops.validation.rules.flow_view import FlowView


class Rule(ABC):
    """One rule, ``AFG2xx``. Its docstring is its text in ``docs/rules.md``: the title, then the explanation.

    ``bad`` and ``good`` are parts of YAML documents that break the rule and follow it. ``source`` is the public page
    that documents the fact. Severity *error* is only for what AppFlow is known to reject or what its model cannot
    express.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity]
    source: ClassVar[str]
    bad: ClassVar[str]
    good: ClassVar[str]

    @cached_property
    def info(self) -> RuleInfo:
        """The description of the rule."""
        title, _, explanation = cleandoc(self.__doc__ or "").partition("\n\n")
        return RuleInfo(
            self.id, self.severity, title.rstrip("."), explanation, cleandoc(self.bad), self.source
        )

    def findings(self, flow: FlowView) -> list[Finding]:
        """Return the first 100 findings in a flow, without positions."""
        return [issue.to_finding() for issue in islice(self._check(flow), MAX_FINDINGS)]

    def issue(self, path: Path, message: str, hint: str | None = None) -> Issue:
        """Return an issue of this rule."""
        return Issue(self.info, path, message, hint)

    @abstractmethod
    def _check(self, flow: FlowView) -> Iterable[Issue]:
        """Yield an issue for each location that breaks the rule."""


def api_reference(name: str) -> str:
    """Return the page of the AppFlow API reference about a structure or an operation."""
    return f"https://docs.aws.amazon.com/appflow/1.0/APIReference/API_{name}.html"


def user_guide(page: str) -> str:
    """Return a page of the AppFlow user guide."""
    return f"https://docs.aws.amazon.com/appflow/latest/userguide/{page}.html"


def github_issue(repository: str, number: int) -> str:
    """Return the page of a public issue on GitHub."""
    return f"https://github.com/{repository}/issues/{number}"


TERRAFORM = "hashicorp/terraform-provider-aws"
TERRAFORM_CC = "hashicorp/terraform-provider-awscc"
CDK = "aws/aws-cdk"
CDK_APPFLOW = "cdklabs/cdk-appflow"
