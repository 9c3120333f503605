"""References of Terraform and Pulumi become variables. Secrets are never written."""

import json
from typing import Any

import pytest
import yaml

from appflow_gitops.findings import Json
from appflow_gitops_cli.convert.conversion import ConvertedFile, convert_file
from appflow_gitops_cli.convert.declared import Tool
from appflow_gitops_cli.convert.placeholders import Placeholders
from generators import other_tools
from generators.small_flows import accounts

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def convert(content: object, variables: Placeholders | None = None) -> ConvertedFile:
    return convert_file("file.json", json.dumps(content).encode(), variables or Placeholders())


def document(converted: ConvertedFile) -> Any:
    assert converted.findings == []
    (flow,) = converted.flows
    return yaml.safe_load(flow.text)


def state_attributes(state: Any) -> Any:
    return state["resources"][0]["instances"][0]["attributes"]


def plan_of(show: Any, unknown: dict[str, Json], sensitive: object = None) -> Any:
    """The JSON of a saved plan, whose resource has these unknown and sensitive values."""
    resource = show["values"]["root_module"]["child_modules"][0]["resources"][0]
    resource["sensitive_values"] = sensitive or {}
    change = {"actions": ["create"], "after": resource["values"], "after_unknown": unknown}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": show["values"],
        "resource_changes": [{"address": resource["address"], "change": change}],
    }


def test_a_state_names_the_address_of_each_instance() -> None:
    (flow,) = convert(other_tools.terraform_state(accounts())).flows
    assert (flow.tool, flow.address) == (Tool.TERRAFORM, 'module.crm.aws_appflow_flow.orders["eu"]')


def test_unknown_values_of_a_plan_become_variables() -> None:
    show = other_tools.terraform_show(accounts())
    values = show["values"]["root_module"]["child_modules"][0]["resources"][0]["values"]
    s3 = values["destination_flow_config"][0]["destination_connector_properties"][0]["s3"][0]
    del s3["bucket_name"]
    unknown: dict[str, Json] = {
        "arn": True,
        "tags_all": True,
        "destination_flow_config": [{"destination_connector_properties": [{"s3": [{"bucket_name": True}]}]}],
    }
    written = document(convert(plan_of(show, unknown)))
    destination = written["destinationFlowConfigList"][0]["destinationConnectorProperties"]["S3"]
    assert destination["bucketName"] == "${env.S3_BUCKET_NAME}"
    assert "tags" not in written


def test_sensitive_values_become_variables_without_a_value() -> None:
    variables = Placeholders()
    show = other_tools.terraform_show(accounts() | {"description": "hunter2"})
    converted = convert(plan_of(show, {}, {"description": True}), variables)
    assert document(converted)["description"] == "${env.VALUES_DESCRIPTION}"
    assert "hunter2" not in converted.flows[0].text + variables.to_yaml()


def test_sensitive_values_of_a_state_become_variables_without_a_value() -> None:
    variables = Placeholders()
    state = other_tools.terraform_state(accounts())
    attributes = state_attributes(state)
    attributes["task"][4]["task_properties"]["MASK_VALUE"] = "hunter2"
    attributes["description"] = "hunter2"
    task = [
        {"type": "get_attr", "value": "task"},
        {"type": "index", "value": {"value": 4, "type": "number"}},
        {"type": "get_attr", "value": "task_properties"},
    ]
    state["resources"][0]["instances"][0]["sensitive_attributes"] = [
        [*task, {"type": "index", "value": {"value": "MASK_VALUE", "type": "string"}}],
        [{"type": "get_attr", "value": "description"}],
    ]
    converted = convert(state, variables)
    assert document(converted)["description"] == "${env.ATTRIBUTES_DESCRIPTION}"
    assert "hunter2" not in converted.flows[0].text + variables.to_yaml()


@pytest.mark.parametrize("marks", [5, True, {"a": 1}, "description"])
def test_marks_of_another_form_mark_nothing(marks: object) -> None:
    state = other_tools.terraform_state(accounts())
    state["resources"][0]["instances"][0]["sensitive_attributes"] = marks
    assert document(convert(state)) == document(convert(other_tools.terraform_state(accounts())))


def test_a_sensitive_block_is_refused() -> None:
    show = other_tools.terraform_show(accounts())
    converted = convert(plan_of(show, {}, {"destination_flow_config": True}))
    assert converted.flows == []
    assert "a whole list is a sensitive value" in converted.findings[0].message


def configuration(**attributes: Json) -> dict[str, Json]:
    """A Terraform configuration in JSON syntax, as cdktf writes it."""
    flow = state_attributes(other_tools.terraform_state(accounts()))
    flow = {key: flow[key] for key in flow if key not in ("id", "arn", "kms_arn", "tags_all", "flow_status")}
    return {
        "variable": {"label": {"default": "ours"}, "password": {"default": "hunter2", "sensitive": True}},
        "resource": {"aws_appflow_flow": {"orders": flow | attributes}},
    }


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("${var.label}", "${env.LABEL}"),
        (
            "of ${var.label}, ${aws_s3_bucket.lake.bucket}",
            "of ${env.LABEL}, ${env.AWS_S3_BUCKET_LAKE_BUCKET}",
        ),
        ('${join("-", [var.label, "}"])}', '${env.ORDERS_DESCRIPTION}"])}'),
        ("$${literal} %%{literal}", "${literal} %{literal}"),
        ("%{ if var.label }x%{ endif }", "${env.ORDERS_DESCRIPTION}x${env.ORDERS_DESCRIPTION}"),
        ("${unclosed", "${env.ORDERS_DESCRIPTION}"),
        ("${env.STAGE}", "${env.ENV_STAGE}"),
        ("$${env.STAGE}", "$${env.STAGE}"),
    ],
)
def test_expressions_of_a_configuration_become_variables(written: str, text: str) -> None:
    assert document(convert(configuration(description=written)))["description"] == text


def test_the_default_of_a_variable_is_its_value_unless_it_is_sensitive() -> None:
    variables = Placeholders()
    convert(configuration(description="${var.label} ${var.password}"), variables)
    assert {each.name: each.value for each in variables} == {"LABEL": "ours", "PASSWORD": None}


@pytest.mark.parametrize("argument", ["count", "for_each", "dynamic"])
def test_a_repeated_resource_of_a_configuration_is_refused(argument: str) -> None:
    converted = convert(configuration(**{argument: 2}))
    assert converted.flows == []
    assert "terraform show -json" in (converted.findings[0].hint or "")


def test_meta_arguments_of_a_configuration_are_ignored() -> None:
    ignored = configuration(depends_on=["aws_s3_bucket.lake"], lifecycle={"prevent_destroy": True})
    assert document(convert(ignored)) == document(convert(configuration()))


def test_the_inputs_of_a_pulumi_resource_are_preferred_to_its_outputs() -> None:
    stack = other_tools.pulumi(accounts() | {"kmsArn": "arn:aws:kms:eu-west-1:111122223333:key/ours"})
    resource = stack["deployment"]["resources"][0]
    resource["outputs"] = resource["outputs"] | {"description": "output"}
    written = document(convert(stack))
    assert written["description"] == "Accounts to the lake"
    assert written["kmsArn"] == "arn:aws:kms:eu-west-1:111122223333:key/ours"
    del resource["inputs"]
    written = document(convert(stack))
    assert written["description"] == "output"
    assert "kmsArn" not in written


def test_the_defaults_that_pulumi_records_are_left_out_of_objects_and_maps() -> None:
    stack = other_tools.pulumi(accounts())
    inputs = stack["deployment"]["resources"][0]["inputs"]
    for task in inputs["tasks"]:
        task["taskProperties"] = {"__defaults": [], **task.get("taskProperties", {})}
    assert document(convert(stack)) == document(convert(other_tools.pulumi(accounts())))


@pytest.mark.parametrize("value", [SECRET, UNKNOWN])
def test_secrets_and_unknown_values_of_pulumi_become_variables(value: Json) -> None:
    variables = Placeholders()
    stack = other_tools.pulumi(accounts())
    stack["deployment"]["resources"][0]["inputs"]["description"] = value
    converted = convert(stack, variables)
    assert document(converted)["description"] == "${env.INPUTS_DESCRIPTION}"
    assert "hunter2" not in converted.flows[0].text + variables.to_yaml()


def test_the_checkpoint_of_a_stack_is_read_like_its_export() -> None:
    stack = other_tools.pulumi(accounts())
    first = stack["deployment"]["resources"][0]
    stack["deployment"]["resources"].append({"urn": "urn:empty", "type": first["type"]})
    checkpoint = {"version": 3, "checkpoint": {"stack": "prod", "latest": stack["deployment"]}}
    flows, findings = convert(checkpoint).flows, convert(checkpoint).findings
    assert flows == convert(stack).flows
    assert [each.message for each in findings] == ["expected the settings of 'urn:empty', got none"]


@pytest.mark.parametrize("key", ["delete", "external"])
@pytest.mark.parametrize("settings", [{}, {"inputs": None, "outputs": None}])
def test_resources_that_a_stack_does_not_manage_are_skipped(key: str, settings: dict[str, Json]) -> None:
    stack = other_tools.pulumi(accounts())
    first = stack["deployment"]["resources"][0]
    stack["deployment"]["resources"].append(first | {"urn": "urn:other", key: True} | settings)
    assert len(convert(stack).flows) == 1


def test_references_of_a_pulumi_program_become_variables() -> None:
    properties = other_tools.pulumi(accounts())["deployment"]["resources"][0]["inputs"]
    properties |= {"description": "$${x} ${lake.bucket}", "tags": {"team": {"fn::secret": "hunter2"}}}
    program = {"resources": {"orders": {"type": "aws:appflow:Flow", "properties": properties}}}
    written = document(convert(program))
    assert (written["description"], written["tags"]) == (
        "${x} ${env.LAKE_BUCKET}",
        {"team": "${env.TAGS_TEAM}"},
    )


@pytest.mark.parametrize(
    ("change", "pointer", "value"),
    [
        (
            {
                "destination_connector_properties": [
                    {"sapo_data": [{"object_path": "x", "write_operation": "INSERT"}]}
                ]
            },
            "destinationConnectorProperties",
            {"SAPOData": {"objectPath": "x", "writeOperationType": "INSERT"}},
        ),
        (
            {"destination_connector_properties": {"lookout_metrics": {"object": "x"}}},
            "destinationConnectorProperties",
            {"LookoutMetrics": {}},
        ),
        (
            {"destination_connector_properties": [{"lookout_metrics": [None]}]},
            "destinationConnectorProperties",
            {"LookoutMetrics": {}},
        ),
        ({"api_version": "", "connector_profile_name": None, "new_member": []}, "connectorType", "S3"),
    ],
)
def test_members_that_follow_no_rule_are_translated(change: Any, pointer: str, value: Json) -> None:
    state = other_tools.terraform_state(accounts())
    state_attributes(state)["destination_flow_config"][0].update(change)
    assert document(convert(state))["destinationFlowConfigList"][0][pointer] == value


@pytest.mark.parametrize(
    ("member", "written", "value"),
    [
        ("fail_on_first_error", "TRUE", True),
        ("fail_on_first_destination_error", "true", True),
        ("bucket_name", 4711, "4711"),
    ],
)
def test_booleans_and_numbers_in_another_form_are_read(member: str, written: Json, value: Json) -> None:
    state = other_tools.terraform_state(accounts())
    destination = state_attributes(state)["destination_flow_config"][0]
    errors = {"error_handling_config": [{member: written}], "object": "x", "intermediate_bucket_name": "tmp"}
    destination["destination_connector_properties"] = [{"snowflake": [errors]}]
    (properties,) = document(convert(state))["destinationFlowConfigList"]
    handling = properties["destinationConnectorProperties"]["Snowflake"]["errorHandlingConfig"]
    assert list(handling.values()) == [value]


def test_absent_numbers_of_a_state_are_left_out() -> None:
    state = other_tools.terraform_state(accounts())
    source = state_attributes(state)["source_flow_config"][0]
    sap = {
        "object_path": "x",
        "pagination_config": [{"max_page_size": 0}],
        "parallelism_config": [{"max_page_size": 3}],
    }
    source["source_connector_properties"] = [{"sapo_data": [sap]}]
    written = document(convert(state))["sourceFlowConfig"]["sourceConnectorProperties"]
    assert written == {"SAPOData": {"objectPath": "x", "parallelismConfig": {"maxParallelism": 3}}}


def test_two_objects_for_one_are_refused() -> None:
    state = other_tools.terraform_state(accounts())
    state_attributes(state)["source_flow_config"] *= 2
    assert convert(state).findings[0].message == "expected one object, got a list of 2"


def test_a_new_member_of_another_tool_is_refused() -> None:
    state = other_tools.terraform_state(accounts())
    state_attributes(state)["destination_flow_config"][0]["new_member"] = "x"
    assert convert(state).findings[0].message == "unknown key 'new_member'"


def test_the_properties_of_a_list_of_resources_are_incomplete() -> None:
    entry = {"Identifier": "orders", "Properties": '{"FlowName": "orders"}'}
    listed = {"TypeName": "AWS::AppFlow::Flow", "ResourceDescriptions": [entry]}
    converted = convert(listed)
    assert "get-resource" in (converted.findings[0].hint or "")


def test_equal_references_in_two_files_are_two_variables_except_pseudo_parameters() -> None:
    variables = Placeholders()
    for name in ("a.json", "b.json"):
        template = other_tools.cloudformation(accounts())
        template["Resources"]["Orders"]["Properties"]["Description"] = {"Fn::Sub": "${Lake} ${AWS::Region}"}
        convert_file(name, json.dumps(template).encode(), variables)
    assert [each.name for each in variables] == ["LAKE", "AWS_REGION", "LAKE_2"]


def test_a_number_that_is_used_as_text_is_text_in_the_variables_file() -> None:
    variables = Placeholders()
    template = other_tools.cloudformation(accounts())
    template["Parameters"] = {
        "From": {"Type": "Number", "Default": 7},
        "Offset": {"Type": "Number", "Default": 60},
    }
    properties = template["Resources"]["Orders"]["Properties"]
    properties["TriggerConfig"]["TriggerProperties"]["ScheduleOffset"] = {"Ref": "Offset"}
    properties["Tasks"][3]["TaskProperties"][1]["Value"] = {"Ref": "From"}
    convert_file("template.json", json.dumps(template).encode(), variables)
    assert yaml.safe_load(variables.to_yaml()) == {"OFFSET": 60, "FROM": "7"}


def state_with(**instance: object) -> Any:
    """A state whose flow has a second instance."""
    state: Any = other_tools.terraform_state(accounts())
    state["resources"][0]["instances"].append({"index_key": "us", **instance})
    return state


@pytest.mark.parametrize(
    ("instance", "got"),
    [
        ({"attributes": None}, "none"),
        ({}, "none"),
        ({"attributes_flat": {"name": "old"}}, "only 'name'"),
        ({"attributes": {"name": "new", "id": "new"}}, "only 'name', 'id'"),
    ],
)
def test_an_instance_of_a_state_without_settings_is_refused_beside_others(
    instance: dict[str, Json], got: str
) -> None:
    converted = convert(state_with(**instance))
    (finding,) = converted.findings
    assert len(converted.flows) == 1
    address = 'module.crm.aws_appflow_flow.orders["us"]'
    assert finding.message == f"expected the settings of '{address}', got {got}"


def test_deposed_objects_and_data_sources_are_not_flows_to_convert() -> None:
    state = state_with(attributes=None, deposed="abcd")
    deposed = state_attributes(state) | {"name": "deposed"}
    state["resources"][0]["instances"].append({"deposed": "ef01", "attributes": deposed})
    data: Any = other_tools.terraform_state(accounts())["resources"][0]
    state["resources"].append(data | {"mode": "data", "name": "read"})
    document(convert(state))


def test_a_block_of_a_configuration_without_settings_is_refused_beside_others() -> None:
    main: Any = configuration()
    main["resource"]["aws_appflow_flow"]["stock"] = {"name": "stock"}
    converted = convert(main)
    assert len(converted.flows) == 1
    assert [each.message for each in converted.findings] == [
        "expected the settings of 'aws_appflow_flow.stock', got only 'name'"
    ]


@pytest.mark.parametrize(
    ("resource", "got"),
    [({}, "none"), ({"outputs": "x"}, "a string"), ({"inputs": {"name": "stock"}}, "only 'name'")],
)
def test_a_resource_of_a_stack_without_settings_is_refused_beside_others(
    resource: dict[str, Json], got: str
) -> None:
    stack: Any = other_tools.pulumi(accounts())
    resources = stack["deployment"]["resources"]
    resources.append({"urn": "urn:stock", "type": "aws:appflow/flow:Flow", **resource})
    converted = convert(stack)
    assert len(converted.flows) == 1
    assert [each.message for each in converted.findings] == [
        f"expected the settings of 'urn:stock', got {got}"
    ]


@pytest.mark.parametrize("flag", [True, "true", "True", " TRUE ", "1", 1, "yes"])
def test_a_default_is_not_written_if_its_flag_says_secret_in_any_spelling(flag: Json) -> None:
    variables = Placeholders()
    main: Any = configuration(description="${var.password}")
    main["variable"]["password"]["sensitive"] = flag
    template: Any = other_tools.cloudformation(accounts())
    template["Parameters"] = {"Key": {"Type": "String", "Default": "hunter2", "NoEcho": flag}}
    template["Resources"]["Orders"]["Properties"]["Description"] = {"Ref": "Key"}
    show = other_tools.terraform_show(accounts() | {"description": "hunter2"})
    for content in (main, template, plan_of(show, {}, {"description": flag})):
        (flow,) = convert(content, variables).flows
        assert "hunter2" not in flow.text + variables.to_yaml()


@pytest.mark.parametrize("flag", [False, "false", "False", None])
def test_a_default_is_written_if_its_flag_says_not_secret(flag: Json) -> None:
    variables = Placeholders()
    main: Any = configuration(description="${var.label}")
    main["variable"]["label"]["sensitive"] = flag
    convert(main, variables)
    assert "ours" in variables.to_yaml()


@pytest.mark.parametrize("name", ["arn", "id", "kms_arn", "tags_all", "flow_status", "flow_arn", "region"])
def test_what_terraform_computes_needs_no_variable(name: str) -> None:
    variables = Placeholders()
    converted = convert(plan_of(other_tools.terraform_show(accounts()), {name: True}), variables)
    assert document(converted)["flowName"] == "accounts"
    assert list(variables) == []


@pytest.mark.parametrize(
    ("members", "index", "address"),
    [
        ({}, "eu", 'module.crm.aws_appflow_flow.orders["eu"]'),
        ({}, 0, "module.crm.aws_appflow_flow.orders[0]"),
        ({}, None, "module.crm.aws_appflow_flow.orders"),
        ({"module": None}, 1, "aws_appflow_flow.orders[1]"),
        ({"address": "given"}, 1, "given"),
    ],
)
def test_an_address_has_the_module_and_the_index(members: dict[str, Json], index: Json, address: str) -> None:
    state = other_tools.terraform_state(accounts())
    state["resources"][0] |= members
    state["resources"][0]["instances"][0]["index_key"] = index
    [flow] = convert(state).flows
    assert flow.address == address


def test_a_map_that_is_unknown_has_a_variable_for_each_of_its_values() -> None:
    variables = Placeholders()
    show = other_tools.terraform_show(accounts() | {"tags": {"team": "a", "cost": "b"}})
    written = document(convert(plan_of(show, {"tags": True}), variables))
    assert written["tags"] == {"cost": "${env.TAGS_COST}", "team": "${env.TAGS_TEAM}"}
    assert [(each.name, each.value) for each in variables] == [("TAGS_TEAM", None), ("TAGS_COST", None)]
    [team, _] = variables
    assert team.origin == (
        "value known after apply 'tags_team' of module.crm.aws_appflow_flow.orders in file.json"
    )


@pytest.mark.parametrize("marker", [{"deposed_key": "abcd"}, {"deposed": "abcd"}, {"mode": "data"}])
def test_a_resource_that_is_deposed_or_only_read_is_not_a_flow_to_convert(marker: dict[str, Json]) -> None:
    show = other_tools.terraform_show(accounts())
    resources = show["values"]["root_module"]["child_modules"][0]["resources"]
    resources.append({**resources[0], "address": "aws_appflow_flow.old", **marker})
    document(convert(show))


def test_a_mark_inside_of_a_value_that_is_sensitive_as_a_whole_changes_nothing() -> None:
    def step(name: str) -> dict[str, Json]:
        return {"type": "get_attr", "value": name}

    state = other_tools.terraform_state(accounts() | {"tags": {"team": "hunter2"}})
    state["resources"][0]["instances"][0]["sensitive_attributes"] = [
        [step("tags")],
        [step("tags"), step("team")],
        [step("description"), step("inner"), step("deep")],
        [],
    ]
    assert document(convert(state))["tags"] == {"team": "${env.TAGS_TEAM}"}


def test_a_plan_without_the_change_of_a_resource_knows_all_its_values() -> None:
    plan = plan_of(other_tools.terraform_show(accounts()), {"description": True})
    plan["resource_changes"] = [5, {"address": "other", "change": {}}, {"address": "x"}]
    assert document(convert(plan))["description"] == accounts()["description"]


def test_the_status_that_pulumi_read_is_not_one_that_the_program_chose() -> None:
    stack = other_tools.pulumi({**accounts(), "triggerConfig": {"triggerType": "Event"}})
    resource = stack["deployment"]["resources"][0]
    resource["outputs"] = resource["outputs"] | {"flowStatus": "Suspended"}
    del resource["inputs"]
    assert "flowStatus" not in document(convert(stack))
