"""Ballots: counting fifty thousand votes, votes from several clients at once, and the page of a cycle."""

import http.client
import random
import re
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, insert, select

from bench.pages import BROWSER, SECRET, against_bare
from bench.report import Report
from bench.server import Served, serving
from sip import demo
from sip.app import create_app
from sip.ballots import checking, codes, queries, tally
from sip.ballots.actions import closing, opening
from sip.ballots.actions.closing import packed
from sip.ballots.actions.planning import MAX_ALTERNATIVES, Plan, plan
from sip.ballots.models import Ballot, Electorate, Method, RollEntry, Secrecy, Turnout, Urn, Vote
from sip.config import Settings
from sip.core import clock
from sip.core.db import db, transaction
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.drafts.actions.documents import NewSection, import_document
from sip.drafts.models import Draft, SectionKind, Version
from sip.people.models import Person
from tests.helpers import sign_in_as, token_of

VOTES = 50_000
CAST = 400  # through HTTP, each by another person
CLIENTS = 8
_AGAIN = 5  # every so many votes one is sent twice, as by a double click
_SLUG = "mis-aux-voix"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "fr"}
_KINDS = (
    (Method.CONSENT, Secrecy.OPEN),
    (Method.MAJORITY, Secrecy.OPEN),
    (Method.MAJORITY, Secrecy.SECRET),
    (Method.RANKING, Secrecy.OPEN),
    (Method.RANKING, Secrecy.SECRET),
)


def run(report: Report) -> None:
    """Print a line per goal of ballots."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        app = create_app(Settings(data=data, secret_key=SECRET))
        with app.app_context():
            _prepare(data)
            for method, secrecy in _KINDS:
                _counting(report, method, secrecy)
        with serving("wsgi:app", workers=2, SIP_DATA=str(data), SIP_SECRET_KEY=SECRET) as served:
            for secrecy in Secrecy:
                _casting(report, app, served, secrecy)
        with serving("wsgi:app", SIP_DATA=str(data), SIP_SECRET_KEY=SECRET) as served:
            report.at_most("ballots.cycle_page_cpu_ratio", against_bare(served, "/cycles/2026", BROWSER), 2)


def _prepare(data: Path) -> None:
    """The demo with many members, and a document at the stage of codecision."""
    db.create_all()
    demo.load(data)
    demo.scale(VOTES, 0)
    with transaction():
        actor = _facilitator()
        source = db.session.scalars(select(Draft).where(Draft.slug == "information-et-gouvernance")).one()
        sections = [NewSection("Une recommandation", SectionKind.RECOMMENDATION, "Un texte que l’on vote.")]
        draft = import_document(actor, source.theme, _SLUG, source.groups, sections)
        versions.publish_version(actor, versions.freeze_version(actor, draft, "Mesure"))
        for section in draft.sections:
            section.stage = Stage.CODECISION


def _facilitator() -> Person:
    return db.session.scalars(select(Person).where(Person.email == f"facilitator@{demo.DOMAIN}")).one()


def _open(method: Method, secrecy: Secrecy) -> Ballot:
    """Put a question to all members, from now on."""
    draft = db.session.scalars(select(Draft).where(Draft.slug == _SLUG)).one()
    version = db.session.scalars(select(Version).where(Version.draft_id == draft.id)).one()
    asked = Plan(
        question="Qu’en dites-vous ?",
        method=method,
        secrecy=secrecy,
        electorate=Electorate.MEMBERS,
        closes_at=clock.now() + timedelta(days=2),
        alternatives=[(f"Option {number}", "") for number in range(1, MAX_ALTERNATIVES + 1)],
    )
    return plan(_facilitator(), draft, draft.living_sections, version, asked)


def _counting(report: Report, method: Method, secrecy: Secrecy) -> None:
    """Open a ballot with everybody on its roll, let them all vote, and close it."""
    kind = f"{method.value}_{secrecy.value}"
    with transaction():
        begun = time.process_time()
        number = _open(method, secrecy).id
        opened = time.process_time() - begun
    if method is Method.CONSENT:
        report.at_most("ballots.opening_for_50000_cpu", opened, 5, "s")
    with transaction():
        _let_all_vote(queries.ballot_by_id(number))
    ballot = queries.ballot_by_id(number)
    begun = time.process_time()
    queries.count(ballot)
    report.at_most(f"ballots.count_50000_cpu_{kind}", time.process_time() - begun, 2, "s")
    with transaction(), clock.at(ballot.closes_at):
        begun = time.process_time()
        closing.close_due(number)
        report.at_most(f"ballots.close_50000_cpu_{kind}", time.process_time() - begun, 2, "s")
    report.at_most(f"ballots.problems_{kind}", len(list(checking.problems())), 0)


def _let_all_vote(ballot: Ballot) -> None:
    """Write everybody's vote, past the actions, which would take long."""
    chance = random.Random(3)
    voters = list(db.session.scalars(select(RollEntry.person_id).where(RollEntry.ballot_id == ballot.id)))
    choose = _chooser(ballot, chance)
    db.session.execute(insert(Turnout), [{"ballot_id": ballot.id, "person_id": each} for each in voters])
    choices = [choose() for _ in voters]
    if ballot.is_secret:
        rows: list[list[list[str]]] = [[] for _ in range(opening.urns(ballot))]
        for choice in choices:
            chance.choice(rows).append([codes.new_code(), choice])
        db.session.execute(
            Urn.__table__.delete().where(Urn.ballot_id == ballot.id)  # type: ignore[attr-defined]
        )
        values = [
            {"ballot_id": ballot.id, "number": place, "votes": packed(sorted(row))} for place, row in enumerate(rows)
        ]
        db.session.execute(insert(Urn), values)
    else:
        now = clock.now()
        common = {"ballot_id": ballot.id, "opinion": "", "is_minority": False, "at": now, "changed_at": now}
        pairs = zip(voters, choices, strict=True)
        db.session.execute(insert(Vote), [{**common, "person_id": voter, "choice": choice} for voter, choice in pairs])
    ballot.voted = len(voters)


def _chooser(ballot: Ballot, chance: random.Random) -> Callable[[], str]:
    if ballot.method != Method.RANKING:
        answers = [each.value for each in tally.CHOICES[Method(ballot.method)]]
        return lambda: chance.choice(answers)
    numbers = queries.numbers_of(ballot)
    return lambda: ",".join(map(str, chance.sample(numbers, len(numbers))))


# Casting


class _Client(threading.Thread):
    """Somebody at a counter: casts the votes of several people, one after the other, some of them twice."""

    def __init__(self, served: Served, number: int, voters: list[tuple[str, str]], *, is_secret: bool) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        self.path, self.voters, self.is_secret = f"/ballots/{number}/vote", voters, is_secret
        self.cast = 0

        self.forms = [self._form(place, cookie, token) for place, (cookie, token) in enumerate(voters)]

    def _form(self, place: int, cookie: str, token: str) -> dict[str, str]:
        """Return what the voter sends in the end; of a secret vote a page before that shows the receipt code."""
        fields = {"csrf_token": token, "choice": "for" if place % 3 else "against"}
        if self.is_secret:
            receipt = re.search(rb'name="receipt" value="([^"]+)"', self._post(cookie, fields, 200))
            assert receipt, "no receipt on the page"
            fields["receipt"] = receipt[1].decode()
        return fields

    def run(self) -> None:
        self.connection.close()  # it has rested since the forms were fetched, and opens again by itself
        for place, ((cookie, _token), fields) in enumerate(zip(self.voters, self.forms, strict=True)):
            for _ in range(2 if place % _AGAIN == 0 else 1):
                self._post(cookie, fields, 200 if self.is_secret else 303)
            self.cast += 1

    def _post(self, cookie: str, fields: dict[str, str], expected: int) -> bytes:
        self.connection.request("POST", self.path, urlencode(fields), {**_FORM, "Cookie": cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{self.path} answered {answer.status}")
        return body


def _casting(report: Report, app: Flask, served: Served, secrecy: Secrecy) -> None:
    """Let people vote from several clients at the same time; then look for their votes."""
    with app.app_context(), transaction():
        number = _open(Method.MAJORITY, secrecy).id
    voters = _voters(app, number)
    clients = [
        _Client(served, number, voters[place::CLIENTS], is_secret=secrecy is Secrecy.SECRET) for place in range(CLIENTS)
    ]
    begun, before = time.monotonic(), served.cpu()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    lasted, spent = time.monotonic() - begun, served.cpu() - before
    cast = sum(client.cast for client in clients)
    kind = secrecy.value
    report.at_least(f"ballots.votes_a_second_8_clients_{kind}", cast / lasted, 50)
    # On a machine that does other things too, the seconds above say little: two cores must have had time for 50 votes.
    report.at_most(f"ballots.vote_cpu_{kind}", spent / cast, 2 / 50, "s")
    with app.app_context():
        turnout = db.session.scalar(select(func.count()).where(Turnout.ballot_id == number)) or 0
        ballot = queries.ballot_by_id(number)
        found = queries.choices_of(ballot).total()
        report.at_most(f"ballots.lost_{kind}", CAST - min(cast, found, turnout, ballot.voted), 0)
        report.at_most(f"ballots.doubled_{kind}", max(found, turnout, ballot.voted) - CAST, 0)
        with transaction(), clock.at(ballot.closes_at):
            closing.close_due(number)
        report.at_most(f"ballots.problems_after_{kind}", len(list(checking.problems())), 0)


def _voters(app: Flask, number: int) -> list[tuple[str, str]]:
    """Return the cookie and the form's token of people who have the ballot before them."""
    with app.app_context():
        people = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(CAST)).all()
    found = []
    for person in people:
        client = sign_in_as(app.test_client(), person)
        token = token_of(client.get(f"/ballots/{number}"))
        cookie: Any = client.get_cookie("session")
        found.append((f"session={cookie.value}", token))
    return found
