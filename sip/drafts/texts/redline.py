"""Writes differences between blocks as HTML with <ins> and <del>: escaped, well nested, fit for people."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from sip.drafts.texts.blocks import Container, Leaf, Line, Mark
from sip.drafts.texts.diff import Op, equal_words


class Redline(NamedTuple):
    """A difference three times: in one column, and as the old and the new side beside each other."""

    inline: str
    left: str | None
    right: str | None


class Placed(NamedTuple):
    """The HTML of a block and the elements that it stands in."""

    path: tuple[Container, ...]
    html: str


def redline_leaves(old: Leaf | None, new: Leaf | None) -> Redline:
    """Write a block that was kept (the same twice), changed, removed (`new` is None) or added (`old` is None)."""
    if new is None:
        assert old is not None
        html = [_marked(line, "del") for line in old.lines]
        return Redline(_element(old, html, "removed"), _element(old, html, "removed"), None)
    if old is None:
        html = [_marked(line, "ins") for line in new.lines]
        return Redline(_element(new, html, "added"), None, _element(new, html, "added"))
    if old.key == new.key:
        html = [_html(line, 0, len(line.text)) for line in new.lines]
        same = _element(new, html, "")
        return Redline(same, same, same)
    lines = [_redline(before, after) for before, after in zip(old.lines, new.lines, strict=True)]
    return Redline(
        _element(new, [line.inline for line in lines], "changed", _kind(old)),
        _element(old, [line.left or "" for line in lines], "changed"),
        _element(new, [line.right or "" for line in lines], "changed"),
    )


def redline_title(ops: Iterable[Op]) -> str:
    """Write the difference of two titles, which are plain text."""
    tags = {"equal": "", "delete": "del", "insert": "ins"}
    return "".join(_wrapped(escape(op.text), tags[op.kind]) for op in ops)


def nest(blocks: Iterable[Placed]) -> str:
    """Put blocks that follow each other into their lists, quotes and tables."""
    parts: list[str] = []
    open_: list[Container] = []
    for path, html in blocks:
        shared = 0
        while shared < min(len(open_), len(path)) and _is_same(open_[shared], path[shared]):
            shared += 1
        parts += [f"</{container.tag}>" for container in reversed(open_[shared:])]
        parts += [_opening(container) for container in path[shared:]]
        parts.append(html)
        open_ = list(path)
    parts += [f"</{container.tag}>" for container in reversed(open_)]
    return "".join(parts)


def moved_path(path: Sequence[Container], keys: Mapping[str, str]) -> tuple[Container, ...]:
    """Let a block of the old text stand in the elements of the new text that match its own."""
    return tuple(container._replace(key=keys.get(container.key, container.key)) for container in path)


def _is_same(one: Container, other: Container) -> bool:
    return one.tag == other.tag and (one.tag != "li" or one.key == other.key)


def _opening(container: Container) -> str:
    if container.tag != "li":
        return f"<{container.tag}>"
    # An item that was shown before, or that is folded away, gets no bullet of its own.
    continued = "" if container.is_first else ' class="continued"'
    value = "" if container.value is None else f' value="{container.value}"'
    return f"<li{continued}{value}>"


def _element(leaf: Leaf, lines: Sequence[str], change: str, old_kind: str = "") -> str:
    attributes = f' data-change="{change}"' if change else ""
    if old_kind and old_kind != _kind(leaf):
        attributes += f' data-was="{old_kind}"'
    if leaf.tag == "hr":
        return f"<hr{attributes}>"
    if leaf.tag == "pre":
        return f"<pre{attributes}><code>{lines[0]}</code></pre>"
    if leaf.tag == "tr":
        opening, closing = ('<th scope="col">', "</th>") if leaf.is_header else ("<td>", "</td>")
        return f"<tr{attributes}>{''.join(opening + line + closing for line in lines)}</tr>"
    return f"<{leaf.tag}{attributes}>{lines[0]}</{leaf.tag}>"


def _kind(leaf: Leaf) -> str:
    """Name what a block is to its readers: the text of a list item or quote is that."""
    return leaf.path[-1].tag if leaf.tag == "p" and leaf.path else leaf.tag


def _redline(old: Line, new: Line) -> Redline:
    inline: list[str] = []
    left: list[str] = []
    right: list[str] = []
    old_word = new_word = old_at = new_at = 0
    for run in [*equal_words(old.words, new.words, old.keys, new.keys), None]:
        old_stop, new_stop = (run.old, run.new) if run else (len(old.words), len(new.words))
        old_end = old_at + sum(map(len, old.words[old_word:old_stop]))
        new_end = new_at + sum(map(len, new.words[new_word:new_stop]))
        removed = _wrapped(_html(old, old_at, old_end), "del")
        added = _wrapped(_html(new, new_at, new_end), "ins")
        size = sum(map(len, new.words[run.new : run.new + run.size])) if run else 0
        kept = _html(new, new_end, new_end + size)
        inline += [removed, added, kept]
        left += [removed, kept]
        right += [added, kept]
        old_at, new_at = old_end + size, new_end + size
        old_word, new_word = old_stop + (run.size if run else 0), new_stop + (run.size if run else 0)
    return Redline("".join(inline), "".join(left), "".join(right))


def _marked(line: Line, tag: str) -> str:
    return _wrapped(_html(line, 0, len(line.text)), tag)


def _wrapped(html: str, tag: str) -> str:
    return f"<{tag}>{html}</{tag}>" if html and tag else html


def _html(line: Line, start: int, end: int) -> str:
    """Write a stretch of a line, its marks opened and closed within the stretch."""
    parts: list[str] = []
    open_: tuple[Mark, ...] = ()
    for run in line.runs:
        first, last = max(run.start, start), min(run.end, end)
        if first >= last:
            continue
        shared = 0
        while shared < min(len(open_), len(run.marks)) and open_[shared] == run.marks[shared]:
            shared += 1
        parts += [f"</{mark.tag}>" for mark in reversed(open_[shared:])]
        parts += [_mark_opening(mark) for mark in run.marks[shared:]]
        parts.append(escape(line.text[first:last]).replace("\n", "<br>"))
        open_ = run.marks
    parts += [f"</{mark.tag}>" for mark in reversed(open_)]
    return "".join(parts)


def _mark_opening(mark: Mark) -> str:
    if mark.tag != "a":
        return f"<{mark.tag}>"
    outside = ' rel="noopener"' if mark.address.lower().startswith(("http:", "https:")) else ""
    return f'<a href="{escape(mark.address)}"{outside}>'
