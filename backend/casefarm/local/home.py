"""The folder of a farm on one machine, CASEFARM_HOME: its lock, its secret key, what it remembers between starts.

Enters: a path. Leaves: files of mode 0600 in a folder of mode 0700. Called by `stack` and `up`.
"""

import fcntl
import json
import os
import pwd
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casefarm.errors import LocalStackError
from casefarm.local.processes import wait_until

TOLD_TO_STOP_S = 1.0
STOPPING_S = 60.0


class Home:
    """One farm's folder. Whoever holds its lock may start processes in it; the kernel frees that of a killed holder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = path / "run"
        self.logs = path / "logs"
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder where it is missing, and take its lock.

        Raises:
            LocalStackError: when it is somebody else's, cannot be written, or a farm runs in it already.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_strangers()
            for folder in (self.run, self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LocalStackError(f"CASEFARM_HOME {self.path} cannot be used: {error.strerror}") from error
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if not self._take_lock(descriptor):
            os.close(descriptor)
            served = self.recall("served", {})
            raise LocalStackError(
                f"a farm already runs in {self.path}, at {served.get('url', 'an unknown address')} "
                f"(process {served.get('pid', '?')}): use that one, stop it, or set CASEFARM_HOME to another folder"
            )
        self._lock = descriptor

    @property
    def is_open(self) -> bool:
        """Whether this process holds the lock."""
        return self._lock is not None

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def keep_secret(self, name: str) -> str:
        """Return the long random text kept in file `name`, made at the first call."""
        path = self.path / name
        if not path.is_file() or not path.read_text(encoding="ascii").strip():
            self._write(path, secrets.token_urlsafe(48) + "\n")
        return path.read_text(encoding="ascii").strip()

    def remember(self, name: str, value: Any) -> None:
        """Keep plain data under `name` between starts."""
        self._write(self.run / f"{name}.json", json.dumps(value) + "\n")

    def recall(self, name: str, default: Any) -> Any:
        """Return what was remembered under `name`, `default` where nothing readable is."""
        try:
            return json.loads((self.run / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return default

    def announce_stop(self) -> None:
        """Tell whoever starts the next farm here that waiting for the lock is worth while."""
        self.remember("served", {**self.recall("served", {}), "is_stopping": True})

    def publish_join(self, settings: Mapping[str, str]) -> None:
        """Write what other machines need to join the farm; the passwords of its servers are in it."""
        self._write(self.path / "join.env", "".join(f"{name}={value}\n" for name, value in settings.items()))

    def publish_url(self, url: str) -> None:
        """Write the address served, for the client, the command and whoever starts a second farm here."""
        self._write(self.run / "url", url + "\n")
        self.remember("served", {"url": url, "pid": os.getpid()})

    def _take_lock(self, descriptor: int) -> bool:
        """Return whether the lock is ours; a farm that stops is waited for, one just told to has a second."""

        def is_taken() -> bool:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if wait_until(is_taken, TOLD_TO_STOP_S):
            return True
        return bool(self.recall("served", {}).get("is_stopping")) and wait_until(is_taken, STOPPING_S)

    def _refuse_strangers(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            try:
                name = pwd.getpwuid(owner).pw_name
            except KeyError:
                name = str(owner)
            raise LocalStackError(
                f"CASEFARM_HOME {self.path} belongs to user {name}: run Casefarm as that user, or choose another folder"
            )

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """Write a file of mode 0600 as a whole, or not at all."""
        partial = path.with_name(f"{path.name}.partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
