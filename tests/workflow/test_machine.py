"""Whatever people do in whatever order: nothing stands where the table forbids, and the public record holds."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from sip.amendments import policy as amendments
from sip.amendments.actions.answering import decline
from sip.amendments.actions.proposing import propose
from sip.amendments.models import Amendment, AmendmentKind, AmendmentState
from sip.ballots import checking as ballots_checking
from sip.ballots import policy as ballots
from sip.ballots.actions import closing, planning, voting
from sip.ballots.models import Ballot, BallotState, Choice, Method
from sip.core import clock, record
from sip.core.db import db
from sip.core.errors import DomainError
from sip.cycles.stages import LADDER, MOVES, WAY, Stage, Verb, allows, is_onward
from sip.drafts import checking_moves
from sip.drafts import policy as drafts
from sip.drafts.actions import versions
from sip.drafts.actions.text import edit_section
from sip.drafts.models import Draft, Section, StageMove, Version
from sip.drafts.policy import roles_on
from sip.people.models import Person, PersonRole
from sip.reviews import checking as reviews_checking
from sip.reviews import queries as reviews
from sip.reviews.actions import committing, responding
from sip.reviews.models import Answer, Commitment, CommitmentStatus, ProgressNote
from sip.threads import policy as threads
from sip.threads.actions.answering import dispose
from sip.threads.actions.threads import open_thread
from sip.threads.models import Disposition, Thread, ThreadKind
from sip.workflow.actions import move
from tests.factories import make_cycle, make_draft, make_group, make_person, make_theme

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux mots."), ("Prêter", "Trois mots."))
MINIMUM = {Stage.CONSULTATION.value: 3}
PLACES = st.sampled_from([1, 2])
STEPS = st.sampled_from([7, 6, 5, 4, 3, 2, 1, 0])  # from information on; the first ones are drawn first
ACTORS = st.sampled_from(["facilitator", "facilitator", "board", "board", "steering", "member"])
# What is asked about one recommendation alone, whatever the stages of the others.
ASKED = {
    Verb.EDIT_TEXT: lambda who, section: drafts.may_edit_section(who, section),
    Verb.ARRANGE: lambda who, section: drafts.may_arrange_section(who, section),
    Verb.ASK: lambda who, section: threads.may_open_thread(who, section.draft, section.key, ThreadKind.QUESTION),
    Verb.COMMENT: lambda who, section: threads.may_open_thread(who, section.draft, section.key, ThreadKind.REMARK),
    Verb.TAKE_POSITION: lambda who, section: threads.may_take_position(who, section.draft, section.key),
    Verb.AMEND: lambda who, section: amendments.may_amend(who, section.draft, section.key),
    Verb.CALL_BALLOT: lambda who, section: ballots.may_plan_on(who, section.draft, [section]),
    Verb.MOVE: lambda who, section: any(drafts.may_move(who, section, to) for to in Stage),
}


class Machine(RuleBasedStateMachine):
    """Two recommendations on their way, and everybody who can do something with them."""

    def __init__(self) -> None:
        super().__init__()
        board = (PersonRole.BOARD_MEMBER,)
        self.people = {name: make_person() for name in ("facilitator", "steering", "member")}
        self.people["board"] = make_person(roles=board)
        cycle = make_cycle(steering=(self.people["steering"],), minimum_days=MINIMUM)
        group = make_group(make_theme(cycle), facilitator=self.people["facilitator"])
        self.draft: Draft = make_draft(group, sections=TEXTS)
        self.moment = clock.now()
        self.changes = 0
        self.token = clock._frozen.set(self.moment)
        self.the_text_changes(1, is_published=True)

    def teardown(self) -> None:
        clock._frozen.reset(self.token)
        db.session.rollback()

    # What happens

    @initialize(steps=st.tuples(STEPS, STEPS))
    def it_begins_somewhere_on_the_way(self, steps: tuple[int, int]) -> None:
        for place, number in enumerate(steps, 1):
            for _step in range(number):
                self.it_goes_on(place)

    def act(self, action: Any) -> bool:
        """Do what somebody wants, or nothing at all where it is refused."""
        try:
            with db.session.begin_nested():
                action()
        except DomainError:
            db.session.expire_all()
            return False
        return True

    def section(self, place: int) -> Section:
        return self.draft.living_sections[place]

    def published(self) -> Version | None:
        return db.session.scalar(
            select(Version).where(Version.draft_id == self.draft.id, Version.number == self.draft.published_number)
        )

    @rule(days=st.sampled_from([1, 4]))
    def time_passes(self, days: int) -> None:
        self.moment += timedelta(days=days)
        clock._frozen.set(self.moment)
        for number in db.session.scalars(select(Ballot.id).where(Ballot.draft_id == self.draft.id)).all():
            closing.close_due(number)

    @rule(place=PLACES, is_published=st.booleans())
    def the_text_changes(self, place: int, is_published: bool) -> None:
        leader, section = self.people["facilitator"], self.section(place)
        self.changes += 1
        self.act(partial(edit_section, leader, section, section.body, f"{section.title} {self.changes}."))
        if is_published or self.draft.published_number is None:
            self.act(self._publish)

    def _publish(self) -> None:
        leader = self.people["facilitator"]
        versions.publish_version(leader, versions.freeze_version(leader, self.draft, f"état {self.changes}"))

    @rule(place=PLACES, kind=st.sampled_from([ThreadKind.QUESTION, ThreadKind.REMARK]))
    def a_member_speaks(self, place: int, kind: ThreadKind) -> None:
        key = self.section(place).key
        self.act(partial(open_thread, self.people["member"], self.draft, kind, "Et si ?", key=key))

    @rule()
    def the_group_answers(self) -> None:
        waiting = select(Thread).where(Thread.draft_id == self.draft.id, Thread.disposition.is_(None))
        for thread in db.session.scalars(waiting).all():
            is_question = thread.kind == ThreadKind.QUESTION
            given = Disposition.ANSWERED if is_question else Disposition.NOT_TAKEN_UP
            self.act(partial(dispose, self.people["facilitator"], thread, given, "Parce que."))
        open_ones = select(Amendment).where(Amendment.draft_id == self.draft.id, Amendment.state == AmendmentState.OPEN)
        for amendment in db.session.scalars(open_ones).all():
            self.act(partial(decline, self.people["facilitator"], amendment, "Parce que."))

    @rule(place=PLACES)
    def a_member_amends(self, place: int) -> None:
        version, key = self.published(), self.section(place).key
        if version is not None:
            new = partial(propose, self.people["member"], self.draft, AmendmentKind.NEW_MEASURE, "Du neuf.", "Mieux.")
            self.act(partial(new, version=version, key=key, title="Une mesure"))

    @rule(place=PLACES, choice=st.sampled_from([Choice.CONSENT, Choice.CONSENT, Choice.OBJECTION]))
    def the_group_votes(self, place: int, choice: Choice) -> None:
        version, section, leader = self.published(), self.section(place), self.people["facilitator"]
        asked = planning.Plan(question="D’accord ?", method=Method.CONSENT, closes_at=clock.now() + timedelta(days=1))
        if version is not None and self.act(partial(planning.plan, leader, self.draft, [section], version, asked)):
            last = select(Ballot).where(Ballot.draft_id == self.draft.id).order_by(Ballot.id.desc()).limit(1)
            ballot = db.session.scalars(last).one()
            self.act(partial(voting.cast, leader, ballot, choice, opinion="Mon avis."))

    @rule(place=PLACES)
    def the_board_answers(self, place: int) -> None:
        review, board = reviews.of_section(self.draft, self.section(place).key), self.people["board"]
        if review is None:
            return
        self.changes += 1
        seen = partial(reviews.mark_of, review)
        said = partial(responding.propose, board, review, answer=Answer.ACCEPTED, reasons=f"Oui, {self.changes}.")
        self.act(lambda: said(seen=seen()))
        proposal = reviews.proposal_of(review)
        if proposal is not None:
            self.act(lambda: responding.sign(board, proposal, seen=seen()))
            self.act(lambda: responding.publish(board, review, seen=seen(), signatures=1))

    @rule(place=PLACES)
    def the_board_commits_and_reports(self, place: int) -> None:
        review, board = reviews.of_section(self.draft, self.section(place).key), self.people["board"]
        if review is None:
            return
        due_on = clock.today() + timedelta(days=30)
        self.act(partial(committing.commit, board, review, what="Ouvrir.", due_on=due_on, person=board))
        for commitment in db.session.scalars(select(Commitment).where(Commitment.review_id == review.id)).all():
            report = partial(committing.report, board, commitment, status=CommitmentStatus.UNDER_WAY, text="Commencé.")
            self.act(partial(report, due_on=commitment.due_on, seen=commitment.mark))

    @rule(who=ACTORS, places=st.sampled_from([(1,), (2,), (1, 2)]), data=st.data(), reason=st.sampled_from(["", "Oui"]))
    def somebody_moves(self, who: str, places: tuple[int, ...], data: st.DataObject, reason: str) -> None:
        sections = [self.section(place) for place in places]
        ways = MOVES.get(Stage(sections[0].stage), ())
        to = data.draw(st.sampled_from([*ways[:1] * 3, *ways, *LADDER]))
        self._try(sections, to, self.people[who], reason)

    @rule(place=PLACES)
    def it_goes_on(self, place: int) -> None:
        """Do all that the stage demands, and go on, as people who do their work would."""
        section = self.section(place)
        stage = Stage(section.stage)
        self.the_group_answers()
        if stage == Stage.CONSULTATION:
            self.time_passes(4)
        if stage == Stage.CODECISION:
            self.the_group_votes(place, Choice.CONSENT)
            self.time_passes(4)
        if stage == Stage.UNDER_REVIEW:
            self.the_board_answers(place)
        elif stage == Stage.ANSWERED:
            self.the_board_commits_and_reports(place)
        elif stage in LADDER:
            self._try([section], WAY[WAY.index(stage) + 1], self.people["facilitator"], "")

    def _try(self, sections: list[Section], to: Stage, person: Person, reason: str) -> None:
        """Move if that is due, and only then."""
        before = [section.stage for section in sections]
        wanted = all(self._is_due(section, to, person, reason) for section in sections)
        is_done = self.act(partial(move, person, self.draft, sections, to, reason=reason))
        assert is_done == wanted, (before, to, roles_on(person, self.draft), reason)

    def _is_due(self, section: Section, to: Stage, person: Person, reason: str) -> bool:
        """Say in other words than the product's what a move demands."""
        stage = Stage(section.stage)
        if to not in MOVES.get(stage, ()) or not allows(stage, roles_on(person, self.draft), Verb.MOVE):
            return False
        if not is_onward(stage, to):
            return bool(reason)
        if stage == Stage.CONSULTATION and section.stage_since + timedelta(days=3) > clock.now():
            return False
        here = (Thread.draft_id == self.draft.id, Thread.key == section.key, Thread.disposition.is_(None))
        waiting = db.session.scalars(select(Thread.kind).where(*here)).all()
        if stage == Stage.INFORMATION:
            return ThreadKind.QUESTION not in waiting
        if stage == Stage.CONSULTATION:
            return not waiting
        if stage == Stage.CONCERTATION:
            of_section = (Amendment.draft_id == self.draft.id, Amendment.key == section.key)
            return AmendmentState.OPEN not in db.session.scalars(select(Amendment.state).where(*of_section)).all()
        if stage == Stage.CODECISION:
            return self._is_adopted(section)
        if stage == Stage.ANSWERED:
            notes = select(ProgressNote.id).join(Commitment, Commitment.id == ProgressNote.commitment_id)
            review = reviews.of_section(self.draft, section.key)
            return db.session.scalar(notes.where(Commitment.review_id == review.id).limit(1)) is not None
        return False  # under review: publishing the answer moves it, nothing else does

    def _is_adopted(self, section: Section) -> bool:
        about = select(Ballot).where(Ballot.sections.any(section_id=section.id)).order_by(Ballot.id)
        found = db.session.scalars(about).all()
        closed = [ballot for ballot in found if ballot.state == BallotState.CLOSED]
        if len(closed) + sum(ballot.state == BallotState.CANCELLED for ballot in found) < len(found) or not closed:
            return False
        texts = [
            next(each.body for each in version.sections if each.key == section.key)
            for version in (closed[-1].version, self.published())
        ]
        return bool(closed[-1].is_adopted) and texts[0] == texts[1]

    # What holds

    @invariant()
    def every_move_is_one_of_the_table(self) -> None:
        made = db.session.scalars(select(StageMove).where(StageMove.draft_id == self.draft.id).order_by(StageMove.id))
        for each in made:
            before, after = Stage(each.before), Stage(each.after)
            if each.section.is_recommendation:
                assert after in MOVES.get(before, (Stage.INFORMATION,)), (before, after)
            assert (
                each.reason
                or not each.section.is_recommendation
                or before == Stage.DRAFTING
                or is_onward(before, after)
            )

    @invariant()
    def running_text_stands_where_the_last_recommendation_does(self) -> None:
        text, *recommendations = self.draft.living_sections
        stages = [WAY.index(Stage(each.stage)) for each in recommendations if each.stage in WAY]
        if stages:
            assert text.stage == WAY[min(stages)]

    @invariant()
    def rights_are_those_of_the_table(self) -> None:
        for section in (self.section(1), self.section(2)):
            for person in self.people.values():
                roles = roles_on(person, self.draft)
                for verb, ask in ASKED.items():
                    wanted = allows(Stage(section.stage), roles, verb)
                    assert bool(ask(person, section)) == wanted, (verb, section.stage, roles)

    @invariant()
    def the_record_holds(self) -> None:
        found = [record.problems, checking_moves.problems, ballots_checking.problems, reviews_checking.problems]
        assert [problem for problems in found for problem in problems()] == []


@pytest.mark.parametrize("built_app", ["sqlite"], indirect=True)
def test_no_sequence_of_actions_leads_where_the_table_forbids(app: Flask):
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=10, stateful_step_count=14, deadline=None, phases=[Phase.generate])
    )
