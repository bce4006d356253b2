"""The journal is said in words: every event has its sentence, and none of them lets markup through."""

import pytest
from flask import render_template

from sip.core import clock
from sip.core.journal import Event, JournalEntry
from tests.helpers import plain_text

DATA = {
    "title": "<b>Titre</b>",
    "old_title": "Ancien",
    "name": "<i>Nom</i>",
    "label": "Document de travail",
    "number": 3,
    "restored_from": 2,
    "place": 4,
    "role": "secretary",
    "cycle": "2026",
    "theme": "comprendre",
    "group": "rennes",
    "group_name": "Groupe de Rennes",
    "changed": ["title", "context"],
}


def said(app, event, data, **context):
    entry = JournalEntry(
        id=1, at=clock.now(), actor_id=1, actor_name="<u>Maëlle</u>", event=event, draft_id=7, data=data
    )
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        return render_template("journal/_entries.html", entries=[entry], **context)


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("data", [DATA, {}], ids=["full", "bare"])
def test_every_event_has_its_sentence(app, event, data):
    html = said(app, event.value, data, draft_slugs={7: "notre-texte"})
    assert "no words" not in html
    assert "&lt;u&gt;Maëlle" in html or event in (Event.MEMBERSHIP_BEGUN, Event.MEMBERSHIP_ENDED)
    for markup in ("<u>", "<i>", "<b>Titre"):
        assert markup not in html
    assert "Undefined" not in html


def test_sentences_differ(app):
    sentences = {event: plain_text(said(app, event.value, DATA)) for event in Event}
    assert len(set(sentences.values())) == len(sentences)


def test_an_event_of_tomorrow_is_told_too(app):
    assert "something.new" in said(app, "something.new", {})


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("membership.begun", {"name": "Tomasz", "person_id": 1, "role": "participant"}, "Tomasz joined the group."),
        ("membership.begun", {"name": "T", "person_id": 1, "role": "secretary"}, "T joined the group (secretary)."),
        ("membership.ended", {"name": "Tomasz", "person_id": 1}, "Tomasz left the group."),
        ("membership.ended", {"name": "Tomasz", "person_id": 2}, "ended the participation of Tomasz."),
        ("theme.updated", {"title": "T", "changed": ["context", "title"]}, "the theme “T”: the context and the title."),
        ("draft.version_published", {"number": 3}, "published version 3 of the document."),
    ],
)
def test_sentences_fit_what_happened(app, event, data, sentence):
    assert sentence in plain_text(said(app, event, data))


def test_links_lead_to_what_is_named(app):
    html = said(app, "draft.version_published", {"number": 3}, draft_slugs={7: "notre-texte"})
    assert 'href="/drafts/notre-texte/versions/3"' in html
    assert 'href="/cycles/2026/themes/comprendre"' in said(app, "theme.created", DATA)
    assert 'href="/groups/rennes"' in said(app, "group.created", DATA)
