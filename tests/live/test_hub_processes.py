"""Hubs that are killed, started again, and several on one database: nothing that was saved or is held is lost."""

import asyncio
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.live.sites import Serving, Site, Team
from tests.live.visits import Visit
from tests.live.writers import Line, Refused, Writer, asynchronous
from tests.ports import free_port


@pytest.fixture
def server(site: Site) -> Iterator[Serving]:
    """`sip serve` for one test, which may kill it."""
    with site.serving() as server:
        yield server


async def come_again(*writers: Writer) -> None:
    """Connect each as soon as there is somebody who answers, as pages do by themselves."""
    for writer in writers:
        await writer.leave()
        async with asyncio.timeout(240):
            while True:
                try:
                    await writer.connect()
                except (Refused, OSError, AssertionError):
                    await asyncio.sleep(0.2)
                else:
                    break


async def agree(site: Site, key: str, *writers: Writer) -> str:
    """Wait until all is saved and everybody has the same text, and return it; the database must have it too."""
    for writer in writers:
        await writer.saved()
    first = writers[0]
    for writer in writers[1:]:
        async with asyncio.timeout(60):
            while writer.read(key) != first.read(key):
                await asyncio.sleep(0.02)
    assert site.body(key) == first.read(key)
    return first.read(key)


async def write_words(team: Team, dice: random.Random, words: list[str], *writers: Writer) -> None:
    """Write each word at some place between others, by one writer or another."""
    for word in words:
        writer = dice.choice(writers)
        text = writer.read(team.key)
        places = [0, *(at + 1 for at, character in enumerate(text) if character == " ")]
        await writer.write(team.key, dice.choice(places), word + " ")
        await asyncio.sleep(dice.random() * 0.01)


def words_of(name: str, count: int) -> list[str]:
    return [f"{name}{number}é" for number in range(count)]


@asynchronous
async def test_a_hub_that_is_killed_loses_nothing(site: Site, server: Serving) -> None:
    team = site.team(server)
    one, other = await team.writer(0).connect(), await team.writer(1).connect()
    dice = random.Random(1)
    await write_words(team, dice, words_of("a", 30), one, other)
    hub = server.hub
    server.process.send_signal(signal.SIGSTOP)  # the parent would have started another one before all this is seen
    try:
        os.kill(hub, signal.SIGKILL)
        # What was acknowledged is in the database, whatever else was under way.
        body = site.body(team.key)
        saved_then = [word for word in words_of("a", 30) if word in body]
        await one.closed()
        await other.closed()
        with pytest.raises((Refused, ConnectionResetError)) as refused:
            await Line.open(server.address, one.path, team.visits[0].cookie)
        assert not isinstance(refused.value, Refused) or refused.value.status == 503
        assert team.visits[0].get("/")  # pages are there all the time
    finally:
        server.process.send_signal(signal.SIGCONT)
    await write_words(team, dice, words_of("b", 10), one, other)  # offline
    began = time.monotonic()
    await come_again(one, other)
    print(f"back after {time.monotonic() - began:.1f} s; {len(saved_then)} of 30 words were committed at once")
    text = await agree(site, team.key, one, other)
    assert sorted(text.split()) == sorted(words_of("a", 30) + words_of("b", 10))
    assert server.hub not in (0, hub)
    await one.leave()
    await other.leave()


@asynchronous
async def test_what_one_saw_and_the_other_lost_comes_back(site: Site, server: Serving) -> None:
    """The author's device dies together with the hub, before the commit: who saw it hands it back, in their name."""
    team = site.team(server)
    one, other = await team.writer(0).connect(), await team.writer(1).connect()
    os.kill(server.hub, signal.SIGSTOP)  # nothing is committed from here on …
    await one.append(team.key, "seen by the other ")
    os.kill(server.hub, signal.SIGCONT)
    await other.until(lambda: "seen" in other.read(team.key))
    os.kill(server.hub, signal.SIGKILL)
    await other.closed()
    await one.leave()  # … and never comes back
    await come_again(other)
    async with asyncio.timeout(80):
        while "seen by the other" not in site.body(team.key):
            await asyncio.sleep(0.05)
    await other.append(team.key, "and goes on")
    assert await agree(site, team.key, other) == "seen by the other and goes on"
    await other.leave()


@asynchronous
async def test_all_killed_at_once_loses_nothing(site: Site) -> None:
    port = free_port()
    server = site.start(port)
    try:
        team = site.team(server)
        one, other = await team.writer(0).connect(), await team.writer(1).connect()
        dice = random.Random(2)
        for turn in range(2):
            await write_words(team, dice, words_of(f"{turn}x", 15), one, other)
            acknowledged = [word for writer in (one, other) for word in writer.read(team.key).split()]
            if one.unsaved or other.unsaved:
                acknowledged = []
            server.kill()
            assert all(word in site.body(team.key) for word in acknowledged)
            await write_words(team, dice, words_of(f"{turn}y", 5), one, other)
            server = site.start(port)
            await come_again(one, other)
        text = await agree(site, team.key, one, other)
        everything = [word for turn in range(2) for word in words_of(f"{turn}x", 15) + words_of(f"{turn}y", 5)]
        assert sorted(text.split()) == sorted(everything)
        await one.leave()
        await other.leave()
    finally:
        with suppress(ProcessLookupError):
            server.stop()


@asynchronous
async def test_an_end_that_is_asked_for_saves_first(site: Site) -> None:
    before = set(site.folder.glob("sip-live-*"))
    server = site.start()
    assert set(site.folder.glob("sip-live-*")) - before
    team = site.team(server)
    one = await team.writer(0).connect()
    for word in words_of("last", 20):
        await one.append(team.key, word + " ")
    began = time.monotonic()
    await asyncio.to_thread(server.stop)
    print(f"all ended in {time.monotonic() - began:.1f} s")
    assert await one.closed() == 1012
    assert not one.unsaved
    assert site.body(team.key).split() == words_of("last", 20)
    assert "Traceback" not in server.log.read_text()
    assert server.process.returncode == 0
    assert set(site.folder.glob("sip-live-*")) == before  # the folder of its socket is gone
    await one.leave()


@asynchronous
async def test_two_hubs_on_one_database_agree(site: Site, server: Serving) -> None:
    with site.serving() as second:
        team = site.team(server)
        elsewhere = Visit(second.address)
        elsewhere.jar = team.visits[1].jar  # one session holds on every machine
        one, other = await team.writer(0).connect(), await Writer(elsewhere, team.draft.slug).connect()
        began = time.monotonic()
        await one.append(team.key, "hello ")
        await other.until(lambda: "hello" in other.read(team.key), 20)
        print(f"from hub to hub in {time.monotonic() - began:.2f} s")
        dice = random.Random(3)
        await write_words(team, dice, words_of("w", 60), one, other)
        text = await agree(site, team.key, one, other)
        assert sorted(text.split()) == sorted(["hello", *words_of("w", 60)])
        # One of them dies; its people go on at the other.
        os.kill(second.hub, signal.SIGKILL)
        await write_words(team, dice, words_of("v", 20), one, other)
        await other.leave()
        other.visit = Visit(server.address)
        other.visit.jar = elsewhere.jar
        await come_again(other)
        text = await agree(site, team.key, one, other)
        assert sorted(text.split()) == sorted(["hello", *words_of("w", 60), *words_of("v", 20)])
        await one.leave()
        await other.leave()


@asynchronous
async def test_an_update_sent_twice_is_there_once(site: Site, server: Serving) -> None:
    team = site.team(server)
    one = await team.writer(0).connect()
    await one.append(team.key, "once")
    await one.saved()
    again = one.doc.get_update()
    await one._send(again)
    await one.saved()
    assert site.body(team.key) == "once"
    await one.leave()


# Databases that are restored, and disks that are full, under a hub that runs.


def backed_up(site: Site, copy: Path) -> None:
    """Copy the database while it is in use, as a backup does."""
    source, target = sqlite3.connect(site.url.removeprefix("sqlite:///")), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()


def written_over(site: Site, copy: Path) -> None:
    """Restore into the file that is there."""
    source, target = sqlite3.connect(copy), sqlite3.connect(site.url.removeprefix("sqlite:///"))
    source.backup(target)
    source.close()
    target.close()


def put_in_place(site: Site, copy: Path) -> None:
    """Restore by moving another file there."""
    path = Path(site.url.removeprefix("sqlite:///"))
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    copy.rename(path)


@pytest.mark.parametrize("restore", [written_over, put_in_place])
@asynchronous
async def test_a_restored_database_is_noticed(
    site: Site, server: Serving, tmp_path: Path, restore: Callable[[Site, Path], None]
) -> None:
    if not site.url.startswith("sqlite"):
        pytest.skip("a log that went back is tested on both; moving a file is SQLite’s")
    team = site.team(server)
    one, other = await team.writer(0).connect(), await team.writer(1).connect()
    await one.append(team.key, "before ")
    await one.saved()
    backed_up(site, tmp_path / "backup.db")
    await one.append(team.key, "after ")
    await one.saved()
    began = time.monotonic()
    restore(site, tmp_path / "backup.db")
    assert await one.closed() == 1012
    assert await other.closed() == 1012
    print(f"noticed after {time.monotonic() - began:.2f} s")
    late = await team.writer(1).connect()
    assert late.read(team.key) == "before "
    await late.append(team.key, "goes on")
    await late.saved()
    assert site.body(team.key) == "before goes on"
    for writer in (one, other, late):
        await writer.leave()


@asynchronous
async def test_a_full_disk_ends_no_writing(site: Site, server: Serving) -> None:
    """No byte more may be written: nothing is said to be saved, all goes on, and is saved once there is room again."""
    if not site.url.startswith("sqlite"):
        pytest.skip("the files of PostgreSQL are another account’s")
    team = site.team(server)
    one, other = await team.writer(0).connect(), await team.writer(1).connect()
    await one.append(team.key, "before ")
    await one.saved()
    before = resource.prlimit(server.hub, resource.RLIMIT_FSIZE)
    resource.prlimit(server.hub, resource.RLIMIT_FSIZE, (8_192, before[1]))  # the log of the database is longer
    try:
        await one.append(team.key, "meanwhile ")
        await other.until(lambda: "meanwhile" in other.read(team.key))
        await other.until(lambda: not other.is_kept)  # the page says so
        for turn in range(20):
            await other.append(team.key, f"{turn} ")
            await asyncio.sleep(0.05)
        await one.until(lambda: one.read(team.key) == other.read(team.key))
        late = await team.writer(0).connect()  # whoever comes is let in, and told
        assert not late.is_kept
        assert "meanwhile" in late.read(team.key)
        assert one.unsaved
        assert other.unsaved
        assert (one.close_code, other.close_code) == (None, None)
        assert site.body(team.key) == "before "
    finally:
        resource.prlimit(server.hub, resource.RLIMIT_FSIZE, before)
    began = time.monotonic()
    text = await agree(site, team.key, one, other, late)
    print(f"saved {time.monotonic() - began:.2f} s after there was room")
    await one.until(lambda: one.is_kept)
    assert text == "before meanwhile " + "".join(f"{turn} " for turn in range(20))
    assert "Traceback" not in server.log.read_text()
    for writer in (one, other, late):
        await writer.leave()
