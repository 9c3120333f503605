"""Find the name that a misspelled one was meant to be, including the names of CloudFormation and Terraform."""

from collections.abc import Iterable
from difflib import get_close_matches

from appflow_gitops.flows.model.outline import members_of, structure_of
from appflow_gitops.flows.model.structure import Structure

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
    return _folded(one) == _folded(other)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to ``name``, or None if no name is similar enough."""
    by_fold = {_folded(candidate): candidate for candidate in known}
    folded = _folded(name)
    if folded in by_fold or len(folded) > _MAX_LENGTH:
        return by_fold.get(folded)
    return next((by_fold[match] for match in get_close_matches(folded, by_fold, 1, _MIN_SIMILARITY)), None)


def intended_key(structure: type[Structure], name: str) -> str | None:
    """Return the key of the structure that an unknown key was meant to be, or None."""
    members = members_of(structure)
    synonym = _SYNONYMS.get(_folded(name))
    return synonym if synonym in members else nearest(name, members)


def parents_of(structure: type[Structure], name: str) -> list[str]:
    """Return the keys of the structure whose values have a key of this name."""
    return [parent for parent, inner in members_of(structure).items() if _has_key(structure_of(inner), name)]


def _has_key(structure: type[Structure] | None, name: str) -> bool:
    return structure is not None and any(same_name(name, member) for member in members_of(structure))


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
