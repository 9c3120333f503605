"""Messages of a queue reach their function as Lambda would bring them."""

import json

import pytest

from appflow_gitops_local.envelopes import Message, sqs_event
from integration.local.hive import Hive, names_in


def test_the_messages_of_a_group_arrive_in_order_and_each_once(hive: Hive) -> None:
    names = [f"m{number:02}" for number in range(20)]
    hive.order(*[{"name": name} for name in names[:10]])
    hive.order(*[{"name": name} for name in names[10:]])
    assert hive.seen_names(names[-1]) == names


def test_a_batch_holds_no_more_than_the_mapping_says(hive: Hive) -> None:
    hive.order(*[{"name": f"m{number}"} for number in range(10)])
    reports = hive.seen_until(lambda reports: len(names_in(reports)) == 10)
    assert max(len(report["names"]) for report in reports) <= 5


def test_a_record_carries_what_lambda_says_of_a_message(hive: Hive) -> None:
    hive.order({"name": "a"}, group="flow/with+odd!name")
    record = hive.seen(1)[0]["event"]["Records"][0]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":hive-work.fifo")
    assert json.loads(record["body"])["name"] == "a"
    assert record["attributes"]["MessageGroupId"] == "flow/with+odd!name"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SequenceNumber", "MessageDeduplicationId", "SentTimestamp"} <= record["attributes"].keys()


def test_message_attributes_are_spelled_as_lambda_does() -> None:
    attributes = {"trace": {"DataType": "String", "StringValue": "abc"}}
    message = Message("id", "receipt", "{}", {"ApproximateReceiveCount": "1"}, attributes)
    [record] = sqs_event([message], "arn:aws:sqs:eu-west-1:111122223333:queue", "eu-west-1")["Records"]
    assert record["messageAttributes"]["trace"] == {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String",
        "stringValue": "abc",
    }


def test_the_sequence_numbers_of_a_group_grow(hive: Hive) -> None:
    hive.order(*[{"name": f"m{number}"} for number in range(10)])
    reports = hive.seen_until(lambda reports: len(names_in(reports)) == 10)
    records = [record for report in reports for record in report["event"]["Records"]]
    numbers = [record["attributes"]["SequenceNumber"] for record in records]
    assert numbers == sorted(set(numbers))
    assert {len(number) for number in numbers} == {20}


def test_a_slow_group_does_not_hold_up_another(hive: Hive) -> None:
    hive.order({"name": "slow", "do": "sleep", "seconds": 0.7}, group="slow")
    assert hive.seen(1)[0]["names"] == ["slow"]
    hive.order({"name": "waits"}, group="slow")
    hive.order({"name": "quick"}, group="quick")
    assert hive.seen_names("waits") == ["quick", "waits"]


def test_only_reported_failures_return_to_the_queue(hive: Hive) -> None:
    hive.order(
        {"name": "good", "group": "a"},
        {"name": "bad", "group": "b", "do": "report", "times": 1},
        {"name": "fine", "group": "c"},
    )
    reports = hive.seen_until(lambda reports: names_in(reports).count("bad") == 2)
    assert sorted(names_in(reports)) == ["bad", "bad", "fine", "good"]
    assert reports[-1]["names"] == ["bad"]
    assert reports[-1]["attempts"] == [2]


def test_what_keeps_failing_goes_to_the_dead_letters_and_lets_its_group_pass(hive: Hive) -> None:
    hive.order({"name": "hopeless", "do": "report"})
    hive.seen(2)
    hive.order({"name": "next"})
    assert hive.seen_names("next") == ["next"]
    assert [order["name"] for order in hive.take("WorkDead")] == ["hopeless"]


def test_dead_letters_are_worked_on_again_when_they_are_redriven(hive: Hive) -> None:
    hive.order({"name": "hopeless", "do": "report"}, group="mine")
    hive.seen(2)
    hive.order({"name": "next"}, group="mine")
    hive.seen(1)
    hive.sqs.start_message_move_task(SourceArn=hive.arn("WorkDead"))
    first, second = hive.seen(2)
    assert first["names"] == second["names"] == ["hopeless"]
    assert (first["attempts"], second["attempts"]) == ([1], [2])
    assert first["event"]["Records"][0]["attributes"]["MessageGroupId"] == "mine"


def test_only_a_dead_letter_queue_can_be_redriven(hive: Hive) -> None:
    with pytest.raises(hive.sqs.exceptions.ResourceNotFoundException):
        hive.sqs.start_message_move_task(SourceArn=hive.arn("Seen"))


def test_an_exception_brings_the_whole_batch_back(hive: Hive) -> None:
    hive.order({"name": "a"}, {"name": "b", "do": "raise", "times": 1})
    first, second = hive.seen(2)
    assert first["names"] == second["names"] == ["a", "b"]
    assert second["attempts"] == [2, 2]


def test_a_crash_costs_one_attempt_and_the_next_is_a_new_process(hive: Hive) -> None:
    hive.order({"name": "a", "do": "crash", "times": 1})
    first, second = hive.seen(2)
    assert second["attempts"] == [2]
    assert first["process"] != second["process"]


def test_a_time_out_costs_one_attempt(hive: Hive) -> None:
    hive.order({"name": "a", "do": "sleep", "seconds": 60, "times": 1})
    first, second = hive.seen(2)
    assert 0 < first["remaining"] <= 3000
    assert second["attempts"] == [2]
    assert first["process"] != second["process"]


def test_a_worker_stays_warm(hive: Hive) -> None:
    hive.order({"name": "a"})
    hive.order({"name": "b"}, group="other")
    hive.order({"name": "c"}, group="another")
    assert len({report["process"] for report in hive.seen_until(lambda seen: len(names_in(seen)) == 3)}) <= 2
