"""Maps positions of a section's readable text to its Markdown and back."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from sip.drafts.texts.readable import ReadablePage, Stretch, trimmed
from sip.drafts.texts.traced import TracedBlock, traced_blocks

# The no-break spaces that French typography puts where plain ones were typed.
_FOLD = str.maketrans({"\u00a0": " ", "\u202f": " "})

# Characters of a block that the page may show otherwise before words are found again.
_SKIPPED = 500


class _Run(NamedTuple):
    """Readable text, and the Markdown that it stands for: character for character, or else as a whole."""

    shown: int
    shown_end: int
    source: int
    source_end: int
    is_exact: bool


class SourceMap:
    """Between the Markdown of a section and the readable text of the HTML that was rendered from it, in code points."""

    def __init__(self, body: str, html: str) -> None:
        page = ReadablePage(html)
        self.text = page.text
        self._folded = page.text.translate(_FOLD)
        self._references = iter(page.references)
        self._at = 0
        blocks = list(traced_blocks(body))
        # In the order of the readable text.
        self._runs = [run for block in blocks for run in self._runs_of(block)]
        self._marks = sorted((mark for block in blocks for mark in block.marks), key=lambda mark: mark.end - mark.start)
        self._by_source = sorted(self._runs, key=lambda run: run.source)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest stretch of Markdown that holds these words; whole marked runs keep their marks.

        An empty or blank stretch of readable text gives an empty stretch of Markdown.
        """
        start, end = trimmed(self.text, start, end)
        first = bisect_right(self._runs, start, key=lambda run: run.shown_end)
        last = bisect_left(self._runs, end, key=lambda run: run.shown)
        runs = self._runs[first:last]
        if start >= end or not runs:
            at = self._runs[min(first, len(self._runs) - 1)].source if self._runs else 0
            return at, at
        source = min(_source_of(run, start) for run in runs)
        source_end = max(_source_end_of(run, end) for run in runs)
        for mark in self._marks:  # the inner ones first
            if source <= mark.inner_start and mark.inner_end <= source_end:
                source, source_end = min(source, mark.start), max(source_end, mark.end)
        return source, source_end

    def to_readable(self, start: int, end: int) -> tuple[int, int]:
        """Return the readable text that a stretch of Markdown shows; an empty one where it shows nothing."""
        last = bisect_left(self._by_source, end, key=lambda run: run.source)
        runs: list[_Run] = []
        for run in reversed(self._by_source[:last]):
            if run.source_end <= start:
                break
            runs.append(run)
        if not runs:
            at = self._by_source[min(last, len(self._runs) - 1)].shown if self._runs else 0
            return at, at
        shown = min(_shown_of(run, start) for run in runs)
        shown_end = max(_shown_end_of(run, end) for run in runs)
        return trimmed(self.text, shown, shown_end)

    def _runs_of(self, block: TracedBlock) -> Iterator[_Run]:
        """Find what a block shows in the readable text, from where the block before ended."""
        self._skip_space()
        is_first = True
        for text, start, end, is_exact in block.pieces:
            if text is None:
                found = next(self._references, Stretch(self._at, self._at))
                yield _Run(*found, start, end, False)
                self._at = found.end
                is_first = False
                continue
            shown = text.lstrip() if is_first else text
            if not shown:
                continue
            folded = shown.translate(_FOLD)
            at = self._folded.find(folded, self._at, self._at + len(folded) + _SKIPPED)
            if at < 0:
                continue  # what the page shows otherwise is left to the words around it
            yield _Run(at, at + len(shown), start + (len(text) - len(shown) if is_exact else 0), end, is_exact)
            self._at = at + len(shown)
            is_first = False

    def _skip_space(self) -> None:
        while self._at < len(self.text) and self.text[self._at].isspace():
            self._at += 1


def _source_of(run: _Run, start: int) -> int:
    return run.source + (start - run.shown if run.is_exact and start > run.shown else 0)


def _source_end_of(run: _Run, end: int) -> int:
    return run.source_end - (run.shown_end - end if run.is_exact and end < run.shown_end else 0)


def _shown_of(run: _Run, start: int) -> int:
    return run.shown + (start - run.source if run.is_exact and start > run.source else 0)


def _shown_end_of(run: _Run, end: int) -> int:
    return run.shown_end - (run.source_end - end if run.is_exact and end < run.source_end else 0)
