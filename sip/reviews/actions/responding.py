"""The board's answer: proposed, signed, published; each published version stays as it is, and another may follow."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sip.core import clock, outbox, texts
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.core.record import RecordKind, seal
from sip.cycles.checks import LAST_DAY
from sip.cycles.stages import Stage
from sip.drafts.actions.stages import move_along
from sip.people.models import Person
from sip.reviews import queries
from sip.reviews.actions.locking import about, lock, record, record_for_board
from sip.reviews.answers import MAX_REASONS, checked_measures, content_of, lacks
from sip.reviews.contributors import contributors
from sip.reviews.models import Answer, BoardResponse, Review, Signature
from sip.reviews.policy import may_propose, may_publish, may_sign, may_unsign
from sip.threads.actions.stamps import bump


def propose(
    actor: Person | None,
    review: Review,
    *,
    answer: Answer,
    reasons: str,
    deferred_until: date | None = None,
    measures: Sequence[Mapping[str, str]] = (),
    seen: str,
) -> BoardResponse:
    """Propose what the board answers, or change what is proposed, which takes the signatures away.

    `measures` are [{"slug", "answer", "reasons"}] of those answered on their own. What is missing can be added later.
    `seen` is the `mark_of(review)` that the form began from: where another answer was saved since, this raises Conflict
    with `theirs`. Raises Invalid.
    """
    lock(review)
    require(may_propose(actor, review))
    assert actor is not None
    last = queries.last_response(review)
    _check_seen(last, seen)
    values = _checked_values(review, answer, reasons, deferred_until, measures)
    if last is not None and _values_of(last) == values:
        if last.is_published:
            raise Invalid(message("This is what the board has answered already: change something in it."), "reasons")
        return last
    if last is None or last.is_published:
        response = BoardResponse(
            review=review, number=last.number + 1 if last else 1, revision=1, measures=[], signatures=[]
        )
        db.session.add(response)
    else:
        response = last
        response.revision += 1
        response.signatures.clear()
    for name, value in values.items():
        setattr(response, name, value)
    response.reasons_html = texts.render(response.reasons, review.draft.language)
    response.author, response.changed_at = actor, clock.now()
    db.session.flush()
    record_for_board(
        actor, Event.RESPONSE_PROPOSED, review, response.id, answer=response.answer, number=response.number
    )
    return response


def _check_seen(last: BoardResponse | None, seen: str) -> None:
    if seen != (last.mark if last is not None else ""):
        raise Conflict(
            message("Somebody of the board has saved another answer in the meantime. Compare it with yours."),
            theirs=last,
        )


def _checked_values(
    review: Review,
    answer: Answer,
    reasons: str,
    deferred_until: date | None,
    measures: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """Return the columns of an answer as they are stored; raises Invalid."""
    if answer not in set(Answer):
        raise Invalid(message("Please choose."), "answer")
    if answer != Answer.DEFERRED:
        deferred_until = None
    if deferred_until is not None and not clock.today() < deferred_until <= LAST_DAY:
        raise Invalid(message("Choose a day to come."), "deferred_until")
    return {
        "version_number": review.version.number,
        "answer": Answer(answer).value,
        "deferred_until": deferred_until,
        "reasons": texts.clean_line(reasons, MAX_REASONS, "reasons", is_needed=False),
        "measures": checked_measures(queries.measures_of(review), measures, review.draft.language),
    }


def _values_of(response: BoardResponse) -> dict[str, Any]:
    names = ("version_number", "answer", "deferred_until", "reasons", "measures")
    return {name: getattr(response, name) for name in names}


def begin_anew(review: Review) -> None:
    """Let a proposed answer be about the text that the board has received now; who signed it signed another text."""
    response = queries.last_response(review)
    if response is None or response.is_published or response.version_number == review.version.number:
        return
    response.version_number = review.version.number
    response.revision += 1
    response.signatures.clear()
    known = {measure["slug"]: measure for measure in queries.measures_of(review)}
    gone = [measure for measure in response.measures if measure["slug"] not in known]
    # What was written about a measure that is gone, or has another address now, is kept for the board to place.
    kept = [response.reasons, *(f"{measure['title']}: {measure['reasons']}" for measure in gone if measure["reasons"])]
    response.reasons = "\n\n".join(filter(None, kept))[:MAX_REASONS]
    response.reasons_html = texts.render(response.reasons, review.draft.language)
    response.measures = [
        {**measure, **{name: known[measure["slug"]][name] for name in ("letter", "title")}}
        for measure in response.measures
        if measure["slug"] in known
    ]
    db.session.flush()


def sign(actor: Person | None, response: BoardResponse, *, seen: str) -> None:
    """Agree with a proposed answer as `seen`, its mark, has it; raises Conflict, or Invalid where something lacks."""
    lock(response.review)
    db.session.refresh(response)
    require(may_sign(actor, response))
    assert actor is not None
    _check_seen(response, seen)
    _check_complete(response)
    if any(signature.person_id == actor.id for signature in response.signatures):
        return
    response.signatures.append(Signature(person=actor, at=clock.now()))
    db.session.flush()
    record_for_board(actor, Event.RESPONSE_SIGNED, response.review, response.id, number=response.number)


def unsign(actor: Person | None, response: BoardResponse) -> None:
    """Take one's signature back, if there is one."""
    lock(response.review)
    db.session.refresh(response)
    require(may_unsign(actor, response))
    assert actor is not None
    mine = [signature for signature in response.signatures if signature.person_id == actor.id]
    if not mine:
        return
    response.signatures.remove(mine[0])
    db.session.flush()
    record_for_board(actor, Event.RESPONSE_UNSIGNED, response.review, response.id, number=response.number)


def publish(actor: Person | None, review: Review, *, seen: str, signatures: int = 2) -> BoardResponse:
    """Publish the proposed answer: the recommendation is answered, and everybody who took part is told.

    `signatures` of board members are needed, all of them where they are fewer. Raises Conflict where the answer is not
    as `seen`, the mark of the proposal, says; Invalid where it lacks something.
    """
    lock(review)
    require(may_publish(actor, review))
    assert actor is not None
    response = queries.last_response(review)
    _check_seen(response, seen)
    if response is None or response.is_published:
        raise Invalid(message("Propose an answer first."), "answer")
    _check_complete(response)
    _check_signed(response, queries.signatures_needed(signatures))
    response.published_at, response.published_by = clock.now(), actor
    review.answer, review.answered_at = response.answer, response.published_at
    if review.section.stage == Stage.UNDER_REVIEW:
        move_along(actor, review.draft, [review.section], Stage.ANSWERED)
    db.session.flush()
    seal(
        RecordKind.RESPONSE,
        response.id,
        cycle_id=review.cycle_id,
        draft_id=review.draft_id,
        content=content_of(response),
    )
    record(actor, Event.RESPONSE_PUBLISHED, review, response.id, answer=response.answer, number=response.number)
    _tell(actor, response)
    bump(review.draft_id)
    return response


def _tell(actor: Person, response: BoardResponse) -> None:
    """Tell everybody who took part, once each, however many they are."""
    facts = {name: value or "" for name, value in about(response.review).items()}
    outbox.post_all(
        contributors(response.review, but=actor),
        "response_published",
        draft=response.review.draft.title,
        slug=response.review.draft.slug,
        answer=response.answer,
        number=response.number,
        **facts,
    )


def _check_complete(response: BoardResponse) -> None:
    for text, field in lacks(response):
        raise Invalid(text, field)


def _check_signed(response: BoardResponse, needed: int) -> None:
    """Refuse an answer that too few have signed who sit in the board at this moment; raises Invalid."""
    if queries.count_signatures(response) < needed:
        raise Invalid(message("Signatures needed before it is published: %(number)s.", number=needed))
