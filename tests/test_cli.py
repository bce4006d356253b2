"""The `sip` command on both databases: what it stores and says, and that what goes wrong is said in one line."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest

from sip import demo_discussion, paths
from sip.cycles.stages import RIGHTS
from tests.databases import Databases
from tests.installation import Installation, bytes_of, plain
from tests.ports import free_port

Maker = Callable[[str], Installation]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def make(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Maker]:
    """`make("")` gives an installation without anything; `make("demo")` a copy of one that holds the demo."""
    folder = tmp_path_factory.mktemp(request.param)
    names = (f"installation{number}" for number in range(1000))

    def create(server: str, template: str) -> Installation:
        name = next(names)
        data = folder / name
        if template and not server:
            shutil.copytree(folder / template, data)
        data.mkdir(exist_ok=True)
        if not server:
            return Installation(data, "")
        with psycopg.connect(plain(server), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}".encode())
        return Installation(data, f"{server.rpartition('/')[0]}/{name}")

    def maker(server: str) -> Maker:
        first = create(server, "")
        first.sip("demo")
        return lambda kind: create(server, first.data.name if kind == "demo" else "")

    if request.param == "sqlite":
        yield maker("")
    else:
        with databases.empty("postgresql", folder) as url:
            yield maker(url)


@pytest.fixture
def empty(make: Maker) -> Installation:
    """An installation whose database holds no table."""
    return make("")


@pytest.fixture
def demo(make: Maker) -> Installation:
    """An installation that holds the demo."""
    return make("demo")


@pytest.mark.parametrize(
    "command", [["check"], ["import", str(paths.DEMO_DRAFTS)], ["export", "x"], ["user", "a@example.org"]]
)
def test_a_database_that_is_not_up_to_date_is_named(empty: Installation, command: list[str]) -> None:
    assert empty.refused(*command) == "the database is not up to date; run: sip migrate"


def test_migrate_makes_it_ready_and_may_be_run_again(empty: Installation) -> None:
    for _ in range(2):
        assert empty.sip("migrate") == "The database is up to date.\n"
    assert empty.sip("check") == "All is well.\n"
    assert empty.count("people") == 0


def test_a_database_of_a_later_version_is_left_alone(demo: Installation) -> None:
    demo.sql("UPDATE alembic_version SET version_num = '9999'")
    assert demo.refused("check") == "the database was changed by a later version of this program; install that one"


def test_demo_goes_into_an_empty_installation_only(demo: Installation) -> None:
    people = demo.count("people")
    assert people > 30
    assert demo.count("drafts") == 7
    assert demo.sip("check") == "All is well.\n"
    assert demo.refused("demo").startswith("there is something here already")
    assert demo.count("people") == people


def test_half_a_demo_is_not_taken_for_a_whole_one(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody grew impatient and pressed Ctrl-C: no site without its discussions stands there as if that were all."""
    empty = make("")
    with monkeypatch.context() as impatient:
        impatient.setattr(demo_discussion, "load", Mock(side_effect=KeyboardInterrupt))
        empty.sip("demo", status=1)
    assert empty.count("drafts") == 7
    for command in (["demo"], ["serve", "--port", str(free_port())]):
        line = empty.refused(*command)
        assert line.startswith(f"the demo was not loaded to its end; remove {empty.data}")


# What the demo shows of decisions: where to look, and what is there.
DECIDED: list[tuple[str, list[tuple[Any, ...]]]] = [
    # An open second round after an objection, and an open secret ballot in which somebody gave a proxy.
    (
        "SELECT method, secrecy, round FROM ballots WHERE state = 'open' AND closes_at > CURRENT_TIMESTAMP",
        [("consent", "open", 2), ("majority", "secret", 1)],
    ),
    ("SELECT count(*) FROM votes WHERE choice = 'objection' AND thread_id IS NOT NULL", [(1,)]),
    ("SELECT count(*) FROM proxies JOIN ballots ON ballots.id = ballot_id WHERE state = 'open'", [(1,)]),
    # The board has answered in every way, still studies something, and asks the group about it.
    (
        "SELECT DISTINCT COALESCE(answer, 'waits') FROM reviews",
        [("accepted",), ("declined",), ("deferred",), ("partly",), ("waits",)],
    ),
    (
        "SELECT count(*) FROM signatures JOIN board_responses ON response_id = board_responses.id"
        " WHERE published_at IS NULL",
        [(1,)],
    ),
    ("SELECT count(*) FROM review_questions WHERE answer IS NULL", [(1,)]),
    # One promise is late, one trial has shown something, and a member waits for an answer.
    ("SELECT count(*) FROM commitments WHERE due_on < CURRENT_DATE AND status = 'under_way'", [(1,)]),
    ("SELECT status FROM commitments WHERE results <> ''", [("done",)]),
    ("SELECT count(*) FROM commitment_questions WHERE answer IS NULL", [(1,)]),
    # The board will meet, also on a point that members support; a matter is in hand. Nobody is written to.
    (
        "SELECT count(*) FROM agenda_points JOIN meetings ON meetings.id = meeting_id WHERE supports > 0"
        " AND agenda_published_at IS NOT NULL AND starts_at > CURRENT_TIMESTAMP",
        [(1,)],
    ),
    ("SELECT state FROM referrals", [("in_hand",)]),
    ("SELECT count(*) FROM letters", [(0,)]),
]


def test_the_demo_shows_how_things_are_decided(demo: Installation) -> None:
    assert [sorted(demo.sql(where)) for where, _ in DECIDED] == [found for _, found in DECIDED]


def test_demo_at_scale_adds_what_was_asked_for(demo: Installation) -> None:
    people = demo.count("people")
    assert demo.sip("demo", "--scale", "--members", "25", "--drafts", "3") == "The demo is loaded.\n"
    assert (demo.count("people"), demo.count("drafts")) == (people + 25, 10)


def test_what_is_shipped_comes_back_the_same(empty: Installation, tmp_path: Path) -> None:
    empty.sip("migrate")
    empty.sip("import", str(paths.DEMO_DRAFTS))
    empty.sip("export", tmp_path / "copy")
    assert bytes_of(tmp_path / "copy") == bytes_of(paths.DEMO_DRAFTS)


def test_what_is_exported_comes_back_the_same(demo: Installation, make: Maker, tmp_path: Path) -> None:
    copy = tmp_path / "new" / "copy"
    told = demo.sip("export", copy)
    files = bytes_of(copy)
    assert told == f"{len(files)} files written to {copy}\n"
    # As the demo's texts went on since they were shipped: amendments were accepted, an objection was worked through.
    new = {"2025/lieux-partages/3.md", "2025/se-deplacer/2.md"}
    assert files.keys() == bytes_of(paths.DEMO_DRAFTS).keys() | new

    other = make("")
    other.sip("migrate")
    assert other.sip("import", copy) == f"{copy}: 7 documents stored, 0 were there already\n"
    assert other.sip("import", copy) == f"{copy}: 0 documents stored, 7 were there already\n"
    assert other.sip("check") == "All is well.\n"
    other.sip("export", tmp_path / "again")
    assert bytes_of(tmp_path / "again") == files


def test_export_onto_a_file_is_one_line(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert demo.refused("export", tmp_path / "file" / "folder") == f"{tmp_path / 'file' / 'folder'}: Not a directory"


NOTES = """\
# Des antennes vivantes

## Introduction

Bonjour.

## Recommandation 1 : Ouvrir

Voir la recommandation 9.
"""


def test_a_document_in_another_format_is_stored_for_its_theme(demo: Installation, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(NOTES, encoding="utf-8")
    said = demo.sip("import", notes, "--theme", "comprendre", "--group", "rennes").splitlines()
    assert said[0] == f"{notes}: stored as des-antennes-vivantes, 2 sections"
    assert said[1:] == ["  left as text, line 1 of ouvrir: recommandation 9"]
    groups = demo.sql(
        "SELECT working_groups.slug FROM drafts JOIN draft_groups ON draft_groups.draft_id = drafts.id "
        "JOIN working_groups ON working_groups.id = draft_groups.group_id WHERE drafts.slug = 'des-antennes-vivantes'"
    )
    assert groups == [("rennes",)]
    assert demo.sip("check") == "All is well.\n"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--theme", "nothing"], "There is no theme “nothing”."),
        (["--theme", "comprendre", "--group", "lyon"], "There is no group “lyon” in this theme."),
    ],
)
def test_an_unknown_theme_or_group_is_named(demo: Installation, tmp_path: Path, options: list[str], line: str) -> None:
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    assert demo.refused("import", tmp_path / "notes.md", *options) == line
    assert demo.count("drafts") == 7


def test_a_document_without_a_theme_is_asked_for_it(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    assert "Error: --theme is needed" in demo.sip("import", tmp_path / "notes.md", status=2)


def test_a_file_that_is_no_document_is_refused(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(b"PK\x03\x04 no zip")
    demo.refused("import", tmp_path / "report.docx", "--theme", "comprendre")
    assert demo.count("drafts") == 7


def test_a_folder_with_a_fault_is_refused_whole(empty: Installation, tmp_path: Path) -> None:
    empty.sip("migrate")
    folder = tmp_path / "copy"
    shutil.copytree(paths.DEMO_DRAFTS, folder)
    version = folder / "2026" / "protections-communes" / "2.md"
    version.write_text(version.read_text(encoding="utf-8") + "Un mot de plus.\n", encoding="utf-8")
    assert "Version 2 was changed after it was frozen" in empty.refused("import", folder)
    assert (empty.count("cycles"), empty.count("drafts")) == (0, 0)


def test_check_names_what_was_changed_behind_its_back(demo: Installation) -> None:
    demo.sql(
        "UPDATE version_sections SET body = body || '!' WHERE version_id = "
        "(SELECT id FROM versions WHERE number = 1 ORDER BY id LIMIT 1)"
    )
    demo.sql("UPDATE sections SET body = body || '!' WHERE slug = 'introduction-rennes'")
    said = demo.sip("check", status=1)
    assert "version 1 was changed after it was frozen" in said
    assert "the text of section introduction-rennes differs from its update log" in said


def test_user_adds_a_person_and_invites_them(demo: Installation) -> None:
    assert demo.sip("user", "ana@example.org", "--name", "Ana Costa") == "Ana Costa <ana@example.org>\n"
    assert demo.sql("SELECT kind FROM letters WHERE recipient = 'ana@example.org'") == [("invitation",)]
    said = demo.sip("user", "ana@example.org", "--administrator")
    assert said == "Ana Costa <ana@example.org> administers this installation\n"
    grants = demo.sql(
        "SELECT role FROM role_grants JOIN people ON people.id = person_id WHERE email = 'ana@example.org'"
    )
    assert grants == [("administrator",)]
    assert demo.count("letters") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nobody@example.org"], "Nobody has the address nobody@example.org; give a name to add somebody."),
        (["not an address", "--name", "X"], "This is not an email address."),
    ],
)
def test_a_person_who_cannot_be_added_is_one_line(demo: Installation, arguments: list[str], line: str) -> None:
    people = demo.count("people")
    assert demo.refused("user", *arguments) == line
    assert demo.count("people") == people


def test_routes_names_a_policy_for_every_address(empty: Installation) -> None:
    lines = empty.sip("routes").splitlines()
    assert all(re.fullmatch(r"(GET|POST|GET,POST) +/\S* +[\w.]+\.\w+", line) for line in lines), lines
    assert re.search(r"GET,POST +/start +people\.policy\.may_start", "\n".join(lines))
    assert len(lines) > 50


def test_rights_prints_the_table(empty: Installation) -> None:
    printed: dict[str, dict[str, set[str]]] = {}
    for line in empty.sip("rights").splitlines():
        if line.startswith("  "):
            role, _, verbs = line.strip().partition(" ")
            printed[stage][role] = set(verbs.strip().split(", ")) - {"-"}  # noqa: F821 - a stage comes first
        else:
            stage = line
            printed[stage] = {}
    assert printed == {
        stage.value: {role.value: {verb.value for verb in verbs} for role, verbs in roles.items()}
        for stage, roles in RIGHTS.items()
    }


def test_without_a_sqlite_database_there_is_nothing_to_back_up(empty: Installation, tmp_path: Path) -> None:
    """Neither with PostgreSQL nor before the first start."""
    line = empty.refused("backup", tmp_path / "x.tar.gz")
    assert line == "there is no SQLite database here; with PostgreSQL, use pg_dump"
    assert list(tmp_path.iterdir()) == []
