"""Where in the live text amendments would be written now, and what stands there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sip.amendments.models import Amendment, AmendmentKind
from sip.amendments.policy import section_of
from sip.amendments.writing import Written, rebased, replaced, source_of, with_its_ends, with_measure
from sip.drafts.models import Draft, PlaceState, Section
from sip.drafts.passages import LivePlace, live_places


@dataclass(frozen=True)
class Target:
    """A stretch of a section of the live text, in code points of its Markdown.

    Of an amendment whose passage is gone it is the whole section; of a new recommendation there is none.
    """

    section: Section | None
    start: int = 0
    end: int = 0
    is_gone: bool = False
    is_new: bool = False  # nothing stands there yet: a measure or a recommendation is added

    @property
    def now(self) -> str:
        """What the live text says there."""
        return self.section.body[self.start : self.end] if self.section else ""

    def write(self, text: str) -> Written:
        """Return the section's text once `text` stands there."""
        assert self.section is not None
        if self.is_new:
            return with_measure(self.section.body, text)
        return replaced(self.section.body, self.start, self.end, text)


@dataclass(frozen=True)
class Proposal:
    """One amendment at its target: the passage as it was amended, what is proposed, and that for the text of now."""

    amendment: Amendment
    target: Target
    then: str
    proposed: str

    @property
    def is_as_it_was(self) -> bool:
        """Whether the passage still says what the amendment started from."""
        return self.target.is_new or (not self.target.is_gone and self.target.now == self.then)

    @property
    def now_if_gone(self) -> str:
        """The text in which it would have to be written by hand, where the passage is gone."""
        return self.target.now if self.target.is_gone else ""

    @property
    def rebased(self) -> str | None:
        """What is proposed, with what was changed in the passage since; None where both touch the same words."""
        if self.is_as_it_was:
            return self.proposed
        return None if self.target.is_gone else rebased(self.then, self.proposed, self.target.now)


def proposals_of(draft: Draft, amendments: Sequence[Amendment]) -> list[Proposal]:
    """Return where each amendment would be written, whatever their number by one look at the places."""
    passages = [amendment.passage_id for amendment in amendments if amendment.passage_id is not None]
    places = live_places(draft, passages) if passages else {}
    return [_proposal(draft, amendment, places) for amendment in amendments]


def _proposal(draft: Draft, amendment: Amendment, places: dict[int, LivePlace]) -> Proposal:
    proposed = source_of(amendment.kind, amendment.title, amendment.proposed)
    if amendment.kind == AmendmentKind.NEW_RECOMMENDATION:
        return Proposal(amendment, Target(None, is_new=True), "", proposed)
    section = section_of(draft, amendment.key)
    if amendment.kind == AmendmentKind.NEW_MEASURE:
        end = len(section.body) if section else 0
        return Proposal(amendment, Target(section, end, end, is_new=True), "", proposed)
    assert amendment.passage is not None
    assert amendment.passage_id is not None
    place = places.get(amendment.passage_id)
    then = amendment.passage.quote
    if place is not None and place.state != PlaceState.OUTDATED:
        stands_in = section_of(draft, place.key)
        if stands_in is not None and not stands_in.is_retired:
            start, end = place.start or 0, place.end or 0
            if place.state == PlaceState.CHANGED:
                start, end = with_its_ends(amendment.passage, stands_in.body, start, end)
            return Proposal(amendment, Target(stands_in, start, end), then, proposed)
    return Proposal(amendment, Target(section, 0, len(section.body) if section else 0, is_gone=True), then, proposed)


@dataclass(frozen=True)
class Meeting:
    """Amendments that are answered together: the stretch that holds all their passages, and each one's text of it."""

    target: Target
    texts: tuple[tuple[Amendment, str | None], ...]  # None: the passage changed so much that it does not fit any more


def meeting_of(proposals: Sequence[Proposal]) -> Meeting | None:
    """Return where amendments of one section meet; None where a passage is gone, or they are of several sections."""
    sections = {proposal.target.section for proposal in proposals}
    section = next(iter(sections), None)
    if len(sections) != 1 or section is None:
        return None
    if any(proposal.target.is_gone or proposal.target.is_new for proposal in proposals):
        return None
    start = min(proposal.target.start for proposal in proposals)
    end = max(proposal.target.end for proposal in proposals)
    texts = []
    for proposal in proposals:
        own, now = proposal.rebased, section.body[start:end]
        place = proposal.target
        whole = None if own is None else replaced(now, place.start - start, place.end - start, own).body
        texts.append((proposal.amendment, whole))
    return Meeting(Target(section, start, end), tuple(texts))
