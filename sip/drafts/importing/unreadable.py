"""Why a file that somebody gave cannot become text."""

from enum import StrEnum

from sip.core.errors import Invalid
from sip.core.messages import N_, Message


class Reason(StrEnum):
    """What stands in the way; each has one sentence in MESSAGES."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    BINARY = "binary"
    WRONG_ENCODING = "wrong_encoding"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    CONVERTER_FAILED = "converter_failed"
    TOO_COMPLEX = "too_complex"


MESSAGES = {
    Reason.EMPTY: N_("This file holds no text."),
    Reason.TOO_LARGE: N_("This file is larger than %(megabytes)s MB. Without its pictures it may fit."),
    Reason.UNKNOWN_KIND: N_("We read Markdown, plain text, Word (.docx), OpenDocument (.odt) and HTML files."),
    Reason.BINARY: N_("This file is not a text. Open it in your word processor and save it as .docx or .odt."),
    Reason.WRONG_ENCODING: N_("Some characters of this file cannot be read. Save it as UTF-8 text and try again."),
    Reason.ENCRYPTED: N_("This file is protected by a password. Save it without one and try again."),
    Reason.BROKEN: N_("This file is damaged, or is not what its name says. Save it again and retry."),
    Reason.ARCHIVE_TOO_LARGE: N_("This file is far larger inside than outside, so we did not open it."),
    Reason.CONVERTER_FAILED: N_("We could not read this document. Saving it as .odt or .docx again often helps."),
    Reason.TOO_COMPLEX: N_("This document takes too long to read. Try it in several parts."),
}


class UnreadableDocument(Invalid):
    """The file cannot become text; `reason` is for programs, `message` for people, `detail` for the log."""

    def __init__(self, reason: Reason, detail: str = "", **params: object) -> None:
        super().__init__(Message(MESSAGES[reason], dict(params)), field="file")
        self.reason = reason
        self.detail = detail
