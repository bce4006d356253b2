"""The set-up redoes what changed or was left half-finished, leaves alone what is current, and says what is missing."""

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging.servers import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with what the set-up reads, and nothing that it makes."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "bin", tree / "bin", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", tree / "requirements")
    shutil.copytree(ROOT / "static", tree / "static", ignore=shutil.ignore_patterns("dist"))
    shutil.copytree(ROOT / "sip" / "translations", tree / "sip" / "translations", ignore=shutil.ignore_patterns("*.mo"))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tree)
    (tree / ".venv" / ".sip").mkdir(parents=True)
    return tree


@pytest.fixture
def setup(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The set-up of that tree."""
    monkeypatch.syspath_prepend(str(tree / "bin"))
    monkeypatch.delitem(sys.modules, "_build", raising=False)
    spec = importlib.util.spec_from_file_location("_setup_of_tree", tree / "bin" / "_setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tree == module.ROOT
    yield module
    sys.modules.pop("_build", None)


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def npm_calls(tree: Path) -> Path:
    """A Node and an npm that do as much as the set-up can see; the file lists what npm was asked."""
    _script(tree / "node" / "node", "echo v24.1.0")
    _script(
        tree / "node" / "npm",
        'echo "$1" >>npm-calls\n[ ! -e broken ] || [ "$1" = ci ] || exit 1\nmkdir -p node_modules static/dist\n'
        "echo built >static/dist/app.css",
    )
    (tree / "npm-calls").touch()
    return tree / "npm-calls"


def test_browser_code_is_built_once(setup: ModuleType, tree: Path, npm_calls: Path) -> None:
    build = sys.modules["_build"]
    assert not build.browser_code_is_current()
    build.build_browser_code(f"{tree}/node:/usr/bin:/bin")
    assert build.browser_code_is_current()
    assert npm_calls.read_text().split() == ["ci", "run"]


def test_browser_code_is_built_again_when_a_source_changes(setup: ModuleType, tree: Path, npm_calls: Path) -> None:
    build = sys.modules["_build"]
    build.build_browser_code(f"{tree}/node:/usr/bin:/bin")
    (tree / "static" / "css" / "new.css").write_text("p { color: black }")
    assert not build.browser_code_is_current()
    build.build_browser_code(f"{tree}/node:/usr/bin:/bin")
    assert npm_calls.read_text().split() == ["ci", "run", "run"]


def test_half_finished_build_is_redone(setup: ModuleType, tree: Path, npm_calls: Path) -> None:
    build = sys.modules["_build"]
    build.build_browser_code(f"{tree}/node:/usr/bin:/bin")
    (tree / "static" / "css" / "new.css").write_text("p { color: black }")
    (tree / "broken").touch()
    with pytest.raises(build.BuildError, match="npm run build"):
        build.build_browser_code(f"{tree}/node:/usr/bin:/bin")
    (tree / "static" / "css" / "new.css").unlink()
    # The sources are the first ones again, but what stands there was left by the build that failed.
    assert not build.browser_code_is_current()


def test_old_node_is_passed_over(setup: ModuleType, tree: Path, npm_calls: Path) -> None:
    build = sys.modules["_build"]
    _script(tree / "old" / "node", "echo v18.20.1")
    _script(tree / "old" / "npm", "exit 1")
    _script(tree / "bare" / "node", "echo v22.0.0")
    search = os.pathsep.join(str(tree / name) for name in ("old", "bare", "node"))
    assert build.find_node(search) == tree / "node"
    assert build.find_node(str(tree / "old")) is None


def test_half_finished_installation_is_redone(setup: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(lock: Path) -> None:
        asked.append(lock.name)
        if len(asked) == 1:
            raise setup.BuildError("no network")

    monkeypatch.setattr(setup, "_pip_install", install)
    with pytest.raises(setup.BuildError):
        setup._dependencies("run")
    setup._dependencies("run")
    setup._dependencies("run")
    assert asked == ["run.txt", "run.txt"]
    (tree / "requirements" / "run.txt").write_text("flask==3.1.0 --hash=sha256:00\n")
    setup._dependencies("run")
    assert asked == ["run.txt"] * 3


def test_what_the_tests_need_is_enough_to_run(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(setup, "_pip_install", lambda lock: asked.append(lock.name))
    setup._dependencies("run")
    setup._dependencies("test")
    setup._dependencies("run")
    assert asked == ["run.txt", "test.txt"]


def test_environment_of_another_folder_is_made_anew(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(setup, "_works", lambda _python: True)
    monkeypatch.setattr(setup, "_run", lambda command, _failure: asked.append(command))
    (setup.STAMPS / "environment").write_text("/somewhere/else")
    setup._virtual_environment()
    assert [command[1:] for command in asked] == [["-m", "venv", "--clear", str(setup.VENV)]]


def test_broken_environment_is_made_anew(setup: ModuleType, tree: Path) -> None:
    python = tree / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to("/nowhere/python3")  # as after an upgrade of the machine's Python
    (tree / ".venv" / ".sip" / "environment").write_text(str(tree))
    setup._virtual_environment()
    said = subprocess.run(
        [python, "-c", "import pip, sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(tree / ".venv")


def test_second_set_up_waits(setup: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    entered = threading.Event()

    def second() -> None:
        with setup._alone():
            entered.set()

    with setup._alone():
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.5)
    assert entered.wait(10)
    thread.join()
    assert "waiting for it" in capsys.readouterr().out


def test_translation_that_breaks_its_sentence_is_refused(tree: Path) -> None:
    catalog = tree / "sip" / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
    catalog.parent.mkdir(parents=True, exist_ok=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n#, python-format\nmsgid "%(n)s votes"\n'
    command = [sys.executable, tree / "bin" / "_translations.py"]
    catalog.write_text(head + 'msgstr "%(m)s voix"\n')
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: sip/translations/fr/LC_MESSAGES/messages.po, line 5: ")
    catalog.write_text(head + 'msgstr "%(n)s voix"\n')
    subprocess.run(command, check=True)
    assert catalog.with_suffix(".mo").is_file()


@pytest.mark.parametrize(
    ("python3", "message"),
    [
        ("exit 127", "error: Python 3.11 or newer is needed, and no such python3 was found on this machine\n"),
        (
            'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac',
            "error: python3 lacks the modules venv and ensurepip (Debian and Ubuntu: apt-get install python3-venv)\n",
        ),
    ],
)
def test_one_line_where_python_is_missing(tree: Path, python3: str, message: str) -> None:
    _script(tree / "path" / "python3", python3)
    for program in ("dirname", "sh"):
        (tree / "path" / program).symlink_to(shutil.which(program) or "")
    done = subprocess.run(
        ["/bin/sh", tree / "bin" / "serve"],
        env={"PATH": str(tree / "path")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


@pytest.mark.parametrize(("environ", "status"), [({"CI": "true"}, 1), ({}, 0)])
def test_missing_browser_fails_in_ci_only(tree: Path, environ: dict[str, str], status: int) -> None:
    with (tree / "bin" / "_setup.sh").open("a") as shared:
        shared.write("set_up() { :; }\n")
    _script(tree / "path" / "id", "echo 1000")
    _script(tree / ".venv" / "bin" / "python", 'echo "$@"')
    for program in ("dirname", "ls"):
        (tree / "path" / program).symlink_to(shutil.which(program) or "")
    command = ["/bin/sh", tree / "bin" / "test", "tests/drafts", "-k", "x"]
    done = subprocess.run(
        command, env={"PATH": str(tree / "path"), **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert "chromium or postgresql is missing (Debian: apt-get install chromium postgresql)" in done.stderr
    assert done.stdout == ("" if status else "-m pytest tests/drafts -k x\n")
