"""Settings, runtime, logs and tracing of the deployed functions."""

from typing import Any

import pytest
from pydantic import BaseModel

from apply.settings import ApplySettings
from detect_drift.settings import DetectDriftSettings
from intake.settings import IntakeSettings
from template.stack import Stack
from watch_runs.settings import WatchRunsSettings

FUNCTIONS = ["IntakeFunction", "ApplyFunction", "DetectDriftFunction", "WatchRunsFunction"]


SETTINGS = [IntakeSettings, ApplySettings, DetectDriftSettings, WatchRunsSettings]
VALUES: dict[str, Any] = {
    "DOCUMENTS_BUCKET": {"Ref": "DocumentsBucket"},
    "DOCUMENTS_PREFIX": "flows/",
    "STAGE": {"Ref": "Stage"},
    "REQUIRE_POLICY": {"Ref": "RequirePolicy"},
    "PAUSED": {"Ref": "Paused"},
    "RELEASE_TIMERS_QUEUE_URL": {"Ref": "ReleaseTimersQueue"},
    "EVENT_BUS_NAME": {"Fn::GetAtt": ["EventBus", "Name"]},
    "FLOW_CHANGES_QUEUE_URL": {"Ref": "FlowChangesQueue"},
    "DEAD_LETTER_QUEUE_URL": {"Ref": "FlowChangesDeadLetterQueue"},
    "EVENTS_DEAD_LETTER_QUEUE_URL": {"Ref": "EventsDeadLetterQueue"},
    "MAX_ATTEMPTS": {"Fn::FindInMap": ["FlowChanges", "Deliveries", "Attempts"]},
    "CHECK_FIELDS": {"Ref": "CheckFields"},
    "CREATE_MISSING_FLOWS": {"Ref": "CreateMissingFlows"},
    "SELF_HEAL": {"Ref": "SelfHeal"},
    "CHANGE_AT_MOST": {"Ref": "ChangeAtMost"},
    "FORMER_BUCKETS": {"Fn::Join": [",", {"Ref": "FormerBuckets"}]},
    "AWS_ENDPOINT_URL": "",
    "POWERTOOLS_LOG_LEVEL": {"Ref": "LogLevel"},
    "POWERTOOLS_METRICS_NAMESPACE": {"Fn::Sub": "AppFlowGitops/${AWS::StackName}"},
}
"""The value of each environment variable, the same in every function that has it."""
OF_ALL = {"AWS_ENDPOINT_URL", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE"}


@pytest.mark.parametrize(("function", "settings"), list(zip(FUNCTIONS, SETTINGS, strict=True)))
def test_every_setting_of_a_function_has_its_value_and_no_other_exists(
    stack: Stack, function: str, settings: type[BaseModel]
) -> None:
    names = {str(field.alias) for field in settings.model_fields.values()} | OF_ALL
    variables = stack.of_type("AWS::Lambda::Function")[function]["Environment"]["Variables"]
    assert variables == {name: VALUES[name] for name in names}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_sam_local_can_set_the_endpoint_which_is_empty_on_aws(stack: Stack, function: str) -> None:
    variables = stack.of_type("AWS::Lambda::Function")[function]["Environment"]["Variables"]
    assert variables["AWS_ENDPOINT_URL"] == ""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_runs_on_the_runtime_that_the_layer_is_built_for(stack: Stack, function: str) -> None:
    (layer,) = stack.of_type("AWS::Lambda::LayerVersion").values()
    properties = stack.of_type("AWS::Lambda::Function")[function]
    assert [properties["Runtime"]] == layer["CompatibleRuntimes"]
    assert properties["Architectures"] == layer["CompatibleArchitectures"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_traced_and_logs_to_a_group_with_a_retention(stack: Stack, function: str) -> None:
    properties = stack.of_type("AWS::Lambda::Function")[function]
    group = stack.of_type("AWS::Logs::LogGroup")[properties["LoggingConfig"]["LogGroup"]["Ref"]]
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert properties["TracingConfig"] == {"Mode": "Active"}


def test_every_log_group_has_a_retention(stack: Stack) -> None:
    assert all("RetentionInDays" in group for group in stack.of_type("AWS::Logs::LogGroup").values())


def test_the_outputs_that_tools_read_exist(stack: Stack) -> None:
    promised = {"DocumentsBucketName", "EventBusName", "FlowChangesQueueUrl", "DeadLetterQueueUrl"}
    assert promised <= set(stack.template["Outputs"])
