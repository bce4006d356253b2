"""Casting votes, in the open and in secret: who may, what is stored, and what can be read from it."""

import json

import pytest
from sqlalchemy import func, select, text

from sip.ballots import codes, queries
from sip.ballots.actions import opening, voting
from sip.ballots.checking import problems
from sip.ballots.models import Ballot, Electorate, Method, Secrecy, Turnout, Urn, Vote
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Denied, Invalid
from sip.core.journal import JournalEntry
from sip.core.outbox import Letter
from sip.cycles.stages import Stage
from sip.threads.models import Comment, Thread, ThreadKind, ThreadState
from tests.ballots.conftest import HOUR, closed, later
from tests.factories import let_stand, make_person


def test_an_objection_opens_a_thread_and_ends_it(house):
    ballot = house.plan()
    house.vote(ballot, facilitator="consent", secretary="reservations: Presque.", participant="objection: Trop cher.")
    thread = db.session.scalars(select(Thread)).one()
    about = (thread.kind, thread.key, thread.version_number, thread.author, thread.is_internal)
    assert about == (ThreadKind.CONCERN, house.section().key, 1, house["participant"], False)
    assert ballot.voted == 3
    house.vote(ballot, participant="objection: Bien trop cher.")
    texts = db.session.scalars(select(Comment.text).order_by(Comment.id)).all()
    assert texts == ["Trop cher.", "Bien trop cher."]
    house.vote(ballot, participant="consent")
    assert (thread.state, thread.resolved_reason) == (ThreadState.RESOLVED, "L’objection a été retirée.")
    house.vote(ballot, participant="objection: Décidément.")
    assert db.session.scalar(select(func.count(Thread.id))) == 2
    assert ballot.voted == 3
    assert [vote.opinion for vote in queries.objections(closed(ballot))] == ["Décidément."]
    result = queries.result_of(ballot)
    assert result["counts"] == {"consent": 1, "reservations": 1, "objection": 1, "abstain": 0}
    assert (result["decision"], ballot.is_adopted, result["on_roll"]) == ("objections", False, 4)
    assert list(problems()) == []


def test_an_objection_needs_a_reason_and_is_heard_after_the_stage_has_closed(house):
    ballot = house.plan()
    with pytest.raises(Invalid) as refused:
        voting.cast(house["participant"], ballot, "objection", opinion="  ")
    assert refused.value.field == "opinion"
    section = house.section()
    section.stage_closes_at = clock.now()
    db.session.commit()
    with later(hours=2):  # members comment no more, and votes still count
        house.vote(ballot, participant="objection: Trop cher.")
    assert db.session.scalar(select(func.count(Thread.id))) == 1


RANKED = {"method": Method.RANKING, "alternatives": [("Un", ""), ("Deux", ""), ("Trois", "")]}
# method, what is sent, whether it is stored as something (else the field at fault)
SENT = [
    ({}, "for", None),
    ({}, "", None),
    ({}, "consent", "consent"),
    ({"method": Method.MAJORITY}, "consent", None),
    ({"method": Method.MAJORITY}, "abstain", "abstain"),
    (RANKED, "2,1=3,0", "2,1=3,0"),
    (RANKED, "3=1,2", "1=3,2,0"),
    (RANKED, "0=1=2=3", "0=1=2=3"),
    *((RANKED, text, None) for text in ("", "for", "1,1", "1,,2", "4,1", "1;2", "9" * 200, "1,2,3,0,")),
]


@pytest.mark.parametrize(("values", "sent", "stored"), SENT)
def test_only_answers_to_the_question_are_taken(house, values, sent, stored):
    ballot = house.plan(**values)
    if stored is None:
        with pytest.raises(Invalid) as refused:
            voting.cast(house["participant"], ballot, sent)
        assert refused.value.field == "choice"
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Turnout)) == 0
    else:
        house.vote(ballot, participant=sent)
        assert queries.choices_of(ballot) == {stored: 1}


def test_ranks_are_read_as_they_are_chosen(house):
    ballot = house.plan(**RANKED)
    assert voting.ranking(ballot, {1: 2, 2: 1, 3: None, 0: 3}) == "2,1,0,3"
    for ranks in ({1: 1, 2: 3}, {4: 1}, {1: None, 2: None}, {}):
        with pytest.raises(Invalid):
            voting.ranking(ballot, ranks)


def test_only_those_on_the_roll_vote_and_only_in_time(house):
    ballot = house.plan(opens_at=clock.now() + HOUR)

    def refusal(who: str) -> str:
        with pytest.raises(Denied) as refused:
            voting.cast(house[who], ballot, "consent")
        db.session.rollback()
        return str(refused.value)

    assert "not open yet" in refusal("participant")
    with clock.at(ballot.opens_at):  # nothing has run: who acts first opens the ballot
        assert "not on the roll" in refusal("member")
        house.vote(ballot, participant="consent")
        assert ballot.on_roll == 4
        newcomer = make_person("Nadia Nouvelle")
        house.people["newcomer"] = newcomer
        house.draft.groups[0].memberships[0].person_id = newcomer.id
        db.session.commit()
        assert "not on the roll" in refusal("newcomer")
        let_stand(house.draft, Stage.CONCERTATION)
        assert "codecision" in refusal("secretary")
        let_stand(house.draft, Stage.CODECISION)
    with clock.at(ballot.closes_at):  # nor now: the right ends at that second
        assert "over" in refusal("secretary")
        closed(ballot)
        assert "over" in refusal("secretary")
    with pytest.raises(Denied, match="Sign in"):
        voting.cast(None, ballot, "consent")


def test_an_open_vote_tells_members_in_the_end_and_nobody_before(house):
    ballot = house.open_to_all()
    voting.cast(house["member"], ballot, "against", opinion="Trop vite.", is_minority=True)
    house.vote(ballot, other="for", facilitator="for: Enfin.")
    assert (ballot.on_roll, ballot.voted) == (9, 3)
    assert [str(each) for each in queries.minority_opinions(closed(ballot))] == [
        str(queries.Opinion("against", "Trop vite.", "Max Membre"))
    ]
    assert queries.result_of(ballot)["opinions"] == 1
    assert [vote.person.name for vote in db.session.scalars(queries.votes_of(ballot))] == [
        "Ana Facilite", "Max Membre", "Olga Autre"
    ]  # fmt: skip
    told = db.session.scalars(select(JournalEntry).where(JournalEntry.event == "vote.cast")).all()
    # That somebody took part is in nobody's public history, and what they voted nowhere.
    assert [(entry.draft_id, entry.cycle_id) for entry in told] == [(None, None)] * 3
    assert not any("against" in str(entry.data) for entry in told)


@pytest.fixture
def secret(house):
    """A secret ballot of all members, open, with four votes, and who got which code."""
    for _ in range(6):
        make_person()
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    votes = {"member": "for", "other": "against", "steering": "for", "board": "abstain"}
    received = {}
    for who, choice in votes.items():
        opinion = "Une voix de moins." if choice == "against" else ""
        received[who] = voting.cast(house[who], ballot, choice, opinion=opinion).code
    db.session.commit()
    return ballot, votes, received


def test_a_secret_vote_is_final_and_can_be_checked_by_its_code(house, secret):
    ballot, votes, received = secret
    for again in ("for", "against"):
        with pytest.raises(Denied, match="final"):
            voting.cast(house["member"], ballot, again)
    assert queries.holds_code(ballot, received["member"])
    assert not queries.holds_code(ballot, codes.new_code())
    assert queries.count_opinions(closed(ballot)) == 1
    assert queries.result_of(ballot)["counts"] == {"for": 2, "against": 1, "abstain": 1}
    listed = queries.codes_of(ballot, 0, 10)
    assert listed == sorted((received[who], choice) for who, choice in votes.items())
    assert queries.codes_of(ballot, 1, 2) == listed[1:3]
    mine = received["other"]
    for typed in (mine, mine.lower().replace("-", " "), mine.replace("0", "O").replace("1", "l"), f" {mine} "):
        assert queries.vote_of_code(ballot, typed) == (mine, "against")
    for typed in ("", mine[:-1], "U" * 16, codes.new_code(), "é" * 16):
        assert queries.vote_of_code(ballot, typed) is None
    [opinion] = queries.minority_opinions(ballot)
    assert (opinion.name, opinion.text) == (None, "Une voix de moins.")
    assert list(problems()) == []


def test_nothing_stored_links_a_secret_vote_to_its_voter(house, secret):
    ballot, _votes, received = secret
    # Who has voted, and nothing else: no time, no place in a row, no choice.
    assert {column.name for column in Turnout.__table__.columns} == {"ballot_id", "person_id", "holder_id"}
    rows = db.session.execute(select(Urn.votes, Urn.opinions).where(Urn.ballot_id == ballot.id)).all()
    assert len(rows) == 1
    votes = json.loads(rows[0].votes)
    assert votes == sorted(votes)  # the order in which they came is gone
    assert sorted(code for code, _choice in votes) == sorted(received.values())
    assert db.session.scalar(select(func.count()).select_from(Vote)) == 0
    # No code, and no vote, is anywhere else in the database: not in the journal, not among forms, not in letters.
    everywhere = {}
    for table in Ballot.metadata.sorted_tables:
        if table is not Urn.__table__:
            everywhere[table.name] = str(db.session.execute(select(table)).all())
    for code in received.values():
        assert [name for name, rows in everywhere.items() if code in rows] == []
    assert not {"vote.cast", "vote.changed"} & set(db.session.scalars(select(JournalEntry.event)))
    voters = {house[who].id for who in received}
    since = db.session.scalars(select(JournalEntry).where(JournalEntry.actor_id.in_(voters))).all()
    assert since == []
    if db.session.get_bind().dialect.name == "sqlite":
        for table in ("turnout", "urns"):
            made = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
            assert "WITHOUT ROWID" in made  # whose rows lie by key, not by arrival


def test_the_urn_of_many_is_several_rows_until_it_is_counted(house, monkeypatch):
    monkeypatch.setattr(opening, "VOTES_IN_A_ROW", 2)
    monkeypatch.setattr(queries, "URN_ROW", 3)
    ballot = house.open_to_all(secrecy=Secrecy.SECRET)
    assert db.session.scalar(select(func.count()).where(Urn.ballot_id == ballot.id)) == 5
    for who in list(house.people):
        voting.cast(house[who], ballot, "for", opinion=f"De {len(who)} lettres.")
    db.session.commit()
    closed(ballot)
    lengths = [len(json.loads(row)) for row in db.session.scalars(select(Urn.votes).order_by(Urn.number))]
    assert lengths == [3, 3, 3]
    assert [queries.codes_of(ballot, place, 1)[0] for place in range(9)] == sorted(queries.codes_of(ballot, 0, 100))
    assert len(queries.minority_opinions(ballot, 2, 4)) == 4
    assert list(problems()) == []


def test_letters_to_everybody_go_out_in_lots(house, monkeypatch):
    monkeypatch.setattr("sip.core.outbox.LOT", 4)
    house.plan(electorate=Electorate.MEMBERS)
    letters = db.session.scalars(select(Letter).where(Letter.kind == "ballot_opened").order_by(Letter.due_at)).all()
    assert len(letters) == 9  # and none to whoever has not joined
    assert [(each.due_at - letters[0].due_at).seconds for each in letters] == [0] * 4 + [50] * 4 + [100]
    names = {person.email: person.name for person in house.people.values()}
    assert {each.recipient: each.data["to_name"] for each in letters} == names
