"""The output formats of ``plan``: text, JSON, Markdown and the diagram, all of them escaped."""

import html
import json
import re
from typing import Any

import pytest

from appflow_gitops.findings import Finding, Position, Severity
from appflow_gitops.flows.diff import DiffItem
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.sync.plan import Adjustment
from appflow_gitops.validation.policy.hold import Hold
from appflow_gitops_cli.documents.keys import key_from_path
from appflow_gitops_cli.documents.report import DocumentReport
from appflow_gitops_cli.hold_text import describe_hold
from appflow_gitops_cli.plan import markdown, text
from appflow_gitops_cli.plan.diagram import escaped, flow_diagram
from appflow_gitops_cli.plan.markdown import ROOM
from appflow_gitops_cli.plan.report import FlowPlan, OrphanedFlow, PlanReport, as_json, released_text
from appflow_gitops_cli.screen import Screen
from fakes.flow_documents import orders

HOSTILE = '"]; click a href "x" `</code><script>@team [l](http://x.y) | ```\n# h1 \x1b[31m'


def flow(action: Action = Action.UPDATE, *changes: DiffItem, **members: Any) -> FlowPlan:
    return FlowPlan(**{"name": "orders", "file": "flows/orders.yaml", "action": action,
                       "desired": orders(), "changes": changes, **members})  # fmt: skip


RENAMED = DiffItem("change", ("tasks", 1, "destinationField"), "total", "amount")
GONE = DiffItem("remove", ("tasks", 3), {"taskType": "Map", "sourceFields": ["tax"]}, None)
REFUSED = flow(Action.REFUSE, refusal=ErrorDetail("ReplacementRequired", "It cannot be changed."))
ORPHAN = OrphanedFlow("returns", "flows/returns.yaml", "Active")
INVALID = DocumentReport(
    "flows/broken.yaml", (), (Finding("AFG104", Severity.ERROR, (), "no", "yes", Position(3, 7)),), {}
)


WARNED = DocumentReport("flows/w.yaml", (), (Finding("AFG400", Severity.WARNING, ("a",), "hm"),), {})
UNUSUAL = DocumentReport("flows/u.yaml", (), (Finding("AFG253", Severity.WARNING, ("b",), "odd"),), {})
TAKEN_OVER = OrphanedFlow("visits", "flows/old.yaml", "Draft", heirs=("flows/a.yaml", "flows/b.yaml"))
EVERYTHING = PlanReport(
    (
        flow(
            Action.UPDATE,
            RENAMED,
            DiffItem("add", ("description",), None, "new"),
            DiffItem("remove", ("kmsArn",), "key", None),
            adjustments=(Adjustment(pointer="/start", desired=1, sent=2, reason="it has passed"),),
            moved_from="flows/old.yaml",
            hold=Hold("paused", 1_768_478_400.0),
        ),
        flow(Action.CREATE, name="visits", in_draft=True, is_observed=True, hold=Hold("paused", None)),
        REFUSED,
        flow(Action.UNCHANGED, name="same"),
    ),
    (INVALID,),
    ("a note",),
    orphans=(ORPHAN,),
    taken_over=(TAKEN_OVER,),
    deleted=("flows/old.yaml",),
    fields=(WARNED,),
    warned=(UNUSUAL,),
)


@pytest.mark.parametrize(
    ("report", "status", "summary"),
    [
        (PlanReport(()), 0, "no flows"),
        (PlanReport((flow(Action.UNCHANGED),)), 0, "1 unchanged"),
        (PlanReport((flow(Action.UNCHANGED), flow(), flow(Action.CREATE))), 2,
         "1 to create, 1 to update, 1 unchanged"),
        (PlanReport((flow(Action.ACTIVATE), flow(Action.SUSPEND))), 2, "1 to activate, 1 to suspend"),
        (PlanReport((flow(), REFUSED)), 1, "1 to update, 1 refused"),
        (PlanReport((flow(),), (INVALID,)), 1, "1 to update, 1 invalid document"),
        (PlanReport((flow(Action.UNCHANGED, moved_from="flows/old.yaml"),)), 2, "1 to move"),
        (PlanReport((flow(Action.UNCHANGED),), orphans=(ORPHAN,)), 2, "1 unchanged, 1 to orphan"),
        (PlanReport((), deleted=("flows/old.yaml",)), 2, "1 document to delete"),
        (PlanReport((flow(Action.TAG),)), 2, "1 to tag"),
        (PlanReport((flow(Action.UPDATE, moved_from="flows/old.yaml"),)), 2, "1 to update, 1 to move"),
        (PlanReport((), taken_over=(TAKEN_OVER,)), 2, "1 to move"),
        (PlanReport((flow(Action.UNCHANGED),), fields=(INVALID,)), 1,
         "1 unchanged, 1 document with errors about fields"),
        (PlanReport((flow(Action.UNCHANGED),), fields=(WARNED,)), 0, "1 unchanged"),
        (PlanReport((flow(),), warned=(UNUSUAL,)), 2, "1 to update"),
    ],
)  # fmt: skip
def test_exit_status_and_summary_report_every_failure(report: PlanReport, status: int, summary: str) -> None:
    assert (report.exit_status, report.summary) == (status, summary)


def test_text_prints_each_change_with_its_sign() -> None:
    sent = Adjustment(pointer="/start", desired=1, sent=2, reason="it has passed")
    report = PlanReport((flow(Action.UPDATE, RENAMED, GONE, adjustments=(sent,)), REFUSED), notes=("a note",))
    assert list(text.render(report, Screen())) == [
        "~ orders will be updated (flows/orders.yaml)",
        '    ~ /tasks/1/destinationField: "total" -> "amount"',
        "    - /tasks/3:",
        '        taskType: "Map"',
        '        sourceFields: ["tax"]',
        "      /start will be sent as 2: it has passed",
        "",
        "! orders will be refused (flows/orders.yaml)",
        "    ReplacementRequired: It cannot be changed.",
        "",
        "note: a note",
        "Plan: 1 to update, 1 refused",
    ]


def test_p10_text_prints_no_control_character() -> None:
    hostile = flow(
        Action.UPDATE, DiffItem("change", ("tasks", 0, HOSTILE), HOSTILE, HOSTILE), name=HOSTILE, file=HOSTILE
    )
    refused = flow(Action.REFUSE, refusal=ErrorDetail(HOSTILE, HOSTILE), name=HOSTILE)
    printed = "".join(text.render(PlanReport((hostile, refused), notes=(HOSTILE,)), Screen()))
    assert printed.isprintable()


def test_text_shows_flows_that_move_that_lose_their_document_and_that_do_not_run() -> None:
    moved = flow(Action.UNCHANGED, moved_from="flows/old.yaml")
    report = PlanReport((moved, flow(Action.CREATE, in_draft=True)), orphans=(ORPHAN,), deleted=(ORPHAN.key,))
    assert list(text.render(report, Screen(width=200))) == [
        "~ orders will move (flows/orders.yaml)",
        "    moved from flows/old.yaml",
        "",
        "+ orders will be created, in Draft (flows/orders.yaml)",
        "    it will not run; set flowStatus: Active to start it",
        "",
        "- returns will be orphaned: flows/returns.yaml will no longer declare it; the flow stays Active",
        "- flows/returns.yaml will be deleted from the bucket",
        "",
        "Plan: 1 to create, 1 to move, 1 to orphan, 1 document to delete",
    ]


def test_a_pointer_wider_than_the_terminal_breaks_after_slashes() -> None:
    item = DiffItem("change", ("sourceFlowConfig", "sourceConnectorProperties", "S3", "bucketName"), "a", "b")
    lines = list(text.render(PlanReport((flow(Action.UPDATE, item),)), Screen(width=50)))[1:-2]
    assert lines == [
        "    ~ /sourceFlowConfig/",
        "          sourceConnectorProperties/S3/bucketName:",
        '          "a" -> "b"',
    ]


def test_long_lines_are_wrapped_between_words_and_indented() -> None:
    item = DiffItem("change", ("description",), "the orders of the shop", "all the orders of every shop")
    lines = list(text.render(PlanReport((flow(Action.UPDATE, item),)), Screen(width=40)))[1:-2]
    assert lines == [
        '    ~ /description: "the orders of',
        '          the shop" -> "all the orders',
        '          of every shop"',
    ]


def test_nested_values_are_printed_member_by_member() -> None:
    before, after = {"Scheduled": {"offset": 1}}, {"Scheduled": {"offset": 2, "zones": [{"a": 1}, {}]}}
    item = DiffItem("change", ("trigger",), before, after)
    assert list(text.render(PlanReport((flow(Action.UPDATE, item),)), Screen()))[1:-2] == [
        "    ~ /trigger:",
        "        - Scheduled:",
        "          - offset: 1",
        "        + Scheduled:",
        "          + offset: 2",
        "          + zones:",
        "            + -",
        "              + a: 1",
        "            + - {}",
    ]


def test_text_has_colours_only_if_the_screen_has() -> None:
    report = PlanReport((flow(Action.UPDATE, RENAMED),))
    assert "\x1b" not in "".join(text.render(report, Screen()))
    assert "\x1b[33m" in "".join(text.render(report, Screen(colour=True)))


def finding(**members: Any) -> dict[str, Any]:
    return {"pointer": "", "hint": None, "line": None, "column": None, **members}


def test_json_contains_every_member_of_every_part() -> None:
    value = json.loads(as_json(EVERYTHING))
    update, create, refused, same = value.pop("flows")
    assert value == {
        "inSync": False,
        "orphanedFlows": [{"flowName": "returns", "document": "flows/returns.yaml", "flowStatus": "Active"}],
        "takenOverFlows": [
            {"flowName": "visits", "document": "flows/old.yaml", "by": ["flows/a.yaml", "flows/b.yaml"]}
        ],
        "deletedDocuments": ["flows/old.yaml"],
        "invalidDocuments": [
            {
                "file": "flows/broken.yaml",
                "findings": [
                    finding(rule="AFG104", severity="error", message="no", hint="yes", line=3, column=7)
                ],
            }
        ],
        "fieldFindings": [
            {
                "file": "flows/w.yaml",
                "findings": [finding(rule="AFG400", severity="warning", message="hm", pointer="/a")],
            }
        ],
        "warnings": [
            {
                "file": "flows/u.yaml",
                "findings": [finding(rule="AFG253", severity="warning", message="odd", pointer="/b")],
            }
        ],
        "notes": ["a note"],
    }
    plain = {
        "flowName": "orders",
        "file": "flows/orders.yaml",
        "changes": [],
        "adjustments": [],
        "movedFrom": None,
        "inDraft": False,
        "observed": False,
        "held": None,
        "error": None,
    }
    assert update == plain | {
        "action": "update",
        "changes": [
            {"op": "change", "pointer": "/tasks/1/destinationField", "live": "total", "desired": "amount"},
            {"op": "add", "pointer": "/description", "live": None, "desired": "new"},
            {"op": "remove", "pointer": "/kmsArn", "live": "key", "desired": None},
        ],
        "adjustments": [{"pointer": "/start", "desired": 1, "sent": 2, "reason": "it has passed"}],
        "movedFrom": "flows/old.yaml",
        "held": {"reason": "paused", "until": "2026-01-15T12:00:00.000Z"},
    }
    assert create == plain | {
        "flowName": "visits",
        "action": "create",
        "inDraft": True,
        "observed": True,
        "held": {"reason": "paused", "until": None},
    }
    error = {"code": "ReplacementRequired", "message": "It cannot be changed."}
    assert refused == plain | {"action": "refuse", "error": error}
    assert same == plain | {"flowName": "same", "action": "unchanged"}
    assert json.loads(as_json(PlanReport((flow(Action.UNCHANGED),))))["inSync"] is True


def readable(line: str) -> str:
    """The line without the escaping of its values."""
    return html.unescape(line).replace("<code>", "").replace("</code>", "")


def test_markdown_has_every_part_of_a_plan_in_order() -> None:
    lines = "\n".join(markdown.render(EVERYTHING)).splitlines()
    start = lines.index("```mermaid")
    shown = [readable(line) for line in lines[:start]]
    assert shown == [
        f"### Plan: {EVERYTHING.summary}",
        "",
        "> a note",
        "",
        "| flow | action | document | changes |",
        "| --- | --- | --- | --- |",
        "| | invalid | flows/broken.yaml | |",
        "| orders | update, move from flows/old.yaml (held) | flows/orders.yaml | 3 |",
        "| visits | create, in Draft (observed) | flows/orders.yaml | 0 |",
        "| orders | refused: ReplacementRequired | flows/orders.yaml | 0 |",
        "| visits | move | flows/old.yaml | |",
        "| returns | orphan | flows/returns.yaml | |",
        "",
        f"- {released_text(TAKEN_OVER)}",
        f"- {released_text(ORPHAN)}",
        "- flows/old.yaml will be deleted from the bucket",
        "",
        "<details><summary>flows/broken.yaml: invalid</summary>",
        "",
        "```text",
        "3:7: error: no [AFG104]",
        "    hint: yes",
        "```",
        "",
        "</details>",
        "",
        "<details><summary>flows/w.yaml: fields</summary>",
        "",
        "```text",
        "1:1: warning: hm [AFG400]",
        "```",
        "",
        "</details>",
        "",
        "<details><summary>flows/u.yaml: warnings</summary>",
        "",
        "```text",
        "1:1: warning: odd [AFG253]",
        "```",
        "",
        "</details>",
        "",
        "<details><summary>orders: update, move from flows/old.yaml (held)</summary>",
        "",
        "```diff",
        f"! held: {describe_hold(Hold('paused', 1_768_478_400.0))}",
        "@@ /tasks/1/destinationField @@",
        '- "total"',
        '+ "amount"',
        "@@ /description @@",
        '+ "new"',
        "@@ /kmsArn @@",
        '- "key"',
        "! /start will be sent as 2: it has passed",
        "```",
        "",
    ]
    assert [line.count("```mermaid") for line in lines].count(1) == len(("update", "create"))
    assert "! ReplacementRequired: It cannot be changed." in lines


def test_markdown_separates_deleted_documents_from_what_follows() -> None:
    lines = list(markdown.render(PlanReport((), deleted=("old",))))
    assert [readable(line) for line in lines[2:]] == ["- old will be deleted from the bucket", ""]


def test_markdown_escapes_ascii_punctuation_only() -> None:
    assert markdown.escape("a-b c.d_\u00e9\u2713") == "a-b c&#46;d&#95;\u00e9\u2713"


@pytest.mark.parametrize(("number", "diagrams"), [(5, 5), (6, 0)])
def test_markdown_has_diagrams_of_up_to_five_flows(number: int, diagrams: int) -> None:
    report = PlanReport(tuple(flow(Action.CREATE, name=f"flow-{index}") for index in range(number)))
    assert "\n".join(markdown.render(report)).count("```mermaid") == diagrams


@pytest.mark.parametrize(("number", "rows", "more"), [(100, 100, []), (101, 100, ["1 more"])])
def test_markdown_has_rows_of_up_to_a_hundred_flows(number: int, rows: int, more: list[str]) -> None:
    report = PlanReport(tuple(flow(Action.TAG, name=f"flow-{index}") for index in range(number)))
    lines = "\n".join(markdown.render(report)).splitlines()
    assert sum(line.startswith("| <code>") for line in lines) == rows
    assert [line for line in lines if line.endswith("more")] == more


@pytest.mark.parametrize(("length", "shown"), [(1998, f'"{"x" * 1998}"'), (1999, f'"{"x" * 1999}...')])
def test_markdown_cuts_values_after_two_thousand_characters(length: int, shown: str) -> None:
    report = PlanReport((flow(Action.TAG, DiffItem("add", ("a",), None, "x" * length)),))
    [line] = [line for line in "\n".join(markdown.render(report)).splitlines() if line.startswith("+ ")]
    assert line == f"+ {shown}"


def test_markdown_has_a_table_folded_diffs_and_a_diagram() -> None:
    lines = "\n".join(markdown.render(PlanReport((flow(Action.UPDATE, RENAMED),), (INVALID,))))
    assert lines.startswith("### Plan: 1 to update, 1 invalid document\n")
    assert "| <code>orders</code> | update | <code>flows&#47;orders&#46;yaml</code> | 1 |" in lines
    assert '```diff\n@@ /tasks/1/destinationField @@\n- "total"\n+ "amount"\n```' in lines
    assert "```mermaid\nflowchart LR\n" in lines
    assert "```text\n3:7: error: no [AFG104]\n    hint: yes\n```" in lines
    assert lines.count("<details>") == lines.count("</details>") == 2


@pytest.mark.parametrize(("status", "end"), [("Suspended", "stays Suspended"), ("", "is not deleted")])
def test_an_orphan_of_unknown_status_is_said_not_to_be_deleted(status: str, end: str) -> None:
    assert released_text(OrphanedFlow("returns", "flows/returns.yaml", status)).endswith(f"the flow {end}")


def test_the_diagram_marks_only_changes() -> None:
    drawn = list(flow_diagram(flow(Action.UPDATE, RENAMED, GONE)))
    marked = [line.strip() for line in drawn if ":::" in line]
    assert marked == [
        'task1["#126; Map id to id"]:::change',
        'removed3["#45; Map tax"]:::remove',
    ]
    assert '  source["S3 shop#45;raw"] --> tasks' in drawn
    assert '  tasks --> destination0["S3 shop#45;lake"]' in drawn


@pytest.mark.parametrize(
    ("connector", "properties", "shown"),
    [
        ("Salesforce", {"object": "Account"}, "Salesforce Account"),
        ("CustomConnector", {"entityName": "tasks"}, "CustomConnector tasks"),
        ("S3", {"bucketName": "lake"}, "S3 lake"),
        ("Redshift", {"object": "orders", "intermediateBucketName": "staging"}, "Redshift orders"),
        ("CustomerProfiles", {"domainName": "shop"}, "CustomerProfiles"),
    ],
)
def test_the_diagram_names_the_object_of_every_connector(
    connector: str, properties: dict[str, str], shown: str
) -> None:
    source = {"connectorType": connector, "sourceConnectorProperties": {connector: properties}}
    drawn = list(flow_diagram(flow(Action.UPDATE, desired=orders(sourceFlowConfig=source))))
    assert f'  source["{shown}"] --> tasks' in drawn


def test_in_the_diagram_of_a_new_flow_everything_is_added() -> None:
    everything = [DiffItem("add", (name,), None, "...") for name in ("triggerConfig", "sourceFlowConfig")]
    everything += [DiffItem("add", ("destinationFlowConfigList", 0), None, "...")]
    everything += [DiffItem("add", ("tasks", number), None, "...") for number in range(3)]
    drawn = list(flow_diagram(flow(Action.CREATE, *everything)))
    assert sum(":::add" in line for line in drawn) == 6


def test_a_diagram_of_hundreds_of_tasks_shows_the_changed_ones() -> None:
    tasks = [{"taskType": "Map", "sourceFields": [f"f{number}"]} for number in range(500)]
    changed = DiffItem("add", ("tasks", 499), None, tasks[499])
    drawn = list(flow_diagram(flow(Action.UPDATE, changed, desired=orders(tasks=tasks))))
    assert any("f499" in line and ":::add" in line for line in drawn)
    assert any("488 more" in line for line in drawn)
    assert len(drawn) < 30


def test_p10_no_name_or_value_is_markup_in_a_comment() -> None:
    task = {"taskType": HOSTILE, "sourceFields": [HOSTILE], "destinationField": HOSTILE}
    hostile = flow(
        Action.UPDATE,
        DiffItem("change", ("tasks", 0, HOSTILE), HOSTILE, HOSTILE),
        name=HOSTILE,
        file=HOSTILE,
        desired=orders(tasks=[task]),
    )
    refused = flow(Action.REFUSE, refusal=ErrorDetail(HOSTILE, HOSTILE), name=HOSTILE)
    lines = "\n".join(markdown.render(PlanReport((hostile, refused), notes=(HOSTILE,)))).split("\n")
    fences = [line for line in lines if line.startswith("```")]
    assert fences == ["```diff", "```", "```mermaid", "```", "```diff", "```"]
    outside = re.sub(r"```\w+\n.*?\n```\n", "", "\n".join(lines), flags=re.DOTALL)
    assert not re.search(r"<script|@team|\[l\]|`|http://", outside)
    assert "\x1b" not in "".join(lines)
    drawn = "\n".join(flow_diagram(hostile))
    assert re.findall(r'"[^"]*\bclick\b[^"]*"', drawn)
    assert not re.search(r"<|`|@|http:", drawn)


@pytest.mark.parametrize("text", [HOSTILE, "%%{init: {}}%%", "end", "#quot;"])
def test_p10_a_label_contains_only_letters_and_escaped_signs(text: str) -> None:
    assert re.fullmatch(r"(?:[^\W_]|[ .]|#\d+;)*", escaped(text))
    assert '"' not in escaped(text)


def test_a_comment_fits_githubs_limit_and_counts_what_is_left_out() -> None:
    long = DiffItem("change", ("description",), "a" * 1500, "b" * 1500)
    report = PlanReport(tuple(flow(Action.UPDATE, long, name=f"orders-{number}") for number in range(400)))
    comment = "\n".join(markdown.render(report))
    assert len(comment) < ROOM
    assert "300 more" in comment
    shown = comment.count("<details>")
    assert shown
    assert f"{400 - shown} more not shown" in comment


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("flows/sales/orders.yaml", "flows/sales/orders.yaml"),
        ("./flows/orders.yaml", "flows/orders.yaml"),
        ("elsewhere/orders.yaml", None),
        ("/home/flows/orders.yaml", None),
        ("flows/../orders.yaml", None),
        ("-", None),
    ],
)
def test_only_a_path_that_starts_with_the_prefix_has_a_key(file: str, key: str | None) -> None:
    assert key_from_path("flows/", file) == key


@pytest.mark.parametrize(("length", "end"), [(80, ""), (81, "#46;#46;#46;")])
def test_a_label_is_cut_after_80_characters(length: int, end: str) -> None:
    assert escaped("x" * length) == "x" * 80 + end


@pytest.mark.parametrize(
    ("task", "label"),
    [
        ({"taskType": "Map", "sourceFields": ["a", "b", "c"], "destinationField": "d"}, "Map a, b, c to d"),
        ({"taskType": "Merge", "sourceFields": ["a", "b", "c", "d"]}, "Merge a, b, c, ..."),
        ({"taskType": "Map_all", "sourceFields": []}, "Map_all"),
        ({"sourceFields": "a", "destinationField": "b"}, "to b"),
    ],
)
def test_a_task_is_named_by_its_type_and_up_to_three_fields(task: dict[str, Any], label: str) -> None:
    drawn = list(flow_diagram(flow(desired=orders(tasks=[task]))))
    assert f'    task0["{escaped(label)}"]' in drawn


@pytest.mark.parametrize(("number", "shown", "more"), [(12, 12, []), (13, 12, ["1 more"])])
def test_a_diagram_has_up_to_12_tasks(number: int, shown: int, more: list[str]) -> None:
    tasks = [{"taskType": "Map", "sourceFields": [f"f{index}"]} for index in range(number)]
    drawn = [line.strip() for line in flow_diagram(flow(desired=orders(tasks=tasks)))]
    assert [line.split("[")[0] for line in drawn if re.match(r"task\d+\[", line)] == [
        f"task{index}" for index in range(shown)
    ]
    assert [line for line in drawn if "more" in line] == [f'more["{each}"]' for each in more]


def test_a_diagram_has_the_whole_flow_and_the_colours_of_changes() -> None:
    changed = (
        DiffItem("change", ("triggerConfig", "triggerType"), "Event", "OnDemand"),
        DiffItem("add", ("sourceFlowConfig",), None, {}),
        DiffItem("change", ("destinationFlowConfigList", 0, "connectorType"), "S3", "S3"),
    )
    one = [{"taskType": "Map_all"}]
    assert list(flow_diagram(flow(Action.UPDATE, *changed, desired=orders(tasks=one)))) == [
        "flowchart LR",
        '  trigger["#126; OnDemand"]:::change --> source',
        '  source["#43; S3 shop#45;raw"]:::add --> tasks',
        "  subgraph tasks",
        '    task0["Map#95;all"]',
        "  end",
        '  tasks --> destination0["#126; S3 shop#45;lake"]:::change',
        "  classDef add stroke:#2da44e,stroke-width:3px",
        "  classDef change stroke:#bf8700,stroke-width:3px",
        "  classDef remove stroke:#cf222e,stroke-width:3px,stroke-dasharray:5",
    ]


def test_only_tasks_that_are_removed_as_a_whole_are_drawn_as_removed() -> None:
    changed = (
        DiffItem("remove", ("tasks", 0, "destinationField"), "total", None),
        DiffItem("remove", ("tasks", 7), "text", None),
        DiffItem("remove", ("tags", "team"), "shop", None),
    )
    drawn = [line.strip() for line in flow_diagram(flow(Action.UPDATE, *changed))]
    marked = [line for line in drawn if ":::" in line]
    assert marked == ['task0["#126; Filter id#44; total"]:::change']


def test_details_take_half_of_the_room_of_a_comment() -> None:
    long = DiffItem("change", ("description",), "a" * 400, "b" * 400)
    report = PlanReport(tuple(flow(Action.TAG, long, name=f"orders-{number}") for number in range(90)))
    comment = "\n".join(markdown.render(report))
    details = comment[comment.index("<details>") : comment.rindex("</details>")]
    assert ROOM // 2 - 1_000 < len(details) < ROOM // 2 + 1_000


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (PlanReport((flow(Action.UNCHANGED),)), 32),
        (PlanReport((flow(),)), 33),
        (PlanReport((REFUSED,)), 31),
    ],
    ids=["in sync", "changes", "refused"],
)
def test_the_summary_has_the_colour_of_the_exit_status(report: PlanReport, code: int) -> None:
    assert list(text.render(report, Screen(colour=True)))[-1] == (
        f"\x1b[{code}m\x1b[1mPlan: {report.summary}\x1b[0m"
    )


def test_text_has_every_part_of_a_plan_in_order() -> None:
    assert list(text.render(EVERYTHING, Screen(width=120))) == [
        "flows/broken.yaml:3:7: error: no [AFG104]",
        "      hint: yes",
        "",
        "flows/w.yaml:1:1: warning: hm [AFG400]",
        "",
        "flows/u.yaml:1:1: warning: odd [AFG253]",
        "",
        "~ orders will be updated (flows/orders.yaml)",
        "    moved from flows/old.yaml",
        f"    it will be held: {describe_hold(Hold('paused', 1_768_478_400.0))}",
        '    ~ /tasks/1/destinationField: "total" -> "amount"',
        '    + /description: "new"',
        '    - /kmsArn: "key"',
        "      /start will be sent as 2: it has passed",
        "",
        "+ visits would be created, but is only observed, in Draft (flows/orders.yaml)",
        "    it will not run; set flowStatus: Active to start it",
        "",
        "! orders will be refused (flows/orders.yaml)",
        "    ReplacementRequired: It cannot be changed.",
        "",
        f"~ {released_text(TAKEN_OVER)}",
        f"- {released_text(ORPHAN)}",
        "- flows/old.yaml will be deleted from the bucket",
        "",
        "note: a note",
        f"Plan: {EVERYTHING.summary}",
    ]


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (Action.CREATE, "+ orders will be created (flows/orders.yaml)"),
        (Action.UPDATE, "~ orders will be updated (flows/orders.yaml)"),
        (Action.ACTIVATE, "~ orders will be activated (flows/orders.yaml)"),
        (Action.SUSPEND, "~ orders will be suspended (flows/orders.yaml)"),
        (Action.TAG, "~ orders will be tagged (flows/orders.yaml)"),
        (Action.REFUSE, "! orders will be refused (flows/orders.yaml)"),
    ],
)
def test_text_says_what_happens_to_a_flow(action: Action, line: str) -> None:
    assert list(text.render(PlanReport((flow(action),)), Screen()))[:2] == [line, ""]


@pytest.mark.parametrize(
    ("hold", "shown"),
    [
        (Hold("paused", 1_768_478_400.0), "paused; until 2026-01-15 12:00 UTC"),
        (Hold("paused", None), "paused"),
    ],
)
def test_a_hold_says_why_and_until_when(hold: Hold, shown: str) -> None:
    assert describe_hold(hold) == shown
