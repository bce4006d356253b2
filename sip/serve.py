"""Runs the product: one small parent that starts the web server and what stands beside it, and ends them together."""

import ctypes
import errno
import http.client
import multiprocessing
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.context import ForkProcess

from flask import Flask
from gunicorn.app.base import BaseApplication

from sip import paths
from sip.config import Settings
from sip.live import hub
from sip.live.handover import private_folder
from sip.notices import courier
from sip.stopping import SIGNALS, Stop

# Seconds: how long requests may take to end, how soon a child that ended starts again, what counts as a good run.
GRACE = 10
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GOOD_RUN = 60.0
START_LIMIT = 60.0
# Seconds without a byte, in or out, after which a request is given up, and its thread is free again.
_PATIENCE = 30
# Seconds between two looks whether a child has ended.
_BETWEEN_LOOKS = 0.5
# Seconds between two looks at what is to be sent: a look costs more than all else that goes on where nobody is there.
_BETWEEN_MAILS = 2.0

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # from linux/prctl.h


class CannotServe(Exception):
    """The server cannot start; the text says why, in one line."""


@dataclass
class Child:
    """One process beside the parent; `vital` ends all others with it, else it is started again."""

    name: str
    work: Callable[[], None]
    vital: bool = False
    process: ForkProcess | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def start(self) -> None:
        """Start the process as a copy of this one: what is imported already need not be read again. Raises OSError."""
        self.started = time.monotonic()
        process = multiprocessing.get_context("fork").Process(target=self._begin, name=self.name)
        # A signal that comes before the child has handlers of its own waits until it has.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.process = process

    def _begin(self) -> None:
        os.setsid()  # the terminal's Ctrl-C is the parent's, which passes it on
        if sys.platform == "linux":
            # Where the parent is killed by force, nothing stays behind on the port.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            ctypes.CDLL(None).prctl(_PR_SET_NAME, f"sip {self.name}".encode())  # for ps and top
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self.work()

    def has_ended(self) -> bool:
        """Say whether the process was started and has ended."""
        return self.process is not None and not self.process.is_alive()

    def schedule_restart(self) -> None:
        """Decide when to start again: soon after a good run, later and later after short ones."""
        now = time.monotonic()
        self.pause = FIRST_PAUSE if now - self.started > GOOD_RUN else min(2 * self.pause, LONGEST_PAUSE)
        self.due = now + self.pause
        self.process = None


def check_built() -> None:
    """Raise CannotServe where the browser code is missing, as in a work tree that was not set up."""
    if not (paths.STATIC / "dist" / "app.css").is_file():
        raise CannotServe("the browser code is not built; bin/serve builds it")


def listen(host: str, port: int) -> socket.socket:
    """Take the address to serve on, before anything else is done; raises CannotServe where that is impossible."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CannotServe(f"there is no address {host!r} to listen on; choose another with --host") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for waiting in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):  # the connections inherit it
        listener.setsockopt(socket.SOL_SOCKET, waiting, struct.pack("@ll", _PATIENCE, 0))
    try:
        listener.bind(address)
        # From here on a second server is refused, also while this one is still starting.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reasons = {
            errno.EADDRINUSE: f"port {port} on {host} is taken by another program; choose another with --port",
            errno.EADDRNOTAVAIL: f"{host} is no address of this machine; choose another with --host",
            errno.EACCES: f"this account may not listen on port {port}; choose one above 1023 with --port",
        }
        raise CannotServe(reasons.get(error.errno or 0, f"cannot listen on {host}, port {port}: {error}")) from None
    return listener


def address_of(settings: Settings) -> str:
    """Return the address to type on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - only compared
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def with_own_address(settings: Settings) -> Settings:
    """Return settings whose `base_url` is the address served on, where none was set."""
    if settings.base_url != Settings.base_url:
        return settings
    return replace(settings, base_url=address_of(settings))


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn on a socket that is taken already; it logs what goes wrong, and no visits."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self._app = app
        self._listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its options; no file and no variable of its own is read."""
        settings: Settings = self._app.config["SETTINGS"]
        options = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": "gthread",
            "workers": settings.workers,
            "threads": settings.threads,
            "graceful_timeout": GRACE,
            "loglevel": "warning",
            "control_socket_disable": True,
            # Whoever sends a request names neither the path that we are mounted at nor how it came to the proxy.
            "forwarder_headers": "",
            "forwarded_allow_ips": "",
            "sendfile": False,  # it waits for slow readers for ever
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application, made before the workers were."""
        return self._app


def run_courier(app: Flask) -> None:
    """Send mails as they come due, until this process is asked to end."""
    courier.run(app, Stop(), _BETWEEN_MAILS)


def companions(app: Flask) -> list[Child]:
    """Return what runs beside the web server."""
    return [Child("live hub", lambda: hub.run(app)), Child("courier", lambda: run_courier(app))]


def run(app: Flask, listener: socket.socket, announce: Callable[[], None]) -> int:
    """Serve until the web server ends or a signal asks for the end; returns the exit status.

    `announce` is called once, when the first page has been answered. The application must hold no open connection:
    the processes are copies of this one.
    """
    with private_folder() as folder:
        app.config["LIVE_SOCKET"] = str(folder / "hub")
        return _run(app, listener, announce)


def _run(app: Flask, listener: socket.socket, announce: Callable[[], None]) -> int:
    web = Child("web server", WebServer(app, listener).run, vital=True)
    children = [web, *companions(app)]
    stop = Stop()
    try:
        web.start()
        listener.close()  # gunicorn has it now; kept here and in the others, the port would stay taken after its end
        # Who writes has come back to the port before the first page is asked for: the hub is to be there then.
        _start_what_is_due(children)
        if _first_page_comes(app.config["SETTINGS"], web, stop):
            announce()
        _watch(children, stop)
    finally:
        _end(children)
    return 0 if stop.is_set() else 1


def _first_page_comes(settings: Settings, web: Child, stop: Stop) -> bool:
    host = address_of(settings).removeprefix("http://").rpartition(":")[0].strip("[]")
    deadline = time.monotonic() + START_LIMIT
    while not stop.is_set() and not web.has_ended() and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            stop.wait(0.05)
        else:
            return True
        finally:
            connection.close()
    return False


def _watch(children: list[Child], stop: Stop) -> None:
    """Start what does not run and again what ended; return when something vital ended, or the end is asked for."""
    while not stop.is_set():
        for child in children:
            if child.has_ended():
                if child.vital:
                    print(f"error: the {child.name} has ended", file=sys.stderr)
                    return
                child.schedule_restart()
                print(f"The {child.name} has ended; it starts again in {child.pause:.0f} s", file=sys.stderr)
        _start_what_is_due(children)
        stop.wait(_BETWEEN_LOOKS)


def _start_what_is_due(children: list[Child]) -> None:
    for child in children:
        if child.process is None and time.monotonic() >= child.due:
            try:
                child.start()
            except OSError as error:  # no memory for another process, or too many of them: that may pass
                child.schedule_restart()
                print(f"The {child.name} cannot start: {error}; again in {child.pause:.0f} s", file=sys.stderr)


def _end(children: list[Child]) -> None:
    """Ask all children to end, and end by force what has not after the time of grace."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + GRACE + 2
    for process in running:
        process.join(max(0.1, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
