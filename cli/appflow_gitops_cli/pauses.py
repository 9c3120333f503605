"""The pauses in the documents bucket, for the commands ``pause``, ``resume`` and ``status``."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.stored_environment import PAUSED_KEY
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops.validation.policy.model import Policy
from appflow_gitops.validation.policy.read import read_pauses
from appflow_gitops_cli.main import CommandError


@dataclass(frozen=True, slots=True)
class StoredPauses:
    """``paused.yaml`` in one bucket. Methods raise ``SyncError``."""

    store: S3Documents
    bucket: str

    def read(self) -> tuple[FlowPause, ...]:
        """The pauses. Raises CommandError for an invalid file, which pauses all flows."""
        stored = self.store.read(DocumentVersion(bucket=self.bucket, key=PAUSED_KEY))
        if stored is None:
            return ()
        pauses, findings = read_pauses(stored.content, PAUSED_KEY)
        if findings:
            raise CommandError(
                f"{PAUSED_KEY} in the bucket is invalid: {findings[0].message}; 'appflow-gitops resume' deletes it"
            )
        return pauses

    def write(self, pauses: Sequence[FlowPause], origin: Provenance) -> None:
        """Replace the pauses; without any, the file is deleted."""
        if not pauses:
            self.store.remove(self.bucket, PAUSED_KEY)
            return
        entries = [{"flows": list(pause.flows), "reason": pause.reason} for pause in pauses]
        # JSON is YAML, and needs no rules for quotes.
        content = json.dumps({"paused": entries}, indent=2, ensure_ascii=False)
        self.store.put(self.bucket, PAUSED_KEY, content.encode(), origin)


def added(pauses: Iterable[FlowPause], pause: FlowPause) -> tuple[FlowPause, ...]:
    """The pauses with another one, which replaces one of the same flows."""
    return (*(each for each in pauses if each.flows != pause.flows), pause)


def without(pauses: Iterable[FlowPause], patterns: Sequence[str]) -> tuple[FlowPause, ...]:
    """The pauses without these patterns."""
    kept = (
        FlowPause(tuple(flow for flow in pause.flows if flow not in patterns), pause.reason)
        for pause in pauses
    )
    return tuple(pause for pause in kept if pause.flows)


def describe_pauses(environment: Environment) -> Iterator[str]:
    """What is paused, by the stack, by ``paused.yaml`` and by the policy."""
    in_policy = environment.policy.paused or () if isinstance(environment.policy, Policy) else ()
    pauses = (*environment.pauses, *(FlowPause(entry.flows, entry.reason) for entry in in_policy))
    return (f"{', '.join(pause.flows)}: {pause.reason}" for pause in pauses)
