"""Reading, comparing, and pages at scale."""

import gzip
import json
import random
import re
import tempfile
import time
from pathlib import Path

from flask import Flask

from bench.report import Report
from bench.server import Served, interleaved, serving
from sip import demo
from sip.app import create_app
from sip.config import Settings
from sip.core.db import db, transaction
from sip.drafts import queries
from sip.drafts.actions import versions
from sip.drafts.actions.documents import NewSection, import_document
from sip.drafts.actions.text import replace_body
from sip.drafts.comparing import comparison_of
from sip.drafts.models import Draft, SectionKind
from sip.people.models import Person
from tests.helpers import count_queries, token_of

BROWSER = {"Accept_Encoding": "gzip, deflate, br", "Accept_Language": "fr"}
SECRET = "bench" * 16


def run(report: Report) -> None:
    """Print a line per goal of the reading pages."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        app = _prepared(data)
        _reading(report, data)
        _queries(report, app)
        _comparing(report, app)
        _scale(report, app, data)


def _app(data: Path) -> Flask:
    return create_app(Settings(data=data, secret_key=SECRET))


def _prepared(data: Path) -> Flask:
    """The demo, and two documents of random French-looking words: 40 sections and 200 KB, 5 sections and 25 KB."""
    app = _app(data)
    with app.app_context():
        db.create_all()
        demo.load(data)
        actor = db.session.scalars(db.select(Person).where(Person.email == f"facilitator@{demo.DOMAIN}")).one()
        for slug, sections in (("long", 40), ("short", 5)):
            _document(actor, slug, sections)
    return app


def _document(actor: Person, title: str, sections: int) -> None:
    chance = random.Random(title)
    source = db.session.scalars(db.select(Draft).where(Draft.slug == "information-et-gouvernance")).one()
    with transaction():
        draft = import_document(
            actor,
            source.theme,
            title,
            source.groups,
            [NewSection(f"Section {n}", SectionKind.RECOMMENDATION, _text(chance, 5_000)) for n in range(sections)],
        )
        version = versions.freeze_version(actor, draft, "Mesure")
        versions.publish_version(actor, version)


def _text(chance: random.Random, length: int) -> str:
    sentence = "les coopérateur·rices décident ensemble d’un budget pour chaque antenne et **rendent compte** à tou·tes"
    words = sentence.split()
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < length:
        if len(paragraphs) % 6 == 2:
            paragraphs.append(f"### Mesure {chance.randrange(10**6)}")
        paragraphs.append(" ".join(chance.choices(words, k=chance.randrange(40, 90))) + ".")
    return "\n\n".join(paragraphs)[:length]


def _reading(report: Report, data: Path) -> None:
    member = {**BROWSER, "Cookie": _cookie_of(data, "member")}
    with serving("wsgi:app", SIP_DATA=str(data), SIP_SECRET_KEY=SECRET) as ours:
        report.at_most("pages.reading_cpu_ratio", against_bare(ours, "/drafts/long", BROWSER), 2)
        report.at_most("pages.reading_member_cpu_ratio", against_bare(ours, "/drafts/long", member), 2)
        _weight(report, ours)


def against_bare(ours: Served, path: str, headers: dict[str, str]) -> float:
    """Return the CPU of a page over that of a bare Flask view that sends the same bytes."""
    status, answered, body = ours.get(path, **headers)
    assert status == 200, status
    kept = ("content-type", "content-encoding", "content-security-policy", "vary", "cache-control")
    with tempfile.TemporaryDirectory() as bare:
        (Path(bare) / "body").write_bytes(body)
        (Path(bare) / "headers.json").write_text(json.dumps({k: v for k, v in answered.items() if k in kept}))
        with serving("bench.bare:app", BARE_FOLDER=bare) as baseline:
            cost, base = interleaved(6, 300, (ours, path, headers), (baseline, "/", headers))
    return cost / base


def _weight(report: Report, ours) -> None:  # type: ignore[no-untyped-def]
    _status, _headers, page = ours.get("/drafts/long", Accept_Language="fr")
    html = page.decode()
    shell = re.sub(r'<section class="doc-section.*</section>', "", html, flags=re.DOTALL)
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', html)
    weight = len(gzip.compress(shell.encode())) + sum(
        len(gzip.compress(ours.get(path)[2])) for path in {*styles, *scripts}
    )
    report.at_most("pages.weight_without_text", weight / 1000, 60, "kB")
    report.at_most("pages.style_sheets", len(styles), 1)
    report.at_most("pages.scripts", len(scripts), 2)


def _queries(report: Report, app: Flask) -> None:
    counts = {}
    for slug in ("short", "long"):
        with app.app_context(), count_queries() as statements:
            assert app.test_client().get(f"/drafts/{slug}").status_code == 200
        counts[slug] = len(statements)
    report.at_most("pages.queries_40_sections_against_5", counts["long"] / counts["short"], 1)


def _comparing(report: Report, app: Flask) -> None:
    chance = random.Random(7)
    with app.app_context():
        with transaction():
            actor = db.session.scalars(db.select(Person).where(Person.email == f"facilitator@{demo.DOMAIN}")).one()
            draft = queries.live_draft("long")
            for section in draft.living_sections:
                words = section.body.split(" ")
                for _ in range(3 if section.position % 2 else 2):
                    words[chance.randrange(len(words))] = "changement"
                replace_body(actor, section, " ".join(words), origin="form")
            versions.freeze_version(actor, draft, "Mesure 2")
        with transaction():
            # Freezing has stored it already; this measures what the first comparison of any other two would cost.
            db.session.execute(db.text("DELETE FROM comparisons"))
        old, new = (queries.version_by_number("long", number) for number in (1, 2))
        start = time.process_time()
        comparison_of(old, new)
        first = time.process_time() - start
        report.at_most("pages.compare_cpu_first_time", first, 0.5, "s")
        old, new = (queries.version_by_number("long", number) for number in (1, 2))
        start = time.process_time()
        comparison_of(old, new)
        report.at_most("pages.compare_again_against_first", (time.process_time() - start) / first, 0.2)


def _scale(report: Report, app: Flask, small: Path) -> None:
    """The same pages with few and with many members and drafts."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder)
        with _app(large).app_context():
            db.create_all()
            demo.load(large)
            demo.scale(50_000, 1_000)
        with app.app_context():
            demo.scale(50, 10)
        cookie = {}
        for data in (small, large):
            cookie[data] = _cookie_of(data, "admin")
        pages = ("/", "/drafts", "/groups", "/cycles/2026", "/groups/rennes", "/people", "/people?q=m")
        with (
            serving("wsgi:app", SIP_DATA=str(small), SIP_SECRET_KEY=SECRET) as few,
            serving("wsgi:app", SIP_DATA=str(large), SIP_SECRET_KEY=SECRET) as many,
        ):
            for page in pages:
                headers = {"Accept_Language": "fr"}
                with_few, with_many = interleaved(
                    5,
                    60,
                    (few, page, {**headers, "Cookie": cookie[small]}),
                    (many, page, {**headers, "Cookie": cookie[large]}),
                )
                name = re.sub(r"\W+", "_", page).strip("_") or "home"
                report.at_most(f"pages.scale_{name}", with_many / with_few, 1.2)


def _cookie_of(data: Path, who: str) -> str:
    """Return the session cookie of a demo person who has signed in and read a page, as a browser sends it back."""
    client = _app(data).test_client()
    form = {"email": f"{who}@{demo.DOMAIN}", "password": demo.demo_of(data).password}
    answer = client.post("/sign-in", data={**form, "csrf_token": token_of(client.get("/sign-in"))})
    assert answer.status_code == 303, answer.status_code
    assert client.get("/drafts").status_code == 200
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"session={cookie.value}"
