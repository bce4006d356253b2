"""What waits for a moderator, and what moderators do with a comment."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.errors import Invalid
from sip.threads import policy, queries
from sip.threads.actions import moderating
from sip.threads.blueprint import blueprint
from sip.threads.comment_views import to_comment
from sip.threads.forms import NeededReasonForm
from sip.threads.loading import load_comment
from sip.threads.models import Comment
from sip.web.guard import current_person, guard
from sip.web.paging import paginate


@blueprint.route("/moderation")
@guard(policy.may_open_moderation)
def moderation() -> ResponseReturnValue:
    """What waits for me as a moderator? Guests' comments to let through, comments that members reported."""
    person = current_person()
    view = "reported" if request.args.get("view") == "reported" else "held"
    held, reported = queries.held(person), queries.reported(person)
    page = paginate(reported if view == "reported" else held, per_page=20)
    reports = queries.reports_on([comment.id for comment in page.items]) if view == "reported" else {}
    return render_template(
        "threads/moderation.html",
        view=view,
        page=page,
        reports=reports,
        counts={"held": queries.count(held), "reported": queries.count(reported)},
    )


def _onward(comment: Comment) -> ResponseReturnValue:
    """Go back to the list where one came from there, else to the comment."""
    view = request.form.get("view")
    return redirect(url_for(".moderation", view=view), 303) if view else to_comment(comment)


@blueprint.route("/comments/<int:id>/hide", methods=["GET", "POST"])
@guard(policy.may_hide, load=load_comment)
def hide(comment: Comment) -> ResponseReturnValue:
    """Hide a comment, with a reason that its author is told."""
    form = NeededReasonForm()
    if form.validate_on_submit():
        try:
            moderating.hide(current_person(), comment, form.reason.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The comment is hidden. It is not deleted: you can show it again."), "success")
            return _onward(comment)
    page = render_template(
        "threads/hide.html",
        form=form,
        comment=comment,
        thread=comment.thread,
        draft=comment.thread.draft,
        view=request.values.get("view", ""),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/comments/<int:id>/show", methods=["POST"])
@guard(policy.may_show_again, load=load_comment)
def show_again(comment: Comment) -> ResponseReturnValue:
    """Show a hidden comment again."""
    moderating.show_again(current_person(), comment)
    flash(gettext("Everybody can read the comment again."), "success")
    return _onward(comment)


@blueprint.route("/comments/<int:id>/let-through", methods=["POST"])
@guard(policy.may_let_through, load=load_comment)
def let_through(comment: Comment) -> ResponseReturnValue:
    """Let everybody read a guest's comment."""
    moderating.let_through(current_person(), comment)
    flash(gettext("Everybody can read this comment now."), "success")
    return _onward(comment)


@blueprint.route("/comments/<int:id>/dismiss", methods=["POST"])
@guard(policy.may_dismiss, load=load_comment)
def dismiss(comment: Comment) -> ResponseReturnValue:
    """Leave a reported comment as it is."""
    moderating.dismiss_reports(current_person(), comment)
    flash(gettext("The comment stays as it is; the reports on it are closed."), "success")
    return _onward(comment)
