"""Where a page may send people next: addresses of this site only."""

from urllib.parse import urlsplit


def local_path(address: str | None) -> str | None:
    """Return `address` if it is a path of this site, else None: a link to us must not lead away from us."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or len(address) > 2000:
        return None
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or any(ord(letter) < 32 for letter in address) or "\\" in address:
        return None
    return address
