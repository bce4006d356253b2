"""Who may do what with a draft, as rows of stage × role × verb."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.cycles.stages import RIGHTS, Role, Stage, Verb, allows
from sip.drafts import policy
from sip.people.models import PersonRole
from tests.factories import make_cycle, make_draft, make_group, make_person, make_theme


@pytest.fixture
def cast(app: Flask):
    """One person per role, and the draft they meet."""
    people = {
        Role.VISITOR: None,
        Role.MEMBER: make_person(),
        Role.PARTICIPANT: make_person(),
        Role.SECRETARY: make_person(),
        Role.FACILITATOR: make_person(),
        Role.REFERENT: make_person(roles=(PersonRole.BOARD_MEMBER,)),
        Role.STEERING: make_person(),
        Role.BOARD: make_person(roles=(PersonRole.BOARD_MEMBER,)),
        Role.ADMINISTRATOR: make_person(roles=(PersonRole.ADMINISTRATOR,)),
    }
    group = make_group(
        make_theme(make_cycle(steering=(people[Role.STEERING],))),
        facilitator=people[Role.FACILITATOR],
        secretary=people[Role.SECRETARY],
        referent=people[Role.REFERENT],
        participants=(people[Role.PARTICIPANT],),
    )
    return people, make_draft(group)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", list(Role))
def test_every_cell_of_the_table_holds(cast, stage, role):
    people, draft = cast
    section = draft.sections[0]
    section.stage = stage
    draft.published_number = None if stage == Stage.DRAFTING else 1
    db.session.flush()
    person = people[role]
    # The roles that this person has beside the one of the row: a member of a group is a member too.
    roles = policy.roles_on(person, draft)
    assert role in roles
    assert bool(policy.may_read_draft(person, draft)) == allows(stage, roles, Verb.READ)
    assert bool(policy.may_read_live(person, draft)) == allows(stage, roles, Verb.READ_LIVE)
    assert bool(policy.may_edit_section(person, section)) == allows(stage, roles, Verb.EDIT_TEXT)
    assert bool(policy.may_arrange(person, draft)) == allows(stage, roles, Verb.ARRANGE)
    assert bool(policy.may_freeze(person, draft)) == allows(stage, roles, Verb.FREEZE)


def test_the_table_says_the_promises():
    for stage in Stage:
        for role in Role:
            may = RIGHTS[stage][role]
            if stage == Stage.DRAFTING:
                in_group = role in (Role.PARTICIPANT, Role.SECRETARY, Role.FACILITATOR, Role.REFERENT, Role.STEERING)
                assert (Verb.READ in may) == in_group
            else:
                assert Verb.READ in may
            is_with_the_board = stage in (Stage.UNDER_REVIEW, Stage.ANSWERED, Stage.FOLLOWED_UP)
            if role in (Role.VISITOR, Role.MEMBER, Role.BOARD, Role.ADMINISTRATOR):
                assert not may & {Verb.EDIT_TEXT, Verb.ARRANGE, Verb.FREEZE, Verb.PUBLISH, Verb.ANSWER, Verb.MODERATE}
                assert (Verb.MOVE in may) == (role == Role.BOARD and is_with_the_board)
            assert bool(may & {Verb.REVIEW, Verb.RESPOND}) == (role == Role.BOARD and is_with_the_board)
            if role == Role.VISITOR:
                assert may <= {Verb.READ, Verb.COMMENT_AS_GUEST}
            if stage in (Stage.UNDER_REVIEW, Stage.ANSWERED, Stage.FOLLOWED_UP, Stage.WITHDRAWN):
                assert not may & {Verb.EDIT_TEXT, Verb.ARRANGE, Verb.FREEZE, Verb.PUBLISH}
            if stage == Stage.CODECISION:
                # Objections are worked into the text by those who lead the group; its order stays.
                assert (Verb.EDIT_TEXT in may) == (role in (Role.SECRETARY, Role.FACILITATOR))
                assert Verb.ARRANGE not in may
    assert Verb.READ_LIVE in RIGHTS[Stage.CONCERTATION][Role.MEMBER]
    assert Verb.READ_LIVE not in RIGHTS[Stage.CONCERTATION][Role.VISITOR]


def test_a_draft_that_is_its_groups_alone_is_hidden_from_others(cast):
    people, draft = cast
    assert policy.may_read_draft(people[Role.MEMBER], draft).is_hidden
    assert policy.may_read_live(people[Role.MEMBER], draft).is_hidden
    assert policy.may_edit_section(people[Role.MEMBER], draft.sections[0]).is_hidden


def test_a_retired_section_is_not_written_in(cast):
    people, draft = cast
    section = draft.sections[0]
    section.retired_at = section.changed_at
    assert not policy.may_edit_section(people[Role.FACILITATOR], section)
