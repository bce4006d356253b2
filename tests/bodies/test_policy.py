"""Who sits in a body, and who may read, write in and handle what members refer to it."""

import pytest

from sip.bodies import policy
from sip.bodies.actions import referring
from sip.bodies.models import BodyKind, ReferralState
from sip.people.models import Person, PersonRole
from tests.factories import make_administrator, make_body, make_cycle, make_person


@pytest.fixture
def people(app) -> dict[str, Person | None]:
    """People by what they are; the visitor is nobody."""
    names = ("seated", "steering", "member")
    return {
        **{name: make_person(name=name) for name in names},
        "board": make_person(name="board", roles=(PersonRole.BOARD_MEMBER,)),
        "administrator": make_administrator(name="administrator"),
        "visitor": None,
    }


def test_a_role_seats_in_the_board_and_in_steering_committees_and_a_seat_in_all_others(people):
    cycle = make_cycle(steering=(people["steering"],))
    who_sits = {
        BodyKind.BOARD: "board",
        BodyKind.STEERING: "steering",
        BodyKind.ETHICS: "seated",
        BodyKind.WORKS_COUNCIL: "seated",
        BodyKind.LOCAL: "seated",
        BodyKind.OTHER: "seated",
    }
    for kind, one in who_sits.items():
        # A seat left over in a body that has none of its own gives nothing.
        body = make_body(people["seated"], kind=kind, cycle=cycle if kind == BodyKind.STEERING else None)
        assert {name for name, person in people.items() if policy.sits_in(person, body)} == {one}, kind
        choosing = policy.may_choose_seats(people["administrator"], body)
        assert bool(choosing) == (kind not in policy.SEATED_ELSEWHERE)
        assert choosing or choosing.reason
        assert not policy.may_choose_seats(people[one], body)
    assert not policy.sits_in(people["steering"], make_body(kind=BodyKind.STEERING, cycle=make_cycle()))


# What each may do with a matter: read it, write in it, handle it. All else is told as if there were no such matter.
RIGHTS = {
    "member": ("read", "write"),
    "seated": ("read", "write", "handle"),
    "board": (),
    "steering": (),
    "administrator": (),
    "visitor": (),
}


def test_a_matter_is_between_its_author_and_the_body(people):
    body = make_body(people["seated"])
    referral = referring.refer(people["member"], body, "Un conflit", "Entre deux personnes.")
    verbs = {
        "read": policy.may_see_referral,
        "write": policy.may_write_in_referral,
        "handle": policy.may_handle_referral,
    }
    for name, person in people.items():
        for verb, may in verbs.items():
            answer = may(person, referral)
            assert bool(answer) == (verb in RIGHTS[name]), (name, verb)
            assert answer or answer.is_hidden or name == "member"
    referral.state = ReferralState.CLOSED
    assert not policy.may_write_in_referral(people["member"], referral)
    assert policy.may_write_in_referral(people["seated"], referral)


def test_nobody_handles_their_own_matter(people):
    body = make_body(people["seated"])
    mine = referring.refer(people["seated"], body, "Le mien", "Je suis de l’instance.")
    assert policy.may_see_referral(people["seated"], mine)
    assert not policy.may_handle_referral(people["seated"], mine)
    mine.state = ReferralState.CLOSED
    assert not policy.may_write_in_referral(people["seated"], mine)


def test_members_refer_where_the_body_takes_matters(people):
    closed = make_body(takes_referrals=False)
    assert policy.may_refer(people["member"], make_body())
    for answer in (policy.may_refer(people["member"], closed), policy.may_refer(None, closed)):
        assert not answer
        assert answer.reason
