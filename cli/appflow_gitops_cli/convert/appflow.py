"""Flows in AppFlow's own spelling, as DescribeFlow returns them, and the responses of the Cloud Control API."""

from collections.abc import Iterator, Mapping

from appflow_gitops.documents.collector import Collector
from appflow_gitops.documents.foreign import ForeignObject
from appflow_gitops.documents.json_text import read_json
from appflow_gitops.findings import Json, Path
from appflow_gitops_cli.convert.declared import DeclaredFlow, FileContext, Tool, Values

_PROPERTIES = ("Properties", "DesiredState", "ResourceModel")


def described_flow(value: dict[str, Json], path: Path, context: FileContext) -> DeclaredFlow:
    """Return the flow of DescribeFlow output, or of a request, in which variables may be used already."""
    is_described = "flowArn" in value
    flow = Values(context).resolve(value, path) if is_described else value
    return DeclaredFlow(
        Tool.APPFLOW,
        str(value.get("flowName")),
        path,
        flow,
        is_state=is_described,
        is_described=is_described,
        is_document=not is_described,
    )


def find_flows(
    value: Mapping[str, Json], _foreign: ForeignObject, path: Path, context: FileContext
) -> Iterator[DeclaredFlow]:
    """Yield the flows of a GetResource response or a CreateResource request: JSON in a string."""
    for place, text in _texts(value, path):
        collector = Collector()
        read = read_json(text, collector)
        flow = read.value if read else None
        if collector.findings or not isinstance(flow, dict):
            context.refuse(place, "expected the properties of a flow as JSON in a string")
        elif "TriggerConfig" not in flow and "SourceFlowConfig" not in flow:
            hint = "run 'aws cloudcontrol get-resource' for each flow: lists do not contain the settings"
            context.refuse(place, "the properties are incomplete", hint)
        else:
            yield DeclaredFlow(
                Tool.CLOUD_CONTROL,
                str(flow.get("FlowName")),
                place,
                Values(context).resolve(flow, place),
                is_state=True,
                is_described=True,
            )


def _texts(value: Json | Mapping[str, Json], path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the strings with properties: there is one in a response, or one for each entry of a list."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in _PROPERTIES and isinstance(inner, str):
                yield (*path, key), inner
            else:
                yield from _texts(inner, (*path, key))
