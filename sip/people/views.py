"""Pages of one's own profile, and of the people for those who administer."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask import session as browser_session
from flask_babel import gettext, ngettext

from sip.core.access import require
from sip.core.db import begin_reading, db
from sip.core.errors import Invalid, Throttled
from sip.core.frontmatter import BadEncoding, decode
from sip.core.messages import message
from sip.people import actions, import_actions, policy, queries, session, sign_in_actions
from sip.people.blueprint import blueprint as blueprint
from sip.people.forms import ChangePasswordForm, InvitationForm, ListForm, ProfileForm, RolesForm
from sip.people.importing import Members, read_members
from sip.people.models import Person, PersonRole
from sip.people.session import current_person
from sip.people.sign_in_views import network, take_throttled
from sip.people.words import FACT_NAMES, ROLE_MEANINGS, ROLE_NAMES, STAKEHOLDER_NAMES
from sip.web.forms import read_upload
from sip.web.guard import guard
from sip.web.i18n import languages
from sip.web.once import hold, once
from sip.web.paging import paginate

_SHOWN_PROBLEMS = 1_000
_SHOWN_ROWS = 20


@blueprint.route("/me/profile", methods=["GET", "POST"])
@guard(policy.may_edit_profile, load=current_person)
def profile(person: Person) -> Any:
    """One's own profile, password and sessions."""
    form = ProfileForm(obj=person, offices=queries.office_names())
    has_password = person.password_hash is not None
    password_form = ChangePasswordForm(has_password=has_password)
    status, headers = 200, dict[str, str]()
    if "new_password" in request.form:
        # The name and the rest are shown as they are stored, whatever this form sent.
        form = ProfileForm(formdata=None, obj=person, offices=queries.office_names())
        answer = _change_password(person, password_form)
        if not isinstance(answer, tuple):
            return answer
        status, headers = answer
    elif form.is_submitted():
        password_form = ChangePasswordForm(formdata=None, has_password=has_password)
        status = 422
        if form.validate():
            try:
                actions.change_profile(person, person, form.profile)
            except Invalid as error:
                form.take(error)
            else:
                browser_session["language"] = person.language
                flash(gettext("Your profile is saved."), "success")
                return redirect(url_for("people.profile"), 303)
    return (
        render_template("people/profile.html", form=form, password_form=password_form, person=person),
        status,
        headers,
    )


def _change_password(person: Person, form: ChangePasswordForm) -> Any:
    """Return the answer, or status and headers of the page where it did not work."""
    if not form.validate():
        return 422, {}
    try:
        current = form.current_password.data or ""
        sign_in_actions.change_password(person, current, form.new_password.data, network())
    except Throttled as error:
        return take_throttled(form, error)
    except Invalid as error:
        form.take(error)
        return 422, {}
    session.begin(person)
    flash(gettext("Your new password is saved. On all other devices you are signed out."), "success")
    return redirect(url_for("people.profile"), 303)


@blueprint.get("/people")
@guard(policy.may_administer_people)
def index() -> Any:
    """All members, to search by name or address and to filter by office and role."""
    search = request.args.get("q", "").replace("\0", "").strip()[:120]
    office = request.args.get("office", "")
    office_id = int(office) if office.isdecimal() and len(office) < 10 else None
    role = next((role for role in PersonRole if role == request.args.get("role")), None)
    is_filtered = bool(search or office_id is not None or role)
    page = paginate(queries.people_list(search, office_id, role), total=None if is_filtered else queries.count_people())
    return render_template(
        "people/index.html",
        page=page,
        search=search,
        office_id=office_id,
        role=role,
        is_filtered=is_filtered,
        offices=queries.office_names(),
        role_names=ROLE_NAMES,
        stakeholder_names=STAKEHOLDER_NAMES,
    )


def _account(person_id: int) -> Person:
    """Find somebody's account; who may open none is not told which there are."""
    require(policy.may_administer_people(current_person()))
    return queries.person_by_id(person_id)


@blueprint.route("/people/<int(max=2147483647):person_id>", methods=["GET", "POST"])
@guard(policy.may_see_account, load=_account)
def show(person: Person) -> Any:
    """One account: who this is, which roles they hold, whether they have joined."""
    form = RolesForm(data={"roles": sorted(person.roles)})
    if form.validate_on_submit():
        try:
            actions.change_roles(current_person(), person, set(form.roles.data))
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("The roles of %(name)s are saved.", name=person.name), "success")
            return redirect(url_for("people.show", person_id=person.id), 303)
    office = next((office for office in queries.office_names() if office.id == person.office_id), None)
    return render_template(
        "people/show.html",
        form=form,
        person=person,
        office=office,
        may_invite_again=policy.may_invite_again(current_person(), person),
        role_meanings=ROLE_MEANINGS,
        stakeholder_names=STAKEHOLDER_NAMES,
    ), 422 if form.is_submitted() else 200


@blueprint.post("/people/<int(max=2147483647):person_id>/invitation")
@once
@guard(policy.may_invite_again, load=_account)
def invite_again(person: Person) -> Any:
    """Mail the invitation once more."""
    actions.invite_again(current_person(), person)
    flash(gettext("A new invitation is on its way to %(email)s.", email=person.email), "success")
    return redirect(url_for("people.show", person_id=person.id), 303)


@blueprint.route("/people/invite", methods=["GET", "POST"])
@once
@guard(policy.may_invite_people)
def invite() -> Any:
    """Invite one person."""
    form = InvitationForm(offices=queries.office_names(), language=languages()[0])
    if form.validate_on_submit():
        try:
            person = actions.invite(current_person(), form.profile, form.email.data)
        except Invalid as error:
            form.take(error)
        else:
            flash(gettext("An invitation is on its way to %(email)s.", email=person.email), "success")
            return redirect(url_for("people.show", person_id=person.id), 303)
    return render_template("people/invite.html", form=form), 422 if form.is_submitted() else 200


def _make_room() -> tuple[()]:
    """Let those who may import send a whole list as text, as long as a file may be."""
    if policy.may_invite_people(current_person()):
        request.max_form_memory_size = current_app.config["MAX_CONTENT_LENGTH"]
    return ()


@blueprint.route("/people/import", methods=["GET", "POST"])
@guard(policy.may_invite_people, load=_make_room)
@once  # below: the form can be read only once there is room for it
def import_people() -> Any:
    """Import a list of members: first what would happen, then, with the same list, do it."""
    form = ListForm()
    if form.is_submitted():
        try:
            text = _list_text(form)
            if "confirm" in request.form:
                return _import(text, form)
            return _preview(text, form)
        except Invalid as error:
            form.take(error)
    most = current_app.config["SETTINGS"].max_upload
    return render_template("people/import.html", form=form, most=most), 422 if form.is_submitted() else 200


def _list_text(form: ListForm) -> str:
    data = read_upload(form.file.data)
    if data.startswith(b"PK\x03\x04"):
        raise Invalid(message("This is a spreadsheet file. Save it as CSV first, then send that."), "file")
    try:
        text = decode(data, foreign=True) if data else decode((form.text.data or "").encode())
    except BadEncoding:
        raise Invalid(message("This file is not text. Save the list as CSV (UTF-8), then send that."), "file") from None
    if not text.strip():
        raise Invalid(message("Choose a file, or paste the list below."), "file")
    return text


def _read(text: str) -> Members:
    """Read the list without holding the lock that other people's writes wait for."""
    offices = queries.office_names()
    db.session.rollback()
    return read_members(text, offices, languages())


def _preview(text: str, form: ListForm) -> Any:
    begin_reading()
    members = _read(text)
    plan = import_actions.plan_import(members)
    return render_template(
        "people/import_preview.html",
        form=form,
        text=text,
        plan=plan,
        ignored=members.ignored,
        shown_problems=plan.problems[:_SHOWN_PROBLEMS],
        shown_new=plan.new[:_SHOWN_ROWS],
        shown_changes=plan.changed[:_SHOWN_ROWS],
        offices={office.id: office.name for office in queries.office_names()},
        stakeholder_names=STAKEHOLDER_NAMES,
        fact_names=FACT_NAMES,
    )


def _import(text: str, form: ListForm) -> Any:
    mails, members = form.mails_invitations.data, _read(text)
    hold()  # again: reading let the transaction go
    plan = import_actions.import_members(current_person(), members, language=languages()[0], mails_invitations=mails)
    flash(
        gettext(
            "The list is imported: %(new)s, %(changed)s, %(same)s.",
            new=ngettext("%(num)s person is new", "%(num)s people are new", len(plan.new)),
            changed=ngettext("%(num)s was changed", "%(num)s were changed", len(plan.changed)),
            same=ngettext("%(num)s was the same already", "%(num)s were the same already", plan.same),
        ),
        "success",
    )
    if mails and plan.new:
        flash(ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", len(plan.new)))
    return redirect(url_for("people.index"), 303)
