"""Whatever gets lost, is said twice, comes late or dies: in the end everybody has the same text, and the table too."""

import random
from collections import deque

import pytest

from sip.core.db import db
from sip.drafts import live_text, queries
from sip.drafts.actions import text as text_actions
from sip.drafts.checking import problems
from sip.drafts.models import Section
from tests.live.conftest import Desk
from tests.live.peers import Hub, Peer

SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("hubs", [1, 2])
def test_all_copies_end_equal(desk: Desk, seed: int, hubs: int):
    chance = random.Random(1000 * hubs + seed)
    rights = desk.rights()
    house = [Hub(desk.draft_id, rights) for _ in range(hubs)]
    peers = [Peer(desk.people[place % 4].id, chance.randrange(2**32), desk.keys, chance) for place in range(5)]
    for _step in range(160):
        for peer in peers:
            if peer.hub is None and chance.random() < 0.3:
                peer.connect(chance.choice(house))
        peer = chance.choice(peers)
        hub = chance.choice(house)
        happens = chance.random()
        if happens < 0.45:
            peer.type()
        elif happens < 0.50:
            peer.say_again()
        elif happens < 0.53:
            peer.cut()
        elif happens < 0.545:
            hub.kill()
        elif happens < 0.60:
            hub.commit()
        elif happens < 0.62:
            hub.look()
        elif happens < 0.64:
            save_form(desk, chance)
        for other in peers:
            for _ in range(chance.randrange(3)):
                if other.hub is not None:
                    other.hub.hear(other)
                other.receive()
    settle(peers, house)
    compare(desk, peers, house, f"seed {seed}")


def save_form(desk: Desk, chance: random.Random) -> None:
    """Somebody uses the plain form."""
    db.session.expire_all()
    section = chance.choice(desk.draft.living_sections)
    now = section.body
    place = chance.randrange(len(now) + 1)
    text_actions.edit_section(desk.people[0], section, now, f"{now[:place]}Ω{now[place:]}")
    db.session.commit()


def settle(peers: list[Peer], house: list[Hub]) -> None:
    for _ in range(40):
        for peer in peers:
            if peer.hub is None:
                peer.connect(house[0])
            while peer.outbox or peer.inbox:
                peer.hub.hear(peer)
                peer.receive()
        for hub in house:
            hub.look()
            hub.commit()
    left = [(peer.unsaved, peer.inbox, peer.outbox, peer.refused) for peer in peers]
    assert left == [([], deque(), deque(), [])] * len(peers)


def compare(desk: Desk, peers: list[Peer], house: list[Hub], seed: str) -> None:
    db.session.expire_all()
    logged = live_text.texts([live_text.compacted(queries.all_updates(desk.draft_id))])
    for section in desk.draft.living_sections:
        row = db.session.get(Section, section.id)
        assert row.body == logged[section.key], seed
        assert sum(length for _who, length in row.authorship) == len(row.body), seed
        for peer in peers:
            assert peer.client.text(section.key) == row.body, seed
        for hub in house:
            assert hub.opened()._document.text(section.key) == row.body, seed
    assert [peer.refused for peer in peers if peer.refused] == [], seed
    assert list(problems()) == [], seed
