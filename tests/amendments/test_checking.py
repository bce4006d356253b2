"""What `sip check` says of stored amendments."""

import pytest
from sqlalchemy import text

from sip.amendments.actions.answering import accept
from sip.amendments.actions.supporting import support
from sip.amendments.checking import problems
from sip.core.db import db


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE amendments SET supports = 7 WHERE state = 'open'", "7 supports are stored instead of 1"),
        ("UPDATE amendments SET state = 'declined' WHERE state = 'open'", "its state is not what its answer says"),
        ("UPDATE amendments SET state = 'open' WHERE state = 'accepted'", "its state is not what its answer says"),
        ("UPDATE amendment_answers SET undone_at = at", "its state is not what its answer says"),
    ],
)
def test_what_is_wrong_is_found(house, damage, said):
    amendment = house.propose(1, "une fois par an", "chaque mois")
    support(house.people["other"], amendment)
    taken = house.propose(2, "un budget", "de quoi vivre")
    accept(house.people["secretary"], taken, "Oui.", seen="un budget")
    db.session.commit()
    assert list(problems()) == []
    db.session.execute(text(damage))
    [problem] = problems()
    assert said in problem
