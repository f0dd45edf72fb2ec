"""The process that forks a case: `python -m energyplus.engines.fork_server DESCRIPTOR`, started by `fork_client`.

It has the engine's library loaded and warmed; a case is a fork of it, so it pays neither for an interpreter nor for the
library, and whatever it does to its memory, nobody else's is touched. One thread, so that forking is safe.
It ends, and with it every case, when the worker's end of the control socket closes, however the worker ended.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from energyplus.engines.child import LoadedEngine, load_engine, run_engine, warm_engine
from energyplus.engines.fork_protocol import CaseEnd, CaseRequest, receive_request, send_word
from energyplus.engines.sealing import seal_case
from energyplus.engines.supervision import die_with_parent
from energyplus.errors import EngineError

_KILLED_FIRST = "800"  # of 1000: where memory is short, the kernel takes a case before a server or a worker
_BROKEN = 70
_LONGEST_COMPLAINT = 2000  # bytes; less than a pipe holds


@dataclass(frozen=True, eq=False)
class _Case:
    pid: int
    pidfd: int
    channel: socket.socket
    complaints: int


class _Server:
    def __init__(self, control: socket.socket, engine: LoadedEngine) -> None:
        self._control = control
        self._engine = engine
        self._selector = selectors.DefaultSelector()
        self._cases: set[_Case] = set()

    def serve(self) -> None:
        """Fork cases until the worker is gone; none is left then."""
        self._selector.register(self._control, selectors.EVENT_READ, self._take_request)
        try:
            while not self._is_over():
                pass
        finally:
            for case in self._cases:
                _kill(case)
            for case in tuple(self._cases):
                self._end_case(case)

    def _is_over(self) -> bool:
        for key, _events in self._selector.select():
            act: Callable[[], bool] = key.data
            if not act():
                return True
        return False

    def _take_request(self) -> bool:
        received = receive_request(self._control)
        if received is None:
            return False
        request, channel = received
        server = os.getpid()
        complaints, told = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        pid = os.fork()
        if pid == 0:
            _become_case(request, told, self._engine, server)
        os.close(told)
        case = _Case(pid, os.pidfd_open(pid), channel, complaints)
        self._cases.add(case)
        self._selector.register(case.pidfd, selectors.EVENT_READ, lambda: self._end_case(case))
        self._selector.register(channel, selectors.EVENT_READ, lambda: self._stop_case(case))
        send_word(channel, "started", (case.pidfd,), pid=pid)
        return True

    def _stop_case(self, case: _Case) -> bool:
        if case in self._cases:  # else it has ended in the same round
            self._selector.unregister(case.channel)
            _kill(case)
        return True

    def _end_case(self, case: _Case) -> bool:
        _kill(case)  # before the leader is reaped, so that the group's number cannot have been given to another
        _pid, status, usage = os.wait4(case.pid, 0)
        self._cases.remove(case)
        self._selector.unregister(case.pidfd)
        os.close(case.pidfd)
        if case.channel in self._selector.get_map():
            self._selector.unregister(case.channel)
        refusal = os.read(case.complaints, _LONGEST_COMPLAINT).decode()
        os.close(case.complaints)
        end = CaseEnd(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, refusal)
        send_word(case.channel, "ended", **asdict(end))
        case.channel.close()
        return True


def _kill(case: _Case) -> None:
    for kill in (os.kill, os.killpg):
        try:
            kill(case.pid, signal.SIGKILL)
        except ProcessLookupError:  # no group yet: the fork has not come so far
            continue


def _become_case(request: CaseRequest, complaints: int, engine: LoadedEngine, server: int) -> NoReturn:
    """Run the case in this fork; never returns into the server's code, whatever happens."""
    status = _BROKEN
    try:
        try:
            _leave_server(request, complaints, server)
            seal_case(request, complaints)
        except (EngineError, OSError) as error:
            os.write(complaints, str(error).encode()[:_LONGEST_COMPLAINT])
        else:
            os.close(complaints)
            status = run_engine(engine, Path(request.model), Path(request.weather))
    except BaseException:  # noqa: BLE001 - a fork must never come back into the server
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


def _leave_server(request: CaseRequest, complaints: int, server: int) -> None:
    """Become a process of its own that holds nothing of the server's."""
    os.setsid()
    die_with_parent(server)
    Path("/proc/self/oom_score_adj").write_text(_KILLED_FIRST, encoding="ascii")
    console = os.open(request.console, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    os.dup2(console, 2)  # standard output, where the engine tells its progress, goes nowhere
    os.closerange(3, complaints)
    os.closerange(complaints + 1, os.sysconf("SC_OPEN_MAX"))
    os.chdir(request.run_folder)
    os.environ["TMPDIR"] = request.run_folder


def _main(descriptor: int) -> None:
    control = socket.socket(fileno=descriptor)
    engine = load_engine()
    warm_engine(engine)
    gc.collect()
    gc.freeze()  # a fork that collects garbage would otherwise copy every page with an object on it
    send_word(control, "ready", pid=os.getpid())
    _Server(control, engine).serve()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
