"""The right name for a wrong one: AppFlow's for another tool's, the nearest value, where a member belongs.

``shape`` asks it for hints, and to look past a misspelt name at what stands under it.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from appflow_gitops.flows.model.outline import members_of, structure_of
from appflow_gitops.flows.model.structure import Structure

_LIKENESS = 0.8
"""How alike two names must be for one to be offered for the other."""

_LONGEST_NAME = 64
"""Longer names are no typing errors, and comparing them takes quadratic time."""

_OTHER_WORDS = {
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
    "bucket": "bucketName",  # S3's own words
    "prefix": "bucketPrefix",
}
"""Other tools' words, folded, where they differ from AppFlow's in more than letter case and separators."""


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in letter case and separators only, as ``TaskType`` and ``task_type`` do."""
    return _folded(one) == _folded(other)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` was surely meant to be, or None."""
    by_fold = {_folded(candidate): candidate for candidate in known}
    folded = _folded(name)
    if folded in by_fold or len(folded) > _LONGEST_NAME:
        return by_fold.get(folded)
    return next((by_fold[match] for match in get_close_matches(folded, by_fold, 1, _LIKENESS)), None)


def member_meant(structure: type[Structure], name: str) -> str | None:
    """Return the member of the structure that an unknown name was meant to be, or None."""
    members = members_of(structure)
    translated = _OTHER_WORDS.get(_folded(name))
    return translated if translated in members else nearest(name, members)


def parents_of(structure: type[Structure], name: str) -> list[str]:
    """Return the members of the structure inside which a member of this name belongs."""
    return [home for home, inner in members_of(structure).items() if _has_member(structure_of(inner), name)]


def _has_member(structure: type[Structure] | None, name: str) -> bool:
    return structure is not None and any(same_name(name, member) for member in members_of(structure))


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
