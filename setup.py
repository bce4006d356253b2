"""What setup.cfg cannot say: the wheel carries templates, browser code, translations and the demo, all built."""

import os
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "bin"))

import _build  # noqa: E402
from _translations import compile_translations  # noqa: E402

SEARCH = os.environ.get("PATH", os.defpath)


def build_what_is_missing() -> None:
    """Build the browser code where it is not current, and all translations."""
    if not _build.browser_code_is_current():
        _build.build_browser_code(SEARCH)
    compile_translations()


def wanted(_folder: str, names: list[str]) -> list[str]:
    """Tell copytree what stays behind: sources of the browser code that are in the bundle, stamps, source maps."""
    return [name for name in names if name.startswith(".") or name.endswith((".map", ".mjs", ".pyc"))]


class BuildWithShipped(build_py):
    """Adds the top-level folders as sip/shipped, where sip/paths.py looks for them."""

    def run(self) -> None:
        if not self.editable_mode:
            # What an earlier build left there would travel too, although it is gone from the sources.
            shutil.rmtree(self.build_lib, ignore_errors=True)
            build_what_is_missing()
        super().run()
        if not self.editable_mode:
            shipped = Path(self.build_lib) / "sip" / "shipped"
            for folder in ("templates", "static", "drafts"):
                shutil.copytree(ROOT / folder, shipped / folder, ignore=wanted)


class SourcesWithBuilt(sdist):
    """Builds first, so that a wheel can be made from the archive without Node."""

    def run(self) -> None:
        build_what_is_missing()
        super().run()


def node_where_missing() -> list[str]:
    """Return the package that brings Node, for a build on a machine that has none."""
    if _build.browser_code_is_current() or _build.find_node(SEARCH):
        return []
    return (ROOT / "requirements" / "node.in").read_text(encoding="ascii").split()


setup(
    cmdclass={"build_py": BuildWithShipped, "sdist": SourcesWithBuilt},
    package_data={
        "sip": ["migrations/*.ini", "migrations/*.mako", "migrations/versions/*.py", "translations/*/LC_MESSAGES/*.mo"]
    },
    setup_requires=node_where_missing(),
)
