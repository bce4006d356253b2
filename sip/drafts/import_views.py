"""Import of a document written elsewhere: upload, look at what was found, store; nothing is kept in between."""

from dataclasses import dataclass
from pathlib import PurePath

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from sip.core.db import begin_reading, db
from sip.core.errors import Invalid
from sip.core.markdown import TextTooLong, render
from sip.core.messages import message
from sip.cycles.models import Theme
from sip.drafts import policy
from sip.drafts.actions.documents import NewSection, group_named, import_document
from sip.drafts.blueprint import blueprint
from sip.drafts.forms import DraftForm, UploadForm, limits
from sip.drafts.importing.conversion import to_markdown
from sip.drafts.importing.splitting import SplitDocument, SplitSection, UnresolvedReference, split_document
from sip.drafts.live_text import clean_text
from sip.drafts.loading import load_theme, number_of
from sip.drafts.models import Draft, SectionKind
from sip.groups.models import WorkingGroup
from sip.groups.policy import role_in
from sip.web.forms import read_upload
from sip.web.guard import current_person, guard
from sip.web.once import once

LEFT_OUT = "left_out"


@dataclass
class FoundSection:
    """A section that was found, as the preview shows it: title, kind (or left out) and group can be changed."""

    index: int
    title: str
    kind: str
    group_id: int
    found: SplitSection
    body_html: str
    unresolved: list[UnresolvedReference]


@blueprint.route("/drafts/import", methods=["GET", "POST"], endpoint="import_document")
@once
@guard(policy.may_create_draft, load=load_theme)
def import_(theme: Theme, groups: list[WorkingGroup]) -> ResponseReturnValue:
    """Upload a document, see what was found in it, store it."""
    if "markdown" in request.form:
        return _store(theme, groups)
    form = UploadForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                return _preview(form)
            except Invalid as error:
                form.take(error)
    return render_template("drafts/import.html", form=form, for_theme=theme, limits=limits()), status


def _preview(upload: UploadForm) -> str:
    """Read the file; the page it answers with carries the text, so that nothing waits on the server."""
    name = upload.file.data.filename or ""
    # Reading takes seconds: other people's writes do not wait for it.
    db.session.rollback()
    begin_reading()
    markdown = _bounded(to_markdown(read_upload(upload.file.data), name))
    split = split_document(markdown)
    if not split.sections:
        raise Invalid(message("No section was found in this document."), "file")
    if len(split.sections) > limits().max_sections:
        raise Invalid(message("A document has %(max)d sections at most.", max=limits().max_sections), "file")
    title = split.title or PurePath(name).stem
    form = DraftForm(formdata=None, title=title[:200], language=limits().language_codes[0])
    theme, groups = load_theme()  # again: what was loaded went with the transaction
    form.offer(groups)
    mine = [group.id for group in groups if role_in(current_person(), group)]
    form.groups.data = mine or [group.id for group in groups[:1]]
    return _page(theme, groups, form, markdown, split)


def _bounded(markdown: str) -> str:
    text = clean_text(markdown)
    if len(text.encode()) > 8 * limits().max_section:
        raise Invalid(message("This document is too long to be read at once. Import it in several parts."), "file")
    return text


def _store(theme: Theme, groups: list[WorkingGroup]) -> ResponseReturnValue:
    markdown = _bounded(request.form["markdown"])
    split = split_document(markdown)
    form = DraftForm()
    form.offer(groups)
    if form.validate():
        chosen = form.chosen(groups)
        sections = [
            NewSection(found.title, SectionKind(found.kind), found.found.body, found.found.slug, _group(found, chosen))
            for found in _found(split, groups)
            if found.kind != LEFT_OUT
        ]
        try:
            if not all(section.title for section in sections):
                raise Invalid(message("Every section needs a title."))
            draft = import_document(
                current_person(),
                theme,
                form.title.data,
                chosen,
                sections,
                language=form.language.data,
                max_length=limits().max_section,
                max_sections=limits().max_sections,
            )
        except Invalid as error:
            form.take(error)
        else:
            flash(
                ngettext(
                    "The document is here, with %(num)s section. Only your group and the steering committee see it.",
                    "The document is here, with %(num)s sections. Only your group and the steering committee see it.",
                    len(sections),
                ),
                "success",
            )
            return redirect(where_to_go_on(draft, ".live"), 303)
    return _page(theme, groups, form, markdown, split), 422


def where_to_go_on(draft: Draft, endpoint: str) -> str:
    """Return the address of a page of a new document, or of one that its maker may see.

    Administrators and steering committees begin documents for groups that they are not in.
    """
    person = current_person()
    if policy.may_arrange(person, draft):
        return url_for(endpoint, slug=draft.slug)
    if policy.may_read_live(person, draft):
        return url_for(".live", slug=draft.slug)
    return url_for("cycles.theme", cycle=draft.theme.cycle.slug, theme=draft.theme.slug)


def _group(found: FoundSection, chosen: list[WorkingGroup]) -> WorkingGroup | None:
    return next((group for group in chosen if group.id == found.group_id), None)


def _page(theme: Theme, groups: list[WorkingGroup], form: DraftForm, markdown: str, split: SplitDocument) -> str:
    return render_template(
        "drafts/import_preview.html",
        form=form,
        for_theme=theme,
        groups=groups,
        markdown=markdown,
        split=split,
        sections=_found(split, groups),
        left_out=LEFT_OUT,
    )


def _found(split: SplitDocument, groups: list[WorkingGroup]) -> list[FoundSection]:
    """Return the sections with what the form says of them, or else what was found."""
    kinds = {*SectionKind, LEFT_OUT}
    sections = []
    for index, section in enumerate(split.sections):
        kind = request.form.get(f"kind-{index}", section.kind)
        group = request.form.get(f"group-{index}", "")
        named = group_named(section.group_name, groups)
        sections.append(
            FoundSection(
                index=index,
                title=" ".join(request.form.get(f"title-{index}", section.title).split())[:300],
                kind=kind if kind in kinds else section.kind,
                group_id=number_of(group) if group else named.id if named else 0,
                found=section,
                body_html=_rendered(section),
                unresolved=[item for item in split.unresolved if item.slug == section.slug],
            )
        )
    return sections


def _rendered(section: SplitSection) -> str:
    try:
        return render(section.body, id_prefix=section.slug)
    except TextTooLong:
        return ""
