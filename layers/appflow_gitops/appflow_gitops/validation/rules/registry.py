"""The rules across fields: ``RULES`` collects every rule class in the modules of this package."""

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
