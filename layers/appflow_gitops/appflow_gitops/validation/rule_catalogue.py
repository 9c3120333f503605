"""The catalogue of all rules, of every family."""

from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import RuleInfo
from appflow_gitops.validation.fields.field_rules import FIELD_RULES
from appflow_gitops.validation.ignore_comments import COMMENT_RULES
from appflow_gitops.validation.policy.rules import POLICY_RULES
from appflow_gitops.validation.rules.registry import RULES
from appflow_gitops.validation.shape.rules import SHAPE_RULES


def all_rules() -> tuple[RuleInfo, ...]:
    """Return every rule of every family, ordered by id."""
    across_fields = (rule.info for rule in RULES)
    return (*READING_RULES, *SHAPE_RULES, *across_fields, *COMMENT_RULES, *POLICY_RULES, *FIELD_RULES)
