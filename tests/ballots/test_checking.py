"""What `sip check` and `sip tally` say of stored ballots, and of lists of votes that were downloaded."""

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from sip.ballots import files, queries, tally
from sip.ballots.actions import voting
from sip.ballots.checking import problems
from sip.ballots.models import MajorityRule, Method, Secrecy
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.record import RecordEntry
from sip.core.record import problems as record_problems
from tests.ballots.conftest import closed
from tests.factories import make_person

DAMAGES = [
    ("UPDATE ballots SET voted = 3 WHERE secrecy = 'open'", "ballot 1: 3 are said to have voted, 2 turned out"),
    ("UPDATE ballots SET on_roll = 5 WHERE secrecy = 'open'", "ballot 1: 5 people are said to be on its roll"),
    ("UPDATE ballots SET is_adopted = true WHERE secrecy = 'open'", "ballot 1: counting its votes again gives another"),
    ("UPDATE votes SET choice = 'consent'", "ballot 1: counting its votes again gives another result"),
    ("UPDATE ballots SET question = 'Autre chose ?' WHERE secrecy = 'open'", "ballot 1 is not what entry"),
    (
        "DELETE FROM record_entries WHERE kind = 'ballot' AND number = (SELECT MAX(number) FROM record_entries)",
        "ballot 2",
    ),
    ("UPDATE urns SET votes = '[]'", "ballot 2: 1 are said to have voted, 1 turned out, and there are 0 votes"),
    ("UPDATE urns SET votes = REPLACE(votes, 'against', 'for')", "ballot 2: counting its votes again"),
]


def test_what_is_wrong_is_found(house):
    ballot = house.plan()
    house.vote(ballot, facilitator="consent", participant="objection: Non.")
    closed(ballot)
    secret = house.open_to_all(secrecy=Secrecy.SECRET, places=(2,))
    house.vote(secret, member="against")
    closed(secret)
    planned = house.plan()
    house.vote(planned, facilitator="consent")
    assert list(problems()) == list(record_problems()) == []
    numbers = {"ballot 1": f"ballot {ballot.id}", "ballot 2": f"ballot {secret.id}"}
    for damage, said in DAMAGES:
        with db.session.begin_nested() as savepoint:
            db.session.execute(text(damage))
            db.session.expire_all()
            found = list(problems())
            savepoint.rollback()
        for name, real in numbers.items():
            said = said.replace(name, real)
        assert any(said in problem for problem in found), (damage, found)
        db.session.expire_all()
    assert list(problems()) == []


def downloaded(ballot, folder: Path) -> Path:
    """The list of votes, as it is sent to whoever asks for it."""
    path = folder / "votes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([files.header(ballot), *files.rows(ballot)])
    return path


BALLOTS = [
    ({}, {"facilitator": "consent", "participant": "objection: Trop, « cher »;\nvraiment.", "referent": "abstain"}),
    ({"method": Method.MAJORITY, "rule": MajorityRule.TWO_THIRDS}, {"facilitator": "for", "secretary": "against"}),
    ({"method": Method.MAJORITY, "secrecy": Secrecy.SECRET}, {"facilitator": "for", "secretary": "abstain"}),
    (
        {"method": Method.RANKING, "alternatives": [("Un", ""), ("Deux", "")]},
        {"facilitator": "2=1", "secretary": "0,2"},
    ),
    (
        {"method": Method.RANKING, "alternatives": [("Un", ""), ("Deux", "")], "secrecy": Secrecy.SECRET},
        {"facilitator": "2,1", "secretary": "1,2,0"},
    ),
]


@pytest.mark.parametrize(("values", "votes"), BALLOTS)
def test_anybody_counts_a_downloaded_list_again(house, tmp_path, values, votes):
    ballot = house.plan(**values)
    house.vote(ballot, **votes)
    closed(ballot)
    read = files.read(downloaded(ballot, tmp_path))
    found = files.count(read, MajorityRule(ballot.rule), ballot.on_roll, ballot.quorum)
    stored = queries.result_of(ballot)
    assert stored == {**stored, **found}
    # The public record knows the very list by its hash.
    assert read.hash == queries.hash_of_votes(ballot)


def test_nobody_guesses_the_votes_of_a_few_from_the_public_record(house):
    ballot = house.plan()
    house.vote(ballot, participant="consent")
    closed(ballot)
    content = db.session.scalars(select(RecordEntry.content).order_by(RecordEntry.number)).all()[-1]
    hashed = json.loads(content)["votes_hash"]
    assert hashed == queries.hash_of_votes(ballot)
    assert queries.salt_of(ballot) not in content
    guesses = [[(str(person.id), choice)] for person in house.people.values() for choice in tally.CHOICES["consent"]]
    assert hashed not in map(tally.list_hash, guesses)


def test_a_spreadsheet_may_have_saved_the_list(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("\ufeffname;choice;opinion;member\r\n'=Max;for;;3\r\nOlga;'for;\"a;b\";4\r\n", encoding="utf-8")
    read = files.read(path)
    assert (read.method, read.choices) == (Method.MAJORITY, ["for", "for"])
    for content in (
        b"",
        b"a,b\n1,2\n",
        b"code,choice\n",
        b"\x00",
        b"code,choice\n\xe9,for\n",
        b'code,choice\n"' + b"x" * 200_000,
    ):
        path.write_bytes(content)
        with pytest.raises(Invalid):
            files.read(path)
    path.write_text("code,choice\nA,for\nB,maybe\n")
    with pytest.raises(Invalid, match="no answer"):
        files.count(files.read(path), MajorityRule.SIMPLE, 2, 0)


def test_votes_of_two_people_with_one_name_are_two(house, tmp_path):
    for _ in range(2):
        house.people[f"twin{_}"] = make_person("Jo Double")
    ballot = house.open_to_all()
    for who in ("twin0", "twin1"):
        voting.cast(house[who], ballot, "for")
    db.session.commit()
    closed(ballot)
    rows = list(files.rows(ballot))
    assert [row[:2] for row in rows] == [["Jo Double", "for"]] * 2
    assert len({row[3] for row in rows}) == 2
