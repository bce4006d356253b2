"""Lets the people of the demo cycle talk about its documents, through the same actions as everybody."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from sip.core import clock
from sip.core.db import db, transaction
from sip.core.outbox import Letter
from sip.demo_words import GUEST, POSITIONS, PROTECTIONS, SAID, Said
from sip.drafts.models import Draft, Version
from sip.drafts.queries import sections_of_version
from sip.drafts.texts.readable import readable_text
from sip.people.models import Person
from sip.threads.actions.answering import dispose
from sip.threads.actions.comments import react, reply
from sip.threads.actions.guests import LETTER, comment_as_guest, complete_letter, confirm_guest
from sip.threads.actions.positions import take_position
from sip.threads.actions.threads import open_thread, resolve
from sip.threads.models import Comment, ReactionKind, Stance, ThreadKind

_NARROW, _WIDE = "\u202f", "\u00a0"


def load() -> None:
    """Let the demo's people talk, at days of its own cycle; the demo's documents and people are there already."""
    with transaction():
        people = {person.name: person for person in db.session.scalars(select(Person))}
        for (slug, number), all_said in SAID.items():
            version = version_of(slug, number)
            for said in all_said:
                say(version, said, people)
        with day("11-21 12"):
            for slug, of_sections in POSITIONS.items():
                take_positions(slug, of_sections, list(people.values()))
    _let_guest_write()
    with transaction():
        # Nobody of the demo waits for letters about days gone by.
        db.session.execute(delete(Letter))


def version_of(slug: str, number: int) -> Version:
    query = select(Version).join(Version.draft).where(Draft.slug == slug, Version.number == number)
    return db.session.scalars(query).one()


def moment_of(text: str) -> datetime:
    """Return a moment of 2026 written "month-day hour"."""
    month, day, hour = re.split("[- ]", text)
    return datetime(2026, int(month), int(day), int(hour), 12, tzinfo=UTC)


def typeset(text: str) -> str:
    """Return French text, typed as on any keyboard, with the spaces that hold signs and large numbers together."""
    text = re.sub(r" (?=[;!?»])|(?<=«) ", _NARROW, text)
    return re.sub(r" (?=:(?:\s|$))|(?<=\d) (?=\d{3}\b|euros|%)", _WIDE, text)


@contextmanager
def day(text: str, hours: float = 0) -> Iterator[None]:
    with clock.at(moment_of(text) + timedelta(hours=hours)):
        yield


def passage(version: Version, section: str, words: str) -> dict[str, object]:
    """Return what marks `words` in a section of a version, however wide the spaces between them are there."""
    found = next(each for each in sections_of_version(version) if each.slug == section)
    if not words:
        return {"version": version, "key": found.key}
    text = readable_text(found.html)
    place = re.search(r"\s+".join(map(re.escape, words.split())), text)
    if place is None:
        raise ValueError(f"{section} does not say: {words}")
    return {"version": version, "key": found.key, "start": place.start(), "end": place.end(), "words": place[0]}


def say(version: Version, said: Said, people: dict[str, Person]) -> None:
    """Let people open a thread, reply, react, and the group answer, each at their time."""
    with day(said.at):
        where = passage(version, said.section, said.words)
        thread = open_thread(people[said.who], version.draft, said.kind, said.text, language="fr", **where)  # type: ignore[arg-type]
    first = _first_comment(thread.id)
    # Who writes in the evening is answered on the next morning.
    rest = 13.3 if int(said.at[-2:]) > 14 else 2.4
    for place, (who, text) in enumerate(said.replies):
        with day(said.at, rest + 1.7 * place):
            reply(people[who], thread, text, language="fr")
    for kind, names in ((ReactionKind.AGREE, said.agree), (ReactionKind.THANK, said.thank)):
        for place, name in enumerate(names):
            with day(said.at, rest + 0.9 * place):
                react(people[name], first, kind, True)
    if said.answer:
        who, disposition, reason, number = said.answer
        with day(f"{said.at[:-2]}17", 24):
            dispose(people[who], thread, disposition, reason, change_number=number)
    if said.resolved:
        who, reason = said.resolved
        with day(f"{said.at[:-2]}19", 24):
            resolve(people[who], thread, reason)


def _first_comment(thread_id: int) -> Comment:
    query = select(Comment).where(Comment.thread_id == thread_id).order_by(Comment.id).limit(1)
    return db.session.scalars(query).one()


def take_positions(slug: str, of_sections: dict[str, tuple[int, int, int, int]], people: list[Person]) -> None:
    """Let members say what they think of recommendations; seeded, so always the same."""
    chance = random.Random(2026)  # noqa: S311 - who thinks what in a story, no secret
    draft = db.session.scalars(select(Draft).where(Draft.slug == slug)).one()
    keys = {section.slug: section.key for section in draft.sections}
    for section, numbers in of_sections.items():
        those = iter(chance.sample(sorted(people, key=lambda person: person.name), sum(numbers)))
        for stance, number in zip(Stance, numbers, strict=True):
            for _ in range(number):
                take_position(next(those), draft, keys[section], stance)


def _let_guest_write() -> None:
    """A neighbour comments without an account and confirms it; a moderator has not looked yet."""
    section, words, text, (name, email), at = GUEST
    with day(at), transaction():
        version = version_of(PROTECTIONS, 2)
        where = passage(version, section, words)
        comment_as_guest(version.draft, ThreadKind.REMARK, text, name, email, "fr", **where)  # type: ignore[arg-type]
        letter = db.session.scalars(select(Letter).where(Letter.kind == LETTER)).one()
        sent = complete_letter(letter.recipient, letter.data)
        if sent is not None:
            confirm_guest(sent[1]["secret"])
