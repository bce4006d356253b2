"""Receipt codes of secret votes: eighty random bits that can be read out, copied by hand and typed in."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without letters that look like figures, and without U
_LENGTH, _GROUP = 16, 4
_MISREAD = str.maketrans("OIL", "011")


def new_code() -> str:
    """Return a code such as "7KQ2-M0XB-9T4E-HW3A", drawn at random."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def normal_code(typed: str) -> str | None:
    """Return what somebody typed as codes are written, or None where it cannot be one."""
    letters = "".join(letter for letter in typed[:100].upper() if letter.isalnum()).translate(_MISREAD)
    return _grouped(letters) if len(letters) == _LENGTH and set(letters) <= set(_ALPHABET) else None


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
