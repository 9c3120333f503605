"""What the parameters switch on and off."""

from typing import Any

from template.stack import Stack

SET: dict[str, Any] = {
    "DriftSchedule": "",
    "HealthSchedule": "",
    "CheckFields": "warn",
    "CreateMissingFlows": "true",
    "ConnectorProfiles": ["arn"],
    "FlowBuckets": ["arn"],
    "FlowKeys": ["arn"],
    "GlueCatalogRoles": ["arn"],
    "RequestSenders": ["arn"],
    "DocumentWriters": ["arn"],
    "PolicyWriters": ["arn"],
    "RedriveOperators": ["arn"],
    "AlarmTopic": "arn",
    "KmsKey": "arn",
    "PermissionsBoundary": "arn",
}
"""A value other than the default for every parameter that a condition depends on."""

ON_BY_DEFAULT = {"ScansForDrift", "WatchesRuns", "AnyConnectorProfile", "AnyFlowBucket", "AnyFlowKey"}


def holds(condition: Any, parameters: dict[str, Any]) -> Any:
    """Evaluate a condition, or a value in it."""
    match condition:
        case {"Fn::Not": [inner]}:
            return not holds(inner, parameters)
        case {"Fn::Equals": [left, right]}:
            return holds(left, parameters) == holds(right, parameters)
        case {"Fn::Join": [separator, inner]}:
            return separator.join(holds(inner, parameters))
        case {"Ref": name}:
            return parameters[name]
    return condition


def on(stack: Stack, parameters: dict[str, Any]) -> set[str]:
    conditions: dict[str, Any] = stack.template["Conditions"]
    return {name for name, condition in conditions.items() if holds(condition, parameters)}


def defaults(stack: Stack) -> dict[str, Any]:
    return {
        name: declared["Default"].split(",")
        if declared["Type"] == "CommaDelimitedList"
        else str(declared["Default"])
        for name, declared in stack.template["Parameters"].items()
    }


def test_by_default_scans_run_and_flows_may_use_everything_in_the_account(stack: Stack) -> None:
    assert on(stack, defaults(stack)) == ON_BY_DEFAULT


def test_every_parameter_reverses_its_own_condition_only(stack: Stack) -> None:
    reversed_by = {
        name: on(stack, defaults(stack)) ^ on(stack, {**defaults(stack), name: value})
        for name, value in SET.items()
    }
    assert [changed for changed in reversed_by.values() if len(changed) != 1] == []
    assert set.union(*reversed_by.values()) == set(stack.template["Conditions"])
