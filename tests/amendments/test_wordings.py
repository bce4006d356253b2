"""An author gives an amendment another wording while others decide on it: what counts is what was read."""

import re

import pytest
from sqlalchemy import text, update

from sip.amendments import answer_views
from sip.amendments.actions import answering, proposing
from sip.amendments.actions.proposing import improve
from sip.amendments.models import AmendmentState
from sip.core import db as database
from sip.core.db import db
from sip.core.errors import Denied
from sip.cycles.stages import Stage
from sip.threads.actions.threads import open_thread
from sip.threads.models import Disposition, Thread, ThreadKind
from tests.amendments.test_views import OFTEN, YEARLY, enter, only
from tests.drafts.forms_in_pages import form_with
from tests.helpers import token_of

NEVER = "jamais publiés"
NEWER = "has a new wording since you opened this page"


def improved(house, amendment) -> None:
    improve(house.people["member"], amendment, NEVER, "Encore mieux.")
    db.session.commit()


@pytest.mark.parametrize(("answer", "state"), [("accept", "accepted"), ("decline", "declined")])
def test_an_answer_is_to_the_wording_that_was_read(client, house, answer, state):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "facilitator")
    address = f"/amendments/{amendment.id}/answer"
    fields = {**form_with(client.get(address), "seen"), "answer": answer, "reason": "Un bon motif."}
    improved(house, amendment)
    late = client.post(address, data=fields)
    assert late.status_code == 422
    assert NEWER in late.text
    assert "Un bon motif." in late.text
    assert "jamais" in late.text
    assert only().state == AmendmentState.OPEN
    assert YEARLY in house.body(1)
    # Now it is read: the same page answers it.
    fields = {**form_with(late, "seen"), "answer": answer, "reason": "Un bon motif."}
    assert client.post(address, data=fields).status_code == 303
    assert only().state == state
    assert (NEVER in house.body(1)) == (answer == "accept")


def test_a_mistake_in_the_form_does_not_count_as_having_read(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "facilitator")
    address = f"/amendments/{amendment.id}/answer"
    fields = {**form_with(client.get(address), "seen"), "answer": "accept", "reason": ""}
    improved(house, amendment)
    page = client.post(address, data=fields)
    assert page.status_code == 422
    assert NEWER not in page.text
    again = client.post(address, data={**form_with(page, "seen"), "answer": "accept", "reason": "Un motif."})
    assert NEWER in again.text
    assert only().state == AmendmentState.OPEN


def test_one_text_for_several_is_for_the_wordings_that_were_read(client, house):
    one = house.propose(1, YEARLY, OFTEN)
    two = house.propose(1, "par an. Ils sont lus en assemblée", "par an. Ils sont lus à voix haute", "other")
    enter(client, house, "secretary")
    address = f"/drafts/{house.draft.slug}/merge?amendments={one.id},{two.id}"
    answers = {f"state-{each.id}": "accepted" for each in (one, two)} | {
        f"reason-{each.id}": "Oui." for each in (one, two)
    }
    fields = form_with(client.get(address), "seen") | answers
    improved(house, one)
    late = client.post(address, data=fields)
    assert late.status_code == 422
    assert f"Amendment {one.id} {NEWER}" in late.text
    assert YEARLY in house.body(1)
    assert client.post(address, data=form_with(late, "seen") | answers).status_code == 303


def test_support_is_for_the_wording_that_was_read(client, house):
    amendment = house.propose(1, YEARLY, OFTEN)
    enter(client, house, "other")
    page = client.get(f"/amendments/{amendment.id}")
    button = re.search(r'action="([^"]*/support[^"]*)"', page.text)
    assert button
    address = button[1].replace("&amp;", "&")
    improved(house, amendment)
    told = client.get(client.post(address, data={"csrf_token": token_of(page)}).location)
    assert NEWER in told.text
    assert only().supports == 0
    button = re.search(r'action="([^"]*/support[^"]*)"', told.text)
    assert button
    client.post(button[1].replace("&amp;", "&"), data={"csrf_token": token_of(told)})
    assert only().supports == 1


def test_what_moved_on_while_one_waited_takes_no_amendment(house, monkeypatch):
    lock = proposing.draft_queries.lock

    def waited(draft):
        house.set_stage(Stage.CODECISION)
        lock(draft)

    monkeypatch.setattr(proposing.draft_queries, "lock", waited)
    with pytest.raises(Denied):
        house.propose(1, YEARLY, OFTEN)


def test_a_discussion_answered_while_one_waited_keeps_its_answer(house, monkeypatch):
    """Who answers an amendment holds its discussion from the beginning, as whoever writes in it does."""
    thread = open_thread(house.people["other"], house.draft, ThreadKind.REMARK, "Et si…", key=house.section(1).key)
    amendment = house.propose(1, YEARLY, OFTEN, thread=thread)
    lock_all = answering.lock_all

    def waited(amendments):
        values = {"disposition": Disposition.ANSWERED, "disposition_reason": "Merci."}
        by_another = update(Thread).where(Thread.id == thread.id).values(**values)
        db.session.execute(by_another.execution_options(synchronize_session=False))
        lock_all(amendments)

    monkeypatch.setattr(answering, "lock_all", waited)
    answering.decline(house.people["secretary"], amendment, "Non.", for_thread=True)
    db.session.commit()
    assert amendment.state == AmendmentState.DECLINED
    found = db.session.execute(text("SELECT disposition, disposition_reason FROM threads")).one()
    assert tuple(found) == (Disposition.ANSWERED.value, "Merci.")


def test_a_preview_keeps_no_writer_waiting(client, house, monkeypatch):
    """Comparing long texts takes a while, and SQLite has one writer."""
    amendment = house.propose(1, YEARLY, OFTEN)
    wrote, compare = [], answer_views.reader_of

    def noted(*arguments):
        wrote.append(database._writes.get())
        return compare(*arguments)

    monkeypatch.setattr(answer_views, "reader_of", noted)
    enter(client, house, "facilitator")
    address = f"/amendments/{amendment.id}/answer"
    fields = {**form_with(client.get(address), "seen"), "text": NEVER, "action": "preview"}
    wrote.clear()
    page = client.post(address, data=fields)
    assert (page.status_code, wrote) == (200, [False])
    assert "jamais" in page.text
