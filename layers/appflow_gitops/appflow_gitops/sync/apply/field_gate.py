"""What apply does with findings about fields: report them as warnings, or reject the change.

``Applier`` has a gate only if the stack's parameter CheckFields is not ``off``.
"""

from dataclasses import replace

from appflow_gitops.findings import Finding, Severity, has_errors
from appflow_gitops.service import service
from appflow_gitops.sync.apply.desired import Desired
from appflow_gitops.sync.field_check import FieldChecker, one_by_one
from appflow_gitops.sync.outcome import ChangeResult, Outcome


@service
class FieldGate:
    """Checks the fields of a flow before it is changed. ``refuses``: errors reject the change."""

    checker: FieldChecker
    refuses: bool

    def checked(self, desired: Desired) -> Desired | ChangeResult:
        """The same with the findings about its fields, or its outcome if there are errors and the gate refuses."""
        (found,) = self.checker.check([desired.validated], one_by_one)
        findings = (*desired.findings, *found.findings)
        if self.refuses and has_errors(found.findings):
            return ChangeResult(Outcome.REJECTED, desired.flow.flowName, findings=findings)
        return replace(desired, findings=tuple(map(_as_warning, findings)))


def _as_warning(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING) if finding.severity is Severity.ERROR else finding
