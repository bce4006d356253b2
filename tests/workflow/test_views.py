"""The page of stages: everybody reads it, those who lead move from it."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.models import Draft
from sip.people.models import Person
from tests.factories import make_draft, make_group, make_person, publish
from tests.helpers import plain_text, submit

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux."), ("Prêter les outils", "Trois."))


@pytest.fixture
def cast(app: Flask) -> tuple[Person, Draft]:
    leader = make_person()
    return leader, publish(make_draft(make_group(facilitator=leader), sections=TEXTS, stage=Stage.INFORMATION))


def test_others_read_where_everything_stands_and_move_nothing(client, sign_in, cast):
    _leader, draft = cast
    assert client.get(f"/drafts/{draft.slug}/workflow").status_code == 200
    sign_in(make_person())
    answer = client.get(f"/drafts/{draft.slug}/workflow")
    assert answer.status_code == 200
    assert "Ouvrir le soir" in answer.text
    assert "<textarea" not in answer.text
    form = {"information-sections": [draft.living_sections[1].key], "information-to": "consultation"}
    refused = client.post(f"/drafts/{draft.slug}/workflow?from=information", data=form)
    assert refused.status_code == 403
    assert draft.living_sections[1].stage == Stage.INFORMATION


def test_one_recommendation_is_moved_and_its_way_told(client, sign_in, cast):
    leader, draft = cast
    sign_in(leader)
    key = draft.living_sections[2].key
    page = f"/drafts/{draft.slug}/workflow"
    done = submit(
        client,
        f"{page}?from=information",
        {"information-sections": [key], "information-to": "consultation", "information-closes_at": "2099-01-31"},
        page=page,
    )
    assert done.status_code == 303
    db.session.expire_all()
    assert [section.stage for section in draft.living_sections[1:]] == [Stage.INFORMATION, Stage.CONSULTATION]
    # The day ends at midnight where the house is, not in UTC.
    assert draft.living_sections[2].stage_closes_at.isoformat() == "2099-01-31T22:59:59+00:00"
    text = plain_text(client.get(page).text)
    assert "Prêter les outils" in text
    assert "Consultation" in text
    assert leader.name in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"information-to": "consultation"},
        {"information-sections": ["elsewhere"], "information-to": "consultation"},
        {"information-to": "answered"},
        {"information-to": "withdrawn"},
        {"information-to": "consultation", "information-closes_at": "31.31.2031"},
        {"information-to": "consultation", "information-closes_at": "2020-01-01"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(client, sign_in, cast, wrong):
    leader, draft = cast
    sign_in(leader)
    page = f"/drafts/{draft.slug}/workflow"
    form = {"information-sections": [draft.living_sections[1].key], "information-reason": "", **wrong}
    if wrong == {"information-to": "consultation"}:
        del form["information-sections"]
    answer = submit(client, f"{page}?from=information", form, page=page)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    db.session.expire_all()
    assert {section.stage for section in draft.living_sections} == {Stage.INFORMATION}


@pytest.mark.parametrize("stage", ["", "nothing", "consultation", "answered"])
def test_whoever_comes_second_sees_where_they_stand_now(client, sign_in, cast, stage):
    leader, draft = cast
    sign_in(leader)
    page = f"/drafts/{draft.slug}/workflow"
    answer = submit(client, f"{page}?from={stage}", {"consultation-to": "concertation"}, page=page)
    assert answer.status_code == 303
    assert {section.stage for section in draft.living_sections} == {Stage.INFORMATION}
