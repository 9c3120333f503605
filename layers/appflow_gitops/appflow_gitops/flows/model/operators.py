"""The operators of each source connector."""

from typing import Literal

from appflow_gitops.flows.model.structure import Omittable, Structure

_Arithmetic = Literal["ADDITION", "MULTIPLICATION", "DIVISION", "SUBTRACTION"]
_Masking = Literal["MASK_ALL", "MASK_FIRST_N", "MASK_LAST_N"]
_Validation = Literal["VALIDATE_NON_NULL", "VALIDATE_NON_ZERO", "VALIDATE_NON_NEGATIVE", "VALIDATE_NUMERIC"]
_Shaping = Literal[_Arithmetic, _Masking, _Validation, "NO_OP"]
_Ordering = Literal[
    "LESS_THAN",
    "GREATER_THAN",
    "BETWEEN",
    "LESS_THAN_OR_EQUAL_TO",
    "GREATER_THAN_OR_EQUAL_TO",
    "EQUAL_TO",
]

Operator = Literal["PROJECTION", "CONTAINS", "NOT_EQUAL_TO", _Ordering, _Shaping]
AmplitudeConnectorOperator = Literal["BETWEEN"]
DatadogConnectorOperator = Literal["PROJECTION", "BETWEEN", "EQUAL_TO", _Shaping]
DynatraceConnectorOperator = Literal["PROJECTION", "BETWEEN", "EQUAL_TO", _Shaping]
GoogleAnalyticsConnectorOperator = Literal["PROJECTION", "BETWEEN"]
InforNexusConnectorOperator = Literal["PROJECTION", "BETWEEN", "EQUAL_TO", _Shaping]
MarketoConnectorOperator = Literal["PROJECTION", "LESS_THAN", "GREATER_THAN", "BETWEEN", _Shaping]
S3ConnectorOperator = Literal["PROJECTION", "NOT_EQUAL_TO", _Ordering, _Shaping]
SalesforceConnectorOperator = Operator
ServiceNowConnectorOperator = Operator
SingularConnectorOperator = Literal["PROJECTION", "EQUAL_TO", _Shaping]
SlackConnectorOperator = Literal["PROJECTION", _Ordering, _Shaping]
TrendmicroConnectorOperator = Literal["PROJECTION", "EQUAL_TO", _Shaping]
VeevaConnectorOperator = Operator
ZendeskConnectorOperator = Literal["PROJECTION", "GREATER_THAN", _Shaping]
SAPODataConnectorOperator = Operator
PardotConnectorOperator = Literal["PROJECTION", "EQUAL_TO", _Shaping]


class ConnectorOperator(Structure):
    """The operator of a task, under the name of the source connector it is for."""

    Amplitude: Omittable[AmplitudeConnectorOperator] = None
    Datadog: Omittable[DatadogConnectorOperator] = None
    Dynatrace: Omittable[DynatraceConnectorOperator] = None
    GoogleAnalytics: Omittable[GoogleAnalyticsConnectorOperator] = None
    InforNexus: Omittable[InforNexusConnectorOperator] = None
    Marketo: Omittable[MarketoConnectorOperator] = None
    S3: Omittable[S3ConnectorOperator] = None
    Salesforce: Omittable[SalesforceConnectorOperator] = None
    ServiceNow: Omittable[ServiceNowConnectorOperator] = None
    Singular: Omittable[SingularConnectorOperator] = None
    Slack: Omittable[SlackConnectorOperator] = None
    Trendmicro: Omittable[TrendmicroConnectorOperator] = None
    Veeva: Omittable[VeevaConnectorOperator] = None
    Zendesk: Omittable[ZendeskConnectorOperator] = None
    SAPOData: Omittable[SAPODataConnectorOperator] = None
    CustomConnector: Omittable[Operator] = None
    Pardot: Omittable[PardotConnectorOperator] = None
