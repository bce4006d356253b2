"""The public record: what `sip check` finds in it, and what everybody reads and takes along."""

import hashlib
import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from sip.core import record
from sip.core.db import db
from sip.core.record import RecordEntry
from sip.cycles.stages import Stage
from sip.drafts import checking_moves
from sip.drafts.actions import versions
from sip.drafts.models import Draft, Section, StageMove
from tests.factories import make_draft, make_group, make_person
from tests.helpers import plain_text
from tests.workflow.test_moves import move

TEXTS = (("Introduction", "Un."), ("Ouvrir le soir", "Deux."), ("Prêter les outils", "Trois."))


@pytest.fixture
def draft(app: Flask) -> Draft:
    """A document whose publication and first move fill the record with six entries."""
    leader = make_person("Ana Lys")
    draft = make_draft(make_group(facilitator=leader), sections=TEXTS, title="Le soir")
    versions.publish_version(leader, versions.freeze_version(leader, draft, "un"))
    move(leader, draft, draft.living_sections[1:], Stage.CONSULTATION)
    db.session.commit()
    return draft


def first(draft: Draft) -> int:
    """The number of the first entry, whatever other tests have left."""
    numbers = select(RecordEntry.number).where(RecordEntry.draft_id == draft.id).order_by(RecordEntry.number)
    return db.session.scalars(numbers).all()[0]


def found() -> list[str]:
    db.session.expire_all()
    return [*record.problems(), *checking_moves.problems()]


def of_entry(place: int, **values: object) -> Callable[[int], object]:
    return lambda first: update(RecordEntry).where(RecordEntry.number == first + place).values(**values)


def forged(first: int) -> object:
    """Give an entry another content and the hash that goes with it: the next one tells."""
    entry = db.session.scalars(select(RecordEntry).where(RecordEntry.number == first + 3)).one()
    entry.content = entry.content.replace("consultation", "withdrawn")
    return update(RecordEntry).where(RecordEntry.number == entry.number).values(hash=record.hash_of(entry))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (of_entry(2, content="{}"), "entry 3 was changed after it was sealed"),
        (of_entry(1, kind="ballot"), "entry 2 was changed after it was sealed"),
        (of_entry(0, hash="0" * 64), "entry 1 was changed after it was sealed"),
        (lambda first: delete(RecordEntry).where(RecordEntry.number == first + 2), "entry 3 is missing"),
        (lambda first: delete(RecordEntry).where(RecordEntry.number == first), "entry 1 is missing"),
        (forged, "entry 5 does not follow the one before it"),
    ],
    ids=["content", "kind", "hash", "gap", "beginning", "forged"],
)
def test_the_first_broken_link_is_named(draft: Draft, harm, said: str):
    assert found() == []
    db.session.execute(harm(first(draft)))
    assert f"the public record: {said}" in found()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: update(StageMove).values(reason="Autre."), "is not what entry"),
        (lambda: delete(StageMove), "which is not there"),
        (lambda: delete(RecordEntry), "is not in the public record"),
        (lambda: update(Section).values(stage=Stage.CODECISION), "the stage of section introduction is not what"),
        (lambda: update(Section).values(stage_closes_at=None, stage_since=None), "the stage of section"),
    ],
    ids=["reason", "move", "record", "stage", "since"],
)
def test_moves_and_the_record_agree(draft: Draft, harm, said: str):
    db.session.execute(harm())
    assert any(said in problem for problem in found()), found()


def test_everybody_reads_the_record_and_checks_it_alone(client, draft: Draft):
    page = client.get(f"/record?draft={draft.slug}&kind=move")
    text = plain_text(page.text)
    assert "6 entries" in text
    assert "from “Information” to “Consultation”" in text
    assert "Ana Lys" in text
    assert f'href="/drafts/{draft.slug}/versions/1"' in page.text
    assert "Nothing is recorded yet" in client.get(f"/record?draft={draft.slug}&kind=ballot").text
    assert f'href="/record?draft={draft.slug}"' in client.get(f"/drafts/{draft.slug}/workflow").text
    assert (
        f'href="/record?cycle={draft.theme.cycle.slug}"' in client.get(f"/cycles/{draft.theme.cycle.slug}/history").text
    )
    for unknown in ("draft=nope", "cycle=nope"):
        assert client.get(f"/record?{unknown}").status_code == 404
    # The file says all that is needed to count it again.
    lines = [json.loads(line) for line in client.get("/record.jsonl", buffered=True).text.splitlines()]
    assert len(lines) >= 6
    previous = ""
    for line in lines:
        names = ("number", "at", "kind", "subject_id", "cycle_id", "draft_id", "content")
        parts = [previous, *(str(line[name]) for name in names)]
        assert line["hash"] == hashlib.sha256("\n".join(parts).encode()).hexdigest()
        previous = line["hash"]


def test_what_is_being_written_is_not_told(client, draft: Draft):
    hidden = make_draft(title="Encore secret")
    draft.living_sections[1].title = "Titre à venir"
    db.session.commit()
    assert client.get(f"/record?draft={hidden.slug}").status_code == 404
    page = client.get("/record").text + client.get("/record.jsonl", buffered=True).text
    assert "Ouvrir le soir" in page
    assert "Titre à venir" not in page
