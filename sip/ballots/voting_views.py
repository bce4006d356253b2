"""Casting a vote: in the open, or in secret, with a receipt that only the voter sees."""

from flask import Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from sip.ballots import policy, queries, rolls
from sip.ballots.actions import closing, voting
from sip.ballots.ballot_page import ballot_page, kept_nowhere, vote_form
from sip.ballots.blueprint import blueprint
from sip.ballots.forms import RankingForm, VoteForm
from sip.ballots.loading import giver_in, load_ballot
from sip.ballots.models import Ballot
from sip.ballots.policy import Giver
from sip.core.access import require
from sip.core.db import db
from sip.core.errors import Conflict, Denied, Invalid
from sip.core.messages import message
from sip.people.models import Person
from sip.web.guard import current_person, guard
from sip.web.once import once
from sip.web.transaction import read_on, reads_first, write_now


# Not under `once`, which would keep something of a secret vote beside the voter: the roll lets nobody vote twice.
@blueprint.post("/ballots/<int:number>/vote")
@reads_first
@guard(policy.may_vote, load=load_ballot)
def vote(ballot: Ballot) -> ResponseReturnValue:
    """Cast a vote, one's own or that of somebody whose proxy one holds."""
    person = current_person()
    # Most vote for themselves: what the roll says of them the action asks.
    giver = giver_in(rolls.standing_of(person, ballot), "giver") if request.form.get("giver") else None
    form = vote_form(ballot)
    if form.validate_on_submit():
        try:
            choice = _choice(ballot, form)
            if ballot.is_secret:
                return _in_secret(ballot, form, choice, giver)
            given_for = giver.person if giver else None
            write_now()
            cast = voting.cast(
                person,
                ballot,
                choice,
                opinion=form.opinion.data or "",
                is_minority=form.is_minority.data,
                giver=given_for,
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(_said(given_for, is_changed=cast.is_changed), "success")
            return redirect(url_for(".show", number=ballot.id, _anchor="vote"), 303)
    return ballot_page(ballot, form), 422


def _choice(ballot: Ballot, form: VoteForm) -> str:
    """Return the answer as votes are stored; raises Invalid for an order that is none."""
    if isinstance(form, RankingForm):
        return voting.ranking(ballot, form.ranks)
    return str(form.choice.data)


def _said(giver: Person | None, *, is_changed: bool) -> str:
    if giver is not None:
        return gettext(
            "You have voted for %(name)s. Until the ballot closes, you can change that vote.", name=giver.name
        )
    if is_changed:
        return gettext("Your vote is changed. Until the ballot closes, you can change it again.")
    return gettext("Your vote is cast. Until the ballot closes, you can change it.")


def _in_secret(ballot: Ballot, form: VoteForm, choice: str, giver: Giver | None) -> Response:
    """Ask once more, with the receipt code at hand, then cast for good.

    The code goes to the voter before the vote does, so that no answer lost on its way takes it along; signed, so that
    nobody chooses it. The same form sent again is told from the urn: it says whether the code lies in it.
    """
    person = current_person()
    voter = giver.person if giver else person
    code = _unsealed(ballot, voter, request.form.get("receipt", ""))
    if code is None:
        require(policy.may_cast(person, ballot, rolls.standing_of(person, ballot), giver.person if giver else None))
        code = voting.new_code()
        sealed = _serializer().dumps([ballot.id, voter.id, code])
        return kept_nowhere(
            "ballots/confirm.html", ballot, giver=giver, form=form, choice=choice, code=code, receipt=sealed
        )
    write_now()
    try:
        voting.cast(
            person,
            ballot,
            choice,
            opinion=form.opinion.data or "",
            is_minority=bool(form.opinion.data),
            giver=giver.person if giver else None,
            code=code,
        )
    except (Conflict, Denied, Invalid):
        if not queries.holds_code(ballot, code):
            raise
        db.session.rollback()
    read_on()
    return kept_nowhere("ballots/receipt.html", ballot, giver=giver, code=code)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="receipt")


def _unsealed(ballot: Ballot, voter: Person, receipt: str) -> str | None:
    """Return the code that was drawn for this voter in this ballot, None before; raises Invalid for a forged one."""
    if not receipt:
        return None
    try:
        number, person_id, code = _serializer().loads(receipt)
    except (BadSignature, ValueError):
        number, person_id, code = 0, 0, ""
    if (number, person_id) != (ballot.id, voter.id):
        raise Invalid(message("Your vote was not cast: please choose your answer once more."))
    return str(code)


@blueprint.post("/ballots/<int:number>/close")
@once
@guard(policy.may_close_early, load=load_ballot)
def close(ballot: Ballot) -> ResponseReturnValue:
    """Count at once, since everybody has voted."""
    closing.close_early(current_person(), ballot)
    flash(gettext("The ballot is closed, and its votes are counted."), "success")
    return redirect(url_for(".show", number=ballot.id, _anchor="result"), 303)
