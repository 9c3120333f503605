"""The file of ``plan --out``: digests of what the plan depends on, which ``push --plan`` compares before it uploads.

The file contains names and digests only: no configuration, variable or policy.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import ValidationError

from appflow_gitops.findings import Json
from appflow_gitops.flows.canonical import canonical_json, live_digest
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.flows.summary import FlowSummary
from appflow_gitops.origin import Wire
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.sync.inventory import Each
from appflow_gitops.sync.ports import FlowCatalog
from appflow_gitops.sync.stored_environment import POLICY_KEY, VARIABLES_PREFIX
from appflow_gitops_cli.cloud import DOCUMENTS_PREFIX, Deployment
from appflow_gitops_cli.main import CommandError


class Listing(Protocol):
    """The documents bucket, for listing."""

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """The ETags of all objects with this prefix, by key."""
        ...


class PlanFile(Wire):
    """What a plan was made from. An ETag identifies the content of an object; a missing flow has no digest.

    ``files`` are the SHA-256 of the local documents, policy and variables, by their keys in the bucket; ``stored`` the
    ETags in the bucket, by key; ``flows`` the digests of configuration, lastUpdatedAt, status and tags, by name.
    """

    version: Literal[1] = 1
    bucket: str
    stage: str
    createsFlows: bool
    prune: bool
    files: dict[str, str]
    stored: dict[str, str]
    flows: dict[str, str | None]

    def differences(self, now: "PlanFile") -> Iterator[str]:
        """What differs between the plan and ``now``, one text for each."""
        if self.bucket != now.bucket:
            yield f"the plan is for the bucket {quoted(self.bucket)}, the stack has {quoted(now.bucket)}"
        if self.stage != now.stage:
            yield f"the plan is for the stage {quoted(self.stage)}, the stack has {quoted(now.stage)}"
        if self.createsFlows != now.createsFlows:
            yield "the parameter CreateMissingFlows of the stack changed"
        if self.prune != now.prune:
            yield f"the plan was made {'with' if self.prune else 'without'} --prune"
        for kind, before, after in (
            ("local file", self.files, now.files),
            ("object in the bucket", self.stored, now.stored),
            ("live flow", self.flows, now.flows),
        ):
            if changed := _changed(before, after):
                yield f"{kind} changed: {listed(changed)}"


def _changed(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    missing = object()
    return sorted(
        key for key in before.keys() | after.keys() if before.get(key, missing) != after.get(key, missing)
    )


def read_plan_file(name: str) -> PlanFile:
    """Read the file. Raises CommandError if ``plan --out`` did not write it."""
    try:
        return PlanFile.model_validate_json(Path(name).read_bytes())
    except (ValidationError, OSError):
        raise CommandError(
            f"{name}: expected a file that 'appflow-gitops plan --out' of this version wrote"
        ) from None


def file_digests(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """The SHA-256 of the contents, by key."""
    return {key: hashlib.sha256(content).hexdigest() for key, content in files}


def stored_etags(listing: Listing, bucket: str) -> dict[str, str]:
    """The ETags of documents, policy and variables in the bucket. Raises ``SyncError``."""
    return {
        key: etag
        for prefix in (DOCUMENTS_PREFIX, POLICY_KEY, VARIABLES_PREFIX)
        for key, etag in listing.etags(bucket, prefix).items()
    }


def flow_digest(live: LiveFlow | None) -> str | None:
    """The SHA-256 of everything that a plan depends on; ``None`` for a missing flow."""
    if live is None:
        return None
    value: list[Json] = [live_digest(live), live.status, dict(live.tags), live.kms_arn]
    return hashlib.sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class RecordedFlows:
    """A ``FlowCatalog`` that keeps the digest of every flow that was described."""

    flows: FlowCatalog
    digests: dict[str, str | None] = field(default_factory=dict)

    def summaries(self) -> Iterator[FlowSummary]:
        """See ``FlowCatalog``."""
        return self.flows.summaries()

    def describe(self, name: str) -> LiveFlow | None:
        """See ``FlowCatalog``."""
        live = self.flows.describe(name)
        self.digests[name] = flow_digest(live)
        return live


def current_state(  # noqa: PLR0913 - what to compare, and where it is
    approved: PlanFile,
    deployment: Deployment,
    listing: Listing,
    each: Each,
    *,
    files: Iterable[tuple[str, bytes]],
    prune: bool,
) -> PlanFile:
    """What a plan would be made from now. Describes the flows of the plan again. Raises ``SyncError``."""
    flows = RecordedFlows(deployment.flows())
    list(each(flows.describe, list(approved.flows), "Comparing with the plan"))
    return PlanFile(
        bucket=deployment.bucket,
        stage=deployment.stage,
        createsFlows=deployment.creates_flows,
        prune=prune,
        files=file_digests(files),
        stored=stored_etags(listing, deployment.bucket),
        flows=flows.digests,
    )
