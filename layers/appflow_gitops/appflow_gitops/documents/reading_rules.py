"""The rules for reading a file, ``AFG0xx``.

``AFG000`` to ``AFG018`` make a file unreadable, ``AFG020`` to ``AFG029`` report what was converted or ignored, and from
``AFG030`` on they are about variables.
"""

from appflow_gitops.documents.limits import (
    MAX_ALIASES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FLOWS,
    MAX_VALUES,
)
from appflow_gitops.findings import MAX_EXACT_INTEGER, RuleInfo, Severity

_DESCRIBE_FLOW = "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_DescribeFlow.html"
_UPDATE_FLOW = "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_UpdateFlow.html"
_SCHEDULE = "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_ScheduledTriggerProperties.html"
_RFC_8259 = "https://www.rfc-editor.org/rfc/rfc8259"
_YAML = "https://yaml.org/spec/1.1/"
_VARIABLES = "docs/variables.md"
_ARCHITECTURE = "docs/architecture.md"
_LIMITS = "docs/architecture.md: a hostile document uses up neither time nor memory"

UNREADABLE = RuleInfo(
    "AFG000",
    Severity.ERROR,
    "File cannot be opened",
    "The file does not exist, is not a regular file, or cannot be read with the current permissions. The "
    "message is the operating system's. Only the command reports this; check the path and the "
    "permissions.",
    "(a file without read permission)",
    "https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html",
)
TOO_LARGE = RuleInfo(
    "AFG001",
    Severity.ERROR,
    "File is too large",
    f"A file may have at most {MAX_BYTES:,} bytes (1 MiB), before and after its variables are resolved. "
    "The limit keeps validation fast. Split the file into several.",
    "(a file of 1.2 MiB)",
    _LIMITS,
)
NOT_TEXT = RuleInfo(
    "AFG002",
    Severity.ERROR,
    "File is not UTF-8 text",
    "Documents are UTF-8, with or without a byte order mark. Other encodings and control characters are "
    "rejected, because guessing an encoding could change a flow. Save the file as UTF-8.",
    '{"flowName": "d\\xe9p\\xf4t"}   (Latin-1 bytes)',
    f"{_RFC_8259}#section-8.1",
)
NO_FLOW = RuleInfo(
    "AFG003",
    Severity.ERROR,
    "File declares no flow",
    "The file is empty, or contains only comments, null or an empty list. To stop managing a flow, delete "
    "the file instead of emptying it.",
    "# flow moved to ../crm",
    _ARCHITECTURE,
)
JSON_SYNTAX = RuleInfo(
    "AFG004",
    Severity.ERROR,
    "Invalid JSON",
    "JSON is parsed strictly: double quotes, no comments, no trailing commas and one value per file. Fix "
    "the syntax at the reported position, or use YAML.",
    '{"flowName": "orders",}',
    _RFC_8259,
)
YAML_SYNTAX = RuleInfo(
    "AFG005",
    Severity.ERROR,
    "Invalid YAML",
    "The YAML parser stopped at the reported position; the cause is often on a line above, such as wrong "
    f"indentation or a missing quote. A file with more than {MAX_DIRECTIVES} directives (lines that start "
    "with `%`) is rejected as well.",
    "sourceFields: *",
    _YAML,
)
TOO_DEEP = RuleInfo(
    "AFG006",
    Severity.ERROR,
    "Document is nested too deeply",
    f"Lists and objects may be nested {MAX_DEPTH} levels deep. A flow needs about 8. The limit protects "
    "the parser from hostile documents.",
    "[[[[[[[[ ... ]]]]]]]]",
    _LIMITS,
)
TOO_MANY_VALUES = RuleInfo(
    "AFG007",
    Severity.ERROR,
    "Too many values or aliases",
    f"A file may contain at most {MAX_VALUES:,} values, with every alias expanded, and {MAX_ALIASES:,} "
    "aliases. Without the limit a small file of nested aliases could expand to gigabytes. Split the file "
    "into several.",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]   (and so on)",
    _LIMITS,
)
SELF_CONTAINING = RuleInfo(
    "AFG008",
    Severity.ERROR,
    "Anchor contains itself",
    "An alias is inside the value that its own anchor defines, so the value would be infinite. Write out "
    "the inner value.",
    "tasks: &t\n- sourceFields: *t",
    _YAML,
)
TOO_MANY_FLOWS = RuleInfo(
    "AFG009",
    Severity.ERROR,
    "Too many flows in one file",
    f"A file is applied or rejected as a whole and may declare at most {MAX_FLOWS} flows. Split it into "
    "several files.",
    "[{...}, {...}, ... 101 times]",
    _LIMITS,
)
DUPLICATE_KEY = RuleInfo(
    "AFG010",
    Severity.ERROR,
    "Duplicate key",
    "Most parsers silently keep only the last value of a duplicate key, so part of the document would "
    "have no effect. Remove one of the two.",
    "description: String\ndescription: Orders from the shop",
    f"{_RFC_8259}#section-4",
)
INVALID_NUMBER = RuleInfo(
    "AFG011",
    Severity.ERROR,
    "Invalid JSON number",
    f"NaN, infinity, numbers that overflow and integers beyond {MAX_EXACT_INTEGER:,} cannot be sent to "
    "AppFlow unchanged. Use a smaller number, or put the value in quotes if it is text.",
    '{"scheduleStartTime": NaN}',
    "https://www.rfc-editor.org/rfc/rfc7493#section-2.2",
)
LONE_SURROGATE = RuleInfo(
    "AFG012",
    Severity.ERROR,
    "Lone surrogate in an escape sequence",
    "JSON escapes a character beyond U+FFFF as two `\\u` sequences, a surrogate pair. One half alone is "
    "not a character and cannot be encoded. Write the character itself.",
    '{"description": "\\ud83d"}',
    f"{_RFC_8259}#section-8.2",
)
YAML_TAG = RuleInfo(
    "AFG013",
    Severity.ERROR,
    "Unsupported YAML tag",
    "Documents are plain data: only the tags of JSON's types are supported (`!!str`, `!!int`, `!!float`, "
    "`!!bool`, `!!null`, `!!map`, `!!seq`). No objects are constructed, and CloudFormation's short "
    "functions (`!Ref`, `!Sub`, `!GetAtt`) are not evaluated. Write the value itself, or use a variable.",
    "bucketName: !Ref Bucket",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
)
YAML_VALUE = RuleInfo(
    "AFG014",
    Severity.ERROR,
    "Unquoted date or time",
    "YAML 1.1 reads an unquoted 2026-01-01 as a date, which JSON does not have. Unquoted times are "
    "supported only in the schedule. Put the value in quotes.",
    "taskProperties:\n  VALUE: 2022-02-02",
    "https://yaml.org/type/timestamp.html",
)
NON_STRING_KEY = RuleInfo(
    "AFG015",
    Severity.ERROR,
    "Key is not a string",
    "YAML allows numbers, booleans and lists as keys, and reads an unquoted `on` or `no` as a boolean. "
    "The keys of a flow are strings. Put the key in quotes.",
    "1: one",
    _RFC_8259,
)
NOT_AN_OBJECT = RuleInfo(
    "AFG016",
    Severity.ERROR,
    "Flow is not an object",
    "The top level of a file is one flow (an object) or a list of flows. A flow that was encoded as a "
    "JSON string must be decoded first.",
    '"{\\"flowName\\": \\"orders\\"}"   (JSON inside a JSON string)',
    _ARCHITECTURE,
)
DUPLICATE_FLOW = RuleInfo(
    "AFG017",
    Severity.ERROR,
    "Duplicate flow in one file",
    "Two flows in the file have the same name, so the desired state is ambiguous. Remove or rename one of "
    "them.",
    "flowName: orders\n---\nflowName: orders",
    _ARCHITECTURE,
)
NOT_A_FLOW = RuleInfo(
    "AFG018",
    Severity.ERROR,
    "File is not a flow document",
    "The file is a template, state or manifest of another tool, output of the AWS CLI, or another file of "
    "appflow-gitops. A flow document has the keys of UpdateFlow in AppFlow's spelling. `appflow-gitops convert` writes "
    "the flows in files of CloudFormation, Terraform and Pulumi as documents. Move other files out of the folder.",
    "Resources: {OrdersFlow: {Type: AWS::AppFlow::Flow, Properties: {FlowName: orders}}}",
    _UPDATE_FLOW,
)
YAML_1_2 = RuleInfo(
    "AFG019",
    Severity.WARNING,
    "Value that YAML 1.2 reads differently",
    "In YAML 1.1, which is used here, 0600 is octal (384), 1:30 is in base 60 (90), 0b11 and 1_000 are numbers, `yes` "
    "and `off` are booleans, and 08, 1e3 and 0o17 are text. Editors and other tools that follow YAML 1.2 read 600, "
    "text, 8, 1000 and 15. Write numbers in decimal digits, write `true` or `false`, or put text in quotes.",
    "scheduleOffset: 0600",
    "https://yaml.org/spec/1.2.2/ext/changes/",
)
READ_ONLY = RuleInfo(
    "AFG020",
    Severity.INFO,
    "Read-only key ignored",
    "DescribeFlow returns keys that no request accepts, such as `flowArn` and `createdAt`, and values of "
    "`flowStatus` that cannot be requested (Draft, Errored, Deprecated, Deleted). They are ignored, so "
    "that its output can be used as a document.",
    '{"flowArn": "arn:aws:appflow:...", "createdAt": 1767225600}',
    _DESCRIBE_FLOW,
)
NULL_VALUE = RuleInfo(
    "AFG021",
    Severity.INFO,
    "Null value ignored",
    "SDKs print null for values that are not set, which AppFlow rejects. A key whose value is null is "
    "treated as absent.",
    '{"connectorProfileName": null}',
    _DESCRIBE_FLOW,
)
EMPTY_OBJECT = RuleInfo(
    "AFG022",
    Severity.INFO,
    "Empty object ignored",
    "DescribeFlow returns `triggerProperties: {}` for flows without a schedule, which UpdateFlow rejects, "
    "and some exports contain an empty object for every connector. Both are treated as absent.",
    '{"triggerType": "OnDemand", "triggerProperties": {}}',
    _DESCRIBE_FLOW,
)
LETTER_CASE = RuleInfo(
    "AFG023",
    Severity.INFO,
    "Connector key in another letter case",
    "The samples in the API reference use `salesforce` and `s3` where the API accepts only `Salesforce` "
    "and `S3`. The key is read in AppFlow's letter case.",
    '{"sourceConnectorProperties": {"salesforce": {"object": "Account"}}}',
    f"{_UPDATE_FLOW}#API_UpdateFlow_Examples",
)
SAMPLE_ONLY = RuleInfo(
    "AFG024",
    Severity.INFO,
    "Key from the API samples ignored",
    "The samples in the API reference contain `useDefaultEncryption`, and `bucketKey` for S3, which the "
    "API does not have. Both are ignored.",
    '{"useDefaultEncryption": false}',
    f"{_UPDATE_FLOW}#API_UpdateFlow_Examples",
)
CLIENT_TOKEN = RuleInfo(
    "AFG025",
    Severity.INFO,
    "Client token ignored",
    "AppFlow remembers a `clientToken` for 8 hours. With a fixed token in the document it would treat the "
    "next change as a repeated request, or reject it. Each update gets a token derived from its content.",
    '{"clientToken": "c5b0e1b2-0000-4000-8000-000000000001"}',
    _UPDATE_FLOW,
)
ISO_TIME = RuleInfo(
    "AFG026",
    Severity.INFO,
    "Time converted to epoch seconds",
    "The API takes `scheduleStartTime`, `scheduleEndTime` and `firstExecutionFrom` as epoch seconds. "
    "Documents may use ISO 8601 as well.",
    '{"scheduleStartTime": "2026-01-01T00:00:00Z"}',
    _SCHEDULE,
)
NAIVE_TIME = RuleInfo(
    "AFG027",
    Severity.WARNING,
    "Time without a UTC offset",
    "The AWS SDKs read a time without an offset in the time zone of the machine, so its meaning depends "
    "on where it is read. Here it is read as UTC. Append `Z` or an offset such as `+01:00`.",
    '{"scheduleStartTime": "2026-01-01T00:00:00"}',
    _SCHEDULE,
)
BLANK_FIELD = RuleInfo(
    "AFG028",
    Severity.INFO,
    "Blank source field of a Map_all task ignored",
    'Map_all takes `sourceFields: []`. `[""]` is a known workaround, which AppFlow stores as `[]`.',
    '{"taskType": "Map_all", "sourceFields": [""]}',
    "https://github.com/hashicorp/terraform-provider-aws/issues/25095",
)
FILE_SUFFIX = RuleInfo(
    "AFG029",
    Severity.WARNING,
    "File suffix in upper case",
    "The stack ignores objects unless their keys end in .json, .yaml or .yml, in lower case, so a file such as "
    "orders.YAML would never be applied. Rename the file.",
    "(a file named orders.YAML)",
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html",
)
UNKNOWN_VARIABLE = RuleInfo(
    "AFG030",
    Severity.ERROR,
    "Unknown variable",
    "`${env.NAME}` is replaced by the value of NAME in the variables file of the environment, which does "
    "not define this name. Define it, or fix the name. `validate` reads the file given by `--vars`.",
    "bucketName: ${env.LAKE}",
    _VARIABLES,
)
VARIABLE_SYNTAX = RuleInfo(
    "AFG031",
    Severity.ERROR,
    "Invalid variable reference",
    "A variable is written `${env.NAME}`. NAME has ASCII letters, digits and `_`, does not start with a "
    "digit, and has at most 64 characters. Write `$${env.` for the text `${env.` itself.",
    "bucketName: ${env.data-lake}",
    _VARIABLES,
)
NON_STRING_IN_TEXT = RuleInfo(
    "AFG032",
    Severity.ERROR,
    "Number or boolean inside text",
    "A variable whose value is a number or boolean can only be a whole value. Inside text its spelling would "
    "be a guess, because YAML converts unquoted values such as `1.10`, `007` and `no`. Put the value in "
    "quotes in the variables file.",
    "apiVersion: v${env.VERSION}   (with VERSION: 58)",
    _VARIABLES,
)
VARIABLES_INVALID = RuleInfo(
    "AFG033",
    Severity.ERROR,
    "Variables cannot be read",
    "The document uses a variable, and the variables file of the environment is invalid. The message "
    "shows the first error in that file. Documents without variables are not affected.",
    "bucketName: ${env.LAKE}",
    _VARIABLES,
)
VARIABLES_FILE = RuleInfo(
    "AFG034",
    Severity.ERROR,
    "Invalid variables file",
    "A variables file is one object of names and values. Names follow AFG031; values are strings, "
    "integers or booleans.",
    "LAKE: [data-lake]",
    _VARIABLES,
)

READING_RULES: tuple[RuleInfo, ...] = (
    UNREADABLE,
    TOO_LARGE,
    NOT_TEXT,
    NO_FLOW,
    JSON_SYNTAX,
    YAML_SYNTAX,
    TOO_DEEP,
    TOO_MANY_VALUES,
    SELF_CONTAINING,
    TOO_MANY_FLOWS,
    DUPLICATE_KEY,
    INVALID_NUMBER,
    LONE_SURROGATE,
    YAML_TAG,
    YAML_VALUE,
    NON_STRING_KEY,
    NOT_AN_OBJECT,
    DUPLICATE_FLOW,
    NOT_A_FLOW,
    YAML_1_2,
    READ_ONLY,
    NULL_VALUE,
    EMPTY_OBJECT,
    LETTER_CASE,
    SAMPLE_ONLY,
    CLIENT_TOKEN,
    ISO_TIME,
    NAIVE_TIME,
    BLANK_FIELD,
    FILE_SUFFIX,
    UNKNOWN_VARIABLE,
    VARIABLE_SYNTAX,
    NON_STRING_IN_TEXT,
    VARIABLES_INVALID,
    VARIABLES_FILE,
)
"""Every rule of this package, in the order of their ids."""
