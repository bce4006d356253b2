"""The wheel alone, built from a fresh copy and installed in an empty folder, serves the same pages."""

import re
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.servers import ROOT, Server, clean_environment, running


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what a fresh clone would hold: nothing built, nothing installed."""
    copy = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    assert not (copy / "static" / "dist").exists()
    assert not list(copy.rglob("*.mo"))
    made = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made, copy])
    return next(made.glob("*.whl"))


@pytest.fixture(scope="module")
def server(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`sip serve --demo` of the wheel, in an empty folder, in an environment that has the locked dependencies."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    packages = next(home.glob("lib/python3*/site-packages"))
    _run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel])
    # The dependencies are those of the tests' environment. Its .pth files are not read, so `sip` is not among them.
    packages.joinpath("dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    folder = tmp_path_factory.mktemp("empty")
    place = _run([python, "-c", "import sip; print(sip.__file__)"], folder)
    assert Path(place.strip()).is_relative_to(packages), place
    with running([home / "bin" / "sip", "serve", "--demo"], folder, folder.parent / "serve.log") as server:
        yield server


def _run(command: list[str | Path], folder: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_travels(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    def of(folder: Path, pattern: str, within: str) -> set[str]:
        return {f"{within}{path.relative_to(folder).as_posix()}" for path in folder.glob(pattern) if path.is_file()}

    expected = {
        *of(ROOT / "templates", "**/*.*", "sip/shipped/templates/"),
        *of(ROOT / "drafts", "**/*.*", "sip/shipped/drafts/"),
        *of(ROOT / "sip" / "migrations", "**/*.py", "sip/migrations/"),
        *of(ROOT / "sip" / "migrations", "*.ini", "sip/migrations/"),
        *of(ROOT / "sip" / "migrations", "*.mako", "sip/migrations/"),
        *(path.with_suffix(".mo").relative_to(ROOT).as_posix() for path in ROOT.glob("sip/translations/*/*/*.po")),
        "sip/shipped/static/dist/app.css",
        "sip/shipped/static/dist/app.js",
        "sip/shipped/static/icons.svg",
    }
    assert expected - set(names) == set()
    assert any(name.endswith(".mo") for name in names), "no translation is there to travel"


def test_what_stays_behind(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sip"}
    unwanted = re.compile(r"node_modules|(^|/)tests?/|\.map$|\.mjs$|\.pyc$|\.po$|/\.")
    assert [name for name in names if unwanted.search(name)] == []


def test_first_page_and_its_style(server: Server) -> None:
    kind, page = server.get("/")
    assert kind == "text/html; charset=utf-8"
    style = re.search(rb'href="(/static/dist/app\.css\?v=\w+)"', page)
    assert style, page.decode()
    kind, css = server.get(style.group(1).decode())
    assert kind.startswith("text/css")
    assert len(css) > 1000


def test_document_page(server: Server) -> None:
    _kind, page = server.get("/drafts/information-et-gouvernance")
    assert "<h1" in page.decode()
    assert "Recommandation" in page.decode() or "recommandation" in page.decode()


def test_translations(server: Server) -> None:
    said = {}
    for language in ("fr", "nl", "en"):
        page = server.get("/", Accept_Language=language)[1].decode()
        assert f'<html lang="{language}"' in page
        said[language] = set(re.findall(r">\s*([^<>{}]*\w[^<>{}]*)<", page))
    assert len(said["fr"] - said["en"]) > 5
    assert len(said["nl"] - said["en"]) > 5
