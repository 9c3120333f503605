"""Settings, runtime, logs and tracing of the deployed functions."""

import pytest
from pydantic import BaseModel

from apply.settings import ApplySettings
from detect_drift.settings import DetectDriftSettings
from intake.settings import IntakeSettings
from template.stack import Stack

FUNCTIONS = ["IntakeFunction", "ApplyFunction", "DetectDriftFunction"]


SETTINGS = [IntakeSettings, ApplySettings, DetectDriftSettings]


@pytest.mark.parametrize(("function", "settings"), list(zip(FUNCTIONS, SETTINGS, strict=True)))
def test_the_template_sets_every_setting_of_the_function_and_no_other(
    stack: Stack, function: str, settings: type[BaseModel]
) -> None:
    variables = stack.of_type("AWS::Lambda::Function")[function]["Environment"]["Variables"]
    ours = {name for name in variables if not name.startswith(("POWERTOOLS_", "AWS_"))}
    assert ours == {field.alias for field in settings.model_fields.values()}


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
