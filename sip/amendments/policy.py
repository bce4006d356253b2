"""Who may propose another text, support it, and answer it for the group: the table of stages, section by section."""

from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentKind, AmendmentState
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.stages import LADDER, Stage, Verb
from sip.drafts.models import Draft, Section
from sip.drafts.policy import may_arrange, may_edit_section, may_read_draft, opens, roles_on
from sip.people.models import Person


def section_of(draft: Draft, key: str | None) -> Section | None:
    """Return the section of the live text that has this key, also a retired one."""
    return next((section for section in draft.sections if section.key == key), None)


def _opens(person: Person | None, draft: Draft, key: str | None, verb: Verb) -> bool:
    """Say whether `verb` is open to `person` in one section, or somewhere in the draft where `key` is None."""
    roles = roles_on(person, draft)
    sections = draft.living_sections if key is None else [section_of(draft, key)]
    return any(section is not None and opens(section, roles, verb) for section in sections)


def may_amend(person: Person | None, draft: Draft, key: str | None = None) -> Answer:
    """Propose another text for a passage of a section, or a new recommendation where `key` is None: in concertation."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if person is None:
        return no(N_("Sign in to propose an amendment."))
    section = section_of(draft, key)
    if key is not None and (section is None or section.is_retired):
        return no(N_("This section is no longer part of the text."))
    if _opens(person, draft, key, Verb.AMEND):
        return YES
    sections = draft.living_sections if section is None else [section]
    if any(_is_before_concertation(each) for each in sections):
        return no(N_("Amendments are possible from the concertation stage on."))
    return no(N_("The time for amendments is over."))


def _is_before_concertation(section: Section) -> bool:
    stage = Stage(section.stage)
    return stage is Stage.DRAFTING or stage in LADDER[: LADDER.index(Stage.CONCERTATION)]


def may_see_amendment(person: Person | None, amendment: Amendment) -> Answer:
    """Read an amendment: as its document; a hidden one only its author, and those who may hide."""
    if not may_read_draft(person, amendment.draft):
        return HIDDEN
    if amendment.hidden_at is None or _is_author(person, amendment):
        return YES
    return YES if _may_moderate(person, amendment) else HIDDEN


def _is_author(person: Person | None, amendment: Amendment) -> bool:
    return person is not None and person.id == amendment.author_id


def _may_moderate(person: Person | None, amendment: Amendment) -> bool:
    return _opens(person, amendment.draft, amendment.key, Verb.MODERATE)


def _may_touch(person: Person | None, amendment: Amendment) -> Answer:
    """Do something with an amendment: only one that may be seen, is not hidden, and waits for its answer."""
    answer = may_see_amendment(person, amendment)
    if not answer:
        return answer
    if amendment.hidden_at is not None:
        return no(N_("This amendment is hidden."))
    if amendment.state == AmendmentState.WITHDRAWN:
        return no(N_("This amendment was withdrawn."))
    if amendment.state != AmendmentState.OPEN:
        return no(N_("The group has answered this amendment."))
    return YES


def may_improve(person: Person | None, amendment: Amendment) -> Answer:
    """Change the text or the reason of one's own amendment, while it waits for its answer."""
    answer = _may_touch(person, amendment)
    if not answer:
        return answer
    if not _is_author(person, amendment):
        return no(N_("Only its author may do this."))
    return YES if (may := may_amend(person, amendment.draft, amendment.key)) else may


def may_withdraw(person: Person | None, amendment: Amendment) -> Answer:
    """Take one's own amendment back, while it waits for its answer."""
    answer = _may_touch(person, amendment)
    if answer and not _is_author(person, amendment):
        return no(N_("Only its author may do this."))
    return answer


def may_support(person: Person | None, amendment: Amendment) -> Answer:
    """Support an amendment of somebody else, or end that, while it waits for its answer."""
    answer = _may_touch(person, amendment)
    if not answer:
        return answer
    if person is None:
        return no(N_("Sign in to support an amendment."))
    if _is_author(person, amendment):
        return no(N_("This is your own amendment."))
    if _opens(person, amendment.draft, amendment.key, Verb.SUPPORT):
        return YES
    return no(N_("The time for supporting amendments is over."))


def may_answer(person: Person | None, draft: Draft) -> Answer:
    """Answer amendments for the group: its facilitator and its secretary."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if _opens(person, draft, None, Verb.ANSWER):
        return YES
    return no(N_("Only the facilitator and the secretary of the working group may do this."))


def may_decline(person: Person | None, amendment: Amendment) -> Answer:
    """Answer one amendment, whatever the answer."""
    answer = _may_touch(person, amendment)
    return may_answer(person, amendment.draft) if answer else answer


def may_accept(person: Person | None, amendment: Amendment) -> Answer:
    """Write an amendment into the live text: whoever may answer it, while the section's stage lets it change."""
    answer = may_decline(person, amendment)
    if not answer:
        return answer
    return may_write_answer(person, amendment.draft, amendment.key, AmendmentKind(amendment.kind))


def may_write_answer(person: Person | None, draft: Draft, key: str | None, kind: AmendmentKind) -> Answer:
    """Change the live text as an amendment of this kind would."""
    if kind is AmendmentKind.NEW_RECOMMENDATION:
        return may_arrange(person, draft)
    section = section_of(draft, key)
    if section is None or section.is_retired:
        return no(N_("This section is no longer part of the text."))
    return may_edit_section(person, section)


def may_undo_answer(person: Person | None, answer: AmendmentAnswer, draft: Draft) -> Answer:
    """Take an answer back, and what it changed: whoever may answer, while the section's stage lets it change."""
    may = may_answer(person, draft)
    if not may:
        return may
    if answer.undone_at is not None:
        return no(N_("This answer was taken back already."))
    section = section_of(draft, answer.key)
    if answer.update_id is None or section is None:
        return YES
    if section.is_retired:
        return no(N_("This section is no longer part of the text."))
    return may_edit_section(person, section)


def may_hide(person: Person | None, amendment: Amendment) -> Answer:
    """Hide an amendment that breaks the rules, or show it again: the steering committee."""
    if not may_see_amendment(person, amendment):
        return HIDDEN
    if _may_moderate(person, amendment):
        return YES
    return no(N_("Only the steering committee of this cycle may do this."))
