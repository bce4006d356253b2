"""Who may open and send which page, role by role, while a document is hidden, published, and standing still."""

import pytest

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.drafts.actions import arranging
from tests.drafts.conftest import freeze
from tests.drafts.forms_in_pages import form_with

ROLES = (
    "visitor", "member", "board", "administrator", "referent", "steering", "participant", "secretary", "facilitator",
)  # fmt: skip
READERS_OF_LIVE = {"referent", "steering", "participant", "secretary", "facilitator"}
WRITERS = {"participant", "secretary", "facilitator"}
LEADERS = {"secretary", "facilitator"}
STARTERS = {"secretary", "facilitator", "steering", "administrator"}

# Page below the document, and who may open it once a version is published.
PAGES = {
    "": set(ROLES),
    "/introduction": set(ROLES),
    "/versions": set(ROLES),
    "/versions/1": set(ROLES),
    "/versions/1.md": set(ROLES),
    "/versions/compare?old=1&new=2": set(ROLES),
    "/versions/2": READERS_OF_LIVE,
    "/versions/2.md": READERS_OF_LIVE,
    "/versions/1..2": READERS_OF_LIVE,
    "/live": READERS_OF_LIVE,
    "/history": READERS_OF_LIVE,
    "/live/introduction/edit": WRITERS,
    "/live/add": LEADERS,
    "/live/introduction/heading": LEADERS,
    "/live/introduction/move": LEADERS,
    "/settings": LEADERS,
    "/freeze": LEADERS,
    "/versions/1/restore": LEADERS,
}
# Address below the document to send something to, and who may.
ACTIONS = {
    "/live/introduction/edit": WRITERS,
    "/live/add": LEADERS,
    "/live/introduction/undo": WRITERS,
    "/live/introduction/heading": LEADERS,
    "/live/introduction/move": LEADERS,
    "/live/introduction/retire": LEADERS,
    "/live/introduction/bring-back": LEADERS,
    "/settings": LEADERS,
    "/freeze": LEADERS,
    "/versions/2/publish": LEADERS,
    "/versions/1/restore": LEADERS,
}


@pytest.fixture
def two(published):
    """A published version, and one that is not."""
    arranging.rename_draft(published.people["facilitator"], published.draft, "Un autre titre")
    freeze(published, "deux")
    return published


def enter(client, house, sign_in, role):
    if role != "visitor":
        sign_in(house.people[role])


def token_for(client, role) -> str:
    """The anti-forgery mark of the session; a visitor's rights are asked about before it is."""
    return "" if role == "visitor" else form_with(client.get("/drafts"), "csrf_token")["csrf_token"]


def refusal(role: str, address: str) -> int:
    """The status for what one may not do; of a version that is not published outsiders are not even told."""
    if "/versions/2" in address and role not in READERS_OF_LIVE:
        return 404
    return 401 if role == "visitor" else 403


@pytest.mark.parametrize("role", ROLES)
def test_outsiders_are_not_told_what_is_not_published(client, two, sign_in, role):
    enter(client, two, sign_in, role)
    for there, missing in (("/versions/2", "/versions/99"), ("/live/introduction", "/live/nope")):
        for page in ("/restore", "") if "versions" in there else ("/edit", "/heading", "/move"):
            answers = [client.get(f"{two.address}{address}{page}").status_code for address in (there, missing)]
            assert role in READERS_OF_LIVE or answers[0] == answers[1], (there, page, answers)


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_published_document(client, two, sign_in, role):
    enter(client, two, sign_in, role)
    for page, allowed in PAGES.items():
        status = client.get(two.address + page).status_code
        if role in allowed:
            assert status in (200, 302), (page, status)
        elif page.startswith(("/versions/2", "/versions/1..2")):
            assert status in (302, 403, 404), (page, status)
        else:
            # Visitors are led to sign in; others are told why not.
            assert status == (302 if role == "visitor" else 403), (page, status)


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_document_in_drafting(client, house, sign_in, role):
    freeze(house, "un")
    enter(client, house, sign_in, role)
    for page, allowed in PAGES.items():
        if page.startswith(("/versions/2", "/versions/1..2", "/introduction")):
            continue
        status = client.get(house.address + page).status_code
        if role not in READERS_OF_LIVE:
            assert status == 404, (page, status)  # not even that it exists
        else:
            assert status in ((200, 302) if role in allowed else (403,)), (page, status)


@pytest.mark.parametrize("role", ROLES)
def test_what_may_be_sent(client, two, sign_in, role):
    enter(client, two, sign_in, role)
    token = token_for(client, role)
    for address, allowed in ACTIONS.items():
        status = client.post(two.address + address, data={"csrf_token": token}).status_code
        if role in allowed:
            assert status in (303, 422, 404 if "undo" in address else 303), (address, status)
        else:
            assert status == refusal(role, address), (address, status)


@pytest.mark.parametrize("role", ROLES)
def test_what_may_be_sent_to_a_document_in_drafting(client, house, sign_in, role):
    freeze(house, "un")
    enter(client, house, sign_in, role)
    token = token_for(client, role)
    for address, allowed in ACTIONS.items():
        if "/versions/2" in address:
            continue
        status = client.post(house.address + address, data={"csrf_token": token}).status_code
        if role not in READERS_OF_LIVE:
            assert status == 404, (address, status)
        else:
            assert status in ((303, 422, 404 if "undo" in address else 303) if role in allowed else (403,)), (
                address,
                status,
            )


@pytest.mark.parametrize("role", ROLES)
def test_a_text_that_stands_still_is_only_read(client, two, sign_in, role):
    for section in two.draft.living_sections:
        section.stage = Stage.UNDER_REVIEW
    db.session.commit()
    enter(client, two, sign_in, role)
    token = token_for(client, role)
    assert client.get(two.address).status_code == 200
    for address in ACTIONS:
        status = client.post(two.address + address, data={"csrf_token": token}).status_code
        assert status == refusal(role, address), (address, status)


@pytest.mark.parametrize("role", ROLES)
def test_in_concertation_members_watch_the_text_being_written(client, two, sign_in, role):
    two.draft.living_sections[1].stage = Stage.CONCERTATION
    db.session.commit()
    enter(client, two, sign_in, role)
    assert client.get(f"{two.address}/live").status_code == (302 if role == "visitor" else 200)
    page = client.get(f"{two.address}/live/rendre-visible/edit")
    assert page.status_code == (200 if role in WRITERS else 302 if role == "visitor" else 403)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_begin_and_import_a_document(client, house, sign_in, role):
    enter(client, house, sign_in, role)
    for address in (f"/drafts/new?theme={house.group.theme_id}", f"/drafts/import?theme={house.group.theme_id}"):
        expected = 200 if role in STARTERS else 302 if role == "visitor" else 403
        assert client.get(address).status_code == expected, address
        token = token_for(client, role)
        expected = 422 if role in STARTERS else 401 if role == "visitor" else 403
        assert client.post(address, data={"csrf_token": token}).status_code == expected, address


@pytest.mark.parametrize("role", ["participant", "facilitator"])
def test_pages_offer_what_one_may_do_and_nothing_else(client, two, sign_in, role):
    enter(client, two, sign_in, role)
    page = client.get(f"{two.address}/live").text
    assert "Write here" in page
    assert ("Look at it and publish" in page) == (role == "facilitator")
    assert ("Arrange" in page) == (role == "facilitator")
    assert ("Take out" in page) == (role == "facilitator")
