"""Rules about the destination, and the data catalog that describes it."""

from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.rules.flow_view import FlowView
from appflow_gitops.validation.rules.rule import Rule, api_reference, user_guide

_LIST = "destinationFlowConfigList"


class SingleDestination(Rule):
    """Flow without exactly one destination.

    `destinationFlowConfigList` is a list, but a flow must have exactly one destination. To write to several
    destinations, declare a flow for each.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        count = flow.view.length(_LIST)
        if count == 0:
            yield self.issue(flow.view.at(_LIST), "expected exactly one destination, got none", "add one")
        elif count is not None and count > 1:
            message = f"expected exactly one destination, got {count}"
            yield self.issue(flow.view.at(_LIST), message, "declare a flow for each destination")


class IdFieldsRequired(Rule):
    """Missing idFieldNames.

    UPSERT, UPDATE and DELETE find records in the destination by the fields in `idFieldNames`. Name the fields that
    identify a record.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for destination in flow.destinations:
            settings = destination.settings
            operation = settings.text("writeOperationType") if settings else None
            if settings is None or operation in (None, "INSERT"):
                continue
            if settings.is_missing("idFieldNames") or settings.texts("idFieldNames") == ():
                message = f"missing 'idFieldNames' for the write operation {quoted(operation)}"
                hint = f"name the fields that identify a record in {destination.connector}, such as [Id]"
                yield self.issue(settings.at("idFieldNames"), message, hint)


class TypesInParquet(Rule):
    """preserveSourceDataTyping has no effect.

    `preserveSourceDataTyping` applies to Parquet files only; CSV and JSON files do not store types. Set `fileType` to
    PARQUET, or remove `preserveSourceDataTyping`.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        for destination in flow.destinations:
            settings = destination.settings
            output = settings.child("s3OutputFormatConfig") if settings else None
            if output is None or not output.is_true("preserveSourceDataTyping"):
                continue
            file_type = output.text("fileType")
            if output.is_missing("fileType") or file_type in ("CSV", "JSON"):
                described = quoted(file_type) if file_type else "the default file type"
                message = f"'preserveSourceDataTyping' has no effect for {described}"
                hint = "set fileType to PARQUET, or remove preserveSourceDataTyping"
                yield self.issue(output.at("preserveSourceDataTyping"), message, hint)


class CatalogForS3(Rule):
    """Data catalog without an S3 destination.

    AppFlow registers the files of an S3 destination in the Glue Data Catalog. For other destinations there is nothing
    to register. Remove `metadataCatalogConfig`.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        catalog = flow.view.child("metadataCatalogConfig")
        connectors = [destination.connector for destination in flow.destinations]
        if catalog and catalog.members and connectors and not {None, "S3"}.intersection(connectors):
            message = f"the Glue Data Catalog requires an S3 destination, got {quoted(connectors[0])}"
            yield self.issue(catalog.path, message, "remove 'metadataCatalogConfig'")


class EventBridgeForEvents(Rule):
    """EventBridge without Salesforce events.

    AppFlow sends to EventBridge the events that Salesforce emits. Other sources and triggers have none to send. Use a
    Salesforce source with the trigger Event, or another destination.
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

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        wrong_source = flow.source_type not in (None, "Salesforce")
        wrong_trigger = flow.trigger_type not in (None, "Event")
        for destination in flow.destinations:
            if destination.connector == "EventBridge" and (wrong_source or wrong_trigger):
                actual = (
                    f"source {quoted(flow.source_type)}"
                    if wrong_source
                    else f"trigger {quoted(flow.trigger_type)}"
                )
                message = f"EventBridge requires the events of Salesforce, got the {actual}"
                hint = "set the source to Salesforce and triggerType to Event, or use another destination"
                yield self.issue(destination.view.at("connectorType"), message, hint)
