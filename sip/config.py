"""Settings: one line each with type, default and meaning; from the environment, else from a settings file."""

import fcntl
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from babel.dates import get_timezone
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


class BadSetting(Exception):
    """A setting has a value that cannot be used; the text says which, and what would do."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Every setting; the name in the environment and in the file is `SIP_` and the name in capitals."""

    data: Path = _setting(Path("data"), "folder of everything that must be kept: database, mails, secret key")
    settings_file: Path | None = _setting(None, "file of `NAME=value` lines; default `settings.env` in the data folder")
    database_url: str = _setting("", "SQLAlchemy address; default: SQLite in the data folder")
    secret_key: str = _setting("", "signs sessions; default: made once and kept in the data folder")
    base_url: str = _setting("http://127.0.0.1:8000", "address that people type; used in mails")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    workers: int = _setting(3, "web worker processes: best one more than there are processors")
    threads: int = _setting(4, "threads of each web worker")
    behind_proxy: bool = _setting(False, "trust X-Forwarded-* of one proxy in front (it ends TLS)")
    site_name: str = _setting("Smart in Progress", "name at the top of every page")
    organisation: str = _setting("L’Établi", "name of the cooperative, in sentences")
    languages: str = _setting("fr,nl,en", "languages offered, the default first")
    time_zone: str = _setting("Europe/Brussels", "time zone in which moments are shown")
    mail_from: str = _setting("Smart in Progress <no-reply@localhost>", "sender of mails")
    smtp_host: str = _setting("", "mail server; empty: mails are written to the folder `mail` as .eml files")
    smtp_port: int = _setting(587, "port of the mail server")
    smtp_user: str = _setting("", "account on the mail server, if it asks for one")
    smtp_password: str = _setting("", "password of that account")
    smtp_tls: str = _setting("starttls", "`starttls`, `tls` or `none`")
    session_days: int = _setting(30, "days after which an unused session ends")
    max_upload: int = _setting(10_000_000, "bytes of an uploaded file at most")
    max_section: int = _setting(200_000, "characters of one section at most")
    max_sections: int = _setting(300, "sections of one draft at most")
    board_signatures: int = _setting(2, "board members who must sign an answer before it is published")
    proxies_per_person: int = _setting(2, "proxies that one person may hold at a time")
    live_message: int = _setting(1_000_000, "bytes of one message to the live text at most")
    live_first_message: int = _setting(4_000_000, "bytes of the first one: what was written without a network")
    live_updates: int = _setting(60, "changes a second from one connection to the live text at most")
    live_waiting: int = _setting(4_000_000, "bytes that may wait for a slow reader of the live text")
    live_unsaved: int = _setting(64_000_000, "bytes of live changes held while the database takes none")
    live_draft_connections: int = _setting(1_000, "people’s connections to the live text of one draft at most")
    live_person_connections: int = _setting(40, "connections of one person to live texts at most")
    live_tabs: int = _setting(12, "connections of one person to the live text of one draft at most")
    live_ping: int = _setting(20, "seconds after which a silent connection is asked for a sign of life")
    live_silence: int = _setting(45, "seconds after which a silent connection is cut off")
    live_rest: int = _setting(60, "seconds for which a live text stays in memory after the last person left")

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if type(setting.default) is int and value < 1:
                raise BadSetting(f"SIP_{setting.name.upper()} must be a number above zero, not {value}")
            if setting.name in ("port", "smtp_port") and value > 65535:
                raise BadSetting(f"SIP_{setting.name.upper()} must be at most 65535, not {value}")
        if not self.base_url.startswith(("http://", "https://")):
            raise BadSetting(f"SIP_BASE_URL must begin with http:// or https://, not {self.base_url!r}")
        try:
            get_timezone(self.time_zone)
        except LookupError:
            raise BadSetting(f"SIP_TIME_ZONE must be a name like Europe/Brussels, not {self.time_zone!r}") from None
        if not _is_usable(self.database):
            # It may hold a password, so it is not repeated.
            raise BadSetting("SIP_DATABASE_URL must be like postgresql://user:password@host/name or sqlite:////path")
        if self.smtp_tls not in ("starttls", "tls", "none"):
            raise BadSetting(f"SIP_SMTP_TLS must be starttls, tls or none, not {self.smtp_tls!r}")
        if not set(self.language_codes) <= {"fr", "nl", "en"} or not self.language_codes:
            raise BadSetting(f"SIP_LANGUAGES must name some of fr, nl, en, not {self.languages!r}")

    @property
    def language_codes(self) -> list[str]:
        """The languages offered, the default first."""
        return [code.strip() for code in self.languages.split(",") if code.strip()]

    @property
    def database(self) -> str:
        """The SQLAlchemy address that is used."""
        if not self.database_url:
            return f"sqlite:///{self.data.resolve() / 'sip.db'}"
        # Hosting services hand out the short form; psycopg 3 needs its name in the address.
        for short in ("postgres://", "postgresql://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url


def load_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Read the settings; `given` beats the environment, which beats the file. Raises BadSetting."""
    environ = os.environ if environ is None else environ
    data = Path(given.get("data") or environ.get("SIP_DATA") or "data")
    file = given.get("settings_file") or environ.get("SIP_SETTINGS_FILE")
    texts = {**_read_file(Path(file) if file else data / "settings.env", must_exist=bool(file)), **environ}
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        text = texts.get(f"SIP_{setting.name.upper()}")
        if text is not None and text != "":
            values[setting.name] = _convert(setting.name, setting.default, text)
    values.update({name: value for name, value in given.items() if value is not None})
    values["data"] = data
    if not values.get("secret_key"):
        values["secret_key"] = _kept_secret(data)
    return Settings(**values)


def _read_file(path: Path, must_exist: bool) -> dict[str, str]:
    if not path.is_file():
        if must_exist:
            raise BadSetting(f"SIP_SETTINGS_FILE names {path}, which is not a file")
        return {}
    known = {f"SIP_{setting.name.upper()}" for setting in fields(Settings)}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or name.strip() not in known:
            raise BadSetting(f"{path}, line {number}: {name.strip()!r} is no setting (expected NAME=value)")
        found[name.strip()] = value.strip()
    return found


def _convert(name: str, default: Any, text: str) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise BadSetting(f"SIP_{name.upper()} must be yes or no, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise BadSetting(f"SIP_{name.upper()} must be a whole number, not {text!r}") from None
    return Path(text) if name in ("data", "settings_file") else text


def _is_usable(address: str) -> bool:
    try:
        return make_url(address).drivername in ("sqlite", "postgresql+psycopg")
    except (ArgumentError, ValueError):
        return False


def _kept_secret(data: Path) -> str:
    """Return the key kept in the data folder, making it the first time, readable by its owner alone."""
    path = data / "secret.key"
    if not path.exists():
        _make_secret(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise BadSetting(f"{path} holds no usable key; remove it to have a new one made")
    return key


def _make_secret(path: Path) -> None:
    """Write a new key whole or not at all; of several programs that start at once, one does so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            return
        unfinished = path.with_suffix(".part")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        os.close(folder)
