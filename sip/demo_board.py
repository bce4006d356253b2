"""What the demo's bodies do with what was adopted: meetings, answers, commitments, and matters referred to them."""

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from sip import demo_decision_words as words
from sip.bodies.actions.keeping import create_body, seat
from sip.bodies.actions.referring import answer as answer_matter
from sip.bodies.actions.referring import refer
from sip.bodies.models import Body, BodyKind, ReferralState
from sip.core.db import db
from sip.cycles.models import Office
from sip.demo_decision_words import LEARNING, TRAVEL, Promised
from sip.demo_decisions import People, Story, days_from, demo_now
from sip.demo_discussion import day, moment_of, typeset
from sip.meetings.actions.agenda import add, put, put_review
from sip.meetings.actions.calling import create_meeting, publish_agenda
from sip.meetings.actions.minutes import field_of, minutes_values, publish_minutes, write_minutes
from sip.meetings.actions.points import propose as propose_point
from sip.meetings.actions.points import support
from sip.meetings.models import AgendaPoint
from sip.reviews.actions import committing, responding, reviewing
from sip.reviews.models import Answer
from sip.reviews.queries import mark_of, review_of

_KINDS = {
    words.BOARD: BodyKind.BOARD,
    words.STEERING: BodyKind.STEERING,
    words.ETHICS: BodyKind.ETHICS,
    words.WORKS_COUNCIL: BodyKind.WORKS_COUNCIL,
    words.LOCAL: BodyKind.LOCAL,
}


def stories(people: People) -> list[Story]:
    """Return what bodies do; recommendations are handed over to the board meanwhile."""
    bodies = _found_bodies(people)
    return [
        _meet_in_june(people, bodies[words.BOARD]),
        *(_promise(people, bodies, promised) for promised in words.PROMISED),
        _study(people),
        _prepare_meeting(people, bodies[words.BOARD], demo_now()),
        _refer(people, bodies[words.ETHICS]),
    ]


def _found_bodies(people: People) -> dict[str, Body]:
    administrator = people["Camille Renard"]
    bodies = {}
    with day("01-05 10"):
        for name, (role, seats) in words.BODIES.items():
            kind = _KINDS[name]
            values = {"name": name, "role": typeset(role), "takes_referrals": kind is not BodyKind.STEERING}
            values["office"] = "liege" if kind is BodyKind.LOCAL else ""
            values["cycle"] = "2026" if kind is BodyKind.STEERING else ""
            bodies[name] = create_body(administrator, kind, values)
            for who, title in seats:
                seat(administrator, bodies[name], people[who], title)
    return bodies


# The board answers, and reports


def _meet_in_june(people: People, board: Body) -> Story:
    """A meeting that is over, with what it decided; the answers follow."""
    chair = people["Véronique Marchal"]
    point = yield from _propose(people, board, words.POINT_ON_REASONS)
    yield moment_of("05-18 18")
    values = {"title": "Séance de juin", "starts_at": datetime(2026, 6, 6, 7, 30, tzinfo=UTC)}
    meeting = create_meeting(chair, board, {**values, "place": "Antenne de Lille, grande salle"})
    for section in words.ANSWERS:
        put_review(chair, review_of(LEARNING, section), meeting)
    put(chair, point, meeting)
    yield moment_of("05-26 09")
    publish_agenda(chair, meeting)
    yield moment_of("06-08 09")
    decided = zip(meeting.points, words.JUNE_DECISIONS, strict=True)
    written = {field_of(each): typeset(text) for each, text in decided}
    minutes = typeset(words.JUNE_MINUTES)
    write_minutes(chair, meeting, {**minutes_values(meeting), **written, "minutes": minutes})
    publish_minutes(chair, meeting)
    yield moment_of("06-08 18")
    for section, (answer, reasons, measures) in words.ANSWERS.items():
        _answer(people, section, Answer(answer), reasons, measures)


def _answer(
    people: People, section: str, answer: Answer, reasons: str, measures: tuple[tuple[str, str, str], ...]
) -> None:
    """Two board members sign an answer, and one publishes it."""
    chair, review = people["Véronique Marchal"], review_of(LEARNING, section)
    response = responding.propose(
        chair,
        review,
        answer=answer,
        reasons=typeset(reasons),
        deferred_until=date(2027, 3, 31) if answer is Answer.DEFERRED else None,
        measures=[{"slug": slug, "answer": each, "reasons": typeset(because)} for slug, each, because in measures],
        seen=mark_of(review),
    )
    for person in (chair, people["Awa Diarra"]):
        responding.sign(person, response, seen=response.mark)
    responding.publish(chair, review, seen=response.mark)


def _promise(people: People, bodies: dict[str, Body], promised: Promised) -> Story:
    """The board commits to something, and tells how far it is; members ask."""
    chair = people["Véronique Marchal"]
    yield moment_of("06-15 18")
    commitment = committing.commit(
        chair,
        review_of(LEARNING, promised.section),
        what=typeset(promised.what),
        details=typeset(promised.details),
        person=people.get(promised.who),
        body=bodies.get(promised.who),
        due_on=promised.due_on,
        office=_office(promised.office),
        measure=promised.measure,
    )
    for at, status, text, results in promised.reports:
        yield moment_of(at)
        committing.report(
            chair,
            commitment,
            status=status,
            text=typeset(text),
            results=typeset(results),
            due_on=commitment.due_on,
            seen=commitment.mark,
        )
    for who, at, text, answer in promised.asked:
        yield moment_of(at)
        question = committing.ask(people[who], commitment, typeset(text))
        if answer is not None:
            yield moment_of(at) + timedelta(hours=40)
            committing.answer(chair, question, typeset(answer))


def _office(slug: str) -> Office | None:
    return db.session.scalar(select(Office).where(Office.slug == slug))


def _study(people: People) -> Story:
    """What is under review: notes, questions to the group, and a proposed answer that lacks a signature."""
    referent, chair = people["Awa Diarra"], people["Véronique Marchal"]
    for section, note in words.NOTES.items():
        yield moment_of("10-20 18")
        reviewing.note(people["Ines Haddad"], review_of(TRAVEL, section), typeset(note))
    for section, (text, answer) in words.QUESTIONS.items():
        yield moment_of("11-04 18")
        question = reviewing.ask(chair, review_of(TRAVEL, section), typeset(text))
        if answer is not None:
            yield moment_of("11-09 20")
            reviewing.answer_question(people["Maëlle Kerdoncuff"], question, typeset(answer))
    yield moment_of("11-13 18")
    review = review_of(TRAVEL, "memes-frais")
    response = responding.propose(
        referent, review, answer=Answer.ACCEPTED, reasons=typeset(words.PROPOSED_ANSWER), seen=mark_of(review)
    )
    responding.sign(referent, response, seen=response.mark)


# Meetings to come, and matters


def _prepare_meeting(people: People, board: Body, now: datetime) -> Story:
    """A meeting to come, whose agenda everybody reads; another point still looks for supporters."""
    chair = people["Véronique Marchal"]
    point = yield from _propose(people, board, words.POINT_ON_ROOMS)
    yield from _propose(people, board, words.POINT_ON_DATES)
    values = {"title": "Séance de fin d’année", "starts_at": days_from(now, 12), "place": "Rennes, et à distance"}
    yield days_from(now, -6, 18)
    meeting = create_meeting(chair, board, values)
    for section in ("memes-frais", "velos", "reunions"):
        put_review(chair, review_of(TRAVEL, section), meeting)
    put(chair, point, meeting)
    add(chair, meeting, typeset("Budget 2027 : première lecture"))
    publish_agenda(chair, meeting)


def _propose(people: People, board: Body, said: words.Point) -> Generator[datetime, None, AgendaPoint]:
    """Let somebody propose a point, and others support it in the days that follow."""
    who, at, title, text, supporters = said
    yield moment_of(at)
    point = propose_point(people[who], board, typeset(title), typeset(text))
    for place, name in enumerate(supporters):
        with day(at, 9 + 7 * place):
            support(people[name], point)
    return point


def _refer(people: People, ethics: Body) -> Story:
    """A member refers a matter in private, and the committee takes it in hand."""
    subject, text = words.MATTER
    yield moment_of("11-16 22")
    referral = refer(people["Tomasz Nowak"], ethics, subject, typeset(text))
    yield moment_of("11-17 19")
    answer_matter(people["Monique Vauzelle"], referral, typeset(words.MATTER_NOTE), is_internal=True)
    answer_matter(people["Monique Vauzelle"], referral, typeset(words.MATTER_ANSWER), state=ReferralState.IN_HAND)
