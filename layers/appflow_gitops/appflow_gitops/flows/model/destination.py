"""Where a flow writes: one structure per destination connector."""

from appflow_gitops.flows.model.scalars import (
    AggregationType,
    ApiVersion,
    Boolean,
    BucketName,
    BucketPrefix,
    ConnectorProfileName,
    ConnectorType,
    CustomProperties,
    DomainName,
    EntityName,
    FileType,
    IdFieldNameList,
    JavaBoolean,
    Long,
    Object,
    ObjectTypeName,
    PathPrefixHierarchy,
    PrefixFormat,
    PrefixType,
    SalesforceDataTransferApi,
    UpsolverBucketName,
    WriteOperationType,
)
from appflow_gitops.flows.model.structure import Items, Omittable, Structure


class ErrorHandlingConfig(Structure):
    """What happens to records that the destination rejects."""

    failOnFirstDestinationError: Omittable[Boolean] = None
    bucketPrefix: Omittable[BucketPrefix] = None
    bucketName: Omittable[BucketName] = None


class PrefixConfig(Structure):
    """The path and file names of the output files."""

    prefixType: Omittable[PrefixType] = None
    prefixFormat: Omittable[PrefixFormat] = None
    pathPrefixHierarchy: Omittable[PathPrefixHierarchy] = None


class AggregationConfig(Structure):
    """The number and size of the output files."""

    aggregationType: Omittable[AggregationType] = None
    targetFileSize: Omittable[Long] = None


class RedshiftDestinationProperties(Structure):
    """Where in Amazon Redshift to write, and how."""

    object: Object
    intermediateBucketName: BucketName
    bucketPrefix: Omittable[BucketPrefix] = None
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None


class S3OutputFormatConfig(Structure):
    """The format of the output files."""

    fileType: Omittable[FileType] = None
    prefixConfig: Omittable[PrefixConfig] = None
    aggregationConfig: Omittable[AggregationConfig] = None
    preserveSourceDataTyping: Omittable[JavaBoolean] = None


class S3DestinationProperties(Structure):
    """Where in Amazon S3 to write, and how."""

    bucketName: BucketName
    bucketPrefix: Omittable[BucketPrefix] = None
    s3OutputFormatConfig: Omittable[S3OutputFormatConfig] = None


class SalesforceDestinationProperties(Structure):
    """Where in Salesforce to write, and how."""

    object: Object
    idFieldNames: Omittable[IdFieldNameList] = None
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None
    writeOperationType: Omittable[WriteOperationType] = None
    dataTransferApi: Omittable[SalesforceDataTransferApi] = None


class SnowflakeDestinationProperties(Structure):
    """Where in Snowflake to write, and how."""

    object: Object
    intermediateBucketName: BucketName
    bucketPrefix: Omittable[BucketPrefix] = None
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None


class EventBridgeDestinationProperties(Structure):
    """Where in Amazon EventBridge to write, and how."""

    object: Object
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None


class LookoutMetricsDestinationProperties(Structure):
    """Amazon Lookout for Metrics has no properties."""


class UpsolverS3OutputFormatConfig(Structure):
    """The format of the output files for Upsolver."""

    fileType: Omittable[FileType] = None
    prefixConfig: PrefixConfig
    aggregationConfig: Omittable[AggregationConfig] = None


class UpsolverDestinationProperties(Structure):
    """Where in Upsolver to write, and how."""

    bucketName: UpsolverBucketName
    bucketPrefix: Omittable[BucketPrefix] = None
    s3OutputFormatConfig: UpsolverS3OutputFormatConfig


class HoneycodeDestinationProperties(Structure):
    """Where in Amazon Honeycode to write, and how."""

    object: Object
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None


class CustomerProfilesDestinationProperties(Structure):
    """Where in Amazon Connect Customer Profiles to write, and how."""

    domainName: DomainName
    objectTypeName: Omittable[ObjectTypeName] = None


class ZendeskDestinationProperties(Structure):
    """Where in Zendesk to write, and how."""

    object: Object
    idFieldNames: Omittable[IdFieldNameList] = None
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None
    writeOperationType: Omittable[WriteOperationType] = None


class MarketoDestinationProperties(Structure):
    """Where in Marketo to write, and how."""

    object: Object
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None


class CustomConnectorDestinationProperties(Structure):
    """Where in a custom connector to write, and how."""

    entityName: EntityName
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None
    writeOperationType: Omittable[WriteOperationType] = None
    idFieldNames: Omittable[IdFieldNameList] = None
    customProperties: Omittable[CustomProperties] = None


class SuccessResponseHandlingConfig(Structure):
    """Where SAP's responses about written records are stored."""

    bucketPrefix: Omittable[BucketPrefix] = None
    bucketName: Omittable[BucketName] = None


class SAPODataDestinationProperties(Structure):
    """Where in SAP OData to write, and how."""

    objectPath: Object
    successResponseHandlingConfig: Omittable[SuccessResponseHandlingConfig] = None
    idFieldNames: Omittable[IdFieldNameList] = None
    errorHandlingConfig: Omittable[ErrorHandlingConfig] = None
    writeOperationType: Omittable[WriteOperationType] = None


class DestinationConnectorProperties(Structure):
    """Where to write, under the name of the connector."""

    Redshift: Omittable[RedshiftDestinationProperties] = None
    S3: Omittable[S3DestinationProperties] = None
    Salesforce: Omittable[SalesforceDestinationProperties] = None
    Snowflake: Omittable[SnowflakeDestinationProperties] = None
    EventBridge: Omittable[EventBridgeDestinationProperties] = None
    LookoutMetrics: Omittable[LookoutMetricsDestinationProperties] = None
    Upsolver: Omittable[UpsolverDestinationProperties] = None
    Honeycode: Omittable[HoneycodeDestinationProperties] = None
    CustomerProfiles: Omittable[CustomerProfilesDestinationProperties] = None
    Zendesk: Omittable[ZendeskDestinationProperties] = None
    Marketo: Omittable[MarketoDestinationProperties] = None
    CustomConnector: Omittable[CustomConnectorDestinationProperties] = None
    SAPOData: Omittable[SAPODataDestinationProperties] = None


class DestinationFlowConfig(Structure):
    """Where the flow writes."""

    connectorType: ConnectorType
    apiVersion: Omittable[ApiVersion] = None
    connectorProfileName: Omittable[ConnectorProfileName] = None
    destinationConnectorProperties: DestinationConnectorProperties


DestinationFlowConfigList = Items[DestinationFlowConfig]
