"""Documents for every rule across fields: one that breaks it, with the location marked, and one that follows it."""

import re
from dataclasses import dataclass
from textwrap import dedent

from appflow_gitops.findings import Position
from appflow_gitops.flows.ownership import OUR_TAGS, TAG_LIMIT

MARK = "▶"

BASE = {
    "flowName": "flowName: orders",
    "triggerConfig": "triggerConfig: {triggerType: OnDemand}",
    "sourceFlowConfig": (
        "sourceFlowConfig: {connectorType: S3, sourceConnectorProperties: {S3: {bucketName: orders-inbox}}}"
    ),
    "destinationFlowConfigList": (
        "destinationFlowConfigList:\n"
        "- {connectorType: S3, destinationConnectorProperties: {S3: {bucketName: orders-lake}}}"
    ),
    "tasks": "tasks:\n- {taskType: Map_all, sourceFields: []}",
    "flowStatus": "flowStatus: Active",
}
"""A flow without findings, by key."""


def document(members: str) -> str:
    """Return a complete YAML document: ``members``, then the other keys of the base flow.

    A comment that begins with a key, such as ``# flowStatus: missing``, leaves that key out.
    """
    text = dedent(members).lstrip("\n").rstrip(" ")
    present = re.findall(rf"(?m)^(?:# )?{MARK}?(\w+):", text)
    rest = [lines for name, lines in BASE.items() if name not in present]
    return text + "\n".join(rest) + "\n"


def marked(text: str) -> tuple[str, Position]:
    """Return the text without its mark, and the position of the mark."""
    before, mark, after = text.partition(MARK)
    assert mark, "the document has no mark"
    return before + after, Position(before.count("\n") + 1, len(before) - before.rfind("\n"))


@dataclass(frozen=True)
class Case:
    rule: str
    pointer: str
    bad: str
    good: str


CASES = (
    Case(
        "AFG201",
        "/destinationFlowConfigList/0/connectorType",
        """
        destinationFlowConfigList:
        - connectorType: ▶Slack
          connectorProfileName: chat
          destinationConnectorProperties: {}
        """,
        """
        destinationFlowConfigList:
        - connectorType: Zendesk
          connectorProfileName: support
          destinationConnectorProperties: {Zendesk: {object: tickets}}
        """,
    ),
    Case(
        "AFG202",
        "/destinationFlowConfigList/0/destinationConnectorProperties",
        """
        destinationFlowConfigList:
        - connectorType: Redshift
          connectorProfileName: warehouse
          destinationConnectorProperties: ▶{S3: {bucketName: orders-lake}}
        """,
        """
        destinationFlowConfigList:
        - connectorType: Redshift
          connectorProfileName: warehouse
          destinationConnectorProperties: {Redshift: {object: orders, intermediateBucketName: orders-lake}}
        """,
    ),
    Case(
        "AFG203",
        "/sourceFlowConfig/sourceConnectorProperties",
        """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            ▶S3: {bucketName: orders-inbox}
            Veeva: {object: documents__sys}
        """,
        """
        sourceFlowConfig:
          connectorType: S3
          sourceConnectorProperties:
            S3: {bucketName: orders-inbox}
            Veeva: {}
        """,
    ),
    Case(
        "AFG204",
        "/destinationFlowConfigList/0/connectorProfileName",
        """
        destinationFlowConfigList:
        - ▶connectorType: Snowflake
          destinationConnectorProperties: {Snowflake: {object: orders, intermediateBucketName: orders-staging}}
        """,
        """
        destinationFlowConfigList:
        - connectorType: Upsolver
          destinationConnectorProperties:
            Upsolver:
              bucketName: upsolver-appflow-orders
              s3OutputFormatConfig: {prefixConfig: {prefixType: FILENAME}}
        """,
    ),
    Case(
        "AFG205",
        "/destinationFlowConfigList/0/connectorProfileName",
        """
        destinationFlowConfigList:
        - connectorType: CustomerProfiles
          connectorProfileName: ▶people
          destinationConnectorProperties: {CustomerProfiles: {domainName: shop}}
        """,
        """
        destinationFlowConfigList:
        - connectorType: CustomerProfiles
          destinationConnectorProperties: {CustomerProfiles: {domainName: shop}}
        """,
    ),
    Case(
        "AFG206",
        "/destinationFlowConfigList/0/apiVersion",
        """
        destinationFlowConfigList:
        - ▶connectorType: CustomConnector
          connectorProfileName: hub
          destinationConnectorProperties: {CustomConnector: {entityName: contacts}}
        """,
        """
        destinationFlowConfigList:
        - connectorType: CustomConnector
          connectorProfileName: hub
          apiVersion: v3
          destinationConnectorProperties: {CustomConnector: {entityName: contacts}}
        """,
    ),
    Case(
        "AFG207",
        "/destinationFlowConfigList/0/destinationConnectorProperties/Salesforce/errorHandlingConfig/bucketName",
        """
        destinationFlowConfigList:
        - connectorType: Salesforce
          connectorProfileName: crm
          destinationConnectorProperties:
            Salesforce:
              object: Account
              errorHandlingConfig:
                bucketName: ▶s3://orders-errors
        """,
        """
        destinationFlowConfigList:
        - connectorType: Salesforce
          connectorProfileName: crm
          destinationConnectorProperties:
            Salesforce:
              object: Account
              errorHandlingConfig:
                bucketName: orders.errors-2
        """,
    ),
    Case(
        "AFG208",
        "/destinationFlowConfigList/0/destinationConnectorProperties/S3/bucketPrefix",
        """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              bucketPrefix: ▶"/raw/orders"
        """,
        """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              bucketPrefix: "raw/orders"
        """,
    ),
    Case(
        "AFG209",
        "/flowName",
        """
        description: plain
        flowName: ▶commandes-été
        """,
        """
        description: plain
        flowName: commandes-ete
        """,
    ),
    Case(
        "AFG210",
        "/destinationFlowConfigList",
        """
        destinationFlowConfigList:
        ▶- {connectorType: S3, destinationConnectorProperties: {S3: {bucketName: orders-lake}}}
        - {connectorType: S3, destinationConnectorProperties: {S3: {bucketName: orders-copy}}}
        """,
        """
        destinationFlowConfigList:
        - {connectorType: S3, destinationConnectorProperties: {S3: {bucketName: orders-copy}}}
        """,
    ),
    Case(
        "AFG211",
        "/destinationFlowConfigList/0/destinationConnectorProperties/SAPOData/idFieldNames",
        """
        destinationFlowConfigList:
        - connectorType: SAPOData
          connectorProfileName: sap
          destinationConnectorProperties:
            SAPOData: {objectPath: /orders, writeOperationType: UPSERT, idFieldNames: ▶[]}
        """,
        """
        destinationFlowConfigList:
        - connectorType: SAPOData
          connectorProfileName: sap
          destinationConnectorProperties:
            SAPOData: {objectPath: /orders, writeOperationType: INSERT, idFieldNames: []}
        """,
    ),
    Case(
        "AFG212",
        "/destinationFlowConfigList/0/destinationConnectorProperties/S3/s3OutputFormatConfig"
        "/preserveSourceDataTyping",
        """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              s3OutputFormatConfig:
                preserveSourceDataTyping: ▶true
        """,
        """
        destinationFlowConfigList:
        - connectorType: S3
          destinationConnectorProperties:
            S3:
              bucketName: orders-lake
              s3OutputFormatConfig:
                fileType: CSV
                preserveSourceDataTyping: false
        """,
    ),
    Case(
        "AFG213",
        "/metadataCatalogConfig",
        """
        metadataCatalogConfig:
          ▶glueDataCatalog: {databaseName: shop, tablePrefix: a, roleArn: "arn:aws:iam::111122223333:role/glue"}
        destinationFlowConfigList:
        - connectorType: Zendesk
          connectorProfileName: support
          destinationConnectorProperties: {Zendesk: {object: tickets}}
        """,
        """
        metadataCatalogConfig:
          glueDataCatalog: {databaseName: shop, tablePrefix: a, roleArn: "arn:aws:iam::111122223333:role/glue"}
        """,
    ),
    Case(
        "AFG214",
        "/destinationFlowConfigList/0/connectorType",
        """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
        destinationFlowConfigList:
        - connectorType: ▶EventBridge
          destinationConnectorProperties: {EventBridge: {object: aws.partner/appflow/salesforce.com/1}}
        """,
        """
        triggerConfig: {triggerType: Event}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
        destinationFlowConfigList:
        - connectorType: EventBridge
          destinationConnectorProperties: {EventBridge: {object: aws.partner/appflow/salesforce.com/1}}
        """,
    ),
    Case(
        "AFG220",
        "/tasks",
        """
        tasks: ▶[]
        """,
        """
        tasks: [{taskType: Map_all, sourceFields: []}]
        """,
    ),
    Case(
        "AFG221",
        "/tasks",
        """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: github
          apiVersion: v3
          sourceConnectorProperties: {CustomConnector: {entityName: issues}}
        tasks:
        ▶- {taskType: Map, sourceFields: [id], destinationField: id}
        """,
        """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: github
          apiVersion: v3
          sourceConnectorProperties: {CustomConnector: {entityName: issues}}
        tasks:
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG222",
        "/tasks",
        """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: Lead}}
        tasks:
          ▶- {taskType: Map, sourceFields: [Id], destinationField: id}
        """,
        """
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: Lead}}
        tasks:
          - {taskType: Filter, sourceFields: [Id], connectorOperator: {Salesforce: PROJECTION}}
          - {taskType: Map, sourceFields: [Id], destinationField: id}
        """,
    ),
    Case(
        "AFG222",
        "/tasks",
        """
        sourceFlowConfig:
          connectorType: Zendesk
          connectorProfileName: support
          sourceConnectorProperties: {Zendesk: {object: tickets}}
        tasks:
        ▶- {taskType: Map, sourceFields: [url], destinationField: url}
        """,
        """
        sourceFlowConfig:
          connectorType: Zendesk
          connectorProfileName: support
          sourceConnectorProperties: {Zendesk: {object: tickets}}
        tasks:
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG223",
        "/tasks",
        """
        tasks:
        ▶- {taskType: Map, sourceFields: [url], destinationField: url}
        """,
        """
        tasks:
        - {taskType: Filter, sourceFields: [url], connectorOperator: {S3: PROJECTION}}
        - {taskType: Map, sourceFields: [url], destinationField: url}
        """,
    ),
    Case(
        "AFG224",
        "/tasks/1/connectorOperator",
        """
        sourceFlowConfig:
          connectorType: Servicenow
          connectorProfileName: itsm
          sourceConnectorProperties: {ServiceNow: {object: incident}}
        tasks:
        - {taskType: Filter, sourceFields: [number], connectorOperator: {ServiceNow: PROJECTION}}
        - taskType: Mask
          sourceFields: [number]
          taskProperties: {MASK_VALUE: "*"}
          connectorOperator: ▶{S3: MASK_ALL}
        """,
        """
        sourceFlowConfig:
          connectorType: Servicenow
          connectorProfileName: itsm
          sourceConnectorProperties: {ServiceNow: {object: incident}}
        tasks:
        - {taskType: Filter, sourceFields: [number], connectorOperator: {ServiceNow: PROJECTION}}
        - taskType: Map
          sourceFields: [number]
          destinationField: number
          connectorOperator: {S3: NO_OP}
        """,
    ),
    Case(
        "AFG225",
        "/tasks/0/connectorOperator",
        """
        tasks:
        - taskType: Filter
          sourceFields: [id]
          connectorOperator:
            ▶Salesforce: PROJECTION
            S3: PROJECTION
        """,
        """
        tasks:
        - taskType: Filter
          sourceFields: [id]
          connectorOperator:
            S3: PROJECTION
        """,
    ),
    Case(
        "AFG226",
        "/tasks/0/connectorOperator",
        """
        tasks:
        - ▶taskType: Mask
          sourceFields: [phone]
          taskProperties: {MASK_VALUE: "*"}
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Mask
          sourceFields: [phone]
          connectorOperator: {S3: MASK_ALL}
          taskProperties: {MASK_VALUE: "*"}
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG227",
        "/tasks/1/connectorOperator",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Filter
          sourceFields: [id]
          connectorOperator: ▶{S3: NO_OP}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Filter
          sourceFields: [id]
          connectorOperator: {S3: PROJECTION}
        """,
    ),
    Case(
        "AFG228",
        "/tasks/1/sourceFields",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Map
          sourceFields: ▶[]
          destinationField: id
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Map
          sourceFields: [id]
          destinationField: id
        """,
    ),
    Case(
        "AFG229",
        "/tasks/1/destinationField",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Map, sourceFields: [id], destinationField: ▶""}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Map, sourceFields: [id], destinationField: key}
        """,
    ),
    Case(
        "AFG230",
        "/tasks/2/destinationField",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Map, sourceFields: [id], destinationField: key}
        - {taskType: Map, sourceFields: [number], destinationField: ▶key}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Map, sourceFields: [id], destinationField: key}
        - {taskType: Map, sourceFields: [id], destinationField: id}
        """,
    ),
    Case(
        "AFG231",
        "/tasks/1/sourceFields",
        """
        tasks:
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Filter, sourceFields: ▶[number], connectorOperator: {S3: PROJECTION}}
        """,
        """
        tasks:
        - {taskType: Map, sourceFields: [id], destinationField: id}
        - {taskType: Filter, sourceFields: [number, id], connectorOperator: {S3: PROJECTION}}
        """,
    ),
    Case(
        "AFG232",
        "/tasks/0/taskProperties/LOWER_BOUND",
        """
        tasks:
        - taskType: Filter
          sourceFields: [total]
          connectorOperator: {S3: BETWEEN}
          taskProperties: {DATA_TYPE: double, LOWER_BOUND: ▶"100", UPPER_BOUND: "10"}
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Filter
          sourceFields: [total]
          connectorOperator: {S3: BETWEEN}
          taskProperties: {DATA_TYPE: double, LOWER_BOUND: "10", UPPER_BOUND: "100"}
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG233",
        "/tasks/0/taskProperties/VALUE",
        """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: NOT_EQUAL_TO}
          taskProperties: ▶{DATA_TYPE: string}
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: NOT_EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUES: "SE,FI"}
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG234",
        "/tasks/0/taskProperties/UPPER_BOUND",
        """
        tasks:
        - taskType: Filter
          sourceFields: [updated]
          connectorOperator: {S3: BETWEEN}
          taskProperties:
            DATA_TYPE: datetime
            LOWER_BOUND: "1767225600000"
            UPPER_BOUND: ▶"2026-02-01"
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Filter
          sourceFields: [label]
          connectorOperator: {S3: EQUAL_TO}
          taskProperties:
            DATA_TYPE: string
            VALUE: "2026-02-01"
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG235",
        "/tasks/0/taskProperties/ORDERED_PARTITION_KEYS_LIST",
        """
        tasks:
        - taskType: Partition
          sourceFields: []
          taskProperties: {ORDERED_PARTITION_KEYS_LIST: ▶day}
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Partition
          sourceFields: []
          taskProperties: {ORDERED_PARTITION_KEYS_LIST: '["day"]'}
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG236",
        "/tasks/1/taskProperties/MASK_LENGTH",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Mask
          sourceFields: [phone]
          connectorOperator: {S3: MASK_FIRST_N}
          taskProperties:
            MASK_VALUE: "#"
            MASK_LENGTH: ▶three
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Mask
          sourceFields: [phone]
          connectorOperator: {S3: MASK_FIRST_N}
          taskProperties:
            MASK_VALUE: "#"
            MASK_LENGTH: "3"
        """,
    ),
    Case(
        "AFG237",
        "/tasks/1/taskProperties/TRUNCATE_LENGTH",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Truncate, sourceFields: [notes], taskProperties: {TRUNCATE_LENGTH: ▶"0"}}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - {taskType: Truncate, sourceFields: [notes], taskProperties: {TRUNCATE_LENGTH: "200"}}
        """,
    ),
    Case(
        "AFG238",
        "/tasks/1/taskProperties/VALIDATION_ACTION",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Validate
          sourceFields: [total]
          connectorOperator: {S3: VALIDATE_NUMERIC}
          taskProperties: ▶{}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Validate
          sourceFields: [total]
          connectorOperator: {S3: VALIDATE_NUMERIC}
          taskProperties: {VALIDATION_ACTION: DropDataset}
        """,
    ),
    Case(
        "AFG239",
        "/tasks/1",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - ▶taskType: Merge
          sourceFields: [street, city]
          destinationField: street,city
          taskProperties: {CONCAT_FORMAT: "${street}, ${city}"}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Merge
          sourceFields: [street, city]
          destinationField: street,city
          taskProperties: {CONCAT_FORMAT: "${street}, ${city}"}
        - {taskType: Map, sourceFields: ["street,city"], destinationField: address}
        """,
    ),
    Case(
        "AFG240",
        "/tasks/1/taskProperties",
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - ▶taskType: Arithmetic
          sourceFields: [price, count]
          connectorOperator: {S3: MULTIPLICATION}
          destinationField: price,count
        - {taskType: Map, sourceFields: ["price,count"], destinationField: total}
        """,
        """
        tasks:
        - {taskType: Map_all, sourceFields: []}
        - taskType: Arithmetic
          sourceFields: [price, count]
          connectorOperator: {S3: MULTIPLICATION}
          destinationField: price,count
          taskProperties: {MATH_OPERATION_FIELDS_ORDER: "price,count"}
        - {taskType: Map, sourceFields: ["price,count"], destinationField: total}
        """,
    ),
    Case(
        "AFG250",
        "/triggerConfig/triggerProperties/Scheduled",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: ▶{}
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: {Scheduled: {scheduleExpression: rate(5minutes)}}
        """,
    ),
    Case(
        "AFG251",
        "/triggerConfig/triggerProperties",
        """
        triggerConfig:
          triggerType: OnDemand
          triggerProperties: ▶{Scheduled: {scheduleExpression: rate(5minutes)}}
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: {Scheduled: {scheduleExpression: rate(5minutes)}}
        """,
    ),
    Case(
        "AFG252",
        "/triggerConfig/triggerProperties",
        """
        triggerConfig:
          triggerType: Event
          triggerProperties: ▶{Scheduled: {scheduleExpression: rate(5minutes)}}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
        """,
        """
        triggerConfig:
          triggerType: Event
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
        """,
    ),
    Case(
        "AFG253",
        "/triggerConfig/triggerProperties/Scheduled/scheduleExpression",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: ▶cron(0 7 * *)
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(2weeks)
        """,
    ),
    Case(
        "AFG254",
        "/triggerConfig/triggerProperties/Scheduled/scheduleExpression",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: ▶cron(0 7 ? * TUE *)
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1weeks)
        """,
    ),
    Case(
        "AFG255",
        "/triggerConfig/triggerProperties/Scheduled/scheduleExpression",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: ▶rate(23hours)
        sourceFlowConfig:
          connectorType: Amplitude
          connectorProfileName: web
          sourceConnectorProperties: {Amplitude: {object: "123"}}
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(24hours)
        sourceFlowConfig:
          connectorType: Amplitude
          connectorProfileName: web
          sourceConnectorProperties: {Amplitude: {object: "123"}}
        """,
    ),
    Case(
        "AFG256",
        "/triggerConfig/triggerProperties/Scheduled/scheduleEndTime",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1days)
              scheduleEndTime: ▶1767225600
              scheduleStartTime: 1767225600
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties:
            Scheduled:
              scheduleExpression: rate(1days)
              scheduleEndTime: 1767225601
              scheduleStartTime: 1767225600
        """,
    ),
    Case(
        "AFG257",
        "/sourceFlowConfig/incrementalPullConfig",
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: {Scheduled: {scheduleExpression: rate(1days), dataPullMode: Incremental}}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: Account}}
          incrementalPullConfig: ▶{}
        """,
        """
        triggerConfig:
          triggerType: Scheduled
          triggerProperties: {Scheduled: {scheduleExpression: rate(1days), dataPullMode: Complete}}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: Account}}
          incrementalPullConfig: {}
        """,
    ),
    Case(
        "AFG258",
        "/triggerConfig/triggerType",
        """
        triggerConfig: {triggerType: ▶Event}
        sourceFlowConfig:
          connectorType: Slack
          connectorProfileName: chat
          sourceConnectorProperties: {Slack: {object: conversations}}
        """,
        """
        triggerConfig: {triggerType: Event}
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: shop
          apiVersion: v1
          sourceConnectorProperties: {CustomConnector: {entityName: orders}}
        """,
    ),
    Case(
        "AFG259",
        "/flowStatus",
        """
        flowStatus: ▶Suspended
        """,
        """
        flowStatus: Active
        """,
    ),
    Case(
        "AFG260",
        "/flowStatus",
        """
        ▶triggerConfig: {triggerType: Event}
        sourceFlowConfig:
          connectorType: Salesforce
          connectorProfileName: crm
          sourceConnectorProperties: {Salesforce: {object: AccountChangeEvent}}
        # flowStatus: missing
        """,
        """
        triggerConfig: {triggerType: OnDemand}
        # flowStatus: missing
        """,
    ),
    Case(
        "AFG241",
        "/tasks/0/taskProperties/VALUE",
        """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: NOT_EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUE: ▶"SE, NO,DK"}
        - {taskType: Map_all, sourceFields: []}
        """,
        """
        tasks:
        - taskType: Filter
          sourceFields: [country]
          connectorOperator: {S3: NOT_EQUAL_TO}
          taskProperties: {DATA_TYPE: string, VALUES: "SE,NO"}
        - {taskType: Map_all, sourceFields: []}
        """,
    ),
    Case(
        "AFG215",
        "/sourceFlowConfig/connectorType",
        """
        sourceFlowConfig:
          connectorType: ▶Googleanalytics
          connectorProfileName: web
          sourceConnectorProperties: {GoogleAnalytics: {object: "123"}}
        """,
        """
        sourceFlowConfig:
          connectorType: CustomConnector
          connectorProfileName: web
          apiVersion: v1beta
          sourceConnectorProperties: {CustomConnector: {entityName: reports}}
        """,
    ),
    Case(
        "AFG216",
        "/destinationFlowConfigList/0/apiVersion",
        """
        destinationFlowConfigList:
        - connectorType: Zendesk
          connectorProfileName: support
          apiVersion: ▶"2.0"
          destinationConnectorProperties: {Zendesk: {object: tickets, writeOperationType: INSERT}}
        """,
        """
        destinationFlowConfigList:
        - connectorType: Zendesk
          connectorProfileName: support
          destinationConnectorProperties: {Zendesk: {object: tickets, writeOperationType: INSERT}}
        """,
    ),
    Case(
        "AFG270",
        "/kmsArn",
        """
        kmsArn: ▶arn:aws:kms:eu-west-1:111122223333:alias/flows
        """,
        """
        kmsArn: arn:aws:kms:eu-west-1:111122223333:key/alias/flows
        """,
    ),
    Case(
        "AFG271",
        "/tags",
        f"""
        tags: ▶{{{", ".join(f"t{number}: x" for number in range(TAG_LIMIT - len(OUR_TAGS) + 1))}}}
        """,
        f"""
        tags: {{{", ".join(f"t{number}: x" for number in range(TAG_LIMIT - len(OUR_TAGS)))}}}
        """,
    ),
    Case(
        "AFG272",
        "/tags/appflow-gitops:version",
        """
        tags:
          appflow-gitops:version: ▶v1
        """,
        """
        tags:
          appflow-gitops-version: v1
        """,
    ),
)
