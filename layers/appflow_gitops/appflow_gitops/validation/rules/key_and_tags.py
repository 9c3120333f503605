"""Rules about the KMS key and the tags of a flow."""

from collections.abc import Iterator

from appflow_gitops.findings import Issue, Severity
from appflow_gitops.flows.ownership import OUR_TAGS, PREFIX, TAG_LIMIT
from appflow_gitops.quoting import quoted
from appflow_gitops.validation.rules.flow_view import FlowView
from appflow_gitops.validation.rules.rule import Rule, api_reference


class KeyAlias(Rule):
    """kmsArn is an alias.

    AppFlow returns the ARN of the key, not that of its alias, and the key of a flow cannot be changed. So a flow with
    an alias always seems to need another key, and each of its changes is refused. Write the ARN of the key:
    `aws kms describe-key --key-id alias/NAME` prints it.
    """

    id = "AFG270"
    severity = Severity.ERROR
    source = api_reference("CreateFlow")
    bad = """
        kmsArn: arn:aws:kms:eu-west-1:111122223333:alias/flows
    """
    good = """
        kmsArn: arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        arn = flow.view.text("kmsArn")
        resource = arn.split(":", 5)[-1] if arn else ""
        if resource.startswith("alias/"):
            message = f"expected the ARN of a key, found that of the alias {quoted(resource)}"
            yield self.issue(flow.view.at("kmsArn"), message, "write arn:aws:kms:<region>:<account>:key/<id>")


class TagCount(Rule):
    """Too many tags.

    A flow can have 50 tags. Some of them are reserved for `appflow-gitops`, which records the owner and the version
    there. Tags that the live flow has already count too: `plan` shows whether all of them fit.
    """

    id = "AFG271"
    severity = Severity.ERROR
    source = api_reference("TagResource")
    bad = f"""
        tags: {{{", ".join(f"t{number}: x" for number in range(TAG_LIMIT))}}}
    """
    good = """
        tags: {team: sales}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        tags, room = flow.view.members.get("tags"), TAG_LIMIT - len(OUR_TAGS)
        count = sum(not key.startswith(PREFIX) for key in tags) if isinstance(tags, dict) else 0
        if room < count <= TAG_LIMIT:
            message = f"{count} tags, expected at most {room}: AppFlow allows {TAG_LIMIT}, {len(OUR_TAGS)} are reserved"
            yield self.issue(flow.view.at("tags"), message, "remove tags")


class ReservedTag(Rule):
    """Reserved tag.

    Tags that start with `appflow-gitops:` record the owner and the version of a flow. They come with a copied
    DescribeFlow response, and have no effect in a document: remove them.
    """

    id = "AFG272"
    severity = Severity.INFO
    source = api_reference("TagResource")
    bad = """
        tags:
          appflow-gitops:version: 3sL4kqtJlcpXroDTDmJ
    """
    good = """
        tags: {team: sales}
    """

    def _check(self, flow: FlowView) -> Iterator[Issue]:
        tags = flow.view.members.get("tags")
        for key in tags if isinstance(tags, dict) else ():
            if key.startswith(PREFIX):
                message = f"tag {quoted(key)} is reserved and has no effect"
                yield self.issue(flow.view.at("tags", key), message, "remove it")
