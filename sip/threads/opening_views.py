"""Something new to say: what it is about, the form, and guests, who confirm their address."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from sip.core.access import require
from sip.core.errors import Invalid, Missing, Throttled
from sip.drafts.actions.passages import MOST_CHARACTERS
from sip.drafts.models import Draft
from sip.drafts.texts.readable import blocks_of, readable_text
from sip.threads import policy
from sip.threads.actions import guests, threads
from sip.threads.blueprint import blueprint
from sip.threads.forms import GuestThreadForm, ThreadForm, mentioned
from sip.threads.loading import Target, load_draft, target_of, ticked
from sip.threads.models import ThreadKind
from sip.threads.showing import Talk, sections_by_key, talk_of
from sip.web.guard import anyone, current_person, guard
from sip.web.i18n import select_language, translate
from sip.web.once import once


@blueprint.route("/drafts/<slug>/discussion/choose")
@guard(policy.may_read_discussion, load=load_draft)
def choose(draft: Draft) -> ResponseReturnValue:
    """What is it about? A section first, then its sentences."""
    target = target_of(draft)
    version = target.version
    if version is None:
        return redirect(url_for(".new", slug=draft.slug))
    about: dict[str, Any] = {"slug": draft.slug, "version": version.number}
    if target.section is None:
        sections = sections_by_key(version).values()
        return render_template("threads/choose_section.html", draft=draft, version=version, sections=sections)
    text = readable_text(target.section.html)
    blocks = [
        block for block in blocks_of(target.section.html, version.language) if text[block.start : block.end].strip()
    ]
    chosen = ticked(len(text))
    error = ""
    if chosen:
        if chosen[1] - chosen[0] <= MOST_CHARACTERS:
            return redirect(url_for(".new", **about, key=target.key, start=chosen[0], end=chosen[1]))
        error = gettext("This is too long: choose a shorter passage, or the whole section.")
    elif "choose" in request.args:
        error = gettext("Tick at least one sentence, or choose the whole section.")
    page = render_template(
        "threads/choose.html",
        draft=draft,
        version=version,
        section=target.section,
        blocks=blocks,
        text=text,
        ticked=request.args.getlist("s"),
        error=error,
    )
    return page, 422 if error else 200


@blueprint.route("/drafts/<slug>/discussion/new", methods=["GET", "POST"])
@once
@guard(policy.may_read_discussion, load=load_draft)
def new(draft: Draft) -> ResponseReturnValue:
    """Say something of a passage, of a section, or of the whole document."""
    person, target = current_person(), target_of(draft)
    talk = talk_of(person, draft, target.key)
    if not talk:
        require(policy.may_open_thread(person, draft, target.key, ThreadKind.QUESTION))
        raise Missing
    words = _words(target)
    form = GuestThreadForm() if talk.is_guest else ThreadForm()
    form.offer(talk.kinds)
    if request.method == "GET" and request.args.get("kind") in [kind.value for kind in talk.kinds]:
        form.kind.data = request.args["kind"]
    if form.validate_on_submit():
        try:
            return _open(draft, target, talk, form)
        except Invalid as error:
            form.take(error)
        except Throttled as error:
            form.form_errors.append(translate(error.message))
    page = render_template(
        "threads/new.html",
        draft=draft,
        target=target,
        version=target.version,
        section=target.section,
        words=words,
        talk=talk,
        form=form,
        part=request.values.get("part"),
    )
    return page, 422 if form.errors else 200


def _words(target: Target) -> str:
    """Return the words of the passage; raises Missing where the section has none at these places."""
    if target.section is None or target.start is None or target.end is None:
        return ""
    words = readable_text(target.section.html)[target.start : target.end]
    if not words.strip() or len(words) != target.end - target.start or len(words) > MOST_CHARACTERS:
        raise Missing
    return words


def _open(draft: Draft, target: Target, talk: Talk, form: ThreadForm) -> ResponseReturnValue:
    kind = ThreadKind(form.kind.data)
    # What the page showed comes back with the form; a program may leave it out.
    words = request.form.get("words") or _words(target)
    place: dict[str, Any] = {
        "version": target.version,
        "key": target.key,
        "start": target.start if target.has_passage else None,
        "end": target.end if target.has_passage else None,
        "words": words.replace("\r\n", "\n") if target.has_passage else "",
    }
    if talk.is_guest:
        guests.comment_as_guest(
            draft,
            kind,
            form.text.data,
            form.name.data,
            form.email.data,
            select_language(),
            network=request.remote_addr or "",
            **place,
        )
        said = gettext(
            "Nearly there: open the link in the letter that we have just sent to %(email)s. "
            "Then a moderator reads your comment, and it is shown.",
            email=form.email.data,
        )
        flash(said, "success")
        return redirect(url_for(".discussion", slug=draft.slug), 303)
    opened = threads.open_thread(
        current_person(), draft, kind, form.text.data, language=select_language(), mentioned=mentioned(form), **place
    )
    if kind == ThreadKind.QUESTION:
        flash(gettext("Your question is posted. The group sees that it waits for an answer."), "success")
    else:
        flash(gettext("Your comment is posted. The group will say what became of it."), "success")
    return redirect(url_for(".thread", id=opened.id, part=request.values.get("part")), 303)


@blueprint.route("/guests/<secret>", methods=["GET", "POST"])
@guard(anyone)
def confirm_guest(secret: str) -> ResponseReturnValue:
    """A guest comes with the link from the letter, and confirms what they wrote."""
    if request.method == "GET":
        guests.guest_by_secret(secret)
        return render_template("threads/guest.html", thread=None, secret=secret)
    thread = guests.confirm_guest(secret)
    return render_template("threads/guest.html", thread=thread, secret=secret)
