"""Reading a list of members: which lines are understood, which are not and why. Nothing is changed here."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sip.core.errors import Invalid
from sip.core.messages import Message, message
from sip.people.models import Stakeholder
from sip.people.names import MAX_NAME, clean_name, name_key, normal_email
from sip.people.queries import OfficeName

MOST_LINES = 60_000

_COLUMNS = {
    "email": "email,e mail,mail,courriel,adresse e mail,adresse email,adresse mail,adresse electronique,email address,"
    "e mailadres,mailadres,emailadres",
    "name": "name,nom,nom complet,full name,nom de famille,family name,last name,surname,naam,volledige naam,"
    "achternaam,familienaam",
    "first_name": "first name,given name,prenom,voornaam",
    "office": "office,local office,antenne,antenne locale,bureau,kantoor,plaatselijk kantoor,afdeling",
    "language": "language,langue,taal",
    "stakeholder": "stakeholder,stakeholder category,category,categorie,partie prenante,belanghebbende,hoedanigheid",
}

_LANGUAGES = {
    "fr": "fr fr-be fr-fr francais french frans",
    "nl": "nl nl-be nl-nl neerlandais dutch nederlands",
    "en": "en en-gb anglais english engels",
}
_LANGUAGE_OF = {word: code for code, words in _LANGUAGES.items() for word in words.split()}

_STAKEHOLDERS = {
    Stakeholder.WORKER: "worker,travailleur,travailleuse,travailleureuse,travailleurse,salarie,salariee,"
    "werknemer,werkneemster,medewerker",
    Stakeholder.PERMANENT_STAFF: "permanent staff,staff,permanent,permanente,equipe permanente,"
    "salarie permanent,vast personeel,vaste medewerker,personeel",
    Stakeholder.CLIENT: "client,cliente,customer,klant,opdrachtgever",
    Stakeholder.SUPPLIER: "supplier,fournisseur,fournisseuse,fournisseureuse,fournisseurse,leverancier",
    Stakeholder.PARTNER: "partner,partenaire",
}


def _word(text: str) -> str:
    """Compare words without accents, case, signs of inclusive writing and doubled spaces."""
    plain = "".join(sign for sign in name_key(text) if sign.isalnum() or sign in " _-")
    return " ".join(plain.replace("_", " ").replace("-", " ").split())


_COLUMN_OF = {_word(word): name for name, words in _COLUMNS.items() for word in words.split(",")}
_STAKEHOLDER_OF = {_word(word): kind for kind, words in _STAKEHOLDERS.items() for word in words.split(",")}


@dataclass(frozen=True)
class Row:
    """One member of the list; None means that the list says nothing about it. Lines count from 1."""

    line: int
    email: str
    name: str | None
    office_id: int | None
    language: str | None
    stakeholder: Stakeholder | None


@dataclass(frozen=True)
class Problem:
    """A line that cannot be taken, and why."""

    line: int
    reason: Message


@dataclass
class Members:
    """What a list says."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # names of columns that mean nothing here


def read_members(text: str, offices: Iterable[OfficeName], languages: Iterable[str]) -> Members:
    """Read a list with a line of column names; raises Invalid where it cannot be read as a list at all."""
    records = _records(text)
    columns, ignored = _columns(next(records, (1, []))[1])
    reader = _Reader(columns, _office_ids(offices), frozenset(languages))
    members = Members(ignored=ignored)
    for line, cells in records:
        if len(members.rows) + len(members.problems) >= MOST_LINES:
            raise Invalid(
                message("A list can have %(most)s lines at most. Cut it into several.", most=MOST_LINES), "text"
            )
        try:
            members.rows.append(reader.read(line, cells))
        except _BadLine as error:
            members.problems.append(Problem(line, error.reason))
    if not members.rows and not members.problems:
        raise Invalid(message("There is nobody in this list: below the column names, it has no line."), "text")
    return members


class _BadLine(Exception):
    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _Reader:
    """Reads lines one after the other, remembering the addresses it has seen."""

    def __init__(
        self, columns: Mapping[str, int], offices: Mapping[str, int | None], languages: frozenset[str]
    ) -> None:
        self._columns = columns
        self._offices = offices
        self._languages = languages
        self._seen: dict[str, int] = {}

    def read(self, line: int, cells: list[str]) -> Row:
        """Return what the line says; raises _BadLine."""
        if len(cells) > 100:
            raise _BadLine(message("This line has too many columns."))
        texts = {name: clean_name(cells[at]) if at < len(cells) else "" for name, at in self._columns.items()}
        email = self._email(line, texts["email"])
        name = f"{texts.get('first_name', '')} {texts.get('name', '')}".strip()
        if len(name) > MAX_NAME:
            raise _BadLine(message("The name is too long: %(max)s characters at most.", max=MAX_NAME))
        return Row(
            line,
            email,
            name or None,
            self._office(texts.get("office", "")),
            self._language(texts.get("language", "")),
            self._stakeholder(texts.get("stakeholder", "")),
        )

    def _email(self, line: int, text: str) -> str:
        if not text:
            raise _BadLine(message("The email address is missing."))
        email = normal_email(text)
        if email is None:
            raise _BadLine(message("“%(text)s” is not an email address.", text=_short(text)))
        first = self._seen.setdefault(email, line)
        if first != line:
            raise _BadLine(message("%(email)s stands in line %(line)s already.", email=email, line=first))
        return email

    def _office(self, text: str) -> int | None:
        if not text:
            return None
        if _word(text) not in self._offices:
            raise _BadLine(message("There is no office called “%(text)s”.", text=_short(text)))
        office = self._offices[_word(text)]
        if office is None:
            raise _BadLine(message("Several offices are called “%(text)s”: write the full name.", text=_short(text)))
        return office

    def _language(self, text: str) -> str | None:
        if not text:
            return None
        code = _LANGUAGE_OF.get(name_key(text).replace("_", "-"))
        if code not in self._languages:
            codes = ", ".join(sorted(self._languages))
            raise _BadLine(
                message("“%(text)s” is no language of this place (%(codes)s).", text=_short(text), codes=codes)
            )
        return code

    def _stakeholder(self, text: str) -> Stakeholder | None:
        if not text:
            return None
        kind = _STAKEHOLDER_OF.get(_word(text))
        if kind is None:
            kinds = ", ".join(Stakeholder)
            raise _BadLine(message("“%(text)s” is no category (%(kinds)s).", text=_short(text), kinds=kinds))
        return kind


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty, each with the number of the line it begins in."""
    lines = text.split("\n", 1)
    # Spreadsheets write a line such as "sep=;" above the names.
    first_line = 2 if re.fullmatch(r"sep=.\s*", lines[0], re.IGNORECASE) else 1
    body = lines[1] if first_line == 2 and len(lines) == 2 else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=_separator(body))
    begins = first_line
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise Invalid(
                message("Line %(line)s cannot be read. A quotation mark may be missing.", line=begins), "text"
            ) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = first_line + reader.line_num


def _separator(text: str) -> str:
    """The sign that makes the most known column names out of the first line with something in it."""
    header = next((line for line in text.split("\n") if line.strip()), "")
    return max(";,\t", key=lambda sign: sum(_word(cell) in _COLUMN_OF for cell in header.split(sign)))


def _columns(header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Where each known column stands, and the names of those that are not known."""
    found: dict[str, int] = {}
    ignored = []
    for at, cell in enumerate(header):
        name = _COLUMN_OF.get(_word(cell))
        if name is None:
            ignored.append(_short(clean_name(cell)))
        elif name in found:
            raise Invalid(message("Two columns are called “%(name)s”.", name=_short(clean_name(cell))), "text")
        else:
            found[name] = at
    if "email" not in found:
        raise Invalid(
            message(
                "The first line must hold the names of the columns; “email” is missing, and “name” for new people."
            ),
            "text",
        )
    return found, [name for name in ignored if name]


def _office_ids(offices: Iterable[OfficeName]) -> dict[str, int | None]:
    """Offices by each way to write them; None where several are written alike."""
    found: dict[str, int | None] = {}
    for office in offices:
        for word in {_word(text) for text in (office.slug, office.name, office.town) if text}:
            found[word] = None if word in found else office.id
    return found


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
