"""The pauses in the documents bucket, for the commands ``pause``, ``resume`` and ``status``."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from appflow_gitops.aws.documents import CONFLICTS, S3Documents
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import SyncError
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.sync.stored_environment import PAUSED_KEY
from appflow_gitops.validation.environment import Environment
from appflow_gitops.validation.policy.hold import FlowPause
from appflow_gitops.validation.policy.model import Policy
from appflow_gitops.validation.policy.read import read_pauses
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.printable import printable

Edit = Callable[[tuple[FlowPause, ...]], tuple[FlowPause, ...]]
ATTEMPTS = 5
"""Attempts to replace a file that other users replace at the same time."""


@dataclass(frozen=True, slots=True)
class StoredPauses:
    """``paused.yaml`` in one bucket. Methods raise ``SyncError``."""

    store: S3Documents
    bucket: str

    def edit(self, change: Edit, origin: Provenance) -> tuple[FlowPause, ...]:
        """Replace the pauses by what ``change`` returns for them; again if another user replaced them meanwhile.

        Raises CommandError for an invalid file, and for a pause that cannot be stored.
        """
        for _ in range(ATTEMPTS):
            stored = self._stored()
            pauses = change(_parsed(stored))
            try:
                self.store.put(
                    self.bucket,
                    PAUSED_KEY,
                    _rendered(pauses),
                    origin,
                    replaces=(stored.version.eTag or "") if stored else "",
                )
            except SyncError as error:
                if error.code not in CONFLICTS:
                    raise
            else:
                return pauses
        raise CommandError(f"{PAUSED_KEY} in the bucket is being replaced by other users; try again")

    def delete(self) -> None:
        """End all pauses, also in an invalid file."""
        self.store.remove(self.bucket, PAUSED_KEY)

    def _stored(self) -> StoredDocument | None:
        return self.store.read(DocumentVersion(bucket=self.bucket, key=PAUSED_KEY))


def _parsed(stored: StoredDocument | None) -> tuple[FlowPause, ...]:
    if stored is None:
        return ()
    pauses, findings = read_pauses(stored.content, PAUSED_KEY)
    if findings:
        raise CommandError(
            f"{PAUSED_KEY} in the bucket is invalid: {findings[0].message}; 'appflow-gitops resume' deletes it"
        )
    return pauses


def _rendered(pauses: Sequence[FlowPause]) -> bytes:
    """The content of the file. Raises CommandError if reading it would not return the same: that pauses all flows."""
    entries = [{"flows": list(pause.flows), "reason": pause.reason} for pause in pauses]
    # JSON is YAML, and needs no rules for quotes.
    text = json.dumps({"paused": entries}, indent=2, ensure_ascii=False)
    content = text.encode(errors="replace")
    read, findings = read_pauses(content, PAUSED_KEY)
    if findings or read != tuple(pauses):
        cause = findings[0].message if findings else "unreadable characters"
        raise CommandError(f"invalid name or reason: {cause}")
    return content


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
    return (describe_pause(pause) for pause in pauses)


def describe_pause(pause: FlowPause) -> str:
    """The flows and the reason of a pause, safe for a terminal."""
    return printable(f"{', '.join(pause.flows)}: {pause.reason}")
