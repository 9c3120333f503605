"""Where a flow reads: one structure per source connector."""

from appflow_gitops.flows.model.scalars import (
    ApiVersion,
    Boolean,
    BucketName,
    BucketPrefix,
    ConnectorProfileName,
    ConnectorType,
    CustomProperties,
    DataTransferApiType,
    DataTransferApiTypeName,
    DatetimeTypeFieldName,
    DocumentType,
    EntityName,
    Object,
    S3InputFileType,
    SalesforceDataTransferApi,
    SAPODataMaxPageSize,
    SAPODataMaxParallelism,
)
from appflow_gitops.flows.model.structure import Omittable, Structure


class AmplitudeSourceProperties(Structure):
    """What to read from Amplitude."""

    object: Object


class DatadogSourceProperties(Structure):
    """What to read from Datadog."""

    object: Object


class DynatraceSourceProperties(Structure):
    """What to read from Dynatrace."""

    object: Object


class GoogleAnalyticsSourceProperties(Structure):
    """What to read from Google Analytics."""

    object: Object


class InforNexusSourceProperties(Structure):
    """What to read from Infor Nexus."""

    object: Object


class MarketoSourceProperties(Structure):
    """What to read from Marketo."""

    object: Object


class S3InputFormatConfig(Structure):
    """The format of the input files."""

    s3InputFileType: Omittable[S3InputFileType] = None


class S3SourceProperties(Structure):
    """What to read from Amazon S3."""

    bucketName: BucketName
    bucketPrefix: Omittable[BucketPrefix] = None
    s3InputFormatConfig: Omittable[S3InputFormatConfig] = None


class SalesforceSourceProperties(Structure):
    """What to read from Salesforce."""

    object: Object
    enableDynamicFieldUpdate: Omittable[Boolean] = None
    includeDeletedRecords: Omittable[Boolean] = None
    dataTransferApi: Omittable[SalesforceDataTransferApi] = None


class ServiceNowSourceProperties(Structure):
    """What to read from ServiceNow."""

    object: Object


class SingularSourceProperties(Structure):
    """What to read from Singular."""

    object: Object


class SlackSourceProperties(Structure):
    """What to read from Slack."""

    object: Object


class TrendmicroSourceProperties(Structure):
    """What to read from Trend Micro."""

    object: Object


class VeevaSourceProperties(Structure):
    """What to read from Veeva."""

    object: Object
    documentType: Omittable[DocumentType] = None
    includeSourceFiles: Omittable[Boolean] = None
    includeRenditions: Omittable[Boolean] = None
    includeAllVersions: Omittable[Boolean] = None


class ZendeskSourceProperties(Structure):
    """What to read from Zendesk."""

    object: Object


class SAPODataParallelismConfig(Structure):
    """How many processes read from SAP in parallel."""

    maxParallelism: SAPODataMaxParallelism


class SAPODataPaginationConfig(Structure):
    """How many records SAP returns per page."""

    maxPageSize: SAPODataMaxPageSize


class SAPODataSourceProperties(Structure):
    """What to read from SAP OData."""

    objectPath: Omittable[Object] = None
    parallelismConfig: Omittable[SAPODataParallelismConfig] = None
    paginationConfig: Omittable[SAPODataPaginationConfig] = None


class DataTransferApi(Structure):
    """Which API of a custom connector transfers the data."""

    Name: Omittable[DataTransferApiTypeName] = None
    Type: Omittable[DataTransferApiType] = None


class CustomConnectorSourceProperties(Structure):
    """What to read from a custom connector."""

    entityName: EntityName
    customProperties: Omittable[CustomProperties] = None
    dataTransferApi: Omittable[DataTransferApi] = None


class PardotSourceProperties(Structure):
    """What to read from Pardot."""

    object: Object


class SourceConnectorProperties(Structure):
    """What to read, under the name of the connector."""

    Amplitude: Omittable[AmplitudeSourceProperties] = None
    Datadog: Omittable[DatadogSourceProperties] = None
    Dynatrace: Omittable[DynatraceSourceProperties] = None
    GoogleAnalytics: Omittable[GoogleAnalyticsSourceProperties] = None
    InforNexus: Omittable[InforNexusSourceProperties] = None
    Marketo: Omittable[MarketoSourceProperties] = None
    S3: Omittable[S3SourceProperties] = None
    Salesforce: Omittable[SalesforceSourceProperties] = None
    ServiceNow: Omittable[ServiceNowSourceProperties] = None
    Singular: Omittable[SingularSourceProperties] = None
    Slack: Omittable[SlackSourceProperties] = None
    Trendmicro: Omittable[TrendmicroSourceProperties] = None
    Veeva: Omittable[VeevaSourceProperties] = None
    Zendesk: Omittable[ZendeskSourceProperties] = None
    SAPOData: Omittable[SAPODataSourceProperties] = None
    CustomConnector: Omittable[CustomConnectorSourceProperties] = None
    Pardot: Omittable[PardotSourceProperties] = None


class IncrementalPullConfig(Structure):
    """Which field identifies new records."""

    datetimeTypeFieldName: Omittable[DatetimeTypeFieldName] = None


class SourceFlowConfig(Structure):
    """Where the flow reads."""

    connectorType: ConnectorType
    apiVersion: Omittable[ApiVersion] = None
    connectorProfileName: Omittable[ConnectorProfileName] = None
    sourceConnectorProperties: SourceConnectorProperties
    incrementalPullConfig: Omittable[IncrementalPullConfig] = None
