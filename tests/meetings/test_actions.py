"""Meetings, points and minutes: what changes, what is refused, who is told."""

from datetime import timedelta

import pytest
from flask import render_template
from sqlalchemy import delete, select

from sip.bodies.models import BodyKind
from sip.core import clock
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.core.journal import JournalEntry
from sip.core.outbox import Letter
from sip.cycles.settling import marks
from sip.cycles.stages import Stage
from sip.meetings import checking, queries
from sip.meetings.actions import agenda, calling, cancelling, minutes, points, recording
from sip.meetings.models import AgendaPoint, PointState
from tests.factories import let_stand, make_body, make_cycle, make_person
from tests.helpers import journal_events


def titles(meeting) -> list[str]:
    """Return what stands on an agenda, in its order, as the database has it."""
    db.session.expire_all()
    return [point.title for point in meeting.points]


def letters() -> list[tuple[str, str]]:
    return [(letter.kind, letter.recipient) for letter in db.session.scalars(select(Letter).order_by(Letter.id))]


def after(meeting) -> object:
    """Let it be the day after a meeting."""
    return clock.at(meeting.starts_at + timedelta(days=1))


def test_a_point_that_was_taken_off_meanwhile_is_missing(house):
    point = points.propose(house.member, house.board, "Un point", "Parce que.")
    db.session.commit()
    db.session.execute(delete(AgendaPoint).execution_options(synchronize_session=False))
    with pytest.raises(Missing):
        recording.lock_point(point)


def test_whoever_sits_in_the_body_calls_and_changes_its_meetings(house):
    steering = make_person()
    committee = make_body(kind=BodyKind.STEERING, cycle=make_cycle(steering=(steering,)))
    values = {"title": "Pilotage", "starts_at": clock.now() + timedelta(days=1), "place": ""}
    meeting = calling.create_meeting(steering, committee, values)
    for actor, body in (
        (steering, house.board),
        (house.director, committee),
        (house.member, committee),
        (None, committee),
    ):
        with pytest.raises(Denied):
            calling.create_meeting(actor, body, values)
    began = marks(calling.meeting_values(meeting))
    calling.edit_meeting(steering, meeting, {**values, "place": "Lyon"}, began)
    with pytest.raises(Conflict):
        calling.edit_meeting(steering, meeting, {**values, "place": "Gand"}, began)
    for wrong, field in (
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"place": "x" * 201}, "place"),
        ({"starts_at": clock.now() + timedelta(days=5_000)}, "starts_at"),
        ({"starts_at": clock.now() - timedelta(days=5_000)}, "starts_at"),
    ):
        with pytest.raises(Invalid) as refused:
            calling.create_meeting(steering, committee, {**values, **wrong})
        assert refused.value.field == field
    assert journal_events()[-2:] == ["meeting.created", "meeting.updated"]


def test_a_point_is_proposed_supported_once_and_counted(house):
    point = points.propose(house.member, house.board, " Ouvrir \n le dimanche ? ", "Parce *que*.")
    assert (point.title, point.state, point.supports) == ("Ouvrir le dimanche ?", "proposed", 0)
    supporters = [make_person() for _ in range(3)]
    for person in (*supporters, *supporters):
        points.support(person, point)
    assert point.supports == 3
    for _ in range(2):
        points.unsupport(supporters[0], point)
    assert point.supports == 2
    assert queries.supported_by(supporters[1], [point]) == {point.id}
    assert queries.supported_by(supporters[0], [point]) == queries.supported_by(None, [point]) == set()
    with pytest.raises(Denied):
        points.support(house.member, point)
    more = points.propose(supporters[0], house.board, "Autre", "x")
    listed = db.session.scalars(queries.proposals_of(house.board)).all()
    assert listed == [point, more]


def test_what_is_refused_of_a_point(house):
    for title, text, field in ((" ", "x", "title"), ("x" * 201, "x", "title"), ("x", "", "text")):
        with pytest.raises(Invalid) as refused:
            points.propose(house.member, house.board, title, text)
        assert refused.value.field == field
    for _ in range(points.MAX_OPEN):
        point = points.propose(house.member, house.board, "Encore", "x")
    with pytest.raises(Invalid):
        points.propose(house.member, house.board, "Trop", "x")
    with pytest.raises(Denied):
        points.decline(house.member, point, "Non")
    with pytest.raises(Invalid):
        points.decline(house.director, point, " ")
    elsewhere = make_body(house.director)
    with pytest.raises(Invalid):
        agenda.put(house.director, points.propose(house.member, elsewhere, "Ailleurs", "x"), house.meeting)
    with pytest.raises(Denied):
        agenda.put(house.member, point, house.meeting)


def test_an_agenda_is_filled_ordered_published_and_its_points_decided(house, review):
    mine, other = (points.propose(house.member, house.board, title, "x") for title in ("Le mien", "L’autre"))
    declined = points.propose(house.member, house.board, "Hors sujet", "x")
    with pytest.raises(Invalid):
        calling.publish_agenda(house.director, house.meeting)
    own = agenda.add(house.director, house.meeting, "Les comptes")
    agenda.put(house.director, mine, house.meeting)
    agenda.put(house.director, mine, house.meeting)  # twice is once
    agenda.put(house.director, other, house.meeting)
    reviewed = agenda.put_review(house.director, review, house.meeting)
    assert titles(house.meeting) == ["Les comptes", "Le mien", "L’autre", "Rendre visible"]
    for point, by in ((reviewed, -1), (reviewed, -1), (own, -1), (own, 1), (other, 1)):
        agenda.move(house.director, point, by)
    assert titles(house.meeting) == ["Rendre visible", "Les comptes", "Le mien", "L’autre"]
    with pytest.raises(Denied):
        points.decline(house.director, mine, "Trop tard")
    points.decline(house.director, declined, "Cela regarde le comité d’éthique.")
    assert letters() == [("point_declined", house.member.email)]

    calling.publish_agenda(house.director, house.meeting)
    calling.publish_agenda(house.director, house.meeting)
    assert letters()[1:] == [("point_on_agenda", house.member.email)] * 2

    values = minutes.minutes_values(house.meeting)
    values |= {minutes.field_of(mine): "Oui, dès *mars*.", minutes.field_of(reviewed): "Adopté."}
    began = marks(minutes.minutes_values(house.meeting))
    minutes.write_minutes(house.director, house.meeting, {**values, "minutes": "Tous étaient là."}, began)
    with pytest.raises(Conflict):
        minutes.write_minutes(house.director, house.meeting, {**values, "minutes": "Presque tous."}, began)
    with pytest.raises(Invalid):
        minutes.publish_minutes(house.director, house.meeting)  # not before it took place
    with after(house.meeting):
        minutes.publish_minutes(house.director, house.meeting)
    assert titles(house.meeting) == ["Rendre visible", "Le mien"]
    assert {point.state for point in house.meeting.points} == {"treated"}
    assert (other.state, own.state, other.meeting_id) == ("proposed", "proposed", None)
    assert letters()[3:] == [("point_decided", house.member.email), ("point_back", house.member.email)]
    for refused in (
        lambda: minutes.write_minutes(house.director, house.meeting, values),
        lambda: agenda.add(house.director, house.meeting, "Après coup"),
        lambda: agenda.take_off(house.director, mine),
        lambda: points.support(house.director, mine),
    ):
        with pytest.raises(Denied):
            refused()


def test_a_recommendation_under_review_comes_before_a_meeting_and_the_way_back_is_told(house, review):
    assert db.session.scalars(queries.reviews_to_discuss(house.board)).all() == [review]
    point = agenda.put_review(house.director, review, house.meeting)
    assert db.session.scalars(queries.reviews_to_discuss(house.board)).all() == []
    with pytest.raises(Invalid):
        agenda.put_review(house.director, review, house.meeting)
    assert queries.points_of_review(review) == []
    assert queries.points_of_review(review, house.member) == []
    assert queries.points_of_review(review, house.director) == [point]
    told = select(JournalEntry.event).where(
        JournalEntry.draft_id == review.draft_id, JournalEntry.event.startswith("point")
    )
    assert db.session.scalars(told).all() == []
    calling.publish_agenda(house.director, house.meeting)
    assert queries.points_of_review(review) == queries.points_of_review(review, house.member) == [point]
    minutes.write_minutes(house.director, house.meeting, {"minutes": "", minutes.field_of(point): "Adopté."})
    with after(house.meeting):
        minutes.publish_minutes(house.director, house.meeting)
        assert queries.points_of_review(review)[0].decision_html == '<p data-line="0">Adopté.</p>\n'
        assert db.session.scalars(told.order_by(JournalEntry.id)).all() == ["point.put_on_agenda", "point.decided"]
        # The board speaks about it again, as long as it studies it.
        again = calling.create_meeting(
            house.director, house.board, {"title": "Suite", "starts_at": clock.now(), "place": ""}
        )
        agenda.put_review(house.director, review, again)
    let_stand(review.draft, Stage.CONCERTATION)
    with pytest.raises(Invalid):
        agenda.put_review(house.director, review, again)


def test_what_the_body_prepares_unseen_is_gone_when_it_is_taken_off(house, review):
    own = agenda.add(house.director, house.meeting, "Confidentiel")
    theirs = points.propose(house.member, house.board, "Public", "x")
    agenda.put(house.director, theirs, house.meeting)
    agenda.put_review(house.director, review, house.meeting)
    for point in list(house.meeting.points):
        agenda.take_off(house.director, point)
    assert db.session.scalars(select(AgendaPoint)).all() == [theirs]
    assert (theirs.state, theirs.meeting) == ("proposed", None)
    assert letters() == []
    own = agenda.add(house.director, house.meeting, "Les comptes")
    agenda.put(house.director, theirs, house.meeting)
    calling.publish_agenda(house.director, house.meeting)
    for point in (own, theirs):
        agenda.take_off(house.director, point)
    assert {point.title: point.state for point in db.session.scalars(select(AgendaPoint))} == {
        "Public": "proposed",
        "Les comptes": "proposed",
    }
    assert letters()[-1] == ("point_back", house.member.email)


def test_the_check_names_what_does_not_hold(house):
    point = points.propose(house.member, house.board, "Un", "x")
    points.support(house.director, point)
    placed = agenda.add(house.director, house.meeting, "Deux")
    assert list(checking.problems()) == []
    point.supports, placed.state = 2, PointState.TREATED
    db.session.flush()
    assert list(checking.problems()) == [
        f"point {point.id}: 2 supports are stored instead of 1",
        f"point {placed.id}: its state is not what its meeting says",
    ]


def test_the_letters_name_the_body_and_the_point_and_lead_on(app, house):
    one, two, three = (points.propose(house.member, house.board, f"L'<Idée> {n} & Cie", "x") for n in range(3))
    points.decline(house.director, three, "Parce que <non>.")
    for point in (one, two):
        agenda.put(house.director, point, house.meeting)
    calling.publish_agenda(house.director, house.meeting)
    minutes.write_minutes(house.director, house.meeting, {minutes.field_of(one): "Oui"})
    agenda.take_off(house.director, two)
    agenda.put(house.director, two, house.meeting)
    with after(house.meeting):
        minutes.publish_minutes(house.director, house.meeting)
    found = list(db.session.scalars(select(Letter)))
    assert {letter.kind for letter in found} == {"point_declined", "point_on_agenda", "point_decided", "point_back"}
    with app.test_request_context("/", base_url="https://example.org", headers={"Accept-Language": "en"}):
        for letter in found:
            text = render_template(f"emails/{letter.kind}.txt", **letter.data)
            assert "Conseil d’administration" in text.split("\n")[0]
            assert text.strip().split("\n")[2].startswith("Hello Mia Member")
            assert letter.data["title"] in text
            assert f"https://example.org/points/{letter.data['point']}" in text
            assert ("Parce que <non>." in text) == (letter.kind == "point_declined")


def test_supporters_are_told_what_whoever_proposed_a_point_is_told(app, house):
    supporter, point = make_person("Sue Support"), points.propose(house.member, house.board, "Le dimanche ?", "x")
    points.support(supporter, point)
    points.support(house.director, point)
    agenda.put(house.director, point, house.meeting)
    calling.publish_agenda(house.director, house.meeting)
    agenda.take_off(house.director, point)
    points.decline(house.director, point, "Trop tôt.")
    both = {house.member.email, supporter.email}
    kinds = ("point_on_agenda", "point_back", "point_declined")
    assert sorted(letters()) == sorted((kind, email) for kind in kinds for email in both)
    query = select(Letter).where(Letter.recipient == supporter.email).order_by(Letter.id)
    for letter in db.session.scalars(query):
        with app.test_request_context():
            said = render_template(f"emails/{letter.kind}.txt", **letter.data)
        assert "Le dimanche ?" in said
        assert "Sue Support" in said
        assert "you proposed" not in said


def test_a_point_is_withdrawn_by_whoever_proposed_it_until_members_read_it_on_an_agenda(house):
    waiting, prepared, published = (points.propose(house.member, house.board, title, "x") for title in "abc")
    agenda.put(house.director, prepared, house.meeting)
    for other in (house.director, make_person(), None):
        with pytest.raises(Denied):
            points.withdraw(other, waiting)
    # Whoever could not withdraw it would learn what the body alone knows yet.
    for point in (waiting, prepared):
        points.withdraw(house.member, point)
        assert (point.state, point.meeting) == ("withdrawn", None)
        for change in (points.withdraw, points.support):
            with pytest.raises(Denied):
                change(house.member, point)
        with pytest.raises(Denied):
            agenda.put(house.director, point, house.meeting)
    agenda.put(house.director, published, house.meeting)
    assert titles(house.meeting) == ["c"]
    calling.publish_agenda(house.director, house.meeting)
    with pytest.raises(Denied):
        points.withdraw(house.member, published)
    assert not list(checking.problems())


def test_how_many_points_one_may_propose_does_not_tell_what_an_agenda_in_preparation_holds(house):
    mine = [points.propose(house.member, house.board, str(number), "x") for number in range(points.MAX_OPEN)]
    agenda.put(house.director, mine[0], house.meeting)
    with pytest.raises(Invalid):
        points.propose(house.member, house.board, "Encore", "x")
    calling.publish_agenda(house.director, house.meeting)
    points.propose(house.member, house.board, "Encore", "x")


@pytest.mark.parametrize("is_open", [False, True])
def test_points_of_a_cancelled_meeting_wait_for_another_one(house, is_open):
    point = points.propose(house.member, house.board, "Le dimanche ?", "x")
    agenda.put(house.director, point, house.meeting)
    agenda.add(house.director, house.meeting, "Le budget")
    if is_open:
        calling.publish_agenda(house.director, house.meeting)
    with pytest.raises(Denied):
        cancelling.cancel_meeting(house.member, house.meeting)
    cancelling.cancel_meeting(house.director, house.meeting)
    assert titles(house.meeting) == []
    assert point.state == "proposed"
    # What nobody outside has seen is gone with its meeting, and nobody is told.
    assert db.session.query(AgendaPoint).count() == (2 if is_open else 1)
    assert [kind for kind, _ in letters()] == (["point_on_agenda", "point_back"] if is_open else [])
    for change in (cancelling.cancel_meeting, calling.publish_agenda):
        with pytest.raises(Denied):
            change(house.director, house.meeting)
    with pytest.raises(Denied):
        agenda.put(house.director, point, house.meeting)
    assert queries.meetings_to_fill(house.board) == []
    assert journal_events()[-1] == "meeting.cancelled"
    assert not list(checking.problems())


def test_a_cycles_history_does_not_tell_of_points_that_only_members_read(house):
    steering = make_person()
    committee = make_body(kind=BodyKind.STEERING, cycle=make_cycle(steering=(steering,)))
    values = {"title": "Pilotage", "starts_at": clock.now() + timedelta(days=1), "place": ""}
    meeting = calling.create_meeting(steering, committee, values)
    point = agenda.add(steering, meeting, "Entre nous")
    with after(meeting):
        minutes.write_minutes(steering, meeting, {minutes.field_of(point): "Oui."})
        minutes.publish_minutes(steering, meeting)
    entries = db.session.scalars(select(JournalEntry).where(JournalEntry.cycle_id == committee.cycle_id))
    assert not [entry.event for entry in entries if entry.event.startswith("point.")]
