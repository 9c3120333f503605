"""A flow document: one flow that a file or a request declares.

``validation.shape.check`` creates it; rules, ``canonical`` and ``sync`` use it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.model.request import FlowConfiguration
from appflow_gitops.flows.model.structure import Omittable, whole

DesiredStatus = Literal["Active", "Suspended"]
"""The statuses that a document can request, as in CloudFormation's FlowStatus."""

KMSArn = Annotated[
    str,
    Field(
        min_length=20,
        max_length=2048,
        pattern=whole("arn:aws:kms:.*:[0-9]+:.*"),
        description="the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>",
    ),
]
TagKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=whole("^(?!aws:)[a-zA-Z+-=._:/]+$"),
        description="ASCII letters, digits and + , - . / : ; < = _ only, not starting with aws:",
    ),
]
TagValue = Annotated[
    str,
    Field(
        max_length=256,
        pattern=whole(r"[\s\w+-=\.:/@]*"),
        description="letters, digits, white space and + , - . / : ; < = _ @ only",
    ),
]
TagMap = Annotated[Mapping[TagKey, TagValue], Field(max_length=50)]


class FlowDocument(FlowConfiguration):
    """A flow: the members of UpdateFlow, kmsArn and tags as in CreateFlow, and flowStatus.

    It has no ``clientToken``: every call gets its own (``canonical.client_token``). ``ignored`` are the members that
    the policy ignores (``flows.ignored``); they do not come from the document.
    """

    _ignored: tuple[Path, ...] = PrivateAttr(default=())

    kmsArn: Omittable[KMSArn] = None
    tags: Omittable[TagMap] = None
    flowStatus: Omittable[DesiredStatus] = None

    @cached_property
    def request(self) -> Mapping[str, Json]:
        """The UpdateFlow request for this document as JSON, without a token."""
        members = set(FlowConfiguration.model_fields)
        return self.model_dump(mode="json", exclude_unset=True, include=members)

    @property
    def ignored(self) -> tuple[Path, ...]:
        """The paths of the members whose live value counts."""
        return self._ignored

    def ignoring(self, paths: Iterable[Path]) -> Self:
        """Return the document with other ignored members."""
        copied = self.model_copy()
        copied._ignored = tuple(paths)  # noqa: SLF001 - a copy of the same class
        return copied

    @property
    def wanted_status(self) -> DesiredStatus | None:
        """The status that the flow must have; None if the document does not declare one, or it is ignored."""
        return None if ("flowStatus",) in self._ignored else self.flowStatus
