"""Rules about where a flow writes, and what it tells the catalogue about it."""

from collections.abc import Iterator

from appflow_gitops.findings import Severity
from appflow_gitops.validation.rules.rule import Found, Rule, api_reference, user_guide
from appflow_gitops.validation.rules.view import FlowView

_LIST = "destinationFlowConfigList"


class OneDestination(Rule):
    """A flow has one destination.

    The member is a list, but a flow writes to one place.
    """

    id = "AFG210"
    severity = Severity.ERROR
    source = api_reference("UpdateFlow")
    bad = """
        destinationFlowConfigList: []
    """
    good = """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3: {bucketName: orders-lake}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        count = flow.part.length(_LIST)
        if count == 0:
            yield Found(flow.part.at(_LIST), "the flow has no destination", "state where it writes to")
        elif count is not None and count > 1:
            message = f"the flow has {count} destinations, AppFlow takes one"
            yield Found(flow.part.at(_LIST), message, "make a flow of its own for each further one")


class IdFields(Rule):
    """Changing records needs idFieldNames.

    UPSERT, UPDATE and DELETE look records up in the destination by the fields in ``idFieldNames``.
    """

    id = "AFG211"
    severity = Severity.WARNING
    source = api_reference("SalesforceDestinationProperties")
    bad = """
        destinationFlowConfigList:
        - connectorType: Salesforce
          connectorProfileName: crm
          destinationConnectorProperties:
            Salesforce: {object: Account, writeOperationType: UPDATE}
    """
    good = """
        destinationFlowConfigList:
        - connectorType: Salesforce
          connectorProfileName: crm
          destinationConnectorProperties:
            Salesforce: {object: Account, writeOperationType: UPDATE, idFieldNames: [Id]}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for destination in flow.destinations:
            settings = destination.settings
            operation = settings.text("writeOperationType") if settings else None
            if settings is None or operation in (None, "INSERT"):
                continue
            if settings.is_missing("idFieldNames") or settings.texts("idFieldNames") == ():
                message = f"{operation} finds records by idFieldNames, and there are none"
                hint = f"name the field that tells records of {destination.connector} apart, such as [Id]"
                yield Found(settings.at("idFieldNames"), message, hint)


class TypedParquet(Rule):
    """Source data types are kept in Parquet only.

    ``preserveSourceDataTyping`` is about Parquet files: CSV and JSON are written as they are.
    """

    id = "AFG212"
    severity = Severity.WARNING
    source = api_reference("S3OutputFormatConfig")
    bad = """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              s3OutputFormatConfig: {fileType: JSON, preserveSourceDataTyping: true}
    """
    good = """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              s3OutputFormatConfig: {fileType: PARQUET, preserveSourceDataTyping: true}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        for destination in flow.destinations:
            settings = destination.settings
            output = settings.part("s3OutputFormatConfig") if settings else None
            if output is None or not output.is_true("preserveSourceDataTyping"):
                continue
            file_type = output.text("fileType")
            if output.is_missing("fileType") or file_type in ("CSV", "JSON"):
                message = f"preserveSourceDataTyping does nothing for {file_type or 'the default file type'}"
                hint = "set fileType to PARQUET, or leave it out"
                yield Found(output.at("preserveSourceDataTyping"), message, hint)


class CatalogOfS3(Rule):
    """The data catalog is for S3 destinations.

    AppFlow registers in Glue what it wrote to S3; of other destinations there is nothing to register.
    """

    id = "AFG213"
    severity = Severity.WARNING
    source = user_guide("flows-catalog")
    bad = """
        destinationFlowConfigList:
        - connectorType: Snowflake
          connectorProfileName: warehouse
          destinationConnectorProperties:
            Snowflake: {object: orders, intermediateBucketName: orders-staging}
        metadataCatalogConfig:
          glueDataCatalog:
            databaseName: orders
            tablePrefix: appflow
            roleArn: arn:aws:iam::111122223333:role/appflow-glue
    """
    good = """
        metadataCatalogConfig:
          glueDataCatalog:
            databaseName: orders
            tablePrefix: appflow
            roleArn: arn:aws:iam::111122223333:role/appflow-glue
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        catalog = flow.part.part("metadataCatalogConfig")
        connectors = [destination.connector for destination in flow.destinations]
        if catalog and catalog.members and connectors and not {None, "S3"}.intersection(connectors):
            message = f"the flow writes to {connectors[0]}, the Glue catalog describes files in S3"
            yield Found(catalog.path, message, "leave metadataCatalogConfig out")


class EventsToEventBridge(Rule):
    """EventBridge takes events of Salesforce.

    AppFlow sends to EventBridge what Salesforce emits as events; other sources and triggers have nothing to send.
    """

    id = "AFG214"
    severity = Severity.WARNING
    source = user_guide("app-specific")
    bad = """
        destinationFlowConfigList:
        - connectorType: EventBridge
          destinationConnectorProperties:
            EventBridge: {object: aws.partner/appflow/salesforce.com/111122223333}
    """
    good = """
        triggerConfig: {triggerType: Event}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties:
            Salesforce: {object: AccountChangeEvent}
        destinationFlowConfigList:
        - connectorType: EventBridge
          destinationConnectorProperties:
            EventBridge: {object: aws.partner/appflow/salesforce.com/111122223333}
        tasks:
        - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
    """

    def _look(self, flow: FlowView) -> Iterator[Found]:
        wrong_source = flow.reads_from not in (None, "Salesforce")
        wrong_trigger = flow.trigger_type not in (None, "Event")
        for destination in flow.destinations:
            if destination.connector == "EventBridge" and (wrong_source or wrong_trigger):
                what = f"source '{flow.reads_from}'" if wrong_source else f"trigger '{flow.trigger_type}'"
                message = f"EventBridge takes the events of Salesforce; this flow has {what}"
                hint = "set the source to Salesforce and triggerType to Event, or write elsewhere"
                yield Found(destination.part.at("connectorType"), message, hint)
