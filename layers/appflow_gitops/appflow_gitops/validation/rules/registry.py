"""All rules of all families. ``RULES`` collects every rule class in the modules of this package."""

from appflow_gitops.documents.reading_rules import READING_RULES
from appflow_gitops.findings import RuleInfo
from appflow_gitops.validation.ignore_comments import COMMENT_RULES
from appflow_gitops.validation.policy.rules import POLICY_RULES
from appflow_gitops.validation.rules import (
    connections,
    destinations,
    key_and_tags,
    mapping,
    operators,
    projection,
    task_properties,
    triggers,
)
from appflow_gitops.validation.rules.rule import Rule
from appflow_gitops.validation.shape.rules import SHAPE_RULES

_MODULES = (
    connections,
    destinations,
    key_and_tags,
    mapping,
    operators,
    projection,
    task_properties,
    triggers,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            defined()
            for module in _MODULES
            for defined in vars(module).values()
            if isinstance(defined, type)
            and issubclass(defined, Rule)
            and defined.__module__ == module.__name__
        ),
        key=lambda rule: rule.id,
    )
)
"""The rules across fields, ordered by id."""


def all_rules() -> tuple[RuleInfo, ...]:
    """Return every rule of every family, ordered by id."""
    return (*READING_RULES, *SHAPE_RULES, *(rule.info for rule in RULES), *COMMENT_RULES, *POLICY_RULES)
