"""Who took part in the making of a recommendation, and is told what the board answers."""

from typing import Any

from sqlalchemy import Select, exists, func, or_, select, union

from sip.amendments.models import Amendment, AmendmentAnswer, Support
from sip.ballots.models import Ballot, BallotSection, BallotState, Secrecy, Turnout
from sip.core.db import db
from sip.drafts.models import draft_groups
from sip.groups.models import Membership, MembershipState
from sip.people.models import Person
from sip.reviews.models import Review
from sip.threads.models import Comment, Guest, Position, Thread


def contributors(review: Review, *, but: Person | None = None) -> Select[Any]:
    """Return the query of (email, language, name), one row for each: members, and guests who confirmed their address.

    Those who spoke of the section, took a position on it, proposed or supported amendments of it, voted openly on it,
    and the people of its working groups.
    """
    ids = union(*_took_part(review), *_voted_or_wrote(review)).subquery()
    members = select(Person.email, Person.language, Person.name).where(Person.id.in_(select(ids.c[0])))
    if but is not None:
        members = members.where(Person.id != but.id)
    wrote = comments_on(review).with_only_columns(Comment.guest_id)
    guests = select(Guest.email, func.min(Guest.language), func.min(Guest.name)).where(
        Guest.id.in_(wrote), Guest.confirmed_at.is_not(None), ~exists().where(Person.email == Guest.email)
    )
    everybody = members.union_all(guests.group_by(Guest.email)).subquery()
    return select(everybody.c[0], everybody.c[1], everybody.c[2])


def told_of(review: Review, *, but: Person | None = None) -> int:
    """Count whom the publication of an answer by `but` would tell."""
    return db.session.scalar(select(func.count()).select_from(contributors(review, but=but).subquery())) or 0


def count_people(review: Review) -> int:
    """Count who spoke of a recommendation, took a position on it, or proposed or supported amendments of it."""
    ids = union(*_took_part(review)).subquery()
    guests = comments_on(review).with_only_columns(func.count(Comment.guest_id.distinct()))
    members = db.session.scalar(select(func.count()).select_from(ids)) or 0
    return members + (db.session.scalar(guests) or 0)


def _took_part(review: Review) -> list[Select[Any]]:
    """Return the queries of the ids of members who took part in the discussion, one for each way to do so."""
    amendments = amendments_of(review)
    return [
        comments_on(review).with_only_columns(Comment.author_id).where(Comment.author_id.is_not(None)),
        select(Position.person_id).where(Position.draft_id == review.draft_id, Position.key == review.key),
        amendments.with_only_columns(Amendment.author_id).where(Amendment.author_id.is_not(None)),
        select(Support.person_id).where(Support.amendment_id.in_(amendments.with_only_columns(Amendment.id))),
    ]


def _voted_or_wrote(review: Review) -> list[Select[Any]]:
    """Return the queries of the ids of those who voted openly, and of the people of the groups."""
    ballots = (
        select(Ballot.id)
        .join(BallotSection, BallotSection.ballot_id == Ballot.id)
        .where(
            BallotSection.section_id == review.section_id,
            Ballot.state == BallotState.CLOSED,
            Ballot.secrecy == Secrecy.OPEN,  # the list of who voted in a secret one is used for nothing else
        )
    )
    groups = select(draft_groups.c.group_id).where(draft_groups.c.draft_id == review.draft_id)
    return [
        select(Turnout.person_id).where(Turnout.ballot_id.in_(ballots)),
        select(Membership.person_id).where(Membership.group_id.in_(groups), Membership.state == MembershipState.ACTIVE),
    ]


def comments_on(review: Review) -> Select[Any]:
    """Return the query of what everybody may know was said of a section."""
    return (
        select(Comment)
        .join(Comment.thread)
        .where(Thread.draft_id == review.draft_id, Thread.key == review.key)
        .where(Thread.is_internal.is_(False), Comment.is_held.is_(False), Comment.hidden_at.is_(None))
    )


def amendments_of(review: Review) -> Select[Any]:
    """Return the query of the amendments of a section, also of the one that brought it into the text."""
    return (
        select(Amendment)
        .outerjoin(Amendment.answer)
        .where(
            Amendment.draft_id == review.draft_id,
            Amendment.hidden_at.is_(None),
            or_(Amendment.key == review.key, AmendmentAnswer.key == review.key),
        )
    )
