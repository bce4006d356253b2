"""Words that no document and no section has as its address: they name pages, or places on the pages they stand on."""

from collections.abc import Iterable

from sip.core.slugs import UniqueSlugs

DRAFT_WORDS = frozenset({"new", "import", "merge", "search"})
_PAGES = frozenset(
    {"about", "amendments", "ballots", "board", "comments", "commitments", "compare", "contributions", "discussion"}
    | {"edit", "export", "follow", "freeze", "history", "import", "live", "merge", "new", "notices", "print", "publish"}
    | {"responses", "restore", "search", "settings", "source", "versions", "workflow"}
)
# A section bears its address as its id.
_PLACES = frozenset(
    {"contents", "contents-title", "document", "footer-help", "footer-language", "footer-theme", "main", "messages"}
    | {"preview", "texts"}
)
SECTION_WORDS = _PAGES | _PLACES


def section_slugs(taken: Iterable[str] = ()) -> UniqueSlugs:
    """Return what hands out addresses of sections, none of them taken or reserved."""
    return UniqueSlugs([*taken, *SECTION_WORDS])


def draft_slugs(taken: Iterable[str] = ()) -> UniqueSlugs:
    """Return what hands out addresses of documents, none of them taken or reserved."""
    return UniqueSlugs([*taken, *DRAFT_WORDS])
