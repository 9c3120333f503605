"""The UpdateFlow request as a whole."""

from appflow_gitops.flows.model.catalog import MetadataCatalogConfig
from appflow_gitops.flows.model.destination import DestinationFlowConfigList
from appflow_gitops.flows.model.scalars import ClientToken, FlowDescription, FlowName
from appflow_gitops.flows.model.source import SourceFlowConfig
from appflow_gitops.flows.model.structure import Omittable, Structure
from appflow_gitops.flows.model.task import Tasks
from appflow_gitops.flows.model.trigger import TriggerConfig


class FlowConfiguration(Structure):
    """A flow in UpdateFlow: everything that the call replaces."""

    flowName: FlowName
    description: Omittable[FlowDescription] = None
    triggerConfig: TriggerConfig
    sourceFlowConfig: SourceFlowConfig
    destinationFlowConfigList: DestinationFlowConfigList
    tasks: Tasks
    metadataCatalogConfig: Omittable[MetadataCatalogConfig] = None


class UpdateFlowRequest(FlowConfiguration):
    """The UpdateFlow request: the flow, and the token that makes the call idempotent."""

    clientToken: Omittable[ClientToken] = None
