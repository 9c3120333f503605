"""The selection of findings by ``--select`` and ``--ignore``."""

import pytest

from appflow_gitops.findings import Finding, Severity
from appflow_gitops_cli.documents.selection import Selection, rule_prefixes


def error(rule: str) -> Finding:
    return Finding(rule, Severity.ERROR, (), "")


def warning(rule: str) -> Finding:
    return Finding(rule, Severity.WARNING, (), "")


@pytest.mark.parametrize(
    ("selection", "finding", "kept"),
    [
        (Selection(), warning("AFG205"), True),
        (Selection(select=("AFG2",)), warning("AFG205"), True),
        (Selection(select=("AFG205",)), warning("AFG205"), True),
        (Selection(select=("AFG205",)), warning("AFG206"), False),
        (Selection(select=("AFG206", "AFG20")), warning("AFG205"), True),
        (Selection(ignore=("AFG2",)), warning("AFG205"), False),
        (Selection(ignore=("AFG206",)), warning("AFG205"), True),
        (Selection(select=("AFG2",), ignore=("AFG205",)), warning("AFG205"), False),
        (Selection(ignore=("AFG2",)), error("AFG210"), False),
        (Selection(ignore=("AFG0",)), warning("AFG027"), False),
    ],
)
def test_rules_are_selected_by_prefix(selection: Selection, finding: Finding, kept: bool) -> None:
    assert selection.keeps(finding) is kept


@pytest.mark.parametrize("rule", ["AFG000", "AFG004", "AFG101"])
@pytest.mark.parametrize("selection", [Selection(ignore=("AFG",)), Selection(select=("AFG2",))])
def test_errors_of_reading_and_shape_are_always_kept(rule: str, selection: Selection) -> None:
    assert selection.keeps(error(rule))


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("AFG201", ("AFG201",)),
        ("afg2", ("AFG2",)),
        ("AFG2xx, AFG101", ("AFG2", "AFG101")),
        ("AFG", ("AFG",)),
    ],
)
def test_rules_may_be_ids_prefixes_or_patterns(text: str, prefixes: tuple[str, ...]) -> None:
    assert rule_prefixes(text) == prefixes


@pytest.mark.parametrize("text", ["", "E501", "AFG2011", "AFG201,", "2"])
def test_an_invalid_rule_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        rule_prefixes(text)
