"""What a sandboxed process may do: which files, how much of the machine, whether programs may be executed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SandboxPolicy:
    """What is left to a process that has entered the sandbox; everything else is refused.

    Attributes:
        readable: files, and folders with all below them, that may be read.
        writable: folders in which files may be read, made, changed and removed; files that may be read and changed.
        cpu_s: processor time, s; then SIGXCPU.
        memory_bytes: address space, bytes.
        largest_file_bytes: no file may grow beyond it, bytes; then SIGXFSZ.
        open_files: most descriptors at a time.
        may_execute: programs, and folders with all below them, that may be executed, with their interpreters where
            they are scripts. Where it is not empty the system's libraries and their loader may be used too.
        may_fork: whether a program may start processes; only with `may_execute`.
        keep_open: descriptors left open besides 0, 1 and 2; none may be a socket.
    """

    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    cpu_s: int
    memory_bytes: int
    largest_file_bytes: int
    open_files: int = 64
    may_execute: tuple[Path, ...] = ()
    may_fork: bool = False
    keep_open: tuple[int, ...] = ()
