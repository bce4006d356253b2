"""What the live bench writes in: fifty people of a group, empty drafts, and long ones with many edits."""

import random
from functools import cache
from pathlib import Path

import pycrdt
from sqlalchemy import insert

from bench.live_client import Place
from bench.live_servers import sign_in
from sip import demo, migrating
from sip.app import create_app
from sip.config import load_settings
from sip.core import clock
from sip.core.db import db, transaction
from sip.drafts.actions.documents import new_draft, write_texts
from sip.drafts.actions.text import take_snapshot
from sip.drafts.models import Draft, DraftUpdate, Section, SectionKind
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.people.models import Person
from sip.people.passwords import hash_password

PEOPLE = 50
COPIES = 3  # of the drafts that are opened from cold
KEY = "text"
EDITS = 50_000
_SINCE = 100  # edits since the last snapshot
_PASSWORD = "mesurer-sans-deviner"


def prepare(data: Path) -> None:
    """Fill a data folder: the demo, and what is written in."""
    app = create_app(load_settings({}, data=data))
    with app.app_context():
        with migrating.alone(app):
            migrating.migrate()
        demo.load(data)
        with transaction():
            group = db.session.scalars(db.select(WorkingGroup).order_by(WorkingGroup.id)).first()
            assert group
            _add_people(group)
            for people in (10, 200, 500):
                for turn in range(3):
                    _add_draft(group, f"people-{people}-{turn}", "")
            for number in range(100):
                _add_draft(group, f"many-{number}", "")
            _add_draft(group, "pages", "")
            text, edits = long_history()
            for slug in ("long", *(f"edited-{number}" for number in range(COPIES))):
                _add_long(group, slug, text, edits)
            for number in range(COPIES):
                _add_draft(group, f"plain-{number}", text)
        db.session.remove()
        db.engine.dispose()


def _add_people(group: WorkingGroup) -> None:
    hashed = hash_password(_PASSWORD)
    for number in range(PEOPLE):
        person = Person(
            email=_email(number),
            name=f"Personne {number}",
            name_key=f"personne {number}",
            language="fr",
            created_at=clock.now(),
            joined_at=clock.now(),
            password_hash=hashed,
        )
        db.session.add(person)
        db.session.add(
            Membership(
                group=group,
                person=person,
                state=MembershipState.ACTIVE,
                role=GroupRole.PARTICIPANT,
                since=clock.now(),
            )
        )


def _email(number: int) -> str:
    return f"mesure{number}@{demo.DOMAIN}"


def _add_draft(group: WorkingGroup, slug: str, text: str) -> Draft:
    draft = new_draft(group.theme, slug, [group], "fr", slug=slug)
    section = Section(
        draft=draft, key=KEY, slug="texte", title="Texte", kind=SectionKind.PROSE, position=1, changed_at=clock.now()
    )
    write_texts(draft, [(section, text)])
    return draft


def _add_long(group: WorkingGroup, slug: str, text: str, edits: list[bytes]) -> None:
    draft = _add_draft(group, slug, "")
    rows = [{"draft_id": draft.id, "origin": "form", "at": clock.now(), "data": update} for update in edits]
    db.session.execute(insert(DraftUpdate), rows[:-_SINCE])
    take_snapshot(draft)
    db.session.execute(insert(DraftUpdate), rows[-_SINCE:])
    section = draft.sections[0]
    section.body = text
    section.authorship = [[None, len(text)]]


@cache
def long_history(key: str = KEY) -> tuple[str, list[bytes]]:
    """Return a text of some 175,000 characters and the EDITS small updates that made it, always the same."""
    chance = random.Random(50)
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=50)
    shared = document.get(key, type=pycrdt.Text)
    made: list[bytes] = []
    subscription = document.observe(lambda event: made.append(event.update))
    words = ["les", "membres", "decident", "ensemble", "un", "budget", "pour", "chaque", "antenne", "et", "rendent"]
    size = at = 0
    for number in range(EDITS):
        if number % 25 == 0:
            at = chance.randrange(size + 1)
        if chance.random() < 0.2 and at > 8:
            del shared[at - 3 : at]
            at, size = at - 3, size - 3
        else:
            word = chance.choice(words)[:4].ljust(4) + (" " if chance.random() < 0.9 else "\n\n")
            shared.insert(at, word)
            at, size = at + len(word), size + len(word)
    document.unobserve(subscription)
    return str(shared), made


def long_state() -> bytes:
    """Return the same history as one update, of the text that peers call `content`."""
    document: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
    with document.transaction():
        for update in long_history("content")[1]:
            document.apply_update(update)
    return document.get_update()


def sign_everybody_in(port: int) -> list[str]:
    """Sign all people in through the page; returns their cookies."""
    return [sign_in(port, _email(number), _PASSWORD) for number in range(PEOPLE)]


def place(port: int, cookies: list[str], slug: str, number: int) -> Place:
    """Return where person `number` writes in a draft."""
    cookie = cookies[number % len(cookies)]
    return Place(f"ws://127.0.0.1:{port}/drafts/{slug}/live/socket", slug, KEY, (("Cookie", cookie),))
