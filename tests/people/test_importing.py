"""Lists of members are read as spreadsheets write them, and every line that cannot be read says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.core.errors import Invalid
from sip.core.frontmatter import decode
from sip.people.importing import MOST_LINES, read_members
from sip.people.models import Stakeholder
from sip.people.queries import OfficeName

OFFICES = [
    OfficeName(1, "liege", "Antenne de Liège", "Liège"),
    OfficeName(2, "lyon", "Antenne de Lyon", "Lyon"),
    OfficeName(3, "lyon-nord", "Antenne du Nord", "Lyon"),
]


def read(text: str):
    return read_members(text, OFFICES, ["fr", "nl", "en"])


def facts(row):
    return (row.line, row.email, row.name, row.office_id, row.language, row.stakeholder)


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, str(problem.reason)) for problem in read(text).problems]


@pytest.mark.parametrize(
    "text",
    [
        "email,name,office,language,stakeholder\na@example.org,Zoé Été,liege,fr,worker\n",
        "email;name;office;language;stakeholder\na@example.org;Zoé Été;liege;fr;worker",
        "email\tname\toffice\tlanguage\tstakeholder\na@example.org\tZoé Été\tliege\tfr\tworker",
        "Courriel;Nom;Antenne;Langue;Catégorie\na@example.org;Zoé Été;Antenne de Liège;Français;Travailleur·euse\n",
        "E-mail;Prénom;NOM;Bureau;Langue;Partie prenante\nA@Example.org;Zoé;Été;LIÈGE;FR;salarié·e\n",
        "e-mailadres;Voornaam;Familienaam;Kantoor;Taal;Hoedanigheid\na@example.org;Zoé;Été;liege;Frans;werknemer\n",
        'sep=;\n"stakeholder";"email";"name";"office";"language"\n"worker";"a@example.org";"Zoé Été";"liege";"fr"\n',
    ],
)
def test_headers_separators_and_words(text):
    members = read(text)
    assert members.problems == []
    (row,) = members.rows
    assert facts(row)[1:] == ("a@example.org", "Zoé Été", 1, "fr", Stakeholder.WORKER)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding, end):
    text = f"email;nom{end}a@example.org;Zoé Œuvrard{end}{end}b@example.org;Bé{end}"
    members = read(decode(text.encode(encoding), foreign=True))
    assert [facts(row)[:3] for row in members.rows] == [(2, "a@example.org", "Zoé Œuvrard"), (4, "b@example.org", "Bé")]


def test_every_bad_line_is_reported_with_its_number():
    text = "\n".join(
        [
            "email;name;office;language;stakeholder",
            "a@example.org;A;;;",
            ";B;;;",
            "nothing;C;;;",
            "A@EXAMPLE.org;D;;;",
            '"e@example.org";"E\nE";;;',
            "f@example.org;F;Namur;;",
            "g@example.org;G;;klingon;",
            "h@example.org;H;;;king",
            f"i@example.org;{'x' * 121};;;",
            "j@example.org;J;Lyon;;",
        ]
    )
    assert problems(text) == [
        (3, "The email address is missing."),
        (4, "“nothing” is not an email address."),
        (5, "a@example.org stands in line 2 already."),
        (8, "There is no office called “Namur”."),
        (9, "“klingon” is no language of this place (en, fr, nl)."),
        (10, "“king” is no category (worker, permanent_staff, client, supplier, partner)."),
        (11, "The name is too long: 120 characters at most."),
        (12, "Several offices are called “Lyon”: write the full name."),
    ]
    assert [row.line for row in read(text).rows] == [2, 6]


@pytest.mark.parametrize(
    "text",
    [
        "name;office\nA;lyon",
        "a@example.org;A",
        "email;name\n",
        "email;name\n\n;;\n",
        "email;name;nom\na@example.org;A;B",
        'email;name\na@example.org;"' + "x" * 200_000,
    ],
)
def test_what_is_no_list_is_refused_whole(text):
    with pytest.raises(Invalid) as error:
        read(text)
    assert error.value.field == "text"


def test_unknown_columns_are_named():
    assert read("email;téléphone;name;\na@example.org;0123;A;").ignored == ["téléphone"]


@pytest.mark.no_cover
def test_lists_have_a_limit():
    lines = ["email;name", *("?" for _ in range(MOST_LINES))]
    assert len(read("\n".join(lines)).problems) == MOST_LINES
    with pytest.raises(Invalid):
        read("\n".join([*lines, "a@example.org;A"]))


@given(st.text(max_size=300), st.sampled_from(["email;name\n", "email,name,office\n", ""]))
def test_whatever_is_sent_is_answered(text, header):
    """Lines either become people or are reported; nothing else can happen."""
    try:
        members = read(decode((header + text).encode("utf-8", "replace"), foreign=True))
    except Invalid:
        return
    for row in members.rows:
        assert "@" in row.email
        assert row.name is None or "\n" not in row.name
    numbers = [row.line for row in members.rows] + [problem.line for problem in members.problems]
    assert len(set(numbers)) == len(numbers)
