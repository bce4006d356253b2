"""Event loops for tests that are coroutines."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run(body: Coroutine[Any, Any, Any], factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    """Run to the end, in a thread of its own: where a browser was driven before, this one has a loop already."""

    def work() -> None:
        with asyncio.Runner(loop_factory=factory, debug=False) as runner:
            runner.run(body)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(contextvars.copy_context().run, work).result()
