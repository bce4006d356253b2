"""The state of a draft's discussion as a whole: a stamp that open pages ask for, and the number of threads."""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from sip.core.db import db
from sip.threads.models import Discussion


def bump(draft_id: int, *, threads: int = 0) -> None:
    """Raise the stamp of a draft's discussion, so that open pages read it again; `threads` more are seen by everybody.

    To be called last in an action: others who write in the same discussion wait from here on.
    """
    changed = db.session.scalar(
        update(Discussion)
        .where(Discussion.draft_id == draft_id)
        .values(stamp=Discussion.stamp + 1, threads=Discussion.threads + threads)
        .returning(Discussion.draft_id)
        .execution_options(synchronize_session=False)
    )
    if changed is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(Discussion(draft_id=draft_id, stamp=1, threads=threads))
    except IntegrityError:
        bump(draft_id, threads=threads)  # somebody else began the discussion at the same moment
