"""The board's answer: proposed, signed, published with the names of who is told; its versions and what changed."""

from dataclasses import dataclass

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.access import require
from sip.core.errors import Conflict, Invalid, Missing
from sip.drafts.texts.compare import ComparedPiece, compare_texts
from sip.reviews import policy, queries
from sip.reviews.actions import responding
from sip.reviews.answers import lacks
from sip.reviews.blueprint import blueprint
from sip.reviews.contributors import told_of
from sip.reviews.file_views import file_address, file_page, new_form, signatures_wanted
from sip.reviews.forms import MarkForm, answer_chosen
from sip.reviews.loading import load_response, load_review
from sip.reviews.models import BoardResponse, Review
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.telling import tell


@blueprint.post("/board/<slug>/<section>/response")
@once
@guard(policy.may_propose, load=load_review)
def propose(review: Review) -> ResponseReturnValue:
    """Propose what the board answers, or change what is proposed; where somebody else did meanwhile, both are shown."""
    form = new_form(review)
    theirs, is_clashing = None, False
    if form.validate():
        try:
            responding.propose(
                current_person(),
                review,
                answer=answer_chosen(form),
                reasons=form.reasons.data or "",
                deferred_until=form.deferred_until.data,
                measures=form.measures_given(queries.measures_of(review)),
                seen=form.seen.data or "",
            )
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            theirs, is_clashing = error.details["theirs"], True
            # Whoever has seen what the others wrote, and saves once more, means it.
            form.seen.data = queries.mark_of(review)
        else:
            said = gettext("The proposed answer is saved. Board members read it, nobody else yet.")
            tell(said, saved=f"board-answer:{review.id}")
            return redirect(file_address(review, "answer"), 303)
    return file_page(review, form=form, theirs=theirs, is_clashing=is_clashing), 409 if is_clashing else 422


def load_proposal(slug: str, section: str) -> BoardResponse:
    """Find the answer that is proposed in `/board/<slug>/<section>`; whether there is one, only the board may know.

    Once it is published, that one: whoever comes a moment late is told so.
    """
    review = load_review(slug, section)
    require(policy.may_propose(current_person(), review))
    response = queries.last_response(review)
    if response is None:
        raise Missing
    return response


@blueprint.post("/board/<slug>/<section>/sign")
@once
@guard(policy.may_sign, load=load_proposal)
def sign(response: BoardResponse) -> ResponseReturnValue:
    """Agree with the proposed answer as it is."""
    try:
        responding.sign(current_person(), response, seen=MarkForm().seen.data or "")
    except (Conflict, Invalid) as error:
        flash(translate(error.message), "warning")
    else:
        flash(gettext("You have signed. A change of the answer takes all signatures away."), "success")
    return redirect(file_address(response.review, "answer"), 303)


@blueprint.post("/board/<slug>/<section>/unsign")
@once
@guard(policy.may_unsign, load=load_proposal)
def unsign(response: BoardResponse) -> ResponseReturnValue:
    """Take one's signature back."""
    responding.unsign(current_person(), response)
    flash(gettext("Your signature is taken back."), "success")
    return redirect(file_address(response.review, "answer"), 303)


@blueprint.route("/board/<slug>/<section>/publish", methods=["GET", "POST"])
@once
@guard(policy.may_publish, load=load_review)
def publish(review: Review) -> ResponseReturnValue:
    """Look once more at the answer and at who will be told, then publish it."""
    proposal = queries.proposal_of(review)
    if proposal is None:
        flash(gettext("There is no proposed answer to publish."), "info")
        return redirect(file_address(review), 303)
    form, wanted = MarkForm(), signatures_wanted()
    if form.validate_on_submit():
        try:
            responding.publish(current_person(), review, seen=form.seen.data or "", signatures=wanted)
        except Invalid as error:
            form.form_errors.append(translate(error.message))
        except Conflict as error:
            flash(translate(error.message), "warning")
            return redirect(file_address(review, "answer"), 303)
        else:
            flash(
                gettext("The board’s answer is published. Next: say what the board commits to, and who does it."),
                "success",
            )
            return redirect(file_address(review, "answer"), 303)
    page = render_template(
        "reviews/publish.html",
        review=review,
        draft=review.draft,
        section=queries.section_of(review),
        proposal=proposal,
        earlier=queries.responses_of(review),
        lacking=[translate(text) for text, _field in lacks(proposal)],
        needed=queries.signatures_needed(wanted),
        told=told_of(review, but=current_person()),
        form=form,
    )
    return page, 422 if form.errors else 200


_Said = tuple[str | None, str]  # the answer, and the reasons for it


@dataclass(frozen=True)
class Changed:
    """What one version of the answer says otherwise than the one before, for the whole or for one measure."""

    name: str  # of the measure; empty for the whole
    before: str | None
    after: str | None
    pieces: list[ComparedPiece]


@blueprint.get("/board/<slug>/<section>/responses/<int:number>")
@guard(policy.may_read_response, load=load_response)
def response(response: BoardResponse) -> ResponseReturnValue:
    """What did this version of the answer say, and what did it change?"""
    review = response.review
    published = queries.responses_of(review)
    older = next((each for each in published if each.number < response.number), None)
    return render_template(
        "reviews/response.html",
        review=review,
        draft=review.draft,
        section=queries.section_of(review),
        response=response,
        published=published,
        older=older,
        changes=_changes(older, response) if older is not None else [],
    )


def _changes(old: BoardResponse, new: BoardResponse) -> list[Changed]:
    """Compare two versions of the answer, the whole first, then measure by measure."""
    pairs: list[tuple[str, _Said, _Said]] = [("", (old.answer, old.reasons), (new.answer, new.reasons))]
    before = {each["slug"]: each for each in old.measures}
    after = {each["slug"]: each for each in new.measures}
    for slug in dict.fromkeys([*before, *after]):
        named = after.get(slug) or before[slug]
        pairs.append((f"{named['letter']}. {named['title']}", _said(before.get(slug)), _said(after.get(slug))))
    return [
        Changed(name, first, then, compare_texts(old_text, new_text, language=new.review.draft.language))
        for name, (first, old_text), (then, new_text) in pairs
        if (first, old_text) != (then, new_text)
    ]


def _said(measure: dict[str, str] | None) -> _Said:
    return (measure["answer"], measure["reasons"]) if measure else (None, "")
