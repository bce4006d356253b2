"""The pages of reviews: what waits for the board's answer, and what it answered."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from sip.core.db import db
from sip.cycles.stages import Stage
from sip.reviews import commitment_views, file_views, models, outcome_views, policy, queries, response_views
from sip.reviews.blueprint import blueprint
from sip.reviews.file_views import signatures_wanted
from sip.web.guard import current_person, guard
from sip.web.paging import paginate

__all__ = ["blueprint", "commitment_views", "file_views", "models", "outcome_views", "response_views"]

WAITING, ANSWERED = "waiting", "answered"
MOST_NAMED = 50  # shown


@blueprint.get("/board")
@guard(policy.may_open_board)
def board() -> ResponseReturnValue:
    """What waits for the board's answer, and what has it answered?"""
    person = current_person()
    shown = ANSWERED if request.args.get("show") == ANSWERED else WAITING
    page = paginate(queries.answered() if shown == ANSWERED else queries.waiting_for_board(), per_page=20)
    is_board = bool(policy.may_read_waiting(person))
    unopened = queries.without_file(Stage.UNDER_REVIEW).limit(MOST_NAMED) if is_board else None
    return render_template(
        "reviews/board.html",
        page=page,
        rows=queries.rows_of(page.items),
        shown=shown,
        waiting=queries.waiting_count(),
        due=db.session.scalars(queries.put_off_long_enough().limit(MOST_NAMED)).all() if is_board else [],
        unopened=db.session.scalars(unopened).all() if unopened is not None else [],
        is_board=is_board,
        unsigned=queries.unsigned_by(person) if is_board else 0,
        needed=queries.signatures_needed(signatures_wanted()),
    )
