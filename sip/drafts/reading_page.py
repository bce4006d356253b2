"""The page that shows a version: its stored document, in a frame that all readers with the same rights share."""

from collections.abc import Hashable
from typing import Any

from flask import Response

from sip.core.deflate import Deflated
from sip.drafts import histories, policy, queries
from sip.drafts.readings import Asked, Reading, version_of
from sip.drafts.standing import until
from sip.web.guard import current_reader
from sip.web.shared_pages import shared_page
from sip.web.visitor_pages import may_be_shared


def reading_page(template: str, reading: Reading, asked: Asked, **values: Hashable) -> Response:
    """Render `template` around the stored document of a version; what it tells of rights is among its `values`."""
    may_read_live = bool(policy.may_read_live(current_reader(), asked.draft))

    def of_the_version() -> dict[str, Any]:
        version = version_of(reading)
        older = queries.number_before(version, only_published=not may_read_live)
        return {"version": version, "older": older, "stages": reading.stages}

    stage = histories.least_far(reading.stages)
    response = shared_page(
        template,
        {
            "draft": reading,
            "stage": stage,
            **until(stage, reading.closings),
            "may_read_live": may_read_live,
            "may_write": policy.may_write(current_reader(), asked.draft),
            **values,
        },
        of_the_version,
        name=("document", reading.version_id, reading.hash),
        deflated=lambda: Deflated(*queries.deflated_page(reading.version_id)),
        html=lambda: queries.page_html(reading.version_id),
    )
    return may_be_shared(response)
