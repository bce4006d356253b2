"""Texts in Unicode's composed form (NFC), with the way back to the positions of the text as it was typed."""

from bisect import bisect_right
from unicodedata import is_normalized, normalize

from sip.drafts.texts.words import split_words


class ComposedText:
    """A text in NFC (`text`), in which "é" is one code point however it was typed; positions are code points."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = source
        # Where, in the source and in the composed text, the tokens start whose length differs, and both their ends.
        self._tokens: list[tuple[int, int, str]] = []
        if not is_normalized("NFC", source):
            self._compose()

    def _compose(self) -> None:
        parts: list[str] = []
        source_at = text_at = 0
        for token in split_words(self.source):
            composed = normalize("NFC", token)
            if len(composed) != len(token):
                self._tokens.append((source_at, text_at, token))
            parts.append(composed)
            source_at += len(token)
            text_at += len(composed)
        self.text = "".join(parts)

    def composed_position(self, position: int) -> int:
        """Turn a position of the source into one of `text`; inside a character, it is the character's end."""
        index = bisect_right(self._tokens, position, key=lambda token: token[0]) - 1
        if index < 0:
            return position
        source_start, text_start, token = self._tokens[index]
        inside = position - source_start
        if inside >= len(token):
            return text_start + len(normalize("NFC", token)) + inside - len(token)
        return text_start + len(normalize("NFC", token[:inside]))

    def source_position(self, position: int) -> int:
        """Turn a position of `text` into one of the source."""
        index = bisect_right(self._tokens, position, key=lambda token: token[1]) - 1
        if index < 0:
            return position
        source_start, text_start, token = self._tokens[index]
        inside = position - text_start
        composed = normalize("NFC", token)
        if inside >= len(composed):
            return source_start + len(token) + inside - len(composed)
        return source_start + max(
            size for size in range(len(token) + 1) if len(normalize("NFC", token[:size])) <= inside
        )
