"""A recommendation goes the whole way: from a document that comes in, over all stages, to what becomes of it."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.journeys import whole_way as way
from tests.journeys.browsers import PHONE
from tests.journeys.serving import ShiftedServer
from tests.journeys.test_chain import publish
from tests.journeys.test_keyboard import STEADY

pytestmark = pytest.mark.browser

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
    _people_ask_and_comment(server, site, leader, member, sign_in, open_context, draft, source)


def _people_ask_and_comment(server, site, leader, member, sign_in, open_context, draft, source):
    way.ask(member, draft, source.asked, "Est-ce déjà le cas quelque part ?")
    way.answer_all(leader, draft, "information", [("Est-ce déjà le cas", "answered", "À Rennes, depuis un an.")])
    way.move(leader, draft, "information", "consultation")
    server.let_pass(timedelta(days=6))

    guest, moderator = open_context(**PHONE, **STEADY).new_page(), sign_in("steering", **STEADY)
    way.comment_as_guest(guest, moderator, site, draft, source.remarked, "Même de loin, on y gagnerait.")
    remark = way.comment(member, draft, source.passage, "On peut le dire sans ce ton de reproche.")
    answers = [
        ("Même de loin", "taken_up", "Merci ! Le texte le dit en effet."),
        ("sans ce ton", "partly", "Proposez-nous vos mots."),
    ]
    way.answer_all(leader, draft, "consultation", answers)
    way.move(leader, draft, "consultation", "concertation")
    server.let_pass(timedelta(days=6))

    way.open_marked(member, draft)
    first = way.amend(member, remark, source.passage, source.proposed, "C’est plus doux.")
    neighbour = sign_in("admin", **PHONE, **STEADY)
    second = way.amend_words(neighbour, draft, source.doubted, "autrement", "On ne saurait pas les organiser.")
    way.answer_amendment(leader, draft, first, "accept", "C’est mieux dit.")
    way.answer_amendment(leader, draft, second, "decline", "Nous savons faire : cela s’est fait à Gand.")
    assert publish(leader, draft, "Après la concertation") == 2
    way.move(leader, draft, "concertation", "codecision")
