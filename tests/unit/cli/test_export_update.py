"""``export --update``: a live edit is written into the document, and nothing else in it changes."""

import difflib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops.documents.variables import Variables
from appflow_gitops.flows.live import parse_flow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.plan import difference, tag_difference
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.validate import validate
from appflow_gitops_cli.export.exporter import ExportResult
from appflow_gitops_cli.export.update import Documents, update_flow

ENVIRONMENT = Environment(variables=Variables({"LAKE": "data-lake", "PROFILE": "crm"}))

BLOCK = """\
# The orders of the shop.
flowName: hourly-orders   # keep this name
description: 'Orders of the shop'

triggerConfig:
  triggerType: Scheduled
  triggerProperties:
    Scheduled:
      scheduleExpression: rate(1hours)   # not more often
      dataPullMode: Incremental
sourceFlowConfig:
    connectorType: Salesforce
    connectorProfileName: ${env.PROFILE}
    sourceConnectorProperties:
        Salesforce:
            object: Order
destinationFlowConfigList:
- connectorType: S3
  destinationConnectorProperties:
    S3:
      bucketName: ${env.LAKE}
      bucketPrefix: raw
tasks:
# what is loaded
- taskType: Filter
  sourceFields:
  - Id        # the key
  - Amount
  connectorOperator: {Salesforce: PROJECTION}
- taskType: Map
  sourceFields: [Id]
  destinationField: Id
  connectorOperator: {Salesforce: NO_OP}
- sourceFields: [Amount]
  destinationField: Amount
  taskType: Map
  connectorOperator: {Salesforce: NO_OP}
# who pays
tags:
  team: shop
  cost: "42"
flowStatus: Active
# the end
"""
FLOW_STYLE = """\
- {flowName: other, triggerConfig: {triggerType: OnDemand},  # untouched
   sourceFlowConfig: {connectorType: Salesforce, connectorProfileName: crm,
                      sourceConnectorProperties: {Salesforce: {object: Order}}},
   destinationFlowConfigList: [{connectorType: S3, destinationConnectorProperties: {S3: {bucketName: x-lake}}}],
   tasks: [{taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}]}
- flowName: hourly-orders
  description:   "Orders of the shop"
  triggerConfig: {triggerType: Scheduled,
    triggerProperties: {Scheduled: {scheduleExpression: rate(1hours), dataPullMode: Incremental}}}
  sourceFlowConfig: {connectorType: Salesforce, connectorProfileName: "${env.PROFILE}",
    sourceConnectorProperties: {Salesforce: {object: Order}}}
  destinationFlowConfigList: [
    {connectorType: S3, destinationConnectorProperties: {S3: {bucketName: "${env.LAKE}", bucketPrefix: raw}}}]
  tasks:
    # what is loaded
    - {taskType: Filter, sourceFields: [Id, Amount], connectorOperator: {Salesforce: PROJECTION}}
    - {taskType: Map, sourceFields: [Id], destinationField: Id, connectorOperator: {Salesforce: NO_OP}}

    - {taskType: Map, sourceFields: [Amount], destinationField: Amount, connectorOperator: {Salesforce: NO_OP}} # sum
  tags: {team: shop, cost: "42"}
  flowStatus: Active
"""


def plain(text: str = BLOCK) -> dict[str, Any]:
    [flow] = validate(text.encode(), "a.yaml", ENVIRONMENT).flows
    assert flow.document, flow.findings
    value: dict[str, Any] = json.loads(json.dumps(flow.document.to_wire()))
    return value


def with_variables(flow: dict[str, Any]) -> dict[str, Any]:
    flow["sourceFlowConfig"]["connectorProfileName"] = "${env.PROFILE}"
    flow["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]["bucketName"] = "${env.LAKE}"
    return flow


FILES = {
    "block.yaml": BLOCK,
    "flow.yml": FLOW_STYLE,
    "windows.yaml": BLOCK.replace("\n", "\r\n"),
    "pretty.json": json.dumps(with_variables(plain()), indent=4) + "\n",
    "compact.json": json.dumps(with_variables(plain())),
}
"""Documents of one flow in five forms."""


def scalar(flow: dict[str, Any]) -> None:
    flow["description"] = "Orders, by hand, all of them"


def schedule_and_status(flow: dict[str, Any]) -> None:
    flow["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleExpression"] = "rate(2hours)"
    flow["flowStatus"] = "Suspended"


def field(flow: dict[str, Any]) -> None:
    flow["tasks"][0]["sourceFields"].append("Status")
    flow["tasks"].append({**flow["tasks"][1], "sourceFields": ["Status"], "destinationField": "Status"})


def less(flow: dict[str, Any]) -> None:
    del flow["tasks"][2]
    flow["tasks"][0]["sourceFields"].remove("Amount")
    del flow["tags"]["cost"]
    flow["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]["bucketPrefix"] = (
        "raw/orders"
    )


EDITS: dict[Callable[[dict[str, Any]], None], int] = {scalar: 1, schedule_and_status: 2, field: 6, less: 8}
"""Edit -> how many lines of a YAML document may change."""


class Live:
    """AppFlow with one flow."""

    def __init__(self, flow: dict[str, Any]) -> None:
        self.flow = flow

    def summaries(self) -> list[FlowSummary]:
        return []

    def describe(self, name: str) -> Any:
        arn = f"arn:aws:appflow:eu-west-1:123456789012:flow/{name}"
        return parse_flow({**self.flow, "flowArn": arn, "flowStatus": self.flow["flowStatus"]})


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", FILES)
def test_of_twenty_documents_only_the_edit_changes(
    tmp_path: Path, name: str, edit: Callable[[dict[str, Any]], None]
) -> None:
    file = tmp_path / name
    file.write_bytes(FILES[name].encode())
    flow = deepcopy(plain())
    edit(flow)
    live = Live(flow)
    exported = update_flow(live, Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    after = file.read_bytes().decode()
    checked = validate(after.encode(), name, ENVIRONMENT)
    document = checked.flows[-1].document
    assert document
    described = live.describe("hourly-orders")
    assert difference(document, described) == tag_difference(document, described) == ()
    assert document.flowStatus == flow["flowStatus"]
    assert after.count("${env.") == 2
    lost = {comment for comment in comments(FILES[name]) if comment not in comments(after)}
    assert lost <= ({"sum"} if edit is less else set())
    changed = [
        line
        for line in difflib.ndiff(FILES[name].splitlines(), after.splitlines())
        if line.startswith(("+ ", "- "))
    ]
    assert len(changed) <= 2 * EDITS[edit] + 4


def test_the_edited_block_reads_as_if_written_by_hand(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BLOCK)
    flow = deepcopy(plain())
    field(flow)
    scalar(flow)
    update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    lines = difflib.unified_diff(
        BLOCK.splitlines(), (tmp_path / "a.yaml").read_text().splitlines(), lineterm="", n=0
    )
    assert [line for line in lines if not line.startswith(("---", "+++", "@@"))] == [
        "-description: 'Orders of the shop'",
        "+description: 'Orders, by hand, all of them'",
        "+  - Status",
        "+- sourceFields: [Status]",
        "+  connectorOperator: {Salesforce: NO_OP}",
        "+  destinationField: Status",
        "+  taskType: Map",
    ]


@pytest.mark.parametrize(
    ("before", "after"), [("2030-01-01T00:00:00Z", "'2031-01-01T00:00:00Z'"), ("1893456000", "1924992000")]
)
def test_a_time_keeps_its_form_and_text_in_the_form_of_a_time_stays_text(
    tmp_path: Path, before: str, after: str
) -> None:
    text = BLOCK.replace("dataPullMode", f"scheduleEndTime: {before}\n      dataPullMode")
    text = text.replace("team: shop", "since: '2026-01-01T00:00:00Z'")
    (tmp_path / "a.yaml").write_text(text)
    flow = deepcopy(plain(text))
    flow["tags"]["since"] = "2027-01-01"
    flow["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleEndTime"] = 1924992000
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    written = (tmp_path / "a.yaml").read_text()
    assert f"scheduleEndTime: {after}\n" in written
    assert "since: '2027-01-01'\n" in written


@pytest.mark.parametrize("name", FILES)
def test_live_text_that_looks_like_a_variable_is_escaped_wherever_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name].encode())
    flow = deepcopy(plain())
    flow["tasks"][0]["sourceFields"] += ["${env.LAKE}", "Status"]
    flow["tasks"].append(
        {**flow["tasks"][1], "sourceFields": ["${env.LAKE}"], "destinationField": "${env.LAKE}"}
    )
    live = Live(flow)
    exported = update_flow(live, Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    after = (tmp_path / name).read_text()
    assert after.count("$${env.LAKE}") == 3
    document = validate(after.encode(), name, ENVIRONMENT).flows[-1].document
    assert document
    assert difference(document, live.describe("hourly-orders")) == ()


@pytest.mark.parametrize("name", FILES)
def test_the_only_task_is_replaced(tmp_path: Path, name: str) -> None:
    flow = with_variables(plain())
    map_all = {"taskType": "Map_all", "sourceFields": [], "connectorOperator": {"Salesforce": "NO_OP"}}
    if name.endswith(".json"):
        before = json.dumps({**flow, "tasks": [map_all]}, indent=2)
    else:
        task = f"taskType: Map_all\n  sourceFields: []\n  connectorOperator: {map_all['connectorOperator']}"
        before = BLOCK[: BLOCK.index("- taskType")] + f"- {task}\n" + BLOCK[BLOCK.index("# who pays") :]
    file = tmp_path / name
    file.write_text(before)
    live = Live({**plain(), "tasks": plain()["tasks"][:2]})
    exported = update_flow(live, Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    document = validate(file.read_bytes(), name, ENVIRONMENT).flows[-1].document
    assert document
    assert difference(document, live.describe("hourly-orders")) == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "flowName: hourly-orders",
            "<<: {flowName: hourly-orders}",
            "does not have the form of UpdateFlow; take the change over by hand",
        ),
        ("# the end", "colour: red", "a.yaml is invalid; see 'appflow-gitops validate'"),
    ],
    ids=["a merged name", "invalid"],
)
def test_a_document_with_a_merged_name_or_an_error_is_not_edited(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    content = BLOCK.replace(old, new)
    (tmp_path / "a.yaml").write_text(content)
    flow = deepcopy(plain())
    scalar(flow)
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is ExportResult.FAILED
    assert problem in str(exported.problem)
    assert (tmp_path / "a.yaml").read_text() == content


def test_in_sync_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BLOCK)
    exported = update_flow(Live(plain()), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is ExportResult.UNCHANGED


@pytest.mark.parametrize("files", [(), ("a.yaml", "b.yaml")])
def test_a_flow_without_exactly_one_document_is_not_updated(tmp_path: Path, files: tuple[str, ...]) -> None:
    (tmp_path / "other.yaml").write_text(BLOCK.replace("hourly-orders", "other"))
    for file in files:
        (tmp_path / file).write_text(BLOCK)
    exported = update_flow(Live(plain()), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is ExportResult.FAILED
    assert "expected one document" in str(exported.problem)


def test_a_document_that_cannot_be_edited_stays_as_it_is(tmp_path: Path) -> None:
    anchored = (
        BLOCK.replace("{Salesforce: PROJECTION}", "{Salesforce: PROJECTION}")
        .replace("sourceFields: [Id]", "sourceFields: &id [Id]")
        .replace("sourceFields: [Amount]", "sourceFields: *id")
    )
    (tmp_path / "a.yaml").write_text(anchored)
    flow = deepcopy(plain(anchored))
    flow["tasks"][2]["sourceFields"] = ["Amount"]
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is ExportResult.FAILED
    assert (tmp_path / "a.yaml").read_text() == anchored


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("outside.yaml", "expected one document in {}/flows that declares the flow, found none"),
        ("flows/original.txt", "cannot write the file: it is a symbolic link"),
    ],
)
def test_no_symbolic_link_is_followed(tmp_path: Path, target: str, problem: str) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    (tmp_path / target).write_text(BLOCK)
    (folder / "link.yaml").symlink_to(tmp_path / target)
    (folder / "broken.yaml").symlink_to(tmp_path / "missing.yaml")
    flow = deepcopy(plain())
    scalar(flow)
    exported = update_flow(Live(flow), Documents(folder, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.FAILED, problem.format(tmp_path))
    assert (tmp_path / target).read_text() == BLOCK


def test_members_that_the_policy_ignores_are_left_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(BLOCK)
    flow = plain()
    flow["description"] = "by hand"
    documents = Documents(tmp_path, ENVIRONMENT, lambda _: (("description",),))
    assert update_flow(Live(flow), documents, "hourly-orders").result is ExportResult.UNCHANGED
    assert file.read_text() == BLOCK


@pytest.mark.parametrize("style", ["|", ">"])
def test_a_description_in_a_block_of_lines_is_replaced(tmp_path: Path, style: str) -> None:
    old = "description: 'Orders of the shop'\n"
    block = BLOCK.replace(old, f"description: {style}\n  Orders of\n  the shop\n")
    (tmp_path / "a.yaml").write_text(block)
    flow = deepcopy(plain())
    scalar(flow)
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    new = "description: 'Orders, by hand, all of them'\n"
    assert (tmp_path / "a.yaml").read_text() == BLOCK.replace(old, new)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_kept(tmp_path: Path, bom: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(bom + BLOCK.encode())
    flow = deepcopy(plain())
    scalar(flow)
    update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    after = (tmp_path / "a.yaml").read_bytes()
    assert after[:12] == (bom + b"# The orders")[:12]
    assert b"all of them" in after


@pytest.mark.parametrize(
    ("wanted", "live", "status"),
    [
        ("Active", "Suspended", "Suspended"),
        ("Active", "Errored", None),
        ("Active", "Active", None),
        (None, "Suspended", None),
    ],
)
def test_the_status_is_written_if_a_document_can_set_it_and_has_one(
    tmp_path: Path, wanted: str | None, live: str, status: str | None
) -> None:
    text = BLOCK if wanted else BLOCK.replace("flowStatus: Active\n", "")
    (tmp_path / "a.yaml").write_text(text)
    flow = {**plain(), "flowStatus": live}
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is (ExportResult.WRITTEN if status else ExportResult.UNCHANGED)
    expected = text.replace("flowStatus: Active", f"flowStatus: {status}") if status else text
    assert (tmp_path / "a.yaml").read_text() == expected


def test_another_flow_of_the_file_that_would_change_as_well_is_protected(tmp_path: Path) -> None:
    other = BLOCK[BLOCK.index("description") :].replace(
        "description: 'Orders of the shop'", "description: *text"
    )
    anchored = BLOCK.replace("description: 'Orders of the shop'", "description: &text Orders of the shop")
    lines = [f"  {line}\n" for line in anchored.splitlines()]
    head = f"  flowName: returns\n{''.join(f'  {line}' + chr(10) for line in other.splitlines())}"
    content = "-" + "".join(lines)[1:] + "-" + head[1:]
    (tmp_path / "a.yaml").write_text(content)
    flow = deepcopy(plain())
    scalar(flow)
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is ExportResult.FAILED
    assert (tmp_path / "a.yaml").read_text() == content


@pytest.mark.parametrize(
    ("error", "problem"),
    [(PermanentError("AccessDenied", "Access Denied"), "AccessDenied"), (None, "no such flow")],
)
def test_a_flow_that_cannot_be_read_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None, problem: str
) -> None:
    def describe(_: str) -> None:
        if error:
            raise error

    live = Live(plain())
    monkeypatch.setattr(live, "describe", describe)
    monkeypatch.setattr("appflow_gitops.aws.clients.describe_account", lambda: "us-east-1")
    (tmp_path / "a.yaml").write_text(BLOCK)
    exported = update_flow(live, Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert exported.result is (ExportResult.FAILED if error else ExportResult.MISSING)
    assert problem in str(exported.problem)


CATALOG = {
    "glueDataCatalog": {
        "roleArn": "arn:aws:iam::123456789012:role/a",
        "databaseName": "b",
        "tablePrefix": "c",
    }
}


@pytest.mark.parametrize(
    ("member", "value", "lines"),
    [
        ("description", "by hand", ["description: by hand"]),
        (
            "metadataCatalogConfig",
            CATALOG,
            [
                "metadataCatalogConfig:",
                "  glueDataCatalog:",
                "    roleArn: arn:aws:iam::123456789012:role/a",
                "    databaseName: b",
                "    tablePrefix: c",
            ],
        ),
    ],
)
def test_a_member_that_only_the_flow_has_is_added(
    tmp_path: Path, member: str, value: Any, lines: list[str]
) -> None:
    text = BLOCK.replace("description: 'Orders of the shop'\n", "")
    (tmp_path / "a.yaml").write_text(text)
    flow = {**plain(text), member: value}
    exported = update_flow(Live(flow), Documents(tmp_path, ENVIRONMENT), "hourly-orders")
    assert (exported.result, exported.problem) == (ExportResult.WRITTEN, None)
    after = (tmp_path / "a.yaml").read_text()
    assert set(lines) <= set(after.splitlines())
    assert len(after.splitlines()) <= len(text.splitlines()) + 6
