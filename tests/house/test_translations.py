"""French and Dutch say everything, with the parameters of the original and the typography of their language."""

import importlib.machinery
import importlib.util
import re
from pathlib import Path

import pytest

from sip.people.importing import read_members
from sip.people.queries import OfficeName

ROOT = Path(__file__).resolve().parents[2]
_loader = importlib.machinery.SourceFileLoader("translate", str(ROOT / "bin" / "translate"))
_spec = importlib.util.spec_from_loader("translate", _loader)
assert _spec
translate = importlib.util.module_from_spec(_spec)
_loader.exec_module(translate)

TEMPLATE = translate.extracted()


def strings(message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def ids(message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_nothing_is_missing(language: str):
    assert translate.missing(translate.load(language), TEMPLATE) == []


@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_nothing_is_left_over(language: str):
    known = {text for message in TEMPLATE if message.id for text in ids(message)}
    over = [m.id for m in translate.load(language) if m.id and ids(m)[0] not in known]
    assert over == []


@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_parameters_are_those_of_the_original(language: str):
    wanted = re.compile(r"%\((\w+)\)[sd]")
    for message in translate.load(language):
        if not message.id:
            continue
        for said in strings(message):
            names = set(wanted.findall(said))
            assert names <= {name for text in ids(message) for name in wanted.findall(text)}, message.id
            assert said.count("%") - said.count("%%") * 2 == len(wanted.findall(said)), message.id
        assert set(wanted.findall(strings(message)[-1])) == set(wanted.findall(ids(message)[-1])), message.id


def test_french_has_its_spaces():
    wrong = []
    for message in translate.load("fr"):
        for said in strings(message) if message.id else []:
            if re.search(r"(?<=[\w»)…])[ ]?[;!?](?=[\s»]|$)|« | »|(?<=\w):(?=\s|$)|\w :(?=\s|$)", said) or "'" in said:
                wrong.append(said)
    assert wrong == [], "U+202F before ; ! ? and inside « », U+00A0 before :, the apostrophe ’"


def test_french_includes_everybody():
    wrong = [
        said
        for message in translate.load("fr")
        for said in (strings(message) if message.id else [])
        if re.search(r"\b(coopérateurs|utilisateurs|participants|administrateurs|électeurs|salariés|membre·s)\b", said)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["en", *translate.LANGUAGES])
def test_the_example_of_a_list_of_members_can_be_imported(language: str):
    example = next(text for message in TEMPLATE for text in ids(message) if text.startswith("email;name;"))
    said = example if language == "en" else translate.load(language).get(example).string
    members = read_members(said, [OfficeName(1, "lyon", "Antenne de Lyon", "Lyon")], ["fr", "nl", "en"])
    assert (len(members.rows), members.problems, members.ignored) == (2, [], [])
    assert [row.stakeholder for row in members.rows] == ["worker", "client"]
