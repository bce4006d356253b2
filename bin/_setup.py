"""Makes the work tree ready to run: virtual environment, locked dependencies, browser code, translations.

`python bin/_setup.py run` or `... test`. What is current is left alone, what was left half-finished is redone, and two
of them at once do no harm. Runs on the machine's own Python and needs nothing but the standard library.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import _build
from _build import ROOT, BuildError, digest_of, read_stamp

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".sip"
REQUIREMENTS = ROOT / "requirements"


def main(purpose: str) -> None:
    """Bring everything up to date for `purpose`: `run`, or `test` with the tools of the tests."""
    with _alone():
        _virtual_environment()
        _dependencies(purpose)
        _sip_command()
        _browser_code()
        _translations()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other set-up of this work tree is under way."""
    # The folder is locked, not a file of its own: nothing is left behind, also when the machine stops.
    handle = os.open(ROOT / "bin", os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up of this folder is under way; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _say(text: str) -> None:
    print(f"· {text}", flush=True)


@contextlib.contextmanager
def _step(text: str) -> Iterator[None]:
    """Announce a step, and say how long it took."""
    _say(f"{text} …")
    began = time.monotonic()
    yield
    _say(f"{text}: done in {time.monotonic() - began:.0f} s")


def _virtual_environment() -> None:
    """Make .venv, or make it anew where its Python or its pip is gone, or it was moved or left half-made."""
    made_for = read_stamp(STAMPS / "environment")
    if made_for == str(ROOT) and PYTHON.exists():
        return
    # The commands in an environment name its folder: one that was moved is no use.
    if made_for not in ("", str(ROOT)) or not _works(PYTHON):
        version = ".".join(map(str, sys.version_info[:3]))
        with _step(f"Making the virtual environment .venv with Python {version}"):
            # Run by the machine's Python, never by the environment that is replaced.
            python = getattr(sys, "_base_executable", None) or sys.executable
            _run([python, "-m", "venv", "--clear", str(VENV)], "the virtual environment could not be made")
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / "environment").write_text(str(ROOT), encoding="utf-8")


def _works(python: Path) -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return python.exists() and subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def _dependencies(purpose: str) -> None:
    """Install what requirements/<purpose>.txt locks; the tests' list contains the one to run with."""
    lock = REQUIREMENTS / f"{purpose}.txt"
    stamp = STAMPS / purpose
    if read_stamp(stamp) == digest_of([lock]):
        return
    with _step(f"Installing the dependencies that requirements/{lock.name} locks"):
        _pip_install(lock)
    for old in (STAMPS / "run", STAMPS / "test"):
        old.unlink(missing_ok=True)
    # What the tests need contains what running needs, at the same versions.
    for name in ("run", purpose):
        (STAMPS / name).write_text(digest_of([REQUIREMENTS / f"{name}.txt"]), encoding="ascii")


def _pip_install(lock: Path) -> None:
    """Install a lock file; its packages are counted as they arrive, pip's words are shown where it fails."""
    total = len(re.findall(r"^[\w.\[\]-]+==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input",
               "--disable-pip-version-check", "--progress-bar=off", "-r", str(lock)]  # fmt: skip
    words = []
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            words.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                count += 1
            _progress(f"  {count} of at most {total}: {line.strip()}")
    _progress("")
    if pip.returncode != 0:
        raise BuildError("the dependencies could not be installed:\n" + "".join(words[-25:]))


def _progress(text: str) -> None:
    """Show one line that the next one replaces, where somebody watches."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", flush=True)


def _sip_command() -> None:
    """Make `sip` of this work tree importable in .venv, and a command there."""
    command = VENV / "bin" / "sip"
    script = f'#!/bin/sh\nexec "{PYTHON}" -m sip.cli "$@"\n'
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    path = packages / "sip-work-tree.pth"
    if not path.is_file() or path.read_text(encoding="utf-8") != f"{ROOT}\n":
        path.write_text(f"{ROOT}\n", encoding="utf-8")
    if not command.is_file() or command.read_text(encoding="utf-8") != script:
        command.write_text(script, encoding="utf-8")
        command.chmod(0o755)


def _browser_code() -> None:
    """Build static/dist where its sources changed, with the machine's Node or else the one from PyPI."""
    if _build.browser_code_is_current():
        return
    search = os.environ.get("PATH", os.defpath)
    if _build.find_node(search) is None:
        search = str(VENV / "bin")
        if _build.find_node(search) is None:
            with _step(f"Installing Node into .venv (this machine has none from version {_build.NODE_AT_LEAST} on)"):
                _pip_install(REQUIREMENTS / "node.txt")
        search += os.pathsep + os.environ.get("PATH", os.defpath)
    with _step("Building the browser code"):
        _build.build_browser_code(search)


def _translations() -> None:
    """Compile the translations where one changed or is missing."""
    sources = _build.catalogs()
    stamp = STAMPS / "translations"
    if read_stamp(stamp) == digest_of(sources) and all(path.with_suffix(".mo").is_file() for path in sources):
        return
    with _step("Compiling the translations"):
        _run([str(PYTHON), str(ROOT / "bin" / "_translations.py")], "the translations could not be compiled")
    stamp.write_text(digest_of(sources), encoding="ascii")


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise BuildError(f"{failure}; what went wrong stands above")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except BuildError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("error: interrupted; run it again to go on")
