"""Pages for signing in and out, for joining, and for the first administrator."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from sip.core.errors import Invalid, Throttled
from sip.people import actions, policy, queries, session, sign_in_actions, tokens
from sip.people.blueprint import blueprint
from sip.people.forms import (
    AddressForm,
    FirstAdministratorForm,
    JoiningForm,
    NewPasswordForm,
    SignInForm,
)
from sip.people.models import Person, Token, TokenPurpose
from sip.people.session import current_person
from sip.web.forms import Form
from sip.web.guard import anyone, guard
from sip.web.i18n import select_language, translate
from sip.web.kept import resume_page, unpack
from sip.web.redirects import local_path


def network() -> str:
    """Return the network address of whoever asks; empty where it is not known."""
    return request.remote_addr or ""


def take_throttled(form: Form, error: Throttled) -> tuple[int, dict[str, str]]:
    """Say in the form that there were too many tries, so that nothing typed is lost; return status and headers."""
    form.form_errors.append(translate(error.message))
    return 429, {"Retry-After": str(error.retry_after)}


def _arrive(person: Person, target: str | None = None, kept: str | None = None) -> Any:
    """Begin the session, then resume what was interrupted, or go where somebody wanted to go."""
    session.begin(person)
    page = resume_page(kept) if kept else None
    return page or redirect(local_path(target) or url_for("home.index"), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guard(anyone)
def sign_in() -> Any:
    """Sign in with address and password, or go on to a mailed link."""
    target = local_path(request.values.get("next"))
    if request.method == "GET" and current_person() is not None:
        return redirect(target or url_for("home.index"))
    form = SignInForm(next=target)
    status, headers = 200, dict[str, str]()
    if form.is_submitted() and "email" in request.form:
        status = 422
        if form.validate():
            try:
                person = sign_in_actions.sign_in_with_password(form.email.data, form.password.data, network())
            except Throttled as error:
                status, headers = take_throttled(form, error)
            except Invalid as error:
                form.take(error)
            else:
                return _arrive(person, target, form.kept.data)
    return render_template("people/sign_in.html", form=form), status, headers


@blueprint.route("/sign-in/link", methods=["GET", "POST"])
@guard(anyone)
def sign_in_by_link() -> Any:
    """Ask for a mailed link that signs in."""
    return _ask("sign_in_link", "people/sign_in_by_link.html")


@blueprint.route("/reset-password", methods=["GET", "POST"])
@guard(anyone)
def reset_password() -> Any:
    """Ask for a mailed link that lets one choose a new password."""
    return _ask("reset_password", "people/reset_password.html")


def _ask(kind: str, template: str) -> Any:
    target = local_path(request.values.get("next"))
    form = AddressForm(next=target)
    status, headers = 200, dict[str, str]()
    if form.is_submitted():
        status = 422
        if form.validate():
            data = {"next": target} if target else {}
            try:
                sign_in_actions.ask_for_letter(kind, form.email.data, select_language(), network(), **data)
            except Throttled as error:
                status, headers = take_throttled(form, error)
            except Invalid as error:
                form.take(error)
            else:
                kept = unpack(form.kept.data) if form.kept.data else None
                return render_template("people/letter_sent.html", kind=kind, email=form.email.data, kept=kept)
    return render_template(template, form=form), status, headers


def _token_for(purpose: TokenPurpose) -> Any:
    # A link that is over is not an error of the reader's: the page says so, and how to get a new one.
    return lambda token: (tokens.find(token, purpose),)


def _link_is_over() -> Any:
    return render_template("people/link_over.html"), 410


@blueprint.route("/link/<token>", methods=["GET", "POST"])
@guard(policy.may_use_link, load=_token_for(TokenPurpose.SIGN_IN))
def open_link(token: Token | None) -> Any:
    """Show who would be signed in; only the button does it, since mail programs open links by themselves."""
    if token is None:
        return _link_is_over()
    if request.method == "GET":
        return render_template("people/open_link.html", person=token.person)
    try:
        person = sign_in_actions.sign_in_with_link(token)
    except Invalid:
        return _link_is_over()
    return _arrive(person, token.data.get("next"))


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@guard(policy.may_use_link, load=_token_for(TokenPurpose.RESET_PASSWORD))
def choose_password(token: Token | None) -> Any:
    """Choose a new password with a mailed link."""
    if token is None:
        return _link_is_over()
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            person = sign_in_actions.reset_password(token, form.password.data)
        except Invalid as error:
            form.take(error)
        else:
            answer = _arrive(person, token.data.get("next"))
            flash(
                gettext("Your new password is saved, and you are signed in here. Everywhere else you are signed out.")
            )
            return answer
    return render_template("people/choose_password.html", form=form, person=token.person), _status(form)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@guard(policy.may_use_link, load=_token_for(TokenPurpose.INVITATION))
def accept_invitation(token: Token | None) -> Any:
    """Join: check what is written about oneself, and choose a password or none."""
    if token is None:
        return _link_is_over()
    form = JoiningForm(obj=token.person, offices=queries.office_names())
    if form.validate_on_submit():
        try:
            person = sign_in_actions.accept_invitation(token, form.profile, form.password.data or None)
        except Invalid as error:
            form.take(error)
        else:
            answer = _arrive(person)
            flash(gettext("Welcome! You have joined."), "success")
            return answer
    return render_template("people/accept_invitation.html", form=form, person=token.person), _status(form)


@blueprint.post("/sign-out")
@guard(anyone)
def sign_out() -> Any:
    """End the session on this device."""
    if person := current_person():
        sign_in_actions.sign_out(person, session.device())
    session.end()
    flash(gettext("You are signed out on this device."), "success")
    return redirect(url_for("home.index"), 303)


@blueprint.post("/sign-out/everywhere")
@guard(policy.may_edit_profile, load=current_person)
def sign_out_everywhere(person: Person) -> Any:
    """End all sessions, this one too."""
    sign_in_actions.sign_out_everywhere(person)
    session.end()
    flash(gettext("You are signed out on all devices, this one too."), "success")
    return redirect(url_for("home.index"), 303)


@blueprint.route("/start", methods=["GET", "POST"])
@guard(policy.may_start, load=queries.has_people)
def first_administrator(has_people: bool) -> Any:
    """Make the first administrator of a new installation; afterwards this page does not exist."""
    form = FirstAdministratorForm(offices=queries.office_names(), language=select_language())
    if form.validate_on_submit():
        try:
            person = actions.make_first_administrator(form.profile, form.email.data, form.password.data)
        except Invalid as error:
            form.take(error)
        else:
            answer = _arrive(person)
            flash(gettext("Welcome! You administer this place now. Next: make the local offices, then invite people."))
            return answer
    return render_template("people/first_administrator.html", form=form), _status(form)


def _status(form: Form) -> int:
    return 422 if form.is_submitted() else 200
