"""Who may do what with people, as rows."""

import pytest

from sip.core.access import require
from sip.core.errors import Denied, Missing
from sip.people import policy
from sip.people.models import Person, PersonRole, RoleGrant


def person(number: int, *roles: PersonRole, has_joined: bool = True) -> Person:
    grants = [RoleGrant(role=role) for role in roles]
    return Person(id=number, name=f"P{number}", grants=grants, joined_at=object() if has_joined else None)


WHO = {
    "visitor": None,
    "member": person(1),
    "board member": person(2, PersonRole.BOARD_MEMBER),
    "administrator": person(3, PersonRole.ADMINISTRATOR),
}
OTHER, INVITED = person(9), person(10, has_joined=False)

#             verb and thing                               visitor member board  administrator
ROWS = [
    (policy.may_administer_people, (), "no no no yes"),
    (policy.may_invite_people, (), "no no no yes"),
    (policy.may_see_account, (OTHER,), "no no no yes"),
    (policy.may_change_roles, (OTHER,), "no no no yes"),
    (policy.may_invite_again, (INVITED,), "no no no yes"),
    (policy.may_invite_again, (OTHER,), "no no no no"),
    (policy.may_edit_profile, (OTHER,), "no no no no"),
    (policy.may_use_link, (None,), "yes yes yes yes"),
    (policy.may_start, (False,), "yes yes yes yes"),
    (policy.may_start, (True,), "hidden hidden hidden hidden"),
]


@pytest.mark.parametrize(
    ("verb", "things", "who", "expected"),
    [
        pytest.param(verb, things, who, word, id=f"{verb.__name__}-{who}-{number}")
        for number, (verb, things, words) in enumerate(ROWS)
        for who, word in zip(WHO, words.split(), strict=True)
    ],
)
def test_rights(verb, things, who, expected):
    answer = verb(WHO[who], *things)
    assert bool(answer) == (expected == "yes")
    if expected == "no":
        assert answer.reason
        with pytest.raises(Denied):
            require(answer)
    if expected == "hidden":
        with pytest.raises(Missing):
            require(answer)


def test_everybody_may_edit_their_own_profile():
    for who in WHO.values():
        if who is not None:
            assert policy.may_edit_profile(who, who)
