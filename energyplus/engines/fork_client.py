"""The worker's side of the fork server: starts it when it is needed, runs cases in it from any number of threads."""

import os
import select
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from energyplus.engines.fork_protocol import CaseEnd, CaseRequest, receive_word, send_request
from energyplus.engines.supervision import Cause, ChildEnd, child_environment, wait_for
from energyplus.errors import EngineError

_START_LIMIT_S = 120.0
_DEATH_LIMIT_S = 10.0  # of a killed process, which may have much memory to give back
_GOODBYE_LIMIT_S = 2.0  # of a server that was told to end, or that has a dead case to report


class ForkServer:
    """A process that forks cases, as seen from the worker that owns it. Threads may share one.

    The process is started with the first case and again when it has died; it ends with `close`, with this object or
    with this process, whichever comes first. Do not fork a process that has one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._server: _ServerProcess | None = None
        self._finalizer = weakref.finalize(self, lambda: None)

    @property
    def pid(self) -> int | None:
        """The server's process number; None while there is none."""
        server = self._server
        return server.process.pid if server is not None and server.is_alive() else None

    def run(self, request: CaseRequest, timeout_s: float, should_stop: Callable[[], bool]) -> ChildEnd:
        """Run a case in a fork until it ends, is stopped or runs out of time.

        Args:
            request: what to run.
            timeout_s: wall-clock limit, s.
            should_stop: asked every 0.1 s.

        Returns:
            How it ended. The process and all of its group are dead by then, also when `should_stop` raised.

        Raises:
            EngineError: the server died, cannot be started or may not run the case; another try may succeed.
        """
        while True:
            server = self._running_server()
            started = monotonic()
            case = _ForkedCase(server.ask_for_case(request))
            try:
                cause = case.wait(started + timeout_s, should_stop)
            finally:
                case.finish()
            wall_s = monotonic() - started
            if case.end is not None:
                break
            server.kill()  # it is dead already, or hangs
            if case.has_begun:
                raise EngineError("The engine's server ended while a case ran in it; the case may be tried again.")
        if case.end.refusal:
            raise EngineError(case.end.refusal)
        return ChildEnd.of_wait_status(cause, case.end.wait_status, wall_s, case.end.cpu_s, case.end.peak_memory_bytes)

    def close(self) -> None:
        """End the server and whatever runs in it; another case starts it again."""
        with self._lock:
            self._finalizer()
            self._server = None

    def _running_server(self) -> "_ServerProcess":
        with self._lock:
            if self._server is None or not self._server.is_alive():
                self._finalizer()
                self._server = _start_server()
                self._finalizer = weakref.finalize(self, self._server.stop)
            return self._server


@dataclass(frozen=True)
class _ServerProcess:
    process: "subprocess.Popen[bytes]"
    control: socket.socket

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ask_for_case(self, request: CaseRequest) -> socket.socket:
        """Send a request; a server that is gone shows on the socket of the case, which is given."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                send_request(self.control, request, theirs)
            except (BrokenPipeError, ConnectionResetError):
                return ours
            except OSError:
                ours.close()
                raise
        return ours

    def stop(self) -> None:
        self.control.close()  # it kills its cases and ends
        try:
            self.process.wait(_GOODBYE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class _ForkedCase:
    """A case in the server, from the request to its end.

    Attributes:
        end: how it ended; None as long as it has not, and when the server never said so.
        has_begun: whether there has been a process.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._pidfd: int | None = None
        self._is_lost = False
        self.end: CaseEnd | None = None
        self.has_begun = False

    def wait(self, deadline: float, should_stop: Callable[[], bool]) -> Cause:
        cause: Cause = "ended"
        while cause == "ended" and self.end is None and not self._is_lost:
            cause = wait_for(self._channel.fileno(), deadline, should_stop)
            if cause == "ended":
                self._take_word()
        return cause

    def finish(self) -> None:
        """Have the case killed unless it has ended; it is dead then, and the server holds nothing of it any more."""
        if self.end is None:
            self._kill()
            # Nothing more will be said: the server kills the rest of its group, which it alone can name without a race.
            self._channel.shutdown(socket.SHUT_WR)
        # Until the server has closed its side, so that it holds nothing of this case when the caller goes on.
        deadline = monotonic() + _GOODBYE_LIMIT_S
        while not self._is_lost and _is_readable(self._channel, deadline):
            self._take_word()
        self._channel.close()
        if self._pidfd is not None:
            os.close(self._pidfd)

    def _kill(self) -> None:
        if self._pidfd is None:
            return
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return
        _is_readable(self._pidfd, monotonic() + _DEATH_LIMIT_S)

    def _take_word(self) -> None:
        received = receive_word(self._channel)
        if received is None:
            self._is_lost = True
            return
        word, facts, descriptors = received
        if word == "started":
            (self._pidfd,) = descriptors
            self.has_begun = True
        else:
            self.end = CaseEnd(**facts)


def _is_readable(waited: int | socket.socket, deadline: float) -> bool:
    poll = select.poll()
    poll.register(waited, select.POLLIN)
    return bool(poll.poll(max(0.0, deadline - monotonic()) * 1000))


def _start_server() -> _ServerProcess:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            process = subprocess.Popen(
                (sys.executable, "-m", "energyplus.engines.fork_server", str(theirs.fileno())),
                cwd="/",  # the loader looks for the library's needs in the working directory first
                env=child_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # a terminal's Ctrl-C is the worker's affair
            )
        except OSError as error:
            ours.close()
            raise EngineError(f"The engine's server cannot be started: {error}.") from error
    if not _is_readable(ours, monotonic() + _START_LIMIT_S) or receive_word(ours) is None:
        process.kill()
        process.wait()
        ours.close()
        raise EngineError("The engine's server did not start; standard error of this process says why.")
    return _ServerProcess(process, ours)
