"""What a flow uses that a policy can restrict: connectors, profiles, buckets, roles, databases, keys and receivers.

A test compares the table with botocore's model, so that a new member of the API needs a decision.
"""

from typing import NamedTuple

from appflow_gitops.findings import Json, Path, RuleInfo
from appflow_gitops.validation.policy.model import Grant
from appflow_gitops.validation.policy.patterns import matches, matches_folder
from appflow_gitops.validation.policy.rules import (
    BUCKET_NOT_ALLOWED,
    CONNECTOR_NOT_ALLOWED,
    DATABASE_NOT_ALLOWED,
    DOMAIN_NOT_ALLOWED,
    EVENT_SOURCE_NOT_ALLOWED,
    KEY_NOT_ALLOWED,
    PROFILE_NOT_ALLOWED,
    ROLE_NOT_ALLOWED,
)


class Restriction(NamedTuple):
    """A kind of resource: its name in messages, the member of a grant that allows it, and the rule of a violation.

    ``needs_grant``: a grant without the member allows none; otherwise, it allows any.
    """

    kind: str
    member: str
    rule: RuleInfo
    needs_grant: bool = False


class Entry(NamedTuple):
    """A pattern in a member of a grant."""

    member: str
    pattern: str


class Use(NamedTuple):
    """One name in a flow: its path, the folder for a bucket, and whether the flow writes to it."""

    restriction: Restriction
    path: Path
    name: str
    prefix: str
    writes: bool

    @property
    def value(self) -> str:
        """The resource as patterns name it: a bucket with a prefix is ``bucket/prefix``."""
        return f"{self.name}/{self.prefix}" if self.prefix else self.name

    def entries(self, grant: Grant) -> tuple[Entry, ...] | None:
        """Return the entries of the grant for this use; None if the grant does not restrict it."""
        members: tuple[str, ...] = (self.restriction.member,)
        if self.restriction is BUCKET:
            if grant.buckets is grant.readBuckets is grant.writeBuckets is None:
                return None
            members += ("writeBuckets" if self.writes else "readBuckets",)
        elif getattr(grant, self.restriction.member) is None and not self.restriction.needs_grant:
            return None
        return tuple(Entry(member, pattern) for member in members for pattern in getattr(grant, member) or ())

    def matches(self, pattern: str) -> bool:
        """Return whether the pattern allows this use."""
        if self.restriction is BUCKET:
            return matches_folder(self.name, self.prefix, [pattern])
        return matches(self.name, [pattern])


CONNECTOR = Restriction("connector", "connectors", CONNECTOR_NOT_ALLOWED)
PROFILE = Restriction("connector profile", "connectorProfiles", PROFILE_NOT_ALLOWED)
BUCKET = Restriction("bucket", "buckets", BUCKET_NOT_ALLOWED)
ROLE = Restriction("role", "glueRoles", ROLE_NOT_ALLOWED, needs_grant=True)
DATABASE = Restriction("Glue database", "glueDatabases", DATABASE_NOT_ALLOWED)
KEY = Restriction("KMS key", "kmsKeys", KEY_NOT_ALLOWED, needs_grant=True)
DOMAIN = Restriction("domain", "domains", DOMAIN_NOT_ALLOWED)
EVENT_SOURCE = Restriction("event source", "eventSources", EVENT_SOURCE_NOT_ALLOWED)

RESTRICTIONS = (CONNECTOR, PROFILE, BUCKET, ROLE, DATABASE, KEY, DOMAIN, EVENT_SOURCE)

_BY_MEMBER = {
    "connectorType": CONNECTOR,
    "connectorProfileName": PROFILE,
    "bucketName": BUCKET,
    "intermediateBucketName": BUCKET,
    "roleArn": ROLE,
    "databaseName": DATABASE,
    "kmsArn": KEY,
    "domainName": DOMAIN,
}
"""Member of a flow, at any depth -> what it names."""

_BY_PARENT: dict[tuple[Path, str], Restriction] = {(("EventBridge",), "object"): EVENT_SOURCE}
"""The same for members that name something else under other connectors."""

GUARDED = frozenset({*_BY_MEMBER, "bucketPrefix"})
"""The members that the policy checks, besides the object of EventBridge."""

_FREE_NAMES = ("customProperties", "taskProperties", "tags")
"""Maps whose keys the user chooses."""


def uses(flow: Json, path: Path = ()) -> list[Use]:
    """Return what the flow at ``path`` names. It may have any shape; values of a wrong type are skipped."""
    used: list[Use] = []
    _collect(flow, path, used)
    return used


def _collect(value: Json, path: Path, used: list[Use]) -> None:
    """Append what the value names. A list instead of a generator: ``plan`` does this for every flow."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, (*path, index), used)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                if restriction := _BY_MEMBER.get(name) or _BY_PARENT.get((path[-1:], name)):
                    used.append(_use(restriction, (*path, name), inner, value))
            elif isinstance(inner, dict | list) and name not in _FREE_NAMES:
                _collect(inner, (*path, name), used)


def _use(restriction: Restriction, path: Path, name: str, members: dict[str, Json]) -> Use:
    prefix = members.get("bucketPrefix") if restriction is BUCKET else None
    return Use(
        restriction, path, name, prefix if isinstance(prefix, str) else "", "sourceFlowConfig" not in path
    )
