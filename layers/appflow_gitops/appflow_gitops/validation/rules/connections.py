"""Rules about the source and destinations: connectors, properties, profiles, buckets and names."""

import re
from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.rules.connectors import RETIRED, WITHOUT_PROFILE, WITHOUT_PROPERTIES
from appflow_gitops.validation.rules.flow_view import FlowView
from appflow_gitops.validation.rules.rule import (
    CDK,
    TERRAFORM_CC,
    Rule,
    api_reference,
    github_issue,
    user_guide,
)

_BUCKET_KEYS = ("bucketName", "intermediateBucketName")
_BUCKET_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9]")
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_PROFILE = "connectorProfileName"


class ConnectorRole(Rule):
    """Connector not available in this role.

    The API has properties for 17 source connectors and 13 destination connectors. A connector such as Redshift or
    EventBridge is a destination only, so a flow cannot read from it. Choose a connector from the list in the hint.
    """

    id = "AFG201"
    severity = Severity.ERROR
    source = user_guide("app-specific")
    bad = """
        sourceFlowConfig:
          connectorType: EventBridge
          sourceConnectorProperties: {}
    """
    good = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            if connection.declared and connection.declared not in connection.keys:
                message = f"{quoted(connection.declared)} cannot be a {connection.role}"
                hint = f"expected one of: {listed(sorted(connection.keys), limit=24)}"
                yield self.issue(connection.view.at("connectorType"), message, hint)


class PropertiesOfConnector(Rule):
    """Properties do not match the connectorType.

    The properties must be in an object named after the connector in `connectorType`. The SDKs do not notice when that
    object is missing or belongs to another connector. Rename the object, or correct `connectorType`.
    """

    id = "AFG202"
    severity = Severity.ERROR
    source = api_reference("SourceConnectorProperties")
    bad = """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Zendesk: {object: tickets}
    """
    good = """
        sourceFlowConfig:
          connectorType: Zendesk
          connectorProfileName: support
          sourceConnectorProperties:
            Zendesk: {object: tickets}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            properties = connection.properties
            key = connection.keys.get(connection.declared or "")
            if properties is None or key is None or not properties.is_missing(key):
                continue
            if properties.members:
                message = f"expected properties of {quoted(key)}, got those of {listed(properties.members)}"
                hint = f"move them to {quoted(key)}, or correct connectorType"
                yield self.issue(properties.path, message, hint)
            elif connection.declared not in WITHOUT_PROPERTIES:
                message = f"missing properties of {quoted(key)}"
                yield self.issue(properties.path, message, f"add them under {quoted(key)}")


class SingleConnector(Rule):
    """Properties of more than one connector.

    A source or destination has exactly one connector. Properties of other connectors, as in the skeleton that `aws
    appflow create-flow --generate-cli-skeleton` prints, have no meaning. Remove all but those of `connectorType`.
    """

    id = "AFG203"
    severity = Severity.ERROR
    source = api_reference("SourceConnectorProperties")
    bad = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
            Slack: {object: conversations}
    """
    good = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            properties = connection.properties
            key = connection.keys.get(connection.declared or "")
            if properties and key and properties.has(key) and len(properties.members) > 1:
                others = [name for name in properties.members if name != key]
                message = f"expected properties of exactly one connector, got {len(others) + 1}"
                yield self.issue(properties.path, message, f"remove {listed(others)}")


class ProfileRequired(Rule):
    """Missing connector profile.

    AppFlow logs in to applications and custom connectors with a connector profile of the same account and Region. Set
    `connectorProfileName`.
    """

    id = "AFG204"
    severity = Severity.WARNING
    source = api_reference("SourceFlowConfig")
    bad = """
        sourceFlowConfig:
          connectorType: Slack
          sourceConnectorProperties:
            Slack: {object: conversations}
    """
    good = """
        sourceFlowConfig:
          connectorType: Slack
          connectorProfileName: chat
          sourceConnectorProperties:
            Slack: {object: conversations}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            connector = connection.connector
            if connector and connector not in WITHOUT_PROFILE and connection.view.is_missing(_PROFILE):
                message = f"missing 'connectorProfileName' for the {connection.role} {quoted(connector)}"
                hint = "set it to the connector profile that AppFlow logs in with"
                yield self.issue(connection.view.at(_PROFILE), message, hint)


class ProfileUnused(Rule):
    """Unused connector profile.

    AppFlow accesses S3, EventBridge, Lookout for Metrics, Upsolver and Customer Profiles with its own permissions.
    AppFlow accepts a profile there (AWS's samples and live flows have one), but no use of it is documented. Remove
    `connectorProfileName`.
    """

    id = "AFG205"
    severity = Severity.WARNING
    source = api_reference("UpdateFlow")
    bad = """
        sourceFlowConfig:
          connectorType: S3
          connectorProfileName: crm
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """
    good = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            connector = connection.connector
            if connector in WITHOUT_PROFILE and connection.view.text(_PROFILE):
                message = f"'connectorProfileName' has no effect for {quoted(connector)}"
                yield self.issue(connection.view.at(_PROFILE), message, "remove it")


class ApiVersionRequired(Rule):
    """Custom connector without apiVersion.

    A custom connector supports certain versions of the application's API; `apiVersion` selects one of them. Set it, in
    quotes.
    """

    id = "AFG206"
    severity = Severity.WARNING
    source = api_reference("SourceFlowConfig")
    bad = """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: asana
          sourceConnectorProperties:
            CustomConnector: {entityName: tasks}
    """
    good = """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: asana
          apiVersion: "1.0"
          sourceConnectorProperties:
            CustomConnector: {entityName: tasks}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            if connection.connector == "CustomConnector" and connection.view.is_missing("apiVersion"):
                message = f"missing 'apiVersion' for the custom connector of the {connection.role}"
                hint = 'set a version that the connector supports, in quotes: apiVersion: "1.0"'
                yield self.issue(connection.view.at("apiVersion"), message, hint)


class BucketName(Rule):
    """Invalid S3 bucket name.

    AppFlow checks little more than the length of a bucket name. S3 requires lower-case letters, digits, dots and
    hyphens, so the bucket probably does not exist. Correct the name. In us-east-1, buckets from before 2018 may have
    other names: ignore the rule for these.
    """

    id = "AFG207"
    severity = Severity.WARNING
    source = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
    bad = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: Orders_Inbox, bucketPrefix: daily}
    """
    good = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            for store in connection.stores:
                for key in _BUCKET_KEYS:
                    name = store.text(key)
                    if name and (not _BUCKET_NAME.fullmatch(name) or _IP_ADDRESS.fullmatch(name)):
                        message = f"invalid S3 bucket name {quoted(name)}"
                        yield self.issue(store.at(key), message, _bucket_hint(name))


def _bucket_hint(name: str) -> str:
    if "/" in name:
        return "write only the bucket name, and move the text after the slash to bucketPrefix"
    return "use lower-case letters, digits, dots and hyphens, with a letter or digit at both ends"


class LeadingSlash(Rule):
    """Bucket prefix with a leading slash.

    Keys in S3 do not start with a slash. A source with such a prefix runs and reads nothing; a destination writes to a
    folder without a name. Remove the slash.
    """

    id = "AFG208"
    severity = Severity.WARNING
    source = github_issue(CDK, 18899)
    bad = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: /daily}
    """
    good = """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox, bucketPrefix: daily}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            for store in connection.stores:
                prefix = store.text("bucketPrefix")
                if prefix and prefix.startswith("/"):
                    rest = prefix.strip("/")
                    hint = f"write {quoted(rest)}" if rest else "remove it"
                    yield self.issue(store.at("bucketPrefix"), "'bucketPrefix' starts with a slash", hint)


class AsciiNames(Rule):
    r"""Name with non-ASCII letters.

    AppFlow's patterns allow ``\w``, which matches only ASCII letters in Java, the language of most AWS services.
    Whether AppFlow accepts other letters is undocumented. Use ASCII letters.
    """

    id = "AFG209"
    severity = Severity.WARNING
    source = api_reference("UpdateFlow")
    bad = """
        description: Aufträge des Tages
    """
    good = """
        description: Orders of the day
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        names = [(flow.view, "flowName"), (flow.view, "description")]
        names += [(connection.view, _PROFILE) for connection in flow.connections]
        for view, key in names:
            text = view.text(key) or ""
            if not text.isascii():
                others = dict.fromkeys(char for char in text if not char.isascii())
                message = f"{key} has characters that AppFlow may reject: {listed(others)}"
                yield self.issue(view.at(key), message, "use ASCII letters")


class RetiredConnector(Rule):
    """Connector whose service has ended.

    AppFlow still accepts `Googleanalytics`, `LookoutMetrics` and `Honeycode`, but the services behind them have ended,
    so a run fails or transfers nothing. Google Analytics 4 is a custom connector. Remove the flow, or use another
    connector.
    """

    id = "AFG215"
    severity = Severity.WARNING
    source = user_guide("app-specific")
    bad = """
        destinationFlowConfigList:
        - connectorType: LookoutMetrics
          destinationConnectorProperties: {}
    """
    good = """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3: {bucketName: orders-lake}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            if ended := RETIRED.get(connection.declared or ""):
                message = f"the {connection.role} {quoted(connection.declared)} no longer works: {ended}"
                is_analytics = connection.declared == "Googleanalytics"
                hint = (
                    "use a custom connector for Google Analytics 4"
                    if is_analytics
                    else "use another connector"
                )
                yield self.issue(connection.view.at("connectorType"), message, hint)


class ApiVersionUnused(Rule):
    """Unused apiVersion.

    Only a custom connector has versions to select. Other connectors accept `apiVersion` and ignore it: `BULKV2` on
    Salesforce has no effect, the transfer API is selected by `dataTransferApi` in the properties of Salesforce. Remove
    `apiVersion`.
    """

    id = "AFG216"
    severity = Severity.WARNING
    source = github_issue(TERRAFORM_CC, 889)
    bad = """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          apiVersion: BULKV2
          sourceConnectorProperties:
            Salesforce: {object: Account}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
    """
    good = """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: Account, dataTransferApi: BULKV2}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for connection in flow.connections:
            version = connection.view.text("apiVersion")
            if version and connection.connector not in (None, "CustomConnector"):
                message = f"'apiVersion' has no effect for {quoted(connection.connector)}"
                is_salesforce = connection.connector == "Salesforce"
                hint = "remove it; 'dataTransferApi' in the properties of Salesforce selects the transfer API"
                yield self.issue(
                    connection.view.at("apiVersion"), message, hint if is_salesforce else "remove it"
                )
