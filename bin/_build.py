"""Builds the browser code (static/dist), which is not committed, and tells what was built from what.

Used by the set-up of bin/serve and bin/test and by setup.py; needs nothing but the standard library.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "static" / "dist"
# Holds the digest of the sources that the folder was built from; written last, so a half-finished build has none.
DIST_STAMP = DIST / ".sources"
NPM_STAMP = ROOT / "node_modules" / ".sources"
NODE_AT_LEAST = 20


class BuildError(Exception):
    """Something could not be built; the text says what, and what would mend it."""


def digest_of(files: Iterable[Path]) -> str:
    """Return a digest of the names and contents of `files`, in any order."""
    digest = hashlib.sha256()
    for path in sorted(files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def read_stamp(stamp: Path) -> str:
    """Return what `stamp` holds, or nothing where it is missing."""
    return stamp.read_text(encoding="utf-8").strip() if stamp.is_file() else ""


def npm_sources() -> str:
    """Return the digest of what decides which browser packages are installed."""
    return digest_of([ROOT / "package.json", ROOT / "package-lock.json"])


def browser_sources() -> str:
    """Return the digest of everything that static/dist is made of."""
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file() and DIST not in path.parents]
    return digest_of([ROOT / "package.json", ROOT / "package-lock.json", *files])


def browser_code_is_current() -> bool:
    """Say whether static/dist was built, to its end, from the sources as they are."""
    return read_stamp(DIST_STAMP) == browser_sources()


def find_node(search: str) -> Path | None:
    """Return the folder of a Node that is new enough and has its npm beside it, in the search path `search`."""
    for folder in filter(None, search.split(os.pathsep)):
        node = shutil.which("node", path=folder)
        if node and shutil.which("npm", path=folder) and _node_version(node) >= NODE_AT_LEAST:
            return Path(folder)
    return None


def _node_version(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found.group(1)) if found else 0


def build_browser_code(search: str) -> None:
    """Build static/dist with the Node found in `search`; raises BuildError."""
    folder = find_node(search)
    if folder is None:
        raise BuildError(f"the browser code needs Node {NODE_AT_LEAST} or newer, with npm")
    environ = {**os.environ, "PATH": f"{folder}{os.pathsep}{search}"}
    packages, sources = npm_sources(), browser_sources()
    if read_stamp(NPM_STAMP) != packages:
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", environ=environ)
        NPM_STAMP.write_text(packages, encoding="ascii")
    DIST_STAMP.unlink(missing_ok=True)
    _run("npm", "run", "build", "--silent", environ=environ)
    DIST_STAMP.write_text(sources, encoding="ascii")


def _run(*command: str, environ: dict[str, str]) -> None:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}  # errors come on stderr
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False, **quiet)
    if done.returncode != 0:
        raise BuildError(f"`{' '.join(command)}` failed; its own message stands above")


def catalogs() -> list[Path]:
    """Return the translations as their authors write them."""
    return sorted((ROOT / "sip" / "translations").glob("*/LC_MESSAGES/*.po"))
