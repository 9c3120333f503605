"""The AFG3xx rules as data: what the policy does not give to a document, and what can be wrong with the policy."""

from appflow_gitops.findings import RuleInfo, Severity

_SOURCE = "docs/policy.md"
_EXAMPLE = "with documents: [{prefix: flows/sales/, flows: [sales-*], %s}]"


def _rule(rule_id: str, title: str, explanation: str, example: str) -> RuleInfo:
    """Every one is an error: what the policy does not give is not done."""
    return RuleInfo(rule_id, Severity.ERROR, title, explanation, example, _SOURCE)


FLOW_NOT_GIVEN = _rule(
    "AFG301",
    "The policy does not let this document change the flow",
    "The policy names folders of documents, and for each the flows that its documents may change. A folder that it "
    "does not name is given nothing; neither are requests, unless it says so.",
    "flowName: hr-payroll   # in flows/sales/payroll.yaml, which is given sales-*",
)
CONNECTOR_NOT_GIVEN = _rule(
    "AFG302",
    "The policy does not let this document use the connector",
    "Source and destinations may be of the connectors that the document's folder is given.",
    "connectorType: Snowflake   # " + _EXAMPLE % "connectors: [Salesforce, S3]",
)
PROFILE_NOT_GIVEN = _rule(
    "AFG303",
    "The policy does not let this document use the connector profile",
    "A connector profile holds the credentials of a system, so using it is using the system.",
    "connectorProfileName: hr-sap   # " + _EXAMPLE % "connectorProfiles: [sales-*]",
)
BUCKET_NOT_GIVEN = _rule(
    "AFG304",
    "The policy does not let this document use the bucket",
    "Every bucket that the flow names counts: to read from, to write to, in between, for refused records and for "
    "answers.",
    "bucketName: hr-lake   # " + _EXAMPLE % "buckets: [sales-*]",
)
CREATION_NOT_GIVEN = _rule(
    "AFG305",
    "The policy does not let this document create flows",
    "The flow does not exist yet. This is known when a change is planned or applied; `validate` cannot tell.",
    "flowName: sales-new   # " + _EXAMPLE % "create: false",
)
POLICY_BROKEN = _rule(
    "AFG310",
    "The policy cannot be read",
    "Something is wrong with policy.yaml. Until it is mended nothing may be changed.",
    "flowName: orders   # while policy.yaml says `document: []`",
)
POLICY_FILE = _rule(
    "AFG311",
    "The policy says something that is not understood",
    "The policy is one object with `documents` and, if wanted, `requests`; nothing unknown may stand in it. To have no "
    "policy, delete the file.",
    "documents: [{prefix: flows/sales, flows: [sales-*]}]   # the prefix has to end in /",
)

POLICY_RULES: tuple[RuleInfo, ...] = (
    FLOW_NOT_GIVEN,
    CONNECTOR_NOT_GIVEN,
    PROFILE_NOT_GIVEN,
    BUCKET_NOT_GIVEN,
    CREATION_NOT_GIVEN,
    POLICY_BROKEN,
    POLICY_FILE,
)
"""Every rule of the policy, in the order of their ids."""
