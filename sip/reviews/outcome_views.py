"""What became of the recommendations of a cycle: a picture, and a table of all of them."""

from flask import render_template
from flask.typing import ResponseReturnValue

from sip.cycles.models import Cycle
from sip.cycles.queries import cycle_by_slug
from sip.reviews import outcomes, policy
from sip.reviews.blueprint import blueprint
from sip.web.guard import guard
from sip.web.paging import paginate


@blueprint.get("/cycles/<slug>/outcomes")
@guard(policy.may_read_outcomes, load=cycle_by_slug)
def of_cycle(cycle: Cycle) -> ResponseReturnValue:
    """What became of our recommendations?"""
    page = paginate(outcomes.outcomes(cycle))
    return render_template(
        "reviews/outcomes.html",
        cycle=cycle,
        page=page,
        rows=outcomes.outcome_rows(page.items),
        figures=outcomes.outcome_figures(cycle),
    )
