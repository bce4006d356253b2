"""What an answer of the board must say before it is signed, and what the public record says of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from sip.core import clock, texts
from sip.core.db import db
from sip.core.errors import Invalid
from sip.core.messages import Message, message
from sip.drafts.models import Version, VersionSection
from sip.reviews.models import Answer, BoardResponse

MAX_REASONS = 20_000


def checked_measures(
    measures: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, str]], language: str
) -> list[dict[str, str]]:
    """Return the answers `given` to measures on their own as they are stored, in the order of `measures`.

    Raises Invalid for one that the recommendation does not have, that is answered twice, or whose answer is none.
    """
    by_slug = {each["slug"]: each for each in given}
    known = {measure["slug"] for measure in measures}
    if len(by_slug) != len(given) or not set(by_slug) <= known:
        raise Invalid(message("One of these measures is not part of the recommendation."), "measures")
    return [_checked(measure, by_slug[measure["slug"]], language) for measure in measures if measure["slug"] in by_slug]


def _checked(measure: Mapping[str, Any], given: Mapping[str, str], language: str) -> dict[str, str]:
    slug = measure["slug"]
    if given["answer"] not in set(Answer):
        raise Invalid(message("Please choose."), f"answer-{slug}")
    reasons = texts.clean_line(given["reasons"], MAX_REASONS, f"reasons-{slug}", is_needed=False)
    return {
        "slug": slug,
        "letter": measure["letter"],
        "title": measure["title"],
        "answer": str(given["answer"]),
        "reasons": reasons,
        "reasons_html": texts.render(reasons, language),
    }


def lacks(response: BoardResponse) -> list[tuple[Message, str]]:
    """Return what an answer still lacks before it is signed and published, each with the field that would say it."""
    found = []
    if not response.reasons:
        found.append((message("Give the reasons: those who took part will want to know them."), "reasons"))
    if response.answer == Answer.DEFERRED:
        if response.deferred_until is None:
            found.append((message("Say until when it is put off."), "deferred_until"))
        elif response.deferred_until <= clock.today():
            found.append((message("Choose a day to come."), "deferred_until"))
    for measure in response.measures:
        if not measure["reasons"]:
            text = message("Give the reasons of the answer to measure %(letter)s.", letter=measure["letter"])
            found.append((text, f"reasons-{measure['slug']}"))
    if not _agrees_with_measures(response):
        text = message("A measure has another answer than the whole: “Accepted in part” says so.")
        found.append((text, "answer"))
    return found


def _agrees_with_measures(response: BoardResponse) -> bool:
    """Say whether nobody who counts the answers by the whole is misled about a measure."""
    answers = {measure["answer"] for measure in response.measures}
    if response.answer == Answer.ACCEPTED:
        return answers <= {Answer.ACCEPTED}
    if response.answer == Answer.DECLINED:
        return not answers & {Answer.ACCEPTED, Answer.PARTLY}
    return True


# People may change their name, or leave; what they did then stays under the name that they had.
MAY_CHANGE = ("actor", "signed_by")
_SEALED = ("slug", "letter", "title", "answer", "reasons")


def content_of(response: BoardResponse) -> dict[str, Any]:
    """Return what is sealed of a published answer: all of it, and the version of the text that it answers."""
    review = response.review
    answered = db.session.execute(
        select(Version.hash, VersionSection.title, VersionSection.number)
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(
            Version.draft_id == review.draft_id,
            Version.number == response.version_number,
            VersionSection.key == review.key,
        )
    ).first()
    return {
        "draft": review.draft.slug,
        "section": review.key,
        "title": answered.title if answered else None,
        "number": answered.number if answered else None,
        "version": response.version_number,
        "version_hash": answered.hash if answered else None,
        "response": response.number,
        "answer": response.answer,
        "deferred_until": response.deferred_until.isoformat() if response.deferred_until else None,
        "reasons": response.reasons,
        "measures": [{name: measure[name] for name in _SEALED} for measure in response.measures],
        "at": response.published_at.isoformat() if response.published_at else None,
        "actor": response.published_by.name if response.published_by else None,
        "signed_by": sorted(signature.person.name for signature in response.signatures),
    }
