"""What a sealed process must not be able to do, each as a function that tries it; the trial and the tests run them.

An attempt is refused when the kernel says EPERM, EACCES, ENOSYS or EOPNOTSUPP. Any other end, also an error about an
argument, means that it got through to where arguments are looked at. None does harm where it succeeds.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from energyplus.sandbox import kernel

_REFUSALS = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP})


@dataclass(frozen=True)
class Surroundings:
    """What lies around a sealed process, to be attempted.

    Attributes:
        run_folder: its own, writable; the current directory. `link-out` in it is a symbolic link to `secret`.
        given: a file it may read and not write.
        secret: a file beside the run folder that it may neither read nor write.
        tcp_port: somebody listens there on 127.0.0.1.
        udp_port: and there.
        unix_path: and there, a Unix socket.
        other_pid: a process of the same user that is not its own.
    """

    run_folder: Path
    given: Path
    secret: Path
    tcp_port: int
    udp_port: int
    unix_path: Path
    other_pid: int


Attempt = Callable[[Surroundings], object]


def try_attempt(attempt: Attempt, around: Surroundings) -> str:
    """Return "" if the attempt is refused, else what happened."""
    try:
        attempt(around)
    except OSError as error:
        return "" if error.errno in _REFUSALS else f"answered: {error.strerror}"
    return "possible"


def _read(path: Path | str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def _write(path: Path, flags: int = 0) -> None:
    os.close(os.open(path, os.O_WRONLY | flags, 0o600))


def _connect(family: int, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        stream.settimeout(1)
        stream.connect(address)  # type: ignore[arg-type]


def _bind_tcp(_: Surroundings) -> None:
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))


def _send_udp(around: Surroundings) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"casefarm", ("127.0.0.1", around.udp_port))


def _connect_abstract(_: Surroundings) -> None:
    with socket.socket(socket.AF_UNIX) as stream:
        stream.bind(b"\0casefarm-trial")


def _pair_sockets(_: Surroundings) -> None:
    for end in socket.socketpair():
        end.close()


def _fork(_: Surroundings) -> None:
    if os.fork() == 0:
        os._exit(0)


def _map_executable(_: Surroundings) -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _make_executable(_: Surroundings) -> None:
    with mmap.mmap(-1, 4096) as memory:
        view = ctypes.c_char.from_buffer(memory)
        address = ctypes.addressof(view)
        del view
        kernel.call("mprotect", address, 4096, mmap.PROT_READ | mmap.PROT_EXEC)


def _set_limit(_: Surroundings) -> None:
    kernel.call("prlimit64", 0, resource.RLIMIT_NOFILE, ctypes.create_string_buffer(16), None)


def _own_signals(around: Surroundings) -> None:
    with (around.run_folder / "owned").open("wb") as stream:
        fcntl.fcntl(stream, fcntl.F_SETOWN, around.other_pid)


def _type_into_terminal(around: Surroundings) -> None:
    with (around.run_folder / "terminal").open("wb") as stream:
        fcntl.ioctl(stream, 0x5412, b"x")


def _exchange_secret(around: Surroundings) -> None:
    os.rename(around.secret, around.run_folder / "taken")  # noqa: PTH104 - the call is meant, not the path
    os.rename(around.run_folder / "taken", around.secret)  # noqa: PTH104


ATTEMPTS: dict[str, Attempt] = {
    # files
    "read a file outside": lambda a: _read(a.secret),
    "read a file outside by ..": lambda a: _read(f"../{a.secret.name}"),
    "read a file outside through a symbolic link": lambda a: _read(a.run_folder / "link-out"),
    "list the parent of the run folder": lambda _: os.listdir(".."),  # noqa: PTH208
    "list the root": lambda _: os.listdir("/"),  # noqa: PTH208
    "read the list of users": lambda _: _read("/etc/passwd"),
    "read its environment": lambda _: _read("/proc/self/environ"),
    "read another's environment": lambda a: _read(f"/proc/{a.other_pid}/environ"),
    "read its memory": lambda _: _read("/proc/self/mem"),
    "read a device": lambda _: _read("/dev/zero"),
    "make a file outside": lambda a: _write(a.secret.with_name("new"), os.O_CREAT),
    "make a nameless file outside": lambda a: _write(a.secret.parent, os.O_TMPFILE),
    "write a file outside": lambda a: _write(a.secret),
    "write a file that is given to read": lambda a: _write(a.given),
    "empty a file that is given to read": lambda a: os.close(os.open(a.given, os.O_RDONLY | os.O_TRUNC)),
    "empty a file outside, opened for neither reading nor writing": lambda a: os.close(
        os.open(a.secret, os.O_ACCMODE | os.O_TRUNC)
    ),
    "truncate a file outside": lambda a: os.truncate(a.secret, 0),
    "remove a file outside": lambda a: a.secret.with_name("expendable").unlink(),
    "make a folder outside": lambda a: a.secret.with_name("folder").mkdir(),
    "move a file in": _exchange_secret,
    "hard-link a file in": lambda a: os.link(a.secret, a.run_folder / "hard"),
    "make a symbolic link": lambda a: (a.run_folder / "soft").symlink_to(a.secret),
    "make a pipe with a name": lambda a: os.mkfifo(a.run_folder / "pipe"),
    "change the mode of a file outside": lambda a: a.secret.chmod(0o600),
    "change the owner of a file outside": lambda a: os.chown(a.secret, os.getuid(), os.getgid()),
    "change the times of a file outside": lambda a: os.utime(a.secret),
    "change attributes of a file": lambda a: os.setxattr(a.given, "user.casefarm", b""),
    "watch a file": lambda _: kernel.call("inotify_init1", 0),
    "open a file by its handle": lambda _: kernel.call("open_by_handle_at", -1, 0, 0),
    # network
    "connect by TCP": lambda a: _connect(socket.AF_INET, ("127.0.0.1", a.tcp_port)),
    "listen on TCP": _bind_tcp,
    "send by UDP": _send_udp,
    "connect to a Unix socket": lambda a: _connect(socket.AF_UNIX, os.path.relpath(a.unix_path)),
    "use an abstract Unix socket": _connect_abstract,
    "make a pair of sockets": _pair_sockets,
    "open a netlink socket": lambda _: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    # processes
    "fork": _fork,
    "fork by clone": lambda _: kernel.call("clone", 0x00020200),  # invalid: CLONE_NEWNS with CLONE_FS
    "fork by clone3": lambda _: kernel.call("clone3", 0, 0),
    "start a thread": lambda _: kernel.call("clone", 0x00010000),  # invalid: CLONE_THREAD by itself
    "execute a program": lambda _: os.execv("/nowhere", ["/nowhere"]),  # noqa: S606
    "execute a program by descriptor": lambda _: kernel.call("execveat", -1, 0, 0, 0, 0),
    "leave the process group": lambda _: kernel.call("setpgid", 0, 0),
    "leave the session": lambda _: kernel.call("setsid"),
    "signal another process": lambda a: os.kill(a.other_pid, 0),
    "signal everybody": lambda _: os.kill(-(2**31) + 1, 0),  # no such group
    "signal a thread of another": lambda a: kernel.call("tgkill", a.other_pid, a.other_pid, 0),
    "open a process": lambda a: os.close(os.pidfd_open(a.other_pid)),
    "be sent signals for another": _own_signals,
    "trace": lambda _: kernel.call("ptrace", 0, 0, 0, 0),
    "read another's memory": lambda a: kernel.call("process_vm_readv", a.other_pid, 0, 0, 0, 0, 0),
    "write another's memory": lambda a: kernel.call("process_vm_writev", a.other_pid, 0, 0, 0, 0, 0),
    "change a limit": _set_limit,
    "change priorities": lambda _: kernel.call("setpriority", 0, 0, 0),
    # executable memory
    "map executable memory": _map_executable,
    "make memory executable": _make_executable,
    "make memory executable by key": lambda _: kernel.call("pkey_mprotect", 0, 0, 4, -1),
    "make a file in memory": lambda _: os.close(os.memfd_create("casefarm")),
    "change the personality": lambda _: kernel.call("personality", 0xFFFFFFFF),
    # the kernel's larger doors
    "queue work with io_uring": lambda _: kernel.call("io_uring_setup", 1, 0),
    "handle page faults": lambda _: kernel.call("userfaultfd", 1 << 30),
    "load a BPF program": lambda _: kernel.call("bpf", 999, 0, 0),
    "count events": lambda _: kernel.call("perf_event_open", 0, 0, -1, -1, 0),
    "use the key ring": lambda _: kernel.call("keyctl", 999, 0, 0, 0, 0),
    "share memory": lambda _: kernel.call("shmget", 0, 0, 0),
    "queue messages": lambda _: kernel.call("msgget", 0, 0),
    "type into a terminal": _type_into_terminal,
    "become another user": lambda _: os.setuid(os.getuid()),
    "take back privileges": lambda _: kernel.call("capset", 0, 0),
    "make namespaces": lambda _: kernel.call("unshare", 0),
    "mount": lambda _: kernel.call("mount", 0, 0, 0, 0, 0),
    "change the root": lambda _: os.chroot("."),
    "change the filter": lambda _: kernel.call("seccomp", 999, 0, 0),
    "set an alarm": lambda _: signal.setitimer(signal.ITIMER_REAL, 0),
}
"""Everything that is tried, by name."""
