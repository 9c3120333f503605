"""Every rule there is, across all families. ``judging`` runs ``RULES``; others read the rest."""

from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import RuleInfo
from appflow_gitops.validation.ignore_comments import COMMENT_RULES
from appflow_gitops.validation.policy.policy_rules import POLICY_RULES
from appflow_gitops.validation.rules.connections import (
    ApiVersionNeeded,
    AsciiNames,
    BucketName,
    EndOfConnector,
    LeadingSlash,
    OneConnector,
    ProfileNeeded,
    ProfileUnused,
    PropertiesOfConnector,
)
from appflow_gitops.validation.rules.destinations import (
    CatalogOfS3,
    EventsToEventBridge,
    IdFields,
    OneDestination,
    TypedParquet,
)
from appflow_gitops.validation.rules.mapping import (
    ArithmeticComplete,
    MapHasTarget,
    MapOneField,
    MergeComplete,
    OneMapEach,
)
from appflow_gitops.validation.rules.operators import (
    FilterOperator,
    OneOperator,
    OperatorFits,
    OperatorOfSource,
)
from appflow_gitops.validation.rules.projection import (
    NamesAsJson,
    ProjectionCovers,
    ProjectionOfCustomConnector,
    ProjectionOfOthers,
    ProjectionOfSalesforce,
    SomeTasks,
)
from appflow_gitops.validation.rules.rule import Rule
from appflow_gitops.validation.rules.task_properties import (
    BothBounds,
    MaskComplete,
    Milliseconds,
    TruncateComplete,
    ValidateComplete,
    ValueToCompare,
)
from appflow_gitops.validation.rules.triggers import (
    EndAfterStart,
    EventHasNone,
    IncrementalField,
    NotTooOften,
    OnDemandHasNone,
    ScheduleEditable,
    ScheduleNeeded,
    ScheduleUnderstood,
    SourceOfEvents,
    SuspendedOnDemand,
)
from appflow_gitops.validation.shape.shape_rules import SHAPE_RULES

RULES: tuple[Rule, ...] = (
    EndOfConnector(),
    PropertiesOfConnector(),
    OneConnector(),
    ProfileNeeded(),
    ProfileUnused(),
    ApiVersionNeeded(),
    BucketName(),
    LeadingSlash(),
    AsciiNames(),
    OneDestination(),
    IdFields(),
    TypedParquet(),
    CatalogOfS3(),
    EventsToEventBridge(),
    SomeTasks(),
    ProjectionOfCustomConnector(),
    ProjectionOfSalesforce(),
    ProjectionOfOthers(),
    OperatorOfSource(),
    OneOperator(),
    OperatorFits(),
    FilterOperator(),
    MapOneField(),
    MapHasTarget(),
    OneMapEach(),
    ProjectionCovers(),
    BothBounds(),
    ValueToCompare(),
    Milliseconds(),
    NamesAsJson(),
    MaskComplete(),
    TruncateComplete(),
    ValidateComplete(),
    MergeComplete(),
    ArithmeticComplete(),
    ScheduleNeeded(),
    OnDemandHasNone(),
    EventHasNone(),
    ScheduleUnderstood(),
    ScheduleEditable(),
    NotTooOften(),
    EndAfterStart(),
    IncrementalField(),
    SourceOfEvents(),
    SuspendedOnDemand(),
)
"""The rules across fields, in the order of their ids."""


def all_rules() -> tuple[RuleInfo, ...]:
    """Every rule of every family as data, in the order of their ids."""
    return (*READING_RULES, *SHAPE_RULES, *(rule.info for rule in RULES), *COMMENT_RULES, *POLICY_RULES)
