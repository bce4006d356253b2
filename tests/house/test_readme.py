"""The README is true: its commands run, and what it names exists. A block marked `sh` is run; all others are read."""

import configparser
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pypandoc
import pytest
from werkzeug.exceptions import HTTPException

from bench.__main__ import BENCHES
from sip import cli
from sip.app import create_app
from sip.config import Settings, load_settings
from sip.drafts.files import read_version, version_hash
from tests.packaging.servers import Server, clean_environment, running

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.DOTALL | re.MULTILINE)
SPANS = re.findall(r"`([^`\n]+)`", PROSE)
# These go on for long: the first has its own test here, the second is the one that runs this.
LONG = ["bin/serve", "bin/test"]
# What an installation makes, and is in no clone.
MADE = {"data", ".venv", "node_modules"}


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def commands() -> Iterator[list[str]]:
    """Every command line that is shown, cut into words, wherever it stands."""
    shown = [line for language, text in BLOCKS if language in ("sh", "text") for line in text.splitlines()]
    shown += re.findall(r"ExecStart=(.*)", README)
    for line in [*shown, *SPANS]:
        for part in re.split(r" \| | && ", line):
            if re.match(r"(\S*/bin/sip|sip|bin/\w+)( |$)", part):
                yield shlex.split(part)


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_it_can_be_read_at_one_sitting():
    assert len(README.splitlines()) <= 200
    assert {language for language, _text in BLOCKS} == {"sh", "text", "ini", "dotenv"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `sip` as a command, the demo's data, and a document in another format."""
    place = tmp_path_factory.mktemp("readme")
    (place / "bin").mkdir()
    (place / "bin" / "sip").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sip.cli "$@"\n')
    (place / "bin" / "sip").chmod(0o755)
    run("sip demo", place, place / "demo")
    return place


def run(script: str, place: Path, data: Path, folder: Path = ROOT) -> str:
    """Run a shell script that must end well, and return what it said."""
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environ = clean_environment(SIP_DATA=str(data), PATH=path, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("block", [block for block in blocks("sh") if block.strip() not in LONG])
def test_its_commands_run(block: str, place: Path, tmp_path: Path):
    """Each block, from top to bottom, in an empty folder, with the demo as its data."""
    shutil.copytree(place / "demo", tmp_path / "data")
    (tmp_path / "here").mkdir()
    pypandoc.convert_text(
        "# Rapport\n\n## Introduction\n\nBonjour.", "odt", "md", outputfile=tmp_path / "here/report.odt"
    )
    exported = "" if "sip export" in block else "sip export copy > /dev/null\n"
    said = run(exported + block, place, tmp_path / "data", tmp_path / "here")
    assert said
    if "sha256sum" in block:
        hashes = re.findall(r"[0-9a-f]{64}", said)
        assert len(hashes) == 2
        assert hashes[0] == hashes[1]
    if "sip check" in block:
        assert said.endswith("All is well.\n")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `bin/serve` starts, with an empty data folder."""
    folder = tmp_path_factory.mktemp("served")
    with running([ROOT / "bin" / "serve", "--data", folder / "data"], folder, folder / "log") as server:
        yield server


def test_serve_prints_what_it_says(server: Server):
    sample = next(text for text in blocks("text") if "demo’s people" in text).replace("http://127.0.0.1:8000", "…")
    pattern = r"[\s\S]*".join(map(re.escape, re.split(r"\s*…\s*", sample.strip())))
    assert re.search(pattern, server.log.read_text(encoding="utf-8"))
    assert server.get("/")[0].startswith("text/html")


def test_the_site_gives_files_that_can_be_verified(server: Server):
    address = next(span for span in SPANS if re.fullmatch(r"/drafts/.*\.md", span))
    text = server.get(address)[1].decode()
    version = read_version(text)
    assert version.hash == version_hash(version)
    assert (ROOT / "drafts/2026" / address.removeprefix("/drafts/").replace("versions/", "")).read_text("utf-8") == text


def test_test_checks_what_it_says():
    script = (ROOT / "bin" / "test").read_text(encoding="utf-8")
    named = re.search(r"a line each for (.*?), then", README)
    assert named
    checks = re.findall(r'^check "(.*?)"', script, flags=re.MULTILINE)
    assert [check.lower() for check in checks] == re.split(r", | and ", named.group(1))
    assert "bin/test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_commands_and_options_exist():
    names = set()
    for words in commands():
        name = words[0].rpartition("/")[2]
        names.add(name)
        if name == "sip" and words[1:] in ([], ["--help"]):
            continue
        if name in ("sip", "serve"):
            command = cli.main.commands[words[1] if name == "sip" else "serve"]
            known = {option for parameter in command.params for option in parameter.opts}
            assert isinstance(command, click.Command)
            assert {word for word in words if word.startswith("--")} <= known, words
        else:
            assert os.access(ROOT / "bin" / name, os.X_OK), words
            assert name != "bench" or set(words[1:]) <= set(BENCHES), words
            # Options of the other scripts are told at their top.
            script = (ROOT / "bin" / name).read_text(encoding="utf-8")
            assert all(word in script for word in words if word.startswith("--")), words
            assert all((ROOT / word).exists() for word in words[1:] if "/" in word), words
    assert names >= {"sip", "serve", "test", "bench", "translate", "lock"}
    assert set(re.findall(r"`sip (\w+)", README)) | set(re.findall(r"^sip (\w+)", README, re.MULTILINE)) <= set(
        cli.main.commands
    )


def test_its_settings_exist_and_can_be_used(tmp_path: Path):
    known = {f"SIP_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(re.findall(r"SIP_[A-Z_]+", README)) <= known
    (tmp_path / "settings.env").write_text(blocks("dotenv")[0], encoding="utf-8")
    settings = load_settings({}, data=tmp_path)
    assert settings.behind_proxy
    assert settings.base_url.startswith("https://")


def test_the_unit_serves_from_the_folder_that_systemd_makes():
    unit = configparser.ConfigParser()
    unit.read_string(blocks("ini")[0])
    service = unit["Service"]
    assert service["ExecStart"].endswith(f"sip serve --data /var/lib/{service['StateDirectory']}")


def test_its_paths_exist():
    files = tracked()
    tops = {name.split("/")[0] for name in files}
    names = {Path(name).name for name in files}
    for span in SPANS:
        if re.fullmatch(r"[\w.-]+(/[\w.-]*)*", span) and not span.startswith("pages."):
            first = span.split("/")[0]
            if "/" in span and first not in MADE:
                assert first in tops, span
                assert (ROOT / span).exists(), span
            elif re.search(r"\.(py|md|cfg|json)$", span):
                assert span in names, span
    for path in re.findall(r'(?:src="|\]\()([^")]+)', README):
        assert (ROOT / path).is_file(), path


def test_its_addresses_exist(tmp_path: Path):
    addresses = [span for span in SPANS if span.startswith("/") and not span.startswith("/opt/")]
    assert len(addresses) >= 3
    routes = create_app(Settings(data=tmp_path, secret_key="test" * 16)).url_map.bind("localhost")
    for address in addresses:
        try:
            routes.match(address)
        except HTTPException:
            pytest.fail(f"{address} is no page")


def test_its_pictures_are_small_and_described():
    pictures = re.findall(r'<img src="([^"]+)" width="\d+%" alt="([^"]{20,})">', README)
    assert len(pictures) == README.count("<img") == 2
    for (path, _alt), least in zip(pictures, (1280, 390), strict=True):
        content = (ROOT / path).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert struct.unpack(">I", content[16:20])[0] >= least
        assert len(content) < 200_000


def test_the_tree_is_the_tree():
    tree = next(text for text in blocks("text") if "  cli.py" in text)
    listed: set[str] = set()
    above: list[str] = []
    for line in tree.splitlines():
        indent, names = re.match(r"( *)([^\s,]+(?:, [^\s,]+)*)", line).groups()
        above = above[: len(indent) // 2]
        listed |= {"/".join([*above, name.rstrip("/")]) for name in names.split(", ")}
        above.append(names.rstrip("/"))
    files = tracked()
    assert [path for path in listed if not (ROOT / path).exists()] == []
    tops = {name.split("/")[0] for name in files if "/" in name and not name.startswith(".")}
    packages = {str(Path(name).parent) for name in files if re.fullmatch(r"sip/.*/__init__\.py", name)}
    packages = {name for name in packages if not name.endswith("/actions")}  # a door that every room has
    assert (tops | packages | {"sip/translations"}) - listed == set()
    modules = {name for name in files if re.fullmatch(r"sip/\w+\.py", name)} - {"sip/__init__.py"}
    assert modules - listed == set()


def test_the_doors_are_those_that_are_checked():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "setup.cfg", encoding="utf-8")
    layers = contracts["importlinter:contract:floors"]["layers"].split()
    rooms = [name for name in layers if (ROOT / "sip" / name).is_dir()]
    sentence = re.search(r"Imports point down only, from (.*?), and inside", README, re.DOTALL)
    assert sentence
    assert re.findall(r"`(\w+)`", sentence.group(1)) == rooms


def test_the_bench_prints_the_lines_it_says():
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bench").glob("*.py")))
    printed = re.findall(r'report\.at_\w+\(\s*f?"([\w.]+?)(?:_?\{\w+\})?"', code)
    spans = re.findall(r"`([^`\n]+)`", (ROOT / "bench" / "README.md").read_text(encoding="utf-8"))
    told = [span.removesuffix("_…") for span in spans if span.startswith(tuple(f"{name}." for name in BENCHES))]
    assert sorted(told) == sorted(set(printed))


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_decisions_are_numbered():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_choice_and_cost(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert [part for part in ("**Context.**", "**Choice.**", "**Cost.**") if part not in text] == []
    files = tracked()
    for span in re.findall(r"`([\w/]+(?:\.py|/))`", text):
        assert any(f"/{name}".find(f"/{span}") >= 0 for name in files), span
