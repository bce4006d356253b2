"""Who may do what with cycles, themes, milestones and offices: rows of role × verb."""

import pytest

from sip.cycles import policy
from tests.factories import (
    make_administrator,
    make_cycle,
    make_group,
    make_milestone,
    make_office,
    make_person,
    make_theme,
)

ROLES = ("visitor", "member", "facilitator", "board", "steering", "other steering", "administrator")

# verb: who may
ROWS = {
    "read_cycle": ROLES,
    "read_theme": ROLES,
    "manage_cycles": ("administrator",),
    "edit_cycle": ("steering", "administrator"),
    "edit_theme": ("steering", "administrator"),
    "edit_milestone": ("steering", "administrator"),
    "choose_steering": ("administrator",),
    "edit_office": ("administrator",),
    "open_desk": ("steering", "administrator"),
}


@pytest.fixture
def place(app):
    steering, other, facilitator = make_person(), make_person(), make_person()
    cycle = make_cycle(steering=(steering,))
    make_cycle(steering=(other,))
    theme = make_theme(cycle)
    make_group(theme, facilitator=facilitator)
    people = {
        "visitor": None,
        "member": make_person(),
        "facilitator": facilitator,
        "board": make_person(roles=("board_member",)),
        "steering": steering,
        "other steering": other,
        "administrator": make_administrator(),
    }
    return people, cycle, theme, make_milestone(cycle), make_office()


def test_table_of_rights(place):
    people, cycle, theme, milestone, office = place
    things = {
        "read_cycle": (cycle,),
        "read_theme": (theme,),
        "manage_cycles": (),
        "edit_cycle": (cycle,),
        "edit_theme": (theme,),
        "edit_milestone": (milestone,),
        "choose_steering": (cycle,),
        "edit_office": (office,),
        "open_desk": ([cycle],),
    }
    assert things.keys() == ROWS.keys()
    for verb, allowed in ROWS.items():
        ask = getattr(policy, f"may_{verb}")
        assert tuple(role for role in ROLES if ask(people[role], *things[verb])) == allowed, verb


def test_a_refusal_says_why(place):
    people, cycle, *_ = place
    assert "steering committee" in str(policy.may_edit_cycle(people["member"], cycle).reason)
    assert "administrators" in str(policy.may_manage_cycles(people["steering"]).reason)
