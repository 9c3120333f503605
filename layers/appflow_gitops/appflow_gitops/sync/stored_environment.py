"""The environment as it is stored in the documents bucket: the policy, the values of variables, and the pauses.

``intake`` reads it for every request and ``apply`` again for every change. The current policy counts, and a late or
forged message cannot bypass it.
"""

from typing import TYPE_CHECKING, Protocol

from appflow_gitops.documents.variable_values import NO_VARIABLES, Variables
from appflow_gitops.findings import Finding, has_errors
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.service import service
from appflow_gitops.sync.ports import DocumentStore, TopLevel
from appflow_gitops.validation.environment import Environment

if TYPE_CHECKING:
    from appflow_gitops.validation.policy.hold import FlowPause
    from appflow_gitops.validation.policy.model import BrokenPolicy, Policy

POLICY_KEY = "policy.yaml"
PAUSED_KEY = "paused.yaml"
"""The pauses of ``appflow-gitops pause``. Apart from the policy, which is pushed from Git and would undo them."""
RELEASING_KEYS = (POLICY_KEY, PAUSED_KEY)
"""The files that decide which changes are held."""
VARIABLES_PREFIX = "variables/"
VARIABLES_SUFFIX = ".yaml"


class EnvironmentReader(Protocol):
    """``StoredEnvironment.read``."""

    def __call__(self, top: TopLevel | None = None) -> Environment:
        """See ``StoredEnvironment``."""
        ...


@service
class StoredEnvironment:
    """The environment ``name`` in ``bucket``; one with an empty name has no variables.

    With ``requires_policy``, nothing is allowed while the bucket has no policy. ``is_paused``: the stack is deployed
    with ``Paused=true``; ``None`` for a reader that holds no changes and does not read the pauses.
    """

    documents: DocumentStore
    bucket: str
    name: str = ""
    requires_policy: bool = False
    is_paused: bool | None = None

    def read(self, top: TopLevel | None = None) -> Environment:
        """The current environment. Raises ``SyncError`` when the bucket does not answer; then nothing is decided.

        ``top``, if the bucket was listed before, saves reading files that do not exist or did not change.
        """
        return Environment(self._policy(top), self._variables(top), pauses=self._pauses(top))

    def read_listed(self) -> Environment:
        """The current environment, with one listing instead of a call for each file that does not exist or is known."""
        return self.read(self.documents.top_level(self.bucket))

    def _policy(self, top: TopLevel | None) -> "Policy | BrokenPolicy | None":
        content = self._content(POLICY_KEY, top)
        if content is None:
            return _required_policy() if self.requires_policy else None
        return _read_policy(content, POLICY_KEY)[0]

    def _pauses(self, top: TopLevel | None) -> tuple["FlowPause", ...]:
        if self.is_paused is None:
            return ()
        if self.is_paused:
            from appflow_gitops.validation.policy.hold import STACK_PAUSED  # noqa: PLC0415 - rarely needed

            return (STACK_PAUSED,)
        content = self._content(PAUSED_KEY, top)
        return () if content is None else _read_pauses(content, PAUSED_KEY)[0]

    def _variables(self, top: TopLevel | None) -> Variables:
        key = f"{VARIABLES_PREFIX}{self.name}{VARIABLES_SUFFIX}"
        content = self._content(key, top) if self.name else None
        return NO_VARIABLES if content is None else _read_variables(content, key)[0]

    def _content(self, key: str, top: TopLevel | None) -> bytes | None:
        if top and not top.may_contain(key):
            return None
        known = top.objects.get(key) if top else None
        stored = self.documents.read(DocumentVersion(bucket=self.bucket, key=key, eTag=known))
        return stored.content if stored else None


def is_environment_file(key: str) -> bool:
    """Whether the object is a policy, a variables file or the pauses, and not a document."""
    return key in RELEASING_KEYS or (key.startswith(VARIABLES_PREFIX) and key.endswith(VARIABLES_SUFFIX))


def validate_environment_file(key: str, content: bytes) -> tuple[Finding, ...]:
    """The findings that make an environment file invalid: any in a policy or in pauses, errors in variables."""
    strict = {POLICY_KEY: _read_policy, PAUSED_KEY: _read_pauses}
    findings = strict.get(key, _read_variables)(content, key)[1]
    return findings if key in strict or has_errors(findings) else ()


def _read_pauses(content: bytes, key: str) -> tuple[tuple["FlowPause", ...], tuple[Finding, ...]]:
    from appflow_gitops.validation.policy.read import read_pauses  # noqa: PLC0415 - flows are rarely paused

    return read_pauses(content, key)


def _read_policy(content: bytes, key: str) -> tuple["Policy | BrokenPolicy", tuple[Finding, ...]]:
    from appflow_gitops.validation.policy.read import read_policy  # noqa: PLC0415 - most environments have no policy

    return read_policy(content, key)


def _read_variables(content: bytes, key: str) -> tuple[Variables, tuple[Finding, ...]]:
    from appflow_gitops.documents.variables import read_variables  # noqa: PLC0415 - not every environment has variables

    return read_variables(content, key)


def _required_policy() -> "BrokenPolicy":
    from appflow_gitops.validation.policy.model import REQUIRED_POLICY  # noqa: PLC0415 - most environments have no policy

    return REQUIRED_POLICY
