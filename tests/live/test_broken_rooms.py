"""A text that cannot be read costs nobody but its own writers anything: the hub, and all other rooms, go on."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from sip.core.db import db, transaction
from sip.drafts.models import Draft, DraftUpdate
from tests.live.sites import SMALL_LIMITS, Serving, Site, Team
from tests.live.writers import Writer, asynchronous, connected

# Nothing of ours writes it; a disk or another program may.
_DAMAGED = b"\x01\x01\x07\x00\x04\x09"


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Serving]:
    """`sip serve` for all tests of this file."""
    with site.serving(**SMALL_LIMITS) as server:
        yield server
    assert "Traceback" not in server.log.read_text()


def damage(site: Site, team: Team) -> int:
    """Append to the log of a draft what nobody can read; return the update's id."""
    with site.app.app_context(), transaction():
        draft = db.session.get_one(Draft, team.draft.id)
        row = DraftUpdate(draft_id=draft.id, author_id=None, origin="form", at=draft.changed_at, data=_DAMAGED)
        db.session.add(row)
        db.session.flush()
        return row.id


def mend(site: Site, number: int) -> None:
    with site.app.app_context(), transaction():
        db.session.delete(db.session.get_one(DraftUpdate, number))


async def come_in(writer: Writer) -> None:
    """Come again until the text can be opened."""
    for _ in range(100):
        await writer.leave()
        with suppress(AssertionError):
            await writer.connect()
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the room stays closed: {writer.close_code}")


@asynchronous
async def test_a_text_that_cannot_be_opened(site: Site, server: Serving, team: Team) -> None:
    hub = server.hub
    bystander = site.team(server)
    number = damage(site, team)
    one, other = team.writer(0), bystander.writer(0)
    async with connected(other):
        for _ in range(2):
            with pytest.raises(AssertionError, match="1013"):
                await one.connect()
        await other.append(bystander.key, "x")
        await other.saved()
        assert other.close_code is None
        mend(site, number)
        await come_in(one)
        await one.append(team.key, "y")
        await one.saved()
        await one.leave()
    assert server.hub == hub


@asynchronous
async def test_an_update_that_cannot_be_read_while_people_write(site: Site, server: Serving, team: Team) -> None:
    hub = server.hub
    bystander = site.team(server)
    one, other = team.writer(0), bystander.writer(0)
    async with connected(one, other):
        await one.append(team.key, "before. ")
        await one.saved()
        number = damage(site, team)
        await one.append(team.key, "meanwhile. ")
        assert await one.closed() == 1012
        await other.append(bystander.key, "x")
        await other.saved()
        mend(site, number)
        await come_in(one)
        await one.saved()
        assert site.body(team.key) == "before. meanwhile. "
        assert other.close_code is None
    assert server.hub == hub
