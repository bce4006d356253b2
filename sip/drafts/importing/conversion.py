"""Documents that people bring (Markdown, plain text, Word, OpenDocument, HTML) turned into our Markdown."""

import re
from pathlib import PurePath

from sip.core.frontmatter import BadEncoding, BadFrontMatter, decode, split
from sip.drafts.importing.archives import open_office_document
from sip.drafts.importing.pandoc import run_pandoc
from sip.drafts.importing.unreadable import Reason, UnreadableDocument

__all__ = ["MAX_BYTES", "Reason", "UnreadableDocument", "to_markdown"]

MAX_BYTES = 10 * 1024 * 1024
EXTENSIONS = {
    "docx": "office", "docm": "office", "odt": "office", "ott": "office",
    "html": "html", "htm": "html", "xhtml": "html",
    "md": "markdown", "markdown": "markdown", "mdown": "markdown",
    "txt": "text", "text": "text", "": "text",
}  # fmt: skip

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_CONTROLS = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")
_HTML_BEGINNING = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{1,30})""", re.I)

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ESCAPED_REFERENCE = re.compile(r"\\\[\\\[([a-z0-9-]+(?:\\?#[a-z0-9-]+)?)\\\]\\\]")
_WRAPPED_AT = 120
_NARROW = 50
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•–—]|\d{1,3}[.)])[ \t]+\S")
_BULLET = re.compile(r"^([ \t]*)[•–—][ \t]+", re.M)


def to_markdown(data: bytes, filename: str) -> str:
    """Return the text of a file as our Markdown, LF only and ending in one; raises UnreadableDocument."""
    if not data.strip():
        raise UnreadableDocument(Reason.EMPTY)
    if len(data) > MAX_BYTES:
        raise UnreadableDocument(Reason.TOO_LARGE, megabytes=MAX_BYTES // 1024 // 1024)
    if data.startswith(b"PK"):
        kind, archive = open_office_document(data)
        return _tidy(run_pandoc(archive, kind))
    expected = EXTENSIONS.get(PurePath(filename).suffix.lower().removeprefix("."))
    if data.startswith(_OLE):
        # A protected .docx is an old-style container around an encrypted package.
        is_protected = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableDocument(Reason.ENCRYPTED if is_protected else Reason.UNKNOWN_KIND, "OLE container")
    if expected is None or data.startswith(_OTHER_KINDS):
        raise UnreadableDocument(Reason.UNKNOWN_KIND, PurePath(filename).suffix)
    text = _decoded(data)
    if expected == "html" or _HTML_BEGINNING.match(text):
        return _tidy(run_pandoc(text.encode(), "html"))
    if expected == "office":
        raise UnreadableDocument(Reason.BROKEN, "no archive")
    source = _paragraphs(text) if expected == "text" else _without_front_matter(text)
    return _tidy(run_pandoc(source.encode(), "markdown"))


def _decoded(data: bytes) -> str:
    """Text of a file of a stranger: what its HTML declares, else UTF-8, UTF-16 with a mark, or Windows-1252."""
    declared = _HTML_CHARSET.search(data[:2048])
    try:
        if declared and declared[1].lower() in (b"iso-8859-15", b"latin9"):
            text = data.decode("iso-8859-15").replace("\r\n", "\n").replace("\r", "\n")
        else:
            text = decode(data, foreign=True)
    except BadEncoding as error:
        raise UnreadableDocument(Reason.WRONG_ENCODING, str(error)) from error
    if _CONTROLS.search(text):
        raise UnreadableDocument(Reason.BINARY)
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_front_matter(text: str) -> str:
    """Markdown whose front matter, if it is one, is reduced to its title."""
    try:
        meta, body = split(text)
    except BadFrontMatter:
        return text
    title = meta.get("title")
    return f"# {' '.join(title.split())}\n\n{body}" if isinstance(title, str) else body


def _paragraphs(text: str) -> str:
    """Markdown of a plain text, where a line is a paragraph of its own unless the text was wrapped by hand there."""
    lines = [line.rstrip() for line in _BULLET.sub(r"\1- ", text).replace("<", "\\<").split("\n")]
    width = max(map(len, lines))
    result: list[str] = []
    for line in lines:
        is_item = bool(_LIST_ITEM.match(line))
        # Indents would make code of a paragraph.
        shown = line if is_item else line.lstrip()
        previous = result[-1] if result else ""
        starts_list = is_item and previous and not _LIST_ITEM.match(previous)
        # Where there was room to go on, the line was ended on purpose.
        is_ended = width > _WRAPPED_AT or (width > _NARROW and len(previous) < width * 0.6)
        if previous and shown and (starts_list or (is_ended and not is_item)):
            result.append("")
        result.append(shown)
    return "\n".join(result)


def _tidy(markdown: str) -> str:
    text = _ESCAPED_REFERENCE.sub(lambda match: f"[[{match[1].replace(chr(92), '')}]]", _INVISIBLE.sub("", markdown))
    if not text.strip():
        raise UnreadableDocument(Reason.EMPTY)
    return text.strip("\n") + "\n"
