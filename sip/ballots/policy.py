"""Who may call, vote in, count and look into ballots: the table of stages, the clock and the roll."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sip.ballots.models import Ballot, BallotState, Proxy, Vote
from sip.core import clock
from sip.core.access import HIDDEN, YES, Answer, no
from sip.core.messages import N_
from sip.cycles.stages import Stage, Verb, allows
from sip.drafts.models import Draft, Section
from sip.drafts.policy import allowed_somewhere, may_read_draft, opens, roles_on
from sip.people.models import Person

_SIGN_IN = N_("Sign in to vote.")
_LEADERS_ALONE = N_(
    "Only the facilitator and the secretary of the working group, and the steering committee, may do this."
)
_NOT_NOW = N_("Ballots are for recommendations at the stage of codecision.")


@dataclass(frozen=True)
class Giver:
    """Somebody whose proxy holds now: whether their vote is cast, by whom, and the open vote that the holder cast."""

    person: Person
    is_cast: bool = False
    cast_by: int | None = None  # a holder's id; None: by themselves
    vote: Vote | None = None


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a ballot: on its roll, with a vote cast or not, holding the proxies of `givers`."""

    is_on_roll: bool = False
    is_cast: bool = False
    cast_by: int | None = None  # as Giver's
    vote: Vote | None = None
    givers: Sequence[Giver] = field(default=())


def may_read_ballot(person: Person | None, ballot: Ballot) -> Answer:
    """Read a ballot, and what came out: as its document."""
    return may_read_draft(person, ballot.draft)


def _may_call(person: Person | None, draft: Draft, sections: Sequence[Section]) -> Answer:
    """Put these recommendations to the vote: whoever leads the group, and the steering committee, in codecision."""
    if not may_read_draft(person, draft):
        return HIDDEN
    roles = roles_on(person, draft)
    if sections and all(opens(section, roles, Verb.CALL_BALLOT) for section in sections):
        return YES
    return no(_NOT_NOW) if allows(Stage.CODECISION, roles, Verb.CALL_BALLOT) else no(_LEADERS_ALONE)


def may_plan_ballot(person: Person | None, draft: Draft) -> Answer:
    """Put some recommendation of a draft to the vote."""
    if not may_read_draft(person, draft):
        return HIDDEN
    if allowed_somewhere(person, draft, Verb.CALL_BALLOT):
        return YES
    return _may_call(person, draft, [])


def may_plan_on(person: Person | None, draft: Draft, sections: Sequence[Section]) -> Answer:
    """Put exactly these recommendations to the vote."""
    return _may_call(person, draft, sections)


def may_change_ballot(person: Person | None, ballot: Ballot) -> Answer:
    """Change a ballot until it opens."""
    may = _may_call(person, ballot.draft, ballot.section_list)
    if may and (ballot.state != BallotState.PLANNED or ballot.opens_at <= clock.now()):
        return no(N_("This ballot has opened: it stays as it is. You can cancel it, and plan another one."))
    return may


def may_cancel_ballot(person: Person | None, ballot: Ballot) -> Answer:
    """Cancel a ballot until it is over."""
    may = _may_call(person, ballot.draft, ballot.section_list)
    if not may:
        return may
    if ballot.state == BallotState.CANCELLED:
        return no(N_("This ballot was cancelled already."))
    if not ballot.is_unfinished or ballot.is_awaiting_count:
        return no(N_("This ballot is over: its result stays."))
    return YES


def may_close_early(person: Person | None, ballot: Ballot) -> Answer:
    """Count at once, where everybody on the roll has voted."""
    may = _may_call(person, ballot.draft, ballot.section_list)
    if not may:
        return may
    if ballot.state != BallotState.OPEN or not ballot.is_open_now:
        return no(N_("This ballot is not open."))
    if ballot.voted < ballot.on_roll:
        return no(N_("A ballot ends early only once everybody on its roll has voted."))
    return YES


def may_start_next_round(person: Person | None, ballot: Ballot) -> Answer:
    """Put the same question to the vote again, once a ballot is counted or cancelled."""
    may = _may_call(person, ballot.draft, ballot.section_list)
    if may and ballot.is_unfinished:
        return no(N_("Another round can begin once this ballot is closed."))
    return may


# Voting


def may_vote(person: Person | None, ballot: Ballot) -> Answer:
    """Vote at this moment, whatever the roll says: the stage opens it, and the dates; rights end at that second."""
    if not may_read_ballot(person, ballot):
        return HIDDEN
    if person is None:
        return no(_SIGN_IN)
    if ballot.state == BallotState.CANCELLED:
        return no(N_("This ballot was cancelled."))
    if ballot.state == BallotState.CLOSED or ballot.closes_at <= clock.now():
        return no(N_("This ballot is over: no vote can be cast any more."))
    if ballot.opens_at > clock.now():
        return no(N_("This ballot is not open yet."))
    roles = roles_on(person, ballot.draft)
    if not all(opens(section, roles, Verb.VOTE) for section in ballot.section_list):
        return no(_NOT_NOW)
    return YES


def may_cast(person: Person | None, ballot: Ballot, standing: Standing, giver: Person | None = None) -> Answer:
    """Cast one's own vote, or that of `giver`, or change it in an open ballot."""
    may = may_vote(person, ballot)
    if not may:
        return may
    assert person is not None
    if not standing.is_on_roll:
        return no(N_("You are not on the roll of this ballot: it was written when the ballot opened."))
    if giver is None:
        if standing.is_cast and ballot.is_secret:
            return no(_final(standing.cast_by))
        return YES
    given = next((each for each in standing.givers if each.person.id == giver.id), None)
    if given is None:
        return no(N_("You hold no proxy of this person for this ballot."))
    if given.is_cast and given.cast_by != person.id:
        return no(N_("%(name)s has voted: the proxy ends with that."), name=giver.name)
    if given.is_cast and ballot.is_secret:
        return no(N_("You have voted for %(name)s. In a secret ballot a vote is final."), name=giver.name)
    return YES


def _final(cast_by: int | None) -> str:
    if cast_by is None:
        return N_("You have voted. In a secret ballot a vote is final.")
    return N_("Whoever holds your proxy has voted for you. In a secret ballot a vote is final.")


# What came out


def may_see_interim(person: Person | None, ballot: Ballot) -> Answer:
    """See counts while the ballot is open, where it says so."""
    if not may_read_ballot(person, ballot):
        return HIDDEN
    if ballot.is_unfinished and not ballot.shows_interim:
        return no(N_("What was voted is shown once the ballot is closed."))
    return YES


def may_see_result(person: Person | None, ballot: Ballot) -> Answer:
    """See what came out: once it is counted."""
    if not may_read_ballot(person, ballot):
        return HIDDEN
    if ballot.state == BallotState.CANCELLED:
        return no(N_("This ballot was cancelled: its votes were not counted."))
    if ballot.state != BallotState.CLOSED:
        return no(N_("What was voted is shown once the ballot is closed."))
    return YES


def may_see_votes(person: Person | None, ballot: Ballot) -> Answer:
    """Read the votes one by one, once counted: codes of a secret ballot everybody, names with votes members."""
    may = may_see_result(person, ballot)
    if may and person is None and not ballot.is_secret:
        return no(N_("Sign in to see who voted what: names are for members."))
    return may


def may_see_roll(person: Person | None, ballot: Ballot) -> Answer:
    """See who may vote, and in open ballots who has: whoever may call ballots here, at whatever stage."""
    if not may_read_ballot(person, ballot):
        return HIDDEN
    if allows(Stage.CODECISION, roles_on(person, ballot.draft), Verb.CALL_BALLOT):
        return YES
    return no(_LEADERS_ALONE)


# Proxies


def may_open_proxies(person: Person | None) -> Answer:
    """Give and take back proxies, and see those one holds: every member."""
    return YES if person is not None else no(N_("Sign in to see your proxies."))


def may_revoke_proxy(person: Person | None, proxy: Proxy) -> Answer:
    """Take back a proxy that one gave; nobody but its two people may know of it."""
    if person is None or person.id not in (proxy.giver_id, proxy.holder_id):
        return HIDDEN
    if person.id != proxy.giver_id:
        return no(N_("Only whoever gave a proxy takes it back."))
    if proxy.revoked_at is not None:
        return no(N_("You have taken this proxy back already."))
    return YES
