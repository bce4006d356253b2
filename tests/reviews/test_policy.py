"""Who reads a board file, answers, and follows commitments up: every role at every stage, against the table."""

from sip.core.db import db
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.reviews import policy, queries
from sip.reviews.models import CommitmentStatus
from tests.factories import let_stand

ROLES = {
    None: {Role.VISITOR},
    "member": {Role.MEMBER},
    "keeper": {Role.MEMBER},
    "participant": {Role.MEMBER, Role.PARTICIPANT},
    "secretary": {Role.MEMBER, Role.SECRETARY},
    "facilitator": {Role.MEMBER, Role.FACILITATOR},
    "referent": {Role.MEMBER, Role.REFERENT},
    "steering": {Role.MEMBER, Role.STEERING},
    "board": {Role.MEMBER, Role.BOARD},
    "administrator": {Role.MEMBER, Role.ADMINISTRATOR},
}
BY_VERB = {
    policy.may_note: Verb.REVIEW,
    policy.may_ask_group: Verb.REVIEW,
    policy.may_propose: Verb.REVIEW,
    policy.may_answer_question: Verb.ANSWER_BOARD,
    policy.may_publish: Verb.RESPOND,
    policy.may_commit: Verb.FOLLOW_UP,
}


def test_every_right_is_that_of_the_table_and_every_no_says_why(house):
    [review] = house.hand_over()
    commitments = []
    for stage in Stage:
        let_stand(house.draft, stage, review.section)
        if stage is Stage.ANSWERED:
            commitments.append(house.commit(review))
        for who, roles in ROLES.items():
            answers = [(may(house[who], review), allows(stage, roles, verb)) for may, verb in BY_VERB.items()]
            for commitment in commitments:
                keeps = who == "keeper" and allows(stage, {Role.BOARD}, Verb.FOLLOW_UP)
                answers += [
                    (policy.may_ask(house[who], commitment), allows(stage, roles, Verb.ASK_BOARD)),
                    (policy.may_change(house[who], commitment), allows(stage, roles, Verb.FOLLOW_UP)),
                    (policy.may_report(house[who], commitment), keeps or allows(stage, roles, Verb.FOLLOW_UP)),
                    (policy.may_answer(house[who], commitment), keeps or allows(stage, roles, Verb.FOLLOW_UP)),
                ]
            for number, (answer, expected) in enumerate(answers):
                assert bool(answer) is expected, (stage, who, number)
                assert answer or (answer.reason is not None and not answer.is_hidden), (stage, who, number)


def test_what_the_board_does_among_itself_is_its_own_until_it_is_published(house):
    [review] = house.hand_over()
    proposal = house.propose(review)
    for who in ROLES:
        person, is_board = house[who], who == "board"
        assert bool(policy.may_read_review(person, review))
        assert bool(policy.may_read_working(person, review)) is is_board
        assert bool(policy.may_read_response(person, proposal)) is is_board
        assert is_board or policy.may_read_response(person, proposal).is_hidden
        assert bool(policy.may_sign(person, proposal)) is is_board
        in_the_group = who in ("participant", "secretary", "facilitator", "referent")
        assert bool(policy.may_read_questions(person, review)) is (is_board or in_the_group)
    house.publish(review, reasons="Autrement.")
    for who in ROLES:
        assert policy.may_read_response(house[who], queries.responses_of(review)[0])
        assert policy.may_read_questions(house[who], review)
        assert not policy.may_sign(house[who], queries.responses_of(review)[0])


def test_whoever_sits_in_the_responsible_body_reports_and_answers(house):
    [review] = house.hand_over()
    house.publish(review)
    commitment = house.commit(review, body=house.body("keeper"))
    assert policy.is_responsible(house["keeper"], commitment)
    assert not policy.is_responsible(house["member"], commitment)
    house.report(commitment, CommitmentStatus.UNDER_WAY, "keeper")
    db.session.refresh(review.section)
    assert review.section.stage == Stage.FOLLOWED_UP


def test_nobody_learns_of_the_file_of_a_document_that_they_may_not_know_of(house):
    [review] = house.hand_over()
    house.draft.published_number = None
    for may in (*BY_VERB, policy.may_read_review, policy.may_read_working, policy.may_read_questions):
        assert may(house["member"], review).is_hidden, may


def test_lists_are_open_to_everybody_but_what_waits_is_the_boards(house):
    for who in ROLES:
        assert policy.may_open_board(house[who])
        assert policy.may_read_outcomes(house[who], house.draft.theme.cycle)
        assert bool(policy.may_read_waiting(house[who])) is (who == "board")
