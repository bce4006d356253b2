"""Who may read, write, freeze and publish: the table of stages, asked with the roles that a person has here."""

from collections.abc import Sequence

from sip.core import clock
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.models import Theme
from sip.cycles.policy import is_steering, may_edit_cycle
from sip.cycles.stages import MOVES, Role, Stage, Verb, allows, who_may
from sip.drafts.models import Draft, Section, Version
from sip.groups.models import WorkingGroup
from sip.groups.policy import LEADING_ROLES, role_in
from sip.people.models import Person


def roles_on(person: Person | None, draft: Draft) -> set[Role]:
    """Return every role in which `person` meets `draft`."""
    if person is None:
        return {Role.VISITOR}
    roles = {Role.MEMBER}
    roles |= {Role(role.value) for group in draft.groups if (role := role_in(person, group))}
    if is_steering(person, draft.theme.cycle):
        roles.add(Role.STEERING)
    if person.is_board_member:
        roles.add(Role.BOARD)
    if person.is_administrator:
        roles.add(Role.ADMINISTRATOR)
    return roles


def opens(section: Section, roles: set[Role], verb: Verb) -> bool:
    """Say whether a section's stage opens `verb` to any of `roles` at this very moment."""
    return allows(Stage(section.stage), roles, verb, is_over=is_over(section))


def is_over(section: Section) -> bool:
    """Say whether what a section's stage opens to members has ended."""
    return section.stage_closes_at is not None and section.stage_closes_at <= clock.now()


def allowed_somewhere(person: Person | None, draft: Draft, verb: Verb) -> bool:
    """Say whether the stage of some section opens `verb` to `person`; a stage that has closed counts as open."""
    roles = roles_on(person, draft)
    open_at = {stage for stage in Stage if allows(stage, roles, verb)}
    if not open_at or len(open_at) == len(Stage):
        return bool(open_at)  # whatever the sections say: a reader costs no look at them
    return bool(open_at & ({Stage(section.stage) for section in draft.living_sections} or {Stage.DRAFTING}))


def may_read_draft(person: Person | None, draft: Draft) -> Answer:
    """Know of a draft: everybody once a version is published, before that its group."""
    if draft.published_number is not None or allowed_somewhere(person, draft, Verb.READ_LIVE):
        return YES
    return HIDDEN


def may_read_version(person: Person | None, version: Version) -> Answer:
    """Read a version: everybody if it is published, else whoever may read the live text."""
    return YES if version.published_at is not None or may_read_live(person, version.draft) else HIDDEN


def may_read_live(person: Person | None, draft: Draft) -> Answer:
    """Read the text being written, and versions that are not published."""
    if allowed_somewhere(person, draft, Verb.READ_LIVE):
        return YES
    if not may_read_draft(person, draft):
        return HIDDEN
    return no(N_("The text being written is its working group's; you can read the last published version."))


def may_edit_section(person: Person | None, section: Section) -> Answer:
    """Write in a section: the group, while the section's stage lets it write."""
    return _may_edit(section, may_read_live(person, section.draft), roles_on(person, section.draft))


def may_edit_sections(person: Person | None, draft: Draft) -> dict[str, Answer]:
    """Answer `may_edit_section` for all sections of a draft, by their keys, at the cost of one."""
    is_reader, roles = may_read_live(person, draft), roles_on(person, draft)
    return {section.key: _may_edit(section, is_reader, roles) for section in draft.sections}


def _may_edit(section: Section, is_reader: Answer, roles: set[Role]) -> Answer:
    if not is_reader:
        return is_reader
    if section.is_retired:
        return no(N_("This section was retired. Bring it back to write in it."))
    if allows(Stage(section.stage), roles, Verb.EDIT_TEXT):
        return YES
    if any(allows(Stage.DRAFTING, {role}, Verb.EDIT_TEXT) for role in roles):
        return no(N_("The text stands still at this stage."))
    return no(N_("Only people of the working group write in this text."))


def may_write(person: Person | None, draft: Draft) -> Answer:
    """Write somewhere in the live text: the group, while some section's stage lets it write."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if allowed_somewhere(person, draft, Verb.EDIT_TEXT):
        return YES
    if any(allows(Stage.DRAFTING, {role}, Verb.EDIT_TEXT) for role in roles_on(person, draft)):
        return no(N_("The text stands still at this stage."))
    return no(N_("Only people of the working group write in this text."))


def _may(person: Person | None, draft: Draft, verb: Verb) -> Answer:
    """Answer for what the facilitator and the secretary do."""
    if not may_read_live(person, draft):
        return may_read_live(person, draft)
    return YES if allowed_somewhere(person, draft, verb) else _refusal(person, draft, verb)


def _refusal(person: Person | None, draft: Draft, verb: Verb) -> Answer:
    """Say whether it is the stage or the role that stands in the way."""
    if allows(Stage.DRAFTING, roles_on(person, draft), verb):
        return no(N_("The text stands still at this stage."))
    return no(N_("Only the facilitator and the secretary of the working group may do this."))


def may_arrange(person: Person | None, draft: Draft) -> Answer:
    """Add a section, which begins in drafting whatever the stage of the others; change the draft's title."""
    return _may(person, draft, Verb.ARRANGE)


def may_arrange_section(person: Person | None, section: Section) -> Answer:
    """Rename, move, retire or bring back a section: while its own stage lets it change."""
    draft = section.draft
    if not may_read_live(person, draft):
        return may_read_live(person, draft)
    if allows(Stage(section.stage), roles_on(person, draft), Verb.ARRANGE):
        return YES
    return _refusal(person, draft, Verb.ARRANGE)


def may_freeze(person: Person | None, draft: Draft) -> Answer:
    """Freeze a version."""
    return _may(person, draft, Verb.FREEZE)


def may_restore(person: Person | None, version: Version) -> Answer:
    """Take the text of a version back: whoever may freeze one; others are told of it only where they may read it.

    Whether every section concerned may change, `may_restore_over` says.
    """
    return may_freeze(person, version.draft) if may_read_version(person, version) else HIDDEN


def may_restore_over(person: Person | None, version: Version, changed: Sequence[Section]) -> Answer:
    """Take the text of a version back where that changes these sections: while the stage of each lets it change."""
    answer = may_restore(person, version)
    still = [section for section in sections_kept_in_place(person, version.draft) if section in changed]
    if answer and still:
        return no(
            N_("This would change sections that stand still at their stage: %(sections)s."),
            sections=", ".join(section.title for section in still),
        )
    return answer


def sections_standing_still(person: Person | None, draft: Draft) -> list[Section]:
    """Return the sections, in their order, to which `person` may not give an earlier text at their stage."""
    roles = roles_on(person, draft)
    return [section for section in draft.sections if not allows(Stage(section.stage), roles, Verb.FREEZE)]


def sections_kept_in_place(person: Person | None, draft: Draft) -> list[Section]:
    """Return the sections, in their order, of which `person` may not change heading, group and order."""
    roles = roles_on(person, draft)
    return [section for section in draft.sections if not allows(Stage(section.stage), roles, Verb.ARRANGE)]


def may_publish(person: Person | None, version: Version) -> Answer:
    """Publish a version that is not published yet; others are told of it only where they may read it."""
    if not may_read_version(person, version):
        return HIDDEN
    answer = _may(person, version.draft, Verb.PUBLISH)
    if answer and version.published_at is not None:
        return no(N_("This version is published already."))
    return answer


def may_open_stages(person: Person | None, draft: Draft) -> Answer:
    """See where each recommendation could go next: whoever may move one of them."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if allowed_somewhere(person, draft, Verb.MOVE):
        return YES
    if draft.published_number is None:
        return no(N_("Publish a version first: that opens the first stage."))
    return _only_movers({Stage(section.stage) for section in draft.living_sections})


def may_move(person: Person | None, section: Section, to: Stage) -> Answer:
    """Move a section to another stage, as the table of moves allows."""
    if not may_read_draft(person, section.draft):
        return HIDDEN
    if not leads_to(section, to):
        return no(N_("From the stage where this recommendation stands, that is not the next step."))
    if allows(Stage(section.stage), roles_on(person, section.draft), Verb.MOVE):
        return YES
    return _only_movers({Stage(section.stage)})


def leads_to(section: Section, to: Stage) -> bool:
    """Say whether the table of moves leads from the stage of a section to another one."""
    return to in MOVES.get(Stage(section.stage), ())


def _only_movers(stages: set[Stage]) -> Answer:
    """Say who moves what stands at these stages."""
    movers = {role for stage in stages for role in who_may(stage, Verb.MOVE)}
    if Role.FACILITATOR in movers:
        return no(
            N_("Only the facilitator and the secretary of the working group, and the steering committee, may do this.")
        )
    if Role.BOARD in movers:
        return no(N_("The recommendations are with the board: its members say how they go on."))
    return no(N_("Only the steering committee of this cycle may do this."))


def may_create_draft(person: Person | None, theme: Theme, groups: list[WorkingGroup]) -> Answer:
    """Begin or import a draft for a theme: whoever leads one of its groups, its cycle's steering committee."""
    if any(role_in(person, group) in LEADING_ROLES for group in groups):
        return YES
    if may_edit_cycle(person, theme.cycle):
        return YES
    return no(N_("Only the facilitator or the secretary of a group working on this theme may begin a document."))
