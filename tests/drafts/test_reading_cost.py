"""Reading costs little whoever reads: few queries, a frame from memory, nothing of one person on another's page."""

import re
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import DictLoader
from markupsafe import escape
from werkzeug.test import TestResponse

from sip.core.db import db
from sip.cycles.models import SteeringSeat
from sip.cycles.stages import Stage
from sip.drafts.actions import versions
from sip.drafts.actions.text import edit_section
from sip.groups.models import Membership, MembershipState
from sip.people.models import PersonRole, RoleGrant
from sip.web import shared_pages
from tests.drafts.conftest import House, freeze
from tests.factories import make_person
from tests.helpers import sign_in_as

PACKED = {"Accept-Encoding": "gzip, deflate"}


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    assert answer.headers["Content-Encoding"] == "deflate"
    return zlib.decompress(answer.data).decode()


def read(client: FlaskClient, address: str) -> str:
    return text_of(client.get(address, headers=PACKED))


def reader(app: Flask, person) -> FlaskClient:
    return sign_in_as(app.test_client(), person)


def own_words(page: str) -> dict[str, list[str]]:
    """What a page says to one person only, by kind."""
    return {
        "nonce": re.findall(r'nonce="([^"]*)"', page),
        "token": re.findall(r'name="csrf_token" value="([^"]*)"', page),
        "once": re.findall(r'name="once" value="([^"]*)"', page),
        "person": re.findall(r'data-person="([^"]*)"', page),
        "name": re.findall(r'<summary aria-label="[^"]*">.*?<span>([^<]*)</span>', page),
    }


def without_own_words(page: str, name: str) -> str:
    for kind, found in own_words(page).items():
        for word in filter(None, found):
            # A person's number may stand for something else elsewhere.
            before = "data-person=" if kind == "person" else ""
            page = page.replace(f'{before}"{word}"', f'{before}""')
    return page.replace(name, "")


def change(house: House, words: str) -> None:
    section = house.draft.living_sections[1]
    edit_section(house.people["facilitator"], section, section.body, f"{section.body}\n\n{words}")
    db.session.commit()


@pytest.fixture
def empty_memory(app: Flask):
    """Forget the frames that other tests left, now and whenever it is called."""

    def forget() -> None:
        app.extensions["shared_pages"] = shared_pages.Memory(1_000_000)

    forget()
    return forget


@pytest.fixture
def two(published: House) -> House:
    """The published document, and a second version of it that its group alone may read."""
    change(published, "Des mots ajoutés.")
    freeze(published, "Pas encore lue")
    return published


def test_a_member_costs_three_queries(app, published, queries, empty_memory):
    client = reader(app, published.people["member"])
    read(client, published.address)
    for who in ("member", "facilitator", "steering", "administrator"):
        other = reader(app, published.people[who])
        read(other, published.address)  # their visit is noted
        with queries() as statements:
            read(other, published.address)
        assert len(statements) <= 3, statements
    with queries() as statements:
        read(client, f"{published.address}/versions/1")
    assert len(statements) <= 5, statements  # a frame that nobody asked for before
    empty_memory()
    with queries() as statements:
        read(client, published.address)
    assert len(statements) <= 6, statements


def test_the_frame_is_made_once_for_all_who_see_it_alike(app, published, monkeypatch, empty_memory):
    made = []
    render = shared_pages.render_template

    def noting(*args, **kwargs):
        made.append(args)
        return render(*args, **kwargs)

    monkeypatch.setattr(shared_pages, "render_template", noting)
    another = make_person("Une autre")
    for person in (published.people["member"], published.people["board"], another, published.people["member"]):
        assert escape(person.name) in read(reader(app, person), published.address)
    assert len(made) == 1
    read(reader(app, published.people["facilitator"]), published.address)
    assert len(made) == 2


@pytest.mark.parametrize("page", ["", "/versions/1", "/versions/2"])
def test_what_is_kept_is_what_would_be_made_anew(app, two, empty_memory, page):
    """Whoever filled the memory before: everybody gets the page that an empty memory gives them."""
    stages = (Stage.DRAFTING, Stage.INFORMATION, Stage.CONCERTATION, Stage.CODECISION)
    clients = {who: reader(app, person) for who, person in two.people.items()}

    def seen_by(who: str) -> str:
        answer = clients[who].get(f"{two.address}{page}", headers=PACKED)
        name = str(escape(two.people[who].name))
        return without_own_words(text_of(answer), name) if answer.status_code == 200 else str(answer.status_code)

    anew, kept = {}, {}
    for round_of in (anew, kept):
        for stage in stages:
            two.draft.living_sections[1].stage = stage
            db.session.commit()
            for who in clients:
                if round_of is anew:
                    empty_memory()
                round_of[stage, who] = seen_by(who)
    assert kept == anew
    assert len(set(anew.values())) >= 4


def test_members_never_see_one_anothers_names_and_tokens(app, two, empty_memory):
    first, second = make_person("Zoé <i>Première</i>"), make_person("Yan <!--own:csrf_token--> Second")
    for person in (first, second):
        two.group.memberships.append(
            Membership(person=person, role="secretary", state=MembershipState.ACTIVE, since=two.draft.created_at)
        )
    db.session.commit()
    clients = {person.id: reader(app, person) for person in (first, second)}
    for page in ("", "/versions/2"):
        seen = {}
        for person in (first, second, first, second):
            text = read(clients[person.id], f"{two.address}{page}")
            words = own_words(text)
            assert words["name"] == [str(escape(person.name))]
            assert f"Account of {escape(person.name)}" in text
            assert words["person"] == [str(person.id)]
            assert len(words["nonce"]) == 1
            assert len(set(words["token"])) == 1
            assert len(words["token"]) >= 2
            assert bool(words["once"]) == (page == "/versions/2")
            assert "<!--" not in text
            seen.setdefault(person.id, []).append((words, without_own_words(text, str(escape(person.name)))))
        mine, others = seen[first.id], seen[second.id]
        assert {text for _words, text in mine} == {text for _words, text in others}
        assert not set(mine[0][0]["token"]) & set(others[0][0]["token"])
        for kind in ("nonce", "once"):
            each = [word for words, _text in (*mine, *others) for word in set(words[kind])]
            assert len(set(each)) == len(each)
        # A token serves the session it was made for, and no other.
        token, stolen = mine[1][0]["token"][0], others[1][0]["token"][0]
        assert clients[first.id].post("/sign-out", data={"csrf_token": stolen}).status_code == 400
        assert read(clients[first.id], two.address)
        if page:
            assert clients[first.id].post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert own_words(read(clients[first.id], two.address))["person"] == [""]


def test_the_nonce_of_a_page_is_the_one_of_its_header(app, published, empty_memory):
    client = reader(app, published.people["member"])
    for _ in range(2):
        answer = client.get(published.address, headers=PACKED)
        (nonce,) = own_words(text_of(answer))["nonce"]
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


def test_a_right_gained_or_lost_shows_at_once(app, published, empty_memory):
    member = published.people["member"]
    client, another = reader(app, member), reader(app, make_person())

    def shows() -> tuple[bool, bool, bool]:
        assert "Write in the text" not in read(another, published.address)
        text = read(client, published.address)
        return "Write in the text" in text, "Text being written" in text, "Administration" in text

    assert shows() == (False, False, False)
    joined = Membership(person=member, role="participant", state=MembershipState.REQUESTED, since=member.created_at)
    published.group.memberships.append(joined)
    db.session.commit()
    assert shows() == (False, False, False)
    joined.state = MembershipState.ACTIVE
    db.session.commit()
    assert shows() == (True, True, False)
    joined.role = "referent"
    db.session.commit()
    assert shows() == (False, True, False)
    joined.state = MembershipState.ENDED
    db.session.commit()
    assert shows() == (False, False, False)
    seat = SteeringSeat(cycle_id=published.draft.cycle_id, person_id=member.id)
    db.session.add(seat)
    db.session.commit()
    assert shows() == (False, True, False)
    db.session.delete(seat)
    member.grants.append(RoleGrant(role=PersonRole.ADMINISTRATOR))
    db.session.commit()
    assert shows() == (False, False, True)
    member.grants.clear()
    db.session.commit()
    assert shows() == (False, False, False)


def test_a_stage_that_moves_shows_at_once(app, published, empty_memory):
    client = reader(app, published.people["member"])
    first, *others = (section for section in published.draft.living_sections if section.is_recommendation)
    assert 'class="stage-information is-here" aria-current="step"' in read(client, published.address)
    first.stage = Stage.CONCERTATION
    db.session.commit()
    text = read(client, published.address)
    assert "Not all recommendations stand at the same stage" in text
    assert "Text being written" in text
    for section in others:
        section.stage = Stage.CONCERTATION
    db.session.commit()
    text = read(client, published.address)
    assert "Not all recommendations" not in text
    assert 'class="stage-concertation is-here" aria-current="step"' in text


def test_a_new_version_and_new_titles_show_at_once(app, published, empty_memory):
    member, writer = (reader(app, published.people[who]) for who in ("member", "secretary"))
    for client in (member, writer):
        assert "You are reading version 1" in read(client, published.address)
    change(published, "Tout autre chose.")
    version = freeze(published, "La deuxième")
    assert "Version 2 is not published yet." in read(writer, published.address)
    assert "Version 2" not in read(member, published.address)
    versions.publish_version(published.people["facilitator"], version)
    db.session.commit()
    for client in (member, writer):
        text = read(client, published.address)
        assert "You are reading version 2" in text
        assert "Tout autre chose." in text
        assert "A newer one is published: version 2." in read(client, f"{published.address}/versions/1")
    published.draft.title = "Un document renommé"
    published.draft.theme.title = "Un thème renommé"
    published.draft.theme.cycle.title = "Un cycle renommé"
    db.session.commit()
    text = read(member, published.address)
    assert "Un thème renommé" in text
    assert "Un cycle renommé" in text
    assert "Un document renommé" in read(member, f"{published.address}/versions/1")


def test_language_and_colours_are_each_readers_own(app, published, empty_memory):
    client, another = (reader(app, published.people[who]) for who in ("member", "board"))
    for page in (published.address, f"{published.address}/versions/1"):
        for chosen in ({"language": "fr"}, {"theme": "dark"}, {"language": "nl"}, {"theme": "light"}):
            client.post("/preferences", data={**chosen, "next": page})
            text = read(client, page)
            for name, value in chosen.items():
                assert f' {"lang" if name == "language" else "data-theme"}="{value}"' in text.partition("<head>")[0]
            beginning = read(another, page).partition("<head>")[0]
            assert ' lang="en"' in beginning
            assert "data-theme" not in beginning


def test_a_message_is_shown_once_to_whom_it_is_for(app, two, empty_memory):
    publisher, member = (reader(app, two.people[who]) for who in ("facilitator", "member"))
    for client in (publisher, member):
        read(client, two.address)
    token = own_words(read(publisher, f"{two.address}/versions/2"))["token"][0]
    assert publisher.post(f"{two.address}/versions/2/publish", data={"csrf_token": token}).status_code == 303
    said = "is published: everybody can read it now."
    assert said not in read(member, two.address)
    assert said in read(publisher, two.address)
    assert said not in read(publisher, two.address)
    assert said not in read(member, two.address)


def test_signing_out_everywhere_is_seen_by_a_page_from_memory(app, published, empty_memory):
    person = published.people["member"]
    client = reader(app, person)
    assert own_words(read(client, published.address))["person"] == [str(person.id)]
    person.session_epoch += 1
    db.session.commit()
    assert own_words(read(client, published.address))["person"] == [""]


@pytest.mark.parametrize(
    "leak", ["current_person().email", "current_user.person", "session['csrf_token']", "g.nonce", "csrf_meta_tag()"]
)
def test_a_template_cannot_put_a_person_into_a_shared_frame(app, published, monkeypatch, empty_memory, leak):
    client = reader(app, published.people["member"])
    loader = DictLoader({"drafts/show.html": "{{ " + leak + " }}{{ stored_html|safe }}"})
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    monkeypatch.setattr(app.jinja_env, "cache", None)
    with pytest.raises(RuntimeError, match=r"a page that many share|says to all what is meant for one"):
        client.get(published.address, headers=PACKED)


def test_the_memory_keeps_what_was_used_last_within_its_bounds():
    memory = shared_pages.Memory(10)
    for name in "abc":
        memory.put(name, name.upper(), 4)
    assert [memory.get(name) for name in "abc"] == [None, "B", "C"]
    memory.get("b")
    memory.put("d", "D", 4)
    assert [memory.get(name) for name in "bcd"] == ["B", None, "D"]
    memory.put("b", "another", 6)
    assert [memory.get(name) for name in "bd"] == ["another", "D"]
    memory.put("e", "too much", 11)
    assert [memory.get(name) for name in "bde"] == [None, None, None]
