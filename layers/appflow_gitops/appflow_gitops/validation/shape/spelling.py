"""Find the name that a misspelled one was meant to be, including the names of CloudFormation and Terraform."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from appflow_gitops.findings import Json
from appflow_gitops.flows.model.outline import container_of, members_of, structure_of
from appflow_gitops.flows.model.structure import Structure

_WORD = re.compile("[A-Z]?[a-z0-9]+|[A-Z]+")
_MIN_SIMILARITY = 0.8
_MAX_LENGTH = 64
"""Longer names are not typing errors, and comparing them takes quadratic time."""

_SYNONYMS = {
    "failonfirsterror": "failOnFirstDestinationError",  # CloudFormation
    "destinationflowconfig": "destinationFlowConfigList",  # Terraform
    "prefixhierarchy": "pathPrefixHierarchy",  # Terraform
    "task": "tasks",  # Terraform
    "name": "flowName",  # Terraform
    "scheduledtriggerproperties": "Scheduled",  # the sample of CreateFlow in the API reference
    "scheduledtriggerprops": "Scheduled",
    "scheduledproperties": "Scheduled",
    "starttime": "scheduleStartTime",
    "endtime": "scheduleEndTime",
    "bucket": "bucketName",  # S3's API
    "prefix": "bucketPrefix",
}
"""Folded names of other tools -> AppFlow's, where they differ in more than letter case and separators."""


def same_name(one: str, other: str) -> bool:
    """Return whether two names differ only in letter case and separators, as ``TaskType`` and ``task_type`` do."""
    return max(len(one), len(other)) <= _MAX_LENGTH and _folded(one) == _folded(other)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to ``name``, or None if no name is similar enough.

    So is the only one that has the words of the name in their order, or the other way round: ``sourceFlowConfig`` for
    ``sourceConfig``, ``description`` for ``flowDescription``.
    """
    by_fold = {_folded(candidate): candidate for candidate in known}
    folded = _folded(name)
    if folded in by_fold or len(folded) > _MAX_LENGTH:
        return by_fold.get(folded)
    if similar := get_close_matches(folded, by_fold, 1, _MIN_SIMILARITY):
        return by_fold[similar[0]]
    words = _words(name)
    with_words = [candidate for candidate in by_fold.values() if _share_words(words, _words(candidate))]
    return with_words[0] if len(with_words) == 1 else None


def intended_key(structure: type[Structure], name: str, value: Json = None) -> str | None:
    """Return the key of the structure that an unknown key was meant to be and that can have its value, or None."""
    members = members_of(structure)
    synonym = _SYNONYMS.get(_folded(name))
    if synonym in members:
        return synonym
    return nearest(
        name, (key for key, kind in members.items() if same_name(name, key) or _can_be(kind, value))
    )


def _can_be(kind: object, value: Json) -> bool:
    """Return whether a value with objects in it, or any other, may be meant for a member of this type."""
    items = value if isinstance(value, list) else [value]
    has_objects = any(isinstance(item, dict) for item in items)
    return not has_objects or structure_of(kind) is not None or container_of(kind) is not None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name[:_MAX_LENGTH])]


def _share_words(some: list[str], others: list[str]) -> bool:
    """Return whether all words of the shorter list are in the longer one, in their order."""
    fewer, more = sorted((some, others), key=len)
    left = iter(more)
    return bool(fewer) and all(word in left for word in fewer)


def parents_of(structure: type[Structure], name: str) -> list[str]:
    """Return the keys of the structure whose values have a key of this name.

    If there are none, the keys of these values, as ``triggerProperties.Scheduled`` for ``scheduleExpression``.
    """
    inner = {key: found for key, kind in members_of(structure).items() if (found := structure_of(kind))}
    return [key for key, found in inner.items() if _has_key(found, name)] or [
        f"{key}.{below}"
        for key, found in inner.items()
        for below, kind in members_of(found).items()
        if (deeper := structure_of(kind)) and _has_key(deeper, name)
    ]


def _has_key(structure: type[Structure], name: str) -> bool:
    return any(same_name(name, member) for member in members_of(structure))


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
