"""What the addresses of this room name; guards load it, and 404 answers where it is not there."""

from dataclasses import dataclass

from flask import request

from sip.amendments import policy, queries
from sip.amendments.models import Amendment, AmendmentAnswer
from sip.core.access import Answer
from sip.core.errors import Missing
from sip.drafts import queries as draft_queries
from sip.drafts.loading import load_draft, number_of
from sip.drafts.models import Draft, PlaceState, Version, VersionSection
from sip.drafts.passages import places_in
from sip.drafts.texts.sourcemap import SourceMap
from sip.people.models import Person
from sip.threads.models import Thread
from sip.threads.policy import may_see_thread
from sip.threads.queries import thread_by_id
from sip.web.guard import current_person

__all__ = ["Spot", "load_amendment", "load_answer", "load_draft", "spot_of"]


def load_amendment(number: int) -> Amendment:
    """Find `/amendments/<number>`."""
    return queries.amendment_by_id(number)


def load_answer(answer: int) -> AmendmentAnswer:
    """Find an answer by its number."""
    return queries.answer_by_id(answer)


def may_undo(person: Person | None, answer: AmendmentAnswer) -> Answer:
    """Take an answer back: as the policy says of its document."""
    return policy.may_undo_answer(person, answer, answer.draft)


@dataclass(frozen=True)
class Spot:
    """What somebody wants to amend: words of a section of the published version, a section, or the document."""

    version: Version
    section: VersionSection | None = None
    start: int | None = None  # readable positions
    end: int | None = None
    words: str = ""
    stretch: tuple[int, int] | None = None  # the same in the section's Markdown
    thread: Thread | None = None

    @property
    def source(self) -> str:
        """The Markdown of the passage."""
        return self.section.body[slice(*self.stretch)] if self.section and self.stretch else ""


def spot_of(draft: Draft) -> Spot:
    """Return what the address's `version`, `key`, `start` and `end`, or `thread`, name; raises Missing."""
    number = number_of(request.args.get("version", "")) or draft.published_number or 0
    version = draft_queries.version_with_contents(draft, number)
    if version is None or version.published_at is None:
        raise Missing
    thread = _thread(draft)
    key, start, end = (request.args.get(name, "") for name in ("key", "start", "end"))
    if not key and thread is not None:
        key, start, end = _of_thread(thread, version)
    if not key:
        return Spot(version, thread=thread)
    section = next((each for each in draft_queries.sections_of_version(version) if each.key == key), None)
    if section is None:
        raise Missing
    if not (start.isdecimal() and end.isdecimal()):
        return Spot(version, section, thread=thread)
    first, last = number_of(start), number_of(end)
    source_map = SourceMap(section.body, section.html)
    words = source_map.text[first:last]
    if not words.strip() or len(words) != last - first:
        raise Missing
    first, last = _whole_words(source_map.text, first + len(words) - len(words.lstrip()), first + len(words.rstrip()))
    words, stretch = source_map.text[first:last], source_map.to_source(first, last)
    return Spot(version, section, first, last, words, stretch, thread)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch that begins or ends within a word: nobody amends halves of words."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _thread(draft: Draft) -> Thread | None:
    """Return the discussion that an amendment is made from; raises Missing for one that the person may not see."""
    number = number_of(request.args.get("thread", ""))
    if not number:
        return None
    thread = thread_by_id(number)
    if thread.draft_id != draft.id or not may_see_thread(current_person(), thread):
        raise Missing
    return thread


def _of_thread(thread: Thread, version: Version) -> tuple[str, str, str]:
    """Return key, start and end of what a discussion is about, in a version."""
    if thread.passage_id is None:
        return thread.key or "", "", ""
    place = places_in(version.id, [thread.passage_id]).get(thread.passage_id)
    if place is None or place.state == PlaceState.OUTDATED:
        return thread.key or "", "", ""
    return place.key, str(place.shown_start), str(place.shown_end)
