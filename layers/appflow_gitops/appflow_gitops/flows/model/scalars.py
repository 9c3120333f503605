"""The strings, numbers, enums and small collections of the request.

Constraints are those of the API's model. A description completes "must be ..." and puts the pattern into words, for
findings and the JSON Schema.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator

from appflow_gitops.findings import MAX_EXACT_INTEGER
from appflow_gitops.flows.model.structure import Items, whole

_NO_SPACE = "text without white space"
_ONE_LINE = "a single line"

# Flows

FlowName = Annotated[
    str,
    Field(
        max_length=256,
        pattern=whole(r"[a-zA-Z0-9][\w!@#.-]+"),
        description="two or more letters, digits or _ ! @ # . - with a letter or digit first",
    ),
]
FlowDescription = Annotated[
    str,
    Field(
        max_length=2048,
        pattern=whole(r"[\w!@#\-.?,\s]*"),
        description="letters, digits, white space and _ ! @ # - . ? , only",
    ),
]
ClientToken = Annotated[
    str,
    Field(min_length=1, max_length=256, pattern=whole("[ -~]+"), description="printable ASCII characters"),
]

# Numbers, booleans and times

Boolean = bool
JavaBoolean = bool

Long = Annotated[int, Field(ge=-MAX_EXACT_INTEGER, le=MAX_EXACT_INTEGER)]
"""An integer that JSON represents exactly. The API's model has no bounds."""


def _as_written(value: object, check: ValidatorFunctionWrapHandler) -> object:
    check(value)
    return value


def _unchanged(value: object) -> Any:
    return value


Date = Annotated[
    float,
    Field(
        ge=-62_135_596_800,
        le=253_402_300_799,
        allow_inf_nan=False,
        description="epoch seconds, in years 1 to 9999",
    ),
    WrapValidator(_as_written),
    PlainSerializer(_unchanged),
]
"""A time in epoch seconds, unchanged: an int stays an int. SDKs can send the years 1 to 9999."""

# Triggers

TriggerType = Literal["Scheduled", "Event", "OnDemand"]
DataPullMode = Literal["Incremental", "Complete"]
ScheduleExpression = Annotated[str, Field(max_length=256, pattern=whole(".*"), description=_ONE_LINE)]
Timezone = Annotated[str, Field(max_length=256, pattern=whole(".*"), description=_ONE_LINE)]
ScheduleOffset = Annotated[int, Field(ge=0, le=36000)]
FlowErrorDeactivationThreshold = Annotated[int, Field(ge=1, le=100)]

# Connectors

ConnectorType = Literal[
    "Salesforce",
    "Singular",
    "Slack",
    "Redshift",
    "S3",
    "Marketo",
    "Googleanalytics",
    "Zendesk",
    "Servicenow",
    "Datadog",
    "Trendmicro",
    "Snowflake",
    "Dynatrace",
    "Infornexus",
    "Amplitude",
    "Veeva",
    "EventBridge",
    "LookoutMetrics",
    "Upsolver",
    "Honeycode",
    "CustomerProfiles",
    "SAPOData",
    "CustomConnector",
    "Pardot",
]
ApiVersion = Annotated[str, Field(max_length=256, pattern=whole(r"\S+"), description=_NO_SPACE)]
ConnectorProfileName = Annotated[
    str,
    Field(
        max_length=256,
        pattern=whole(r"[\w/!@#+=.-]+"),
        description="letters, digits and _ / ! @ # + = . - only",
    ),
]
Object = Annotated[str, Field(max_length=512, pattern=whole(r"\S+"), description=_NO_SPACE)]
EntityName = Annotated[str, Field(max_length=1024, pattern=whole(r"\S+"), description=_NO_SPACE)]
CustomPropertyKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=whole(r"[\w]+"),
        description="letters, digits and _ only",
    ),
]
CustomPropertyValue = Annotated[str, Field(max_length=2048, pattern=whole(r"\S+"), description=_NO_SPACE)]
CustomProperties = Annotated[Mapping[CustomPropertyKey, CustomPropertyValue], Field(max_length=50)]
SalesforceDataTransferApi = Literal["AUTOMATIC", "BULKV2", "REST_SYNC"]
DataTransferApiTypeName = Annotated[
    str,
    Field(
        max_length=64,
        pattern=whole(r"[\w/-]+"),
        description="letters, digits and _ / - only",
    ),
]
DataTransferApiType = Literal["SYNC", "ASYNC", "AUTOMATIC"]

# Sources

S3InputFileType = Literal["CSV", "JSON"]
DocumentType = Annotated[
    str,
    Field(
        max_length=512,
        pattern=whole(r"[\s\w_-]+"),
        description="letters, digits, white space and _ - only",
    ),
]
DatetimeTypeFieldName = Annotated[str, Field(max_length=256, pattern=whole(".*"), description=_ONE_LINE)]
SAPODataMaxParallelism = Annotated[int, Field(ge=1, le=10)]
SAPODataMaxPageSize = Annotated[int, Field(ge=1, le=10000)]

# Destinations

BucketName = Annotated[str, Field(min_length=3, max_length=63, pattern=whole(r"\S+"), description=_NO_SPACE)]
UpsolverBucketName = Annotated[
    str,
    Field(
        min_length=16,
        max_length=63,
        pattern=whole(r"^(upsolver-appflow)\S*"),
        description="a name that starts with upsolver-appflow, without white space",
    ),
]
BucketPrefix = Annotated[str, Field(max_length=512, pattern=whole(".*"), description=_ONE_LINE)]
FileType = Literal["CSV", "JSON", "PARQUET"]
PrefixType = Literal["FILENAME", "PATH", "PATH_AND_FILENAME"]
PrefixFormat = Literal["YEAR", "MONTH", "DAY", "HOUR", "MINUTE"]
PathPrefix = Literal["EXECUTION_ID", "SCHEMA_VERSION"]
PathPrefixHierarchy = Items[PathPrefix]
AggregationType = Literal["None", "SingleFile"]
WriteOperationType = Literal["INSERT", "UPSERT", "UPDATE", "DELETE"]
Name = Annotated[str, Field(max_length=128, pattern=whole(r"\S+"), description=_NO_SPACE)]
IdFieldNameList = Items[Name]
DomainName = Annotated[str, Field(max_length=64, pattern=whole(r"\S+"), description=_NO_SPACE)]
ObjectTypeName = Annotated[str, Field(max_length=255, pattern=whole(r"\S+"), description=_NO_SPACE)]

# Tasks

TaskType = Literal[
    "Arithmetic",
    "Filter",
    "Map",
    "Map_all",
    "Mask",
    "Merge",
    "Passthrough",
    "Truncate",
    "Validate",
    "Partition",
]
String = Annotated[str, Field(max_length=2048, pattern=whole(".*"), description=_ONE_LINE)]
SourceFields = Items[String]
DestinationField = Annotated[str, Field(max_length=256, pattern=whole(".*"), description=_ONE_LINE)]
OperatorPropertiesKeys = Literal[
    "VALUE",
    "VALUES",
    "DATA_TYPE",
    "UPPER_BOUND",
    "LOWER_BOUND",
    "SOURCE_DATA_TYPE",
    "DESTINATION_DATA_TYPE",
    "VALIDATION_ACTION",
    "MASK_VALUE",
    "MASK_LENGTH",
    "TRUNCATE_LENGTH",
    "MATH_OPERATION_FIELDS_ORDER",
    "CONCAT_FORMAT",
    "SUBFIELD_CATEGORY_MAP",
    "EXCLUDE_SOURCE_FIELDS_LIST",
    "INCLUDE_NEW_FIELDS",
    "ORDERED_PARTITION_KEYS_LIST",
]
Property = Annotated[str, Field(max_length=2048, pattern=whole(".+"), description=_ONE_LINE)]
TaskPropertiesMap = Mapping[OperatorPropertiesKeys, Property]

# The Glue data catalog

GlueDataCatalogIAMRole = Annotated[
    str,
    Field(
        max_length=512,
        pattern=whole("arn:aws:iam:.*:[0-9]+:.*"),
        description="the ARN of an IAM role, arn:aws:iam::<account>:role/<name>",
    ),
]

# The API's model has U+0020 and up, without U+FFFE and U+FFFF, plus tab, in UTF-16 units, which Python's re does not
# compile. The complement has the same meaning in every regular expression engine.
_GLUE_TEXT = whole(r"[^\x00-\x08\x0A-\x1F\uFFFE\uFFFF]*")
_GLUE_TEXT_IN_WORDS = "a single line, without control characters other than tab"
GlueDataCatalogDatabaseName = Annotated[
    str, Field(max_length=255, pattern=_GLUE_TEXT, description=_GLUE_TEXT_IN_WORDS)
]
GlueDataCatalogTablePrefix = Annotated[
    str, Field(max_length=128, pattern=_GLUE_TEXT, description=_GLUE_TEXT_IN_WORDS)
]
