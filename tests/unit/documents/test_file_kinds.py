"""Every kind of file that is not text, every tag of YAML, every syntax error: what is reported, and the fix."""

import pytest

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.read import read_document
from appflow_gitops.findings import Finding, Position

ELSEWHERE = "move it out of the folder of flow documents"
UTF_8 = "save the file as UTF-8"


def only(source: bytes | str, name: str) -> Finding:
    [finding] = read_document(source, name).findings
    return finding


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        *(
            (start + b"x" * 8, f"file is compressed with {kind}, expected UTF-8 text", "decompress it")
            for start, kind in (
                (b"\x1f\x8b", "gzip"),
                (b"PK\x03\x04", "zip"),
                (b"PK\x05\x06", "zip"),
                (b"BZh", "bzip2"),
                (b"\xfd7zXZ\x00", "xz"),
                (b"\x28\xb5\x2f\xfd", "zstd"),
                (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
            )
        ),
        *(
            (mark + b"{", f"file is encoded as {encoding}, expected UTF-8", UTF_8)
            for mark, encoding in (
                (b"\xff\xfe\x00\x00", "UTF-32"),
                (b"\x00\x00\xfe\xff", "UTF-32"),
                (b"\xff\xfe", "UTF-16"),
                (b"\xfe\xff", "UTF-16"),
            )
        ),
        *(
            (start + b"x" * 8, f"expected UTF-8 text, got {kind}", ELSEWHERE)
            for start, kind in (
                (b"%PDF-", "a PDF file"),
                (b"\x89PNG", "a PNG image"),
                (b"\xff\xd8\xff", "a JPEG image"),
                (b"PAR1", "a Parquet file"),
                (b"x\0\0\0\0", "a binary file"),
            )
        ),
        (
            b"\0GITCRYPT\0x",
            "expected UTF-8 text, got a file encrypted with git-crypt",
            "run 'git-crypt unlock'",
        ),
        (
            b"\xe9",
            "byte 0xe9 is not valid UTF-8",
            f"{UTF_8}; the encoding may be Latin-1 or Windows-1252",
        ),
        (
            b"a\0bc",
            "unexpected control character U+0000",
            f"{UTF_8}; the encoding may be UTF-16 or UTF-32",
        ),
        (
            b"a\0bcd",
            "unexpected control character U+0000",
            "remove it, or write it as an escape sequence",
        ),
    ],
)
def test_a_file_that_is_not_text_is_named_with_what_to_do(source: bytes, message: str, hint: str) -> None:
    finding = only(source, "flow.yaml")
    assert (finding.rule, finding.message, finding.hint) == ("AFG002", message, hint)
    assert finding.position == Position(1, 2 if "control character" in message else 1)


@pytest.mark.parametrize("control", [*range(9), 11, 12, *range(14, 32)])
def test_every_control_character_but_tabs_and_line_breaks_is_rejected(control: int) -> None:
    finding = only(b"a: long enough " + bytes([control]), "flow.yaml")
    assert (finding.rule, finding.message) == ("AFG002", f"unexpected control character U+{control:04X}")


@pytest.mark.parametrize(
    ("flows", "hint"),
    [
        (0, "shorten it, or move it elsewhere if it declares no flow"),
        (1, "shorten it, or move it elsewhere if it declares no flow"),
        (2, "split it into several files"),
    ],
)
def test_a_file_that_is_too_large_is_split_if_it_has_several_flows(flows: int, hint: str) -> None:
    finding = only(b"flowName" * flows + b" " * MAX_BYTES + b".", "flow.yaml")
    assert (finding.rule, finding.message) == ("AFG001", "file is larger than 1,048,576 bytes (1 MiB)")
    assert (finding.hint, finding.position) == (hint, Position(1, 1))


@pytest.mark.parametrize("source", [b"a: 1\nb: \xe9", b"a: 1\nb: \0"])
def test_what_is_not_text_has_the_position_of_its_first_byte(source: bytes) -> None:
    assert only(source, "flow.yaml").position == Position(2, 4)


FUNCTIONS = (
    "And Base64 Cidr Condition Equals FindInMap GetAtt GetAZs If "
    "ImportValue Join Not Or Ref Select Split Sub Transform"
)


@pytest.mark.parametrize("name", FUNCTIONS.split())
def test_every_function_of_cloudformation_is_recognised(name: str) -> None:
    finding = only(f"a: !{name} b\n", "flow.yaml")
    assert (finding.rule, finding.message) == ("AFG013", f"unsupported tag '!{name}'")
    assert finding.hint == "CloudFormation functions are not evaluated: write the value itself"


@pytest.mark.parametrize("tag", ["!Other", "!!set", "!!Ref"])
def test_another_tag_is_rejected_with_another_hint(tag: str) -> None:
    finding = only(f"a: {tag} b\n", "flow.yaml")
    assert (finding.rule, finding.message) == ("AFG013", f"unsupported tag '{tag}'")
    assert finding.hint == "remove the tag, or put text that starts with '!' in quotes"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "a: b: c\n",
            "unexpected ':'",
            "check the indentation of this line and the one above, and quote text that contains ': '",
        ),
        ("a: - b\n", "unexpected '-'", "start the list on its own line"),
        ("a: 1\nb\nc: 2\n", "missing ':' after a key above this line", None),
        (
            "a: 'it's'\n",
            "expected a key or the end of the object",
            "check the indentation, and quotes inside quoted text",
        ),
        ("- a\nb: 1\n", "expected a list item or the end of the list", "check the indentation"),
        ("a: [1, 2\n", "list or object is not closed", "add the missing ']' or '}'"),
        ("a: {b: 1\n", "list or object is not closed", "add the missing ']' or '}'"),
        ("a: 'b\n", "quoted text is not closed", "add the closing quote"),
        ('a: "\\q"\n', "unknown escape sequence", "double the backslash, or use single quotes"),
        ('a: "\\ud800"\n', "escape sequence is not a character", "write the character itself"),
        ("a: !x!y b\n", "undeclared tag", "put text that starts with '!' in quotes"),
        ("a: 1\n...\nb\n%x\n", "expected '---' before the next document", None),
        ("a:\n\t- b\n", "unexpected tab, expected spaces", "indent with spaces"),
        ("a: @b\n", "unquoted value cannot start with '@'", "put the value in quotes"),
        ("a: `b`\n", "unquoted value cannot start with a backtick", "put the value in quotes"),
        ("a: %b\n", "unquoted value cannot start with '%'", "put the value in quotes"),
        ("a: *\n", "'*' without a name", "put text that starts with '*' in quotes"),
        ("a: &\n", "'&' without a name", "put text that starts with '&' in quotes"),
        (
            "a: {b: ${env.C}}\n",
            "unquoted variable inside brackets",
            'put the variable in quotes: "${env.NAME}"',
        ),
        (
            "<<<<<<< HEAD\na: 1\n",
            "unresolved merge conflict",
            "resolve the conflict and remove all three markers",
        ),
        ("a: \x7f\n", "character not allowed in YAML", "remove it, or write it as an escape sequence"),
        ("\u00a0a: b: c\n", "unexpected ':'", "replace U+00A0 (no-break space) by a space"),
        ("a: 1\n\u00a0b: c: d\n", "unexpected ':'", "replace U+00A0 (no-break space) by a space"),
    ],
)
def test_a_syntax_error_in_yaml_says_how_to_fix_it(text: str, message: str, hint: str | None) -> None:
    finding = only(text, "flow.yaml")
    assert (finding.rule, finding.message, finding.hint) == ("AFG005", message, hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{'a': 1}", "unexpected quotation mark, expected '\"'", "JSON strings use straight double quotes"),
        ('{"a": # 1\n1}', "unexpected comment", "JSON has no comments: remove it, or use YAML"),
        *(
            (
                f'{{"a": {word}}}',
                "unexpected Python literal, expected true, false or null",
                "write the document with json.dumps, not with print",
            )
            for word in ("True", "False", "None")
        ),
        ("{a: 1}", "key without quotes", "put the key in double quotes"),
        (
            '{"a": .5}',
            "invalid number",
            "remove the plus sign, and write digits on both sides of the decimal point",
        ),
        ('{"a": [1,,2]}', "unexpected comma, expected a key or a value", "add what is missing before it"),
        ('{"a": }', "unexpected closing bracket", "add the missing value or opening bracket"),
        (
            '{"a": "b\nc"}',
            "line break or tab inside a string",
            "close the string on the same line, or write \\n or \\t",
        ),
        (r'{"a": "\d"}', "unknown escape sequence", "double the backslash"),
        (
            '{"a": "b',
            "unterminated string",
            "add the closing double quote; the file may be truncated",
        ),
        (
            '{"a": 1 "b": 2}',
            "missing comma",
            "add a comma after the previous value; numbers have no leading zeros",
        ),
        ('{"a": 01}', "missing comma", "add a comma after the previous value; numbers have no leading zeros"),
        ('{"a" 1}', "missing colon after a key", None),
        ('{"a": 1', "unexpected end of file", "the file may be truncated"),
        ('{"a": 1,}', "trailing comma", "remove the comma"),
        ('{"a": 1}x y', "unexpected 'x' after the end of the document", "remove it"),
        ('{"a": 1}[]', "unexpected second JSON document", "put several flows in one array: [{...}, {...}]"),
        ("# a\n{}", "file looks like YAML, expected JSON", "rename the file to .yaml"),
        ('{"a": \u00a01}', "unexpected U+00A0 (no-break space) outside of a string", "remove it"),
    ],
)
def test_a_syntax_error_in_json_says_how_to_fix_it(text: str, message: str, hint: str | None) -> None:
    finding = only(text, "flow.json")
    assert (finding.rule, finding.message, finding.hint) == ("AFG004", message, hint)
