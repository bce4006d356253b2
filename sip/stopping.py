"""Being asked to end by a signal."""

import os
import select
import signal
from contextlib import suppress

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stop:
    """Set by any of SIGNALS once made, in the main thread.

    `threading.Event` would not do: a handler runs inside what it interrupts, and where that is the event's own `wait`,
    `set` waits for ever for the lock that is held there.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        for number in SIGNALS:
            signal.signal(number, self._set)

    def _set(self, *_signal: object) -> None:
        self._is_set = True
        with suppress(BlockingIOError):  # full: then there is enough in it to wake whoever waits
            os.write(self._writer, b"!")

    def is_set(self) -> bool:
        """Say whether the end was asked for."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait until the end is asked for, or so long; say whether it was."""
        if not self._is_set:
            select.select([self._reader], [], [], seconds)
        return self._is_set
