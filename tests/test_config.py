"""Settings: every one is documented, a wrong one stops the start with one clear line, the key is made once."""

import dataclasses
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner

from sip.cli import main
from sip.config import BadSetting, Settings, load_settings

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


def table() -> str:
    """Return the table of settings as it stands in docs/settings.md."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for setting in dataclasses.fields(Settings):
        default = "" if setting.default is None else str(setting.default)
        if isinstance(setting.default, bool):
            default = "yes" if setting.default else "no"
        shown = f"`{default}`" if default else ""
        rows.append(f"| `SIP_{setting.name.upper()}` | {shown} | {setting.metadata['meaning']} |")
    return "\n".join(rows)


def test_every_setting_is_documented() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), f"the table in {DOCUMENT.name} should be:\n\n{table()}\n"


def test_given_beats_environment_beats_file(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("# ports\n\nSIP_PORT = 1\nSIP_SITE_NAME=From the file\nSIP_WORKERS=3\n")
    environ = {"SIP_DATA": str(tmp_path), "SIP_PORT": "2", "SIP_SITE_NAME": "From the environment", "SIP_THREADS": ""}
    settings = load_settings(environ, port=4, host=None)
    assert (settings.port, settings.site_name, settings.workers) == (4, "From the environment", 3)
    assert (settings.host, settings.threads, settings.data) == (Settings.host, Settings.threads, tmp_path)


def test_settings_file_may_stand_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.env"
    file.write_text("SIP_BEHIND_PROXY=yes\nSIP_LANGUAGES=nl, fr\n")
    settings = load_settings({"SIP_DATA": str(tmp_path / "data"), "SIP_SETTINGS_FILE": str(file)})
    assert settings.behind_proxy is True
    assert settings.language_codes == ["nl", "fr"]


DATABASE = "SIP_DATABASE_URL must be like postgresql://user:password@host/name or sqlite:////path"
WRONG = [
    ("SIP_PORT", "eighty", "SIP_PORT must be a whole number, not 'eighty'"),
    ("SIP_PORT", "0", "SIP_PORT must be a number above zero, not 0"),
    ("SIP_WORKERS", "-2", "SIP_WORKERS must be a number above zero, not -2"),
    ("SIP_MAX_SECTION", "2e5", "SIP_MAX_SECTION must be a whole number, not '2e5'"),
    ("SIP_BEHIND_PROXY", "maybe", "SIP_BEHIND_PROXY must be yes or no, not 'maybe'"),
    ("SIP_SMTP_TLS", "ssl", "SIP_SMTP_TLS must be starttls, tls or none, not 'ssl'"),
    ("SIP_LANGUAGES", "fr,de", "SIP_LANGUAGES must name some of fr, nl, en, not 'fr,de'"),
    ("SIP_LANGUAGES", ",", "SIP_LANGUAGES must name some of fr, nl, en, not ','"),
    ("SIP_DATABASE_URL", "me:secret@host", DATABASE),
    ("SIP_DATABASE_URL", "mysql://me:secret@host/sip", DATABASE),
    ("SIP_DATABASE_URL", "postgresql://me@host:port/sip", DATABASE),
    ("SIP_SETTINGS_FILE", "/nowhere/x.env", "SIP_SETTINGS_FILE names /nowhere/x.env, which is not a file"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_wrong_value_is_named(name: str, value: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as error:
        load_settings({"SIP_DATA": str(tmp_path), name: value})
    assert str(error.value) == message


@pytest.mark.parametrize("line", ["SIP_PROT=8001", "8001", "PORT=8001"])
def test_unknown_name_in_the_file_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text(f"SIP_PORT=8000\n{line}\n")
    with pytest.raises(BadSetting, match=r"settings\.env, line 2: '.*' is no setting"):
        load_settings({"SIP_DATA": str(tmp_path)})


@pytest.mark.parametrize("command", ["serve", "migrate", "courier"])
def test_wrong_value_stops_the_start_with_one_line(command: str, tmp_path: Path) -> None:
    environ = {"SIP_DATA": str(tmp_path), "SIP_SMTP_PORT": "x"}
    done = CliRunner().invoke(main, [command], env=environ)
    assert done.exit_code == 1
    assert done.output == "Error: SIP_SMTP_PORT must be a whole number, not 'x'\n"


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(main, ["migrate", "--data", str(tmp_path / "file" / "data")], env={"SIP_DATA": ""})
    assert done.exit_code == 1
    assert done.output.startswith(f"Error: {tmp_path / 'file' / 'data'}")
    assert done.output.count("\n") == 1


def test_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    first = load_settings({}, data=data).secret_key
    assert len(first) == 64
    assert load_settings({}, data=data).secret_key == first
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
    assert load_settings({}, data=tmp_path / "other").secret_key != first


def test_first_starts_at_once_use_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is half-way through making it when the other looks for it."""
    made, make = [], secrets.token_hex

    def slowly(length: int) -> str:
        made.append(make(length))
        time.sleep(0.3)
        return made[-1]

    monkeypatch.setattr(secrets, "token_hex", slowly)
    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda _: load_settings({}, data=tmp_path).secret_key, range(4)))
    assert used == made * 4
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_key_that_was_not_written_to_its_end_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine goes down in the middle of the first start."""
    with monkeypatch.context() as down:
        down.setattr(os, "fsync", Mock(side_effect=OSError("the machine went down")))
        with pytest.raises(OSError, match="went down"):
            load_settings({}, data=tmp_path)
    assert len(load_settings({}, data=tmp_path).secret_key) == 64


def test_given_secret_key_makes_no_file(tmp_path: Path) -> None:
    assert load_settings({"SIP_SECRET_KEY": "k" * 40}, data=tmp_path).secret_key == "k" * 40
    assert not (tmp_path / "secret.key").exists()


def test_damaged_secret_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(BadSetting, match="holds no usable key"):
        load_settings({}, data=tmp_path)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://me@db/sip", "postgresql+psycopg://me@db/sip"),
        ("postgresql://me@db/sip", "postgresql+psycopg://me@db/sip"),
        ("postgresql+psycopg://me@db/sip", "postgresql+psycopg://me@db/sip"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_database_address(given: str, used: str) -> None:
    assert Settings(database_url=given).database == used


def test_default_database_is_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).database == f"sqlite:///{tmp_path / 'sip.db'}"
