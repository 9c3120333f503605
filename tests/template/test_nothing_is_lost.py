"""Queues, dead letters and retries: what the promises about loss rest on."""

from typing import Any

from template.stack import Stack

FIVE_ATTEMPTS_AT_LEAST = 5
FOURTEEN_DAYS = 14 * 24 * 3600


def queue_of(value: Any) -> str:
    """The logical id in ``Fn::GetAtt: [queue, Arn]``."""
    return str(value["Fn::GetAtt"][0])


def dead_letter_queues(stack: Stack) -> set[str]:
    queues = stack.of_type("AWS::SQS::Queue").values()
    redriven = {
        queue_of(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in queues
        if "RedrivePolicy" in queue
    }
    return redriven | undelivered(stack) | failed_invocations(stack)


def to_functions(stack: Stack) -> dict[str, dict[str, Any]]:
    """The rules that bring events to functions. Another copies status events to a log, and one is due by itself."""
    functions = stack.of_type("AWS::Lambda::Function")
    return {
        name: rule
        for name, rule in stack.event_rules().items()
        if rule["Targets"][0]["Arn"].get("Fn::GetAtt", [None])[0] in functions
    }


def undelivered(stack: Stack) -> set[str]:
    targets = [target for rule in to_functions(stack).values() for target in rule["Targets"]]
    return {queue_of(target["DeadLetterConfig"]["Arn"]) for target in targets}


def failed_invocations(stack: Stack) -> set[str]:
    configs = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    return {queue_of(config["DestinationConfig"]["OnFailure"]["Destination"]) for config in configs}


def test_every_queue_has_a_dead_letter_queue_or_is_one(stack: Stack) -> None:
    without = {
        name for name, queue in stack.of_type("AWS::SQS::Queue").items() if "RedrivePolicy" not in queue
    }
    assert without == dead_letter_queues(stack)


def test_every_dead_letter_queue_has_an_alarm_that_rings_at_the_first_message(stack: Stack) -> None:
    watched = set()
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible":
            assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
            watched.add(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0])
    assert watched == dead_letter_queues(stack)


def test_dead_letters_are_kept_as_long_as_sqs_can(stack: Stack) -> None:
    for name in dead_letter_queues(stack):
        assert stack.of_type("AWS::SQS::Queue")[name]["MessageRetentionPeriod"] == FOURTEEN_DAYS


def test_every_rule_retries_and_keeps_what_it_cannot_bring_to_a_function(stack: Stack) -> None:
    rules = stack.event_rules()
    assert rules.keys() - to_functions(stack).keys() == {"StatusRule"}
    for name, rule in rules.items():
        [target] = rule["Targets"]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
        # A status event among the dead letters would ring for a document that was not looked at.
        assert ("DeadLetterConfig" in target) is (name != "StatusRule")


def test_a_scan_for_drift_is_due_on_the_schedule_that_is_asked_for_and_never_on_an_empty_one(
    stack: Stack,
) -> None:
    (schedule,) = [rule for rule in stack.of_type("AWS::Events::Rule").values() if "EventPattern" not in rule]
    assert schedule["ScheduleExpression"] == {
        "Fn::If": ["ScansForDrift", {"Ref": "DriftSchedule"}, "rate(1 day)"]
    }
    assert schedule["State"] == {"Fn::If": ["ScansForDrift", "ENABLED", "DISABLED"]}
    (target,) = schedule["Targets"]
    assert queue_of(target["Arn"]) == "DetectDriftFunction"


def test_eventbridge_may_write_to_the_dead_letter_queue_of_each_rule_for_these_rules_only(
    stack: Stack,
) -> None:
    (policy,) = stack.of_type("AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    sources = {source["Fn::GetAtt"][0] for source in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert sources == set(to_functions(stack))
    assert {queue["Ref"] for queue in policy["Queues"]} == undelivered(stack)


def test_an_event_that_intake_fails_on_is_tried_again_and_then_kept(stack: Stack) -> None:
    (config,) = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert config["FunctionName"] == {"Ref": "IntakeFunction"}
    assert config["MaximumRetryAttempts"] == 2
    destination = failed_invocations(stack).pop()
    granted = [
        statement["Resource"]
        for role, statement in stack.statements()
        if role == "IntakeRole" and statement["Action"] == "sqs:SendMessage"
    ]
    assert {"Fn::GetAtt": [destination, "Arn"]} in granted


def test_one_delivery_is_left_to_say_the_last_word_after_the_attempts_are_used_up(stack: Stack) -> None:
    variables = stack.of_type("AWS::Lambda::Function")["ApplyFunction"]["Environment"]["Variables"]
    attempts = int(stack.mapped(variables["MAX_ATTEMPTS"]))
    redrive = stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]["RedrivePolicy"]
    assert attempts >= FIVE_ATTEMPTS_AT_LEAST
    assert int(stack.mapped(redrive["maxReceiveCount"])) == attempts + 1


def test_no_message_comes_back_while_apply_may_still_be_at_work_on_it(stack: Stack) -> None:
    timeout = int(stack.mapped(stack.of_type("AWS::Lambda::Function")["ApplyFunction"]["Timeout"]))
    visibility = int(stack.mapped(stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]["VisibilityTimeout"]))
    assert visibility >= 6 * timeout


def test_one_bad_record_does_not_send_back_the_others_of_its_batch(stack: Stack) -> None:
    (mapping,) = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_order_is_kept_within_a_flow_and_flows_do_not_wait_for_each_other(stack: Stack) -> None:
    queue = stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]
    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_documents_outlive_the_stack_and_every_version_can_be_gone_back_to(stack: Stack) -> None:
    bucket = stack.resources["DocumentsBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]:
        assert not {"ExpirationInDays", "ExpirationDate", "Transitions"} & set(rule)
