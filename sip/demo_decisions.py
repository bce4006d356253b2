"""Takes the documents of the demo's earlier cycle on their way: from information to ballots, by the usual actions.

What is over took place on days of 2026; what is still open was opened some days before the demo is loaded, so that
whoever tries it can vote. Each story yields the moment at which it goes on; `tell` tells all of them at once, in the
order of time.
"""

import heapq
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from sip import demo_decision_words as words
from sip.ballots.actions.closing import close_due
from sip.ballots.actions.planning import Plan, next_round, plan
from sip.ballots.actions.proxies import give
from sip.ballots.actions.voting import cast
from sip.ballots.models import Ballot, Electorate, MajorityRule, Method, Secrecy, Turnout
from sip.ballots.queries import objections
from sip.ballots.rolls import is_on_roll
from sip.core import clock
from sip.core.db import db
from sip.cycles.stages import Stage
from sip.demo_amendments import let_amend
from sip.demo_decision_words import LEARNING, PLACES, TRAVEL
from sip.demo_discussion import moment_of, say, take_positions, typeset, version_of
from sip.drafts.actions.text import edit_section
from sip.drafts.actions.versions import freeze_version, publish_version
from sip.drafts.models import Draft, Section, Version
from sip.drafts.queries import load_texts
from sip.people.models import Person
from sip.threads.actions.answering import dispose
from sip.threads.actions.threads import resolve
from sip.threads.models import Disposition
from sip.workflow.actions import move

People = dict[str, Person]
Story = Generator[datetime, None, None]

_STEP = timedelta(hours=7)  # between one vote and the next


def stories(people: People) -> list[Story]:
    """Return how each document goes on its way; documents, people and groups are there already."""
    now = demo_now()
    places = [
        _share_places(people, now),
        _ask_for_keys(people, now),
        _rank_hours(people),
        _ask_for_silence(people, now),
    ]
    return [_learn(people), _travel(people), *places]


def tell(stories: Iterable[Story]) -> None:
    """Let every story go on at the moments that it yields, the earliest first."""
    waiting: list[tuple[datetime, int, Story]] = []
    for place, story in enumerate(stories):
        heapq.heappush(waiting, (next(story), place, story))
    while waiting:
        moment, place, story = heapq.heappop(waiting)
        with clock.at(moment):
            after = next(story, None)
        if after is not None:
            heapq.heappush(waiting, (after, place, story))


def demo_now() -> datetime:
    """Return the moment at which the demo is loaded, or that at which its days of 2026 end if that is later."""
    return max(clock.now(), datetime(2026, 11, 22, 12, tzinfo=UTC))


def days_from(now: datetime, days: int, hour: int = 8) -> datetime:
    """Return a full hour (UTC) of a day after, or before, another one."""
    return datetime.combine(now.date() + timedelta(days=days), time(hour), UTC)


def _hour(text: str) -> datetime:
    """Return a full hour of 2026, as people choose it, written "month-day hour"."""
    return moment_of(text).replace(minute=0)


def _draft_of(slug: str) -> Draft:
    return db.session.scalars(select(Draft).where(Draft.slug == slug)).one()


def _section_of(draft: Draft, slug: str) -> Section:
    return next(section for section in draft.sections if section.slug == slug)


def _recommendations(draft: Draft) -> list[Section]:
    return [section for section in draft.sections if section.is_recommendation]


# Documents go from stage to stage


def _learn(people: People) -> Story:
    """All of it was adopted in spring; the board has answered since."""
    draft, secretary = _draft_of(LEARNING), people["Aïcha Ouali"]
    yield from _climb(secretary, draft, {Stage.CONSULTATION: "02-02 09"})
    yield from _talk(LEARNING, people, "02-20 18")
    yield from _climb(secretary, draft, {Stage.CONCERTATION: "03-02 09"})
    yield from _publish(secretary, version_of(LEARNING, 2), "03-30 08")
    yield from _climb(secretary, draft, {Stage.CODECISION: "04-01 09"})
    question, explanation = words.ON_LEARNING
    yield _hour("04-02 08")
    ballot = plan(
        secretary,
        draft,
        _recommendations(draft),
        version_of(LEARNING, 2),
        Plan(
            question=typeset(question),
            explanation=typeset(explanation),
            method=Method.MAJORITY,
            quorum=30,
            electorate=Electorate.MEMBERS,
            closes_at=_hour("04-16 18"),
        ),
    )
    for who, choice, opinion in words.OPINIONS_ON_LEARNING:
        yield moment_of("04-03 19")
        cast(people[who], ballot, choice, opinion=typeset(opinion), is_minority=True)
    _vote(ballot, _others(people, ballot, 24), ["for", "for", "for", "for", "abstain", "for", "for", "against"])
    yield from _close(ballot)
    yield from _climb(secretary, draft, {Stage.UNDER_REVIEW: "04-20 09"})


def _travel(people: People) -> Story:
    """The board is studying it."""
    draft, secretary = _draft_of(TRAVEL), people["Youenn Le Goff"]
    yield from _climb(secretary, draft, {Stage.CONSULTATION: "05-04 09"})
    yield from _talk(TRAVEL, people, "05-20 18")
    yield from _climb(secretary, draft, {Stage.CONCERTATION: "06-01 09"})
    for proposed in words.AMENDED:
        let_amend(version_of(TRAVEL, 1), proposed, people)
    yield moment_of("09-07 20")
    label = "Document de travail au 07/09/2026"
    version = freeze_version(secretary, draft, label, typeset("Version mise au vote, avec le car dans le barème."))
    yield from _publish(secretary, version, "09-08 08")
    yield from _climb(secretary, draft, {Stage.CODECISION: "09-14 09"})
    question, explanation = words.ON_TRAVEL
    yield _hour("09-15 08")
    ballot = plan(
        secretary,
        draft,
        _recommendations(draft),
        version,
        Plan(
            question=typeset(question),
            explanation=typeset(explanation),
            method=Method.CONSENT,
            quorum=50,
            closes_at=_hour("09-29 18"),
        ),
    )
    for who, choice, opinion in words.OPINIONS_ON_TRAVEL:
        yield moment_of("09-16 20")
        cast(people[who], ballot, choice, opinion=typeset(opinion), is_minority=True)
    _vote(ballot, _others(people, ballot, 6), ["consent"])
    yield from _close(ballot)
    yield from _climb(secretary, draft, {Stage.UNDER_REVIEW: "10-05 09"})


def _share_places(people: People, now: datetime) -> Story:
    """Each recommendation is decided on its own, at this moment."""
    draft, secretary = _draft_of(PLACES), people["Youenn Le Goff"]
    yield from _climb(secretary, draft, {Stage.CONSULTATION: "07-06 09", Stage.CONCERTATION: "09-07 09"})
    yield from _publish(secretary, version_of(PLACES, 2), "10-12 08")
    yield moment_of("10-19 09")
    move(secretary, draft, _recommendations(draft), Stage.CODECISION, closes_at=days_from(now, 24, 18))


# What is decided one by one


def _ask_for_keys(people: People, now: datetime) -> Story:
    """A consent round meets an objection; the group works it through, and a second round is open."""
    draft, secretary = _draft_of(PLACES), people["Youenn Le Goff"]
    question, explanation = words.ON_KEYS
    yield _hour("10-20 08")
    ballot = plan(
        secretary,
        draft,
        [_section_of(draft, "cles")],
        version_of(PLACES, 2),
        Plan(
            question=typeset(question),
            explanation=typeset(explanation),
            method=Method.CONSENT,
            quorum=50,
            closes_at=_hour("11-03 18"),
        ),
    )
    yield moment_of("10-22 21")
    cast(people["Fatou Ndiaye"], ballot, "objection", opinion=typeset(words.OBJECTION))
    _vote(ballot, _others(people, ballot, 7), ["consent", "consent", "reservations", "consent"])
    yield from _close(ballot)
    yield from _work_objection_through(people, draft, ballot)
    yield days_from(now, -3)
    again = next_round(
        secretary,
        ballot,
        version_of(PLACES, 3),
        closes_at=days_from(now, 9, 18),
        explanation=typeset(words.ON_KEYS_AGAIN),
    )
    _vote(again, [people["Karim Saïdi"], people["Ophélie Wattrelot"], people["Étienne Gros"]], ["consent"])


def _work_objection_through(people: People, draft: Draft, ballot: Ballot) -> Story:
    """The group changes the text, publishes what is voted on next, and answers."""
    secretary, section = people["Youenn Le Goff"], _section_of(draft, "cles")
    yield moment_of("11-10 20")
    load_texts(draft)
    text = section.body.replace(words.KEYS_BEFORE, typeset(words.KEYS_AFTER))
    edit_section(secretary, section, section.body, text)
    note = typeset("La visite de sécurité se suit aussi le soir, ou à deux, comme l’objection le demandait.")
    version = freeze_version(secretary, draft, "Document de travail au 10/11/2026", note)
    yield from _publish(secretary, version, "11-12 08")
    yield moment_of("11-12 18")
    thread = next(vote.thread for vote in objections(ballot) if vote.thread is not None)
    answer = typeset(words.OBJECTION_ANSWER)
    dispose(people["Maëlle Kerdoncuff"], thread, Disposition.TAKEN_UP, answer, change_number=version.number)
    resolve(people["Fatou Ndiaye"], thread, typeset("Le soir, je peux. Merci d’avoir cherché."))


def _rank_hours(people: People) -> Story:
    """Members of three offices have put rules into an order."""
    draft = _draft_of(PLACES)
    question, explanation = words.ON_HOURS
    yield _hour("10-26 08")
    ballot = plan(
        people["Maëlle Kerdoncuff"],
        draft,
        [_section_of(draft, "heures-demandees")],
        version_of(PLACES, 2),
        Plan(
            question=typeset(question),
            explanation=typeset(explanation),
            method=Method.RANKING,
            quorum=25,
            electorate=Electorate.OFFICES,
            offices=draft.groups[0].offices,
            alternatives=[(typeset(title), typeset(text)) for title, text in words.HOURS],
            closes_at=_hour("11-09 18"),
        ),
    )
    _vote(ballot, _others(people, ballot, 13), ["1,3,2,0", "3,1,2,0", "1,2=3,0", "2,1,3,0", "3,1,0,2", "1,0,3,2"])
    yield from _close(ballot)


def _ask_for_silence(people: People, now: datetime) -> Story:
    """A secret ballot of all members is open; one of them cannot vote, and has given a proxy."""
    draft = _draft_of(PLACES)
    question, explanation = words.ON_SILENCE
    yield days_from(now, -4)
    ballot = plan(
        people["Maëlle Kerdoncuff"],
        draft,
        [_section_of(draft, "silence")],
        version_of(PLACES, 3),
        Plan(
            question=typeset(question),
            explanation=typeset(explanation),
            method=Method.MAJORITY,
            rule=MajorityRule.ABSOLUTE,
            quorum=40,
            secrecy=Secrecy.SECRET,
            electorate=Electorate.MEMBERS,
            closes_at=days_from(now, 10, 18),
        ),
    )
    yield days_from(now, -3, 20)
    give(people["Samir Ouali"], people["Tomasz Nowak"], ballot=ballot, most=2)
    _vote(ballot, _others(people, ballot, 11), ["for", "for", "against", "for", "abstain"])


# Steps that all documents take


def _climb(actor: Person, draft: Draft, steps: dict[Stage, str]) -> Story:
    """Let all recommendations go on, each time at the day given."""
    for stage, at in steps.items():
        yield moment_of(at)
        move(actor, draft, _recommendations(draft), stage)


def _publish(actor: Person, version: Version, at: str) -> Story:
    yield moment_of(at)
    publish_version(actor, version)


def _talk(slug: str, people: People, at: str) -> Story:
    """Let members say what they think of a document, and take positions, up to the day given."""
    yield moment_of(at)
    for (of, number), all_said in words.SAID.items():
        for said in all_said if of == slug else ():
            say(version_of(slug, number), said, people)
    take_positions(slug, words.POSITIONS[slug], list(people.values()))


def _others(people: People, ballot: Ballot, number: int) -> list[Person]:
    """Return some who may vote and have not: those first whom nobody signs in as."""
    voted = set(db.session.scalars(select(Turnout.person_id).where(Turnout.ballot_id == ballot.id)))
    able = [person for person in people.values() if is_on_roll(person, ballot) and person.id not in voted]
    return sorted(able, key=lambda person: (person.password_hash is not None, person.name_key))[:number]


def _vote(ballot: Ballot, people: Sequence[Person], choices: Sequence[str]) -> None:
    """Let people vote one after the other, their choices in turn."""
    for place, person in enumerate(people):
        with clock.at(min(ballot.opens_at + _STEP * (1 + place), ballot.closes_at - timedelta(minutes=1))):
            cast(person, ballot, choices[place % len(choices)])


def _close(ballot: Ballot) -> Story:
    yield ballot.closes_at + timedelta(seconds=2)
    close_due(ballot.id)
