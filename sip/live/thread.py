"""The one thread in which the hub asks the database, so that its loop never waits for it."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.exc import DBAPIError

from sip.drafts.batches import AnotherLog

log = logging.getLogger(__name__)

T = TypeVar("T")


def describe(error: BaseException) -> str:
    """Say what went wrong and where, without what the error itself says: it may quote people's text."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
        return f"{type(error.orig).__name__} {code or ''}".rstrip()
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


class DatabaseThread:
    """Does one thing after the other, each in an application context with a session of its own, closed at its end."""

    def __init__(self, app: Flask, begin_anew: Callable[[], None]) -> None:
        """`begin_anew()` is called in the loop where the database turns out to be another one than before."""
        self._app = app
        self._begin_anew = begin_anew
        self._loop = asyncio.get_running_loop()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="live log")

    async def call(self, do: Callable[..., T], *arguments: Any) -> T:
        """Return what `do` returns there; raises what it raises."""
        try:
            return await self._loop.run_in_executor(self._executor, self._in_context, do, arguments)
        except AnotherLog:
            self._begin_anew()
            raise

    async def attempt(self, purpose: str, do: Callable[..., T], *arguments: Any) -> T | None:
        """Ask the database; where it refuses, one line in the log and None."""
        try:
            return await self.call(do, *arguments)
        except Exception as error:
            log.warning("%s: %s", purpose, describe(error))
            return None

    def end(self) -> None:
        """Take nothing more to do."""
        self._executor.shutdown(wait=False)

    def _in_context(self, do: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        with self._app.app_context():
            return do(*arguments)
