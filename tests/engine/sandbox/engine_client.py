"""Speaks with `engine_server.py`, the real engine in sealed forks, for the tests of the sandbox."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.engine.sandbox.engine_server import Run

ROOT = Path(__file__).resolve().parents[3]
SECRET_OF_THE_ENVIRONMENT = "canary-of-the-environment-8f3a"


@dataclass(frozen=True)
class RunEnd:
    """How a run ended: exit status, negative for a signal; whether it was stopped for its time; CPU seconds."""

    status: int
    timed_out: bool
    cpu_s: float


class SealedEngine:
    """The server's process. Its environment holds a secret, which must not come out."""

    def __enter__(self) -> Self:
        environment = {
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "CASEFARM_SECRET_KEY": SECRET_OF_THE_ENVIRONMENT,
        }
        command = (sys.executable, str(Path(__file__).with_name("engine_server.py")))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, run: Run) -> RunEnd:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(run)).encode() + b"\n")
        self._process.stdin.flush()
        return RunEnd(**json.loads(self._process.stdout.readline()))
