"""Parameters of the stack are refused as CloudFormation refuses them."""

import pytest

from appflow_gitops_local.parameters import check_parameters
from appflow_gitops_local.template import TemplateError

DECLARED = {
    "CreateMissingFlows": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"]},
    "FlowNamePrefix": {"Type": "String", "Default": "", "AllowedPattern": "[a-z-]*"},
    "Concurrency": {"Type": "Number", "Default": 5, "MinValue": 2, "MaxValue": 10},
    "Days": {"Type": "Number", "Default": 7, "AllowedValues": [1, 7]},
}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"CreateMissingFlow": "true"},
            "unknown parameter 'CreateMissingFlow', did you mean 'CreateMissingFlows'?",
        ),
        ({"Xyz": "1"}, "unknown parameter 'Xyz', expected one of: 'CreateMissingFlows', 'FlowNamePrefix', "),
        (
            {"CreateMissingFlows": "yes"},
            "invalid value 'yes' of parameter 'CreateMissingFlows', expected one of: 'true', 'false'",
        ),
        ({"FlowNamePrefix": "DEV"}, "expected a match of the pattern [a-z-]*"),
        ({"Concurrency": "many"}, "expected a number"),
        ({"Concurrency": "1"}, "expected a number of 2 or more"),
        ({"Concurrency": "11"}, "expected a number of 10 or less"),
        ({"Days": "2"}, "expected one of: '1', '7'"),
    ],
)
def test_what_cloudformation_refuses_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(TemplateError) as raised:
        check_parameters(DECLARED, values)
    assert message in str(raised.value)


def test_a_parameter_without_default_needs_a_value() -> None:
    with pytest.raises(TemplateError, match="-P Owner=VALUE"):
        check_parameters({"Owner": {"Type": "String"}}, {})


def test_valid_values_and_defaults_are_accepted() -> None:
    check_parameters(DECLARED, {"CreateMissingFlows": "true", "FlowNamePrefix": "dev-", "Concurrency": "10"})


@pytest.mark.parametrize(
    "values", [{"Concurrency": "2"}, {"Concurrency": "10"}, {"Share": "0"}, {"Switch": "true"}]
)
def test_a_limit_itself_is_accepted_and_so_is_a_boolean_as_text(values: dict[str, str]) -> None:
    more = {
        "Share": {"Type": "Number", "Default": 1, "MinValue": 0, "MaxValue": 0},
        "Switch": {"Type": "String", "Default": False, "AllowedValues": [True, False]},
    }
    check_parameters({**DECLARED, **more}, values)
