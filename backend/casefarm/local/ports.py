"""Finds free TCP ports of 127.0.0.1. Called by the embedded servers and by `up`."""

import contextlib
import socket


def is_port_free(port: int) -> bool:
    """Return whether a server could listen on 127.0.0.1:`port` now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def find_free_port(preferred: int | None = None) -> int:
    """Return `preferred` where it is free, else a port the kernel chooses."""
    if preferred and is_port_free(preferred):
        return preferred
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
