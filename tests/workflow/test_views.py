"""The page of stages: everybody reads it, those who lead move from it."""

import pytest
from flask import Flask

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.actions import arranging, versions
from sip.drafts.models import Draft, SectionKind
from sip.people.models import Person
from sip.threads.models import ThreadKind
from tests.factories import make_draft, make_group, make_person
from tests.helpers import plain_text, submit
from tests.workflow.test_moves import thread_on

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux."), ("Prêter les outils", "Trois."))


@pytest.fixture
def cast(app: Flask) -> tuple[Person, Draft]:
    leader = make_person()
    draft = make_draft(make_group(facilitator=leader), sections=TEXTS)
    versions.publish_version(leader, versions.freeze_version(leader, draft, "Premier état"))
    db.session.commit()
    return leader, draft


def test_others_read_where_everything_stands_and_move_nothing(client, sign_in, cast):
    _leader, draft = cast
    assert f'href="/drafts/{draft.slug}/workflow"' in client.get(f"/drafts/{draft.slug}").text
    assert client.get(f"/drafts/{draft.slug}/workflow").status_code == 200
    sign_in(make_person())
    answer = client.get(f"/drafts/{draft.slug}/workflow")
    assert answer.status_code == 200
    assert "1. Ouvrir le soir" in answer.text
    assert "2. Prêter les outils" in answer.text
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


def test_what_is_not_published_is_not_told(client, sign_in, cast):
    leader, draft = cast
    kind = SectionKind.RECOMMENDATION
    arranging.add_section(leader, draft, "Encore secret", kind, after=draft.living_sections[0])
    arranging.update_section(leader, draft.living_sections[2], title="Ouvrir la nuit", kind=kind, group=None)
    db.session.commit()
    page = f"/drafts/{draft.slug}/workflow"
    for person in (None, make_person()):
        if person:
            sign_in(person)
        answer = client.get(page)
        assert "Encore secret" not in answer.text
        assert "Ouvrir la nuit" not in answer.text
        assert "1. Ouvrir le soir" in answer.text
    sign_in(leader)
    answer = client.get(page)
    # Who writes it finds it in the text being written, and cannot move it: publishing does.
    assert f'/drafts/{draft.slug}/live#{draft.living_sections[1].slug}"' in answer.text
    assert f'value="{draft.living_sections[1].key}"' not in answer.text
    assert "1. Ouvrir le soir" in answer.text


def test_what_is_still_to_be_done_stands_first_with_the_way_to_it(client, sign_in, cast):
    leader, draft = cast
    first = draft.living_sections[1]
    thread_on(draft, first.key, ThreadKind.QUESTION)
    db.session.commit()
    sign_in(leader)
    page = f"/drafts/{draft.slug}/workflow"
    waiting = f'href="/drafts/{draft.slug}/discussion?kind=question&amp;disposition=none"'
    before = client.get(page).text
    assert waiting in before
    assert '<details class="fold">' in before
    form = {"information-sections": [first.key], "information-to": "consultation"}
    refused = submit(client, f"{page}?from=information", form, page=page)
    assert refused.status_code == 422
    assert "error-summary" in refused.text
    form["information-sections"] = [draft.living_sections[2].key]
    assert submit(client, f"{page}?from=information", form, page=page).status_code == 303
    db.session.expire_all()
    assert [section.stage for section in draft.living_sections[1:]] == [Stage.INFORMATION, Stage.CONSULTATION]
