"""The public record: moves, closed ballots and answers in one line, to read and to check."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from sip.core.record import RecordKind, entries
from sip.web.guard import anyone, guard
from sip.web.paging import paginate
from sip.workflow import queries
from sip.workflow.blueprint import blueprint
from sip.workflow.words import RECORD_NAMES

PER_PAGE = 20


@blueprint.get("/record")
@guard(anyone)
def record() -> ResponseReturnValue:
    """What was decided, when, on which text, and is it still what it was?"""
    draft, cycle = queries.draft_named(request.args.get("draft")), queries.cycle_named(request.args.get("cycle"))
    kind = request.args.get("kind")
    page = paginate(queries.record_of(draft, cycle, kind), per_page=PER_PAGE)
    return render_template(
        "workflow/record.html",
        page=page,
        contents={entry.number: json.loads(entry.content) for entry in page.items},
        drafts=queries.drafts_of(page.items),
        draft=draft,
        cycle=cycle,
        kind=kind,
        kinds=RecordKind,
        RECORD_NAMES=RECORD_NAMES,
    )


@blueprint.get("/record.jsonl")
@guard(anyone)
def record_lines() -> ResponseReturnValue:
    """The whole record, one JSON object a line, from the first entry to the last."""
    response = Response(stream_with_context(_lines()), mimetype="application/jsonl")
    response.headers["Content-Disposition"] = "attachment; filename=record.jsonl"
    return response


def _lines() -> Iterator[str]:
    for entry in entries():
        line: dict[str, Any] = {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "kind": entry.kind,
            "subject_id": entry.subject_id,
            "cycle_id": entry.cycle_id,
            "draft_id": entry.draft_id,
            "content": entry.content,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"
