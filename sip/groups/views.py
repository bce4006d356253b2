"""Pages of working groups: their list, their people, joining and leaving them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, gettext

from sip.core import clock
from sip.core.errors import Conflict, Invalid
from sip.cycles.models import Theme
from sip.cycles.policy import is_steering
from sip.cycles.queries import offices, theme_by_slug, themes_to_choose
from sip.drafts import queries as drafts
from sip.drafts.policy import may_write
from sip.groups import actions, policy, queries
from sip.groups.forms import AnswerForm, GroupForm, InviteForm, JoinForm, RoleForm
from sip.groups.models import GroupRole, Membership, WorkingGroup
from sip.groups.words import ROLE_NAMES
from sip.people.models import Person
from sip.threads import queries as threads
from sip.web.guard import anyone, current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.paging import paginate

blueprint = Blueprint("groups", __name__)

SHOWN_PEOPLE = 60
SHOWN_MILESTONES = 3


@blueprint.get("/groups")
@guard(anyone)
def index() -> str:
    """All groups, by theme (`?theme=<cycle>/<theme>`) and by office."""
    cycle, _, theme = request.args.get("theme", "").replace("\0", "").partition("/")
    office = request.args.get("office", "").replace("\0", "")
    page = paginate(queries.groups(cycle, theme, office))
    return render_template(
        "groups/index.html",
        page=page,
        rows=queries.rows(page.items),
        themes=themes_to_choose(),
        offices=offices(),
        theme=f"{cycle}/{theme}",
        office=office,
        is_filtered=bool(cycle or office),
    )


@blueprint.get("/groups/<slug>")
@guard(policy.may_read_group, load=queries.group_by_slug)
def show(group: WorkingGroup) -> str:
    """Who are we, what do we do next, where are our texts?"""
    return _show(group, JoinForm(formdata=None))


def _show(group: WorkingGroup, form: JoinForm) -> str:
    person = current_person()
    may_manage = policy.may_manage_members(person, group)
    cycle = group.theme.cycle
    ahead = [milestone for milestone in cycle.milestones if milestone.ends_on >= clock.today()]
    may_see = policy.may_see_members(person, group)
    role = policy.role_in(person, group)
    known = drafts.drafts_of_group(person, group, with_rights=role is not None)
    return render_template(
        "groups/show.html",
        group=group,
        theme=group.theme,
        cycle=cycle,
        form=form,
        drafts=known,
        writable={draft.id for draft in known if may_write(person, draft)} if role else set(),
        waiting=threads.waiting_by_draft([draft.id for draft in known]) if may_manage else {},
        milestones=ahead[:SHOWN_MILESTONES],
        count=sum(1 for membership in group.memberships if membership.is_active),
        duties=queries.duties_of(group),
        people=paginate(queries.people_of(group), per_page=SHOWN_PEOPLE) if may_see else None,
        requests=queries.requests_to(group) if may_manage else [],
        mine=policy.membership_of(person, group),
        role=role,
        role_names=ROLE_NAMES,
        may_manage=may_manage,
        may_edit=policy.may_edit_group(person, group),
        may_ask=policy.may_ask_to_join(person, group),
    )


@blueprint.route("/cycles/<cycle>/themes/<theme>/groups/create", methods=["GET", "POST"])
@once
@guard(policy.may_create_group, load=theme_by_slug)
def create(theme: Theme) -> Any:
    """Make a group that works on a theme."""
    form = GroupForm().offer(offices())
    if form.validate_on_submit():
        try:
            group = actions.create_group(current_person(), theme, form.values())
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The group is there. Next: invite its facilitator and its secretary."), "success")
            return redirect(url_for("groups.members", slug=group.slug), 303)
    return render_template("groups/create.html", form=form, theme=theme, cycle=theme.cycle), form.status


@blueprint.route("/groups/<slug>/edit", methods=["GET", "POST"])
@guard(policy.may_edit_group, load=queries.group_by_slug)
def edit(group: WorkingGroup) -> Any:
    """Change a group's name, offices and presentation."""
    form = GroupForm(actions.group_values(group)).offer(offices())
    if form.validate_on_submit():
        try:
            actions.edit_group(current_person(), group, form.values(), form.began_from.data or "")
        except Invalid as error:
            form.take(error)
        except Conflict as error:
            form.show_theirs(error, actions.group_values(group))
        else:
            flash(gettext("The group is saved."), "success")
            return redirect(url_for("groups.show", slug=group.slug), 303)
    return render_template("groups/edit.html", form=form, group=group), form.status


@blueprint.get("/groups/<slug>/history")
@guard(policy.may_see_members, load=queries.group_by_slug)
def history(group: WorkingGroup) -> str:
    """What happened in the group and to its texts, the latest first."""
    person = current_person()
    known = drafts.drafts_of_group(person, group)
    slugs = {draft.id: draft.slug for draft in known}
    # Who is in the group or steers the cycle reads the text being written at every stage, so also what happens to it.
    is_inside = policy.role_in(person, group) is not None or is_steering(person, group.theme.cycle)
    page = paginate(
        queries.history(
            group,
            is_desk=bool(policy.may_manage_members(person, group)),
            open_texts=slugs if is_inside else [],
            published=[draft.id for draft in known if draft.published_number is not None],
        )
    )
    return render_template("groups/history.html", group=group, page=page, draft_slugs=slugs)


# Joining


@blueprint.post("/groups/<slug>/join")
@once
@guard(policy.may_ask_to_join, load=queries.group_by_slug)
def ask_to_join(group: WorkingGroup) -> Any:
    """Ask to join."""
    form = JoinForm()
    if form.validate():
        actions.ask_to_join(current_person(), group, form.message.data)
        flash(gettext("Your request is with the group. You will get a mail with its answer."), "success")
        return redirect(url_for("groups.show", slug=group.slug), 303)
    return _show(group, form), 422


@blueprint.post("/groups/<slug>/requests/<int(max=2147483647):membership>")
@once
@guard(policy.may_manage_membership, load=queries.membership_by_id)
def answer_request(membership: Membership) -> Any:
    """Accept somebody who asked to join, or decline."""
    form, name = AnswerForm(), membership.person.name
    is_accepted = request.form.get("answer") == "accept"
    if form.validate() and request.form.get("answer") in ("accept", "decline"):
        try:
            actions.answer_request(current_person(), membership, is_accepted=is_accepted, words=form.words.data)
        except Invalid as error:
            flash(translate(error.message), "warning")
        else:
            said = gettext("%(name)s is in the group now, and gets a mail.", name=name)
            if not is_accepted:
                said = gettext("%(name)s gets a mail with your answer.", name=name)
            flash(said, "success")
        return redirect(url_for("groups.members", slug=membership.group.slug), 303)
    return _members_page(membership.group, answer=(membership, form)), 422


@blueprint.post("/groups/<slug>/invitation/accept")
@once
@guard(policy.may_answer_invitation, load=queries.group_by_slug)
def accept_invitation(group: WorkingGroup) -> Any:
    """Accept one's own invitation."""
    former = actions.accept_invitation(current_person(), group)
    flash(gettext("Welcome to %(group)s.", group=group.name), "success")
    _tell_hand_over(former, policy.role_in(current_person(), group))
    return redirect(url_for("groups.show", slug=group.slug), 303)


@blueprint.post("/groups/<slug>/invitation/decline")
@once
@guard(policy.may_answer_invitation, load=queries.group_by_slug)
def decline_invitation(group: WorkingGroup) -> Any:
    """Decline one's own invitation."""
    actions.decline_invitation(current_person(), group)
    flash(gettext("You have declined. If you change your mind, you can ask to join."), "success")
    return redirect(url_for("groups.show", slug=group.slug), 303)


@blueprint.post("/groups/<slug>/leave")
@once
@guard(policy.may_leave, load=queries.group_by_slug)
def leave(group: WorkingGroup) -> Any:
    """Leave the group."""
    actions.leave(current_person(), group)
    flash(gettext("You have left the group. If you change your mind, you can ask to join again."), "success")
    return redirect(url_for("groups.show", slug=group.slug), 303)


# The people of a group, for those who look after them


@blueprint.get("/groups/<slug>/members")
@guard(policy.may_manage_members, load=queries.group_by_slug)
def members(group: WorkingGroup) -> str:
    """Answer requests, give roles, end memberships, invite people."""
    return _members_page(group)


@blueprint.post("/groups/<slug>/invite")
@once
@guard(policy.may_manage_members, load=queries.group_by_slug)
def invite(group: WorkingGroup) -> Any:
    """Invite an address; the answer is the same whether somebody is known by it or not."""
    form = InviteForm()
    if form.validate():
        try:
            actions.invite(
                current_person(),
                group,
                form.email.data,
                language=form.language.data,
                role=GroupRole(form.role.data),
                name=form.name.data,
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The invitation to %(email)s is on its way.", email=form.email.data), "success")
            return redirect(url_for("groups.members", slug=group.slug), 303)
    return _members_page(group, invitation=form), 422


@blueprint.post("/groups/<slug>/members/<int(max=2147483647):membership>/role")
@guard(policy.may_manage_membership, load=queries.membership_by_id)
def change_role(membership: Membership) -> Any:
    """Give somebody a duty."""
    form, group = RoleForm(prefix=f"m{membership.id}-"), membership.group
    if form.validate():
        role = GroupRole(form.role.data)
        try:
            former = actions.change_role(current_person(), membership, role)
        except Invalid as error:
            form.take(error)
        else:
            said = gettext("%(name)s: %(role)s.", name=membership.person.name, role=translate(ROLE_NAMES[role]))
            flash(said, "success")
            _tell_hand_over(former, role)
            return _back_to_members(group)
    return _members_page(group, changed=(membership, form)), 422


@blueprint.post("/groups/<slug>/members/<int(max=2147483647):membership>/end")
@once
@guard(policy.may_manage_membership, load=queries.membership_by_id)
def end_membership(membership: Membership) -> Any:
    """Take somebody out of the group, or withdraw an invitation."""
    try:
        actions.end_membership(current_person(), membership)
    except Invalid as error:
        flash(translate(error.message), "warning")
    else:
        flash(gettext("Done. Whoever changes their mind can ask to join, or be invited again."), "success")
    return _back_to_members(membership.group)


def _back_to_members(group: WorkingGroup) -> Any:
    """Go back to the members, or to the group where one has just given one's own duty away."""
    still_may = policy.may_manage_members(current_person(), group)
    return redirect(url_for("groups.members" if still_may else "groups.show", slug=group.slug), 303)


def _tell_hand_over(former: Person | None, role: GroupRole | None) -> None:
    if former is not None and role is not None:
        duty = translate(ROLE_NAMES[role])
        said = gettext(
            "%(name)s hands the duty over (%(role)s) and stays as a participant.", name=former.name, role=duty
        )
        flash(said, "info")


def _members_page(
    group: WorkingGroup,
    invitation: InviteForm | None = None,
    changed: tuple[Membership, RoleForm] | None = None,
    answer: tuple[Membership, AnswerForm] | None = None,
) -> str:
    people = paginate(queries.people_of(group), per_page=SHOWN_PEOPLE)
    forms = [
        changed if changed and changed[0] is membership else (membership, _role_form(membership))
        for membership in people.items
    ]
    answers = [
        answer if answer and answer[0] is membership else (membership, AnswerForm(formdata=None))
        for membership in queries.requests_to(group)
    ]
    language = str(get_locale())
    return render_template(
        "groups/members.html",
        group=group,
        people=people,
        forms=forms,
        answers=answers,
        invitations=queries.invitations_of(group),
        invitation=invitation or InviteForm(formdata=None, data={"language": language, "role": "participant"}),
        wrong=invitation or (changed and changed[1]) or (answer and answer[1]),
        role_names=ROLE_NAMES,
    )


def _role_form(membership: Membership) -> RoleForm:
    return RoleForm(formdata=None, prefix=f"m{membership.id}-", data={"role": membership.role})
