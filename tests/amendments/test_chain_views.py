"""The pages of the chain: origins, contributions as a table and as a file, reasons beside a comparison."""

import csv
import io

import pytest

from sip.amendments.actions.answering import decline
from sip.core.db import db
from sip.threads.actions.answering import dispose
from sip.threads.actions.threads import open_thread
from sip.threads.models import Disposition, ThreadKind
from sip.web.spreadsheets import harmless
from tests.amendments.test_chain import MONTHS, ONCE, TWICE, from_remark_to_text, later
from tests.helpers import count_queries, plain_text, sign_in_as


def address(house, page):
    return f"/drafts/{house.draft.slug}/{page}"


def test_the_origins_of_a_passage(house, client):
    thread, amendment, _answer, _second = from_remark_to_text(house)
    spot = house.spot(1, TWICE)
    page = client.get(
        address(house, "versions/2/origins"),
        query_string={"key": spot["key"], "start": spot["start"], "end": spot["end"], "words": TWICE},
    )
    assert page.status_code == 200
    text = plain_text(page.text)
    assert "Version 2 changed it" in text
    assert "Version 1 brought it" in text
    assert f'href="/amendments/{amendment.id}"' in page.text
    assert f'href="/threads/{thread.id}"' in page.text
    assert "Une fois, c’est trop peu." in page.text


def test_bad_origins(house, client):
    key = house.section(1).key
    assert client.get(address(house, "versions/1/origins")).status_code == 404
    assert client.get(address(house, f"versions/1/origins?key={key}&start=0&end=99999")).status_code == 422
    assert client.get(address(house, f"versions/1/origins?key={key}&start=x&end=-1")).status_code == 422
    assert client.get(address(house, f"versions/1/origins?key={key}&start=0&end=9&words=Zut")).status_code == 422
    assert client.get(address(house, "versions/9/origins")).status_code == 404
    house.write(0, "Autre.")
    hidden = house.freeze("Entre nous", is_published=False)
    assert client.get(address(house, f"versions/{hidden.number}/origins?key={key}&start=0&end=9")).status_code == 404


def test_each_paragraph_of_a_section_leads_to_its_origins(house, client):
    page = client.get(address(house, house.section(1).slug))
    assert page.text.count("beside-origins") == 2
    link = page.text.partition('class="beside-origins" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Version 1 brought it" in plain_text(client.get(link).text)


def contribute(house):
    """A thread that waits, one that was not taken up, and one amendment that was declined."""
    people, draft = house.people, house.draft
    open_thread(people["member"], draft, ThreadKind.QUESTION, "Pourquoi ?", **house.spot(1, ONCE), language="fr")
    concern = open_thread(people["other"], draft, ThreadKind.CONCERN, "=1+1", **house.spot(1, MONTHS), language="fr")
    dispose(people["facilitator"], concern, Disposition.NOT_TAKEN_UP, "@nous restons là.")
    amendment = house.propose(1, "en assemblée", "en public", reason="+ clair")
    decline(people["facilitator"], amendment, "-Trop tôt.")
    db.session.commit()


def rows(page):
    return page.text.count('<th scope="row"')


def test_all_contributions_in_one_table(house, client):
    assert "Nobody has contributed anything yet" in client.get(address(house, "contributions")).text
    contribute(house)
    page = client.get(address(house, "contributions"))
    assert rows(page) == 3
    assert plain_text(page.text).count("Not taken up ") >= 2
    # In the order of the text: une fois par an, en assemblée, tous les six mois.
    places = [page.text.index(words) for words in (f">{ONCE}<", ">en assemblée<", f">{MONTHS}<")]
    assert places == sorted(places)


@pytest.mark.parametrize(("filters", "number"), [
    ("kind=amendment", 1),
    ("kind=thread", 2),
    ("kind=concern", 1),
    ("disposition=none", 1),
    ("disposition=not_taken_up", 2),
    ("disposition=answered", 0),
    ("disposition=taken_up", 0),
    ("section=rendre-visible", 3),
    ("section=introduction", 0),
    ("q=Pourquoi", 1),
    ("q=en+public", 1),
    ("kind=amendment&disposition=answered", 0),
    ("kind=nonsense&section=nonsense&disposition=nonsense", 3),
])  # fmt: skip
def test_filters(house, client, filters, number):
    contribute(house)
    page = client.get(f"{address(house, 'contributions')}?{filters}")
    assert (page.status_code, rows(page)) == (200, number)


def test_the_file_for_spreadsheets(house, client):
    contribute(house)
    response = client.get(address(house, "contributions.csv"))
    assert response.mimetype == "text/csv"
    assert response.text.startswith("\ufeff")
    table = list(csv.reader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert {len(row) for row in table} == {14}
    assert len(table) == 4
    assert [row[3] for row in table[1:]] == [ONCE, "en assemblée", MONTHS]
    assert table[3][7] == "'=1+1"
    assert table[3][11] == "'@nous restons là."
    assert (table[2][8], table[2][11]) == ("'+ clair", "'-Trop tôt.")
    only = client.get(f"{address(house, 'contributions.csv')}?kind=amendment").text
    assert len(list(csv.reader(io.StringIO(only)))) == 2


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_that_a_spreadsheet_would_compute(cell):
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"


def test_a_document_that_one_may_not_know_of(house, client):
    house.draft.published_number = None
    db.session.commit()
    assert client.get(address(house, "contributions")).status_code == 404
    assert client.get(address(house, "contributions.csv")).status_code == 404


def test_many_contributions_cost_no_more_statements(house, client):
    contribute(house)
    sign_in_as(client, house.people["member"])
    with count_queries() as few:
        client.get(address(house, "contributions"))
    for number in range(20):
        spot = house.spot(1, ONCE)
        open_thread(house.people["member"], house.draft, ThreadKind.REMARK, f"N° {number}.", **spot, language="fr")
        house.propose(1, ONCE, f"{number} fois par an")
    with count_queries() as many:
        page = client.get(address(house, "contributions"))
    assert rows(page) == 43
    assert len(many) <= len(few) + 2


def test_a_comparison_says_why(house, client):
    thread, amendment, _answer, _second = from_remark_to_text(house)
    page = client.get(address(house, "versions/1..2"))
    assert "Why it changed" in page.text
    assert f'href="/amendments/{amendment.id}"' in page.text
    assert f'href="/threads/{thread.id}"' in page.text
    with later():
        house.write(0, "Une autre introduction.")
        house.freeze("Troisième version")
    assert "Why it changed" not in client.get(address(house, "versions/2..3")).text
