"""Who may do what with working groups: rows of role × verb."""

import pytest

from sip.groups import policy
from sip.groups.models import GroupRole, MembershipState
from tests.factories import make_administrator, make_cycle, make_group, make_membership, make_person, make_theme

ROLES = (
    "visitor",
    "member",
    "asking",
    "invited",
    "former",
    "participant",
    "secretary",
    "facilitator",
    "referent",
    "steering",
    "administrator",
)
LEADERS = ("secretary", "facilitator", "steering", "administrator")
INSIDE = ("participant", "secretary", "facilitator", "referent")

# verb: who may
ROWS = {
    "read_group": ROLES,
    "see_members": ROLES[1:],
    "create_group": ("steering", "administrator"),
    "edit_group": LEADERS,
    "manage_members": LEADERS,
    "manage_membership": LEADERS,
    "ask_to_join": ("member", "former", "steering", "administrator"),
    "answer_invitation": ("invited",),
    "leave": INSIDE,
}


@pytest.fixture
def place(app):
    people = {role: make_person() for role in ROLES}
    people["visitor"], people["administrator"] = None, make_administrator()
    group = make_group(
        make_theme(make_cycle(steering=(people["steering"],))),
        facilitator=people["facilitator"],
        secretary=people["secretary"],
        referent=people["referent"],
        participants=(people["participant"],),
    )
    make_membership(group, people["asking"], MembershipState.REQUESTED, GroupRole.FACILITATOR)
    make_membership(group, people["invited"], MembershipState.INVITED, GroupRole.FACILITATOR)
    make_membership(group, people["former"], MembershipState.ENDED, GroupRole.FACILITATOR)
    return people, group


def test_table_of_rights(place):
    people, group = place
    things = dict.fromkeys(ROWS, group) | {"create_group": group.theme, "manage_membership": group.memberships[0]}
    for verb, allowed in ROWS.items():
        ask = getattr(policy, f"may_{verb}")
        assert tuple(role for role in ROLES if ask(people[role], things[verb])) == allowed, verb


def test_whoever_leads_one_group_does_not_lead_another(place):
    people, _group = place
    other = make_group()
    assert not policy.may_edit_group(people["facilitator"], other)
    elsewhere = make_membership(other, people["member"], MembershipState.REQUESTED)
    assert not policy.may_manage_membership(people["facilitator"], elsewhere)


@pytest.mark.parametrize("role", ["visitor", "asking", "invited", "participant"])
def test_a_refusal_to_join_says_why(place, role):
    people, group = place
    assert str(policy.may_ask_to_join(people[role], group).reason)
