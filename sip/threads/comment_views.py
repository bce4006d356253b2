"""One thread: read, answered, mended; what the group makes of it; what one does with a comment."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select

from sip.core.db import db
from sip.core.errors import Conflict, Invalid
from sip.drafts import passages
from sip.drafts import policy as draft_policy
from sip.drafts import queries as draft_queries
from sip.drafts.loading import number_of
from sip.threads import policy, queries
from sip.threads.actions import answering, comments, moderating, threads
from sip.threads.blueprint import blueprint
from sip.threads.forms import CommentForm, DispositionForm, NeededReasonForm, ReasonForm, mentioned
from sip.threads.loading import load_comment, load_thread, shown_version
from sip.threads.models import Comment, Disposition, ReactionKind, Thread
from sip.threads.showing import name_of, reactions_of, rights_on, shown
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate

COMMENTS_A_PAGE = 50


@blueprint.route("/threads/<int:id>")
@guard(policy.may_see_thread, load=load_thread)
def thread(thread: Thread) -> ResponseReturnValue:
    """What was said, of which passage, and what became of it."""
    form = CommentForm()
    form.reply_to.data = request.args.get("reply_to", "")
    return _page(thread, reply=form)


def _page(
    thread: Thread,
    *,
    reply: CommentForm | None = None,
    disposing: DispositionForm | None = None,
    resolving: ReasonForm | None = None,
) -> str:
    """Render a thread with its forms, one of which may hold what was typed."""
    person, draft = current_person(), thread.draft
    version = shown_version(draft)
    (item,) = shown([thread], version)
    page = paginate(queries.comments_of(thread, person), per_page=COMMENTS_A_PAGE)
    may_read_live = draft_policy.may_read_live(person, draft)
    may_dispose = policy.may_dispose(person, thread)
    form = reply or CommentForm(formdata=None)
    number = number_of(str(form.reply_to.data or ""))
    answered = next((comment for comment in page.items if comment.id == number), None)
    form.text.label.text = (
        gettext("Your reply to %(name)s", name=name_of(answered)) if answered else gettext("Your reply")
    )
    if may_dispose and disposing is None:
        values = {"disposition": thread.disposition, "disposition_reason": thread.disposition_reason}
        change, seen = str(thread.change_number or ""), answering.disposition_mark(thread)
        disposing = DispositionForm(formdata=None, change=change, replaces=seen, **values)
    if disposing is not None:
        disposing.offer(draft_queries.version_choices(draft, only_published=not may_read_live))
    return render_template(
        "threads/thread.html",
        draft=draft,
        thread=thread,
        item=item,
        version=version,
        last=passages.last_text(thread.passage) if item.is_outdated and thread.passage else None,
        page=page,
        rights=rights_on(person, page.items),
        reacted=reactions_of(person, page.items),
        by_id={comment.id: comment for comment in page.items},
        reply=form,
        answered=answered,
        may_reply=policy.may_reply(person, thread),
        disposing=disposing if may_dispose else None,
        resolving=resolving or ReasonForm(formdata=None),
        may_resolve=policy.may_resolve(person, thread),
        may_reopen=policy.may_reopen(person, thread),
        next_waiting=_next_waiting(thread) if may_dispose and thread.disposition else None,
        may_read_live=may_read_live,
        part=request.values.get("part"),
    )


def _next_waiting(thread: Thread) -> Thread | None:
    """Return another thread of the draft that waits for the group, a question first."""
    query = queries.to_do(current_person(), thread.draft).where(Thread.id != thread.id)
    return db.session.scalars(query.limit(1)).first()


def _to_thread(thread: Thread, anchor: str | None = None, **values: Any) -> ResponseReturnValue:
    part = request.values.get("part")
    return redirect(url_for(".thread", id=thread.id, part=part, _anchor=anchor, **values), 303)


def to_comment(comment: Comment) -> ResponseReturnValue:
    """Lead to a comment, on the page of its thread on which it stands."""
    before = select(func.count()).where(Comment.thread_id == comment.thread_id, Comment.id < comment.id)
    page = (db.session.scalar(before) or 0) // COMMENTS_A_PAGE + 1
    return _to_thread(comment.thread, f"comment-{comment.id}", page=page if page > 1 else None)


@blueprint.route("/threads/<int:id>/reply", methods=["POST"])
@once
@guard(policy.may_reply, load=load_thread)
def reply(thread: Thread) -> ResponseReturnValue:
    """Add a comment to a thread."""
    form = CommentForm()
    if form.validate():
        answered = number_of(form.reply_to.data or "")
        reply_to = queries.comment_by_id(answered) if answered else None
        try:
            comment = comments.reply(
                current_person(), thread, form.text.data, reply_to=reply_to, mentioned=mentioned(form)
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("Your comment is posted. You can change it for half an hour."), "success")
            return to_comment(comment)
    return _page(thread, reply=form), 422


@blueprint.route("/threads/<int:id>/resolve", methods=["POST"])
@guard(policy.may_resolve, load=load_thread)
def resolve(thread: Thread) -> ResponseReturnValue:
    """Close a thread."""
    form = ReasonForm()
    if form.validate():
        try:
            threads.resolve(current_person(), thread, form.reason.data or "")
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("This discussion is resolved. It stays here to be read, and can be opened again."), "success")
            return _to_thread(thread)
    return _page(thread, resolving=form), 422


@blueprint.route("/threads/<int:id>/reopen", methods=["POST"])
@guard(policy.may_reopen, load=load_thread)
def reopen(thread: Thread) -> ResponseReturnValue:
    """Open a resolved thread again."""
    threads.reopen(current_person(), thread)
    flash(gettext("The discussion is open again."), "success")
    return _to_thread(thread)


@blueprint.route("/threads/<int:id>/dispose", methods=["POST"])
@guard(policy.may_dispose, load=load_thread)
def dispose(thread: Thread) -> ResponseReturnValue:
    """Say for the group what became of a thread."""
    form, draft = DispositionForm(), thread.draft
    may_read_live = draft_policy.may_read_live(current_person(), draft)
    form.offer(draft_queries.version_choices(draft, only_published=not may_read_live))
    if form.validate():
        number = number_of(form.change.data or "") or None
        try:
            answering.dispose(
                current_person(),
                thread,
                Disposition(form.disposition.data),
                form.disposition_reason.data,
                change_number=number,
                replaces=form.replaces.data or "",
            )
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            # Their answer stands above; sent again, this one takes its place.
            form.form_errors.append(translate(error.message))
            form.replaces.data = answering.disposition_mark(thread)
            return _page(thread, disposing=form), 409
        else:
            flash(gettext("The group’s answer is posted; whoever began the discussion is told."), "success")
            return _to_thread(thread, "disposition")
    return _page(thread, disposing=form), 422


@blueprint.route("/comments/<int:id>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_comment, load=load_comment)
def edit(comment: Comment) -> ResponseReturnValue:
    """Mend a comment of one's own; what it said before stays to be seen."""
    form = CommentForm(obj=comment)
    if form.validate_on_submit():
        try:
            comments.edit_comment(current_person(), comment, form.text.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("Your comment is changed. What it said before can still be read."), "success")
            return to_comment(comment)
    page = render_template(
        "threads/edit_comment.html",
        form=form,
        comment=comment,
        thread=comment.thread,
        draft=comment.thread.draft,
        until=comment.at + policy.EDIT_WINDOW,
        part=request.values.get("part"),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/comments/<int:id>/remove", methods=["POST"])
@guard(policy.may_remove_comment, load=load_comment)
def remove(comment: Comment) -> ResponseReturnValue:
    """Take one's own comment back; a trace stays where others answered it."""
    comments.remove_comment(current_person(), comment)
    flash(gettext("Your comment is removed. A line says that something stood there."), "success")
    if policy.may_see_thread(current_person(), comment.thread):
        return to_comment(comment)
    return redirect(url_for(".discussion", slug=comment.thread.draft.slug), 303)


@blueprint.route("/comments/<int:id>/react", methods=["POST"])
@guard(policy.may_react, load=load_comment)
def react(comment: Comment) -> ResponseReturnValue:
    """Agree with a comment or thank for it, or take that back."""
    kind = next((kind for kind in ReactionKind if kind.value == request.form.get("kind")), None)
    if kind is not None:
        comments.react(current_person(), comment, kind, request.form.get("on") == "yes")
    return to_comment(comment)


@blueprint.route("/comments/<int:id>/report", methods=["GET", "POST"])
@guard(policy.may_report, load=load_comment)
def report(comment: Comment) -> ResponseReturnValue:
    """Tell the moderators that a comment breaks the rules."""
    form = NeededReasonForm()
    if form.validate_on_submit():
        try:
            moderating.report(current_person(), comment, form.reason.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(
                gettext("Thank you. The steering committee looks at it; your name is told to nobody else."), "success"
            )
            return to_comment(comment)
    page = render_template(
        "threads/report.html", form=form, comment=comment, thread=comment.thread, draft=comment.thread.draft
    )
    return page, 422 if form.errors else 200


@blueprint.route("/comments/<int:id>/revisions")
@guard(policy.may_read_revisions, load=load_comment)
def revisions(comment: Comment) -> ResponseReturnValue:
    """What did a comment say before it was edited?"""
    return render_template(
        "threads/revisions.html",
        comment=comment,
        thread=comment.thread,
        draft=comment.thread.draft,
        revisions=queries.revisions_of(comment),
    )
