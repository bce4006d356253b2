"""What an amendment does to the Markdown of a section."""

import pytest

from sip.amendments.models import AmendmentKind
from sip.amendments.writing import (
    new_owners,
    owners_of,
    paragraphs_around,
    put_together,
    rebased,
    replaced,
    runs_of,
    source_of,
    with_its_ends,
    with_measure,
)
from sip.drafts.models import KeptPassage
from sip.drafts.texts.carrying import Carrier


def struck(body: str, words: str) -> str:
    """The text once `words` are struck from it."""
    start = body.index(words)
    written = replaced(body, start, start + len(words), "")
    assert written.start == written.end <= len(written.body)
    return written.body


@pytest.mark.parametrize(
    ("body", "words", "left"),
    [
        ("Le chat noir dort.", "noir ", "Le chat dort."),
        ("Le chat noir dort.", "noir", "Le chat dort."),
        ("Le chat dort mal.", " mal", "Le chat dort."),
        ("Le chat dort mal.", "mal", "Le chat dort."),
        ("Un.\n\nDeux.\n\nTrois.", "Deux.", "Un.\n\nTrois."),
        ("Un.\n\nDeux.", "Deux.", "Un."),
        ("Un.\n\nDeux.", "Un.", "Deux."),
        ("Tout.", "Tout.", ""),
        ("- un\n- deux\n- trois", "deux", "- un\n- trois"),
        ("- un\n- deux\n- trois", "trois", "- un\n- deux"),
        ("1. un\n2. deux", "un", "2. deux"),
        ("> cité\n\nTexte.", "cité", "Texte."),
        ("A.\n\n### Carte {#carte}\n\nB.", "Carte", "A.\n\nB."),
        ("Une phrase. Une autre.", "Une phrase.", "Une autre."),
        ("Une phrase. Une autre.", "Une autre.", "Une phrase."),
        ("Un « mot » ici.", "« mot »", "Un ici."),
    ],
)
def test_what_is_struck_leaves_no_hole(body, words, left):
    assert struck(body, words) == left


def test_what_is_replaced_stands_where_it_stood():
    written = replaced("Le chat noir dort.", 3, 12, "chien roux")
    assert written.body == "Le chien roux dort."
    assert written.body[written.start : written.end] == "chien roux"


@pytest.mark.parametrize(("body", "whole"), [("A.\n", "A.\n\n### T\n\nB."), ("", "### T\n\nB.")])
def test_a_measure_comes_last(body, whole):
    text = source_of(AmendmentKind.NEW_MEASURE, "T", "B.")
    written = with_measure(body, text)
    assert written.body == whole
    assert written.body[written.start : written.end] == text


def test_paragraphs_around_a_passage():
    body = "Un.\n\nDeux\ndeux.\n \nTrois."
    start = body.index("deux")
    first, last = paragraphs_around(body, start, start + 4)
    assert body[first:last] == "Deux\ndeux."
    assert paragraphs_around(body, 0, len(body)) == (0, len(body))


BEFORE = "Bien peu de membres savent ce que la coopérative gagne, et ce qu’elle en fait."


@pytest.mark.parametrize(
    ("now", "whole"),
    [
        ("Les comptes sont lus une fois par semestre. Oui.", "Les comptes sont lus une fois par semestre"),
        ("Les comptes sont lus deux fois par an. Oui.", "Les comptes sont lus deux fois par an"),
        ("Les comptes sont lus une fois par an. Non.", "Les comptes sont lus une fois par an"),
        ("Tous les comptes sont lus une fois par an. Oui.", "Tous les comptes sont lus une fois par an"),
    ],
)
def test_a_changed_passage_is_taken_with_its_new_ends(now, whole):
    quote, after = (
        "Les comptes sont lus une fois par an",
        ". Oui. Chaque antenne en reçoit une copie reliée et commentée.",
    )
    then, now = f"{BEFORE} {quote}{after}", f"{BEFORE} {now}{after.removeprefix('. Oui.')}"
    start = then.index(quote)
    passage = KeptPassage(quote=quote, prefix=then[start - 64 : start], suffix=then[start + len(quote) :][:64])
    carried = Carrier({"k": then}, {"k": now}).carry("k", start, start + len(quote))
    assert carried is not None
    assert now[slice(*with_its_ends(passage, now, carried.start, carried.end))] == whole


def test_a_proposal_follows_what_was_changed_beside_it():
    then, proposed = "Le chat noir dort.", "Le chat roux dort."
    assert rebased(then, proposed, "Le chat noir dort bien.") == "Le chat roux dort bien."
    assert rebased(then, proposed, "Le chat blanc dort.") is None


def test_proposals_are_put_together_unless_they_clash():
    base = "Le chat noir dort dans la maison."
    text, clashing = put_together(
        base,
        ["Le chat roux dort dans la maison.", "Le chat noir dort dans le jardin.", "Le chat vert dort dans la maison."],
    )
    assert text == "Le chat roux dort dans le jardin."
    assert clashing == [2]


def test_words_are_credited_to_those_who_proposed_them():
    ana, max, bea, writer = 1, 2, 3, 4
    now = "Le chat noir dort."
    text = "Le chat roux dort longtemps, enfin."
    owners = new_owners(
        now,
        owners_of([(ana, len(now))]),
        text,
        [(max, "Le chat roux dort."), (bea, "Le chat noir dort longtemps.")],
        writer,
    )
    assert len(owners) == len(text)
    by_word = {word: owners[text.index(word)] for word in ("chat", "roux", "longtemps", "enfin")}
    assert by_word == {"chat": ana, "roux": max, "longtemps": bea, "enfin": writer}
    assert sum(length for _who, length in runs_of(owners)) == len(text)
