"""The demo cycle: shipped documents and people whose addresses tell their role. Never part of a real installation."""

import random
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, insert, select

from sip import demo_amendments, demo_board, demo_decisions, demo_discussion, paths
from sip.core import clock, counts
from sip.core.db import db, transaction
from sip.core.outbox import Letter
from sip.cycles.models import Cycle, Office, SteeringSeat
from sip.drafts.models import Draft
from sip.drafts.queries import counts_of
from sip.exports.folder import import_folder
from sip.groups.models import GroupRole, Membership, MembershipState, WorkingGroup
from sip.people.import_actions import keys_of
from sip.people.models import Person, PersonRole, RoleGrant, SearchKey, Stakeholder
from sip.people.names import name_key, search_keys
from sip.people.passwords import hash_password
from sip.people.queries import office_count

PASSWORD_FILE = "demo-password.txt"
# Stands in the data folder while the demo is loaded, which takes several transactions.
_UNFINISHED = "demo-unfinished"
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Demo:
    """What to tell at the start: who can sign in (address, role in words) and with which password."""

    people: list[tuple[str, str]]
    password: str


# (address, name, role in words, roles that hold everywhere, role in the groups of the theme `comprendre`)
_PEOPLE: list[tuple[str, str, str, tuple[PersonRole, ...]]] = [
    ("facilitator", "Maëlle Kerdoncuff", "facilitator of the Rennes group", ()),
    ("secretary", "Youenn Le Goff", "secretary of the Rennes group", ()),
    ("referent", "Awa Diarra", "referent administrator, on the board", (PersonRole.BOARD_MEMBER,)),
    ("participant", "Soizic Prigent", "participant of the Rennes group", ()),
    ("member", "Tomasz Nowak", "member, in no group", ()),
    ("board", "Véronique Marchal", "on the board", (PersonRole.BOARD_MEMBER,)),
    ("steering", "Hugo Lambert", "on the cycle’s steering committee", ()),
    ("admin", "Camille Renard", "administrator of the site", (PersonRole.ADMINISTRATOR,)),
]

_RENNES_ROLES = {
    "facilitator": GroupRole.FACILITATOR,
    "secretary": GroupRole.SECRETARY,
    "referent": GroupRole.REFERENT,
    "participant": GroupRole.PARTICIPANT,
}

# The people of the other groups: facilitator, secretary, then participants. They have no password.
_GROUPS = {
    "gand": ["Lotte Vermeersch", "Bram De Smet", "Jeroen Claes", "Fatou Ndiaye"],
    "lille": ["Nadia Benkhelifa", "Thibault Vanacker", "Ophélie Wattrelot", "Karim Saïdi"],
    "liege": ["Samuel Dethier", "Aïcha Ouali", "Colette Jadot"],
    "lyon": ["Nadia Ferhat", "Bastien Rouvière", "Monique Vauzelle", "Étienne Gros"],
    "montpellier": ["Idriss Kaba", "Solène Arcas", "Paul Estève"],
    "bruxelles": ["Hind Belkacem", "Pieter Claes", "Mieke Dewulf", "Samir Ouali"],
    "lyon-numerique": ["Joachim Ferrand", "Lucie Traoré", "Renaud Pasquier"],
}
# The groups of the cycle before, in which many of the same people work.
_EARLIER_GROUPS = {
    "apprendre-liege": ["Samuel Dethier", "Aïcha Ouali", "Colette Jadot"],
    "lieux-et-trajets": [
        "Maëlle Kerdoncuff",
        "Youenn Le Goff",
        "Soizic Prigent",
        "Karim Saïdi",
        "Fatou Ndiaye",
        "Ophélie Wattrelot",
        "Thibault Vanacker",
        "Étienne Gros",
    ],
}
_REFERENTS = {
    "gand": "Ines Haddad",
    "lille": "Ingrid Delattre",
    "liege": "Bernadette Lejeune",
    "bruxelles": "Véronique Marchal",
    "apprendre-liege": "Bernadette Lejeune",
    "lieux-et-trajets": "Awa Diarra",
}


class HalfLoaded(Exception):
    """A demo whose loading was stopped half-way; the text says what to do, in one line."""


def is_wanted(data: Path) -> bool:
    """Say whether nobody and nothing is there yet; raises HalfLoaded."""
    is_empty = db.session.scalar(select(Person.id).limit(1)) is None and db.session.scalar(select(Cycle.id)) is None
    if not is_empty and (data / _UNFINISHED).exists():
        elsewhere = "" if db.session.get_bind().dialect.name == "sqlite" else " and empty the database"
        raise HalfLoaded(f"the demo was not loaded to its end; remove {data}{elsewhere}, then start again")
    return is_empty


def load(data: Path) -> Demo:
    """Store the demo cycle, its people and what they say; the password is kept in the data folder."""
    (data / _UNFINISHED).touch()
    password = _kept_password(data)
    with transaction():
        import_folder(paths.DEMO_DRAFTS)
        rennes = db.session.scalars(select(WorkingGroup).where(WorkingGroup.slug == "rennes")).one()
        people = {}
        hashed = hash_password(password)
        for address, name, _words, roles in _PEOPLE:
            people[address] = _person(name, f"{address}@{DOMAIN}", roles, rennes.offices[0], hashed)
        for address, role in _RENNES_ROLES.items():
            _join(people[address], rennes, role)
        for cycle in db.session.scalars(select(Cycle)):
            db.session.add(SteeringSeat(cycle_id=cycle.id, person_id=people["steering"].id))
        known = {person.name: person for person in people.values()}
        _fill(_GROUPS, known)
        with clock.at(datetime(2025, 12, 1, 17, tzinfo=UTC)):
            _fill(_EARLIER_GROUPS, known)
    demo_discussion.load()
    demo_amendments.load()
    with transaction():
        everybody = {person.name: person for person in db.session.scalars(select(Person))}
        demo_decisions.tell([*demo_decisions.stories(everybody), *demo_board.stories(everybody)])
        # Nobody of the demo waits for letters about days gone by.
        db.session.execute(delete(Letter))
    (data / _UNFINISHED).unlink()
    return demo_of(data)


def demo_of(data: Path) -> Demo:
    """Return what to tell of a demo that was loaded before; raises FileNotFoundError where none was."""
    password = (data / PASSWORD_FILE).read_text(encoding="ascii").strip()
    return Demo([(f"{address}@{DOMAIN}", words) for address, _name, words, _roles in _PEOPLE], password)


def scale(members: int, drafts: int) -> None:
    """Add many members, and copies of a published document, to measure with; seeded, so always the same."""
    chance = random.Random(2026)  # noqa: S311 - names to measure with, no secrets
    with transaction():
        _add_members(members, chance)
        _add_drafts(drafts)


def _add_members(number: int, chance: random.Random) -> None:
    offices = list(db.session.scalars(select(Office.id)))
    first = ["Alix", "Bruno", "Chloé", "Djibril", "Élise", "Farid", "Greet", "Hanne", "Inès", "Joris"]
    last = ["Martin", "Peeters", "Dubois", "Janssens", "Moreau", "Maes", "Laurent", "Jacobs", "Simon", "Diallo"]
    start = counts.read("people")
    rows = []
    for index in range(start, start + number):
        name = f"{chance.choice(first)} {chance.choice(last)} {index}"
        rows.append(
            {
                "email": f"membre{index}@{DOMAIN}",
                "name": name,
                "name_key": name_key(name),
                "office_id": chance.choice(offices) if offices else None,
                "stakeholder": chance.choice(list(Stakeholder)),
                "language": chance.choice(["fr", "fr", "nl"]),
                "created_at": clock.now(),
                "joined_at": clock.now(),
                "session_epoch": 0,
            }
        )
    if not rows:
        return
    added = db.session.execute(insert(Person).returning(Person.id, Person.name, Person.email), rows)
    db.session.execute(insert(SearchKey), keys_of(added))
    counts.add("people", number)
    homes: list[int | None] = [row["office_id"] for row in rows]  # type: ignore[misc]
    for office_id, people in Counter(homes).items():
        counts.add(office_count(office_id), people)


def _add_drafts(number: int) -> None:
    source = db.session.scalars(select(Draft).where(Draft.published_number.is_not(None)).order_by(Draft.id)).first()
    if source is None:
        return
    rows = [
        {
            "slug": f"{source.slug[:40]}-copie-{index}",
            "theme_id": source.theme_id,
            "cycle_id": source.cycle_id,
            "listed_at": source.listed_at,
            "title": f"{source.title[:150]} ({index})",
            "language": source.language,
            "created_at": source.created_at,
            "changed_at": source.changed_at,
            "published_at": source.published_at,
            "published_number": source.published_number,
            "latest_number": source.latest_number,
        }
        for index in range(counts.read("drafts"), counts.read("drafts") + number)
    ]
    if not rows:
        return
    db.session.execute(insert(Draft), rows)
    for name in ("drafts", *counts_of(source.cycle_id, source.theme_id)):
        counts.add(name, number)


def _fill(groups: dict[str, list[str]], known: dict[str, Person]) -> None:
    """Let people join groups; those whose names are not `known` are added."""
    for slug, names in groups.items():
        group = db.session.scalars(select(WorkingGroup).where(WorkingGroup.slug == slug)).one()
        roles = [GroupRole.FACILITATOR, GroupRole.SECRETARY, *[GroupRole.PARTICIPANT] * len(names)]
        for name, role in zip(names, roles, strict=False):
            _join(_known(name, group, known), group, role)
        if slug in _REFERENTS:
            _join(_known(_REFERENTS[slug], group, known, (PersonRole.BOARD_MEMBER,)), group, GroupRole.REFERENT)


def _known(name: str, group: WorkingGroup, known: dict[str, Person], roles: tuple[PersonRole, ...] = ()) -> Person:
    if name not in known:
        address = name_key(name).replace(" ", ".") + f"@{DOMAIN}"
        known[name] = _person(name, address, roles, group.offices[0], None)
    return known[name]


def _person(name: str, email: str, roles: tuple[PersonRole, ...], office: Office, password_hash: str | None) -> Person:
    person = Person(
        email=email,
        name=name,
        name_key=name_key(name),
        password_hash=password_hash,
        office_id=office.id,
        stakeholder=Stakeholder.WORKER,
        language="fr",
        created_at=clock.now(),
        joined_at=clock.now(),
        grants=[RoleGrant(role=role) for role in roles],
        search_keys=[SearchKey(key=key) for key in search_keys(name, email)],
    )
    db.session.add(person)
    counts.add("people")
    counts.add(office_count(office.id))
    db.session.flush()
    return person


def _join(person: Person, group: WorkingGroup, role: GroupRole) -> None:
    group.memberships.append(Membership(person=person, role=role, state=MembershipState.ACTIVE, since=clock.now()))


def _kept_password(data: Path) -> str:
    """Make the demo's one password: easy to type, different on every machine."""
    words = ["antenne", "atelier", "boussole", "coquelicot", "fanfare", "jardin", "marelle", "passerelle", "rivage"]
    password = "-".join(secrets.choice(words) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
    (data / PASSWORD_FILE).write_text(password + "\n", encoding="ascii")
    return password
