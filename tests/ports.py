"""Ports for servers that tests start."""

import os
import random
import socket
from itertools import count

# Each process of the tests has a range of its own, below the ports that systems give out by themselves: what is free
# here stays free until the server that it is meant for takes it, and while that one is restarted.
_SIZE = 2_000
_first = 10_000 + _SIZE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Another run of the tests on the same machine begins elsewhere.
_places = count(random.SystemRandom().randrange(_SIZE))


def free_port() -> int:
    """Return a port of this machine that nobody listens on, another one each time."""
    for place in _places:
        port = _first + place % _SIZE
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("there is always another place")
