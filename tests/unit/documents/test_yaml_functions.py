"""CloudFormation's tags are read as functions, if the reader of a template asks for it."""

import pytest

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.parsing import parse
from appflow_gitops.findings import Json, Position


def read(text: str, *, functions: bool = True) -> tuple[list[Json], Collector]:
    collector = Collector()
    documents = parse(text, "template.yaml", collector, functions=functions)
    return [document.value for document in documents], collector


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Stage", {"Ref": "Stage"}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!Sub '${Stage}-x'", {"Fn::Sub": "${Stage}-x"}),
        ("!Ref 0600", {"Ref": "0600"}),
        ("!If [A, !Ref B, {c: !GetAtt D.E}]", {"Fn::If": ["A", {"Ref": "B"}, {"c": {"Fn::GetAtt": "D.E"}}]}),
        ("!Transform {Name: x}", {"Fn::Transform": {"Name": "x"}}),
        ("[&a !Ref B, *a]", [{"Ref": "B"}, {"Ref": "B"}]),
        ("{a: &a !Join ['', [b]], c: *a}", {"a": {"Fn::Join": ["", ["b"]]}, "c": {"Fn::Join": ["", ["b"]]}}),
    ],
)
def test_a_tag_becomes_an_object_with_the_function(text: str, value: Json) -> None:
    values, collector = read(text)
    assert collector.findings == []
    assert values == [value]


def test_a_value_inside_a_function_has_its_position() -> None:
    (document,) = parse("a: 1\nb: !Sub\n  - ${C}\n  - C: !Ref D\n", "t.yaml", Collector(), functions=True)
    span, found = document.source_map.find(("b", "Fn::Sub", 1, "C", "Ref"))
    assert found
    assert document.source_map.lines.position(span.start) == Position(4, 8)
    assert document.source_map.lines.text[span.start : span.end] == "!Ref D"


def test_other_tags_are_still_rejected() -> None:
    for text in ("!Unknown x", "!!python/name:os.system x"):
        _, collector = read(text)
        assert [finding.rule for finding in collector.findings] == ["AFG013"]


def test_documents_have_no_functions() -> None:
    values, collector = read("a: !Ref B", functions=False)
    assert values == [{"a": "B"}]
    assert [finding.rule for finding in collector.findings] == ["AFG013"]
