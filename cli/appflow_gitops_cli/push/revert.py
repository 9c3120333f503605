"""``push --revert``: plan to store the content of an earlier version as the next version of a flow's document."""

from collections.abc import Iterator
from dataclasses import dataclass

from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.origin import Provenance
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.result import ValidatedDocument
from appflow_gitops_cli.cloud import Deployment
from appflow_gitops_cli.documents.versions import FlowVersion, changes_between, versions_of_flow
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.push.planner import Planner, PushPlan


@dataclass(frozen=True, slots=True)
class Revert:
    """A plan of one document. ``others`` are the further flows of the document that change with it."""

    plan: PushPlan
    version: FlowVersion
    others: tuple[str, ...]

    def origin(self, current: Provenance) -> Provenance:
        """The commit and repository of the earlier version, and the current actor."""
        stored = self.version.stored
        earlier = stored.provenance if stored else Provenance()
        return Provenance(commit=earlier.commit, repository=earlier.repository, actor=current.actor)

    def __str__(self) -> str:
        key = self.version.listed.version.key
        return f"{quoted(key)} declares other flows that would change too: {listed(self.others)}"


def plan_revert(planner: Planner, deployment: Deployment, flow_name: str, version: str) -> Revert:
    """Plan to go back to a version. Raises ``SyncError``, and CommandError if the version does not declare the flow."""
    versions = versions_of_flow(flow_name, None, deployment)
    chosen, latest = versions.select(version), versions.read(versions.listed[0])
    if chosen.stored is None or chosen.checked is None or flow_name not in _flows(chosen.checked):
        raise CommandError(
            f"version {quoted(chosen.id)} of {quoted(versions.key)} does not declare {quoted(flow_name)}"
        )
    others = tuple(sorted(set(_changed(latest.checked, chosen.checked)) - {flow_name}))
    return Revert(planner.plan_document(versions.key, chosen.stored.content), chosen, others)


def _flows(document: ValidatedDocument | None) -> dict[str, FlowDocument | None]:
    return {flow.name: flow.document for flow in document.flows if flow.name} if document else {}


def _changed(before: ValidatedDocument | None, after: ValidatedDocument) -> Iterator[str]:
    """The flows that only one of two versions declares, or that differ in them."""
    old, new = _flows(before), _flows(after)
    for name in old.keys() | new.keys():
        one, other = old.get(name), new.get(name)
        if one is None or other is None or changes_between(one, other):
            yield name
