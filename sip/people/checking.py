"""What must always hold of stored people; `sip check` reads it all and names what does not."""

from collections.abc import Iterator

from sqlalchemy import func, select

from sip.core import counts
from sip.core.db import db
from sip.people.models import Person
from sip.people.queries import office_count


def problems() -> Iterator[str]:
    """Yield one English sentence per problem; nothing when all is well."""
    rows = db.session.execute(select(Person.office_id, func.count(Person.id)).group_by(Person.office_id)).all()
    counted = {office_count(office_id): number for office_id, number in rows}
    yield from counts.wrong("people", {**counted, "people": sum(counted.values())})
