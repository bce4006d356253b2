"""The append-only record of every action: who, what, when, on what, why."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sip.core import clock
from sip.core.db import Model, db


class Event(StrEnum):
    """The name of every action; the interface says it in words (`templates/journal`)."""

    PERSON_CREATED = "person.created"
    PERSON_INVITED = "person.invited"
    PERSON_JOINED = "person.joined"
    PERSON_UPDATED = "person.updated"
    PERSON_ROLES_CHANGED = "person.roles_changed"
    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_SIGNED_OUT = "person.signed_out"
    PERSON_SIGNED_OUT_EVERYWHERE = "person.signed_out_everywhere"
    PERSON_PASSWORD_CHANGED = "person.password_changed"
    PEOPLE_IMPORTED = "people.imported"
    OFFICE_CREATED = "office.created"
    OFFICE_UPDATED = "office.updated"
    CYCLE_CREATED = "cycle.created"
    CYCLE_UPDATED = "cycle.updated"
    CYCLE_STEERING_CHANGED = "cycle.steering_changed"
    MILESTONE_ADDED = "cycle.milestone_added"
    MILESTONE_UPDATED = "cycle.milestone_updated"
    MILESTONE_REMOVED = "cycle.milestone_removed"
    THEME_CREATED = "theme.created"
    THEME_UPDATED = "theme.updated"
    GROUP_CREATED = "group.created"
    GROUP_UPDATED = "group.updated"
    MEMBERSHIP_REQUESTED = "membership.requested"
    MEMBERSHIP_INVITED = "membership.invited"
    MEMBERSHIP_BEGUN = "membership.begun"
    MEMBERSHIP_DECLINED = "membership.declined"
    MEMBERSHIP_ROLE_CHANGED = "membership.role_changed"
    MEMBERSHIP_ENDED = "membership.ended"
    DRAFT_CREATED = "draft.created"
    DRAFT_UPDATED = "draft.updated"
    DRAFT_IMPORTED = "draft.imported"
    SECTION_ADDED = "section.added"
    SECTION_UPDATED = "section.updated"
    SECTION_EDITED = "section.edited"
    SECTION_MOVED = "section.moved"
    SECTION_RETIRED = "section.retired"
    SECTION_BROUGHT_BACK = "section.brought_back"
    VERSION_FROZEN = "draft.version_frozen"
    VERSION_PUBLISHED = "draft.version_published"
    VERSION_RESTORED = "draft.version_restored"
    STAGE_MOVED = "section.stage_moved"
    THREAD_OPENED = "thread.opened"
    THREAD_RESOLVED = "thread.resolved"
    THREAD_REOPENED = "thread.reopened"
    THREAD_DISPOSED = "thread.disposed"
    COMMENT_POSTED = "comment.posted"
    COMMENT_EDITED = "comment.edited"
    COMMENT_REMOVED = "comment.removed"
    COMMENT_REPORTED = "comment.reported"
    COMMENT_LET_THROUGH = "comment.let_through"
    COMMENT_HIDDEN = "comment.hidden"
    COMMENT_SHOWN_AGAIN = "comment.shown_again"
    POSITION_TAKEN = "position.taken"
    AMENDMENT_PROPOSED = "amendment.proposed"
    AMENDMENT_IMPROVED = "amendment.improved"
    AMENDMENT_WITHDRAWN = "amendment.withdrawn"
    AMENDMENT_SUPPORTED = "amendment.supported"
    AMENDMENT_UNSUPPORTED = "amendment.unsupported"
    AMENDMENTS_ANSWERED = "amendment.answered"
    AMENDMENT_ANSWER_UNDONE = "amendment.answer_undone"
    AMENDMENT_HIDDEN = "amendment.hidden"
    AMENDMENT_SHOWN_AGAIN = "amendment.shown_again"
    BALLOT_PLANNED = "ballot.planned"
    BALLOT_CHANGED = "ballot.changed"
    BALLOT_OPENED = "ballot.opened"
    BALLOT_CLOSED = "ballot.closed"
    BALLOT_CANCELLED = "ballot.cancelled"
    VOTE_CAST = "vote.cast"  # in open ballots alone: a secret vote leaves no time behind
    VOTE_CHANGED = "vote.changed"
    PROXY_GIVEN = "proxy.given"
    PROXY_REVOKED = "proxy.revoked"
    REVIEW_RECEIVED = "review.received"
    REVIEW_NOTED = "review.noted"
    REVIEW_ASKED = "review.asked"
    REVIEW_QUESTION_ANSWERED = "review.question_answered"
    RESPONSE_PROPOSED = "response.proposed"
    RESPONSE_SIGNED = "response.signed"
    RESPONSE_UNSIGNED = "response.unsigned"
    RESPONSE_PUBLISHED = "response.published"
    COMMITMENT_MADE = "commitment.made"
    COMMITMENT_CHANGED = "commitment.changed"
    COMMITMENT_REPORTED = "commitment.reported"
    COMMITMENT_ASKED = "commitment.asked"
    COMMITMENT_QUESTION_ANSWERED = "commitment.question_answered"
    BODY_CREATED = "body.created"
    BODY_UPDATED = "body.updated"
    SEAT_TAKEN = "body.seat_taken"
    SEAT_LEFT = "body.seat_left"
    REFERRAL_MADE = "referral.made"
    REFERRAL_ANSWERED = "referral.answered"
    MEETING_CREATED = "meeting.created"
    MEETING_UPDATED = "meeting.updated"
    AGENDA_PUBLISHED = "meeting.agenda_published"
    MINUTES_PUBLISHED = "meeting.minutes_published"
    MEETING_CANCELLED = "meeting.cancelled"
    POINT_PROPOSED = "point.proposed"
    POINT_SUPPORTED = "point.supported"
    POINT_UNSUPPORTED = "point.unsupported"
    POINT_PUT_ON_AGENDA = "point.put_on_agenda"
    POINT_TAKEN_OFF_AGENDA = "point.taken_off_agenda"
    POINT_DECLINED = "point.declined"
    POINT_DECIDED = "point.decided"
    POINT_WITHDRAWN = "point.withdrawn"


class JournalEntry(Model):
    """One action; `data` holds what a reader needs to understand it, never a secret or a full text."""

    __tablename__ = "journal"
    is_news = True
    __table_args__ = (
        Index("ix_journal_draft_id_id", "draft_id", "id"),
        Index("ix_journal_group_id_id", "group_id", "id"),
        Index("ix_journal_cycle_id_id", "cycle_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    # No foreign keys: the record stays whatever becomes of the things it names.
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str | None] = mapped_column(String(200))
    event: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int | None]
    cycle_id: Mapped[int | None]
    group_id: Mapped[int | None]
    draft_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Actor(Protocol):
    """Whoever acts: a person."""

    id: Any
    name: Any


def record(
    actor: Actor | None,
    event: Event,
    subject_id: int | None = None,
    *,
    cycle_id: int | None = None,
    group_id: int | None = None,
    draft_id: int | None = None,
    **data: Any,
) -> JournalEntry:
    """Write one entry into the running transaction; `actor` is None for the system itself."""
    entry = JournalEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else None,
        event=event.value,
        subject_id=subject_id,
        cycle_id=cycle_id,
        group_id=group_id,
        draft_id=draft_id,
        data=data,
    )
    db.session.add(entry)
    return entry
