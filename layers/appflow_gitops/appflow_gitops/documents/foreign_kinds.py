"""The kinds of files that are not flow documents: their names in messages, and what to do with them.

``foreign`` recognises them.
"""

from dataclasses import dataclass

CONVERT = "run 'appflow-gitops convert FILE --out DIR' to turn its flows into documents"

_EXPORT = "run 'appflow-gitops export FLOW --out DIR' to turn live flows into documents"
_KEEP_OUT = "move it out of the folder of flow documents"


@dataclass(frozen=True, slots=True)
class ForeignKind:
    """A kind of file: ``name`` with its article, for messages, and ``hint``, what to do with such a file."""

    name: str
    hint: str

    @property
    def is_convertible(self) -> bool:
        """Whether the file declares flows itself, in another tool's spelling."""
        return self.hint == CONVERT


CLOUDFORMATION = ForeignKind("a CloudFormation template", CONVERT)
SAM = ForeignKind("an AWS SAM template for CloudFormation", CONVERT)
CLOUDFORMATION_RESOURCE = ForeignKind("a resource of a CloudFormation template", CONVERT)
CLOUDFORMATION_PROPERTIES = ForeignKind("a flow in CloudFormation's spelling", CONVERT)
CLOUDFORMATION_PARAMETERS = ForeignKind(
    "a list of CloudFormation parameters", "write the values to a variables file, see docs/variables.md"
)
SERVERLESS = ForeignKind(
    "a Serverless Framework configuration with CloudFormation resources",
    CONVERT,
)
CDK_ASSEMBLY = ForeignKind(
    "a manifest that 'cdk synth' wrote",
    CONVERT,
)
CLOUD_CONTROL = ForeignKind("a Cloud Control API response, as of GetResource", CONVERT)
TERRAFORM_STATE = ForeignKind("a Terraform state", CONVERT)
TERRAFORM_PLAN = ForeignKind("a Terraform plan", CONVERT)
TERRAFORM_CONFIGURATION = ForeignKind(
    "a Terraform configuration",
    CONVERT,
)
TERRAFORM_RESOURCE = ForeignKind("a flow in Terraform's spelling", CONVERT)
PULUMI_STACK = ForeignKind("a Pulumi stack export", CONVERT)
PULUMI_PROGRAM = ForeignKind("a Pulumi program", CONVERT)
PULUMI_RESOURCE = ForeignKind("a flow in Pulumi's spelling", CONVERT)
CROSSPLANE = ForeignKind("a Kubernetes manifest of Crossplane", _EXPORT)
KUBERNETES = ForeignKind("a Kubernetes manifest", _KEEP_OUT)
PUT_INTEGRATION = ForeignKind(
    "a PutIntegration request of Customer Profiles",
    "Customer Profiles manages the flow in 'FlowDefinition': move the file out of the folder of flow documents",
)
LIST_FLOWS = ForeignKind("ListFlows output, which lacks the settings of the flows", _EXPORT)
EXECUTION_RECORDS = ForeignKind("DescribeFlowExecutionRecords output", _EXPORT)
CONNECTOR_PROFILES = ForeignKind("a list of connector profiles or connectors", _EXPORT)
FLOW_RESPONSE = ForeignKind("an AppFlow response without the settings of a flow", _EXPORT)
EVENT = ForeignKind(
    "an EventBridge event", "the flow of a request is in 'detail': write it to a file of its own"
)
IAM_POLICY = ForeignKind("an IAM policy", _KEEP_OUT)
POLICY = ForeignKind(
    "a policy of appflow-gitops", "pass it with --policy, outside of the folder of flow documents"
)
VARIABLES = ForeignKind(
    "a variables file of appflow-gitops", "pass it with --vars, outside of the folder of flow documents"
)
SOPS = ForeignKind(
    "a file encrypted with SOPS", "the stack reads plain text: run 'sops decrypt --in-place FILE'"
)
LFS_POINTER = ForeignKind("a pointer of Git LFS instead of the file", "run 'git lfs pull'")
MARKUP = ForeignKind("HTML or XML", _KEEP_OUT)
REPORT = ForeignKind("a report of appflow-gitops", _KEEP_OUT)
JSON_SCHEMA = ForeignKind("a JSON Schema", _KEEP_OUT)
WRAPPED = ForeignKind("an object around a flow", "move the flow to the top level, or into a list there")

UNKNOWN = ForeignKind(
    "an object without any key of a flow",
    "a flow has the keys 'flowName', 'triggerConfig', 'sourceFlowConfig', 'destinationFlowConfigList' and 'tasks'; "
    "move other files out of the folder",
)
