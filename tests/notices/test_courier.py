"""The courier: what is due leaves once, in its reader's language; failures are tried again; secrets do not stay."""

import email
import email.policy
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip.core import clock, outbox
from sip.core.db import db, transaction
from sip.core.outbox import Letter
from sip.notices import courier
from sip.people import tokens
from sip.people.models import TokenPurpose
from sip.people.sign_in_actions import ask_for_letter
from tests.factories import make_person
from tests.letters import OneRound

SAMPLE = {"name": "Zoé", "token": "t0ken", "inviter": "Ada", "next": "/"}


@pytest.fixture
def folder(built_app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The folder into which letters are written."""
    before = built_app.config["SETTINGS"]
    built_app.config["SETTINGS"] = replace(before, data=tmp_path, base_url="https://agora.example.org/sip")
    yield tmp_path / "mail"
    built_app.config["SETTINGS"] = before


@pytest.fixture
def served(built_app: Flask, folder: Path, mail_server) -> Iterator[None]:
    """Letters go to the mail server of the tests."""
    settings = built_app.config["SETTINGS"]
    port = mail_server.server_address[1]
    built_app.config["SETTINGS"] = replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none")
    yield
    built_app.config["SETTINGS"] = settings


def post(recipient: str = "zoe@example.org", kind: str = "password_changed", language: str = "en", **data) -> Letter:
    letter = outbox.post(recipient, language, kind, **{"name": "Zoé", **data})
    db.session.commit()
    return letter


def reload(letter: Letter) -> Letter:
    db.session.commit()
    return db.session.get(Letter, letter.id, populate_existing=True)


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def written(folder: Path) -> list[EmailMessage]:
    return [read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def test_a_letter_becomes_a_file(app, folder):
    with clock.at(clock.now().replace(year=2026, month=3, day=9, hour=8, minute=7, second=6)):
        letter = post()
        db.session.commit()
        assert courier.deliver_due(app) == 1
    path = folder / f"20260309T080706-{letter.id:06d}.eml"
    assert path.stat().st_mode & 0o777 == 0o600
    (mail,) = written(folder)
    assert mail["To"] == "zoe@example.org"
    assert mail["Subject"] == "Your password for Smart in Progress was changed"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://agora.example.org/sip/reset-password" in mail.get_content()
    assert "Zoé" in mail.get_content()
    kept = reload(letter)
    assert (kept.due_at, kept.data) == (None, {})
    assert kept.sent_at
    assert courier.deliver_due(app) == 0


def test_links_are_made_when_the_letter_leaves(app, folder):
    person = make_person("Zoé", email="zoe@example.org", language="fr")
    letter = post(kind="sign_in_link", next="/drafts")
    assert courier.deliver_due(app) == 1
    (mail,) = written(folder)
    secret = re.search(r"https://agora\.example\.org/sip/link/([\w-]+)\s", mail.get_content()).group(1)
    token = tokens.find(secret, TokenPurpose.SIGN_IN)
    assert (token.person_id, token.data) == (person.id, {"next": "/drafts"})
    assert mail["Content-Language"] == "fr", "the person's language, not that of whoever asked"
    assert secret not in str(reload(letter).data)


def test_nobody_gets_no_letter(app, folder):
    person = make_person("Zoé", email="zoe@example.org")
    post("nobody@example.org", "sign_in_link")
    post("nobody@example.org", "reset_password")
    post(person.email, "invitation")  # has joined already
    old = post(person.email, "sign_in_link")
    old.created_at -= timedelta(hours=7)
    db.session.commit()
    assert courier.deliver_due(app) == 0
    assert db.session.scalar(select(func.count(Letter.id))) == 0
    assert not folder.exists()


@pytest.mark.parametrize("kind", [*courier.LETTERS, "password_changed"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_letters_about_accounts_can_be_written(app, folder, kind, language):
    now = clock.now()
    mail = courier.Mail(7, now, now, "zoe@example.org", kind, language, SAMPLE)
    mail = courier._write(app, app.config["SETTINGS"], mail)
    assert mail["Subject"]
    assert "\n" not in mail["Subject"]
    assert "https://agora.example.org/sip/" in mail.get_content()
    assert mail["Content-Language"] == language


def test_subjects_cannot_carry_further_headers(app, folder):
    person = make_person("Zoé\r\nBcc: all@example.org", email="zoe@example.org", joined_at=None)
    post(person.email, "invitation", inviter="Ada\r\nBcc: all@example.org")
    assert courier.deliver_due(app) == 1
    (mail,) = written(folder)
    assert mail["Bcc"] is None


def test_failures_are_tried_again_for_two_days(app, folder, monkeypatch, caplog):
    def fail(self, mail, letter):
        raise OSError("the disk of zoe@example.org is full")

    monkeypatch.setattr(courier._Folder, "put", fail)
    letter, begun = post(), clock.now()
    moment, waits = begun, []
    while True:
        with clock.at(moment):
            assert courier.deliver_due(app) == 0
            assert courier.deliver_due(app) == 0, "not again before its time"
        due_at = reload(letter).due_at
        if due_at is None:
            break
        waits.append(due_at - moment)
        moment = due_at
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert timedelta(hours=44) < moment - begun < timedelta(hours=52)
    assert (reload(letter).sent_at, reload(letter).data) == (None, {})
    assert "given up" in caplog.text
    assert "zoe@" not in caplog.text, "logs name no recipient"


def test_a_kind_without_a_template_does_not_stop_the_others(app, folder, caplog):
    bad, good = post(kind="no_such_kind"), post()
    assert courier.deliver_due(app) == 1
    assert reload(bad).due_at
    assert reload(good).sent_at


def test_after_a_crash_the_letter_leaves_all_the_same(app, folder):
    letter = post()
    assert len(courier._claim()) == 1  # and then the machine stops
    assert courier.deliver_due(app) == 0
    with clock.at(clock.now() + courier.LEASE + timedelta(seconds=1)):
        assert courier.deliver_due(app) == 1
    assert len(written(folder)) == 1
    assert reload(letter).tries == 2


def test_a_crash_after_writing_leaves_one_file(app, folder, monkeypatch):
    post()
    monkeypatch.setattr(courier, "_mark_sent", lambda mail: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        courier.deliver_due(app)
    monkeypatch.undo()
    with clock.at(clock.now() + courier.LEASE + timedelta(seconds=1)):
        courier.deliver_due(app)
    assert len(list(folder.iterdir())) == 1


class StopAfter:
    """Asks the courier to end once so many letters have been brought."""

    def __init__(self, brought: list[int], number: int) -> None:
        self._brought, self._number = brought, number

    def is_set(self) -> bool:
        return len(self._brought) >= self._number


def test_a_courier_that_ends_leaves_the_rest_to_the_next_one(app, folder, monkeypatch):
    """A restart keeps nobody waiting for a link until the lease of a batch ends, and brings nothing twice."""
    brought = []
    monkeypatch.setattr(courier._Folder, "put", lambda self, mail, letter: brought.append(mail.id))
    letters = [post() for _ in range(7)]
    due = {letter.id: letter.due_at for letter in letters}
    assert courier.deliver_due(app, StopAfter(brought, 2)) == 2
    left = [reload(letter) for letter in letters if letter.id not in brought]
    assert [(letter.due_at, letter.tries) for letter in left] == [(due[letter.id], 0) for letter in left]
    assert courier.deliver_due(app) == 5
    assert sorted(brought) == sorted(due)


def test_what_goes_wrong_with_one_letter_keeps_the_others_due(app, folder, monkeypatch):
    first, *others = [post() for _ in range(3)]
    monkeypatch.setattr(courier, "_mark_sent", lambda mail: (_ for _ in ()).throw(RuntimeError("locked")))
    with pytest.raises(RuntimeError, match="locked"):
        courier.deliver_due(app)
    assert reload(first).due_at > clock.now()  # it has left: another courier asks for it when the lease is over
    assert all(reload(letter).due_at <= clock.now() for letter in others)


def test_who_waits_for_a_link_does_not_wait_for_letters_to_all(app, folder, monkeypatch):
    make_person("Zoé", email="zoe@example.org")
    brought = []
    monkeypatch.setattr(courier._Folder, "put", lambda self, mail, letter: brought.append(mail.kind))
    with clock.at(clock.now() - timedelta(hours=5)):
        for _ in range(courier.BATCH + 1):
            post()
    with transaction():
        ask_for_letter("sign_in_link", "zoe@example.org", "en", "127.0.0.1")
    courier.deliver_due(app)
    assert brought == ["sign_in_link", *["password_changed"] * (courier.BATCH + 1)]


def test_ballots_are_attended_to_between_letters(app, folder, monkeypatch):
    """Thousands of letters leave; a ballot closes at its time all the same."""
    happened = []
    monkeypatch.setattr(courier._Folder, "put", lambda self, mail, letter: happened.append("letter"))
    monkeypatch.setattr(courier.ballot_queries, "due", lambda: [7])
    monkeypatch.setattr(courier, "attend_ballots", lambda app: happened.append("ballots"))
    for _ in range(3):
        post()
    courier.run(app, OneRound(), pause=0)
    assert happened == ["ballots", *["letter", "ballots"] * 3]


def test_asking_costs_no_lock(app, folder, queries):
    with queries() as statements:
        assert courier.deliver_due(app) == 0
    assert [statement.split()[0] for statement in statements] in (["SELECT"], ["SET", "SELECT"])


def test_two_couriers_bring_each_letter_once(shared_app, folder, at_once, monkeypatch):
    brought = []
    monkeypatch.setattr(courier._Folder, "put", lambda self, mail, letter: brought.append(mail.id))
    with shared_app.app_context(), transaction():
        ids = [outbox.post("zoe@example.org", "fr", "password_changed", name="Zoé") for _ in range(90)]
    ids = [letter.id for letter in ids]
    assert sum(at_once(lambda: courier.deliver_due(shared_app), 3)) == 90
    assert sorted(brought) == sorted(ids)


def test_the_mail_server_gets_them_over_one_connection(app, served, mail_server):
    for name in ("Zoé", "Bo"):
        post(f"{name[0].lower()}@example.org", name=name)
    assert courier.deliver_due(app) == 2
    assert [recipient for recipient, _ in mail_server.letters] == ["z@example.org", "b@example.org"]
    assert "Zoé" in read(mail_server.letters[0][1]).get_content()
    assert mail_server.connections == 1


def test_who_is_refused_for_good_is_not_tried_again(app, served, mail_server, caplog):
    mail_server.refusals = {"gone@example.org": 550, "busy@example.org": 450}
    gone, busy, fine = post("gone@example.org"), post("busy@example.org"), post("fine@example.org")
    assert courier.deliver_due(app) == 1
    assert (reload(gone).due_at, reload(gone).data) == (None, {})
    assert reload(busy).due_at > clock.now()
    assert reload(fine).sent_at
    assert "gone@" not in caplog.text


def test_without_a_mail_server_letters_wait(app, served, mail_server):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, smtp_port=1)
    letter = post()
    assert courier.deliver_due(app) == 0
    app.config["SETTINGS"] = settings
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert courier.deliver_due(app) == 1
    assert reload(letter).sent_at


def test_the_loop_delivers_survives_and_stops(shared_app, folder, monkeypatch, caplog):
    stumbles = iter([True])
    deliver_due = courier.deliver_due

    def stumble_once(*arguments):
        if next(stumbles, False):
            raise RuntimeError("once")
        return deliver_due(*arguments)

    monkeypatch.setattr(courier, "deliver_due", stumble_once)
    with shared_app.app_context(), transaction():
        outbox.post("zoe@example.org", "fr", "password_changed", name="Zoé")
    stop = threading.Event()
    thread = threading.Thread(target=courier.run, args=(shared_app, stop, 0.01))
    thread.start()
    for _ in range(4_000):
        if folder.exists() and written(folder):
            break
        time.sleep(0.01)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert len(written(folder)) == 1
    assert "stumbled" in caplog.text
