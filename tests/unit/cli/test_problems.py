"""A document that is valid by itself is not sent if another declares its flow, or if the stack may not apply it."""

import pytest

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.plan import Plan
from appflow_gitops_cli.documents.compared_flow import ComparedFlow
from appflow_gitops_cli.documents.problems import ProblemFinder
from appflow_gitops_cli.stack_limits import StackLimits
from fakes.flow_documents import orders

DOCUMENT = "s3://documents/flows/orders.json"
LIMITS = {
    "name": StackLimits(flow_name_prefix="dev-"),
    "bucket": StackLimits(flow_buckets=("arn:aws:s3:::other",)),
}


def compared(action: Action, owner: str | None = DOCUMENT) -> ComparedFlow:
    tags = {"appflow-gitops:document": owner} if owner else {}
    live = LiveFlow("orders", "arn", "Active", {}, tags=tags)
    return ComparedFlow(FlowDocument.model_validate(orders()), live, Plan(action))


def missing(action: Action) -> ComparedFlow:
    return ComparedFlow(FlowDocument.model_validate(orders()), None, Plan(action))


def test_a_flow_that_two_documents_declare_is_a_problem_of_both() -> None:
    flow = compared(Action.UNCHANGED)
    finder = ProblemFinder.of([("a.json", ["orders"]), ("b.json", ["orders"])], StackLimits())
    assert finder.find("a.json", DOCUMENT, [flow]) == ("flow 'orders': b.json declares it too",)
    assert finder.find("b.json", None, [flow]) == ("flow 'orders': a.json declares it too",)


@pytest.mark.parametrize(
    ("flow", "problems"),
    [
        pytest.param(missing(Action.CREATE), {"name", "bucket"}, id="create"),
        pytest.param(compared(Action.UPDATE), {"name", "bucket"}, id="update"),
        pytest.param(compared(Action.ACTIVATE), {"name"}, id="only the status"),
        pytest.param(compared(Action.SUSPEND), {"name"}, id="only the status"),
        pytest.param(compared(Action.TAG), {"name"}, id="only tags"),
        pytest.param(compared(Action.UNCHANGED, None), {"name"}, id="only the owner"),
        pytest.param(compared(Action.UNCHANGED, "s3://documents/flows/b.json"), {"name"}, id="another owner"),
        pytest.param(compared(Action.UNCHANGED), set(), id="nothing"),
        pytest.param(compared(Action.REFUSE), set(), id="refused anyway"),
        pytest.param(missing(Action.REFUSE), {"name", "bucket"}, id="missing, and not created"),
    ],
)
def test_the_limits_of_the_stack_apply_to_what_is_written(flow: ComparedFlow, problems: set[str]) -> None:
    found = {name for name, limits in LIMITS.items() if ProblemFinder({}, limits).find("a", DOCUMENT, [flow])}
    assert found == problems


def test_the_owner_does_not_count_for_a_document_with_an_unknown_key() -> None:
    finder = ProblemFinder({}, LIMITS["name"])
    assert finder.find("a.json", None, [compared(Action.UNCHANGED, None)]) == ()
    assert finder.find("a.json", None, [missing(Action.CREATE)]) != ()
