"""Signing in: by password and by mailed link; nothing tells whether an address is known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.journal import Event, JournalEntry
from sip.people import passwords, sign_in_actions, throttle
from sip.people.models import Attempt, Person, Token
from tests.factories import make_person
from tests.helpers import sign_in_as, submit, token_of
from tests.people.conftest import PASSWORD

NOBODY = "nobody@example.org"


def sign_in(client, email, password, **data):
    return submit(client, "/sign-in", {"email": email, "password": password, **data})


def is_signed_in(client) -> bool:
    return client.get("/me/profile").status_code == 200


def neutral(answer) -> str:
    """The page without what differs at each request."""
    text = re.sub(r'name="csrf_token"[^>]*', "", answer.text)
    return re.sub(r'nonce="[^"]*"', "", text)


def reload(person: Person) -> Person:
    db.session.commit()
    return db.session.get(Person, person.id, populate_existing=True)


def test_a_member_signs_in_and_out(client, member):
    answer = sign_in(client, " Camille@Example.org ", PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.event == Event.PERSON_SIGNED_IN)).one()
    assert (entry.subject_id, entry.data) == (member.id, {"how": "password"})
    with client.session_transaction() as session:
        device = session["device"]
    assert submit(client, "/sign-out", {}, page="/me/profile").status_code == 303
    assert not is_signed_in(client)
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.event == Event.PERSON_SIGNED_OUT)).one()
    assert (entry.actor_id, entry.subject_id, entry.data) == (member.id, member.id, {"device": device})
    sign_in(client, member.email, PASSWORD)
    with client.session_transaction() as session:
        assert session["device"] != device


def test_signing_in_goes_where_somebody_wanted_to_go(client, member):
    page = client.get("/me/profile")
    assert page.location == "/sign-in?next=/me/profile"
    token = token_of(client.get(page.location))
    data = {"csrf_token": token, "next": "/me/profile?a=1", "email": member.email, "password": PASSWORD}
    assert client.post("/sign-in", data=data).location == "/me/profile?a=1"
    assert client.get("/sign-in?next=/me/profile").location == "/me/profile"


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_signing_in_never_leads_away(client, member, target):
    assert sign_in(client, member.email, PASSWORD, next=target).location == "/"


def test_the_session_is_renewed(client, member):
    with client.session_transaction() as session:
        session["language"], session["theme"], session["planted"] = "nl", "dark", "x"
    token_before = token_of(client.get("/sign-in"))
    sign_in(client, member.email, PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert (session["language"], session["theme"]) == ("nl", "dark")
    # The anti-forgery mark of before is worth nothing now.
    assert client.post("/sign-out/everywhere", data={"csrf_token": token_before}).status_code == 400


def test_what_was_typed_survives_the_sign_in(client, member):
    answer = client.post("/me/profile", data={"name": "Un long texte\nsur deux lignes", "language": "en"})
    assert answer.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text).group(1)
    wrong = submit(client, "/sign-in", {"email": member.email, "password": "x" * 12, "kept": kept})
    assert wrong.status_code == 422
    assert kept in wrong.text
    page = submit(client, "/sign-in", {"email": member.email, "password": PASSWORD, "kept": kept})
    assert page.status_code == 200
    assert "Un long texte\nsur deux lignes" in page.text
    assert is_signed_in(client)
    sent = client.post("/me/profile", data={"csrf_token": token_of(page), "name": "Camille D.", "language": "en"})
    assert sent.status_code == 303


@pytest.mark.parametrize(
    "sender", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_what_another_site_sends_is_never_offered_to_be_sent_again(client, member, sender):
    """It comes without the cookie: whoever signed in then would send, with one button, what they never wrote."""
    data = {"name": "x" * 80, "language": "fr"}
    own = client.post("/me/profile", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', own.text).group(1)
    for address, sent in (("/me/profile", data), ("/sign-in", {"kept": kept, "email": "", "password": ""})):
        answer = client.post(address, data=sent, headers=sender)
        assert answer.status_code == 400
        assert 'name="kept"' not in answer.text
        assert "xxx" not in answer.text


def test_what_was_typed_waits_beside_the_mailed_link(client, member, mailed_token):
    answer = client.post("/me/profile", data={"name": "Un long texte\nsur deux lignes", "language": "en"})
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text).group(1)
    waiting = submit(client, "/sign-in/link", {"email": member.email, "kept": kept})
    assert "Un long texte\nsur deux lignes" in waiting.text
    address = f"/link/{mailed_token('sign_in_link')}"
    assert submit(client, address, {}).status_code == 303
    # The waiting page is older than the session: its button leads to the page that sends with a fresh mark.
    stale = {"csrf_token": token_of(waiting), "name": "Camille D.", "language": "en"}
    resumed = client.post("/me/profile", data=stale)
    assert resumed.status_code == 400
    assert client.post("/me/profile", data={**stale, "csrf_token": token_of(resumed)}).status_code == 303
    assert reload(member).name == "Camille D."


@pytest.mark.parametrize("kind", ["wrong password", "no password yet", "nobody"])
def test_failures_look_the_same(client, member, kind):
    make_person("Sam", email="sam@example.org")
    email = {"wrong password": member.email, "no password yet": "sam@example.org", "nobody": NOBODY}[kind]
    reference = sign_in(client, "somebody.else@example.org", PASSWORD + "?")
    answer = sign_in(client, email, PASSWORD + "?")
    assert answer.status_code == reference.status_code == 422
    assert neutral(answer).replace(email, "#") == neutral(reference).replace("somebody.else@example.org", "#")
    assert not is_signed_in(client)


@pytest.mark.parametrize("address", ["/sign-in/link", "/reset-password"])
def test_asking_for_a_letter_looks_and_works_the_same(client, member, queries, address):
    answers, statements = [], []
    for email in (member.email, NOBODY):
        token = token_of(client.get(address))
        with queries() as sent:
            answers.append(client.post(address, data={"csrf_token": token, "email": email}))
        statements.append(list(sent))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert neutral(answers[0]).replace(member.email, "#") == neutral(answers[1]).replace(NOBODY, "#")
    # The same work, statement by statement: no difference in time either.
    assert statements[0] == statements[1]
    assert any("letters" in statement for statement in statements[0])


def test_a_failed_sign_in_asks_the_same_of_the_database(client, member, queries):
    seen = []
    for email in (member.email, NOBODY):
        token = token_of(client.get("/sign-in"))
        with queries() as sent:
            client.post("/sign-in", data={"csrf_token": token, "email": email, "password": "x" * 12})
        seen.append(list(sent))
    assert seen[0] == seen[1]


def test_a_failed_sign_in_hashes_whoever_it_is(client, member, monkeypatch):
    hashed = []
    monkeypatch.setattr(passwords, "is_right", lambda stored, password: bool(hashed.append(stored)))
    sign_in(client, member.email, "x" * 12)
    sign_in(client, NOBODY, "x" * 12)
    assert hashed == [member.password_hash, None]


@pytest.mark.parametrize("email", ["", "no address", "\0@example.org", "é" * 400, "x@example.org'--"])
def test_nonsense_is_answered_calmly(client, app, email):
    for address in ("/sign-in", "/sign-in/link", "/reset-password"):
        answer = submit(client, address, {"email": email, "password": "x" * 12})
        assert answer.status_code in (200, 422), address


def test_too_many_tries_on_one_account(client, member):
    for _ in range(throttle.PER_ACCOUNT):
        assert sign_in(client, member.email, "x" * 12).status_code == 422
    answer = sign_in(client, member.email, PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 800
    assert not is_signed_in(client)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert sign_in(client, member.email, PASSWORD).status_code == 303


def test_an_unknown_account_is_throttled_alike(client, app):
    statuses = [sign_in(client, NOBODY, "x" * 12).status_code for _ in range(throttle.PER_ACCOUNT + 1)]
    assert statuses == [422] * throttle.PER_ACCOUNT + [429]


def test_too_many_tries_from_one_network(client, member, monkeypatch):
    monkeypatch.setattr(throttle, "network", lambda what, address, most=4: throttle.account(what, address, 4))
    for number in range(4):
        assert sign_in(client, f"a{number}@example.org", "x" * 12).status_code == 422
    assert sign_in(client, member.email, PASSWORD).status_code == 429


def test_those_who_succeed_do_not_use_up_their_network(client, member):
    for _ in range(3):
        assert sign_in(client, member.email, "x" * 12).status_code == 422
    assert sign_in(client, member.email, PASSWORD).status_code == 303
    # The three failures stay on the network's account, nothing on the member's.
    assert db.session.scalar(select(func.count(Attempt.id))) == 3


def test_old_hashes_are_renewed(client, member):
    member.password_hash = passwords.hasher.__class__(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert sign_in(client, member.email, PASSWORD).status_code == 303
    assert not passwords.is_outdated(reload(member).password_hash)
    assert passwords.is_right(reload(member).password_hash, PASSWORD)


def test_a_password_that_was_changed_meanwhile_signs_nobody_in(client, member, monkeypatch):
    """Checking takes a while; whoever sets a new one in between wants all sessions of the old one to be over."""
    is_right = passwords.is_right

    def meanwhile(stored, password):
        if is_right(stored, password):
            db.session.execute(update(Person).values(password_hash="set by a mailed link"))
            db.session.commit()
            return True
        return False

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    assert sign_in(client, member.email, PASSWORD).status_code == 422
    assert not is_signed_in(client)


def test_a_password_that_was_changed_meanwhile_changes_nothing(app, member, monkeypatch):
    def meanwhile(stored, password):
        by_mail = update(Person).values(password_hash="set by a mailed link")
        db.session.execute(by_mail.execution_options(synchronize_session=False))
        db.session.commit()
        return True

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    with pytest.raises(Invalid):
        sign_in_actions.change_password(member, PASSWORD, "my new long password", "")
    assert reload(member).password_hash == "set by a mailed link"


def test_a_mailed_link_signs_in_once(client, member, letters, mailed_token):
    answer = submit(client, "/sign-in/link", {"email": member.email, "next": "/me/profile"})
    assert answer.status_code == 200
    letter = letters("sign_in_link")[0]
    assert (letter.recipient, letter.data) == (member.email, {"next": "/me/profile"})
    address = f"/link/{mailed_token('sign_in_link')}"
    for _ in range(2):
        page = client.get(address)
        assert page.status_code == 200, "mail programs open links: that uses nothing up"
        assert member.name in page.text
    assert not is_signed_in(client)
    assert submit(client, address, {}).location == "/me/profile"
    assert is_signed_in(client)
    assert client.get(address).status_code == 410
    assert client.post(address, data={"csrf_token": token_of(client.get("/me/profile"))}).status_code == 410


def test_a_link_is_over_after_half_an_hour(client, member, mailed_token):
    submit(client, "/sign-in/link", {"email": member.email})
    address = f"/link/{mailed_token('sign_in_link')}"
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert client.get(address).status_code == 410
    assert client.get("/link/nonsense").status_code == 410


def test_the_link_lets_in_who_was_only_registered(client, app, mailed_token):
    person = make_person("Sam", email="sam@example.org", joined_at=None)
    submit(client, "/sign-in/link", {"email": "sam@example.org"})
    submit(client, f"/link/{mailed_token('sign_in_link')}", {})
    assert is_signed_in(client)
    assert reload(person).joined_at is not None


def test_letters_are_throttled(client, member, letters):
    statuses = [
        submit(client, "/sign-in/link", {"email": member.email}).status_code
        for _ in range(throttle.LETTERS_PER_ACCOUNT + 1)
    ]
    assert statuses == [200] * throttle.LETTERS_PER_ACCOUNT + [429]
    assert len(letters("sign_in_link")) == throttle.LETTERS_PER_ACCOUNT


def test_a_new_password_by_mail_ends_all_sessions(client, app, member, mailed_token, letters):
    other = sign_in_as(app.test_client(), member)
    assert is_signed_in(other)
    submit(client, "/reset-password", {"email": member.email})
    address = f"/reset-password/{mailed_token('reset_password')}"
    refused = submit(client, address, {"password": "court"})
    assert refused.status_code == 422
    assert "at least 10" in refused.text
    assert submit(client, address, {"password": "quatre poires à vélo"}).status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert client.get(address).status_code == 410
    assert len(letters("password_changed")) == 1
    submit(client, "/sign-out", {}, page="/me/profile")
    assert sign_in(client, member.email, PASSWORD).status_code == 422
    assert sign_in(client, member.email, "quatre poires à vélo").status_code == 303


def test_signing_out_everywhere_ends_sessions_and_links(client, app, member, mailed_token):
    other = sign_in_as(app.test_client(), member)
    submit(client, "/sign-in/link", {"email": member.email})
    secret = mailed_token("sign_in_link")
    sign_in(client, member.email, PASSWORD)
    assert submit(client, "/sign-out/everywhere", {}, page="/me/profile").status_code == 303
    assert not is_signed_in(client)
    assert not is_signed_in(other)
    assert client.get(f"/link/{secret}").status_code == 410
    assert reload(member).session_epoch == 1


def test_a_forged_session_is_nobody(client, member):
    for identity in ("", "x:0", f"{member.id}", f"{member.id}:7", f"{10**30}:0"):
        with client.session_transaction() as session:
            session["_user_id"] = identity
        assert not is_signed_in(client), identity


def test_no_secret_in_journal_or_outbox(client, member, mailed_token, letters):
    submit(client, "/sign-in/link", {"email": member.email})
    secret = mailed_token("sign_in_link")
    submit(client, f"/link/{secret}", {})
    told = [entry.data for entry in db.session.scalars(select(JournalEntry))]
    told += [letter.data for letter in letters("sign_in_link")]
    told += [token.hash for token in db.session.scalars(select(Token))]
    assert secret not in str(told)


def test_forms_need_their_mark(client, member):
    assert client.post("/sign-in", data={"email": member.email, "password": PASSWORD}).status_code in (302, 400)
    assert not is_signed_in(client)
