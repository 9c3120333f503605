"""The questions: one function for each thing about AppFlow that is not known, and the table of them all.

``verify`` asks them of AWS; the tests beside this file ask the local AppFlow the very same. A surprising answer is
not a failure.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from appflow_gitops.flows.canonical import update_token
from appflow_gitops.flows.live import parse_flow
from tools.verify_on_aws.answer import Question, Seen, code_of, raw, refusal, status_of
from tools.verify_on_aws.laboratory import Laboratory

SETTLING = 5.0
"""Seconds after an update until its status is taken as final."""
TICK = 2.0
"""Seconds that set two times apart, should AppFlow round them."""
BURST_CALLS = 60
BURST_THREADS = 8
PAGES = 3
WHOLE_PAGE = 100


def reused_parameters(laboratory: Laboratory) -> Seen:
    """The same clientToken, another description."""
    token = str(uuid4())
    laboratory.update(description="first", clientToken=token)
    error = refusal(laboratory.update, description="second", clientToken=token)
    if error is None:
        return Seen("no error", f"the description is then {laboratory.describe().get('description')!r}")
    return Seen(code_of(error), raw(error))


def going_back_under_the_first_token(laboratory: Laboratory) -> Seen:
    """A, B, and A again with the very request that A came with first."""
    first, second = str(uuid4()), str(uuid4())
    laboratory.update(description="A", clientToken=first)
    laboratory.update(description="B", clientToken=second)
    error = refusal(laboratory.update, description="A", clientToken=first)
    return _reverted(laboratory, error)


def going_back_under_our_token(laboratory: Laboratory) -> Seen:
    """A, B, A, each under the token that `apply` would send."""
    error = None
    for description in ("A", "B", "A"):
        request = laboratory.request(description=description)
        token = update_token(request, parse_flow(laboratory.describe()))
        error = refusal(laboratory.update, description=description, clientToken=token)
        if error is not None:
            break
    return _reverted(laboratory, error)


def _reverted(laboratory: Laboratory, error: ClientError | None) -> Seen:
    if error is not None:
        return Seen(f"refused: {code_of(error)}", raw(error))
    description = laboratory.describe().get("description")
    outcome = "the flow is at A" if description == "A" else "the flow stays at B"
    return Seen(outcome, f"the description is {description!r}")


def update_of_an_active_schedule(laboratory: Laboratory) -> Seen:
    """Updates of an Active flow that keep its trigger type."""
    return _status_after_updates(laboratory, laboratory.activate)


def update_of_a_suspended_flow(laboratory: Laboratory) -> Seen:
    """Updates of a flow that was stopped."""

    def suspended() -> None:
        laboratory.activate()
        laboratory.suspend()

    return _status_after_updates(laboratory, suspended)


def _status_after_updates(laboratory: Laboratory, bring_into_status: Callable[[], None]) -> Seen:
    """What an update of the description leads to, and one of the schedule; one status where they agree."""
    updates: dict[str, dict[str, Any]] = {
        "a new description": {"description": "other"},
        "a new schedule": {"triggerConfig": laboratory.schedule(scheduleExpression="rate(6hours)")},
    }
    seen, details = {}, []
    for what, members in updates.items():
        laboratory.back_to_base()
        bring_into_status()
        before = laboratory.describe()["flowStatus"]
        error = refusal(laboratory.update, **members)
        laboratory.wait(SETTLING)
        after = laboratory.describe()["flowStatus"]
        seen[what] = f"refused: {code_of(error)}" if error else after
        details.append(f"{what}: {before}, then {after}{f' ({raw(error)})' if error else ''}")
    agreed = set(seen.values())
    outcome = agreed.pop() if len(agreed) == 1 else "; ".join(f"{seen[what]} after {what}" for what in seen)
    return Seen(outcome, "; ".join(details))


def past_start(laboratory: Laboratory) -> Seen:
    """A scheduleStartTime of an hour ago."""
    schedule = laboratory.schedule(scheduleStartTime=laboratory.now - 3600)
    error = refusal(laboratory.update, triggerConfig=schedule)
    if error is None:
        return Seen("taken", f"the flow is then {laboratory.describe()['flowStatus']}")
    return Seen("refused", raw(error))


def omitted_description(laboratory: Laboratory) -> Seen:
    """An update without the member ``description``."""
    laboratory.update(description="to be wiped")
    laboratory.update(description=None)
    description = laboratory.describe().get("description")
    return Seen("kept" if description else "wiped", f"DescribeFlow then gives {description!r}")


def defaults_of_s3_output(laboratory: Laboratory) -> Seen:
    """The base flow sets nothing of its output, so DescribeFlow returns only what AppFlow filled in."""
    (destination,) = laboratory.describe()["destinationFlowConfigList"]
    properties = destination["destinationConnectorProperties"]["S3"]
    filled = properties.get("s3OutputFormatConfig")
    others = sorted(set(properties) - {"bucketName", "s3OutputFormatConfig"})
    return Seen(
        "nothing" if filled is None else json.dumps(filled, sort_keys=True),
        f"other members of the destination: {', '.join(others) or 'none'}",
    )


def throttling(laboratory: Laboratory) -> Seen:
    """A short burst of DescribeFlow without retries."""

    def describe(_: int) -> ClientError | None:
        try:
            laboratory.unretried.describe_flow(flowName=laboratory.name)
        except ClientError as error:
            return error
        return None

    with ThreadPoolExecutor(BURST_THREADS) as pool:
        errors = [error for error in pool.map(describe, range(BURST_CALLS)) if error is not None]
    detail = f"{BURST_CALLS} calls of {BURST_THREADS} threads"
    if not errors:
        return Seen("none", detail)
    kinds = sorted({_kind(error) for error in errors})
    return Seen(", ".join(kinds), f"{detail}; {len(errors)} refused; {raw(errors[0])}")


def _kind(error: ClientError) -> str:
    code, status = code_of(error), status_of(error)
    # botocore puts the status where an answer names no error type.
    return f"{status} without an error type" if code == str(status) else f"{status} {code}"


def tags_and_last_updated(laboratory: Laboratory) -> Seen:
    """A tag added, lastUpdatedAt before and after."""
    arn = laboratory.describe()["flowArn"]
    tags = {"asked": str(uuid4())}
    return _last_updated(
        laboratory, {"TagResource": lambda: laboratory.appflow.tag_resource(resourceArn=arn, tags=tags)}
    )


def status_and_last_updated(laboratory: Laboratory) -> Seen:
    """Activated and suspended, lastUpdatedAt before and after each."""
    return _last_updated(laboratory, {"StartFlow": laboratory.activate, "StopFlow": laboratory.suspend})


def _last_updated(laboratory: Laboratory, calls: dict[str, Callable[[], object]]) -> Seen:
    movers = []
    for name, call in calls.items():
        before = laboratory.describe()["lastUpdatedAt"]
        laboratory.wait(TICK)
        call()
        laboratory.wait(TICK)
        if laboratory.describe()["lastUpdatedAt"] != before:
            movers.append(name)
    return Seen(f"moved by {', '.join(movers)}" if movers else "not moved")


def listed_members(laboratory: Laboratory) -> Seen:
    """The members of the flow's entry in ListFlows."""
    entry = _entry(laboratory)
    live = laboratory.describe()
    agreed = [
        member
        for member in ("tags", "lastUpdatedAt")
        if member in entry and entry[member] == live.get(member)
    ]
    return Seen(" and ".join(agreed) or "neither", f"members of the entry: {', '.join(sorted(entry))}")


def _entry(laboratory: Laboratory) -> dict[str, Any]:
    following: dict[str, Any] = {}
    while True:
        page = laboratory.appflow.list_flows(maxResults=WHOLE_PAGE, **following)
        for entry in page["flows"]:
            if entry["flowName"] == laboratory.name:
                return dict(entry)
        if not page.get("nextToken"):
            raise LookupError(f"ListFlows does not list {laboratory.name}")
        following = {"nextToken": page["nextToken"]}


def paging(laboratory: Laboratory) -> Seen:
    """The first pages of ListFlows with one flow each; the account's other flows fill the later ones."""
    names: list[str] = []
    sizes: list[int] = []
    following: dict[str, Any] = {}
    for _ in range(PAGES):
        page = laboratory.appflow.list_flows(maxResults=1, **following)
        sizes.append(len(page["flows"]))
        names += [entry["flowName"] for entry in page["flows"]]
        if not page.get("nextToken"):
            break
        following = {"nextToken": page["nextToken"]}
    size = "1 flow a page at most" if max(sizes) <= 1 else "more than maxResults on a page"
    order = "none twice" if len(names) == len(set(names)) else "some twice"
    return Seen(f"{size}, {order}", f"flows on the pages looked at: {', '.join(map(str, sizes))}")


QUESTIONS = (
    Question(
        "Which error does a reused clientToken with other parameters return?",
        assumed="ConflictException",
        switch="on_reused_parameters",
        look=reused_parameters,
    ),
    Question(
        "A, B, then A again under A's first clientToken: where does the flow end?",
        assumed="the flow stays at B",
        switch="token_hours",
        look=going_back_under_the_first_token,
    ),
    Question(
        "A, B, then A again under the tokens that appflow-gitops sends: where does the flow end?",
        assumed="the flow is at A",
        look=going_back_under_our_token,
    ),
    Question(
        "Which flowStatus has an Active scheduled flow after an update that keeps its trigger type?",
        assumed="Active",
        switch="update_of_active_schedule",
        look=update_of_an_active_schedule,
    ),
    Question(
        "Which flowStatus has a Suspended flow after an update?",
        assumed="Suspended",
        switch="update_of_inactive",
        look=update_of_a_suspended_flow,
    ),
    Question(
        "Is a scheduleStartTime in the past refused?",
        assumed="refused",
        switch="refuse_past_start",
        look=past_start,
    ),
    Question(
        "Is a description kept or wiped by an update that leaves it out?",
        assumed="wiped",
        look=omitted_description,
    ),
    Question(
        "What does DescribeFlow fill into an s3OutputFormatConfig that was not sent?",
        assumed='{"aggregationConfig": {"aggregationType": "None"}, "fileType": "JSON", "prefixConfig": {}}',
        switch="fill_s3_output",
        look=defaults_of_s3_output,
    ),
    Question(
        "Does TagResource move lastUpdatedAt?",
        assumed="not moved",
        switch="tags_are_updates",
        look=tags_and_last_updated,
    ),
    Question(
        "Does StartFlow or StopFlow move lastUpdatedAt?",
        assumed="not moved",
        look=status_and_last_updated,
    ),
    Question(
        "Which of tags and lastUpdatedAt does ListFlows return, equal to DescribeFlow's?",
        assumed="tags and lastUpdatedAt",
        look=listed_members,
    ),
    Question(
        "Does ListFlows keep to maxResults, and does nextToken lead on?",
        assumed="1 flow a page at most, none twice",
        look=paging,
    ),
    Question(
        "How does AppFlow throttle a short burst of DescribeFlow?",
        assumed="none",
        look=throttling,
    ),
)
"""Every question, in the order of the report. The burst is last, so that it slows down no other."""
