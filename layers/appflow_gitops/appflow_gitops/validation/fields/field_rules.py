"""The AFG4xx rules: what the connectors of a flow do not have, or do not support.

Severity *error* is for what makes runs fail, or every record, by the connector's own description.
"""

from appflow_gitops.findings import RuleInfo, Severity
from appflow_gitops.validation.rules.rule import api_reference

_FIELD = api_reference("ConnectorEntityField")
_SOURCE = api_reference("SourceFieldProperties")
_DESTINATION = api_reference("DestinationFieldProperties")
_TYPE = api_reference("FieldTypeDetails")
_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

UNKNOWN_OBJECT = RuleInfo(
    "AFG401",
    _ERROR,
    "Unknown object",
    "The connector does not have the object of the source or destination, or the user of the connector profile may not "
    "see it. Use one of the names in the hint, or extend the user's permissions.",
    "sourceConnectorProperties: {Salesforce: {object: Acount}}",
    api_reference("DescribeConnectorEntity"),
)
UNKNOWN_SOURCE_FIELD = RuleInfo(
    "AFG402",
    _ERROR,
    "Unknown source field",
    "A task reads a field that the source object does not have. Runs fail once a field that is mapped is removed at "
    "the source. Correct the name, or remove the field from the tasks.",
    "- {taskType: Map, sourceFields: [BilingCity], destinationField: city}",
    api_reference("DescribeConnectorEntity"),
)
UNKNOWN_DESTINATION_FIELD = RuleInfo(
    "AFG403",
    _ERROR,
    "Unknown destination field",
    "A Map task writes a field that the destination object does not have, or `idFieldNames` contains it. Correct the "
    "name, or add the field at the destination.",
    "- {taskType: Map, sourceFields: [city], destinationField: BilingCity}",
    api_reference("DescribeConnectorEntity"),
)
NOT_RETRIEVABLE = RuleInfo(
    "AFG404",
    _ERROR,
    "Source field not retrievable",
    "The source does not return the field in a search result. Remove it from the tasks, or use another field.",
    "- {taskType: Map, sourceFields: [PasswordHash], destinationField: hash}",
    _SOURCE,
)
NOT_QUERYABLE = RuleInfo(
    "AFG405",
    _ERROR,
    "Filter on a field that cannot be queried",
    "The source does not support queries for the field. Filter by another field.",
    "- {taskType: Filter, sourceFields: [Description], connectorOperator: {Salesforce: CONTAINS}}",
    _SOURCE,
)
UNSUPPORTED_OPERATOR = RuleInfo(
    "AFG406",
    _ERROR,
    "Operator not supported by the field",
    "The connector lists the filter operators of each field. Use one of those in the hint.",
    "- {taskType: Filter, sourceFields: [IsDeleted], connectorOperator: {Salesforce: CONTAINS}}",
    _TYPE,
)
UNSUPPORTED_VALUE = RuleInfo(
    "AFG407",
    _WARNING,
    "Filter value that the field cannot have",
    "The connector lists the values of the field, and the filter compares it with another one. Such a filter matches "
    "no record. Use one of the values in the hint.",
    "taskProperties: {DATA_TYPE: picklist, VALUE: Hto}   # the field Rating has Hot, Warm and Cold",
    _TYPE,
)
INCOMPATIBLE_TYPE = RuleInfo(
    "AFG408",
    _WARNING,
    "Types that cannot be mapped",
    "A Map task copies a number, a time, a boolean or a structure to a field of another of these types. Map the field "
    "to one of its own type, or to text.",
    "- {taskType: Map, sourceFields: [LastModifiedDate], destinationField: AnnualRevenue}",
    _TYPE,
)
NOT_INCREMENTAL = RuleInfo(
    "AFG409",
    _ERROR,
    "Incremental field that is not a timestamp",
    "`datetimeTypeFieldName` must be a timestamp that the source supports for incremental queries. Use one of the "
    "fields in the hint.",
    "incrementalPullConfig: {datetimeTypeFieldName: Name}",
    _SOURCE,
)
NOT_WRITABLE = RuleInfo(
    "AFG410",
    _ERROR,
    "Destination field not writable",
    "The destination does not allow the write operation for the field: INSERT requires a field that is creatable, "
    "UPDATE one that is updatable, UPSERT one that is upsertable. Remove the Map task, or write another field.",
    "- {taskType: Map, sourceFields: [created], destinationField: CreatedDate}",
    _DESTINATION,
)
REQUIRED_NOT_MAPPED = RuleInfo(
    "AFG411",
    _ERROR,
    "Required destination field not mapped",
    "The flow inserts records without a field that the destination requires: it is creatable, not nullable and has no "
    "default, so the destination rejects every record. Add a Map task for it.",
    "tasks: [...]   # no Map task writes LastName of the object Contact",
    _DESTINATION,
)
REQUIRED_FOR_NEW = RuleInfo(
    "AFG412",
    _WARNING,
    "Field that new records require not mapped",
    "The flow upserts records without a field that the destination requires of new ones. Records that exist are "
    "updated, all others are rejected. Add a Map task for the field.",
    "tasks: [...]   # writeOperationType UPSERT, and no Map task writes LastName of the object Contact",
    _DESTINATION,
)
NOT_A_KEY = RuleInfo(
    "AFG413",
    _ERROR,
    "Id field that is not a key",
    "`idFieldNames` must contain a field that identifies a record: the primary key, or one that the connector lists "
    "for the write operation. Use one of the fields in the hint.",
    "Salesforce: {object: Account, writeOperationType: UPSERT, idFieldNames: [Name]}",
    _DESTINATION,
)
DEPRECATED_FIELD = RuleInfo(
    "AFG414",
    _WARNING,
    "Deprecated field",
    "The connector marks the field as deprecated: it may be removed, and runs fail then. Use another field.",
    "- {taskType: Map, sourceFields: [LegacyId], destinationField: id}",
    _FIELD,
)
UNKNOWN_EXCLUSION = RuleInfo(
    "AFG415",
    _WARNING,
    "Unknown excluded field",
    "A Map_all task excludes a field that the source object does not have, so nothing is excluded. Correct the name: a "
    "field that should stay at the source may be transferred.",
    "taskProperties: {EXCLUDE_SOURCE_FIELDS_LIST: '[\"Phoen\"]'}",
    api_reference("Task"),
)
NOT_CHECKED = RuleInfo(
    "AFG490",
    Severity.INFO,
    "Fields not checked",
    "The connector's description of the object is not available: access was denied, or the connector did not answer. "
    "The flow is not blocked. Allow `appflow:DescribeConnectorEntity`, or try later.",
    "sourceConnectorProperties: {Salesforce: {object: Account}}   # while Salesforce does not answer",
    "docs/fields.md",
)

FIELD_RULES: tuple[RuleInfo, ...] = (
    UNKNOWN_OBJECT,
    UNKNOWN_SOURCE_FIELD,
    UNKNOWN_DESTINATION_FIELD,
    NOT_RETRIEVABLE,
    NOT_QUERYABLE,
    UNSUPPORTED_OPERATOR,
    UNSUPPORTED_VALUE,
    INCOMPATIBLE_TYPE,
    NOT_INCREMENTAL,
    NOT_WRITABLE,
    REQUIRED_NOT_MAPPED,
    REQUIRED_FOR_NEW,
    NOT_A_KEY,
    DEPRECATED_FIELD,
    UNKNOWN_EXCLUSION,
    NOT_CHECKED,
)
"""All rules about fields, ordered by id."""
