"""Lookups and lists of board files, answers and questions; what a page needs is loaded here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from sip.core import clock
from sip.core.db import db
from sip.core.errors import Missing
from sip.cycles.models import Cycle, Theme
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts.models import Draft, Section, SectionKind, Version, VersionSection
from sip.groups.models import WorkingGroup
from sip.people.models import Person, PersonRole, RoleGrant
from sip.reviews.models import (
    Answer,
    BoardResponse,
    Commitment,
    ProgressNote,
    Review,
    ReviewNote,
    ReviewQuestion,
    Signature,
)

_MOST_IDS = 2**31 - 1
MOST_QUESTIONS = 100  # that wait, shown together


@dataclass(frozen=True)
class Row:
    """A recommendation in the board's list: as the version under review has it, and how far its answer is."""

    review: Review
    section: VersionSection | None
    proposal: BoardResponse | None
    open_questions: int

    @property
    def signatures(self) -> int:
        """How many have signed the proposed answer."""
        return len(self.proposal.signatures) if self.proposal is not None else 0


# One board file


def surroundings(review: Any = None) -> list[Any]:
    """Load with a review, or with the thing at whose `review` it stands, what its policies ask about a person."""
    draft = review.joinedload(Review.draft) if review else joinedload(Review.draft)
    return [
        draft.joinedload(Draft.theme).joinedload(Theme.cycle).selectinload(Cycle.seats),
        draft.selectinload(Draft.groups).selectinload(WorkingGroup.memberships),
        draft.selectinload(Draft.sections),
        review.joinedload(Review.section) if review else joinedload(Review.section),
        review.joinedload(Review.version) if review else joinedload(Review.version),
    ]


def review_by_id(review_id: int) -> Review:
    """Return a review with what its page and its policies ask; raises Missing."""
    review = db.session.scalar(select(Review).where(Review.id == min(review_id, _MOST_IDS)).options(*surroundings()))
    if review is None:
        raise Missing
    return review


def review_of(draft_slug: str, section: str) -> Review:
    """Return the review of a section, named by its address or its key; raises Missing."""
    query = (
        select(Review)
        .join(Review.section)
        .join(Review.draft)
        .where(Draft.slug == draft_slug, or_(Section.slug == section, Section.key == section))
        .order_by(Section.slug != section)
    )
    review = db.session.scalars(query.options(*surroundings())).first()
    if review is None:
        raise Missing
    return review


def of_section(draft: Draft, key: str) -> Review | None:
    """Return the review of a section of a document, or None."""
    return db.session.scalar(select(Review).where(Review.draft_id == draft.id, Review.key == key))


def reviews_of(draft: Draft) -> dict[str, Review]:
    """Return the reviews of a document's sections by their keys."""
    return {review.key: review for review in db.session.scalars(select(Review).where(Review.draft_id == draft.id))}


def without_file(*stages: Stage) -> Select[Section]:
    """Return the query of the recommendations with the board that came here from files, and have no board file yet.

    At `stages`; without any, at all those at which the board works.
    """
    return (
        select(Section)
        .join(Section.draft)
        .join(Version, and_(Version.draft_id == Draft.id, Version.number == Draft.published_number))
        .join(VersionSection, and_(VersionSection.version_id == Version.id, VersionSection.key == Section.key))
        .where(
            Section.stage.in_(stages or stages_of(Verb.REVIEW)),
            Section.kind == SectionKind.RECOMMENDATION,
            Section.retired_at.is_(None),
            ~exists().where(Review.section_id == Section.id),
        )
        .options(contains_eager(Section.draft))
        .order_by(Draft.title, Draft.id, Section.position)
    )


def section_without_file(draft_slug: str, section: str) -> Section:
    """Return a recommendation with the board that has no file yet, named by its address or its key; raises Missing."""
    named = or_(Section.slug == section, Section.key == section)
    found = db.session.scalars(without_file().where(Draft.slug == draft_slug, named)).first()
    if found is None:
        raise Missing
    return found


def section_of(review: Review) -> VersionSection | None:
    """Return the recommendation as the version under review has it, with its text."""
    query = select(VersionSection).where(
        VersionSection.version_id == review.version_id, VersionSection.key == review.key
    )
    return db.session.scalar(query.options(undefer(VersionSection.body), undefer(VersionSection.html)))


def measures_of(review: Review) -> list[dict[str, Any]]:
    """Return the measures of the recommendation under review, in order: [{"slug", "letter", "title"}]."""
    slug = db.session.scalar(
        select(VersionSection.slug).where(
            VersionSection.version_id == review.version_id, VersionSection.key == review.key
        )
    )
    toc = db.session.scalars(select(Version.toc).where(Version.id == review.version_id)).one()
    return next((list(entry["measures"]) for entry in toc if entry["slug"] == slug), [])


# Lists


def waiting_for_board() -> Select[Review]:
    """Return the query of the recommendations under review, what waits longest first."""
    return _listed(Section.stage == Stage.UNDER_REVIEW).order_by(Review.received_at, Review.id)


def answered() -> Select[Review]:
    """Return the query of the recommendations that the board has answered, the last answer first."""
    return _listed(Review.answered_at.is_not(None)).order_by(Review.answered_at.desc(), Review.id.desc())


def put_off_long_enough() -> Select[Review]:
    """Return the query of the recommendations whose answer was put off until a day that has come, the first one first.

    Not of those that the board has taken up again.
    """
    deferred = and_(BoardResponse.review_id == Review.id, BoardResponse.published_at == Review.answered_at)
    is_due = and_(Review.answer == Answer.DEFERRED, BoardResponse.deferred_until <= clock.today())
    stands = Section.stage.in_([Stage.ANSWERED, Stage.FOLLOWED_UP])
    return _listed(and_(is_due, stands)).join(BoardResponse, deferred).order_by(BoardResponse.deferred_until, Review.id)


def _listed(condition: ColumnElement[bool]) -> Select[Review]:
    return (
        select(Review)
        .join(Review.section)
        .where(condition)
        .options(contains_eager(Review.section), joinedload(Review.draft), joinedload(Review.version))
    )


def count(query: Select[Any]) -> int:
    """Count the rows of one of the queries of this module."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def waiting_count() -> int:
    """Count the recommendations under review."""
    query = select(func.count(Review.id)).join(Review.section).where(Section.stage == Stage.UNDER_REVIEW)
    return db.session.scalar(query) or 0


def unsigned_by(person: Person) -> int:
    """Count the recommendations under review that wait for this board member: not proposed yet, or not signed by them.

    Also those answered already whose answer is to be changed.
    """
    mine = exists().where(Signature.response_id == BoardResponse.id, Signature.person_id == person.id)
    proposed = exists().where(BoardResponse.review_id == Review.id, BoardResponse.published_at.is_(None))
    unsigned = exists().where(BoardResponse.review_id == Review.id, BoardResponse.published_at.is_(None), ~mine)
    waits = or_(unsigned, and_(Section.stage == Stage.UNDER_REVIEW, ~proposed))
    query = select(func.count(Review.id)).join(Review.section).where(Section.stage.in_(stages_of(Verb.REVIEW)), waits)
    return db.session.scalar(query) or 0


def stages_of(verb: Verb) -> list[Stage]:
    """Return the stages at which anybody may do this."""
    return [stage for stage in Stage if allows(stage, set(Role), verb)]


def rows_of(reviews: Sequence[Review]) -> list[Row]:
    """Return reviews with what the board's list shows of them, in a number of statements that they do not change."""
    sections = sections_of(reviews)
    ids = [review.id for review in reviews]
    query = select(BoardResponse).where(BoardResponse.review_id.in_(ids), BoardResponse.published_at.is_(None))
    proposals = {
        each.review_id: each for each in db.session.scalars(query.options(selectinload(BoardResponse.signatures)))
    }
    waiting = (
        select(ReviewQuestion.review_id, func.count(ReviewQuestion.id))
        .where(ReviewQuestion.review_id.in_(ids), ReviewQuestion.answered_at.is_(None))
        .group_by(ReviewQuestion.review_id)
    )
    questions = {row[0]: row[1] for row in db.session.execute(waiting)}
    return [
        Row(review, sections.get(review.id), proposals.get(review.id), questions.get(review.id, 0))
        for review in reviews
    ]


def sections_of(reviews: Collection[Review]) -> dict[int, VersionSection]:
    """Return recommendations as their versions under review have them, without texts, by the review's id."""
    wanted = [(review.version_id, review.key) for review in reviews]
    query = select(VersionSection).where(tuple_(VersionSection.version_id, VersionSection.key).in_(wanted))
    found = {(each.version_id, each.key): each for each in db.session.scalars(query)} if wanted else {}
    return {review.id: section for review in reviews if (section := found.get((review.version_id, review.key)))}


# Answers


def responses_of(review: Review) -> list[BoardResponse]:
    """Return the published versions of the answer, the latest first, with who signed them."""
    query = _responses(review).where(BoardResponse.published_at.is_not(None))
    return list(db.session.scalars(query.order_by(BoardResponse.number.desc())))


def proposal_of(review: Review) -> BoardResponse | None:
    """Return the answer that is proposed and not published yet, with who signed it."""
    return db.session.scalar(_responses(review).where(BoardResponse.published_at.is_(None)))


def response_by_number(review: Review, number: int) -> BoardResponse:
    """Return one version of the answer; raises Missing."""
    response = db.session.scalar(_responses(review).where(BoardResponse.number == min(number, _MOST_IDS)))
    if response is None:
        raise Missing
    return response


def last_response(review: Review) -> BoardResponse | None:
    """Return the last version of the answer, published or proposed, with who signed it, as the database has it now."""
    query = _responses(review).order_by(BoardResponse.number.desc()).limit(1)
    return db.session.scalar(query.execution_options(populate_existing=True))


def count_signatures(response: BoardResponse) -> int:
    """Count those who signed an answer and sit in the board at this moment."""
    signed = select(Signature.person_id).where(Signature.response_id == response.id)
    return count(board_members().where(Person.id.in_(signed)).with_only_columns(Person.id))


def _responses(review: Review) -> Select[BoardResponse]:
    return (
        select(BoardResponse)
        .where(BoardResponse.review_id == review.id)
        .options(
            joinedload(BoardResponse.author).lazyload(Person.grants),
            joinedload(BoardResponse.published_by).lazyload(Person.grants),
            selectinload(BoardResponse.signatures).joinedload(Signature.person).lazyload(Person.grants),
        )
    )


def mark_of(review: Review) -> str:
    """Return what a form carries to say which answer it began from; empty where there was none."""
    query = select(BoardResponse).where(BoardResponse.review_id == review.id).order_by(BoardResponse.number.desc())
    last = db.session.scalar(query.limit(1))
    return last.mark if last is not None else ""


def answered_keys(draft: Draft, keys: Collection[str]) -> set[str]:
    """Return those of the sections whose answer the board has published since they were handed over."""
    query = select(Review.key).where(
        Review.draft_id == draft.id, Review.key.in_(keys), Review.answered_at >= Review.received_at
    )
    return set(db.session.scalars(query))


def reported_keys(draft: Draft, keys: Collection[str]) -> set[str]:
    """Return those of the sections of which a commitment has a report."""
    query = (
        select(Review.key)
        .join(Commitment, Commitment.review_id == Review.id)
        .join(ProgressNote, ProgressNote.commitment_id == Commitment.id)
        .where(Review.draft_id == draft.id, Review.key.in_(keys))
    )
    return set(db.session.scalars(query))


# The board


def board_members() -> Select[Person]:
    """Return the query of the members of the board who have an account in use, by name."""
    return (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == PersonRole.BOARD_MEMBER, Person.joined_at.is_not(None))
        .order_by(Person.name_key, Person.id)
    )


def signatures_needed(wanted: int) -> int:
    """Return how many board members must sign before an answer is published: `wanted`, or all where they are fewer."""
    members = count(board_members().with_only_columns(Person.id))
    return max(1, min(wanted, members))


# Notes and questions


def notes_of(review: Review) -> Select[ReviewNote]:
    """Return the query of the board's notes, the oldest first."""
    query = select(ReviewNote).where(ReviewNote.review_id == review.id).order_by(ReviewNote.id)
    return query.options(joinedload(ReviewNote.author).lazyload(Person.grants))


def questions_of(review: Review, *, is_all: bool = True) -> Select[ReviewQuestion]:
    """Return the query of the board's questions to the group, with their answers, the oldest first.

    Without `is_all`, only those asked before the answer that is published.
    """
    query = select(ReviewQuestion).where(ReviewQuestion.review_id == review.id)
    if not is_all:
        query = query.where(ReviewQuestion.at <= review.answered_at)
    return _with_people(query).order_by(ReviewQuestion.id)


def question_by_id(question_id: int) -> ReviewQuestion:
    """Return a question of the board; raises Missing."""
    query = _with_people(select(ReviewQuestion).where(ReviewQuestion.id == min(question_id, _MOST_IDS)))
    question = db.session.scalar(query.options(*surroundings(joinedload(ReviewQuestion.review))))
    if question is None:
        raise Missing
    return question


def unanswered_questions_of(draft_ids: Collection[int]) -> list[ReviewQuestion]:
    """Return what the board asks about these documents and nobody has answered, the oldest first."""
    if not draft_ids:
        return []
    query = (
        select(ReviewQuestion)
        .join(ReviewQuestion.review)
        .join(Review.section)
        .join(Review.draft)
        .where(
            Review.draft_id.in_(draft_ids),
            ReviewQuestion.answered_at.is_(None),
            Section.stage.in_(stages_of(Verb.ANSWER_BOARD)),
        )
        .options(
            contains_eager(ReviewQuestion.review).contains_eager(Review.section),
            contains_eager(ReviewQuestion.review).contains_eager(Review.draft),
        )
    )
    return list(db.session.scalars(query.order_by(ReviewQuestion.id).limit(MOST_QUESTIONS)))


def _with_people(query: Select[ReviewQuestion]) -> Select[ReviewQuestion]:
    return query.options(
        joinedload(ReviewQuestion.author).lazyload(Person.grants),
        joinedload(ReviewQuestion.answered_by).lazyload(Person.grants),
    )
