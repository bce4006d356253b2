"""The page of one ballot, with the form as it was sent where something in it was wrong."""

import time
from typing import Any

from flask import Response, current_app, make_response, render_template
from flask_babel import gettext

from sip.ballots import policy, queries, rolls
from sip.ballots.forms import ChoiceForm, ConsentForm, MajorityForm, RankingForm, VoteForm, ranking_form
from sip.ballots.loading import giver_in
from sip.ballots.models import Ballot, BallotState, Choice, Method
from sip.ballots.policy import Giver, Standing
from sip.ballots.showing import bars_of, offices_of, ranked, texts_of, title_of
from sip.drafts import policy as draft_policy
from sip.drafts.models import Draft
from sip.drafts.standing import standing_of
from sip.web.guard import current_person

SHOWN_OPINIONS = 20
_LONG = 0.05  # seconds of counting
_RESTS = 20  # times as long a result that took long to count is shown again
SHORT = 2_500  # characters of a first text that stand unfolded above the vote


def vote_form(ballot: Ballot) -> ChoiceForm | RankingForm:
    """Return the form that takes an answer to this ballot."""
    if ballot.method == Method.CONSENT:
        form: ChoiceForm | RankingForm = ConsentForm()
    elif ballot.method == Method.MAJORITY:
        form = MajorityForm()
    else:
        # To leave everything as it is comes last, below what is proposed.
        proposed = sorted(ballot.alternatives, key=lambda each: (each.is_status_quo, each.number))
        form = ranking_form({each.number: title_of(ballot, each.number) for each in proposed})()
    if ballot.is_secret:
        form.opinion.label.text = gettext("A minority opinion")
    return form


def frame(draft: Draft) -> dict[str, Any]:
    """Return what the frame of a document's pages needs."""
    return {"may_read_live": bool(draft_policy.may_read_live(current_person(), draft))}


def kept_nowhere(template: str, ballot: Ballot, **values: object) -> Response:
    """Render a page of a ballot that tells how somebody voted: it is shown once, and no cache keeps it."""
    response = make_response(
        render_template(template, ballot=ballot, draft=ballot.draft, **values, **frame(ballot.draft))
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def ballot_page(ballot: Ballot, sent: VoteForm | None = None) -> str:
    """Render what is decided, how, until when, by whom, and what came out."""
    person, draft, texts = current_person(), ballot.draft, texts_of(ballot)
    standing = rolls.standing_of(person, ballot)
    giver = giver_in(standing, "giver" if sent else "for")
    may_cast = policy.may_cast(person, ballot, standing, giver.person if giver else None)
    return render_template(
        "ballots/show.html",
        draft=draft,
        ballot=ballot,
        texts=texts,
        is_short=len(texts[0].section.body) < SHORT if texts else False,
        standing=standing,
        giver=giver,
        may_cast=may_cast,
        form=sent or (_form_for(ballot, standing, giver) if may_cast else None),
        wrong=sent,
        rounds=queries.rounds_of(ballot),
        **_outcome(ballot),
        **standing_of(person, draft, ballot.section_list[0] if len(ballot.section_list) == 1 else None),
    )


def _form_for(ballot: Ballot, standing: Standing, giver: Giver | None) -> VoteForm:
    """Return the form, filled in with the vote that it would change."""
    form = vote_form(ballot)
    form.giver.data = str(giver.person.id) if giver else ""
    vote = giver.vote if giver else standing.vote
    if vote is not None:
        form.show(vote.choice)
        form.opinion.data, form.is_minority.data = vote.opinion, vote.is_minority
    return form


def _outcome(ballot: Ballot) -> dict[str, Any]:
    """Return what the page shows of the votes: counts where one may see them, opinions once they are counted."""
    person = current_person()
    is_counted = bool(policy.may_see_result(person, ballot))
    if is_counted:
        result = queries.result_of(ballot)
    elif ballot.state == BallotState.OPEN and policy.may_see_interim(person, ballot):
        result = _interim(ballot)
    else:
        return {"result": None}
    return {
        "result": result,
        "bars": bars_of(result),
        "ranked": ranked(ballot, result),
        "offices": offices_of(result),
        "objections": queries.objections(ballot) if is_counted and _has_objections(result) else [],
        "opinions": _opinions(ballot) if is_counted and result.get("opinions") else [],
        "more_opinions": is_counted and result.get("opinions", 0) > SHOWN_OPINIONS,
        "may_see_votes": policy.may_see_votes(person, ballot),
    }


def _has_objections(result: dict[str, Any]) -> bool:
    return bool(result.get("counts", {}).get(Choice.OBJECTION))


def _interim(ballot: Ballot) -> dict[str, Any]:
    """Return how an open ballot stands; where counting it takes long, not counted again at once for the next reader."""
    memory: dict[object, tuple[float, dict[str, Any]]] = current_app.extensions.setdefault("interim_results", {})
    began = time.monotonic()
    key = (ballot.id, ballot.created_at)  # a restored database may give the number to another one
    until, result = memory.get(key, (0.0, {}))
    if began < until:
        return result
    result = queries.interim_of(ballot)
    took = time.monotonic() - began
    if took > _LONG:
        memory[key] = (began + _RESTS * took, result)
    return result


def _opinions(ballot: Ballot) -> list[queries.Opinion]:
    """Return the first minority opinions; objections stand by themselves, with what became of them."""
    found = queries.minority_opinions(ballot, 0, SHOWN_OPINIONS)
    return [opinion for opinion in found if opinion.choice != Choice.OBJECTION]
