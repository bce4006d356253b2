"""Where the files stand that are not Python: in the work tree, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# A wheel carries the top-level folders under `sip/shipped`, see setup.py.
_ROOT = _PACKAGE / "shipped" if (_PACKAGE / "shipped").is_dir() else _PACKAGE.parent

TEMPLATES = _ROOT / "templates"
STATIC = _ROOT / "static"
DEMO_DRAFTS = _ROOT / "drafts"
TRANSLATIONS = _PACKAGE / "translations"
MIGRATIONS = _PACKAGE / "migrations"
