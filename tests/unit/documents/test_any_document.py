"""Reading never raises, and returns what was written, with its positions, for any bytes."""

import json
from collections.abc import Iterator
from itertools import cycle

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.documents.positions import FlowLocator, TextDocument
from appflow_gitops.documents.read import read_document, read_value
from appflow_gitops.documents.yaml_text import read_yaml
from appflow_gitops.findings import MAX_EXACT_INTEGER, Json, Path

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(["a.json", "a.yaml", "-"])
KEY = st.sampled_from(
    [
        "sourceFlowConfig",
        "sourceConnectorProperties",
        "destinationFlowConfigList",
        "destinationConnectorProperties",
        "tasks",
        "connectorOperator",
        "s3",
        "S3",
        "bucketKey",
        "connectorType",
        "taskType",
        "sourceFields",
        "triggerConfig",
        "triggerType",
        "triggerProperties",
        "Scheduled",
        "scheduleStartTime",
        "flowStatus",
        "createdAt",
        "flowName",
    ]
)
FLOWLIKE = st.recursive(
    SCALAR
    | st.sampled_from(["Map_all", "OnDemand", "S3", "2026-01-01T00:00:00", "9999-12-31T23:59:59-23:59"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=5),
    max_leaves=30,
)
SIGNS = [*"{}[]:,\"'\\\n\r\t #&*!|>%@`~=-?a1\ufeff\u2028\x85\x00\U0001f600"]
WORDS = [
    "\\ud800",
    "  ",
    "- ",
    ": ",
    "&a ",
    "*a",
    "<<",
    "!!set ",
    "!<",
    "%TAG ",
    "---\n",
    "...\n",
    "0x",
    "1e9",
    "NaN",
    "no",
]
SOURCE = st.binary(max_size=64) | st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=40).map("".join)


@given(source=SOURCE, name=NAMES)
@settings(max_examples=600, deadline=1000)
def test_reading_never_raises(source, name):
    read = read_document(source, name)

    assert all(finding.position is not None for finding in read.findings)
    assert all(finding.pointer.encode() is not None for finding in read.findings)


@given(value=FLOWLIKE, name=NAMES)
@settings(max_examples=300, deadline=1000)
def test_converting_never_raises_nor_changes_its_input(value, name):
    before = json.dumps(value)

    assert bool(read_document(before, name).flows) <= isinstance(value, dict | list)
    assert len(read_value(value).flows) == len(read_document(before, "a.json").flows)
    assert json.dumps(value) == before


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_json_is_read_as_written_and_every_value_has_its_position(data):
    value = data.draw(JSON)
    spaces = cycle(data.draw(st.lists(st.sampled_from(["", " ", "\n", "\r\n", "\t"]), min_size=1)))
    text = "".join(token + next(spaces) for token in tokens(value))
    collector = Collector()

    document = read_json(text, collector)

    assert collector.findings == []
    assert document is not None
    assert document.value == value
    for path, inner in scalars(value):
        assert text_at(text, document, path).startswith(json.dumps(inner))


@given(value=st.dictionaries(TEXT, JSON, max_size=4), style=st.sampled_from([None, True, False]))
@example(value={"a": ["=", "<<", "no", "1:30", "2026-01-01", "~", "\x85", "\u2028"]}, style=False)
@settings(max_examples=200, deadline=None)
def test_yaml_is_read_as_written_and_every_value_has_its_position(value, style):
    text = yaml.safe_dump(value, default_flow_style=style, sort_keys=False)
    collector = Collector()

    (document,) = read_yaml(text, collector)

    assert collector.findings == []
    assert document.value == value
    locator = FlowLocator(document.source_map, {})
    for path, inner in scalars(value):
        written = locator.written(path) or ""
        assert text_at(text, document, path).startswith(written)
        assert yaml.safe_load(written) == inner


def tokens(value: Json) -> Iterator[str]:
    """``value`` as JSON, token by token."""
    if isinstance(value, dict):
        yield "{"
        for index, (key, inner) in enumerate(value.items()):
            yield from [","] * (index > 0)
            yield from (json.dumps(key), ":", *tokens(inner))
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, inner in enumerate(value):
            yield from [","] * (index > 0)
            yield from tokens(inner)
        yield "]"
    else:
        yield json.dumps(value)


def scalars(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(inner, (*path, index))
    else:
        yield path, value


def text_at(text: str, document: TextDocument, path: Path) -> str:
    """The text that starts at the position of the value."""
    position = FlowLocator(document.source_map, {}).position(path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join([lines[position.line - 1][position.column - 1 :], *lines[position.line :]])
