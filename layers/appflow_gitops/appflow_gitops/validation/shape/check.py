"""Check one flow against the models of the API: a ``FlowDocument``, or every AFG1xx finding in it.

``pipeline`` calls it for each flow of a file, after the dialects and before the rules across fields.
"""

from collections.abc import Callable
from dataclasses import replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appflow_gitops.findings import Finding, Issue, Json, Path
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.validation.shape.correction import CorrectedFlow
from appflow_gitops.validation.shape.messages import Mismatch, describe
from appflow_gitops.validation.shape.rules import TOO_MANY_ERRORS, UNKNOWN_KEY

_MAX_MISMATCHES = 200
"""The most mismatches reported, and misspelled keys corrected, in one flow."""

_MAP_KEY = "[key]"
"""The last step in pydantic's location of an invalid map key."""

Written = Callable[[Path], str | None]
"""Returns the scalar at a path as written in the file, quotes included; None for any other value."""

Anchored = Callable[[Path], bool]
"""Returns whether the YAML value at a path, or a value in it, has an anchor."""


def check_shape(
    value: Json, path: Path = (), written: Written = lambda _: None, anchored: Anchored = lambda _: False
) -> tuple[FlowDocument | None, list[Finding]]:
    """Return the document that ``value`` is, or the findings about its shape. ``path`` leads to the value.

    A misspelled key or a list around an object is one finding: what is inside is checked as if it were correct. After
    200 mismatches a last finding says that there are more.
    """
    document, mismatches = _parse(value)
    if document is not None:
        return document, []
    corrected = CorrectedFlow(value)
    while len(corrected) < _MAX_MISMATCHES and corrected.correct(mismatches):
        _, mismatches = _parse(corrected.flow)
    located = [
        (mismatch, corrected.as_written(mismatch.path)) for mismatch in corrected.remaining(mismatches)
    ]
    findings = []
    for mismatch, inner in [*corrected.corrections, *located]:
        location = path + inner
        finding = _to_finding(replace(mismatch, written=written(location)), location)
        findings.append(_with_anchor_hint(finding) if anchored(location) else finding)
    if max(len(mismatches), len(corrected)) >= _MAX_MISMATCHES:
        findings.append(Issue(TOO_MANY_ERRORS, path, "the flow has more errors than listed").to_finding())
    return None, findings


def _with_anchor_hint(finding: Finding) -> Finding:
    if finding.rule != UNKNOWN_KEY.id or (finding.hint or "").startswith("did you mean"):
        return finding
    return replace(
        finding, hint="a key cannot only hold anchors: define each anchor where its value is first used"
    )


def _parse(value: Json) -> tuple[FlowDocument | None, list[Mismatch]]:
    try:
        return FlowDocument.model_validate(value), []
    except ValidationError as errors:
        return None, [_mismatch(error) for error in errors.errors(include_url=False)[:_MAX_MISMATCHES]]


def _mismatch(error: ErrorDetails) -> Mismatch:
    kind, path, limits = error["type"], error["loc"], error.get("ctx", {})
    of_key = path[-1:] == (_MAP_KEY,) and path[-2:-1] == (error["input"],) and kind != "extra_forbidden"
    limit = next((limits[name] for name in ("min_length", "max_length", "ge", "le") if name in limits), None)
    return Mismatch(kind, path[:-1] if of_key else path, error["input"], limit, limits.get("pattern"), of_key)


def _to_finding(mismatch: Mismatch, path: Path) -> Finding:
    issue = describe(mismatch)
    return issue._replace(path=path).to_finding(of_name=mismatch.of_key or issue.rule is UNKNOWN_KEY)
