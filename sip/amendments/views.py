"""The pages of amendments: the list of a document's, and one with all that became of it."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.amendments import answer_views, chain_views, models, policy, proposing_views, queries
from sip.amendments.actions import proposing, supporting
from sip.amendments.blueprint import blueprint
from sip.amendments.loading import load_amendment, load_draft
from sip.amendments.models import Amendment, AmendmentKind, AmendmentState
from sip.amendments.queries import Chosen
from sip.amendments.showing import grouped, reader_of, shown
from sip.amendments.targets import proposals_of
from sip.core.errors import Invalid, Missing
from sip.drafts import policy as draft_policy
from sip.drafts import queries as draft_queries
from sip.drafts.loading import number_of
from sip.drafts.models import Draft
from sip.drafts.passages import last_text
from sip.threads.queries import stamp_of
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate

__all__ = ["answer_views", "blueprint", "chain_views", "models", "proposing_views"]

PER_PAGE = 20


@blueprint.route("/drafts/<slug>/amendments")
@guard(draft_policy.may_read_draft, load=load_draft)
def index(draft: Draft) -> ResponseReturnValue:
    """What is proposed to change in this document? In the order of its text, alternatives together."""
    person = current_person()
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    reader = reader_of(draft, version)
    chosen = {name: text for name, text in request.args.items() if text and name != "page"}
    query = queries.amendments_of(person, draft, version=version, chosen=_chosen(chosen, reader.sections))
    page = paginate(query, per_page=PER_PAGE)
    return render_template(
        "amendments/index.html",
        draft=draft,
        version=version,
        page=page,
        groups=grouped(shown(person, draft, version, reader, page.items)),
        sections=reader.sections.values(),
        chosen=chosen,
        counts=queries.counts_of(person, draft),
        may_amend=policy.may_amend(person, draft),
        may_answer=policy.may_answer(person, draft),
        may_read_live=draft_policy.may_read_live(person, draft),
    )


def _chosen(given: dict[str, str], sections: dict[str, Any]) -> Chosen:
    """Return the filters that the address names; what it names wrongly filters nothing."""
    states, kinds = [each.value for each in AmendmentState], [each.value for each in AmendmentKind]
    person = current_person()
    return Chosen(
        key=next((section.key for section in sections.values() if section.slug == given.get("section")), None),
        state=given.get("state") if given.get("state") in states else None,
        kind=given.get("kind") if given.get("kind") in kinds else None,
        is_gone=True if given.get("gone") else None,
        author_id=person.id if person is not None and given.get("mine") else None,
        words=given.get("q", "").strip()[:100],
    )


@blueprint.route("/drafts/<slug>/amendments/marks")
@guard(draft_policy.may_read_draft, load=load_draft)
def marks(draft: Draft) -> ResponseReturnValue:
    """Where open amendments stand in the published version, for pages that are open."""
    person = current_person()
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    if version is None:
        raise Missing
    stamp, sees_hidden = stamp_of(draft.id), queries.is_moderator(person, draft)
    response = Response(mimetype="application/json")
    response.set_etag(f"{version.id}-{stamp}-{person.id if person else 0}-{sees_hidden:d}")
    response.headers["Cache-Control"] = "private, no-cache"
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        found: dict[str, list[list[Any]]] = {}
        for number, key, *mark in queries.marks_of(person, draft, version):
            found.setdefault(key, []).append([number, *mark])
        response.data = jsonify(stamp=stamp, version=version.number, marks=found).data
    return response.make_conditional(request)


@blueprint.route("/amendments/<int:number>")
@guard(policy.may_see_amendment, load=load_amendment)
def show(amendment: Amendment) -> ResponseReturnValue:
    """What is proposed instead, who supports it, what was answered?"""
    person, draft = current_person(), amendment.draft
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    reader = reader_of(draft, version)
    alternatives = queries.alternatives_of(person, amendment, version)
    item, *others = shown(person, draft, version, reader, [amendment, *alternatives])
    may_answer = policy.may_decline(person, amendment)
    if may_answer:
        draft_queries.load_texts(draft)
    answer = amendment.answer
    return render_template(
        "amendments/show.html",
        draft=draft,
        version=version,
        item=item,
        amendment=amendment,
        alternatives=others,
        revisions=queries.revisions_of(amendment),
        supporters=paginate(queries.supporters_of(amendment), total=amendment.supports, per_page=50),
        unconfirmed=queries.unconfirmed(amendment),
        answered_with=[each for each in queries.answered_by(answer) if each is not amendment] if answer else [],
        written_html=reader.read(answer.text) if answer is not None and answer.text else "",
        last=last_text(amendment.passage) if item.is_gone and amendment.passage else None,
        proposal=proposals_of(draft, [amendment])[0] if may_answer else None,
        may_answer=may_answer,
        may_undo=policy.may_undo_answer(person, answer, draft) if answer else None,
        may_read_live=draft_policy.may_read_live(person, draft),
    )


@blueprint.route("/amendments/<int:number>/support", methods=["POST"])
@guard(policy.may_support, load=load_amendment)
def support(amendment: Amendment) -> ResponseReturnValue:
    """Support an amendment as it was read."""
    revision = number_of(request.args["revision"]) if "revision" in request.args else None
    try:
        supporting.support(current_person(), amendment, revision=revision)
    except Invalid as error:
        flash(translate(error.message), "error")
        return redirect(_back_to(amendment), 303)
    flash(
        gettext("You support this amendment. You can take that back as long as the group has not answered."), "success"
    )
    return redirect(_back_to(amendment), 303)


@blueprint.route("/amendments/<int:number>/unsupport", methods=["POST"])
@guard(policy.may_support, load=load_amendment)
def unsupport(amendment: Amendment) -> ResponseReturnValue:
    """Take one's support back."""
    supporting.unsupport(current_person(), amendment)
    flash(gettext("You do not support this amendment any more."), "success")
    return redirect(_back_to(amendment), 303)


def _back_to(amendment: Amendment) -> str:
    """Return the page on which the button stood: the list, or the amendment's own."""
    if request.args.get("list"):
        return url_for(".index", slug=amendment.draft.slug, _anchor=f"amendment-{amendment.id}")
    return url_for(".show", number=amendment.id, _anchor="support")


@blueprint.route("/amendments/<int:number>/withdraw", methods=["POST"])
@once
@guard(policy.may_withdraw, load=load_amendment)
def withdraw(amendment: Amendment) -> ResponseReturnValue:
    """Take one's own amendment back."""
    proposing.withdraw(current_person(), amendment)
    flash(gettext("Your amendment is withdrawn. It stays here to be read."), "success")
    return redirect(url_for(".show", number=amendment.id), 303)
