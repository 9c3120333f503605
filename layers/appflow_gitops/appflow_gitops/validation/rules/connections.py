"""Rules about the two ends of a flow: which connector, its properties, its profile, buckets and prefixes."""

import re
from collections.abc import Iterator

from appflow_gitops.findings import Severity
from appflow_gitops.validation.rules.connectors import WITHOUT_PROFILE, WITHOUT_PROPERTIES
from appflow_gitops.validation.rules.rule import CDK, Found, Rule, api_reference, issue, listed, user_guide
from appflow_gitops.validation.rules.view import FlowView, Part

_BUCKET_MEMBERS = ("bucketName", "intermediateBucketName")
_BUCKET_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9]")
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_PROFILE = "connectorProfileName"


class EndOfConnector(Rule):
    """A connector can be read from, or written to, or both.

    The request has properties for 17 sources and 13 destinations. Redshift or EventBridge, say, are destinations only,
    and there is no way to state them as a source.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            if connection.declared and connection.declared not in connection.known:
                message = f"'{connection.declared}' cannot be a {connection.role}"
                hint = f"a {connection.role} is one of {', '.join(sorted(connection.known))}"
                yield Found(connection.part.at("connectorType"), message, hint)


class PropertiesOfConnector(Rule):
    """The properties are those of the connectorType.

    They stand in an object named after the connector. Neither the model nor the SDKs notice when it is missing or
    belongs to another connector.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            properties = connection.properties
            member = connection.known.get(connection.declared or "")
            if properties is None or member is None or not properties.is_missing(member):
                continue
            if properties.members:
                others = listed(properties.members)
                message = f"connectorType is '{connection.declared}', the properties are of {others}"
                hint = f"put them under '{member}', or correct connectorType"
                yield Found(properties.path, message, hint)
            elif connection.declared not in WITHOUT_PROPERTIES:
                message = f"there are no properties for '{connection.declared}'"
                yield Found(properties.path, message, f"put them under '{member}'")


class OneConnector(Rule):
    """Properties are given for one connector.

    A source or destination is one connector. Properties of a second one, as in the skeleton that the AWS CLI prints,
    mean nothing.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            properties = connection.properties
            member = connection.known.get(connection.declared or "")
            if properties and member and properties.has(member) and len(properties.members) > 1:
                others = [name for name in properties.members if name != member]
                message = f"there are properties of {len(others) + 1} connectors, connectorType names one"
                yield Found(properties.path, message, f"leave out {listed(others)}")


class ProfileNeeded(Rule):
    """The connector needs a connector profile.

    AppFlow logs in to applications and custom connectors with a connector profile of the same account and Region.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            connector = connection.connector
            if connector and connector not in WITHOUT_PROFILE and connection.part.is_missing(_PROFILE):
                message = f"the {connection.role} '{connector}' has no connectorProfileName"
                hint = "name the connector profile that AppFlow logs in with"
                yield Found(connection.part.at(_PROFILE), message, hint)


class ProfileUnused(Rule):
    """The connector takes no connector profile.

    AppFlow reaches S3, EventBridge, Lookout for Metrics, Upsolver and Customer Profiles with its own rights. Live flows
    with a profile on S3 exist, and AWS's samples have one, so AppFlow takes it; what it is for is anybody's guess.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            connector = connection.connector
            if connector in WITHOUT_PROFILE and connection.part.text(_PROFILE):
                message = f"'{connector}' needs no connectorProfileName"
                yield Found(connection.part.at(_PROFILE), message, "leave it out")


class ApiVersionNeeded(Rule):
    """A custom connector needs an apiVersion.

    A custom connector names the versions of the application's API that it can speak; which one the flow uses is told
    by ``apiVersion``.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            if connection.connector == "CustomConnector" and connection.part.is_missing("apiVersion"):
                message = f"the {connection.role} is a custom connector without apiVersion"
                hint = 'state one that the connector supports, in quotes: apiVersion: "1.0"'
                yield Found(connection.part.at("apiVersion"), message, hint)


class BucketName(Rule):
    """S3 would not take this bucket name.

    AppFlow checks little more than the length; S3 takes lower-case letters, digits, dots and hyphens only. Before 2018
    us-east-1 allowed more, so such a bucket may exist.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            for store in connection.stores:
                for member in _BUCKET_MEMBERS:
                    name = store.text(member)
                    if name and (not _BUCKET_NAME.fullmatch(name) or _IP_ADDRESS.fullmatch(name)):
                        yield _not_a_bucket(store, member, name)


def _not_a_bucket(store: Part, member: str, name: str) -> Found:
    hint = "lower-case letters, digits, dots and hyphens, with a letter or digit at both ends"
    if "/" in name:
        hint = "the bucket's name only; what follows the slash belongs in bucketPrefix"
    return Found(store.at(member), f"{listed([name])} is no bucket name that S3 takes today", hint)


class LeadingSlash(Rule):
    """A prefix starts with a slash.

    S3 keys do not start with one. A source with such a prefix runs and reads nothing; a destination gets a folder
    without a name.
    """

    id = "AFG208"
    severity = Severity.WARNING
    source = issue(CDK, 18899)
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for connection in flow.connections:
            for store in connection.stores:
                prefix = store.text("bucketPrefix")
                if prefix and prefix.startswith("/"):
                    rest = prefix.strip("/")
                    hint = f"write {listed([rest])}" if rest else "leave it out"
                    yield Found(store.at("bucketPrefix"), "the prefix starts with a slash", hint)


class AsciiNames(Rule):
    r"""A name has letters beyond ASCII.

    AppFlow's patterns allow ``\w``. AWS's services are written in Java, where that means ASCII letters only; whether
    AppFlow takes others is not known.
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

    def _look(self, flow: FlowView) -> Iterator[Found]:
        places = [(flow.part, "flowName"), (flow.part, "description")]
        places += [(connection.part, _PROFILE) for connection in flow.connections]
        for part, member in places:
            text = part.text(member) or ""
            if not text.isascii():
                beyond = dict.fromkeys(char for char in text if not char.isascii())
                message = f"{member} has characters that AppFlow may refuse: {listed(beyond)}"
                yield Found(part.at(member), message, "use ASCII letters to be sure")
