"""The page of one section: links beside its paragraphs, positions, its discussion; the hooks of the reading page."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.texts.readable import readable_text
from sip.threads.actions import positions
from sip.threads.models import Stance, ThreadKind
from sip.threads.paragraphs import beside_paragraphs
from tests.helpers import sign_in_as, submit
from tests.threads.conftest import Forum


@pytest.fixture
def as_(app: Flask, forum: Forum):
    def client_of(who: str | None) -> FlaskClient:
        return sign_in_as(app.test_client(), forum[who]) if who else app.test_client()

    return client_of


def section_page(client: FlaskClient, forum: Forum, slug: str = "rendre-visible", status: int = 200) -> str:
    answer = client.get(f"{forum.address}/{slug}")
    assert answer.status_code == status
    return answer.text


def test_each_paragraph_leads_to_its_own_comment(as_, forum):
    client = as_("member")
    page = section_page(client, forum)
    links = [unescape(link) for link in re.findall(r'class="beside-comment" href="([^"]+)"', page)]
    assert len(links) == 2
    assert "About this passage of version 1" in client.get(links[0]).text
    assert "Chaque antenne publie ses comptes." in client.get(links[0]).text
    assert "Une carte montre les antennes." in client.get(links[1]).text


def test_the_links_are_no_part_of_the_text(as_, forum):
    plain, linked = section_page(as_(None), forum), section_page(as_("member"), forum)
    article = re.compile(r"<article.*?</article>", re.DOTALL)
    forum.open_to(Stage.UNDER_REVIEW)
    without = section_page(as_("member"), forum)
    texts = {readable_text(re.sub("h1", "h2", article.search(page)[0])) for page in (plain, linked, without)}
    assert len(texts) == 1
    assert "beside-comment" not in article.search(without)[0]


def test_the_discussion_of_a_section_stands_under_it(as_, forum):
    here = forum.say("member", "Ici.", ThreadKind.FOR, **forum.passage("publie ses comptes"))
    forum.say("member", "Ailleurs.", key=forum.key(2))
    page = section_page(as_(None), forum)
    assert f'id="thread-{here.id}"' in page
    assert f'href="#thread-{here.id}"' in page
    assert "Ailleurs." not in page
    for number in range(11):
        forum.say("member", f"Le {number}.", key=forum.key(1))
    page = section_page(as_(None), forum)
    assert "All 12 discussions of this section" in page
    assert "section=rendre-visible" in page


def test_what_one_may_do_stands_in_the_band(as_, forum):
    assert "Give my opinion" in section_page(as_("member"), forum)
    assert "You can comment on a passage as a guest" in section_page(as_(None), forum)
    forum.open_to(Stage.INFORMATION)
    page = section_page(as_("member"), forum)
    assert "You can ask the group a question about any passage." in page
    assert "Ask a question" in page
    assert "Ask about this paragraph" in page
    assert "Taking part: sign in first." in section_page(as_(None), forum)
    forum.open_to(Stage.UNDER_REVIEW)
    assert "The discussion is closed at this stage" in section_page(as_("member"), forum)


def test_the_reading_page_says_what_one_may_and_carries_the_hooks(as_, forum):
    for who, may_open in (("member", True), (None, True), ("facilitator", True)):
        page = as_(who).get(forum.address).text
        assert ("data-may-open" in page) == may_open
        assert f'data-discussion="{forum.address}/discussion"' in page
        assert f'href="{forum.address}/rendre-visible"' in page
    forum.open_to(Stage.UNDER_REVIEW)
    page = as_("member").get(forum.address).text
    assert "data-may-open" not in page
    assert "The discussion is closed at this stage" in page
    assert f'href="{forum.address}/discussion"' in page


def test_a_position_is_taken_changed_and_taken_back(as_, forum):
    client = as_("member")
    address, page_address = f"{forum.address}/positions/{forum.key(1)}", f"{forum.address}/rendre-visible"
    assert "What do you think of this recommendation?" in section_page(client, forum)

    def take(stance: str) -> str:
        answer = submit(client, address, {"stance": stance}, page=page_address)
        assert answer.status_code == 303
        assert answer.location == f"{page_address}#positions"
        return client.get(page_address).text

    page = take("in_favour")
    assert "Your position is noted." in page
    assert re.search(r'aria-pressed="true">.*?In favour', page, re.DOTALL)
    take("reserved")
    positions.take_position(forum["other member"], forum.draft, forum.key(1), Stance.RESERVED)
    db.session.commit()
    page = section_page(as_(None), forum)
    assert re.findall(r'stance-count"><b>(\d+)', page) == ["0", "2", "0", "0"]
    assert "stance-button" not in page
    assert "Sign in to take a position." in page
    assert "Your position is taken back." in take("")
    assert re.findall(r'stance-count"><b>(\d+)', section_page(client, forum)) == ["0", "1", "0", "0"]


def test_positions_are_taken_on_recommendations_at_their_time(as_, forum):
    client = as_("member")
    page = section_page(client, forum)
    assert "stances" in page
    forum.open_to(Stage.INFORMATION)
    page = section_page(client, forum)
    assert "Members can take a position from the stage of consultation on." in page
    answer = submit(client, f"{forum.address}/positions/{forum.key(1)}", {"stance": "against"}, page=forum.address)
    assert answer.status_code == 403
    answer = submit(client, f"{forum.address}/positions/nowhere", {"stance": "against"}, page=forum.address)
    assert answer.status_code == 404


def test_a_section_page_costs_few_statements_however_much_is_said(as_, forum, queries):
    forum.say("member", "Un.", **forum.passage("publie ses comptes"))
    client = as_("member")
    section_page(client, forum)
    with queries() as few:
        section_page(client, forum)
    for number in range(15):
        forum.say("other member", f"Le {number}", **forum.passage("publie ses comptes"))
    with queries() as many:
        section_page(client, forum)
    assert len(many) <= len(few) + 1, "one more counts the others"


def test_something_stands_at_the_end_of_paragraphs_items_and_rows():
    html = (
        '<h2 data-line="0">T</h2>\n<p data-line="2">Un &amp; <em>deux</em>.</p>\n'
        '<ul data-line="4">\n<li data-line="4">a\n<ul data-line="5">\n<li data-line="5">b</li>\n</ul>\n</li>\n</ul>\n'
        '<blockquote data-line="7"><p data-line="7">c</p></blockquote>\n'
        '<table data-line="9"><tbody data-line="9"><tr data-line="9">\n<td>d</td>\n<td>e</td>\n</tr></tbody></table>'
    )
    out = beside_paragraphs(html, lambda line: f"[{line}]")
    assert re.sub(r"<[^>]+>", "", out).split() == [
        "T",
        "Un",
        "&amp;",
        "deux.[2]",
        "a",
        "[4]",
        "b[5]",
        "c[7]",
        "d",
        "e[9]",
    ]
    assert re.sub(r"\[\d\]", "", out) == html
