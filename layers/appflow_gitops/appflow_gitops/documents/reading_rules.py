"""The rules of reading a file, ``AFG0xx``, as data: everything in ``documents`` takes its ids from here.

``AFG000`` to ``AFG019`` keep a file from being read; from ``AFG020`` on they tell what was understood and changed, from
``AFG030`` on what is wrong with variables.
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
_RFC_8259 = "https://www.rfc-editor.org/rfc/rfc8259"
_YAML = "https://yaml.org/spec/1.1/"
_VARIABLES = "docs/variables.md"
_PROMISE = "docs/architecture.md: a hostile document uses up neither time nor memory"

UNREADABLE = RuleInfo(
    "AFG000",
    Severity.ERROR,
    "The file cannot be opened",
    "At the desk only: files must be regular ones, be there and allow reading. The message is the operating system's.",
    "(a file without read permission)",
    "https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html",
)
TOO_LARGE = RuleInfo(
    "AFG001",
    Severity.ERROR,
    "The file is too large",
    f"At most {MAX_BYTES:,} bytes (1 MiB) are read. The size is looked at before anything else. Texts with "
    "variables in them have as much room once the values are put in.",
    "(a file of 1.2 MiB)",
    _PROMISE,
)
NOT_TEXT = RuleInfo(
    "AFG002",
    Severity.ERROR,
    "The file is not UTF-8 text",
    "Documents are UTF-8, with or without a byte order mark. UTF-16, UTF-32, Latin-1 and control characters are "
    "refused rather than guessed at.",
    '{"flowName": "d\\xe9p\\xf4t"}   (Latin-1 bytes)',
    f"{_RFC_8259}#section-8.1",
)
NO_FLOW = RuleInfo(
    "AFG003",
    Severity.ERROR,
    "The file declares no flow",
    "An empty file, only comments, null or an empty list declare nothing. To stop managing a flow, delete the file.",
    "# flow moved to ../crm",
    "docs/architecture.md",
)
JSON_SYNTAX = RuleInfo(
    "AFG004",
    Severity.ERROR,
    "The JSON cannot be read",
    "JSON is read strictly: double quotes, no comments, no trailing comma, one value per file.",
    '{"flowName": "orders",}',
    _RFC_8259,
)
YAML_SYNTAX = RuleInfo(
    "AFG005",
    Severity.ERROR,
    "The YAML cannot be read",
    "The file breaks YAML's own grammar. The place is where the parser could not go on; the cause is often a line "
    f"above. More than {MAX_DIRECTIVES} directives (lines that start with `%`) are refused as well.",
    "sourceFields: *",
    _YAML,
)
TOO_DEEP = RuleInfo(
    "AFG006",
    Severity.ERROR,
    "Lists and objects lie too deep inside each other",
    f"At most {MAX_DEPTH} levels are read; a flow needs about 8.",
    "[[[[[[[[ ... ]]]]]]]]",
    _PROMISE,
)
TOO_MANY_VALUES = RuleInfo(
    "AFG007",
    Severity.ERROR,
    "The file holds too many values or aliases",
    f"At most {MAX_VALUES:,} values are read, counting an alias with all that it stands for, and {MAX_ALIASES:,} "
    "aliases. It keeps a small file from growing to gigabytes.",
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]   (and so on)",
    _PROMISE,
)
SELF_CONTAINING = RuleInfo(
    "AFG008",
    Severity.ERROR,
    "An anchor contains itself",
    "An alias inside the very value that its anchor names would never end.",
    "tasks: &t\n- sourceFields: *t",
    _YAML,
)
TOO_MANY_FLOWS = RuleInfo(
    "AFG009",
    Severity.ERROR,
    "The file declares too many flows",
    f"At most {MAX_FLOWS} flows stand in one file, since a file is applied or refused as a whole.",
    "[{...}, {...}, ... 101 times]",
    _PROMISE,
)
DUPLICATE_NAME = RuleInfo(
    "AFG010",
    Severity.ERROR,
    "A member stands twice in one object",
    "Most readers silently keep the last of the two, so the file would not mean what it says.",
    "description: String\ndescription: Orders from the shop",
    f"{_RFC_8259}#section-4",
)
NO_JSON_NUMBER = RuleInfo(
    "AFG011",
    Severity.ERROR,
    "A number is none that JSON can carry",
    f"NaN, infinity, integers beyond {MAX_EXACT_INTEGER:,} and numbers that overflow do not reach AppFlow intact.",
    '{"scheduleStartTime": NaN}',
    "https://www.rfc-editor.org/rfc/rfc7493#section-2.2",
)
LONE_SURROGATE = RuleInfo(
    "AFG012",
    Severity.ERROR,
    "An escape stands for half a character",
    "Characters beyond U+FFFF are written as two \\u escapes; one alone cannot be encoded.",
    '{"description": "\\ud83d"}',
    f"{_RFC_8259}#section-8.2",
)
YAML_TAG = RuleInfo(
    "AFG013",
    Severity.ERROR,
    "A YAML tag that is not read",
    "Only the tags of JSON's own types are read (!!str, !!int, !!float, !!bool, !!null, !!map, !!seq). Objects are "
    "never constructed, and CloudFormation's short functions (!Ref, !Sub, !GetAtt) are not evaluated.",
    "bucketName: !Ref Bucket",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
)
YAML_VALUE = RuleInfo(
    "AFG014",
    Severity.ERROR,
    "A YAML value that JSON does not have",
    "YAML 1.1 reads a bare 2026-01-01 as a date. AppFlow takes text or numbers. Times of the schedule are understood.",
    "taskProperties:\n  VALUE: 2022-02-02",
    "https://yaml.org/type/timestamp.html",
)
NAME_NO_STRING = RuleInfo(
    "AFG015",
    Severity.ERROR,
    "A member's name is no string",
    "YAML allows numbers, booleans and lists as names; a flow's members have names in text.",
    "1: one",
    _RFC_8259,
)
NO_OBJECT = RuleInfo(
    "AFG016",
    Severity.ERROR,
    "A flow is no object",
    "At the top of a file stands one flow (an object), or a list of flows.",
    '"{\\"flowName\\": \\"orders\\"}"   (JSON inside a JSON string)',
    "docs/architecture.md",
)
SAME_FLOW_TWICE = RuleInfo(
    "AFG017",
    Severity.ERROR,
    "A flow is declared twice in one file",
    "Which of the two is desired cannot be told.",
    "flowName: orders\n---\nflowName: orders",
    "docs/architecture.md",
)
READ_ONLY = RuleInfo(
    "AFG020",
    Severity.INFO,
    "A read-only member was left out",
    "DescribeFlow answers with members about the flow's past that no request takes, and with a flowStatus that nobody "
    "can ask for (Draft, Errored, Deprecated, Deleted). Pasted output is understood without them.",
    '{"flowArn": "arn:aws:appflow:...", "createdAt": 1767225600}',
    _DESCRIBE_FLOW,
)
NULL_MEMBER = RuleInfo(
    "AFG021",
    Severity.INFO,
    "A member with null was left out",
    "SDKs print null for what is not set; AppFlow wants such members left out.",
    '{"connectorProfileName": null}',
    _DESCRIBE_FLOW,
)
FILLER = RuleInfo(
    "AFG022",
    Severity.INFO,
    "An empty filler was left out",
    "DescribeFlow answers with `triggerProperties: {}` where there is no schedule, which UpdateFlow does not take; "
    "some exports name every connector with an empty object.",
    '{"triggerType": "OnDemand", "triggerProperties": {}}',
    _DESCRIBE_FLOW,
)
LETTER_CASE = RuleInfo(
    "AFG023",
    Severity.INFO,
    "A connector's name was read in AppFlow's letter case",
    "The API reference's own samples write `salesforce` and `s3` where the API takes `Salesforce` and `S3`.",
    '{"sourceConnectorProperties": {"salesforce": {"object": "Account"}}}',
    f"{_UPDATE_FLOW}#API_UpdateFlow_Examples",
)
OLD_SAMPLE = RuleInfo(
    "AFG024",
    Severity.INFO,
    "A member of the old samples was left out",
    "`useDefaultEncryption`, and `bucketKey` of S3, stand in the API reference's samples; the API has no such members.",
    '{"useDefaultEncryption": false}',
    f"{_UPDATE_FLOW}#API_UpdateFlow_Examples",
)
CLIENT_TOKEN = RuleInfo(
    "AFG025",
    Severity.INFO,
    "The clientToken was left out",
    "A token in a kept document would make AppFlow take the next change for a repeat, or refuse it, for 8 hours. Each "
    "update gets its own token, made from the content.",
    '{"clientToken": "c5b0e1b2-0000-4000-8000-000000000001"}',
    _UPDATE_FLOW,
)
ISO_TIME = RuleInfo(
    "AFG026",
    Severity.INFO,
    "A time was read as seconds since 1970",
    "scheduleStartTime, scheduleEndTime and firstExecutionFrom travel as numbers; ISO 8601 is understood.",
    '{"scheduleStartTime": "2026-01-01T00:00:00Z"}',
    "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_ScheduledTriggerProperties.html",
)
NAIVE_TIME = RuleInfo(
    "AFG027",
    Severity.WARNING,
    "A time without an offset was read as UTC",
    "The AWS SDKs read such a time in the zone of the machine they run on, so it differs from place to place.",
    '{"scheduleStartTime": "2026-01-01T00:00:00"}',
    "https://docs.aws.amazon.com/appflow/1.0/APIReference/API_ScheduledTriggerProperties.html",
)
BLANK_FIELD = RuleInfo(
    "AFG028",
    Severity.INFO,
    "The blank source field of a Map_all task was left out",
    'Map_all takes `sourceFields: []`. `[""]` is a known work-around that AppFlow answers as `[]`.',
    '{"taskType": "Map_all", "sourceFields": [""]}',
    "https://github.com/hashicorp/terraform-provider-aws/issues/25095",
)
VARIABLE_UNDEFINED = RuleInfo(
    "AFG030",
    Severity.ERROR,
    "A variable is not defined",
    "`${env.NAME}` is replaced by the value that the stage's variables file gives. `validate` gets it with `--vars`.",
    "bucketName: ${env.LAKE}",
    _VARIABLES,
)
VARIABLE_FORM = RuleInfo(
    "AFG031",
    Severity.ERROR,
    "A variable is not written as `${env.NAME}`",
    "NAME is ASCII letters, digits and `_`, no digit first, 64 characters at most. `$${env.` is the text `${env.`.",
    "bucketName: ${env.data-lake}",
    _VARIABLES,
)
VARIABLE_IN_TEXT = RuleInfo(
    "AFG032",
    Severity.ERROR,
    "A number or boolean is put into a text",
    "A variable that is no string can only be the whole value. Inside a text, how to write it would be a guess: YAML "
    "reads 1.10 and 007 and no otherwise than they look.",
    "apiVersion: v${env.VERSION}   (with VERSION: 58)",
    _VARIABLES,
)
VARIABLES_BROKEN = RuleInfo(
    "AFG033",
    Severity.ERROR,
    "The stage's variables cannot be read",
    "The document uses a variable, and something is wrong with the file that defines it.",
    "bucketName: ${env.LAKE}",
    _VARIABLES,
)
VARIABLES_FILE = RuleInfo(
    "AFG034",
    Severity.ERROR,
    "A variables file holds something else than names and values",
    "It is one object. Names are as in AFG031; values are strings, whole numbers, true or false.",
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
    DUPLICATE_NAME,
    NO_JSON_NUMBER,
    LONE_SURROGATE,
    YAML_TAG,
    YAML_VALUE,
    NAME_NO_STRING,
    NO_OBJECT,
    SAME_FLOW_TWICE,
    READ_ONLY,
    NULL_MEMBER,
    FILLER,
    LETTER_CASE,
    OLD_SAMPLE,
    CLIENT_TOKEN,
    ISO_TIME,
    NAIVE_TIME,
    BLANK_FIELD,
    VARIABLE_UNDEFINED,
    VARIABLE_FORM,
    VARIABLE_IN_TEXT,
    VARIABLES_BROKEN,
    VARIABLES_FILE,
)
"""Every rule of this package, in the order of their ids."""
