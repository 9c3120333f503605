"""What the authors of documents and requests do."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from appflow_gitops.origin import DocumentVersion, Mode
from appflow_gitops.sync.change import timestamp
from simulation.deployment import DOCUMENT, HERE, PLACE, REQUEST, THEN, URI, Deployment, Place
from simulation.ledger import SentRequest
from simulation.themes import Theme, during, has_documents
from simulation.wishes import WISHES, Wish

SKEWS = (-86_400, 5, 365 * 86_400)
"""Seconds that the clock of a sender is ahead."""


class Authors(Deployment):
    """Documents are dropped, moved and deleted; requests are sent."""

    @rule(place=PLACE, names=DOCUMENT, late=st.booleans(), then=THEN)
    def drop(self, place: Place, names: tuple[str, ...], late: bool, then: str) -> None:
        self.drop_document(place, wishes_of(names), late=late)
        self.go_on(then)

    @precondition(has_documents)
    @rule(uri=URI, back=st.integers(1, 3), late=st.booleans(), then=THEN)
    def drop_an_earlier_version_again(self, uri: str, back: int, late: bool, then: str) -> None:
        if drop := self.ledger.drops[uri][-back:][0]:
            self.drop_document(Place.of(uri), drop.wishes, late=late)
            self.go_on(then)

    @precondition(has_documents)
    @rule(uri=URI, really=st.sampled_from([True, False, False]), late=st.booleans())
    def delete(self, uri: str, really: bool, late: bool) -> None:
        """Seldom: a deleted document ends its history."""
        if really:
            self.delete_document(Place.of(uri), late=late)

    @during(Theme.MOVES)
    @precondition(has_documents)
    @rule(uri=URI, deleted_first=st.booleans(), late=st.booleans(), then=THEN, between=THEN)
    def move(self, uri: str, deleted_first: bool, late: bool, then: str, between: str) -> None:
        """A document gets another name in the same bucket, in two steps."""
        source, latest = Place.of(uri), self.ledger.drops[uri][-1]
        target = next(one for one in self.places if one.bucket == source.bucket and one != source)
        if latest is None:
            return
        if deleted_first:
            self.delete_document(source, late=late)
            self.go_on(between)
        self.drop_document(target, latest.wishes, late=late)
        if not deleted_first:
            self.go_on(between)
            self.delete_document(source, late=late)
        self.go_on(then)

    @during(Theme.MOVES)
    @rule(data=st.data(), swapped=st.booleans(), late=st.booleans(), between=THEN, then=THEN)
    def swap(self, data: st.DataObject, swapped: bool, late: bool, between: str, then: str) -> None:
        """Two documents declare two flows, and then each the other one's."""
        names = data.draw(st.sampled_from(self.pairs))
        for order in (names, names[::-1]):
            for place, name in zip(HERE[::-1] if swapped else HERE, order, strict=True):
                self.drop_document(place, wishes_of((name,)), late=late)
            self.go_on(between)
        self.go_on(then)

    @during(Theme.REQUESTS)
    @rule(
        name=REQUEST,
        force=st.booleans(),
        mode=st.sampled_from([Mode.APPLY, Mode.APPLY, Mode.APPLY, Mode.PLAN]),
        ahead=st.sampled_from([0, 0, 0, *SKEWS]),
        late=st.booleans(),
        then=THEN,
    )
    def request(self, *, name: str, force: bool, mode: Mode, ahead: int, late: bool, then: str) -> None:
        sent = self.world.requested(WISHES[name].document(), force=force, mode=mode)
        sent = replace(sent, time=timestamp(self.world.clock.now + ahead))
        self.send_request(SentRequest((WISHES[name],), sent), late=late)
        self.go_on(then)

    @during(Theme.REQUESTS)
    @precondition(has_documents)
    @rule(uri=URI, version=st.sampled_from([None, None, "v1", "nonsense"]), late=st.booleans(), then=THEN)
    def point(self, uri: str, version: str | None, late: bool, then: str) -> None:
        """A request names a document in the bucket."""
        bucket, key = Place.of(uri)
        pointer = DocumentVersion(bucket=bucket, key=key, versionId=version)
        self.send_request(SentRequest(None, self.worlds[bucket].requested(pointer)), late=late)
        self.go_on(then)


def wishes_of(names: tuple[str, ...]) -> tuple[Wish, ...]:
    """The wishes with these names."""
    return tuple(WISHES[name] for name in names)
