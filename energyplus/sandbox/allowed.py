"""Which system calls a sandboxed process may make, and why; `seccomp` turns the lists into a filter.

The engine's list was found by tracing it: annual, period and design-day runs of small and large models with HVAC, with
trimmed and with stock outputs, conversion, models and weather files it refuses, and crashes. It makes few calls. Beside
each stand the siblings that other C libraries, or aarch64, use for the same purpose. Calls in `seccomp.CONDITIONS` are
allowed only with the arguments given there.
"""

FILES = (
    *("lseek", "write", "read", "writev", "readv", "pread64", "pwrite64", "close"),  # nine tenths of all its calls
    *("newfstatat", "fstat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2", "getcwd"),
    *("open", "openat"),  # Landlock says what; on a condition
    "fcntl",  # SQLite's locks; on a condition
    *("fsync", "fdatasync", "ftruncate", "fadvise64"),  # SQLite
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir"),  # in its own folder
    *("readlink", "readlinkat"),  # SQLite and std::filesystem make paths absolute
    "getdents64",  # std::filesystem lists folders
    *("dup", "dup2", "dup3"),
    "ioctl",  # asks whether a descriptor is a terminal; on a condition
)
MEMORY = ("brk", "mmap", "munmap", "mremap", "madvise", "mprotect")  # mmap and mprotect on a condition
PROCESS = (
    *("futex", "sched_yield", "sched_getaffinity"),  # locks of the C++ library; how many processors there are
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("kill", "tgkill"),  # abort() signals itself; on a condition
    *("clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday", "nanosleep", "time", "times", "getrusage"),
    *("getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid"),
    *("uname", "sysinfo", "getrandom"),
    *("getrlimit", "prlimit64"),  # asks only; on a condition
    *("exit", "exit_group"),
)

ENGINE = (*FILES, *MEMORY, *PROCESS)
"""For the engine in a forked child: neither threads nor programs nor executable memory."""

PROGRAM = (
    *ENGINE,
    "execve",  # Landlock says what
    *("arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prctl"),  # the start of a program and of a thread
    "clone",  # threads; on a condition
    *("creat", "getdents", "close_range"),  # tar; older C libraries; Python's subprocess
    *("membarrier", "getcpu", "sched_setaffinity"),  # thread pools; the last on a condition
    *("pipe", "pipe2", "eventfd2", "poll", "ppoll", "select", "pselect6"),
    *("epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait"),
    *("rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait"),
    *("chdir", "fchdir", "umask", "statfs", "fstatfs", "fallocate", "sendfile", "copy_file_range", "flock", "mincore"),
    *("getpgrp", "getpgid", "getsid", "getresuid", "getresgid", "getgroups", "capget"),
)
"""For a program that is executed after the sandbox was entered: what its loader and its C library need besides."""

FORKING = (*PROGRAM, "fork", "vfork", "wait4", "waitid")
"""For a program that starts others. They stay in its process group, so they end with it."""

PRETENDED = ("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown", "utimensat")
"""For a program: answered as done, and not done. It may copy files with owner, mode and times, and does not notice that
nothing changed; Landlock would let these calls change files that the program can only read, or not even that."""

UNSUPPORTED = (
    *("getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)
"""Answered as by a file system without extended attributes, of which Landlock knows nothing; copying files goes on."""

MISSING = ("clone3", "openat2")
"""Answered as if the kernel did not know them: C libraries take the older sibling, which can be judged."""
