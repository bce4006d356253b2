"""Who may do what with amendments, as rows of role, stage and verb."""

import pytest

from sip.amendments import policy
from sip.amendments.actions.hiding import hide
from sip.cycles.stages import Stage
from sip.drafts.actions.arranging import retire_section

GROUP = ("facilitator", "secretary", "participant", "referent")
LEADERS = ("facilitator", "secretary")
OTHERS = ("member", "other", "steering", "board", "administrator")
PEOPLE = (*GROUP, *OTHERS, "visitor")


def allowed(house, ask):
    return {who for who in PEOPLE if ask(house.people.get(who))}


@pytest.fixture
def amendment(house):
    """An amendment of the member, which waits for its answer."""
    return house.propose(1, "publiés une fois par an", "publiés tous les trois mois")


@pytest.mark.parametrize(
    ("stage", "amending", "answering", "accepting"),
    [
        (Stage.DRAFTING, (), LEADERS, LEADERS),
        (Stage.INFORMATION, (), LEADERS, LEADERS),
        (Stage.CONSULTATION, (), LEADERS, LEADERS),
        (Stage.CONCERTATION, (*GROUP, *OTHERS), LEADERS, LEADERS),
        (Stage.CODECISION, (), LEADERS, LEADERS),
        (Stage.UNDER_REVIEW, (), (), ()),
        (Stage.WITHDRAWN, (), (), ()),
    ],
)
def test_what_a_stage_opens(house, amendment, stage, amending, answering, accepting):
    house.set_stage(stage)
    key, draft = amendment.key, house.draft
    assert allowed(house, lambda who: policy.may_amend(who, draft, key)) == set(amending)
    assert allowed(house, lambda who: policy.may_amend(who, draft)) == set(amending)
    assert allowed(house, lambda who: policy.may_support(who, amendment)) == set(amending) - {"member"}
    assert allowed(house, lambda who: policy.may_improve(who, amendment)) == set(amending) & {"member"}
    assert allowed(house, lambda who: policy.may_withdraw(who, amendment)) == {"member"}
    assert allowed(house, lambda who: policy.may_decline(who, amendment)) == set(answering)
    assert allowed(house, lambda who: policy.may_accept(who, amendment)) == set(accepting)
    assert allowed(house, lambda who: policy.may_see_amendment(who, amendment)) == set(PEOPLE)
    assert allowed(house, lambda who: policy.may_hide(who, amendment)) == {"steering"}


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        (Stage.CONSULTATION, "Amendments are possible from the concertation stage on."),
        (Stage.CODECISION, "The time for amendments is over."),
    ],
)
def test_a_no_says_why(house, stage, reason):
    assert str(policy.may_amend(None, house.draft).reason) == "Sign in to propose an amendment."
    house.set_stage(stage)
    assert str(policy.may_amend(house.people["member"], house.draft).reason) == reason


def test_each_section_has_its_own_stage(house):
    house.set_stage(Stage.INFORMATION)
    section = house.section(1)
    section.stage = Stage.CONCERTATION
    member = house.people["member"]
    assert policy.may_amend(member, house.draft, section.key)
    assert not policy.may_amend(member, house.draft, house.draft.living_sections[2].key)
    assert policy.may_amend(member, house.draft)


def test_a_section_that_is_gone_is_not_amended(house, amendment):
    retire_section(house.people["facilitator"], house.section(1))
    assert not policy.may_amend(house.people["member"], house.draft, amendment.key)
    assert not policy.may_accept(house.people["secretary"], amendment)
    assert policy.may_decline(house.people["secretary"], amendment)


def test_what_is_hidden_nobody_touches(house, amendment):
    hide(house.people["steering"], amendment, "Insulte.")
    assert allowed(house, lambda who: policy.may_see_amendment(who, amendment)) == {"member", "steering"}
    for ask in (policy.may_support, policy.may_decline, policy.may_accept, policy.may_improve, policy.may_withdraw):
        assert allowed(house, lambda who, ask=ask: ask(who, amendment)) == set()
    assert policy.may_see_amendment(house.people["other"], amendment).is_hidden
    assert policy.may_support(house.people["other"], amendment).is_hidden
