"""Ballots are planned, changed until they open, cancelled, and followed by another round."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sip.ballots import queries, rolls
from sip.ballots.actions.closing import count_if_over
from sip.ballots.actions.letters import record, tell_all
from sip.ballots.actions.opening import ensure_open
from sip.ballots.models import (
    Alternative,
    Ballot,
    BallotOffice,
    BallotSection,
    BallotState,
    Electorate,
    MajorityRule,
    Method,
    Secrecy,
)
from sip.ballots.policy import may_cancel_ballot, may_change_ballot, may_plan_on, may_start_next_round
from sip.ballots.tally import STATUS_QUO
from sip.core import clock, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Denied, Invalid, Missing
from sip.core.journal import Event
from sip.core.messages import message
from sip.cycles.models import Office
from sip.drafts import queries as draft_queries
from sip.drafts.models import Draft, Section, Version
from sip.groups.models import WorkingGroup
from sip.people.models import Person

MAX_QUESTION = 300
MAX_EXPLANATION = 10_000
MAX_REASON = 2_000
MAX_TITLE, MAX_TEXT = 200, 2_000  # of an alternative
MIN_ALTERNATIVES, MAX_ALTERNATIVES = 2, 10  # the status quo comes on top
MIN_OPEN, MAX_OPEN = timedelta(hours=1), timedelta(days=366)
MAX_AHEAD = timedelta(days=731)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a question is put; `opens_at` None: at once, `group` None: the draft's first one.

    `quorum` is in per cent of the roll, `alternatives` are (title, text) without the status quo.
    """

    question: str
    method: Method
    closes_at: datetime | None
    opens_at: datetime | None = None
    explanation: str = ""
    rule: MajorityRule = MajorityRule.SIMPLE
    quorum: int = 0
    secrecy: Secrecy = Secrecy.OPEN
    electorate: Electorate = Electorate.GROUP
    group: WorkingGroup | None = None
    offices: Sequence[Office] = ()
    shows_interim: bool = False
    alternatives: Sequence[tuple[str, str]] = ()


def plan(actor: Person | None, draft: Draft, sections: Sequence[Section], version: Version, plan: Plan) -> Ballot:
    """Put a question on recommendations to the vote, as `version` says them; raises Invalid, naming the field."""
    draft_queries.lock(draft)
    return _planned(actor, draft, sections, version, plan)


def _planned(
    actor: Person | None,
    draft: Draft,
    sections: Sequence[Section],
    version: Version,
    plan: Plan,
    previous: Ballot | None = None,
) -> Ballot:
    ballot = Ballot(
        draft=draft,
        cycle_id=draft.cycle_id,
        state=BallotState.PLANNED,
        round=previous.round + 1 if previous else 1,
        previous_id=previous.id if previous else None,
        author=actor,
        created_at=clock.now(),
        on_roll=0,
        voted=0,
        result={},
    )
    _write(actor, ballot, sections, version, plan)
    db.session.add(ballot)
    db.session.flush()
    record(actor, Event.BALLOT_PLANNED, ballot, opens_at=ballot.opens_at.isoformat())
    ensure_open(ballot, actor)
    return ballot


def change(actor: Person | None, ballot: Ballot, sections: Sequence[Section], version: Version, plan: Plan) -> None:
    """Plan a ballot otherwise, until it opens; raises Invalid, naming the field."""
    draft_queries.lock(ballot.draft)
    queries.lock(ballot)
    require(may_change_ballot(actor, ballot))
    _write(actor, ballot, sections, version, plan)
    db.session.flush()
    record(actor, Event.BALLOT_CHANGED, ballot, opens_at=ballot.opens_at.isoformat())
    ensure_open(ballot, actor)


def _write(actor: Person | None, ballot: Ballot, sections: Sequence[Section], version: Version, plan: Plan) -> None:
    """Check a plan, and let the ballot be as it says; the caller holds the draft."""
    draft = ballot.draft
    require(may_plan_on(actor, draft, sections))
    _check_subject(ballot, sections, version)
    opens_at, closes_at = _checked_dates(plan)
    if plan.method is Method.CONSENT and plan.secrecy is Secrecy.SECRET:
        raise Invalid(
            message("A consent round is open: an objection has a name, so that the group can work it through."),
            "secrecy",
        )
    if plan.secrecy is Secrecy.SECRET and plan.shows_interim:
        raise Invalid(
            message("Counts shown while people vote in secret would tell what the last of them voted."), "shows_interim"
        )
    if not 0 <= plan.quorum <= 100:
        raise Invalid(message("A quorum is a number between 0 and 100, in per cent."), "quorum")
    with db.session.no_autoflush:
        ballot.version = version
        ballot.question = _checked_question(plan.question)
        ballot.explanation = texts.clean_line(plan.explanation, MAX_EXPLANATION, "explanation", is_needed=False)
        ballot.explanation_html = texts.render(ballot.explanation, draft.language)
        ballot.method, ballot.rule, ballot.quorum = plan.method.value, plan.rule.value, plan.quorum
        ballot.secrecy, ballot.shows_interim = plan.secrecy.value, plan.shows_interim
        ballot.electorate = plan.electorate.value
        ballot.group = _checked_group(draft, plan)
        ballot.opens_at, ballot.closes_at = opens_at, closes_at
        _replace(ballot, sections, _checked_offices(plan), _checked_alternatives(plan))


def _replace(
    ballot: Ballot, sections: Sequence[Section], offices: Sequence[Office], alternatives: Sequence[tuple[str, str]]
) -> None:
    """Let these sections, offices and alternatives take the place of those there were."""
    ballot.sections, ballot.offices, ballot.alternatives = [], [], []
    if ballot.id is not None:
        db.session.flush()  # the keys of the rows that go may be those of the rows that come
    ballot.sections = [BallotSection(section=section, position=place) for place, section in enumerate(sections)]
    ballot.offices = [BallotOffice(office=office) for office in offices]
    if alternatives:
        titled = [("", ""), *alternatives]
        ballot.alternatives = [
            Alternative(number=number, title=title, text=text)
            for number, (title, text) in enumerate(titled, STATUS_QUO)
        ]


def _check_subject(ballot: Ballot, sections: Sequence[Section], version: Version) -> None:
    draft = ballot.draft
    if version.draft_id != draft.id or any(section.draft_id != draft.id for section in sections):
        raise Missing
    if len({section.id for section in sections}) < len(sections):
        raise Invalid(message("Choose each recommendation once."), "sections")
    if not set(sections) <= set(queries.sections_to_decide(draft)):
        raise Invalid(message("Choose recommendations that stand at the stage of codecision."), "sections")
    if version.published_at is None:
        raise Invalid(message("People vote on what they can read: choose a published version."), "version")
    keys = queries.keys_in(version)
    lacking = [section.title for section in sections if section.key not in keys]
    if lacking:
        raise Invalid(message("“%(title)s” is not in this version: choose a later one.", title=lacking[0]), "version")
    for running in queries.running_on(draft, [section.key for section in sections]):
        if running.id != ballot.id:
            raise Invalid(
                message("There is a ballot on this already: “%(question)s”.", question=running.question),
                "sections",
            )


def _checked_dates(plan: Plan) -> tuple[datetime, datetime]:
    """Return when the ballot opens and when it closes; raises Invalid."""
    now = clock.now()
    opens_at, closes_at = plan.opens_at or now, plan.closes_at
    if opens_at < now:
        raise Invalid(message("This moment has passed already."), "opens_at")
    if opens_at > now + MAX_AHEAD:
        raise Invalid(message("This is too far away: plan a ballot two years ahead at most."), "opens_at")
    if closes_at is None:
        raise Invalid(message("Say until when one can vote."), "closes_at")
    if closes_at <= opens_at:
        raise Invalid(message("A ballot closes after it opens."), "closes_at")
    if closes_at < opens_at + MIN_OPEN:
        raise Invalid(message("Leave people at least an hour to vote."), "closes_at")
    if closes_at > opens_at + MAX_OPEN:
        raise Invalid(message("A ballot is open for a year at most."), "closes_at")
    return opens_at, closes_at


def _checked_question(question: str) -> str:
    question = " ".join(texts.clean_line(question, 4 * MAX_QUESTION, "question", is_needed=False).split())
    if not question:
        raise Invalid(message("Write the question that people answer."), "question")
    if len(question) > MAX_QUESTION:
        raise Invalid(message("This is too long: %(max)s characters at most.", max=MAX_QUESTION), "question")
    return question


def _checked_group(draft: Draft, plan: Plan) -> WorkingGroup | None:
    """Return whose members vote, where it is a group's; raises Invalid."""
    if plan.electorate is not Electorate.GROUP:
        return None
    group = plan.group or next(iter(draft.groups), None)
    if group not in draft.groups:
        raise Invalid(message("Choose a group that writes this document."), "group")
    return group


def _checked_offices(plan: Plan) -> list[Office]:
    if plan.electorate is not Electorate.OFFICES:
        return []
    offices = list({office.id: office for office in plan.offices}.values())
    if not offices:
        raise Invalid(message("Choose at least one office."), "offices")
    return offices


def _checked_alternatives(plan: Plan) -> list[tuple[str, str]]:
    """Return what is ranked beside the status quo; raises Invalid."""
    if plan.method is not Method.RANKING:
        return []
    found = []
    for title, text in plan.alternatives:
        title, text = " ".join(title.split()), texts.clean_line(text, MAX_TEXT, "alternatives", is_needed=False)
        if not title:
            raise Invalid(message("Give each alternative a title."), "alternatives")
        if len(title) > MAX_TITLE:
            raise Invalid(message("A title is one line of %(max)s characters at most.", max=MAX_TITLE), "alternatives")
        found.append((title, text))
    if not MIN_ALTERNATIVES <= len(found) <= MAX_ALTERNATIVES:
        raise Invalid(
            message("Give between %(least)s and %(most)s alternatives.", least=MIN_ALTERNATIVES, most=MAX_ALTERNATIVES),
            "alternatives",
        )
    if len({title.casefold() for title, _text in found}) < len(found):
        raise Invalid(message("Two alternatives have the same title."), "alternatives")
    return found


# Cancelled, or put again


def cancel(actor: Person | None, ballot: Ballot, reason: str) -> None:
    """End a ballot without a result, for a reason; whoever was called to vote is told. Raises Invalid without one."""
    queries.lock(ballot)
    require(may_cancel_ballot(actor, ballot))
    _cancel(actor, ballot, texts.clean_line(reason, MAX_REASON, "reason"))


def _cancel(actor: Person | None, ballot: Ballot, reason: str) -> None:
    was_open = ballot.state == BallotState.OPEN
    ballot.state, ballot.cancelled_reason = BallotState.CANCELLED, reason
    if was_open:
        tell_all(rolls.people_on_roll(ballot), ballot, "ballot_cancelled", reason=reason)
    record(actor, Event.BALLOT_CANCELLED, ballot, reason=reason)


def hold_running(draft: Draft, sections: Sequence[Section]) -> list[Ballot]:
    """Hold the ballots on sections that are to leave codecision, and return them.

    For whoever moves them then, and holds the draft: the public record comes after ballots, as for those who count.
    """
    found = queries.running_on(draft, [section.key for section in sections])
    for ballot in found:
        queries.lock(ballot)
    return found


def cancel_running(actor: Person, ballots: Sequence[Ballot], reason: str) -> None:
    """Cancel ballots that the caller holds, on sections that have left codecision; what is over is counted instead."""
    for ballot in ballots:
        is_over = ballot.state == BallotState.OPEN and count_if_over(ballot)
        if ballot.is_unfinished and not is_over:
            _cancel(actor, ballot, reason.strip()[:MAX_REASON])


def require_last_round(ballot: Ballot) -> None:
    """Refuse another round of a ballot that has one; raises Denied."""
    if queries.is_followed(ballot):
        raise Denied(message("Another round has followed this one already: go on from there."))


def next_round(
    actor: Person | None,
    ballot: Ballot,
    version: Version,
    *,
    closes_at: datetime | None,
    opens_at: datetime | None = None,
    question: str | None = None,
    explanation: str | None = None,
) -> Ballot:
    """Put the question of a ballot that is over, or was cancelled, to the vote again, as `version` says it now."""
    draft = ballot.draft
    draft_queries.lock(draft)
    queries.lock(ballot)
    require(may_start_next_round(actor, ballot))
    require_last_round(ballot)
    if ballot.is_adopted and version.id == ballot.version_id:
        raise Invalid(message("This was adopted as that version says it: choose another version."), "version")
    again = replace(
        _plan_of(ballot),
        question=question if question is not None else ballot.question,
        explanation=explanation if explanation is not None else ballot.explanation,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    sections = [section for section in queries.sections_to_decide(draft) if section in ballot.section_list]
    return _planned(actor, draft, sections, version, again, previous=ballot)


def _plan_of(ballot: Ballot) -> Plan:
    return Plan(
        question=ballot.question,
        explanation=ballot.explanation,
        method=Method(ballot.method),
        rule=MajorityRule(ballot.rule),
        quorum=ballot.quorum,
        secrecy=Secrecy(ballot.secrecy),
        electorate=Electorate(ballot.electorate),
        group=ballot.group,
        offices=[each.office for each in ballot.offices],
        shows_interim=ballot.shows_interim,
        opens_at=ballot.opens_at,
        closes_at=ballot.closes_at,
        alternatives=[(each.title, each.text) for each in ballot.alternatives if not each.is_status_quo],
    )
