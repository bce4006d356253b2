"""The hub as people meet it: what they write, and what they are told."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from sip.core.db import db, transaction
from sip.drafts.actions.arranging import retire_section
from sip.drafts.actions.versions import freeze_version
from sip.drafts.models import Draft
from sip.groups.actions import end_membership
from sip.groups.models import Membership
from sip.people.models import Person
from sip.people.sign_in_actions import sign_out_everywhere
from tests.live.sites import PASSWORD, SMALL_LIMITS, Serving, Site, Team, locked
from tests.live.visits import Visit
from tests.live.writers import FROZEN, OTHERS, PING, PONG, REFUSED, Refused, Writer, asynchronous, connected

# Seconds, also on a slow machine; whoever was not told of it would find out after half a minute.
PROMPTLY = 12.0


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Serving]:
    """`sip serve` for all tests of this file."""
    with site.serving(**SMALL_LIMITS) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


# Writing.


@asynchronous
async def test_two_people_write_one_text(site: Site, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        assert [person["name"] for person in one.people.values()] != []
        await one.until(lambda: len(one.people) == 2)
        await one.write(team.key, 0, "Bonjour à tous 👋 ")
        await other.until(lambda: other.read(team.key) == "Bonjour à tous 👋 ")
        for number_ in range(10):
            await asyncio.gather(one.write(team.key, 0, f"é{number_} "), other.append(team.key, f"ö{number_} "))
        await asyncio.gather(one.saved(), other.saved())
        await one.until(lambda: one.read(team.key).count("ö") == 10)
        await other.until(lambda: other.read(team.key) == one.read(team.key))
        assert site.body(team.key) == one.read(team.key)
        await other.until(lambda: not other.sealed)  # "committed" comes, also where nothing else does


@asynchronous
async def test_people_see_where_others_are(team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        await one.look_at(team.key)
        await other.until(lambda: any(message[0] == OTHERS for message in other.said))
        ((_kind, connection, where),) = [message for message in other.said if message[0] == OTHERS]
        assert (connection, where) == (one.info["you"], {"section": team.key})
        late = team.writer(1)
        async with connected(late):
            assert late.people[one.info["you"]]["section"] == team.key
            await one.until(lambda: len(one.people) == 3)
        await one.until(lambda: len(one.people) == 2)


@asynchronous
async def test_a_sign_of_life_is_answered(team: Team) -> None:
    one = team.writer()
    async with connected(one):
        assert one.line is not None
        await one.line.send(bytes([PING]))
        await one.until(lambda: one.said == [(PONG,)])


@asynchronous
async def test_saved_is_said_after_the_commit_only(site: Site, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        await one.append(team.key, "before. ")
        await one.saved()
        with locked(site):
            await one.append(team.key, "meanwhile. ")
            await other.until(lambda: "meanwhile" in other.read(team.key))  # others see it at once
            await one.until(lambda: not one.is_kept)  # and it is said that it is not kept
            assert one.unsaved
            assert other.sealed
            late = team.writer(1)
            if site.url.startswith("sqlite"):  # where locks do not hinder readers, one can still come in
                async with connected(late):
                    assert not late.is_kept
                    assert "meanwhile" in late.read(team.key)
        began = time.monotonic()
        await one.saved()
        print(f"saved {time.monotonic() - began:.2f} s after the lock was gone")
        await one.until(lambda: one.is_kept)
        assert site.body(team.key) == "before. meanwhile. "


@asynchronous
async def test_what_the_database_does_not_take_is_bounded(site: Site, team: Team) -> None:
    one = team.writer(0)
    async with connected(one):
        with locked(site):
            for _ in range(40):
                if one.close_code is None:
                    await one.write(team.key, 0, "y" * 100_000, cut=150_000)
                    await asyncio.sleep(0.02)
            assert await one.closed() == 1013
        # They kept what was not saved, and come again until there is room.
        for _ in range(40):
            await one.leave()
            await one.connect()
            await one.until(lambda: not one.unsaved or one.close_code is not None)
            if not one.unsaved:
                break
            await asyncio.sleep(0.5)
        assert site.body(team.key) == one.read(team.key)


@asynchronous
async def test_a_saved_form_shows_at_once(team: Team) -> None:
    one = team.writer(1)
    async with connected(one):
        await one.append(team.key, "Written live. ")
        await one.saved()
        form = f"/drafts/{team.draft.slug}/live/{team.draft.sections[0].slug}/edit"
        fields = {"action": "save", "began_from": "Written live. ", "text": "Written live. Written in the form."}
        began = time.monotonic()
        posting = asyncio.to_thread(team.visits[0].post, form, **fields)
        done = asyncio.create_task(posting)
        await one.until(lambda: "form" in one.read(team.key))
        shown = time.monotonic() - began
        await done
        answered = time.monotonic() - began
        print(f"shown after {shown:.2f} s; the form was answered after {answered:.2f} s")
        assert shown < answered + PROMPTLY
        # And what is typed now goes on top of it.
        await one.write(team.key, 0, "Still here. ")
        await one.saved()
        assert one.read(team.key) == "Still here. Written live. Written in the form."


# Rights and what others arrange.


@asynchronous
async def test_an_ended_session_is_told(site: Site, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        with site.app.app_context(), transaction():
            sign_out_everywhere(db.session.get_one(Person, team.people[1].id))
        assert await other.closed(PROMPTLY) == 4401
        await one.until(lambda: len(one.people) == 1)
        await one.append(team.key, "goes on")
        await one.saved()


@asynchronous
async def test_signing_out_ends_all_tabs_of_that_session_only(team: Team) -> None:
    elsewhere = Visit(team.visits[1].address, team.people[1].email, PASSWORD)
    one, tabs, other = team.writer(0), [team.writer(1), team.writer(1)], Writer(elsewhere, team.draft.slug)
    async with connected(one, *tabs, other):
        await one.until(lambda: len(one.people) == 4)
        cookies = team.visits[1].cookie
        await asyncio.to_thread(team.visits[1].post, "/sign-out", "/me/profile")
        assert team.visits[1].cookie != cookies
        assert [await tab.closed(5) for tab in tabs] == [4401, 4401]
        await one.until(lambda: len(one.people) == 2)
        await other.append(team.key, "goes on")
        await other.saved()
        assert (one.close_code, other.close_code) == (None, None)


@asynchronous
async def test_a_membership_that_ends_stops_the_writing(site: Site, team: Team) -> None:
    one, other = team.writer(0), team.writer(1)
    async with connected(one, other):
        with site.app.app_context(), transaction():
            membership = db.session.scalars(db.select(Membership).filter_by(person_id=team.people[1].id)).one()
            end_membership(db.session.get_one(Person, team.people[0].id), membership)
        assert await other.closed(PROMPTLY) == 4403
        with pytest.raises(Refused) as refused:
            await team.writer(1).connect()
        assert refused.value.status == 404


@asynchronous
async def test_a_retired_section_is_told_and_closed(site: Site, server: Serving) -> None:
    team = site.team(server, (("Introduction", "Un."), ("Recommandation", "Deux.")))
    one = team.writer(1)
    key = team.draft.sections[1].key
    async with connected(one):
        assert [section["may_edit"] for section in one.sections] == [True, True]
        with site.app.app_context(), transaction():
            draft = db.session.get_one(Draft, team.draft.id)
            retire_section(db.session.get_one(Person, team.people[0].id), draft.sections[1])
        await one.until(lambda: [section["may_edit"] for section in one.sections] == [True, False], PROMPTLY)
        assert one.sections[1]["is_retired"]
        assert one.sections[1]["reason"]
        await one.append(key, "too late")
        await one.until(lambda: any(message[0] == REFUSED for message in one.said))
        assert [message[2]["code"] for message in one.said if message[0] == REFUSED] == ["rights"]
        assert site.body(key) == "Deux."


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.06])
@asynchronous
async def test_nothing_is_stored_after_a_section_was_retired(site: Site, server: Serving, pause: float) -> None:
    """Also in the moment in which the hub has not heard of it."""
    team = site.team(server, (("Introduction", "Un."), ("Recommandation", "Deux.")))
    one, other = team.writer(1), team.writer(0)
    key = team.draft.sections[1].key

    def is_refused() -> bool:
        return any(message[0] == REFUSED for message in one.said)

    async with connected(one, other):
        with site.app.app_context(), transaction():
            draft = db.session.get_one(Draft, team.draft.id)
            retire_section(db.session.get_one(Person, team.people[0].id), draft.sections[1])
        await asyncio.sleep(pause)
        await one.append(key, " Too late.")
        await one.until(lambda: one.close_code is not None or is_refused())
        if one.close_code is not None:  # it was passed on already: all come again
            assert (one.close_code, await other.closed()) == (1012, 1012)
            for writer in (other, one):
                await writer.leave()
                await writer.connect()
            await one.until(is_refused)
        assert {message[2]["code"] for message in one.said if message[0] == REFUSED} == {"rights"}
        assert site.body(key) == "Deux."
        late = team.writer(0)
        async with connected(late):
            assert late.read(key) == "Deux."


@asynchronous
async def test_a_frozen_version_is_told(site: Site, server: Serving) -> None:
    team = site.team(server, (("Introduction", "Un texte."),))
    one = team.writer(1)
    async with connected(one):
        with site.app.app_context(), transaction():
            draft = db.session.get_one(Draft, team.draft.id)
            freeze_version(db.session.get_one(Person, team.people[0].id), draft, "Première version")
        await one.until(lambda: any(message[0] == FROZEN for message in one.said), PROMPTLY)
        told = next(message[1] for message in one.said if message[0] == FROZEN)
        assert (told["number"], told["label"], told["by"]) == (1, "Première version", team.people[0].name)
