"""Persons, the roles they hold everywhere, single-use tokens, and attempts to sign in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from sip.core.db import Model


class Stakeholder(StrEnum):
    """In what capacity somebody belongs to the cooperative."""

    WORKER = "worker"
    PERMANENT_STAFF = "permanent_staff"
    CLIENT = "client"
    SUPPLIER = "supplier"
    PARTNER = "partner"


class PersonRole(StrEnum):
    """A role that holds everywhere, not in one group or cycle."""

    ADMINISTRATOR = "administrator"
    BOARD_MEMBER = "board_member"


class TokenPurpose(StrEnum):
    """What a mailed link is for."""

    SIGN_IN = "sign_in"
    RESET_PASSWORD = "reset_password"
    INVITATION = "invitation"


def _searched(length: int) -> TypeEngine[str]:
    """A text sorted by its bytes on every database, so that "begins with" is a range of its index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Person(Model):
    """A member, or somebody invited who has not answered yet (`joined_at` is None)."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_office_id_name_key", "office_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(_searched(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(120), index=True)
    name_key: Mapped[str] = mapped_column(_searched(120), index=True)  # lower case without accents, for looking up
    password_hash: Mapped[str | None] = mapped_column(String(200))
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    stakeholder: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5), default="fr")
    created_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    # Raised by "sign out everywhere" and by a new password: sessions begun before it are over.
    session_epoch: Mapped[int] = mapped_column(default=0)
    visited_at: Mapped[datetime | None]
    previous_visit_at: Mapped[datetime | None]
    grants: Mapped[list["RoleGrant"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="RoleGrant.role"
    )
    search_keys: Mapped[list["SearchKey"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def roles(self) -> set[PersonRole]:
        """The roles that hold everywhere."""
        return {PersonRole(grant.role) for grant in self.grants}

    @property
    def is_administrator(self) -> bool:
        return PersonRole.ADMINISTRATOR in self.roles

    @property
    def is_board_member(self) -> bool:
        return PersonRole.BOARD_MEMBER in self.roles


class SearchKey(Model):
    """A beginning by which somebody is found: the name from each of its words on, and the address."""

    __tablename__ = "search_keys"
    __table_args__ = (Index("ix_search_keys_key_person_id", "key", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(_searched(254))


class RoleGrant(Model):
    """That a person holds a role."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20), index=True)


class Token(Model):
    """A mailed, single-use right; only the hash of the secret is kept."""

    __tablename__ = "tokens"
    __table_args__ = (Index("ix_tokens_person_id_purpose", "person_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class Attempt(Model):
    """One try at something that is throttled, under a hashed key (an account, a network address)."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
