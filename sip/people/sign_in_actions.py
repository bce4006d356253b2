"""Signing in by password, mailed link and invitation; signing out everywhere; new passwords."""

from typing import Any

from sip.core import clock, journal, outbox
from sip.core.access import require
from sip.core.db import db, transaction
from sip.core.errors import Invalid
from sip.core.journal import Event
from sip.core.messages import message
from sip.people import passwords, policy, queries, throttle, tokens
from sip.people.actions import Profile, fill_profile
from sip.people.models import Person, Token, TokenPurpose
from sip.people.names import normal_email

# What a letter of this kind carries is made when it leaves: no secret is ever stored, and its time begins then.
LETTERS = {
    "sign_in_link": TokenPurpose.SIGN_IN,
    "reset_password": TokenPurpose.RESET_PASSWORD,
    "invitation": TokenPurpose.INVITATION,
}


def sign_in_with_password(email: str, password: str, network: str) -> Person:
    """Return who signs in; raises Invalid, the same for a wrong password as for nobody, or Throttled.

    Ends the running transaction: the try is committed at once, and no lock is held while the password is hashed.
    """
    address = _address(email)
    mine = throttle.account("sign-in", address)
    with transaction():
        counted = throttle.count_try(mine, *_network("sign-in", network))
        found = queries.credentials_of(address)
    stored = found.password_hash if found else None
    if not passwords.is_right(stored, password) or found is None or stored is None:
        raise Invalid(message("This address and this password do not belong together."))
    renewed = passwords.hash_password(password) if passwords.is_outdated(stored) else None
    throttle.forget(counted, mine)
    person = queries.person_by_id(found.person_id)
    if person.password_hash != stored:  # it was changed while this one was checked: sessions with the old one are over
        raise Invalid(message("This address and this password do not belong together."))
    if renewed is not None:
        person.password_hash = renewed
    _note_sign_in(person, "password")
    return person


def ask_for_letter(kind: str, email: str, language: str, network: str, **data: Any) -> None:
    """Ask for a mail of one of LETTERS; the same work for known and unknown addresses. Raises Invalid or Throttled."""
    address = normal_email(email)
    if address is None:
        raise Invalid(message("This is not an email address."), "email")
    limits = (
        throttle.account("letter", address, throttle.LETTERS_PER_ACCOUNT),
        *_network("letter", network, throttle.LETTERS_PER_NETWORK),
    )
    with transaction():
        throttle.count_try(*limits)
    outbox.hurry(outbox.post(address, language, kind, **data))
    db.session.flush()


def complete_letter(kind: str, recipient: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return language and contents of a letter that leaves now, with its secret; None where nobody is to get it."""
    person = queries.person_by_email(recipient)
    if person is None or (kind == "invitation" and person.joined_at is not None):
        return None
    kept = {"next": data["next"]} if data.get("next") else {}
    secret = tokens.issue(person, LETTERS[kind], **kept)
    return person.language, {**data, "name": person.name, "token": secret}


def sign_in_with_link(token: Token) -> Person:
    """Use a mailed link; raises Invalid where it was used in the same moment."""
    _use(token)
    _join(token.person)
    _note_sign_in(token.person, "link")
    return token.person


def accept_invitation(token: Token, profile: Profile, password: str | None) -> Person:
    """Join with an invitation, with a password or without; raises Invalid."""
    person = token.person
    fill_profile(person, profile)
    if password:
        passwords.check_new(password, email=person.email, name=person.name)
        person.password_hash = passwords.hash_password(password)
    _use(token)
    _join(person)
    _note_sign_in(person, "invitation")
    return person


def reset_password(token: Token, password: str) -> Person:
    """Set a new password with a mailed link; all sessions begun before are over. Raises Invalid."""
    person = token.person
    passwords.check_new(password, email=person.email, name=person.name)
    _use(token)
    _join(person)
    _set_password(person, person, password)
    _note_sign_in(person, "reset")
    return person


def change_password(actor: Person, current: str, new: str, network: str) -> None:
    """Change one's own password; `current` is not asked where there is none yet. Raises Invalid or Throttled.

    Ends the running transaction, as signing in does; all sessions begun before are over.
    """
    require(policy.may_edit_profile(actor, actor))
    passwords.check_new(new, email=actor.email, name=actor.name, field="new_password")
    stored, mine = actor.password_hash, throttle.account("password", actor.email)
    if stored is not None:
        with transaction():
            counted = throttle.count_try(mine, *_network("password", network))
        if not passwords.is_right(stored, current):
            raise Invalid(message("This is not your current password."), "current_password")
        throttle.forget(counted, mine)
    db.session.refresh(actor, with_for_update={"of": Person})
    if actor.password_hash != stored:  # it was changed while this one was checked
        raise Invalid(message("This is not your current password."), "current_password")
    _set_password(actor, actor, new)


def sign_out(actor: Person, device: str) -> None:
    """Note that `actor` ends the session on one device: what is open there ends too."""
    journal.record(actor, Event.PERSON_SIGNED_OUT, actor.id, device=device)
    db.session.flush()


def sign_out_everywhere(actor: Person) -> None:
    """End all sessions of `actor`, on every device."""
    actor.session_epoch += 1
    tokens.revoke(actor.id, *TokenPurpose)
    journal.record(actor, Event.PERSON_SIGNED_OUT_EVERYWHERE, actor.id)
    db.session.flush()


def _set_password(actor: Person, person: Person, password: str) -> None:
    person.password_hash = passwords.hash_password(password)
    person.session_epoch += 1
    tokens.revoke(person.id, *TokenPurpose)
    outbox.post(person.email, person.language, "password_changed", name=person.name)
    journal.record(actor, Event.PERSON_PASSWORD_CHANGED, person.id)
    db.session.flush()


def _use(token: Token) -> None:
    if not tokens.use(token):
        raise Invalid(message("This link has just been used. Please ask for a new one."))


def _join(person: Person) -> None:
    """Whoever proved to receive mail at the address has joined."""
    if person.joined_at is None:
        person.joined_at = clock.now()
        tokens.revoke(person.id, TokenPurpose.INVITATION)
        journal.record(person, Event.PERSON_JOINED, person.id)


def _note_sign_in(person: Person, how: str) -> None:
    journal.record(person, Event.PERSON_SIGNED_IN, person.id, how=how)
    db.session.flush()


def _address(email: str) -> str:
    """What the account is looked up by; nonsense is counted like an address, and nobody has it."""
    return normal_email(email) or f"?{email.strip().lower()[:300]}".replace("\0", "")


def _network(what: str, network: str, most: int = throttle.PER_NETWORK) -> tuple[throttle.Limit, ...]:
    """No limit where the address is unknown, behind a Unix socket: everybody would share it."""
    return (throttle.network(what, network, most),) if network else ()
