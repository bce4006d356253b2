"""Compares texts for reading: Markdown becomes HTML with <ins> and <del> in it, and no Markdown is ever shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sip.core.markdown import Resolve
from sip.drafts.texts.align import align
from sip.drafts.texts.blocks import Leaf, Source
from sip.drafts.texts.diff import SectionChange, SectionText, diff_sections, diff_texts
from sip.drafts.texts.pairs import pair_leaves
from sip.drafts.texts.redline import Placed, Redline, moved_path, nest, redline_leaves, redline_title

# Longer unchanged stretches are folded, but for one block beside each change.
FOLD_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocks to show: in one column, or as rows of left and right (None where a side has nothing); safe HTML."""

    inline_html: str
    side_rows: tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """So many unchanged blocks that are not shown."""

    count: int


ComparedPiece = Stretch | Fold


@dataclass(frozen=True, slots=True)
class SectionComparison:
    """What became of one section, as in SectionChange, with its titles (None where it was not) and text compared."""

    key: str
    slug: str
    kind: str
    old_title: str | None
    new_title: str | None
    title_html: str
    is_new: bool
    is_gone: bool
    is_moved: bool
    is_renamed: bool
    is_changed: bool
    changes: int
    pieces: tuple[ComparedPiece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions compared, section by section, in the new order."""

    sections: tuple[SectionComparison, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A source block of both sides, not parsed yet (`chunk` is its index in the new text), or a pair of blocks."""

    chunk: int | None = None
    old: Leaf | None = None
    new: Leaf | None = None

    @property
    def is_same(self) -> bool:
        return self.chunk is not None or (
            self.old is not None and self.new is not None and self.old.key == self.new.key
        )


def compare_texts(
    old: str,
    new: str,
    *,
    old_titles: Mapping[str, str] | None = None,
    new_titles: Mapping[str, str] | None = None,
    old_resolve: Resolve | None = None,
    new_resolve: Resolve | None = None,
    language: str = "",
) -> list[ComparedPiece]:
    """Compare two Markdown texts; cross-references are shown as `resolve` says, else by the title of their slug."""
    old_source = Source(old, "old", titles=old_titles or {}, resolve=old_resolve, language=language)
    new_source = Source(new, "new", titles=new_titles or {}, resolve=new_resolve, language=language)
    rows = list(_rows(old_source, new_source))
    pieces: list[ComparedPiece] = []
    at = 0
    for start, end in _folds(rows):
        if at < start:
            pieces.append(_stretch(rows[at:start], new_source))
        pieces.append(Fold(end - start))
        at = end
    if at < len(rows):
        pieces.append(_stretch(rows[at:], new_source))
    return pieces


def compare_versions(
    old: Sequence[SectionText],
    new: Sequence[SectionText],
    *,
    old_resolve: Resolve | None = None,
    new_resolve: Resolve | None = None,
    language: str = "",
) -> Comparison:
    """Compare two versions; sections that are the same on both sides have one Fold as their only piece."""
    titles = [{section.slug: section.title for section in sections} for sections in (old, new)]

    def compared(change: SectionChange) -> SectionComparison:
        pieces = compare_texts(
            change.old.text if change.old else "",
            change.new.text if change.new else "",
            old_titles=titles[0],
            new_titles=titles[1],
            old_resolve=old_resolve,
            new_resolve=new_resolve,
            language=language,
        )
        return _section_comparison(change, pieces)

    return Comparison(tuple(map(compared, diff_sections(old, new))))


def to_json(comparison: Comparison) -> dict[str, Any]:
    """Turn a comparison into plain data for a JSON column."""
    return {"sections": [_section_to_json(section) for section in comparison.sections]}


def from_json(data: Mapping[str, Any]) -> Comparison:
    """Read back what `to_json` made; raises KeyError or TypeError for anything else."""
    return Comparison(tuple(_section_from_json(section) for section in data["sections"]))


def _section_comparison(change: SectionChange, pieces: Sequence[ComparedPiece]) -> SectionComparison:
    section = change.new or change.old
    assert section is not None
    old_title = change.old.title if change.old else None
    new_title = change.new.title if change.new else None
    return SectionComparison(
        key=change.key,
        slug=section.slug,
        kind=section.kind,
        old_title=old_title,
        new_title=new_title,
        title_html=redline_title(diff_texts(old_title or "", new_title or "")),
        is_new=change.is_new,
        is_gone=change.is_gone,
        is_moved=change.is_moved,
        is_renamed=change.is_renamed,
        is_changed=change.is_changed,
        changes=change.changes,
        pieces=tuple(pieces),
    )


def _section_to_json(section: SectionComparison) -> dict[str, Any]:
    pieces = [
        {"fold": piece.count}
        if isinstance(piece, Fold)
        else {"inline_html": piece.inline_html, "side_rows": [list(row) for row in piece.side_rows]}
        for piece in section.pieces
    ]
    return asdict(section) | {"pieces": pieces}


def _section_from_json(data: Mapping[str, Any]) -> SectionComparison:
    pieces = (
        Fold(piece["fold"])
        if "fold" in piece
        else Stretch(piece["inline_html"], tuple((left, right) for left, right in piece["side_rows"]))
        for piece in data["pieces"]
    )
    return SectionComparison(**{**data, "pieces": tuple(pieces)})


def _rows(old: Source, new: Source) -> Iterator[_Row]:
    """Align the source blocks of both sides, and the blocks inside those that changed."""
    old_at = new_at = 0
    runs = [tuple(run) for run in align(_chunk_keys(old, new, "old"), _chunk_keys(new, old, "new"))]
    for old_start, new_start, size in [*runs, (len(old.chunks), len(new.chunks), 0)]:
        yield from (
            _Row(old=before, new=after)
            for before, after in pair_leaves(
                [leaf for index in range(old_at, old_start) for leaf in old.leaves(index)],
                [leaf for index in range(new_at, new_start) for leaf in new.leaves(index)],
            )
        )
        yield from (_Row(chunk=index) for index in range(new_start, new_start + size))
        old_at, new_at = old_start + size, new_start + size


def _chunk_keys(source: Source, other: Source, side: str) -> list[object]:
    """Give keys that are equal where source blocks read the same."""
    if source.addresses == other.addresses:
        return list(source.chunks)
    # What is in brackets may be a link, whose address is written elsewhere and differs: only parsing tells.
    return [(side, chunk) if "[" in chunk else chunk for chunk in source.chunks]


def _folds(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """Find the stretches [start, end) of unchanged rows to fold."""
    start = 0
    for index in range(len(rows) + 1):
        if index < len(rows) and rows[index].is_same:
            continue
        first, last = start + (start > 0), index - (index < len(rows))
        is_all = start == 0 and index == len(rows)
        if (index - start > FOLD_ABOVE or is_all) and first < last:
            yield first, last
        start = index + 1


def _stretch(rows: Sequence[_Row], new: Source) -> Stretch:
    inline: list[Placed] = []
    side_rows: list[tuple[str | None, str | None]] = []
    # Elements of the old text, by the element of the new text that holds the same blocks.
    keys: dict[str, str] = {}
    for old_leaf, new_leaf in _leaf_pairs(rows, new):
        redline = redline_leaves(old_leaf, new_leaf)
        if old_leaf and new_leaf and len(old_leaf.path) == len(new_leaf.path):
            keys.update((before.key, after.key) for before, after in zip(old_leaf.path, new_leaf.path, strict=True))
        if new_leaf:
            inline.append(Placed(new_leaf.path, redline.inline))
        elif old_leaf:
            inline.append(Placed(moved_path(old_leaf.path, keys), redline.inline))
        side_rows.append(_side_row(old_leaf, new_leaf, redline))
    return Stretch(nest(inline), tuple(side_rows))


def _leaf_pairs(rows: Sequence[_Row], new: Source) -> Iterator[tuple[Leaf | None, Leaf | None]]:
    for row in rows:
        if row.chunk is None:
            yield row.old, row.new
        else:
            yield from ((leaf, leaf) for leaf in new.leaves(row.chunk))


def _side_row(old: Leaf | None, new: Leaf | None, redline: Redline) -> tuple[str | None, str | None]:
    left = nest([Placed(old.path, redline.left)]) if old and redline.left is not None else None
    right = nest([Placed(new.path, redline.right)]) if new and redline.right is not None else None
    return left, right
