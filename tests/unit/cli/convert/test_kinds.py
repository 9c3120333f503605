"""Every kind of file that ``validate`` refers to ``convert`` is converted, or refused with what to convert instead."""

from appflow_gitops.documents import foreign_kinds
from appflow_gitops_cli.convert.conversion import INSTEAD, READERS

KINDS = [kind for kind in vars(foreign_kinds).values() if isinstance(kind, foreign_kinds.ForeignKind)]


def test_validate_refers_exactly_the_files_that_convert_knows() -> None:
    known = {kind.name for kind in READERS.keys() | INSTEAD.keys()}
    assert {kind.name for kind in KINDS if kind.is_convertible} == known


def test_the_hint_names_the_command() -> None:
    assert "appflow-gitops convert FILE" in foreign_kinds.CONVERT
