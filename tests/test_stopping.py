"""A process that is asked to end does so, whatever it is doing when the signal comes."""

import subprocess
import sys

# Signals come at every moment of many short waits; with `threading.Event` this hangs.
_UNDER_FIRE = """
import random, signal
from sip.stopping import Stop

stop, chance = Stop(), random.Random(2026)
signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGTERM))
for _ in range(20_000):
    stop._is_set = False
    signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.000001, 0.00005))
    for _ in range(10):
        stop.wait(0)
signal.raise_signal(signal.SIGTERM)
assert stop.is_set()
print("ended")
"""

_ONE_SIGNAL = """
import os, signal, threading, time
from sip.stopping import Stop

stop = Stop()
assert not stop.wait(0.01)
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
began = time.monotonic()
assert stop.wait(30) and time.monotonic() - began < 10
print("ended")
"""


def _said(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=240, check=True
    ).stdout


def test_signals_at_every_moment_never_hang():
    assert _said(_UNDER_FIRE) == "ended\n"


def test_a_signal_ends_a_long_wait_at_once():
    assert _said(_ONE_SIGNAL) == "ended\n"
