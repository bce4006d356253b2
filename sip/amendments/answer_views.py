"""The group answers: one amendment, or several with one text; and takes an answer back."""

from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from sip.amendments import policy, queries
from sip.amendments.actions import answering
from sip.amendments.actions.answering import MOST_AT_ONCE, Stale
from sip.amendments.blueprint import blueprint
from sip.amendments.forms import ACCEPT, CHANGE, DECLINE, AnswerForm, MergeForm, answers_given, wordings_read
from sip.amendments.loading import load_amendment, load_answer, load_draft, may_undo
from sip.amendments.models import Amendment, AmendmentAnswer, AmendmentState
from sip.amendments.showing import reader_of, shown
from sip.amendments.targets import Meeting, meeting_of, proposals_of
from sip.amendments.writing import put_together
from sip.core.access import Answer
from sip.core.errors import Conflict, Denied, Invalid, Missing
from sip.drafts import queries as draft_queries
from sip.drafts.forms import limits
from sip.drafts.live_text import clean_text
from sip.drafts.loading import number_of
from sip.drafts.models import Draft
from sip.people.models import Person
from sip.web.guard import current_person, guard
from sip.web.i18n import translate
from sip.web.once import once
from sip.web.telling import tell


def _may_open(person: Person | None, amendment: Amendment) -> Answer:
    """Open the answer of an amendment: whoever may answer; what is answered already leads to its page."""
    answer = policy.may_see_amendment(person, amendment)
    return policy.may_answer(person, amendment.draft) if answer else answer


def _tell(text: str, answer: AmendmentAnswer, saved: str) -> None:
    """Say what happened, with a button that undoes it; what this device kept as `saved` need not be kept any more."""
    tell(text, undo=url_for(".undo", answer=answer.id), saved=saved)


@blueprint.route("/amendments/<int:number>/answer", methods=["GET", "POST"])
@once
@guard(_may_open, load=load_amendment)
def answer(amendment: Amendment) -> ResponseReturnValue:
    """Take an amendment up, as it is or changed, or not; where the passage is another by now, three texts are shown."""
    person, draft = current_person(), amendment.draft
    open_ = policy.may_decline(person, amendment)
    if not open_:
        assert open_.reason is not None
        flash(translate(open_.reason), "info")
        return redirect(url_for(".show", number=amendment.id), 303)
    draft_queries.load_texts(draft)
    proposal = proposals_of(draft, [amendment])[0]
    may_accept = policy.may_accept(person, amendment)
    form = AnswerForm()
    # That the passage changed meanwhile is not the form's to refuse: the three texts are shown then.
    form.offer(may_accept=bool(may_accept), is_as_it_was=proposal.is_as_it_was or request.method == "POST")
    if request.method == "GET":
        form.text.data = proposal.now_if_gone or proposal.rebased or proposal.proposed
        form.title.data = amendment.title
        form.seen.data = proposal.target.now
        form.answer.data = request.args.get("as")
        form.for_thread.data = True
    is_moved = False
    read = _wording_read(amendment) or amendment.revision
    if request.method == "POST" and request.form.get("action") != "preview" and form.validate():
        try:
            done = _answer(person, amendment, form)
        except Invalid as error:
            form.take(error)
        else:
            if isinstance(done, AmendmentAnswer):
                _tell(_said(amendment), done, f"amendment:answer-{amendment.id}")
                return redirect(url_for(".show", number=amendment.id), 303)
            is_moved = True
        proposal = proposals_of(draft, [amendment])[0]  # text and wording as they are by now
        read = amendment.revision
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    reader = reader_of(draft, version)
    form.offer(may_accept=bool(may_accept), is_as_it_was=proposal.is_as_it_was)
    item = shown(person, draft, version, reader, [amendment])[0]
    page = render_template(
        "amendments/answer.html",
        draft=draft,
        version=version,
        amendment=amendment,
        item=item,
        proposal=proposal,
        form=form,
        then_html=reader.read(proposal.then),
        # What stood there when the form was opened comes back with it, unless three texts are shown anew.
        seen=proposal.target.now if is_moved or request.method == "GET" else form.seen.data,
        read=read,
        is_moved=is_moved,
        may_accept=may_accept,
        then_and_proposed=reader.compare(proposal.then, proposal.proposed),
        # Where the passage is gone, what became of its section tells how.
        then_and_now=reader.compare(item.base if proposal.target.is_gone else proposal.then, proposal.target.now),
        pieces=reader.compare(proposal.target.now, form.text.data or ""),
    )
    return page, 409 if is_moved else 422 if form.errors else 200


def _wording_read(amendment: Amendment) -> int | None:
    return wordings_read(request.form.to_dict(), [amendment.id]).get(amendment.id)


def _answer(person: Any, amendment: Amendment, form: AnswerForm) -> AmendmentAnswer | Stale:
    read, for_thread = _wording_read(amendment), form.for_thread.data
    if form.answer.data == DECLINE:
        return answering.decline(person, amendment, form.reason.data, revision=read, for_thread=for_thread)
    is_changed = form.answer.data == CHANGE
    assert is_changed or form.answer.data == ACCEPT
    return answering.accept(
        person,
        amendment,
        form.reason.data,
        seen=form.seen.data or "",
        revision=read,
        text=form.text.data if is_changed else None,
        title=(form.title.data or "") if is_changed else "",
        for_thread=for_thread,
        max_length=limits().max_section,
        max_sections=limits().max_sections,
    )


def _said(amendment: Amendment) -> str:
    if amendment.state == AmendmentState.DECLINED:
        return gettext("The amendment is answered, and its author is told why it is not taken up.")
    return gettext("The amendment is in the text being written, under the name of its author, who is told.")


@blueprint.route("/amendments/answers/<int:answer>/undo", methods=["POST"])
@once
@guard(may_undo, load=load_answer)
def undo(answer: AmendmentAnswer) -> ResponseReturnValue:
    """Take an answer back, with what it changed in the text."""
    draft = answer.draft
    numbers = [each.id for each in queries.answered_by(answer)]
    back = url_for(".show", number=numbers[0]) if len(numbers) == 1 else url_for(".index", slug=draft.slug)
    try:
        amendments = answering.undo_answer(current_person(), answer)
    except Conflict as error:
        flash(translate(error.message), "error")
        return redirect(back, 303)
    text = ngettext(
        "The answer is taken back: the amendment waits for another one.",
        "The answer is taken back: %(num)s amendments wait for another one.",
        len(amendments),
    )
    flash(text, "success")
    return redirect(back, 303)


@blueprint.route("/drafts/<slug>/merge", methods=["GET", "POST"])
@once
@guard(policy.may_answer, load=load_draft)
def merge(draft: Draft) -> ResponseReturnValue:
    """Answer several amendments of one place at once, with one text."""
    person, numbers = current_person(), _numbers()
    amendments = queries.amendments_by_id(draft, numbers)
    if not amendments or len(amendments) != len(numbers):
        raise Missing
    if len(amendments) == 1:
        return redirect(url_for(".answer", number=amendments[0].id))
    if any(not policy.may_decline(person, amendment) for amendment in amendments):
        flash(gettext("One of these amendments has been answered meanwhile. Choose again."), "info")
        return redirect(url_for(".index", slug=draft.slug, state=AmendmentState.OPEN.value), 303)
    draft_queries.load_texts(draft)
    meeting = meeting_of(proposals_of(draft, amendments))
    form, work = MergeForm(), _Merge(amendments, meeting)
    if request.method == "GET":
        form.text.data = form.seen.data = work.now
    elif request.form.get("action") == "join":
        form.text.data, work.clashing = _joined(meeting)
    elif request.form.get("action") != "preview" and form.validate():
        done = _merge(form, work)
        if done is not None:
            said = gettext("All are answered, and their authors are told.")
            _tell(said, done, f"amendment:merge-{work.numbers}")
            return redirect(url_for(".index", slug=draft.slug), 303)
    status = 409 if work.is_moved else 422 if form.errors or work.errors else 200
    return _merge_page(draft, form, work), status


@dataclass
class _Merge:
    """Amendments that are being answered together: what was given so far, and what is wrong with it."""

    amendments: list[Amendment]
    meeting: Meeting | None
    errors: dict[str, str] = field(default_factory=dict)
    clashing: list[Amendment] = field(default_factory=list)
    is_moved: bool = False
    is_tried: bool = False

    @property
    def numbers(self) -> str:
        """Which they are, as addresses name them."""
        return ",".join(str(amendment.id) for amendment in self.amendments)

    @property
    def now(self) -> str:
        """What the live text says where they meet."""
        return self.meeting.target.now if self.meeting else ""

    @property
    def given(self) -> dict[int, tuple[AmendmentState, str]]:
        """What becomes of each, and why."""
        return answers_given(request.form.to_dict(), [amendment.id for amendment in self.amendments])

    @property
    def read(self) -> dict[int, int]:
        """Which wording of each is read: the one that is shown, unless the form was not yet looked at any further."""
        shown = {amendment.id: amendment.revision for amendment in self.amendments}
        return shown if self.is_tried else {**shown, **wordings_read(request.form.to_dict(), shown)}


def _merge(form: MergeForm, work: _Merge) -> AmendmentAnswer | None:
    """Answer them; None where something is missing, or the text is another by now, which `work` then says."""
    work.is_tried = True
    try:
        done = answering.merge(
            current_person(),
            work.amendments,
            form.text.data or "",
            work.given,
            seen=form.seen.data or "",
            revisions=wordings_read(request.form.to_dict(), [each.id for each in work.amendments]),
            max_length=limits().max_section,
        )
    except Invalid as error:
        if error.field and "-" in error.field:
            work.errors[error.field] = translate(error.message)
        else:
            form.take(error)
        return None
    except Denied as error:
        form.form_errors.append(translate(error.message))
        return None
    work.is_moved = isinstance(done, Stale)
    return done if isinstance(done, AmendmentAnswer) else None


def _merge_page(draft: Draft, form: MergeForm, work: _Merge) -> str:
    version = draft_queries.version_with_contents(draft, draft.published_number or 0)
    reader = reader_of(draft, version)
    now, ways = work.now, dict(work.meeting.texts) if work.meeting else {}
    compared = {each.id: None if (way := ways.get(each)) is None else reader.compare(now, way) for each in ways}
    items = shown(current_person(), draft, version, reader, work.amendments)
    return render_template(
        "amendments/merge.html",
        draft=draft,
        version=version,
        meeting=work.meeting,
        items=[(item, compared.get(item.amendment.id)) for item in items],
        form=form,
        now_html=reader.read(now),
        given=work.given,
        read=work.read,
        errors=work.errors,
        ticked=[number_of(value) for value in request.form.getlist("with")],
        clashing=work.clashing,
        seen=now if work.is_moved or request.method == "GET" else form.seen.data,
        seen_and_now=reader.compare(clean_text(form.seen.data or ""), now) if work.is_moved else [],
        is_moved=work.is_moved,
        pieces=reader.compare(now, form.text.data or "") if work.meeting else [],
        numbers=work.numbers,
    )


def _numbers() -> list[int]:
    """Return the amendments that the address names: by commas, or one by one from ticks; raises Missing."""
    texts = ",".join(request.args.getlist("amendments")).split(",")
    numbers = list(dict.fromkeys(number for text in texts if (number := number_of(text))))
    if not numbers or len(numbers) > MOST_AT_ONCE:
        raise Missing
    return numbers


def _joined(meeting: Meeting | None) -> tuple[str, list[Amendment]]:
    """Put the texts that were ticked together; return the text, and those that clash with others."""
    if meeting is None:
        return "", []
    ticked = {number_of(value) for value in request.form.getlist("with")}
    chosen = [(amendment, way) for amendment, way in meeting.texts if amendment.id in ticked]
    fitting = [(amendment, way) for amendment, way in chosen if way is not None]
    text, clashing = put_together(meeting.target.now, [way for _amendment, way in fitting])
    left_out = [amendment for amendment, way in chosen if way is None]
    return text, [*left_out, *(fitting[place][0] for place in clashing)]
