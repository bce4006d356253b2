"""The board's answer: proposed over what one saw, signed as it is, published once, versioned, told to who took part."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from sip.amendments.actions.proposing import propose as amend
from sip.amendments.actions.supporting import support
from sip.amendments.models import AmendmentKind
from sip.ballots.models import Ballot, BallotSection, BallotState, Method, RollEntry, Secrecy, Turnout
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.journal import Event, JournalEntry
from sip.core.outbox import Letter
from sip.core.record import RecordEntry, RecordKind
from sip.cycles.stages import Stage
from sip.drafts.models import Version
from sip.people.models import RoleGrant
from sip.reviews import queries
from sip.reviews.actions import responding
from sip.reviews.contributors import told_of
from sip.reviews.models import Answer, BoardResponse
from sip.threads.actions.positions import take_position
from sip.threads.actions.threads import open_thread
from sip.threads.models import Comment, Guest, Stance, ThreadKind
from tests.factories import make_person
from tests.reviews.conftest import in_days, letters

CARD = {"slug": "carte", "answer": "declined", "reasons": "Trop cher."}


def test_a_proposal_may_be_unfinished_and_is_completed_before_it_is_signed(house):
    [review] = house.hand_over()
    bare = {"answer": Answer.DEFERRED, "reasons": "", "measures": [{**CARD, "reasons": ""}]}
    response = house.propose(review, **bare)
    assert [field for _text, field in responding.lacks(response)] == ["reasons", "deferred_until", "reasons-carte"]
    with pytest.raises(Invalid) as refused:
        responding.sign(house["board"], response, seen=response.mark)
    assert refused.value.field == "reasons"
    full = {"answer": Answer.DEFERRED, "reasons": "Pas *encore*.", "deferred_until": in_days(90), "measures": [CARD]}
    assert house.propose(review, **full) is response
    assert responding.lacks(response) == []
    assert (response.number, response.revision, response.reasons_html) == (1, 2, "<p>Pas <em>encore</em>.</p>")
    assert response.measures == [
        {
            "slug": "carte",
            "letter": "a",
            "title": "La carte",
            "answer": "declined",
            "reasons": "Trop cher.",
            "reasons_html": "<p>Trop cher.</p>",
        }
    ]
    responding.sign(house["board"], response, seen=response.mark)
    # What was promised for a day that passed before it was published is no answer.
    with clock.at(clock.now() + timedelta(days=365)), pytest.raises(Invalid) as refused:
        responding.sign(house["other board"], response, seen=response.mark)
    assert refused.value.field == "deferred_until"


def test_what_no_answer_can_be_is_refused(house):
    [review] = house.hand_over()
    for values, field in (
        ({"answer": "perhaps"}, "answer"),
        ({"answer": Answer.DEFERRED, "deferred_until": in_days(0)}, "deferred_until"),
        ({"reasons": "x" * 20_001}, "reasons"),
        ({"measures": [{**CARD, "slug": "la-lune"}]}, "measures"),
        ({"measures": [CARD, CARD]}, "measures"),
        ({"measures": [{**CARD, "answer": ""}]}, "answer-carte"),
        ({"measures": [{**CARD, "reasons": "x" * 20_001}]}, "reasons-carte"),
    ):
        with pytest.raises(Invalid) as refused:
            house.propose(review, **values)
        assert refused.value.field == field, values
    assert queries.proposal_of(review) is None


@pytest.mark.parametrize(
    ("whole", "measure", "agrees"),
    [
        (Answer.ACCEPTED, "accepted", True),
        (Answer.ACCEPTED, "deferred", False),
        (Answer.PARTLY, "declined", True),
        (Answer.DECLINED, "deferred", True),
        (Answer.DECLINED, "partly", False),
    ],
)
def test_the_whole_does_not_say_more_than_its_measures(whole, measure, agrees):
    measures = [{"slug": "carte", "letter": "a", "answer": measure, "reasons": "Oui."}]
    response = BoardResponse(answer=whole.value, reasons="Oui.", measures=measures, deferred_until=None)
    assert [field for _text, field in responding.lacks(response)] == ([] if agrees else ["answer"])


def test_whoever_saves_over_an_answer_that_they_have_not_seen_is_told(house):
    [review] = house.hand_over()
    first = house.propose(review)
    seen = first.mark
    responding.sign(house["board"], first, seen=seen)
    house.propose(review, "other board")  # the same again
    assert (first.mark, len(first.signatures)) == (seen, 1)
    house.propose(review, "other board", reasons="Mieux dit.")
    assert (first.number, len(first.signatures)) == (1, 0)
    for late in (
        lambda: responding.propose(house["board"], review, answer=Answer.DECLINED, reasons="Non.", seen=seen),
        lambda: responding.sign(house["board"], first, seen=seen),
        lambda: responding.publish(house["board"], review, seen=seen),
        lambda: responding.propose(house["board"], review, answer=Answer.DECLINED, reasons="Non.", seen=""),
    ):
        with pytest.raises(Conflict) as clash:
            late()
        assert clash.value.details["theirs"].reasons == "Mieux dit."
    house.publish(review, reasons="Fini.")
    with pytest.raises(Conflict):  # published since: the next proposal begins from what everybody reads
        responding.propose(house["other board"], review, answer=Answer.DECLINED, reasons="Non.", seen="1.2")


def test_an_answer_is_published_once_enough_who_sit_in_the_board_have_signed_it(house):
    [review] = house.hand_over()
    with pytest.raises(Invalid):
        responding.publish(house["board"], review, seen="")
    response = house.propose(review)
    left = make_person("Lou Partie")
    responding.sign(house["board"], response, seen=response.mark)
    responding.sign(house["board"], response, seen=response.mark)
    responding.sign(house["other board"], response, seen=response.mark)
    responding.unsign(house["other board"], response)
    responding.unsign(house["other board"], response)
    assert [each.person for each in response.signatures] == [house["board"]]
    for who, error in (("board", Invalid), ("facilitator", Denied), ("steering", Denied)):
        with pytest.raises(error):
            responding.publish(house[who], review, seen=response.mark)
    # Who signed and sits in the board no longer does not count; who is alone need not wait for others.
    db.session.add(RoleGrant(person_id=left.id, role="board_member"))
    db.session.commit()
    db.session.refresh(left, ["grants"])
    responding.sign(left, response, seen=response.mark)
    db.session.query(RoleGrant).filter_by(person_id=left.id).delete()
    db.session.commit()
    db.session.refresh(left, ["grants"])
    with pytest.raises(Invalid):
        responding.publish(house["board"], review, seen=response.mark)
    db.session.query(RoleGrant).filter_by(person_id=house["other board"].id).delete()
    db.session.commit()
    responding.publish(house["board"], review, seen=response.mark)
    assert review.section.stage == Stage.ANSWERED


def test_publishing_moves_seals_and_stays(house):
    [review] = house.hand_over()
    first = house.publish(review, measures=[CARD])
    assert (review.answer, review.answered_at) == ("partly", first.published_at)
    assert (house.section(1).stage, house.section(2).stage) == (Stage.ANSWERED, Stage.INFORMATION)
    assert queries.answered_keys(house.draft, [review.key]) == {review.key}
    entry = db.session.scalars(select(RecordEntry).where(RecordEntry.kind == RecordKind.RESPONSE)).one()
    content = json.loads(entry.content)
    told = {name: content[name] for name in ("draft", "section", "number", "version", "response", "answer", "reasons")}
    assert told == {
        "draft": house.draft.slug,
        "section": review.key,
        "number": "1",
        "version": 1,
        "response": 1,
        "answer": "partly",
        "reasons": "Parce que.",
    }
    assert content["version_hash"] == review.version.hash
    assert content["measures"] == [{**CARD, "letter": "a", "title": "La carte"}]
    assert content["signed_by"] == ["Bo Conseil", "Béa Conseil"]
    before = (first.reasons, first.mark, first.published_at)
    with pytest.raises(Denied):
        responding.sign(house["other board"], first, seen=first.mark)
    with pytest.raises(Denied):
        responding.unsign(house["board"], first)
    with pytest.raises(Invalid):  # the same once more says nothing
        house.propose(review, measures=[CARD])
    second = house.publish(review, answer=Answer.ACCEPTED, reasons="Nous avons trouvé l’argent.")
    assert (second.number, review.answer, house.section(1).stage) == (2, "accepted", Stage.ANSWERED)
    assert (first.reasons, first.mark, first.published_at) == before
    assert [each.number for each in queries.responses_of(review)] == [2, 1]
    assert db.session.query(RecordEntry).filter_by(kind=RecordKind.RESPONSE).count() == 2
    public = select(JournalEntry.event).where(JournalEntry.draft_id == house.draft.id)
    events = set(db.session.scalars(public))
    assert Event.RESPONSE_PUBLISHED in events
    assert not events & {Event.RESPONSE_PROPOSED, Event.RESPONSE_SIGNED, Event.RESPONSE_UNSIGNED}


def test_everybody_who_took_part_in_it_is_told_once(house):
    house.set_stage(Stage.CONCERTATION)
    key = house.section(1).key
    first = db.session.scalars(select(Version).where(Version.draft_id == house.draft.id)).one()
    spoke, asked, stood, amended, supported, voted, elsewhere = (make_person() for _ in range(7))
    open_thread(spoke, house.draft, ThreadKind.REMARK, "Oui.", version=first, key=key)
    thread = open_thread(asked, house.draft, ThreadKind.QUESTION, "Quand ?", version=first, key=key)
    take_position(stood, house.draft, key, Stance.IN_FAVOUR)
    place = {"version": first, "key": key}
    amendment = amend(amended, house.draft, AmendmentKind.NEW_MEASURE, "Dire.", "Bien.", title="Dire", **place)
    for who in (supported, spoke):
        support(who, amendment)
    open_thread(elsewhere, house.draft, ThreadKind.REMARK, "Non.", version=first, key=house.section(2).key)
    _let_vote(house.section(1), first, Secrecy.OPEN, voted)
    _let_vote(house.section(1), first, Secrecy.SECRET, elsewhere)
    _let_vote(house.section(2), first, Secrecy.OPEN, elsewhere)
    _let_guests_speak(thread, ("guest@example.org", True), ("never@example.org", False), (spoke.email, True))
    [review] = house.hand_over()
    group = [house.people[who] for who in ("facilitator", "secretary", "participant", "referent")]
    told = {person.email for person in (spoke, asked, stood, amended, supported, voted, *group)} | {"guest@example.org"}
    assert told_of(review) == len(told)
    house.publish(review)
    assert letters("response_published") == sorted(("response_published", address) for address in told)
    data = db.session.scalars(select(Letter.data).where(Letter.recipient == "guest@example.org")).one()
    assert (data["to_name"], data["answer"], data["number"]) == ("Gilles", "partly", 1)


def _let_vote(section, version, secrecy: Secrecy, voter) -> None:
    """Let one of two people on the roll vote on a section."""
    at = clock.now()
    ballot = Ballot(
        cycle_id=section.draft.cycle_id,
        draft=section.draft,
        version=version,
        question="Oui ?",
        method=Method.MAJORITY,
        secrecy=secrecy,
        electorate="members",
        opens_at=at - timedelta(days=2),
        closes_at=at - timedelta(days=1),
        state=BallotState.CLOSED,
        created_at=at,
        sections=[BallotSection(section=section, position=1)],
    )
    db.session.add(ballot)
    db.session.flush()
    for person in (voter, make_person()):
        db.session.add(RollEntry(ballot_id=ballot.id, person_id=person.id))
    db.session.flush()
    db.session.add(Turnout(ballot_id=ballot.id, person_id=voter.id))
    db.session.commit()


def _let_guests_speak(thread, *guests: tuple[str, bool]) -> None:
    """Let guests comment a thread, each with an address that they have confirmed or not."""
    for address, is_confirmed in guests:
        guest = Guest(
            name="Gilles",
            email=address,
            language="fr",
            created_at=clock.now(),
            confirmed_at=clock.now() if is_confirmed else None,
        )
        comment = Comment(thread=thread, guest=guest, text="Bien.", html="<p>Bien.</p>", at=clock.now())
        db.session.add_all([guest, comment])
    db.session.commit()
