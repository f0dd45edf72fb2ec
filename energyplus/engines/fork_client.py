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

from energyplus.engines.fork_protocol import CaseEnd, CaseRequest, receive_word, send_request, send_word
from energyplus.engines.supervision import Cause, ChildEnd, child_environment, wait_for
from energyplus.errors import EngineError

_START_LIMIT_S = 120.0
_END_LIMIT_S = 10.0


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
        channel = self._ask_for_case(request)
        started = monotonic()
        with channel:
            case = _ForkedCase(channel)
            try:
                cause = case.wait(started + timeout_s, should_stop)
            finally:
                end = case.finish()
        wall_s = monotonic() - started
        return ChildEnd.of_wait_status(cause, end.wait_status, wall_s, end.cpu_s, end.peak_memory_bytes)

    def close(self) -> None:
        """End the server and whatever runs in it; another case starts it again."""
        with self._lock:
            self._finalizer()
            self._server = None

    def _ask_for_case(self, request: CaseRequest) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._send(request, theirs)
            except BaseException:
                ours.close()
                raise
        return ours

    def _send(self, request: CaseRequest, case: socket.socket) -> None:
        try:
            send_request(self._running_server().control, request, case)
        except OSError:  # it died since it was last looked at
            self.close()
            try:
                send_request(self._running_server().control, request, case)
            except OSError as error:
                raise EngineError(f"The engine's server cannot be spoken to: {error}.") from error

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

    def stop(self) -> None:
        self.control.close()  # it kills its cases and ends
        try:
            self.process.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _ForkedCase:
    """A case in the server, from the request to its end."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._pidfd: int | None = None
        self._end: CaseEnd | None = None
        self._is_lost = False

    def wait(self, deadline: float, should_stop: Callable[[], bool]) -> Cause:
        cause: Cause = "ended"
        while cause == "ended" and self._end is None and not self._is_lost:
            cause = wait_for(self._channel.fileno(), deadline, should_stop)
            if cause == "ended":
                self._take_word()
        return cause

    def finish(self) -> CaseEnd:
        """Have the case killed unless it has ended, and wait until it is dead."""
        if self._end is None and not self._is_lost:
            send_word(self._channel, "kill")
            self._await_end()
        try:
            if self._end is None:
                self._kill_orphan()
                raise EngineError("The engine's server ended while a case ran in it; the case may be tried again.")
        finally:
            if self._pidfd is not None:
                os.close(self._pidfd)
        if self._end.refusal:
            raise EngineError(self._end.refusal)
        return self._end

    def _await_end(self) -> None:
        deadline = monotonic() + _END_LIMIT_S
        while self._end is None and not self._is_lost and monotonic() < deadline:
            if wait_for(self._channel.fileno(), deadline, lambda: False) == "ended":
                self._take_word()

    def _take_word(self) -> None:
        received = receive_word(self._channel)
        if received is None:
            self._is_lost = True
            return
        word, facts, descriptors = received
        if word == "started":
            (self._pidfd,) = descriptors
        else:
            self._end = CaseEnd(**facts)

    def _kill_orphan(self) -> None:
        """Kill a case that its server has left behind; the kernel does so as well, but nobody says when."""
        if self._pidfd is None:
            return
        try:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        poll.poll(_END_LIMIT_S * 1000)


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
    server = _ServerProcess(process, ours)
    ours.settimeout(_START_LIMIT_S)
    try:
        is_ready = receive_word(ours) is not None
    except TimeoutError:
        is_ready = False
    ours.settimeout(None)
    if not is_ready:
        process.kill()
        server.stop()
        raise EngineError("The engine's server did not start; standard error of this process says why.")
    return server
