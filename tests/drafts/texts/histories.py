"""Documents that are written, rearranged and taken back over several versions, and know where each letter went."""

import random
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import normalize

SUBJECTS = (
    "La coopérative", "Chaque antenne", "Le conseil", "L’assemblée", "Le groupe de travail", "Un·e salarié·e",
    "Le comité de pilotage", "Chaque coopérateur·rice", "La direction", "Le réseau local", "Une personne élue",
)  # fmt: skip
VERBS = (
    "publie", "décide de", "présente", "discute", "finance", "partage", "vote", "propose", "relit", "prépare", "évalue",
)  # fmt: skip
OBJECTS = (
    "le budget participatif", "les comptes annuels", "la charte d’accueil", "une recommandation", "le calendrier",
    "la formation des élu·es", "les règles de vote", "le rapport d’activité", "un fonds solidaire", "les priorités",
)  # fmt: skip
ENDINGS = (
    "en assemblée générale", "avant l’été", "chaque année", "avec les membres", "sans mandat", "au printemps",
    "après un débat", "à la majorité", "par écrit", "à l’échelle locale", "dans les trois mois",
)  # fmt: skip
EXTRA = ("ensemble", "toujours", "vraiment", "de façon claire", "ou à défaut", "très vite", "en ligne", "d’abord")

# What an edit is, and how often it is drawn.
EDITS = {
    "type": 6, "replace": 5, "erase": 3, "ending": 2, "accents": 1, "sentence": 4, "drop": 3, "cut": 4, "copy": 2,
    "paragraph": 2, "split": 1, "join": 1, "section": 1, "add": 1, "retire": 1, "empty": 1,
}  # fmt: skip

Sign = tuple[str, int]
Sentence = list[Sign]
Section = list[list[Sentence]]


class State(NamedTuple):
    """A version: the text of each section by key, in order, and the origin of each of its characters (0: none)."""

    texts: dict[str, str]
    origins: dict[str, list[int]]


class History:
    """A document in which somebody writes; the same seed gives the same story."""

    def __init__(self, seed: int, *, sections: int = 4, paragraphs: int = 3) -> None:
        self.random = random.Random(seed)
        self.count = 0
        self.stands_for: dict[int, set[int]] = {}  # what was typed in place of what
        self.copy_of: dict[int, int] = {}
        stock = [self.words() for _ in range(4)]
        self.stock = stock
        self.keys = 0
        self.document: dict[str, Section] = {}
        for _ in range(sections):
            self.document[self.key()] = [
                [self.typed(self.sentence()) for _ in range(self.random.randint(1, 4))] for _ in range(paragraphs)
            ]

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def words(self) -> str:
        parts = [self.random.choice(choices) for choices in (SUBJECTS, VERBS, OBJECTS, ENDINGS)]
        if self.random.random() < 0.3:
            parts.insert(3, f"numéro {self.random.randint(2, 99)}")
        if self.random.random() < 0.2:
            parts[self.random.randrange(1, 4)] = f"**{parts[1]}**"
        return " ".join(parts)

    def sentence(self) -> str:
        """A sentence; one in six is one of a few that come back all over the document."""
        return (self.random.choice(self.stock) if self.random.random() < 1 / 6 else self.words()) + ". "

    def typed(self, text: str, instead_of: Iterator[Sign] | list[Sign] = ()) -> Sentence:
        replaced = {origin for _, origin in instead_of}
        signs = [(sign, self.count + index + 1) for index, sign in enumerate(text)]
        self.count += len(text)
        if replaced:
            self.stands_for.update({origin: replaced for _, origin in signs})
        return signs

    def state(self) -> State:
        """The document as a version would freeze it."""
        texts, origins = {}, {}
        for key, section in self.document.items():
            signs = [
                sign
                for paragraph in section
                if paragraph
                for sign in [*(sign for sentence in paragraph for sign in sentence), ("\n", 0), ("\n", 0)]
            ]
            texts[key] = "".join(sign for sign, _ in signs)
            origins[key] = [origin for _, origin in signs]
        return State(texts, origins)

    def restore(self, document: dict[str, Section]) -> None:
        """Take back an earlier document."""
        self.document = copied(document)

    def edit(self) -> None:
        kind = self.random.choices(list(EDITS), list(EDITS.values()))[0]
        places = [
            (key, number)
            for key, section in self.document.items()
            for number, paragraph in enumerate(section)
            if paragraph
        ]
        if not places:
            self.document[self.key()] = [[self.typed(self.sentence())]]
            return
        key, number = self.random.choice(places)
        getattr(self, f"_{kind}")(key, number)

    def _words_of(self, sentence: Sentence, most: int) -> tuple[int, int]:
        """Start and end of up to `most` words of a sentence."""
        starts = [0, *(index + 1 for index, (sign, _) in enumerate(sentence[:-1]) if sign == " ")]
        first = self.random.randrange(len(starts))
        last = min(first + self.random.randint(1, most), len(starts))
        return starts[first], starts[last] if last < len(starts) else len(sentence)

    def _sentence_in(self, key: str, number: int) -> tuple[list[Sentence], int]:
        paragraph = self.document[key][number]
        return paragraph, self.random.randrange(len(paragraph))

    def _type(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        start, _ = self._words_of(paragraph[at], 1)
        paragraph[at][start:start] = self.typed(self.random.choice(EXTRA) + " ")

    def _replace(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        start, end = self._words_of(paragraph[at], 3)
        words = self.random.choice(self.random.choice((OBJECTS, ENDINGS, EXTRA, SUBJECTS, VERBS)))
        paragraph[at][start:end] = self.typed(words + " ", paragraph[at][start:end])

    def _erase(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        start, end = self._words_of(paragraph[at], 4)
        del paragraph[at][start:end]
        if not paragraph[at]:
            del paragraph[at]

    def _ending(self, key: str, number: int) -> None:
        """Make the ending of a word inclusive, or another."""
        paragraph, at = self._sentence_in(key, number)
        _, end = self._words_of(paragraph[at], 1)
        end -= paragraph[at][end - 1][0] == " "
        paragraph[at][end:end] = self.typed(self.random.choice(("·es", "·rice", "s", "·e")))

    def _accents(self, key: str, number: int) -> None:
        """Type the accents of a sentence the other way."""
        paragraph, at = self._sentence_in(key, number)
        paragraph[at] = [(part, origin) for sign, origin in paragraph[at] for part in normalize("NFD", sign)]

    def _sentence(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        paragraph.insert(at, self.typed(self.sentence()))

    def _drop(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        del paragraph[at]

    def _anywhere(self) -> list[Sentence]:
        """A paragraph of the document, or a new one."""
        section = self.document[self.random.choice(list(self.document))]
        if not section or self.random.random() < 0.2:
            section.insert(self.random.randint(0, len(section)), [])
        return self.random.choice(section)

    def _cut(self, key: str, number: int) -> None:
        """Cut one sentence or two and paste them elsewhere."""
        paragraph, at = self._sentence_in(key, number)
        cut = paragraph[at : at + self.random.randint(1, 2)]
        del paragraph[at : at + len(cut)]
        target = self._anywhere()
        place = self.random.randint(0, len(target))
        target[place:place] = cut

    def _copy(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        original = paragraph[at]
        copy = self.typed("".join(sign for sign, _ in original))
        self.copy_of.update({new: old for (_, new), (_, old) in zip(copy, original, strict=True)})
        target = self._anywhere()
        target.insert(self.random.randint(0, len(target)), copy)

    def _paragraph(self, key: str, number: int) -> None:
        paragraph = self.document[key].pop(number)
        section = self.document[self.random.choice(list(self.document))]
        section.insert(self.random.randint(0, len(section)), paragraph)

    def _split(self, key: str, number: int) -> None:
        paragraph, at = self._sentence_in(key, number)
        self.document[key][number : number + 1] = [paragraph[:at], paragraph[at:]]

    def _join(self, key: str, number: int) -> None:
        section = self.document[key]
        section[number : number + 2] = [
            [sentence for paragraph in section[number : number + 2] for sentence in paragraph]
        ]

    def _section(self, key: str, _number: int) -> None:
        """Move a section."""
        items = [(name, section) for name, section in self.document.items() if name != key]
        items.insert(self.random.randint(0, len(items)), (key, self.document[key]))
        self.document = dict(items)

    def _add(self, _key: str, _number: int) -> None:
        self.document[self.key()] = [[self.typed(self.sentence()) for _ in range(2)] for _ in range(2)]

    def _retire(self, key: str, _number: int) -> None:
        if len(self.document) > 2:
            del self.document[key]

    def _empty(self, key: str, _number: int) -> None:
        self.document[key] = []


def copied(document: dict[str, Section]) -> dict[str, Section]:
    """The same document, which is not changed with the other."""
    return {
        key: [[list(sentence) for sentence in paragraph] for paragraph in section] for key, section in document.items()
    }


def told(seed: int, *, edits: int) -> tuple[History, list[State]]:
    """A history with its three to five versions, up to `edits` from one to the next; some take back an old one."""
    history = History(seed, sections=history_size(seed), paragraphs=3)
    versions, kept = [history.state()], [copied(history.document)]
    for _ in range(history.random.randint(2, 4)):
        if len(kept) > 1 and history.random.random() < 0.2:
            history.restore(history.random.choice(kept[:-1]))
        else:
            for _ in range(history.random.randint(1, edits)):
                history.edit()
        versions.append(history.state())
        kept.append(copied(history.document))
    return history, versions


def history_size(seed: int) -> int:
    """How many sections a document has at first."""
    return 2 + seed % 5
