"""How the hub deals with the database: what it holds goes with the people, and no room holds up another."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from sip.core.db import transaction
from sip.drafts.batches import Batch, Outcome
from sip.live.halls import Hall
from sip.live.keeper import Keeper
from sip.live.messages import Hello, Update
from sip.live.people import Identity
from tests.factories import make_draft, make_group, make_person
from tests.live.peers import Client, open_room, say
from tests.live.rooms import START
from tests.live.sites import Site
from tests.live.writers import asynchronous


@asynchronous
async def test_a_text_is_let_go_of_with_its_room(site: Site) -> None:
    with site.app.app_context(), transaction():
        author = make_person()
        draft = make_draft(make_group(facilitator=author), sections=(("Introduction", ""),))
        number, writer = draft.id, author.id
    halls: dict[int, Hall] = {}
    keeper = Keeper(site.app, halls, say)
    loaded = await keeper._thread.call(keeper._log.load, number)
    assert loaded is not None
    await keeper._thread.call(keeper._log.commit, [Batch(number, loaded.last, [(writer, START)], {}, 1)])
    assert list(keeper._log._texts) == [number]
    halls[number] = Hall(number)
    halls[number].left_at = time.monotonic() - 1_000
    running = asyncio.create_task(keeper.run())
    deadline = time.monotonic() + 40
    while halls or keeper._log._texts:
        await asyncio.sleep(0.02)
        assert time.monotonic() < deadline
        assert not running.done()
    keeper.stop()
    await running


def make_document(site: Site) -> tuple[int, int]:
    """Return the ids of a draft and of somebody who writes in it."""
    with site.app.app_context(), transaction():
        author = make_person()
        draft = make_draft(make_group(facilitator=author), sections=(("Introduction", ""),))
        return draft.id, author.id


@asynchronous
async def test_a_room_that_cannot_be_committed_holds_up_no_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    halls: dict[int, Hall] = {}
    keeper = Keeper(site.app, halls, say)
    commit, failed, saved = keeper._log.commit, [], 0
    (bad, _author), (good, _other) = documents = [make_document(site) for _ in range(2)]

    def committing(batches: Sequence[Batch]) -> dict[int, Outcome]:
        nonlocal saved
        numbers = [batch.draft_id for batch in batches]
        if bad in numbers:
            failed.append(numbers)
            raise RuntimeError("a mistake of ours")
        outcomes = commit(batches)
        saved += 1
        return outcomes

    monkeypatch.setattr(keeper._log, "commit", committing)
    writers = {}
    for number, author in documents:
        halls[number] = Hall(number)
        loaded = await keeper._thread.call(keeper._log.load, number)
        room = halls[number].room = open_room(loaded)
        rights = await keeper._thread.call(keeper._log.rights, {number: {author}})
        room.join(1, Identity(author, "Ana", 0), rights[number][author], Hello((100,), "en", b"\x00"))
        writers[number] = Client(100), room, loaded.sections[0].key
    running = asyncio.create_task(keeper.run())
    for seq in range(1, 9):
        if seq == 3:  # were the good one to wait with the bad one now, it would wait for longer than this test
            monkeypatch.setattr("sip.live.keeper._FIRST_PAUSE", 600.0)
            monkeypatch.setattr("sip.live.keeper._LONGEST_PAUSE", 600.0)
        for number in (bad, good) if seq == 1 else (good,):
            client, room, key = writers[number]
            room.update(1, Update(seq, client.insert(key, 0, "x")))
            keeper.has_work(halls[number])
        deadline = time.monotonic() + 40
        while saved < seq:
            await asyncio.sleep(0.01)
            assert time.monotonic() < deadline
            assert not running.done()
    assert [bad] in failed  # it is tried again and again, alone
    keeper.stop()
    await running
    assert writers[bad][1].has_pending  # nothing is given up
