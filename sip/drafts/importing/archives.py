"""Word and OpenDocument files are ZIP archives: what must hold before a converter sees one."""

import io
import zipfile
import zlib

from sip.drafts.importing.unreadable import Reason, UnreadableDocument

MAX_ENTRIES = 5_000
MAX_UNPACKED = 200 * 1024 * 1024  # all that the archive declares, with its pictures
MAX_TEXT = 50 * 1024 * 1024  # what we unpack: the XML parts
MAX_RATIO = 120  # of the XML parts; a long document full of repeated styles reaches about 40
RATIO_MATTERS_FROM = 2 * 1024 * 1024

_ODT_TYPES = (b"application/vnd.oasis.opendocument.text", b"application/vnd.oasis.opendocument.text-template")
_ENTITY_DECLARATIONS = tuple("<!ENTITY".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


def open_office_document(data: bytes) -> tuple[str, bytes]:
    """Return "docx" or "odt", and a fresh archive of the XML parts alone: no picture, macro or lying header is left."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            if len(archive.infolist()) > MAX_ENTRIES:
                raise UnreadableDocument(Reason.ARCHIVE_TOO_LARGE, f"{len(archive.infolist())} entries")
            parts = _read_parts(archive, infos)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableDocument(Reason.BROKEN, str(error)) from error
    kind = _kind(parts)
    if kind == "odt" and b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise UnreadableDocument(Reason.ENCRYPTED)
    return kind, _packed(parts)


def _read_parts(archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> dict[str, bytes]:
    """The XML parts; a part that unpacks to another size than it declares ends as BadZipFile."""
    declared = sum(info.file_size for info in infos.values())
    if declared > MAX_UNPACKED:
        raise UnreadableDocument(Reason.ARCHIVE_TOO_LARGE, f"{declared} bytes declared")
    wanted = [info for name, info in infos.items() if name.endswith((".xml", ".rels")) or name == "mimetype"]
    if any(info.flag_bits & 1 for info in wanted):
        raise UnreadableDocument(Reason.ENCRYPTED)
    unpacked = sum(info.file_size for info in wanted)
    packed = sum(info.compress_size for info in wanted)
    if unpacked > MAX_TEXT or (unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * packed):
        raise UnreadableDocument(Reason.ARCHIVE_TOO_LARGE, f"{packed} bytes hold {unpacked}")
    parts = {}
    for info in wanted:
        with archive.open(info) as stream:
            part = stream.read(info.file_size + 1)
        if len(part) != info.file_size:
            raise zipfile.BadZipFile(f"{info.filename} has another size than it declares")
        # No word processor writes entities; who does wants them to grow.
        if any(declaration in part for declaration in _ENTITY_DECLARATIONS):
            raise UnreadableDocument(Reason.BROKEN, f"{info.filename} declares entities")
        parts[info.filename] = part
    return parts


def _kind(parts: dict[str, bytes]) -> str:
    if parts.get("mimetype", b"").strip() in _ODT_TYPES and "content.xml" in parts:
        return "odt"
    if "[Content_Types].xml" in parts and any(name.startswith("word/") for name in parts):
        return "docx"
    raise UnreadableDocument(Reason.UNKNOWN_KIND, "an archive that is neither .docx nor .odt")


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return buffer.getvalue()
