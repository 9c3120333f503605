"""Which findings are shown and count."""

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
def test_the_prefix_of_a_rule_decides(selection: Selection, finding: Finding, kept: bool) -> None:
    assert selection.keeps(finding) is kept


@pytest.mark.parametrize("rule", ["AFG000", "AFG004", "AFG101"])
@pytest.mark.parametrize("selection", [Selection(ignore=("AFG",)), Selection(select=("AFG2",))])
def test_an_error_of_reading_or_shape_always_stays(rule: str, selection: Selection) -> None:
    assert selection.keeps(error(rule))


@pytest.mark.parametrize(
    ("given", "prefixes"),
    [
        ("AFG201", ("AFG201",)),
        ("afg2", ("AFG2",)),
        ("AFG2xx, AFG101", ("AFG2", "AFG101")),
        ("AFG", ("AFG",)),
    ],
)
def test_rules_are_written_as_people_write_them(given: str, prefixes: tuple[str, ...]) -> None:
    assert rule_prefixes(given) == prefixes


@pytest.mark.parametrize("given", ["", "E501", "AFG2011", "AFG201,", "2"])
def test_what_is_no_rule_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        rule_prefixes(given)
