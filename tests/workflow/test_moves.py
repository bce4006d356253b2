"""Moves from stage to stage: what they demand, what they leave behind, and rights that end on time."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from sip.amendments.models import Amendment, AmendmentKind
from sip.ballots.models import BallotState
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.core.journal import Event
from sip.core.record import RecordEntry
from sip.cycles.stages import ENDS_AT_CLOSING, MOVES, RIGHTS, Role, Stage, Verb, allows
from sip.drafts import policy
from sip.drafts.actions.stages import move_along
from sip.drafts.models import Draft, StageMove
from sip.people.models import Person, PersonRole
from sip.threads.models import Disposition, Thread, ThreadKind
from sip.workflow.actions import move
from sip.workflow.conditions import conditions
from tests.ballots.conftest import new_house
from tests.factories import let_stand, make_cycle, make_draft, make_group, make_person, make_theme, publish
from tests.helpers import journal_events

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux."), ("Prêter les outils", "Trois."))


@pytest.fixture
def cast(app: Flask) -> tuple[dict[str, Person], Draft]:
    """Who leads, who steers, who is a member, and a published document with two recommendations."""
    people = {name: make_person() for name in ("facilitator", "steering", "member", "participant")}
    group = make_group(
        make_theme(make_cycle(steering=(people["steering"],))),
        facilitator=people["facilitator"],
        participants=(people["participant"],),
    )
    return people, publish(make_draft(group, sections=TEXTS, stage=Stage.INFORMATION))


def thread_on(draft: Draft, key: str | None, kind: ThreadKind, **values) -> Thread:
    now = clock.now()
    thread = Thread(
        draft_id=draft.id,
        key=key,
        kind=kind,
        opened_at=now,
        last_comment_at=now,
        version_number=1,
        comments=1,
        **values,
    )
    db.session.add(thread)
    db.session.flush()
    return thread


def stages(draft: Draft) -> list[str]:
    return [section.stage for section in draft.living_sections]


def test_a_question_without_an_answer_keeps_its_recommendation_where_it_is(cast):
    people, draft = cast
    first, second = draft.living_sections[1:]
    question = thread_on(draft, first.key, ThreadKind.QUESTION)
    thread_on(draft, second.key, ThreadKind.REMARK)
    assert [condition.left for condition in conditions(draft, [first], Stage.CONSULTATION)] == [1]
    with pytest.raises(Invalid):
        move(people["facilitator"], draft, [first], Stage.CONSULTATION)
    assert stages(draft) == [Stage.INFORMATION] * 3
    # The other one has none, and moves alone; running text waits for the last.
    move(people["facilitator"], draft, [second], Stage.CONSULTATION)
    assert stages(draft) == [Stage.INFORMATION, Stage.INFORMATION, Stage.CONSULTATION]
    question.disposition = Disposition.ANSWERED
    db.session.flush()
    move(people["facilitator"], draft, [first], Stage.CONSULTATION)
    assert stages(draft) == [Stage.CONSULTATION] * 3


def test_leaving_consultation_wants_a_disposition_for_every_thread_also_on_the_whole_document(cast):
    people, draft = cast
    recommendations = draft.living_sections[1:]
    move(people["facilitator"], draft, recommendations, Stage.CONSULTATION)
    thread_on(draft, None, ThreadKind.CONCERN)
    thread_on(draft, recommendations[0].key, ThreadKind.FOR, disposition=Disposition.PARTLY)
    thread_on(draft, recommendations[0].key, ThreadKind.REMARK, is_internal=True)
    assert [condition.left for condition in conditions(draft, recommendations, Stage.CONCERTATION)] == [1]
    # One that moves alone leaves the document's own threads to the last.
    assert [condition.left for condition in conditions(draft, recommendations[:1], Stage.CONCERTATION)] == [0]


def test_leaving_concertation_wants_an_answer_to_every_amendment(cast):
    _people, draft = cast
    first = draft.living_sections[1]
    first.stage = Stage.CONCERTATION
    db.session.add(
        Amendment(
            draft_id=draft.id,
            key=first.key,
            version_number=1,
            kind=AmendmentKind.CHANGE,
            proposed="x",
            reason="y",
            reason_html="y",
            at=clock.now(),
        )
    )
    db.session.flush()
    assert [condition.left for condition in conditions(draft, [first], Stage.CODECISION)] == [1]


def test_nobody_leaves_a_stage_before_the_days_that_the_cycle_asks_for(cast):
    people, draft = cast
    draft.theme.cycle.minimum_days = {"consultation": 14}
    recommendations, began = draft.living_sections[1:], clock.now()
    with clock.at(began):
        move(people["facilitator"], draft, recommendations, Stage.CONSULTATION)
        (condition,) = [each for each in conditions(draft, recommendations, Stage.CONCERTATION) if not each.is_met]
        assert condition.text.params == {"days": 14, "moment": began + timedelta(days=14)}
        assert (condition.page, condition.left) == ("cycles.show", 0)
    with clock.at(began + timedelta(days=14, seconds=-1)), pytest.raises(Invalid):
        move(people["facilitator"], draft, recommendations, Stage.CONCERTATION)
    with clock.at(began + timedelta(days=14)):
        move(people["facilitator"], draft, recommendations, Stage.CONCERTATION)
    assert stages(draft) == [Stage.CONCERTATION] * 3


def test_what_leads_to_the_board_and_back_says_what_is_missing(cast):
    people, draft = cast
    let_stand(draft, Stage.CODECISION)
    first = draft.living_sections[1]
    for stage, to, text, page in (
        (
            Stage.CODECISION,
            Stage.UNDER_REVIEW,
            "A closed ballot has adopted the text that is published",
            "ballots.index",
        ),
        (Stage.UNDER_REVIEW, Stage.ANSWERED, "The board has published its answer", "reviews.file"),
        (Stage.ANSWERED, Stage.FOLLOWED_UP, "The board has reported on one of its commitments", "reviews.file"),
    ):
        let_stand(draft, stage)
        (condition,) = conditions(draft, [first], to)
        assert (condition.text, condition.is_met, condition.left, condition.page) == (text, False, 1, page)
        who = people["facilitator"] if stage == Stage.CODECISION else make_person(roles=(PersonRole.BOARD_MEMBER,))
        with pytest.raises(Invalid):
            move(who, draft, [first], to)
        assert first.stage == stage


def test_what_the_board_sends_back_needs_its_reason(cast):
    people, draft = cast
    let_stand(draft, Stage.UNDER_REVIEW)
    board = make_person(roles=(PersonRole.BOARD_MEMBER,))
    first = draft.living_sections[1]
    with pytest.raises(Denied):
        move(people["steering"], draft, [first], Stage.CONCERTATION, reason="Plus tard.")
    with pytest.raises(Invalid):
        move(board, draft, [first], Stage.CONCERTATION)
    move(board, draft, [first], Stage.CONCERTATION, reason="Le budget a changé.")
    assert stages(draft) == [Stage.CONCERTATION, Stage.CONCERTATION, Stage.UNDER_REVIEW]


def test_a_move_leaves_a_trace(cast):
    people, draft = cast
    move(people["facilitator"], draft, draft.living_sections[1:], Stage.CONSULTATION)
    moves = db.session.scalars(select(StageMove).where(StageMove.draft_id == draft.id).order_by(StageMove.id)).all()
    assert [(each.before, each.after, each.number, each.actor) for each in moves] == [
        (Stage.INFORMATION, Stage.CONSULTATION, 1, people["facilitator"])
    ] * 3
    assert journal_events()[-1] == "section.stage_moved"
    entries = db.session.scalars(select(RecordEntry).order_by(RecordEntry.number)).all()[-3:]
    assert [(entry.kind, entry.subject_id) for entry in entries] == [("move", each.id) for each in moves]
    told = json.loads(entries[1].content)
    assert told["section"] == moves[1].section.key
    assert (told["before"], told["after"], told["actor"]) == ("information", "consultation", people["facilitator"].name)
    assert [section.stage_since for section in draft.living_sections] == [moves[2].at, moves[0].at, moves[1].at]


def test_running_text_goes_with_the_last_to_the_board(cast):
    _people, draft = cast
    let_stand(draft, Stage.CODECISION)
    board, (_text, first, second) = make_person(roles=(PersonRole.BOARD_MEMBER,)), draft.living_sections
    let_stand(draft, Stage.UNDER_REVIEW, first)
    assert stages(draft) == [Stage.CODECISION, Stage.UNDER_REVIEW, Stage.CODECISION]
    let_stand(draft, Stage.UNDER_REVIEW, second)
    move_along(board, draft, [second], Stage.ANSWERED)
    assert stages(draft) == [Stage.UNDER_REVIEW, Stage.UNDER_REVIEW, Stage.ANSWERED]
    assert not policy.may_edit_section(_people["facilitator"], draft.living_sections[0])


@pytest.mark.parametrize("to", [Stage.INFORMATION, Stage.WITHDRAWN])
def test_going_back_and_withdrawing_need_a_reason(cast, to):
    people, draft = cast
    sections = draft.living_sections[1:]
    move(people["facilitator"], draft, sections, Stage.CONSULTATION)
    with pytest.raises(Invalid) as caught:
        move(people["facilitator"], draft, sections, to, reason="  ")
    assert caught.value.field == "reason"
    move(people["facilitator"], draft, sections, to, reason="Le texte a beaucoup changé.")
    assert stages(draft)[1:] == [to, to]


def test_a_move_that_is_refused_leaves_its_ballot_open(app):
    house = new_house()
    ballot = house.open_to_all()
    with pytest.raises(Invalid):
        move(house["steering"], house.draft, [house.section()], Stage.CONCERTATION)
    # The page that says so shows it as it is, before anything is rolled back.
    assert ballot.state == BallotState.OPEN
    assert Event.BALLOT_CANCELLED not in journal_events()
    move(house["steering"], house.draft, [house.section()], Stage.CONCERTATION, reason="À revoir.")
    assert (ballot.state, ballot.cancelled_reason) == (BallotState.CANCELLED, "À revoir.")


def test_what_is_withdrawn_is_taken_up_again_by_the_steering_committee_alone(cast):
    people, draft = cast
    section = draft.living_sections[1]
    move(people["facilitator"], draft, [section], Stage.WITHDRAWN, reason="Doublon.")
    with pytest.raises(Denied):
        move(people["facilitator"], draft, [section], Stage.INFORMATION, reason="Finalement, si.")
    move(people["steering"], draft, [section], Stage.INFORMATION, reason="Finalement, si.")
    assert section.stage == Stage.INFORMATION


@pytest.mark.parametrize("who", ["member", "participant"])
def test_others_move_nothing(cast, who):
    people, draft = cast
    with pytest.raises(Denied):
        move(people[who], draft, draft.living_sections[1:], Stage.CONSULTATION)


@pytest.mark.parametrize("to", sorted(set(Stage) - set(MOVES[Stage.INFORMATION])))
def test_no_stage_is_skipped(cast, to):
    people, draft = cast
    with pytest.raises(Denied):
        move(people["steering"], draft, draft.living_sections[1:], to, reason="Vite.")
    assert stages(draft) == [Stage.INFORMATION] * 3


def test_a_stage_never_closes_in_the_past(cast):
    people, draft = cast
    with pytest.raises(Invalid) as caught:
        move(people["facilitator"], draft, draft.living_sections[1:], Stage.CONSULTATION, closes_at=clock.now())
    assert caught.value.field == "closes_at"


def test_rights_end_with_the_minute_in_which_a_stage_closes(cast):
    people, draft = cast
    section, end = draft.living_sections[1], clock.now() + timedelta(days=3)
    move(people["facilitator"], draft, draft.living_sections[1:], Stage.CONSULTATION, closes_at=end)
    for moment, is_open in ((end - timedelta(seconds=1), True), (end, False)):
        with clock.at(moment):
            assert policy.opens(section, {Role.MEMBER}, Verb.COMMENT) == is_open
            assert policy.opens(section, {Role.VISITOR}, Verb.COMMENT_AS_GUEST) == is_open
            # The group goes on, and everybody reads.
            assert policy.opens(section, {Role.MEMBER, Role.SECRETARY}, Verb.ANSWER)
            assert policy.opens(section, {Role.SECRETARY}, Verb.COMMENT)
            assert policy.opens(section, {Role.VISITOR}, Verb.READ)


def test_a_closed_stage_opens_nothing_that_the_stage_itself_does_not():
    for stage in Stage:
        for role in Role:
            for verb in Verb:
                is_kept = verb not in ENDS_AT_CLOSING or verb in RIGHTS[Stage.DRAFTING][role]
                assert allows(stage, {role}, verb, is_over=True) == (verb in RIGHTS[stage][role] and is_kept)
