"""The courier: takes letters from the outbox and sends them, by a mail server or as files."""

import logging
import os
import re
import smtplib
import ssl
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, render_template
from flask_babel import force_locale
from sqlalchemy import select, update

from sip.amendments.actions import gone
from sip.ballots import queries as ballot_queries
from sip.ballots.actions import closing, opening
from sip.config import Settings
from sip.core import clock
from sip.core.db import begin_reading, begin_writing, db, transaction
from sip.core.outbox import Letter, due_letters
from sip.people.sign_in_actions import LETTERS, complete_letter
from sip.stopping import Stop
from sip.threads.actions import guests

log = logging.getLogger(__name__)

BATCH = 20
# How long a courier may take for its batch; after that another one takes over, as after a crash.
LEASE = timedelta(minutes=15)
TIMEOUT = 15.0
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# Between tries: about two days in all.
DELAYS = (
    _MINUTE,
    5 * _MINUTE,
    15 * _MINUTE,
    30 * _MINUTE,
    _HOUR,
    2 * _HOUR,
    4 * _HOUR,
    8 * _HOUR,
    12 * _HOUR,
    20 * _HOUR,
)

# Who asked for a link long ago has asked for another one since.
STALE_AFTER = {"sign_in_link": 6 * _HOUR, "reset_password": 6 * _HOUR}


@dataclass(frozen=True)
class Mail:
    """A letter taken from the outbox, with all that it says; it lives in memory only, since it may hold a token."""

    id: int
    created_at: datetime
    due_at: datetime
    recipient: str
    kind: str
    language: str
    data: dict[str, Any]


Send = Callable[[Mail, EmailMessage], None]


def deliver_due(app: Flask, stop: Stop | None = None, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Send what is due and return how many letters left; any number of couriers may do this at once.

    `meanwhile` is called after each letter: there may be thousands.
    """
    sent = 0
    with app.app_context():
        while not (stop and stop.is_set()) and (mails := _claim()):
            sent += _send_all(app, mails, stop, meanwhile)
    return sent


def run(app: Flask, stop: Stop, pause: float = 1.0) -> None:
    """Deliver and attend to what falls due until `stop` is set; what goes wrong is logged and tried again later."""
    rounds = _Rounds(app, pause)
    while not stop.is_set():
        try:
            if rounds.attend():
                deliver_due(app, stop, rounds.attend_now_and_then)
        except Exception:
            log.exception("the courier stumbled")
            stop.wait(10 * pause)
        stop.wait(pause)


class _Rounds:
    """What is attended to beside letters: new versions, whose authors are told, and ballots."""

    def __init__(self, app: Flask, pause: float) -> None:
        self._app = app
        self._pause = pause
        self._versions = (0, 0)
        self._looked = 0.0

    def attend(self) -> bool:
        """Do what has fallen due, and say whether letters have."""
        self._looked = time.monotonic()
        # Most of the time there is nothing: one look for all costs less than three.
        with self._app.app_context(), _reading():
            is_new, ballots, is_due = gone.versions_there() != self._versions, ballot_queries.due(), _has_letters()
        if is_new:
            self._versions = tell_of_versions(self._app, self._versions)
        if ballots:
            attend_ballots(self._app)
        return is_due

    def attend_now_and_then(self) -> None:
        """Attend, unless it was done just now: letters to thousands keep no ballot from its opening or closing."""
        if time.monotonic() - self._looked > self._pause:
            self.attend()


def tell_of_versions(app: Flask, seen: tuple[int, int]) -> tuple[int, int]:
    """Write the letters that new versions call for; return which versions there are, which is `seen` the next time."""
    with app.app_context():
        with _reading():
            there = gone.versions_there()
        if there != seen:
            with transaction():
                while gone.tell_authors():
                    pass
    return there


def attend_ballots(app: Flask) -> int:
    """Open the ballots whose time has come, count those whose time is over, and return how many there were.

    One that goes wrong is logged, and keeps none of the others waiting.
    """
    with app.app_context():
        with _reading():
            due = ballot_queries.due()
        attended = 0
        for number in due:
            try:
                with transaction():
                    attended += opening.open_due(number) or closing.close_due(number)
            except Exception:
                log.exception("ballot %s stumbled", number)
    return attended


@contextmanager
def _reading() -> Iterator[None]:
    """Ask the database without the lock that writers need."""
    db.session.rollback()
    begin_reading()
    try:
        yield
    finally:
        db.session.rollback()
        begin_writing()


def _has_letters() -> bool:
    return db.session.scalar(select(Letter.id).where(Letter.due_at <= clock.now()).limit(1)) is not None


def _claim() -> list[Mail]:
    """Take a batch: its letters are not due for others until the lease ends. Letters for nobody are dropped."""
    with _reading():
        is_due = _has_letters()
    if not is_due:
        return []
    mails: list[Mail] = []
    with transaction():
        for letter in due_letters(BATCH):
            contents = _contents(letter)
            if contents is None:
                db.session.delete(letter)
                continue
            due_at = letter.due_at or clock.now()
            letter.tries += 1
            letter.due_at = clock.now() + LEASE
            mails.append(Mail(letter.id, letter.created_at, due_at, letter.recipient, letter.kind, *contents))
    return mails


def _contents(letter: Letter) -> tuple[str, dict[str, Any]] | None:
    if letter.kind == guests.LETTER:
        return guests.complete_letter(letter.recipient, letter.data)
    if letter.kind not in LETTERS:
        return letter.language, dict(letter.data)
    if letter.kind in STALE_AFTER and clock.now() - letter.created_at > STALE_AFTER[letter.kind]:
        return None
    return complete_letter(letter.kind, letter.recipient, letter.data)


def _send_all(app: Flask, mails: list[Mail], stop: Stop | None, meanwhile: Callable[[], None]) -> int:
    settings: Settings = app.config["SETTINGS"]
    sent = 0
    waiting = deque(mails)
    try:
        with _post_office(settings) as send:
            while waiting and not (stop and stop.is_set()):
                mail = waiting.popleft()
                try:
                    send(mail, _write(app, settings, mail))
                except Exception as error:
                    _log_failure(mail, error)
                    _postpone(mail, for_good=isinstance(error, smtplib.SMTPRecipientsRefused) and _is_final(error))
                else:
                    _mark_sent(mail)
                    sent += 1
                meanwhile()
    finally:
        _give_back(waiting)
    return sent


def _give_back(mails: Collection[Mail]) -> None:
    """Let letters that were taken and not tried be due as before, not only once the lease is over."""
    if mails:
        with transaction():
            for mail in mails:
                values = {"due_at": mail.due_at, "tries": Letter.tries - 1}
                db.session.execute(update(Letter).where(Letter.id == mail.id).values(**values))


def _log_failure(mail: Mail, error: Exception) -> None:
    # What mail servers answer names the recipient, and what templates raise may quote the letter.
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.warning(
        "letter %s (%s) did not leave: %s in %s:%s",
        mail.id,
        mail.kind,
        type(error).__name__,
        where.filename,
        where.lineno,
    )


def _is_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _text in error.recipients.values())


def _mark_sent(mail: Mail) -> None:
    with transaction():
        letter = db.session.get(Letter, mail.id)
        if letter is not None:
            letter.sent_at, letter.due_at, letter.data = clock.now(), None, {}


def _postpone(mail: Mail, *, for_good: bool) -> None:
    with transaction():
        letter = db.session.get(Letter, mail.id)
        if letter is None or letter.sent_at is not None:
            return
        if for_good or letter.tries > len(DELAYS):
            letter.due_at, letter.data = None, {}
            log.error("letter %s (%s) was given up after %s tries", mail.id, mail.kind, letter.tries)
        else:
            letter.due_at = clock.now() + DELAYS[letter.tries - 1]


def _write(app: Flask, settings: Settings, mail: Mail) -> EmailMessage:
    """Return the letter in its reader's language; the template's first line is its subject."""
    language = mail.language if mail.language in settings.language_codes else settings.language_codes[0]
    with app.test_request_context(base_url=settings.base_url), force_locale(language):
        text = render_template(f"emails/{mail.kind}.txt", **mail.data)
    subject, _, body = text.strip().partition("\n")
    host = urlsplit(settings.base_url).hostname or "localhost"
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = " ".join(subject.removeprefix("Subject:").split())
    letter["From"] = settings.mail_from
    letter["To"] = mail.recipient
    letter["Date"] = clock.now()
    # The same at every try, so that a letter sent twice after a crash is recognised as one.
    letter["Message-ID"] = f"<letter-{mail.id}-{mail.created_at:%Y%m%d%H%M%S}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(re.sub(r"\n{3,}", "\n\n", body).strip() + "\n", cte="quoted-printable")
    letter["Content-Language"] = language  # set_content removes what stood before
    return letter


@contextmanager
def _post_office(settings: Settings) -> Iterator[Send]:
    if settings.smtp_host:
        with ExitStack() as stack:
            yield _SmtpOffice(settings, stack).send
    else:
        yield _Folder(settings.data / "mail").put


class _SmtpOffice:
    """One connection for a batch, made when the first letter is ready and again when it broke."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._server: smtplib.SMTP | None = None

    def send(self, mail: Mail, letter: EmailMessage) -> None:
        """Hand the letter to the mail server; raises what smtplib raises."""
        server = self._server or self._connect()
        try:
            server.send_message(letter)
        except smtplib.SMTPServerDisconnected:
            self._server = None
            raise

    def _connect(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        where = (settings.smtp_host, settings.smtp_port)
        server: smtplib.SMTP
        if settings.smtp_tls == "tls":
            server = smtplib.SMTP_SSL(*where, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(*where, timeout=TIMEOUT)
        self._stack.callback(_hang_up, server)
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        self._server = server
        return server


def _hang_up(server: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


class _Folder:
    """A folder that takes letters as files, for trying out and for machines without a mail server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, mail: Mail, letter: EmailMessage) -> None:
        """Write the file whole or not at all; the same letter overwrites itself."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{mail.created_at:%Y%m%dT%H%M%S}-{mail.id:06d}.eml"
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bytes(letter))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
