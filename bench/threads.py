"""Discussions: reading a page that many talk about, posting from several clients at once, carrying passages."""

import http.client
import random
import re
import secrets
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import delete, select

from bench.pages import BROWSER, SECRET
from bench.report import Report
from bench.server import Served, interleaved, serving
from sip import demo
from sip.app import create_app
from sip.config import Settings
from sip.core.db import db, transaction
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.drafts.actions.documents import NewSection, import_document
from sip.drafts.actions.passages import carry_to
from sip.drafts.actions.text import replace_body
from sip.drafts.models import Draft, KeptPassage, PassagePlace, PlaceState, SectionKind, Version, VersionSection
from sip.drafts.passages import live_places, places_in
from sip.drafts.texts.readable import readable_text
from sip.people.models import Person
from sip.threads import checking
from sip.threads.actions.threads import open_thread
from sip.threads.models import Comment, Thread, ThreadKind
from tests.helpers import token_of

THREADS = 500
SECONDS = 10.0
_AGAIN = 5  # every so many posts one is sent twice, as by a double click
_QUIET, _BUSY = "sans-commentaires", "tres-commente"


def run(report: Report) -> None:
    """Print a line per goal of discussions."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        app = create_app(Settings(data=data, secret_key=SECRET))
        with app.app_context():
            _prepare(data)
        cookies = [_cookie_of(app, data, who) for who in ("member", "facilitator", "secretary", "participant")]
        with serving("wsgi:app", SIP_DATA=str(data), SIP_SECRET_KEY=SECRET) as served:
            _reading(report, served, cookies[0])
        with serving("wsgi:app", workers=2, SIP_DATA=str(data), SIP_SECRET_KEY=SECRET) as served:
            _posting(report, app, served, cookies)
        with app.app_context():
            _carrying(report)


def _prepare(data: Path) -> None:
    """The demo, and one text of 200 KB twice: about one of them many people talk."""
    db.create_all()
    demo.load(data)
    actor = _person("facilitator")
    chance = random.Random(5)
    sentence = "les coopérateur·rices décident ensemble d’un budget pour chaque antenne et rendent compte à tou·tes"
    words = sentence.split()
    texts = []
    for _ in range(40):
        paragraphs = (" ".join(chance.choices(words, k=60)).capitalize() + "." for _ in range(13))
        texts.append("\n\n".join(paragraphs)[:5_000])
    for slug in (_QUIET, _BUSY):
        with transaction():
            _publish(actor, slug, texts)
    with transaction():
        _talk(chance)


def _publish(actor: Person, slug: str, texts: list[str]) -> None:
    source = db.session.scalars(select(Draft).where(Draft.slug == "information-et-gouvernance")).one()
    sections = [NewSection(f"Section {n}", SectionKind.RECOMMENDATION, text) for n, text in enumerate(texts)]
    draft = import_document(actor, source.theme, slug, source.groups, sections)
    versions.publish_version(actor, versions.freeze_version(actor, draft, "Mesure"))
    for section in draft.sections:
        section.stage = Stage.CONSULTATION


def _talk(chance: random.Random) -> None:
    """Let a member begin all the threads, each on some words of some section."""
    draft, member = _draft(_BUSY), _person("member")
    version = db.session.scalars(select(Version).where(Version.draft_id == draft.id)).one()
    query = select(VersionSection.key, VersionSection.html).where(VersionSection.version_id == version.id)
    texts = [(row.key, readable_text(row.html)) for row in db.session.execute(query)]
    for number in range(THREADS):
        key, text = texts[number % len(texts)]
        start = chance.randrange(len(text) - 120)
        end = start + chance.randrange(20, 120)
        words = text[start:end]
        place: dict[str, Any] = {"version": version, "key": key, "start": start, "end": end, "words": words}
        open_thread(member, draft, chance.choice(list(ThreadKind)), f"Remarque {number}.", **place)


def _draft(slug: str) -> Draft:
    return db.session.scalars(select(Draft).where(Draft.slug == slug)).one()


def _person(who: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == f"{who}@{demo.DOMAIN}")).one()


def _cookie_of(app: Flask, data: Path, who: str) -> str:
    """Return the session cookie of somebody who has signed in."""
    client = app.test_client()
    form = {"email": f"{who}@{demo.DOMAIN}", "password": demo.demo_of(data).password}
    answer = client.post("/sign-in", data={**form, "csrf_token": token_of(client.get("/sign-in"))})
    assert answer.status_code == 303, (who, answer.status_code)
    assert client.get("/drafts").status_code == 200
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"session={cookie.value}"


def _reading(report: Report, served: Served, cookie: str) -> None:
    for name, headers in (("", BROWSER), ("_member", {**BROWSER, "Cookie": cookie})):
        busy, quiet = interleaved(6, 200, (served, f"/drafts/{_BUSY}", headers), (served, f"/drafts/{_QUIET}", headers))
        report.at_most(f"threads.reading_500_against_none{name}", busy / quiet, 1.5)
    marks = f"/drafts/{_BUSY}/discussion/marks?version=1"
    status, answered, _body = served.get(marks, **BROWSER)
    assert status == 200, status
    before = served.cpu()
    times = 400
    for _ in range(times):
        status, *_rest = served.get(marks, **BROWSER, If_None_Match=answered["etag"])
        assert status == 304, status
    report.at_most("threads.nothing_new_cpu_against_page", (served.cpu() - before) / times / quiet, 1.5)


class _Client(threading.Thread):
    """Somebody who posts replies to a few threads, one after the other, until the time is over."""

    def __init__(self, served: Served, cookie: str, threads: list[int], number: int) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        self.headers = {"Cookie": cookie, "Accept-Language": "fr"}
        self.threads, self.number, self.until = threads, number, 0.0
        self.posted: list[str] = []
        self.token = self._token()

    def _token(self) -> str:
        self.connection.request("GET", f"/threads/{self.threads[0]}", headers=self.headers)
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', self.connection.getresponse().read())
        assert found
        return found[1].decode()

    def run(self) -> None:
        while time.monotonic() < self.until:
            text = f"Réponse {self.number}-{len(self.posted)}."
            fields = {"csrf_token": self.token, "once": secrets.token_urlsafe(16), "text": text}
            thread = self.threads[len(self.posted) % len(self.threads)]
            for _ in range(2 if len(self.posted) % _AGAIN == 0 else 1):
                self._post(f"/threads/{thread}/reply", fields)
            self.posted.append(text)

    def _post(self, path: str, fields: dict[str, str]) -> None:
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urlencode(fields), headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"{path} answered {answer.status}")


class _Reader(threading.Thread):
    """Somebody who reads the page, with its marks, over and over."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        self.until, self.read = 0.0, 0

    def run(self) -> None:
        while time.monotonic() < self.until:
            for path in (f"/drafts/{_BUSY}", f"/drafts/{_BUSY}/discussion/marks?version=1"):
                self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
                answer = self.connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}")
            self.read += 1


def _posting(report: Report, app: Flask, served: Served, cookies: list[str]) -> None:
    """Post from several clients while somebody reads; then look for what was posted."""
    with app.app_context():
        ids = list(db.session.scalars(select(Thread.id).where(Thread.draft_id == _draft(_BUSY).id).limit(20)))
    reader = _Reader(served)
    clients = [_Client(served, cookie, ids, number) for number, cookie in enumerate(cookies)]
    begun, before = time.monotonic(), served.cpu()
    for each in (*clients, reader):
        each.until = begun + SECONDS
        each.start()
    for each in (*clients, reader):
        each.join()
    lasted = time.monotonic() - begun
    posted = [text for client in clients for text in client.posted]
    report.at_least("threads.posts_a_second_4_clients", len(posted) / lasted, 20)
    report.at_least("threads.pages_read_meanwhile_a_second", reader.read / lasted, 1)
    # On a machine that does other things too, the seconds above say little: two cores must have had time for 20 posts.
    report.at_most("threads.cpu_for_each_post_reading_included", (served.cpu() - before) / len(posted), 2 / 20, "s")
    with app.app_context():
        found = Counter(db.session.scalars(select(Comment.text).where(Comment.text.startswith("Réponse "))))
        report.at_most("threads.posts_lost", sum(1 for text in posted if text not in found), 0)
        report.at_most("threads.posts_doubled", sum(found.values()) - len(found), 0)
        report.at_most("threads.wrong_counts", len(list(checking.problems())), 0)


def _carrying(report: Report) -> None:
    """Change the text in a hundred places, freeze it, and carry all passages over; then ask for their places again."""
    with transaction():
        version = _edit_and_freeze()
    first = min(_carried_anew(version.id) for _ in range(3))  # other programs on the machine cost CPU here, too
    report.at_most("threads.carrying_500_passages_cpu", first, 0.3, "s")
    costs = []
    for _ in range(3):  # what was made before is sometimes swept in between
        begun = time.process_time()
        places = places_in(version.id)
        costs.append(time.process_time() - begun)
    report.at_most("threads.places_again_against_carrying", min(costs) / first, 0.1)
    lost = sum(1 for place in places.values() if place.state == PlaceState.OUTDATED)
    report.at_least("threads.passages_placed", len(places), THREADS)
    report.at_most("threads.passages_lost", lost, THREADS / 10)
    _carrying_live(report, first)


def _carried_anew(version_id: int) -> float:
    """Forget where the passages stand in a version, and return the CPU seconds of finding it again."""
    with transaction():
        db.session.execute(delete(PassagePlace).where(PassagePlace.version_id == version_id))
    with transaction():
        begun = time.process_time()
        carry_to(db.session.get_one(Version, version_id))
        return time.process_time() - begun


def _edit_and_freeze() -> Version:
    draft, actor, chance = _draft(_BUSY), _person("facilitator"), random.Random(7)
    for section in draft.living_sections:
        words = section.body.split(" ")
        for _ in range(3 if section.position % 2 else 2):
            words[chance.randrange(len(words))] = "changement"
        replace_body(actor, section, " ".join(words), origin="form")
    return versions.freeze_version(actor, draft, "Mesure 2")


def _carrying_live(report: Report, carrying: float) -> None:
    """The same in the text being written, which an editor asks for: once after a change, then again."""
    with transaction():
        draft = _draft(_BUSY)
        section = draft.living_sections[0]
        replace_body(_person("facilitator"), section, "Un début. " + section.body, origin="form")
    costs = []
    for _ in range(2):
        draft = _draft(_BUSY)
        ids = list(db.session.scalars(select(KeptPassage.id).where(KeptPassage.draft_id == draft.id)))
        begun = time.process_time()
        found = live_places(draft, ids)
        costs.append(time.process_time() - begun)
        assert len(found) == len(ids), len(found)
    report.at_most("threads.live_places_cpu", costs[0], 0.3, "s")
    report.at_most("threads.live_places_again_against_carrying", costs[1] / carrying, 0.1)
