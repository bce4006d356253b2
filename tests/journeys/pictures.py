"""Pictures of the pages that a journey passes, for whoever wants to look at them: SIP_PICTURES names a folder."""

import os
from itertools import count
from pathlib import Path

from playwright.sync_api import Page

_numbers = count(1)
_MOST = 2_400  # pixels in height: of a long text its beginning is enough


def picture(page: Page, name: str, *, is_screen: bool = False) -> None:
    """Keep a picture of the page, or of what the screen shows of it, named by its place on the way and its width."""
    folder = os.environ.get("SIP_PICTURES")
    if folder:
        width = (page.viewport_size or {"width": 0})["width"]
        path = Path(folder) / f"{next(_numbers):02}-{name}-{width}.png"
        if is_screen:
            page.screenshot(path=path)
            return
        height = min(_MOST, page.evaluate("document.documentElement.scrollHeight"))
        page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
