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
    "and for responses. `buckets` allows reading and writing, `readBuckets` and `writeBuckets` only one of them; "
    "`shared-lake/sales/*` allows one folder of a bucket. Use what the grant lists, or extend the grant.",
    "bucketName: hr-lake   # " + _EXAMPLE % "buckets: [sales-*]",
)
CREATION_NOT_ALLOWED = _rule(
    "AFG305",
    "Creating flows not allowed by the policy",
    "The flow does not exist and the grant has `create: false`. Create the flow in AppFlow first. `validate` does not "
    "report this: only `plan` and the deployed stack know which flows exist.",
    "flowName: sales-new   # " + _EXAMPLE % "create: false",
)
ROLE_NOT_ALLOWED = _rule(
    "AFG306",
    "Role not allowed by the policy",
    "AppFlow assumes this role to update the Glue Data Catalog, so the author of a document gets the role's rights. A "
    "grant without `glueRoles` allows no role. Use a role in the grant's `glueRoles`, or extend the grant.",
    "roleArn: arn:aws:iam::123456789012:role/hr-catalog   # " + _EXAMPLE % "connectors: [S3]",
)
DATABASE_NOT_ALLOWED = _rule(
    "AFG307",
    "Glue database not allowed by the policy",
    "AppFlow writes tables into this database of the Glue Data Catalog. Use a database in the grant's "
    "`glueDatabases`, or extend the grant.",
    "databaseName: hr   # " + _EXAMPLE % "glueDatabases: [sales]",
)
KEY_NOT_ALLOWED = _rule(
    "AFG308",
    "KMS key not allowed by the policy",
    "AppFlow gets a grant for this key when the flow is created. A policy grant without `kmsKeys` allows no key. Use "
    "a key in the grant's `kmsKeys`, or extend the grant.",
    "kmsArn: arn:aws:kms:eu-central-1:123456789012:key/1234   # " + _EXAMPLE % "connectors: [S3]",
)
DOMAIN_NOT_ALLOWED = _rule(
    "AFG309",
    "Customer Profiles domain not allowed by the policy",
    "The flow writes profiles into this domain. Use a domain in the grant's `domains`, or extend the grant.",
    "domainName: hr   # " + _EXAMPLE % "domains: [sales]",
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
EVENT_SOURCE_NOT_ALLOWED = _rule(
    "AFG312",
    "Event source not allowed by the policy",
    "The flow sends records to this partner event source of EventBridge. Use a source in the grant's `eventSources`, "
    "or extend the grant.",
    "object: aws.partner/appflow/salesforce.com/123456789012   # " + _EXAMPLE % "eventSources: []",
)
POLICY_MISSING = _rule(
    "AFG313",
    "Policy required",
    "The stack has `RequirePolicy=true` and the documents bucket has no `policy.yaml`, so nothing is allowed. Drop a "
    "policy; documents that were rejected in the meantime must be dropped again.",
    "flowName: orders   # while the documents bucket has no policy.yaml",
)

POLICY_RULES: tuple[RuleInfo, ...] = (
    FLOW_NOT_ALLOWED,
    CONNECTOR_NOT_ALLOWED,
    PROFILE_NOT_ALLOWED,
    BUCKET_NOT_ALLOWED,
    CREATION_NOT_ALLOWED,
    ROLE_NOT_ALLOWED,
    DATABASE_NOT_ALLOWED,
    KEY_NOT_ALLOWED,
    DOMAIN_NOT_ALLOWED,
    POLICY_BROKEN,
    POLICY_FILE,
    EVENT_SOURCE_NOT_ALLOWED,
    POLICY_MISSING,
)
"""All rules about the policy, ordered by id."""
