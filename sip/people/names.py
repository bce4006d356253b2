"""How names and addresses are cleaned, and the keys by which people are found."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_NAME = 120
MAX_EMAIL = 254

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# Marks that turn the direction of writing would let a name rewrite the sentence around it.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(text: str) -> str:
    """Return the name in one line, with single spaces and without invisible control characters."""
    kept = (sign for sign in unicodedata.normalize("NFC", text) if sign.isspace() or not _is_hidden(sign))
    return " ".join("".join(kept).split())


def _is_hidden(sign: str) -> bool:
    return sign in _DIRECTIONS or unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Co")


def name_key(name: str) -> str:
    """Return the name in lower case without accents, by which it is looked up and sorted; at most 120 characters."""
    lowered = clean_name(name).lower().translate(_LETTERS).replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))[:MAX_NAME]


def search_keys(name: str, email: str) -> list[str]:
    """Return the keys by which somebody is found: "Ana de la Cruz" also as "de la cruz ana", and by the address."""
    words = name_key(name).split()[:6]
    return [*dict.fromkeys(" ".join(words[at:] + words[:at]) for at in range(len(words))), email]


def normal_email(text: str) -> str | None:
    """Return the address as it is stored (lower case, ASCII), or None where it is not one."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    address = (found.ascii_email or "").lower()
    return address if 0 < len(address) <= MAX_EMAIL else None
