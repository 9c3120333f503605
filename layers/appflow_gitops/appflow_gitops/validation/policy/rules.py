"""The AFG3xx rules: what the policy does not allow, and errors in the policy itself."""

from appflow_gitops.findings import RuleInfo, Severity

_SOURCE = "docs/policy.md"
_EXAMPLE = "with documents: [{prefix: flows/sales/, flows: [sales-*], %s}]"


def _rule(rule_id: str, title: str, explanation: str, example: str) -> RuleInfo:
    """Return a rule of severity error: what the policy does not allow is not applied."""
    return RuleInfo(rule_id, Severity.ERROR, title, explanation, example, _SOURCE)


FLOW_NOT_ALLOWED = _rule(
    "AFG301",
    "Flow not allowed by the policy",
    "The policy grants flow names to folders of documents. A document in a folder without a grant may not change any "
    "flow, and neither may a request unless the policy has `requests`. Rename the flow, move the document, or extend "
    "the grant.",
    "flowName: hr-payroll   # in flows/sales/payroll.yaml, whose grant is sales-*",
)
CONNECTOR_NOT_ALLOWED = _rule(
    "AFG302",
    "Connector not allowed by the policy",
    "The source or a destination uses a connector that is not in the grant's `connectors`. Use one that is listed, or "
    "extend the grant.",
    "connectorType: Snowflake   # " + _EXAMPLE % "connectors: [Salesforce, S3]",
)
PROFILE_NOT_ALLOWED = _rule(
    "AFG303",
    "Connector profile not allowed by the policy",
    "A connector profile holds the credentials of a system, so a flow with the profile can access that system. Use a "
    "profile in the grant's `connectorProfiles`, or extend the grant.",
    "connectorProfileName: hr-sap   # " + _EXAMPLE % "connectorProfiles: [sales-*]",
)
BUCKET_NOT_ALLOWED = _rule(
    "AFG304",
    "Bucket not allowed by the policy",
    "All buckets of a flow are checked: sources, destinations, intermediate buckets, and buckets for failed records "
    "and for responses. Use a bucket in the grant's `buckets`, or extend the grant.",
    "bucketName: hr-lake   # " + _EXAMPLE % "buckets: [sales-*]",
)
CREATION_NOT_ALLOWED = _rule(
    "AFG305",
    "Creating flows not allowed by the policy",
    "The flow does not exist and the grant has `create: false`. Create the flow in AppFlow first. `validate` does not "
    "report this: only `plan` and the deployed stack know which flows exist.",
    "flowName: sales-new   # " + _EXAMPLE % "create: false",
)
POLICY_BROKEN = _rule(
    "AFG310",
    "Policy invalid",
    "`policy.yaml` has errors, so it is unknown what it allows. Every change is rejected until the policy is fixed.",
    "flowName: orders   # while policy.yaml contains `document: []`",
)
POLICY_FILE = _rule(
    "AFG311",
    "Error in the policy file",
    "The policy is one object with `documents` and, optionally, `requests`. Unknown keys are errors, because a "
    "misspelled restriction would otherwise have no effect. To work without a policy, delete the file.",
    "documents: [{prefix: flows/sales, flows: [sales-*]}]   # the prefix must end with /",
)

POLICY_RULES: tuple[RuleInfo, ...] = (
    FLOW_NOT_ALLOWED,
    CONNECTOR_NOT_ALLOWED,
    PROFILE_NOT_ALLOWED,
    BUCKET_NOT_ALLOWED,
    CREATION_NOT_ALLOWED,
    POLICY_BROKEN,
    POLICY_FILE,
)
"""All rules about the policy, ordered by id."""
