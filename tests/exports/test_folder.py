"""Export after import gives the same bytes; a folder with a fault is refused whole, naming the file."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from sip import paths
from sip.core.db import db
from sip.core.errors import Invalid
from sip.cycles.models import Cycle, Theme
from sip.drafts import checking
from sip.drafts.models import Draft, Version
from sip.exports.folder import export_folder, import_folder
from sip.people.models import Person


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_demo_cycle_comes_out_as_it_went_in(app: Flask, tmp_path: Path):
    done = import_folder(paths.DEMO_DRAFTS)
    assert len(done.drafts) == 7
    export_folder(tmp_path)
    assert bytes_of(tmp_path) == bytes_of(paths.DEMO_DRAFTS)
    assert list(checking.problems()) == []


def test_a_second_import_changes_nothing(app: Flask, tmp_path: Path):
    import_folder(paths.DEMO_DRAFTS)
    again = import_folder(paths.DEMO_DRAFTS)
    assert again.drafts == []
    assert len(again.left) == 7
    export_folder(tmp_path)
    assert bytes_of(tmp_path) == bytes_of(paths.DEMO_DRAFTS)


def test_the_demo_cycle_is_what_a_real_one_is(app: Flask):
    import_folder(paths.DEMO_DRAFTS)
    drafts = list(db.session.scalars(select(Draft).join(Draft.theme).join(Theme.cycle).where(Cycle.slug == "2026")))
    assert len(drafts) == 4
    for draft in drafts:
        assert draft.latest_number >= 2
        version = db.session.scalars(
            select(Version).where(Version.draft_id == draft.id, Version.number == draft.latest_number)
        ).one()
        assert version.words > 4_000, draft.slug
    assert db.session.scalar(select(func.count(Person.id))) == 0


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("2026/information-et-gouvernance/2.md", "Remplacement", "2.md"),
        ("2026/cycle.md", "---\ntitle: [\n---\n", "cycle.md"),
        ("2026/themes/comprendre.md", "pas d’en-tête", "comprendre.md"),
        ("offices.yml", "{", "offices.yml"),
        ("2026/information-et-gouvernance.md", "---\ntitle: x\ntheme: rien\ngroups: []\nlanguage: fr\n---\n", "rien"),
        ("2026/cycle.md", "---\ntitle: x\nopens: 2030-01-01\ncloses: 2029-01-01\n---\n", "cycle.md: The cycle can"),
        ("2026/neuf.md", f"---\ntitle: {'x' * 201}\ntheme: comprendre\n---\n", "neuf.md: “title” is too long"),
        ("2026/neuf.md", "---\ntitle: x\ntheme: comprendre\n---\n\n## S {#s stage=no}\n", "neuf.md: “no” is no stage"),
        ("2026/neuf.md", "---\ntitle: x\ntheme: comprendre\n---\n\n## S\n\na\0b\n", "neuf.md: byte 43 is not"),
        ("2026/information-et-gouvernance/2.md", "---\n---\n", "gouvernance/2.md: “"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named(app: Flask, tmp_path: Path, file: str, text: str, said: str):
    for name, content in bytes_of(paths.DEMO_DRAFTS).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as raised:
        import_folder(tmp_path)
    assert said in str(raised.value)


def test_a_version_that_was_tampered_with_is_refused(app: Flask, tmp_path: Path):
    for name, content in bytes_of(paths.DEMO_DRAFTS).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "2026/information-et-gouvernance/1.md"
    path.write_text(path.read_text(encoding="utf-8").replace("L’Établi", "L’Établie", 1), encoding="utf-8")
    with pytest.raises(Invalid, match="hash"):
        import_folder(tmp_path)
