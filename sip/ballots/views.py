"""The pages of ballots: the list of a document's, one with all that it came to, its votes, its roll."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from sip.ballots import files, planning_views, policy, proxy_views, queries, rolls, voting_views
from sip.ballots.ballot_page import ballot_page, frame, kept_nowhere
from sip.ballots.blueprint import blueprint
from sip.ballots.loading import load_ballot, load_draft
from sip.ballots.models import Ballot
from sip.core.errors import Missing
from sip.cycles import queries as cycle_queries
from sip.drafts import policy as draft_policy
from sip.drafts.models import Draft
from sip.drafts.standing import standing_of
from sip.web.guard import current_person, guard
from sip.web.paging import Page, page_number, paginate
from sip.web.spreadsheets import csv_line
from sip.web.transaction import reads_first

__all__ = ["blueprint", "planning_views", "proxy_views", "voting_views"]

PER_PAGE = 20
LINES_PER_PAGE = 100


@blueprint.get("/drafts/<slug>/ballots")
@guard(draft_policy.may_read_draft, load=load_draft)
def index(draft: Draft) -> ResponseReturnValue:
    """What is, was and will be decided on this document?"""
    return render_template(
        "ballots/index.html",
        draft=draft,
        page=paginate(queries.ballots_of(draft), per_page=PER_PAGE),
        may_plan=policy.may_plan_ballot(current_person(), draft),
        **standing_of(current_person(), draft),
    )


@blueprint.get("/ballots/<int:number>")
@guard(policy.may_read_ballot, load=load_ballot)
def show(ballot: Ballot) -> ResponseReturnValue:
    """What are we deciding, how, until when, who may, and what came out?"""
    return ballot_page(ballot)


@blueprint.get("/ballots/<int:number>/opinions")
@guard(policy.may_see_result, load=load_ballot)
def opinions(ballot: Ballot) -> ResponseReturnValue:
    """What did voters want to stand in the result?"""
    page = _slice(
        queries.result_of(ballot).get("opinions", 0),
        lambda start: queries.minority_opinions(ballot, start, LINES_PER_PAGE),
    )
    return render_template("ballots/opinions.html", draft=ballot.draft, ballot=ballot, page=page, **frame(ballot.draft))


@blueprint.get("/ballots/<int:number>/votes")
@guard(policy.may_see_votes, load=load_ballot)
def votes(ballot: Ballot) -> ResponseReturnValue:
    """Who voted what, or under which code?"""
    if ballot.is_secret:
        page = _codes(ballot)
    else:
        page = paginate(queries.votes_of(ballot), total=ballot.voted, per_page=LINES_PER_PAGE)
    return render_template("ballots/votes.html", draft=ballot.draft, ballot=ballot, page=page, **frame(ballot.draft))


# A code says what its voter voted: it never stands in an address, which histories and the records of servers keep.
@blueprint.post("/ballots/<int:number>/votes")
@reads_first
@guard(policy.may_see_votes, load=load_ballot)
def check_code(ballot: Ballot) -> ResponseReturnValue:
    """Is my secret vote among those that were counted, as I cast it?"""
    if not ballot.is_secret:
        raise Missing
    code = request.form.get("code", "").strip()[:60]
    found = queries.vote_of_code(ballot, code) if code else None
    return kept_nowhere("ballots/votes.html", ballot, page=_codes(ballot), code=code, found=found)


def _codes(ballot: Ballot) -> Page:
    return _slice(ballot.voted, lambda start: queries.codes_of(ballot, start, LINES_PER_PAGE))


def _slice(total: int, read: Callable[[int], Sequence[Any]]) -> Page:
    """Return the page asked for of a list that is no table: `read(start)` gives its lines from there on."""
    number = page_number()
    if number > 1 and (number - 1) * LINES_PER_PAGE >= total:
        raise Missing
    return Page(read((number - 1) * LINES_PER_PAGE), number, LINES_PER_PAGE, total)


@blueprint.get("/ballots/<int:number>/votes.csv")
@guard(policy.may_see_votes, load=load_ballot)
def votes_file(ballot: Ballot) -> ResponseReturnValue:
    """All votes as a file, to be counted again by whoever wants to; it is sent while it is read."""
    response = Response(stream_with_context(_lines(ballot)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=ballot-{ballot.id}-votes.csv"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _lines(ballot: Ballot) -> Iterator[str]:
    """Give the file piece by piece; a byte order mark tells spreadsheets that it is UTF-8."""
    yield "\ufeff" + csv_line(files.header(ballot))
    for row in files.rows(ballot):
        yield csv_line(row)


@blueprint.get("/ballots/<int:number>/roll")
@guard(policy.may_see_roll, load=load_ballot)
def roll(ballot: Ballot) -> ResponseReturnValue:
    """Who may vote, and in an open ballot who has?"""

    def read(start: int) -> Sequence[rolls.RollRow]:
        return rolls.roll_page(ballot, start, LINES_PER_PAGE, with_turnout=not ballot.is_secret)

    return render_template(
        "ballots/roll.html",
        draft=ballot.draft,
        ballot=ballot,
        page=_slice(ballot.on_roll, read),
        offices={office.id: office.name for office in cycle_queries.offices()},
        **frame(ballot.draft),
    )
