"""How a document of strangers is built: its blocks, what stands for a heading, and the numbers typed in headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from sip.core.markdown import plain_text
from sip.core.slugs import slugify

MAX_TITLE = 300
_SHORT_LINE = 100
_SHORT_TITLE = 200

_PARSER = MarkdownIt("commonmark").enable("table")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]:")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SLUG_AT_END = re.compile(r"\s*\{\\?#((?>[a-z0-9-]+))(?: \.(prose|recommendation))?[^{}]*\}\s*$")
_WRITTEN_OUT = r"(?:recommandation|proposition|aanbeveling|voorstel|recommendation|proposal)"
_AFTER = r"\s*(?:[.):]|[—–-](?=\s))?\s*"
_PATTERNS = (
    # Recommandation 8.a, Recommandation n° 3 :
    re.compile(
        rf"{_WRITTEN_OUT}\s*(?:n\s*[°ºo.]\s*)?(?P<number>\d{{1,2}})\s?"
        rf"(?:\.?(?P<letter>[a-z])(?!\w)|\.(?P<ordinal>\d{{1,2}}))?{_AFTER}",
        re.IGNORECASE,
    ),
    # 8.a, 8a), 8. a.; without a point or a sign behind, « 2e année » would be measure 2.e
    re.compile(r"(?P<number>\d{1,2})\.(?P<letter>[a-z])(?:\s*[.):]|\s+[—–-])?(?:\s+|$)"),
    re.compile(r"(?P<number>\d{1,2})(?:\.\s)?(?P<letter>[a-z])(?:\s*[.):]|\s+[—–-])(?:\s+|$)"),
    # 8.1
    re.compile(r"(?P<number>\d{1,2})\.(?P<ordinal>\d{1,2})(?:\s*[.):]|\s+[—–-])?\s+"),
    # 3 —, 3., 3)
    re.compile(r"(?P<number>\d{1,2})\s*(?:[.):]|[—–-])\s+"),
    # a., a), a —
    re.compile(r"(?P<letter>[a-z])\s*(?:[.)]|[—–-])\s+"),
)
_AROUND = re.compile(
    "contexte|finalite|methode|moyens|etat-de|objectifs|questions|synthese|resume|context|summary|samenvatting"
)
_AT_THE_ENDS = re.compile(
    "introduction|preambule|avant-propos|conclusion|annexe|remerciement|glossaire|bibliographie|preamble|foreword|appendi"
    "|annex|glossary|inleiding|voorwoord|besluit|bijlage|woordenlijst"
)
_CONTAINER = re.compile(
    "(?:(?:nos|les|liste-des|onze|de|our|the)-)?(?:recommandations|propositions|aanbevelingen|recommendations)"
)
# A line that ends so goes on, it is no title.
_GOES_ON = frozenset(
    re.findall(
        r"\w+",
        """a au aux avec ce ces cet cette chez comme d dans de des du elle en est et etre il ils je l la le les leur
        leurs mais ne nos notre nous on or ou par pas pour qu que qui sa sans se ses si son sont sous sur un une vers
        vos votre y and are as at by for from in is of the to with aan bij dat die een het met naar om op te tot uit
        van voor""",
    )
)
_GROUP = re.compile(
    r"(?:Introduction|Préambule|Avant-propos|Conclusion|Contribution|Présentation|Témoignage|Position|Message|Mot|Regard"
    r"|Point de vue|Inleiding|Voorwoord|Besluit|Bijdrage|Foreword)"
    r" (?:écrite? |proposée? |rédigée? |portée? )?(?:par|du|de|door|van|by|from) (?:le |la |de |the )?"
    r"(?:groupe|werkgroep|groep|working group|group)(?: de travail| local)?"
    r" (?:du |des |de la |de |d['’]|van |of |in )?(?P<group>[A-ZÉÈ][\w’' -]{1,50}?)\s*:?",
)


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block: `text` is what it says, on one line; `source` its lines; headings have a level above 0."""

    kind: str  # heading, paragraph, item (a list of one line), other
    text: str
    source: str
    level: int = 0
    is_bold: bool = False
    slug: str = ""
    section_kind: str = ""  # prose or recommendation, where the heading says so
    addresses: tuple[str, ...] = ()  # of the links in a heading


@dataclass(frozen=True, slots=True)
class Mark:
    """The number typed in a heading, and the title without it; `typed` is what was taken off."""

    number: int | None
    letter: str | None
    typed: str
    title: str

    @property
    def short(self) -> str | None:
        """The number as people say it: 8, 8.a or a; None without one."""
        said = ".".join(str(part) for part in (self.number, self.letter) if part is not None)
        return said or None


def read_blocks(markdown: str) -> tuple[list[Block], dict[str, str]]:
    """Return the blocks of a text, and apart from them its footnotes: label -> lines of the definition."""
    lines, notes = _without_notes(markdown.split("\n"))
    tokens = _PARSER.parse("\n".join(lines))
    blocks: list[Block] = []
    end = 0
    for token, following in zip_longest(tokens, tokens[1:]):
        if token.level or token.nesting < 0 or not token.map:
            continue
        # Lines between two blocks are definitions of links, which the parser takes for itself.
        blocks += _between(lines[end : token.map[0]])
        end = token.map[1]
        blocks.append(_block(token, following, "\n".join(lines[token.map[0] : end]).rstrip()))
    return blocks + _between(lines[end:]), notes


def find_headings(blocks: Sequence[Block]) -> list[Block]:
    """The same blocks, where lines that stand for headings have become headings, as rarely as possible."""
    result = _with_titles([_numbered_heading(block) for block in blocks])
    if sum(block.kind == "heading" for block in blocks) > 1:
        return result
    bold = [index for index, block in enumerate(result) if block.is_bold and _is_title(block.text, _SHORT_TITLE)]
    marked = bold if len(bold) > 1 else _lines_for_headings(result)
    for index in marked:
        result[index] = replace(result[index], kind="heading", level=result[index].level or 2)
    return _nested_questions(result)


def read_mark(text: str) -> Mark:
    """Tell the typed number from the title: of `Recommandation 8.a : Un fonds`, 8 and a from `Un fonds`."""
    for pattern in _PATTERNS:
        match = pattern.match(text)
        if match is None:
            continue
        found = match.groupdict()
        letter = found.get("letter")
        if found.get("ordinal"):
            letter = chr(ord("a") + max(0, min(25, int(found["ordinal"]) - 1)))
        number = int(found["number"]) if found.get("number") else None
        return Mark(number, letter and letter.lower(), match[0].strip(), text[match.end() :].strip())
    return Mark(None, None, "", text.strip())


def read_group(text: str) -> tuple[str, str] | None:
    """Title and group of a line such as « Introduction par le groupe de Rennes : », or None."""
    match = _GROUP.fullmatch(text)
    return (text.rstrip(" :\u00a0\u202f"), match["group"].strip()) if match else None


def stands_around(title: str, *, surely: bool = False) -> bool:
    """Whether a title stands around the recommendations; `surely` leaves out those that also head a part of one."""
    slug = slugify(title)
    return bool(_AT_THE_ENDS.match(slug)) or (not surely and bool(_AROUND.match(slug)))


def only_announces(title: str) -> bool:
    """Whether a title says no more than that recommendations follow."""
    return _CONTAINER.fullmatch(slugify(title)) is not None


def is_spelt(text: str) -> bool:
    """Whether a heading says in words that it numbers a recommendation."""
    return re.match(_WRITTEN_OUT + r"\b", text, re.IGNORECASE) is not None


def is_title_line(text: str) -> bool:
    """Whether a line alone could be a title: short, begun by a capital, not ended like a sentence."""
    return _is_title(text, _SHORT_LINE)


def _without_notes(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """Lines with the definitions of footnotes blanked, and these definitions."""
    kept, notes, fence, label = [], dict[str, str](), "", ""
    for line in lines:
        opening = _FENCE.match(line)
        note = None if fence else _NOTE.match(line)
        if opening and not label:
            fence = "" if fence and opening[1].startswith(fence) else fence or opening[1]
        if note and note[1] not in notes:
            label = note[1]
            notes[label] = line
        elif label and (not line.strip() or line.startswith(("    ", "\t"))):
            notes[label] += f"\n{line}"
        else:
            label = ""
        kept.append("" if label else line)
    return kept, {label: text.rstrip("\n ") for label, text in notes.items()}


def _between(lines: Sequence[str]) -> list[Block]:
    source = "\n".join(lines).strip("\n")
    return [Block("other", source, source)] if source.strip() else []


def _block(token: Token, following: Token | None, source: str) -> Block:
    children = (following.children or []) if following and following.type == "inline" else []
    text = " ".join(plain_text(children).split())
    if token.type == "heading_open":
        slug = _SLUG_AT_END.search(text)
        addresses = tuple(str(child.attrGet("href")) for child in children if child.type == "link_open")
        return Block(
            "heading", _SLUG_AT_END.sub("", text), source, int(token.tag[1]), slug=slug[1] if slug else "",
            section_kind=(slug[2] or "") if slug else "", addresses=addresses,
        )  # fmt: skip
    if token.type == "paragraph_open":
        return Block("paragraph", text, source, is_bold=_is_bold(children))
    plain = " ".join(re.sub(r"<[^<>]{0,1000}>|^[ \t]*(?:[-*+]|\d+[.)])[ \t]|[*_|]", " ", source, flags=re.M).split())
    if token.type.endswith("list_open") and "\n" not in source:
        return Block("item", source.strip(), source)
    return Block("other", plain, source)


def _is_bold(children: Sequence[Token]) -> bool:
    depth, seen = 0, False
    for token in children:
        depth += token.nesting if token.type.startswith("strong") else 0
        seen = seen or token.type == "strong_open"
        if depth == 0 and token.content.strip():
            return False
    return seen


def _numbered_heading(block: Block) -> Block:
    """A paragraph that is a numbered title in bold, or spells “Recommandation 3 :”, as a heading."""
    if block.kind != "paragraph" or not _is_title(block.text, _SHORT_TITLE, full_stop=True):
        return block
    mark = read_mark(block.text)
    is_line = is_spelt(block.text) and re.match(r"[^:—–]{0,24}[:—–]|\D+\d+$", block.text) and "\n" not in block.source
    if mark.number is None or not (block.is_bold or is_line):
        return block
    return replace(block, kind="heading", level=3 if mark.letter else 2)


def _with_titles(blocks: Sequence[Block]) -> list[Block]:
    """Where a heading is a number alone (« Recommandation 3 »), the short line or heading behind it is its title."""
    result: list[Block] = []
    for block in blocks:
        last = result[-1] if result else None
        mark = read_mark(last.text) if last and last.kind == "heading" else None
        if last and mark and mark.number is not None and not mark.title and _is_title(block.text, _SHORT_TITLE):
            bare = block.kind == "heading" and read_mark(block.text).number is None
            if bare or (block.kind == "paragraph" and (block.is_bold or is_title_line(block.text))):
                result[-1] = replace(
                    last, text=f"{last.text} : {block.text}", addresses=last.addresses + block.addresses
                )
                continue
        result.append(block)
    return result


def _is_title(text: str, longest: int, *, full_stop: bool = False) -> bool:
    if not text or len(text) > longest or text.endswith((",", ";", ":", "…", "...")):
        return False
    if text.endswith(".") and not full_stop:
        return False
    first = next((sign for sign in text if sign.isalnum()), "a")
    goes_on = text[-1] not in "?!" and slugify(text).rpartition("-")[2] in _GOES_ON
    return (first.isupper() or first.isdigit()) and not goes_on


def _lines_for_headings(blocks: Sequence[Block]) -> list[int]:
    """Short lines between paragraphs; of several in a row that lead to no text, or of many, only the first counts."""
    candidates = [
        index
        for index, block in enumerate(blocks)
        if block.kind == "heading"
        or read_group(block.text)
        or (block.kind in ("paragraph", "item") and "\n" not in block.source and _stands_out(block))
    ]
    kept: list[int] = []
    run: list[int] = []
    for index in [*candidates, len(blocks) + 1]:
        if run and index != run[-1] + 1:
            leads_nowhere = run[-1] == len(blocks) - 1
            kept += run[:1] if leads_nowhere or len(run) > 3 else run
            run = []
        run.append(index)
    return kept


def _stands_out(block: Block) -> bool:
    if block.kind == "item" and read_mark(block.text).number is None:
        return False
    return _is_title(block.text, _SHORT_LINE) and not block.source.startswith(("*«", "_", "«", ">", "“"))


def _nested_questions(blocks: list[Block]) -> list[Block]:
    """Where a title is followed at once by a question, the questions that come next are its parts."""
    result = list(blocks)
    inside = False
    for index, block in enumerate(result):
        if block.kind != "heading":
            continue
        is_question = block.text.endswith("?")
        before = result[index - 1] if index else None
        opens = index > 1 and before is not None and before.kind == "heading" and not before.text.endswith("?")
        inside = is_question and (inside or opens)
        if inside:
            result[index] = replace(block, level=block.level + 1)
    return result
