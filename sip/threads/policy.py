"""Who may take part in what people say of a passage, a section or a document: the table of stages, asked again."""

from datetime import timedelta

from sip.core import clock
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.stages import Role, Stage, Verb, allows
from sip.drafts.models import Draft, Section
from sip.drafts.policy import may_read_draft, may_read_live, opens, roles_on
from sip.people.models import Person
from sip.threads.models import Comment, Thread, ThreadKind, ThreadState

# How long one may mend what one wrote; its earlier wordings stay to be seen.
EDIT_WINDOW = timedelta(minutes=30)

_SIGN_IN = N_("Sign in to take part in the discussion.")
_CLOSED = N_("The discussion is closed at this stage; what was said stays here.")
_COMMENTS_LATER = N_("Members can comment from the stage of consultation on; questions can be asked before.")
_QUESTIONS_LATER = N_("Members can ask questions once the text is open for information.")
_POSITIONS_LATER = N_("Members can take a position from the stage of consultation on.")


def _section(draft: Draft, key: str) -> Section | None:
    return next((section for section in draft.sections if section.key == key), None)


def _sections(draft: Draft, key: str | None) -> list[Section]:
    """Return the section concerned, or all living ones for a draft as a whole; none where there is no such section."""
    if key is None:
        return draft.living_sections
    section = _section(draft, key)
    return [section] if section is not None else []


def _allowed(person: Person | None, draft: Draft, key: str | None, verb: Verb) -> bool:
    roles = roles_on(person, draft)
    if key is None and not draft.living_sections:
        return allows(Stage.DRAFTING, roles, verb)
    return any(opens(section, roles, verb) for section in _sections(draft, key))


def _refusal(draft: Draft, key: str | None, verb: Verb, later: str) -> Answer:
    """Say whether the time for `verb` is over, or from when on members may."""
    order = list(Stage)
    first = min(order.index(stage) for stage in order if allows(stage, {Role.MEMBER}, verb))
    is_later = any(order.index(Stage(section.stage)) < first for section in _sections(draft, key))
    return no(later) if is_later or not _sections(draft, key) else no(_CLOSED)


# Reading


def may_read_discussion(person: Person | None, draft: Draft) -> Answer:
    """Read what is said of a draft: whoever may know of it."""
    return may_read_draft(person, draft)


def may_name_people(person: Person | None, draft: Draft) -> Answer:
    """Be told the names of those who take part, to call them in a comment: members."""
    answer = may_read_draft(person, draft)
    return no(_SIGN_IN) if answer and person is None else answer


def may_see_thread(person: Person | None, thread: Thread) -> Answer:
    """Read a thread: as its draft; internal ones as the live text, and what nobody sees only its author and moderators.

    Of a guest's comment that waits, moderators alone know, and only once the guest has confirmed it.
    """
    draft = thread.draft
    if not may_read_draft(person, draft) or (thread.is_internal and not may_read_live(person, draft)):
        return HIDDEN
    if thread.comments:
        return YES
    if person is None:
        return HIDDEN
    if thread.guest is not None and thread.guest.confirmed_at is None:
        return HIDDEN
    return YES if thread.author_id == person.id or may_moderate(person, draft) else HIDDEN


def may_see_comment(person: Person | None, comment: Comment) -> Answer:
    """Know that a comment is there, if only as a trace; one that waits to be let through, moderators alone."""
    seen = may_see_thread(person, comment.thread)
    if seen and comment.is_held and not may_moderate(person, comment.thread.draft):
        return HIDDEN
    return seen


def may_read_comment(person: Person | None, comment: Comment) -> Answer:
    """Read the words of a comment; hidden ones its author and moderators."""
    seen = may_see_comment(person, comment)
    if not seen:
        return seen
    if comment.removed_at is not None:
        return no(N_("The author has removed this comment."))
    is_author = person is not None and comment.author_id == person.id
    if comment.is_visible or is_author or may_moderate(person, comment.thread.draft):
        return YES
    return no(N_("This comment was hidden by the steering committee."))


def may_read_revisions(person: Person | None, comment: Comment) -> Answer:
    """Read what a comment said before it was edited: as the comment."""
    return may_read_comment(person, comment)


# Taking part


def may_open_thread(
    person: Person | None, draft: Draft, key: str | None = None, kind: ThreadKind | None = None
) -> Answer:
    """Begin a thread in the section `key`, or on the whole draft; without a `kind`: one of some kind."""
    if not may_read_draft(person, draft):
        return HIDDEN
    section = _section(draft, key) if key is not None else None
    if key is not None and section is None:
        return HIDDEN
    if person is None:
        return no(_SIGN_IN)
    if section is not None and section.is_retired:
        return no(N_("This section is no longer part of the text."))
    verbs = _verbs(kind)
    if any(_allowed(person, draft, key, verb) for verb in verbs):
        return YES
    if verbs == [Verb.COMMENT]:
        return _refusal(draft, key, Verb.COMMENT, _COMMENTS_LATER)
    return _refusal(draft, key, Verb.ASK, _QUESTIONS_LATER)


def _verbs(kind: ThreadKind | None) -> list[Verb]:
    if kind is None:
        return [Verb.ASK, Verb.COMMENT]
    return [Verb.ASK] if kind == ThreadKind.QUESTION else [Verb.COMMENT]


def may_comment_as_guest(person: Person | None, draft: Draft, key: str | None = None) -> Answer:
    """Write without an account, where the cycle allows it; whoever has one uses it."""
    if not may_read_draft(person, draft) or (key is not None and _section(draft, key) is None):
        return HIDDEN
    if person is not None:
        return no(N_("You are signed in: comment under your own name."))
    if not draft.theme.cycle.guests_may_comment:
        return no(_SIGN_IN)
    section = _section(draft, key) if key is not None else None
    if section is not None and section.is_retired:
        return no(N_("This section is no longer part of the text."))
    if _allowed(None, draft, key, Verb.COMMENT_AS_GUEST):
        return YES
    return _refusal(draft, key, Verb.COMMENT, _COMMENTS_LATER)


def kinds_open_to(person: Person | None, draft: Draft, key: str | None = None) -> list[ThreadKind]:
    """Return the kinds of threads that `person` may begin there, under their own name."""
    return [kind for kind in ThreadKind if may_open_thread(person, draft, key, kind)]


def _may_talk(person: Person | None, thread: Thread) -> Answer:
    """Take part in a thread that is there: whoever could begin one of its kind, also where its section is retired."""
    seen = may_see_thread(person, thread)
    if not seen:
        return seen
    if person is None:
        return no(_SIGN_IN)
    draft, key = thread.draft, thread.key
    verbs = {*_verbs(ThreadKind(thread.kind)), Verb.COMMENT}
    if any(_allowed(person, draft, key, verb) for verb in verbs):
        return YES
    if thread.kind == ThreadKind.QUESTION:
        return _refusal(draft, key, Verb.ASK, _QUESTIONS_LATER)
    return _refusal(draft, key, Verb.COMMENT, _COMMENTS_LATER)


def may_reply(person: Person | None, thread: Thread) -> Answer:
    """Add a comment to a thread that is not resolved."""
    answer = _may_talk(person, thread)
    if answer and not thread.comments:
        return no(N_("Nothing of this discussion is shown; it cannot go on."))
    if answer and thread.state == ThreadState.RESOLVED:
        return no(N_("This discussion is resolved. Reopen it, or begin another one."))
    return answer


def _may_own(person: Person | None, comment: Comment) -> Answer:
    """What one may only do with a comment of one's own that everybody sees."""
    seen = may_see_comment(person, comment)
    if not seen:
        return seen
    if person is None:
        return no(_SIGN_IN)
    if comment.author_id != person.id:
        return no(N_("Only the author of a comment may do this."))
    if comment.removed_at is not None:
        return no(N_("The author has removed this comment."))
    if comment.hidden_at is not None:
        return no(N_("This comment was hidden by the steering committee."))
    return YES


def may_edit_comment(person: Person | None, comment: Comment) -> Answer:
    """Mend a comment of one's own, for a while."""
    answer = _may_own(person, comment)
    if answer and clock.now() - comment.at > EDIT_WINDOW:
        return no(N_("A comment can be changed for half an hour; then it stays as it is, and you can reply to it."))
    return answer


def may_remove_comment(person: Person | None, comment: Comment) -> Answer:
    """Take back a comment of one's own; a trace of it stays."""
    return _may_own(person, comment)


def _may_meet(person: Person | None, comment: Comment) -> Answer:
    """What one may only do with a comment of somebody else that everybody sees."""
    seen = may_see_comment(person, comment)
    if not seen:
        return seen
    if person is None:
        return no(_SIGN_IN)
    if comment.author_id == person.id:
        return no(N_("This is your own comment."))
    if not comment.is_visible:
        return no(N_("This comment is not shown any more."))
    return YES


def may_react(person: Person | None, comment: Comment) -> Answer:
    """Agree with a comment or thank for it: whoever may talk there."""
    return _may_meet(person, comment) and _may_talk(person, comment.thread)


def may_report(person: Person | None, comment: Comment) -> Answer:
    """Tell moderators that a comment breaks the rules: every member who reads it, at every stage."""
    return _may_meet(person, comment)


def may_take_position(person: Person | None, draft: Draft, key: str) -> Answer:
    """Say what one thinks of a recommendation as a whole."""
    if not may_read_draft(person, draft):
        return HIDDEN
    section = _section(draft, key)
    if section is None:
        return HIDDEN
    if person is None:
        return no(N_("Sign in to take a position."))
    if not section.is_recommendation or section.is_retired:
        return no(N_("Positions are taken on recommendations."))
    if _allowed(person, draft, key, Verb.TAKE_POSITION):
        return YES
    return _refusal(draft, key, Verb.TAKE_POSITION, _POSITIONS_LATER)


# What the group makes of it


def may_answer(person: Person | None, draft: Draft) -> Answer:
    """Answer for the group somewhere in a draft: its facilitator and its secretary."""
    return _may_answer(person, draft, None)


def _may_answer(person: Person | None, draft: Draft, key: str | None) -> Answer:
    if not may_read_draft(person, draft):
        return HIDDEN
    if _allowed(person, draft, key, Verb.ANSWER):
        return YES
    if allows(Stage.DRAFTING, roles_on(person, draft), Verb.ANSWER):
        return no(_CLOSED)
    return no(N_("Only the facilitator and the secretary of the working group may do this."))


def may_dispose(person: Person | None, thread: Thread) -> Answer:
    """Say what the group made of a thread, also again; what nobody sees needs no answer."""
    seen = may_see_thread(person, thread)
    if not seen:
        return seen
    if not thread.comments:
        return no(N_("Nothing of this discussion is shown; it cannot go on."))
    return _may_answer(person, thread.draft, thread.key)


def _may_close(person: Person | None, thread: Thread) -> Answer:
    seen = may_see_thread(person, thread)
    if not seen or (person is not None and thread.author_id == person.id):
        return seen
    answer = _may_answer(person, thread.draft, thread.key)
    if answer or answer.is_hidden:
        return answer
    return no(N_("Whoever began a discussion resolves it, or the facilitator and the secretary of the group."))


def may_resolve(person: Person | None, thread: Thread) -> Answer:
    """Close a thread: whoever began it, and whoever answers for the group."""
    answer = _may_close(person, thread)
    if answer and thread.state == ThreadState.RESOLVED:
        return no(N_("This discussion is resolved already."))
    return answer


def may_reopen(person: Person | None, thread: Thread) -> Answer:
    """Open a resolved thread again: whoever could have closed it."""
    answer = _may_close(person, thread)
    if answer and thread.state != ThreadState.RESOLVED:
        return no(N_("This discussion is open."))
    return answer


# Moderation


def may_moderate(person: Person | None, draft: Draft) -> Answer:
    """Hide comments, and let through those of guests: the cycle's steering committee."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if person is not None and _allowed(person, draft, None, Verb.MODERATE):
        return YES
    return no(N_("Only the steering committee of this cycle may do this."))


def may_hide(person: Person | None, comment: Comment) -> Answer:
    """Hide a comment from everybody but its author and moderators; one that waits is refused by that."""
    return _may_moderate(person, comment, is_right=comment.removed_at is None and comment.hidden_at is None)


def may_show_again(person: Person | None, comment: Comment) -> Answer:
    """Take back that a comment was hidden."""
    return _may_moderate(person, comment, is_right=comment.removed_at is None and comment.hidden_at is not None)


def may_let_through(person: Person | None, comment: Comment) -> Answer:
    """Let everybody read a guest's comment that the guest has confirmed."""
    return _may_moderate(person, comment, is_right=comment.is_held and comment.hidden_at is None)


def may_dismiss(person: Person | None, comment: Comment) -> Answer:
    """Leave a reported comment as it is."""
    return _may_moderate(person, comment, is_right=True)


def _may_moderate(person: Person | None, comment: Comment, *, is_right: bool) -> Answer:
    seen = may_see_comment(person, comment)
    if not seen:
        return seen
    answer = may_moderate(person, comment.thread.draft)
    if answer and not is_right:
        return no(N_("This was done already; look at the comment again."))
    return answer


def may_open_moderation(person: Person | None) -> Answer:
    """Open the list of what waits for a moderator: every member; it shows what waits for them."""
    return YES if person is not None else no(N_("Sign in to see what waits for you."))
