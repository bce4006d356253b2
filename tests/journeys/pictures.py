"""Pictures of the pages that a journey passes, for whoever wants to look at them: SIP_PICTURES names a folder."""

import os
from itertools import count
from pathlib import Path

from playwright.sync_api import Page

_numbers = count(1)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page as it looks now, named by its place on the way and its width."""
    folder = os.environ.get("SIP_PICTURES")
    if folder:
        width = (page.viewport_size or {"width": 0})["width"]
        page.screenshot(path=Path(folder) / f"{next(_numbers):02}-{name}-{width}.png", full_page=True)
