"""What is installed is locked: exact versions with hashes, the same everywhere."""

import configparser
import json
import re

import pytest

from tests.packaging.servers import ROOT

LOCKS = ROOT / "requirements"


def _pins(name: str) -> dict[str, set[str]]:
    """Return the versions that a lock file names, by package: several where they depend on the Python version."""
    pins: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.+]+)", (LOCKS / name).read_text(), re.MULTILINE
    ):
        pins.setdefault(package.lower(), set()).add(version)
    return pins


def _wanted(text: str) -> list[str]:
    return [re.split(r"[\s\[<>=~!;]", line.strip())[0].lower().replace("_", "-") for line in text.splitlines() if line]


@pytest.mark.parametrize("name", ["run.txt", "test.txt", "node.txt"])
def test_every_package_has_hashes(name: str) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", (LOCKS / name).read_text(), flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_locks_hold_what_setup_cfg_names() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    run, test = _pins("run.txt"), _pins("test.txt")
    for package in _wanted(config["options"]["install_requires"] + config["options.extras_require"]["postgres"]):
        assert package in run, f"{package}: run bin/lock"
    for package in _wanted(config["options.extras_require"]["test"]):
        assert package in test, f"{package}: run bin/lock"


def test_tests_run_on_what_is_served() -> None:
    run, test = _pins("run.txt"), _pins("test.txt")
    assert {package: test.get(package) for package in run} == run


def test_node_lock_is_of_its_source() -> None:
    package, version = (LOCKS / "node.in").read_text().strip().split("==")
    assert _pins("node.txt")[package] == {version}


def test_browser_packages_are_exact_and_locked() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for package, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert locked[f"node_modules/{package}"]["version"] == version
    for path, entry in locked.items():
        assert not path or "integrity" in entry, path
