"""Queues, dead letters, retries and retention: no event, change or document version is lost."""

from typing import Any

import pytest

from appflow_gitops.aws import health_records, state_object
from appflow_gitops.aws.deadline import RESERVE
from appflow_gitops.sync.declaration import OLDER_VERSIONS
from appflow_gitops.sync.held import HELD_PREFIX
from appflow_gitops.sync.takeover import FOLDER_PREFIX
from template.stack import Stack

MINIMUM_ATTEMPTS = 5
MINUTE, HOUR = 60, 3600
RUNS = "WatchRunsFunctionRunReported"
CONFIRMED = "DetectDriftFunctionRepairsConfirmed"


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
    return redriven | undelivered(stack)


def to_functions(stack: Stack) -> dict[str, dict[str, Any]]:
    """The rules with an event pattern and a function as target."""
    functions = stack.of_type("AWS::Lambda::Function")
    return {
        name: rule
        for name, rule in stack.event_rules().items()
        if rule["Targets"][0]["Arn"].get("Fn::GetAtt", [None])[0] in functions
    }


def mapping_of(stack: Stack, queue: str) -> dict[str, Any]:
    """The event source mapping of a queue."""
    mappings = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [each for each in mappings if queue_of(each["EventSourceArn"]) == queue]
    return mapping


def undelivered(stack: Stack) -> set[str]:
    targets = [target for rule in to_functions(stack).values() for target in rule["Targets"]]
    return {queue_of(target["DeadLetterConfig"]["Arn"]) for target in targets if "DeadLetterConfig" in target}


def schedule_of(stack: Stack, function: str) -> dict[str, Any]:
    """The rule that invokes a function on a schedule."""
    rules = [rule for rule in stack.of_type("AWS::Events::Rule").values() if "EventPattern" not in rule]
    [schedule] = [rule for rule in rules if queue_of(rule["Targets"][0]["Arn"]) == function]
    return schedule


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


def test_every_queue_states_how_long_it_keeps_messages(stack: Stack) -> None:
    # Without the property SQS keeps them for four days. The value is in test_numbers.py.
    queues = stack.of_type("AWS::SQS::Queue")
    assert [name for name, queue in queues.items() if "MessageRetentionPeriod" not in queue] == []


def test_every_rule_of_intake_keeps_events_that_cannot_be_delivered(stack: Stack) -> None:
    rules = stack.event_rules()
    assert rules.keys() - to_functions(stack).keys() == {"StatusRule"}
    for name, rule in rules.items():
        # A status event among the dead letters would ring for a document that intake did process.
        for target in rule["Targets"]:
            assert ("DeadLetterConfig" in target) is (name not in ("StatusRule", RUNS, CONFIRMED))


def test_every_rule_takes_the_events_that_its_target_needs_and_no_other(stack: Stack) -> None:
    assert {name: rule["EventPattern"] for name, rule in stack.event_rules().items()} == {
        # The deletion of a document releases its flows; the policy and the variables are checked when they change, and
        # the policy and the pauses release held changes.
        "IntakeFunctionDocumentDropped": {
            "source": ["aws.s3"],
            "detail-type": ["Object Created", "Object Deleted"],
            "detail": {
                "bucket": {"name": [{"Ref": "DocumentsBucket"}]},
                "object": {
                    "key": [{"prefix": "flows/"}, "policy.yaml", "paused.yaml", {"prefix": "variables/"}]
                },
            },
        },
        # Status events are never requests.
        "IntakeFunctionChangeRequested": {
            "source": [{"anything-but": "appflow-gitops"}],
            "detail-type": ["Flow Change Requested", "Flow Run Requested"],
        },
        CONFIRMED: {
            "source": [{"anything-but": "appflow-gitops"}],
            "detail-type": ["Flow Repairs Confirmed"],
        },
        "StatusRule": {"source": ["appflow-gitops"]},
        # What a failed or deactivated flow is recognised by, of the flows of this stack.
        RUNS: {
            "source": ["aws.appflow"],
            "detail-type": [
                "AppFlow End Flow Run Report",
                "AppFlow Scheduled Flow Deactivated",
                "AppFlow Event Flow Deactivated",
            ],
            "detail": {"flow-name": [{"prefix": {"Ref": "FlowNamePrefix"}}]},
        },
    }
    buses = {name: rule.get("EventBusName") for name, rule in stack.event_rules().items()}
    own = {"Fn::GetAtt": ["EventBus", "Name"]}
    assert buses == {
        "IntakeFunctionDocumentDropped": None,
        "IntakeFunctionChangeRequested": own,
        CONFIRMED: own,
        "StatusRule": own,
        RUNS: None,
    }


@pytest.mark.parametrize(
    ("function", "condition", "parameter"),
    [
        ("DetectDriftFunction", "ScansForDrift", "DriftSchedule"),
        ("WatchRunsFunction", "WatchesRuns", "HealthSchedule"),
    ],
)
def test_a_scan_runs_on_its_schedule_and_never_without_one(
    stack: Stack, function: str, condition: str, parameter: str
) -> None:
    schedule = schedule_of(stack, function)
    assert schedule["ScheduleExpression"] == {"Fn::If": [condition, {"Ref": parameter}, "rate(1 day)"]}
    assert schedule["State"] == {"Fn::If": [condition, "ENABLED", "DISABLED"]}


def test_without_a_health_scan_no_event_of_appflow_is_handled(stack: Stack) -> None:
    assert stack.event_rules()[RUNS]["State"] == {"Fn::If": ["WatchesRuns", "ENABLED", "DISABLED"]}


def test_eventbridge_may_write_to_the_dead_letter_queue_for_the_rules_of_intake_only(
    stack: Stack,
) -> None:
    policy = stack.of_type("AWS::SQS::QueuePolicy")["EventsDeadLetterQueuePolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    sources = {source["Fn::GetAtt"][0] for source in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert sources == to_functions(stack).keys() - {RUNS, CONFIRMED}
    assert {queue["Ref"] for queue in policy["Queues"]} == undelivered(stack)


def test_an_event_that_intake_fails_on_is_retried_and_then_kept(stack: Stack) -> None:
    (config,) = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert config["FunctionName"] == {"Ref": "IntakeFunction"}
    [destination] = failed_invocations(stack)
    granted = [
        statement["Resource"]
        for role, statement in stack.statements()
        if role == "IntakeRole" and statement["Action"] == "sqs:SendMessage"
    ]
    assert {"Fn::GetAtt": [destination, "Arn"]} in granted
    assert {"Fn::GetAtt": ["EventsDeadLetterQueue", "Arn"]} in granted


def test_intake_itself_reports_the_events_that_it_failed_on(stack: Stack) -> None:
    [queue] = failed_invocations(stack)
    mapping = mapping_of(stack, queue)
    assert mapping["FunctionName"] == {"Ref": "IntakeFunction"}
    visibility = stack.of_type("AWS::SQS::Queue")[queue]["VisibilityTimeout"]
    assert visibility >= 6 * stack.of_type("AWS::Lambda::Function")["IntakeFunction"]["Timeout"]


def test_one_more_delivery_than_attempts_is_left_for_the_final_report(stack: Stack) -> None:
    variables = stack.of_type("AWS::Lambda::Function")["ApplyFunction"]["Environment"]["Variables"]
    attempts = int(stack.mapped(variables["MAX_ATTEMPTS"]))
    redrive = stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]["RedrivePolicy"]
    assert attempts >= MINIMUM_ATTEMPTS
    assert int(stack.mapped(redrive["maxReceiveCount"])) == attempts + 1


def test_no_message_is_delivered_again_while_apply_may_still_process_it(stack: Stack) -> None:
    timeout = int(stack.mapped(stack.of_type("AWS::Lambda::Function")["ApplyFunction"]["Timeout"]))
    visibility = int(stack.mapped(stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]["VisibilityTimeout"]))
    # The ratio that AWS recommends for event source mappings.
    assert visibility >= 6 * timeout
    # Longer waits than this would hold a flow back after a crash and ring flow-changes-waiting.
    assert visibility <= HOUR // 2


def test_a_retry_does_not_count_as_an_error_of_the_function(stack: Stack) -> None:
    mapping = mapping_of(stack, "FlowChangesQueue")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_bucket_sends_events_to_eventbridge(stack: Stack) -> None:
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_a_queue_is_fifo_if_and_only_if_its_name_says_so(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        assert queue.get("FifoQueue", False) is queue["QueueName"]["Fn::Sub"].endswith(".fifo")


def test_apply_has_time_for_calls_that_hang_before_no_other_is_made(stack: Stack) -> None:
    timeout = int(stack.mapped(stack.of_type("AWS::Lambda::Function")["ApplyFunction"]["Timeout"]))
    # A call of which every attempt hangs takes a minute, the rest of a change seconds.
    assert timeout - RESERVE >= MINUTE + 30


def test_apply_can_move_changes_to_the_dead_letter_queue_itself(stack: Stack) -> None:
    function = stack.of_type("AWS::Lambda::Function")["ApplyFunction"]
    assert function["Environment"]["Variables"]["DEAD_LETTER_QUEUE_URL"] == {
        "Ref": "FlowChangesDeadLetterQueue"
    }
    statement = stack.statement("ApplyRole", "KeepDeadLetters")
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == {"Fn::GetAtt": ["FlowChangesDeadLetterQueue", "Arn"]}


def test_order_is_kept_within_a_flow_and_flows_do_not_wait_for_each_other(stack: Stack) -> None:
    queue = stack.of_type("AWS::SQS::Queue")["FlowChangesQueue"]
    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_the_number_of_flows_that_are_changed_concurrently_is_a_parameter(stack: Stack) -> None:
    mapping = mapping_of(stack, "FlowChangesQueue")
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}


def test_documents_outlive_the_stack_unless_its_creation_is_rolled_back(stack: Stack) -> None:
    for name in ("DocumentsBucket", "DocumentsBucketPolicy"):
        resource = stack.resources[name]
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_ten_latest_versions_of_a_document_are_kept_forever_and_others_for_a_year(stack: Stack) -> None:
    bucket = stack.of_type("AWS::S3::Bucket")["DocumentsBucket"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [rule["Status"] for rule in rules] == ["Enabled"] * len(rules)
    actions = {rule["Id"]: {name: rule[name] for name in rule.keys() - {"Id", "Status"}} for rule in rules}
    assert actions == {
        # apply falls back to the latest valid version, which may be old and behind several invalid ones.
        "expire-old-documents": {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": OLDER_VERSIONS}
        },
        # Only below the prefix of the scan state, whose old versions have no use: a day is S3's minimum.
        "expire-old-scan-state": {
            "Prefix": f"{state_object.SCAN_KEY.partition('/')[0]}/",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        # Takeovers, which are removed once their documents were queued.
        "expire-old-takeovers": {
            "Prefix": FOLDER_PREFIX,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        # Held changes, which are removed once they were queued.
        "expire-released-changes": {
            "Prefix": HELD_PREFIX,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "expire-old-health-records": {
            "Prefix": health_records.PREFIX,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        # Delete markers without versions and unfinished uploads only: no version of a document.
        "clean-up": {
            "ExpiredObjectDeleteMarker": True,
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    }
