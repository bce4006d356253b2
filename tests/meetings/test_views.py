"""The pages of meetings and points, as a browser without JavaScript sees them."""

import re
from datetime import timedelta

from sqlalchemy import select

from sip.core import clock
from sip.core.db import db
from sip.core.journal import Event, JournalEntry
from sip.cycles.stages import STAGE_NAMES, Stage
from sip.meetings import queries as meeting_queries
from sip.meetings.actions import agenda, calling, minutes, points
from sip.meetings.models import AgendaPoint, Meeting
from tests.factories import let_stand, make_cycle, make_person
from tests.helpers import plain_text, sign_in_as, submit


def begun(page) -> str:
    return re.search(r'name="began_from"[^>]*value="([^"]*)"', page.text).group(1)


def test_who_may_open_and_do_what(client, house):
    own = agenda.add(house.director, house.meeting, "Confidentiel")
    theirs = points.propose(house.member, house.board, "Public", "x")
    elses = points.propose(house.member, house.board, "Autre", "x")
    other = make_person()
    meeting = f"/meetings/{house.meeting.id}"
    pages = {
        "/meetings": "vmbo",
        "/meetings?view=past&body=ca": "vmbo",
        "/meetings?body=nowhere": "",
        meeting: "vmbo",
        "/meetings/99999": "",
        f"{meeting}/edit": "b",
        f"{meeting}/agenda": "b",
        f"{meeting}/minutes": "b",
        "/bodies/ca/meetings/create": "b",
        "/bodies/ca/points": "mbo",
        "/bodies/ca/points/new": "mbo",
        f"/points/{theirs.id}": "mbo",
        f"/points/{own.id}": "b",
    }
    posts = {
        f"{meeting}/agenda": "b",
        f"{meeting}/agenda/put": "b",
        f"{meeting}/agenda/publish": "b",
        f"{meeting}/minutes/publish": "b",
        f"/points/{theirs.id}/support": "bo",
        f"/points/{theirs.id}/unsupport": "bo",
        f"/points/{theirs.id}/decline": "b",
        f"{meeting}/cancel": "b",
        f"/points/{theirs.id}/put": "b",
        f"/points/{own.id}/move": "b",
        f"/points/{own.id}/take-off": "b",
        f"/points/{own.id}/withdraw": "",
        f"/points/{elses.id}/withdraw": "m",
    }
    for letter, person in {"v": None, "m": house.member, "o": other, "b": house.director}.items():
        browser = client.application.test_client()
        if person is not None:
            sign_in_as(browser, person)
        for address, allowed in pages.items():
            assert (browser.get(address).status_code == 200) == (letter in allowed), (letter, address)
        for address, allowed in posts.items():
            if letter == "b" and "b" in allowed:
                continue  # what it does is told below
            page = "/bodies/ca/points" if person else "/sign-in"
            status = submit(browser, address, {}, page=page).status_code
            assert (status == 303) == (letter in allowed), (letter, address, status)
    assert "Confidentiel" not in sign_in_as(client, house.member).get(meeting).text
    assert "Confidentiel" not in client.get("/bodies/ca/points").text


def test_a_meeting_is_called_changed_and_found(client, house):
    sign_in_as(client, house.director)
    fields = {"title": "Séance de mars", "starts_at": "2027-03-01T18:30", "place": "Gand"}
    for wrong in ({"starts_at": ""}, {"starts_at": "demain"}, {"starts_at": "2099-01-01T10:00"}, {"title": ""}):
        assert submit(client, "/bodies/ca/meetings/create", {**fields, **wrong}).status_code == 422, wrong
    made = submit(client, "/bodies/ca/meetings/create", fields)
    number = made.location.split("/")[2]
    assert made.location == f"/meetings/{number}/agenda"
    stored = db.session.scalars(select(Meeting).where(Meeting.id == int(number))).one()
    assert stored.starts_at.isoformat() == "2027-03-01T17:30:00+00:00"
    page = client.get(f"/meetings/{number}/edit")
    assert 'value="2027-03-01T18:30"' in page.text
    change = {**fields, "place": "Lyon", "began_from": begun(page)}
    assert submit(client, f"/meetings/{number}/edit", change).status_code == 303
    clash = submit(client, f"/meetings/{number}/edit", {**change, "place": "Rennes", "starts_at": "2027-03-02T18:30"})
    assert clash.status_code == 409
    assert "Lyon" in clash.text
    ahead, past = client.get("/meetings").text, client.get("/meetings?view=past").text
    assert ahead.index("Séance de décembre") < ahead.index("Séance de mars")
    assert "No past meeting" in past
    with clock.at(stored.starts_at + timedelta(days=1)):
        assert "Séance de mars" in client.get("/meetings?view=past&body=ca").text
        assert "No meeting is called yet" in client.get("/meetings?body=ca").text


def test_members_propose_support_and_read_what_became_of_it(client, house):
    sign_in_as(client, house.member)
    assert "No point waits for a meeting" in client.get("/bodies/ca/points").text
    for fields in ({"title": "", "text": "x"}, {"title": "x", "text": ""}, {"title": "x" * 201, "text": "x"}):
        assert submit(client, "/bodies/ca/points/new", fields).status_code == 422
    address = submit(client, "/bodies/ca/points/new", {"title": "Un <jour> ?", "text": "Parce que"}).location
    assert "This is your own point." not in client.get("/bodies/ca/points").text
    assert "Un &lt;jour&gt; ?" in client.get(address).text
    assert "Un &lt;jour&gt; ?" in client.get("/bodies/ca").text

    other = sign_in_as(client.application.test_client(), make_person())
    assert submit(other, f"{address}/support", {"list": "1"}, page=address).location.startswith("/bodies/ca/points#")
    assert submit(other, f"{address}/support", {}, page=address).location == address
    shown = plain_text(other.get("/bodies/ca/points").text)
    assert "1 person supports it" in shown
    assert "You support it" in shown

    board = sign_in_as(client.application.test_client(), house.director)
    assert submit(board, f"{address}/decline", {"reason": " "}, page=address).status_code == 422
    assert submit(board, f"{address}/put", {"meeting": "0"}, page=address).status_code == 422
    assert submit(board, f"{address}/decline", {"reason": "Pas <ici>."}, page=address).status_code == 303
    for page in (client.get(address), client.get("/bodies/ca/points?view=declined")):
        assert "Pas &lt;ici&gt;." in page.text
    assert "Un &lt;jour&gt; ?" not in client.get("/bodies/ca/points").text
    assert submit(other, f"{address}/support", {}, page=address).status_code == 403


def test_an_agenda_is_prepared_published_and_its_minutes_written(client, house, review):
    mine = points.propose(house.member, house.board, "Le mien", "Parce que")
    left = points.propose(house.member, house.board, "Plus tard", "Parce que")
    board = sign_in_as(client.application.test_client(), house.director)
    member = sign_in_as(client, house.member)
    meeting, desk = f"/meetings/{house.meeting.id}", f"/meetings/{house.meeting.id}/agenda"
    page = plain_text(board.get(desk).text)
    for words in ("Le mien", "Plus tard", "1. Rendre visible"):
        assert words in page
    assert "no point on this agenda yet" in _followed(board, submit(board, f"{desk}/publish", {}, page=desk))
    assert submit(board, desk, {"title": "", "text": ""}).status_code == 422
    assert submit(board, desk, {"title": "Les comptes", "text": ""}).status_code == 303
    for fields in ({"review": review.id}, {"point": mine.id}):
        assert submit(board, f"{desk}/put", fields, page=desk).status_code == 303
    assert "on an agenda already" in _followed(board, submit(board, f"{desk}/put", {"review": review.id}, page=desk))
    assert submit(board, f"{desk}/put", {"point": "x"}, page=desk).status_code == 404
    assert submit(board, f"/points/{left.id}/put", {"meeting": house.meeting.id}, page=desk).location == desk
    moved = submit(board, f"/points/{mine.id}/move", {"to": "up"}, page=desk).location
    assert moved == f"{desk}#point-{mine.id}"
    assert "The agenda is not published yet." in member.get(meeting).text
    assert "On an agenda" in board.get("/bodies/ca/points").text
    assert "On an agenda" not in member.get("/bodies/ca/points").text
    assert submit(board, f"{desk}/publish", {}, page=desk).location == meeting
    listed = member.get(meeting).text
    assert listed.index("Les comptes") < listed.index("Le mien") < listed.index("Rendre visible")
    assert "On an agenda" in member.get("/bodies/ca/points").text
    assert submit(board, f"/points/{left.id}/take-off", {}, page=desk).location == desk
    assert "Plus tard" not in member.get(meeting).text

    page = board.get(f"{meeting}/minutes")
    reviewed = next(point for point in meeting_queries.points_of_review(review))
    decisions = {minutes.field_of(mine): "Oui <dès> mars.", minutes.field_of(reviewed): "Le conseil l’adopte."}
    fields = {"began_from": begun(page), "minutes": "# Présents", **decisions}
    assert submit(board, f"{meeting}/minutes", {**fields, "minutes": "x" * 60_001}).status_code == 422
    lost = submit(board, f"{meeting}/minutes", {**fields, minutes.field_of(left): "Ce que j’ai noté"})
    assert lost.status_code == 422
    assert "Ce que j’ai noté" in lost.text
    assert submit(board, f"{meeting}/minutes", fields).status_code == 303
    clash = submit(board, f"{meeting}/minutes", {**fields, "minutes": "Autre chose"})
    assert clash.status_code == 409
    assert "The minutes are not published yet." in member.get(meeting).text
    review_file = f"/board/{review.draft.slug}/{review.section.slug}"
    assert "Séance de décembre" in board.get(review_file).text
    assert "Le conseil l’adopte." not in board.get(review_file).text
    assert "once the meeting has taken place" in board.get(f"{meeting}/minutes").text
    with clock.at(house.meeting.starts_at + timedelta(days=1)):
        page = plain_text(board.get(f"{meeting}/minutes").text)
        assert "1 point has no decision" in page
        sent = submit(board, f"{meeting}/minutes/publish", {}, page=f"{meeting}/minutes")
        assert sent.location == meeting
        read = member.get(meeting).text
        assert "Oui &lt;dès&gt; mars." in read
        assert "Présents" in read
        assert "Les comptes" not in read
        assert "Le conseil l’adopte." in read
        assert "Le conseil l’adopte." in board.get(review_file).text
        assert "A recommendation under review" in read
        let_stand(review.draft, Stage.ANSWERED, review.section)
        assert "A recommendation under review" not in member.get(meeting).text
        assert f"{STAGE_NAMES[Stage.ANSWERED]} · " in plain_text(member.get(meeting).text)
        assert "Oui &lt;dès&gt; mars." in member.get(f"/points/{mine.id}").text
        assert "Le mien" in member.get("/bodies/ca/points?view=treated").text
        assert board.get(f"{meeting}/minutes").status_code == 403


def _followed(browser, answer) -> str:
    return plain_text(browser.get(answer.location).text)


def test_every_event_of_bodies_and_meetings_has_its_words(client):
    cycle = make_cycle()
    about = {"body": "ca", "body_name": "CA", "title": "Séance", "meeting": 1, "point": 1, "name": "Ana"}
    kinds = ("body.", "referral.", "meeting.", "point.")
    events = [event for event in Event if event.value.startswith(kinds)]
    for event in events:
        db.session.add(
            JournalEntry(at=clock.now(), actor_name="Bea", event=event, cycle_id=cycle.id, subject_id=1, data=about)
        )
    db.session.commit()
    with client.application.test_request_context("/"):
        from_page = client.application.jinja_env.get_template("journal/_entries.html")
        text = plain_text(from_page.render(entries=db.session.scalars(select(JournalEntry)).all()))
    assert len(events) == 19
    assert "no words for" not in text
    assert text.count("CA") == len(events)
    # The cycle tells what its own bodies published, and nothing of matters.
    told = plain_text(client.get(f"/cycles/{cycle.slug}/history").text)
    assert "published the agenda" in told
    assert "matter" not in told


def test_pages_do_not_ask_more_when_there_is_more(client, house, queries):
    sign_in_as(client, house.director)
    client.get("/bodies")  # the day's first visit is written down
    numbers = {}
    for total in (2, 20):
        for _ in range(total):
            point = points.propose(make_person(), house.board, "Proposé", "x")
            points.support(make_person(), point)
            agenda.put(house.director, points.propose(make_person(), house.board, "Mis", "x"), house.meeting)
            values = {"title": "Encore", "starts_at": clock.now() + timedelta(days=9), "place": ""}
            calling.create_meeting(house.director, house.board, values)
        meeting = f"/meetings/{house.meeting.id}"
        for address in (
            "/meetings",
            "/bodies/ca",
            "/bodies/ca/points",
            meeting,
            f"{meeting}/agenda",
            f"{meeting}/minutes",
            f"/points/{point.id}",
        ):
            with queries() as statements:
                assert client.get(address).status_code == 200
            numbers.setdefault(address.replace(str(point.id), "1"), set()).add(len(statements))
    assert all(len(counts) == 1 for counts in numbers.values()), numbers
    assert max(max(counts) for counts in numbers.values()) < 25
    assert db.session.scalars(select(AgendaPoint.supports).distinct()).all() in ([0, 1], [1, 0])


def test_a_cancelled_meeting_says_so_everywhere_and_takes_nothing_more(client, house):
    point = points.propose(house.member, house.board, "Le dimanche ?", "Parce que.")
    agenda.put(house.director, point, house.meeting)
    db.session.commit()
    meeting = f"/meetings/{house.meeting.id}"
    sign_in_as(client, house.director)
    assert submit(client, f"{meeting}/cancel", {}, page=meeting).status_code == 303
    for page in (meeting, "/meetings", "/bodies/ca"):
        assert "cancelled" in plain_text(client.get(page).text), page
    for page in ("agenda", "minutes", "edit"):
        assert client.get(f"{meeting}/{page}").status_code == 403, page
    assert "No meeting is called to speak about it" in client.get(f"/points/{point.id}").text
    assert "Le dimanche ?" in client.get("/bodies/ca/points").text


def test_members_withdraw_what_they_proposed(client, house):
    point = points.propose(house.member, house.board, "Le dimanche ?", "Parce que.")
    db.session.commit()
    sign_in_as(client, house.member)
    page = client.get(f"/points/{point.id}")
    assert "Withdraw the point" in page.text
    assert submit(client, f"/points/{point.id}/withdraw", {}, page=f"/points/{point.id}").status_code == 303
    page = client.get(f"/points/{point.id}").text
    assert "Withdrawn by its author" in page
    assert "Withdraw the point" not in page
    assert "Le dimanche ?" not in client.get("/bodies/ca/points").text
    assert "Le dimanche ?" in client.get("/bodies/ca/points?view=declined").text
