"""The table of rights, cell by cell: what every policy answers, and every address lets through, is what it says."""

from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, session
from flask_wtf.csrf import CSRFError

from sip.amendments import policy as amendments
from sip.amendments.models import Amendment, AmendmentKind
from sip.ballots import policy as ballots
from sip.ballots.models import Ballot, BallotSection, BallotState, Electorate, Method, RollEntry, Secrecy
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Missing
from sip.cycles.stages import MOVES, Role, Stage, Verb, allows, who_may
from sip.drafts import policy as drafts
from sip.drafts.actions import arranging, versions
from sip.drafts.models import Draft, Section, SectionKind
from sip.people.models import Person, PersonRole
from sip.reviews import policy as reviews
from sip.reviews.models import BoardResponse, Commitment, Review, ReviewQuestion
from sip.threads import policy as threads
from sip.threads.models import Comment, ThreadKind
from tests.factories import let_stand, make_cycle, make_draft, make_group, make_person, make_theme
from tests.workflow.test_moves import thread_on

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux."))


class Scene:
    """One person in each role, and one thing of each kind, about the same recommendation, that they all meet."""

    def __init__(self) -> None:
        board = (PersonRole.BOARD_MEMBER,)
        self.people: dict[Role, Person | None] = {Role.VISITOR: None}
        self.people |= {role: make_person() for role in Role if role not in (Role.VISITOR, Role.BOARD)}
        self.people[Role.BOARD] = make_person(roles=board)
        self.people[Role.ADMINISTRATOR] = make_person(roles=(PersonRole.ADMINISTRATOR,))
        leader, author = self.people[Role.FACILITATOR], make_person()
        group = make_group(
            make_theme(make_cycle(steering=(self.people[Role.STEERING],), guests_may_comment=True)),
            facilitator=leader,
            secretary=self.people[Role.SECRETARY],
            referent=self.people[Role.REFERENT],
            participants=(self.people[Role.PARTICIPANT],),
        )
        self.draft: Draft = make_draft(group, sections=TEXTS)
        self.section: Section = self.draft.living_sections[1]
        first = versions.freeze_version(leader, self.draft, "un")
        versions.publish_version(leader, first)
        arranging.update_section(leader, self.section, title="Ouvrir tard", kind=SectionKind.RECOMMENDATION, group=None)
        self.version = versions.freeze_version(leader, self.draft, "deux")
        now = clock.now()
        self.thread = thread_on(self.draft, self.section.key, ThreadKind.REMARK, author=author)
        self.comment = Comment(thread=self.thread, author_id=author.id, text="Non.", html="Non.", at=now)
        self.amendment = Amendment(
            draft=self.draft,
            key=self.section.key,
            version_number=1,
            kind=AmendmentKind.CHANGE,
            proposed="Deux et demi.",
            reason="Mieux.",
            reason_html="Mieux.",
            at=now,
            author=author,
        )
        self.ballot = Ballot(
            draft=self.draft,
            cycle_id=self.draft.cycle_id,
            version=first,
            question="Oui ?",
            method=Method.MAJORITY,
            secrecy=Secrecy.OPEN,
            electorate=Electorate.MEMBERS,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=1),
            opened_at=now,
            created_at=now,
            state=BallotState.OPEN,
            sections=[BallotSection(section=self.section, position=0)],
        )
        self.review = Review(
            cycle_id=self.draft.cycle_id,
            draft=self.draft,
            section=self.section,
            key=self.section.key,
            version=first,
            first_number=1,
            received_at=now,
        )
        self.commitment = Commitment(
            cycle_id=self.draft.cycle_id, review=self.review, what="Ouvrir.", created_at=now, changed_at=now
        )
        db.session.add_all([self.comment, self.amendment, self.ballot, self.review, self.commitment])
        db.session.flush()
        self.response = BoardResponse(
            review=self.review,
            number=1,
            version_number=1,
            answer="accepted",
            reasons="Oui.",
            reasons_html="Oui.",
            changed_at=now,
        )
        self.question = ReviewQuestion(review_id=self.review.id, text="Quand ?", html="Quand ?", at=now)
        voters = [person for person in self.people.values() if person]
        db.session.add_all([RollEntry(ballot_id=self.ballot.id, person_id=person.id) for person in voters])
        db.session.add_all([self.response, self.question])
        db.session.commit()

    def stand_at(self, stage: Stage) -> None:
        """Let the document stand at a stage; nobody knows of one in drafting."""
        let_stand(self.draft, stage)
        self.draft.published_number = None if stage == Stage.DRAFTING else 1
        db.session.commit()

    def expected(self, role: Role, stage: Stage, verb: Verb) -> bool:
        """What the table says to a person who is known for `role`, with all the roles that they have."""
        return allows(stage, drafts.roles_on(self.people[role], self.draft), verb)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene()


Ask = Callable[[Scene, Person | None], Any]

# What answers for each verb, asked about a thing with which nothing but the stage could be in the way.
POLICIES: dict[Verb, list[Ask]] = {
    Verb.READ: [
        lambda s, who: drafts.may_read_draft(who, s.draft),
        lambda s, who: ballots.may_read_ballot(who, s.ballot),
    ],
    Verb.READ_LIVE: [
        lambda s, who: drafts.may_read_live(who, s.draft),
        lambda s, who: drafts.may_read_version(who, s.version),
    ],
    Verb.EDIT_TEXT: [
        lambda s, who: drafts.may_edit_section(who, s.section),
        lambda s, who: drafts.may_write(who, s.draft),
    ],
    Verb.ARRANGE: [
        lambda s, who: drafts.may_arrange(who, s.draft),
        lambda s, who: drafts.may_arrange_section(who, s.section),
    ],
    Verb.FREEZE: [lambda s, who: drafts.may_freeze(who, s.draft), lambda s, who: drafts.may_restore(who, s.version)],
    Verb.PUBLISH: [lambda s, who: drafts.may_publish(who, s.version)],
    Verb.ASK: [lambda s, who: threads.may_open_thread(who, s.draft, s.section.key, ThreadKind.QUESTION)],
    Verb.COMMENT: [
        lambda s, who: threads.may_open_thread(who, s.draft, s.section.key, ThreadKind.REMARK),
        lambda s, who: threads.may_reply(who, s.thread),
        lambda s, who: threads.may_react(who, s.comment),
    ],
    Verb.COMMENT_AS_GUEST: [lambda s, who: threads.may_comment_as_guest(who, s.draft, s.section.key)],
    Verb.TAKE_POSITION: [lambda s, who: threads.may_take_position(who, s.draft, s.section.key)],
    Verb.AMEND: [lambda s, who: amendments.may_amend(who, s.draft, s.section.key)],
    Verb.SUPPORT: [lambda s, who: amendments.may_support(who, s.amendment)],
    Verb.VOTE: [lambda s, who: ballots.may_vote(who, s.ballot)],
    Verb.ANSWER: [
        lambda s, who: threads.may_dispose(who, s.thread),
        lambda s, who: amendments.may_decline(who, s.amendment),
    ],
    Verb.CALL_BALLOT: [
        lambda s, who: ballots.may_plan_ballot(who, s.draft),
        lambda s, who: ballots.may_plan_on(who, s.draft, [s.section]),
        lambda s, who: ballots.may_cancel_ballot(who, s.ballot),
    ],
    Verb.ANSWER_BOARD: [lambda s, who: reviews.may_answer_question(who, s.review)],
    Verb.REVIEW: [
        lambda s, who: reviews.may_note(who, s.review),
        lambda s, who: reviews.may_ask_group(who, s.review),
        lambda s, who: reviews.may_propose(who, s.review),
        lambda s, who: reviews.may_sign(who, s.response),
    ],
    Verb.RESPOND: [lambda s, who: reviews.may_publish(who, s.review)],
    Verb.FOLLOW_UP: [
        lambda s, who: reviews.may_commit(who, s.review),
        lambda s, who: reviews.may_change(who, s.commitment),
        lambda s, who: reviews.may_report(who, s.commitment),
    ],
    Verb.ASK_BOARD: [lambda s, who: reviews.may_ask(who, s.commitment)],
    Verb.MODERATE: [lambda s, who: threads.may_moderate(who, s.draft), lambda s, who: threads.may_hide(who, s.comment)],
    Verb.MOVE: [
        lambda s, who: drafts.may_open_stages(who, s.draft),
        lambda s, who: any(drafts.may_move(who, s.section, to) for to in MOVES.get(Stage(s.section.stage), ())),
    ],
}

# Every address below a recommendation to which something is sent, with the verb of the table that guards it.
ROUTES: dict[str, Verb] = {
    "amendments.answer": Verb.ANSWER,
    "amendments.hide": Verb.MODERATE,
    "amendments.merge": Verb.ANSWER,
    "amendments.support": Verb.SUPPORT,
    "amendments.unsupport": Verb.SUPPORT,
    "ballots.cancel": Verb.CALL_BALLOT,
    "ballots.new": Verb.CALL_BALLOT,
    "ballots.vote": Verb.VOTE,
    "drafts.add_section": Verb.ARRANGE,
    "drafts.bring_back_section": Verb.ARRANGE,
    "drafts.edit_heading": Verb.ARRANGE,
    "drafts.edit_section": Verb.EDIT_TEXT,
    "drafts.freeze": Verb.FREEZE,
    "drafts.move_section": Verb.ARRANGE,
    "drafts.publish": Verb.PUBLISH,
    "drafts.restore": Verb.FREEZE,
    "drafts.retire_section": Verb.ARRANGE,
    "drafts.settings": Verb.ARRANGE,
    "drafts.undo_edit": Verb.EDIT_TEXT,
    "reviews.add_note": Verb.REVIEW,
    "reviews.answer_question": Verb.ANSWER_BOARD,
    "reviews.ask": Verb.ASK_BOARD,
    "reviews.ask_group": Verb.REVIEW,
    "reviews.change": Verb.FOLLOW_UP,
    "reviews.commit": Verb.FOLLOW_UP,
    "reviews.propose": Verb.REVIEW,
    "reviews.publish": Verb.RESPOND,
    "reviews.report": Verb.FOLLOW_UP,
    "reviews.sign": Verb.REVIEW,
    "reviews.unsign": Verb.REVIEW,
    "threads.dismiss": Verb.MODERATE,
    "threads.dispose": Verb.ANSWER,
    "threads.hide": Verb.MODERATE,
    "threads.react": Verb.COMMENT,
    "threads.reply": Verb.COMMENT,
    "threads.take_position": Verb.TAKE_POSITION,
    "workflow.move": Verb.MOVE,
}
# Those that one does with one's own, once more in a view that asks for the thing chosen, or in another state of it;
# the tests of their rooms have them.
OTHERS = {
    "amendments.improve", "amendments.new", "amendments.show_again", "amendments.undo", "amendments.withdraw",
    "ballots.check_code", "ballots.close", "ballots.edit", "ballots.next_round", "ballots.proxies", "ballots.revoke",
    "drafts.create", "drafts.import_document", "drafts.take_back", "drafts.undo_update",
    "reviews.answer", "reviews.open_file",
    "threads.confirm_guest", "threads.edit", "threads.let_through", "threads.new", "threads.remove", "threads.reopen",
    "threads.report", "threads.resolve", "threads.show_again",
}  # fmt: skip
ROOMS = ("drafts", "threads", "amendments", "ballots", "reviews", "workflow")


def test_every_policy_answers_what_the_table_says(scene: Scene):
    assert set(POLICIES) == set(Verb)
    for stage in Stage:
        scene.stand_at(stage)
        for role, person in scene.people.items():
            for verb, asked in POLICIES.items():
                for place, ask in enumerate(asked):
                    answer = ask(scene, person)
                    assert bool(answer) == scene.expected(role, stage, verb), (stage, role, verb, place)
                    if not answer and not isinstance(answer, bool):
                        assert answer.is_hidden or str(answer.reason), "a no is told with its reason"


def test_every_address_is_in_the_table_or_known_for_another_reason(app: Flask):
    sent_to = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {endpoint for endpoint in sent_to if endpoint.startswith(ROOMS)} == set(ROUTES) | OTHERS


@pytest.mark.parametrize("built_app", ["sqlite"], indirect=True)  # no address asks the database about rights
def test_every_address_lets_through_whom_the_table_lets(app: Flask, scene: Scene):
    """What comes through is stopped by the missing mark against forgery only, which is asked for after the rights."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    paths = {}
    with app.test_request_context():
        for endpoint in ROUTES:
            paths[endpoint] = rules[endpoint].build(_names(scene, endpoint, rules[endpoint].arguments))[1]
    for stage in Stage:
        scene.stand_at(stage)
        asked = [
            (role, endpoint) for endpoint, verb in ROUTES.items() if stage in _telling_stages(verb) for role in Role
        ]
        wanted = {cell: scene.expected(cell[0], stage, ROUTES[cell[1]]) for cell in asked}
        found = {
            (role, endpoint): Context().run(_lets_through, app, paths[endpoint], scene.people[role])
            for role, endpoint in asked
        }
        assert found == wanted, {cell: found[cell] for cell in wanted if found[cell] != wanted[cell]}


def _telling_stages(verb: Verb) -> set[Stage]:
    """Return one stage for each row that the table has for a verb: policies were asked about all of them above."""
    return set({who_may(stage, verb): stage for stage in reversed(list(Stage))}.values())


def _names(scene: Scene, endpoint: str, names: set[str]) -> dict[str, Any]:
    """Return what an address names of the things of the scene."""
    room, _, _action = endpoint.partition(".")
    number = {
        "amendments": scene.amendment.id,
        "ballots": scene.ballot.id,
        "drafts": 1 if endpoint == "drafts.restore" else scene.version.number,
        "reviews": scene.commitment.id,
    }
    about_comment = endpoint in ("threads.react", "threads.hide", "threads.dismiss")
    things = {
        "slug": scene.draft.slug,
        "section": scene.section.slug,
        "key": scene.section.key,
        "number": number.get(room),
        "question": scene.question.id,
        "id": scene.comment.id if about_comment else scene.thread.id,
    }
    return {name: things[name] for name in names}


def _lets_through(app: Flask, path: str, person: Person | None) -> bool:
    with app.test_request_context(path, method="POST"):
        if person is not None:
            session["_user_id"] = f"{person.id}:{person.session_epoch}"
        try:
            app.dispatch_request()
        except (Denied, Missing):
            return False
        except CSRFError:
            return True
        finally:
            db.session.rollback()
    raise AssertionError(f"{path} took a form without a mark against forgery")
