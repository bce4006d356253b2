"""A recommendation goes the whole way: from a document that comes in, over all stages, to what becomes of it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import whole_way as way
from tests.journeys import whole_way_decided as decided
from tests.journeys.browsers import PHONE
from tests.journeys.pictures import picture
from tests.journeys.serving import ROOT, ShiftedServer
from tests.journeys.test_chain import comment, open_marked, publish
from tests.journeys.test_keyboard import STEADY

pytestmark = pytest.mark.browser

QUESTION = "Adoptons-nous cette recommandation telle qu’elle est ?"
WHAT = "Une rencontre par trimestre dans une antenne"
NEWCOMER = "lise.aubry@demo.example"


@pytest.fixture
def server(demo_folder: Path, tmp_path: Path) -> Iterator[ShiftedServer]:
    """A site of its own, whose clock can be put forward."""
    server = ShiftedServer(shutil.copytree(demo_folder, tmp_path / "site" / "data"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def site(server: ShiftedServer):
    """The site that is served."""
    return server.site


def test_a_recommendation_goes_the_whole_way(server, site, sign_in, open_context, tmp_path):
    source = way.document(tmp_path)
    leader = sign_in("facilitator", **STEADY)
    member = sign_in("member", **PHONE, **STEADY)
    newcomer = open_context(**STEADY).new_page()

    draft, slug = way.bring_in(leader, source, "Une entreprise partagée, est-ce réaliste ?")
    draft = f"/{draft}"
    way.invite(leader, newcomer, site, NEWCOMER, "Lise Aubry")
    way.write_together(leader, newcomer, draft, slug, source.written)
    assert publish(leader, draft, "Premier état") == 1
    remark, amendment = _people_shape_it(server, site, leader, member, sign_in, open_context, draft, source)
    ballots = _all_decide(server, leader, member, newcomer, draft, slug, source)
    commitment = _the_board_answers(server, leader, member, sign_in, draft, source.recommendation)
    _a_visitor_sees_it_all(open_context, draft, slug, source, remark, amendment, ballots, commitment)
    checked = subprocess.run(
        [sys.executable, "-m", "tests.journeys.shifted_server", "check"],
        cwd=ROOT, env=server.environment() | {"SIP_DATA": str(server.data)}, capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _people_shape_it(server, site, leader, member, sign_in, open_context, draft, source):
    way.ask(member, draft, source.asked, "Est-ce déjà le cas quelque part ?")
    way.answer_all(leader, draft, "information", [("Est-ce déjà le cas", "answered", "À Rennes, depuis un an.")])
    way.move(leader, draft, "information", "consultation")
    server.let_pass(timedelta(days=6))

    guest, moderator = open_context(**PHONE, **STEADY).new_page(), sign_in("steering", **STEADY)
    way.comment_as_guest(guest, moderator, site, draft, source.remarked, "Même de loin, on y gagnerait.")
    remark = comment(member, draft, source.passage, "On peut le dire sans ce ton de reproche.")
    answers = [
        ("Même de loin", "taken_up", "Merci ! Le texte le dit en effet."),
        ("sans ce ton", "partly", "Proposez-nous vos mots."),
    ]
    way.answer_all(leader, draft, "consultation", answers)
    way.move(leader, draft, "consultation", "concertation")
    server.let_pass(timedelta(days=6))

    open_marked(member, draft)
    first = way.amend(member, remark, source.passage, source.proposed, "C’est plus doux.")
    neighbour = sign_in("admin", **PHONE, **STEADY)
    second = way.amend_words(neighbour, draft, source.doubted, "autrement", "On ne saurait pas les organiser.")
    way.answer_amendment(leader, draft, first, "accept", "C’est mieux dit.")
    way.answer_amendment(leader, draft, second, "decline", "Nous savons faire : cela s’est fait à Gand.")
    assert publish(leader, draft, "Après la concertation") == 2
    way.move(leader, draft, "concertation", "codecision")
    return remark, first


def _all_decide(server, leader, member, newcomer, draft, slug, source):
    ballot = decided.call_ballot(leader, draft, slug, QUESTION)
    decided.vote(leader, QUESTION, "consent")
    decided.vote(newcomer, QUESTION, "reservations", "Pourvu que cela reste simple.")
    decided.vote(member, QUESTION, "objection", "Rien ne dit qui décide à la fin.")
    decided.wait_for_result(member, server, ballot, is_adopted=False)

    added = f"{source.proposed} Chaque antenne dit qui décide."
    decided.integrate(leader, draft, slug, ballot, source.proposed, added, "C’est écrit maintenant.")
    assert publish(leader, draft, "Avec l’objection intégrée") == 3
    again = decided.run_next_round(leader, ballot, "Le texte dit qui décide.")
    decided.vote(member, QUESTION, "consent")
    decided.vote(leader, QUESTION, "consent")
    decided.wait_for_result(member, server, again, is_adopted=True)
    return ballot, again


def _the_board_answers(server, leader, member, sign_in, draft, title):
    decided.hand_over(leader, draft, title)
    server.let_pass(timedelta(days=3))
    board, referent = sign_in("board", **STEADY), sign_in("referent", **STEADY)
    decided.ask_group(
        board, leader, title, "Combien cela coûterait-il ?", "Deux jours de travail par antenne et par an."
    )
    decided.propose_answer(board, title, "Nous commençons par une antenne, faute de budget.")
    decided.sign_and_publish(referent, title)
    commitment = decided.commit(referent, WHAT, "Véronique Marchal", "2027-06-30")
    decided.report(board, commitment, "La première rencontre a eu lieu à Rennes.")
    return commitment


def _a_visitor_sees_it_all(open_context, draft, slug, source, remark, amendment, ballots, commitment):
    for options in ({}, PHONE):
        page = open_context(**STEADY, **options).new_page()
        page.goto(f"{draft}/{slug}")
        expect(page.locator("#document")).to_contain_text(source.proposed)
        answer = page.locator("#board")
        expect(answer.locator(".board-answer.is-partly")).to_contain_text("faute de budget")
        expect(answer).to_contain_text(WHAT)
        expect(page.locator("#ballots .ballot-card")).to_have_count(2)
        picture(page, "the-whole-life-of-it")
        page.goto("/cycles/2026")
        page.locator("main a[href='/cycles/2026/outcomes']").first.click()
        expect(page.locator(".outcome-table")).to_contain_text(re.compile(source.recommendation))
        picture(page, "what-became-of-it")
        page.goto(f"{draft}/workflow")
        page.locator("main a[href*='/record']").last.click()
        page.select_option("select[name=kind]", "ballot")
        page.locator("form.filters button").click()
        page.wait_for_url(re.compile("kind=ballot"))
        entries = page.locator(".record > li")
        expect(entries.filter(has_text=QUESTION)).to_have_count(2)
        picture(page, "the-record")
