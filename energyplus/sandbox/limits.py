"""Sets the resource limits of a case on the calling process; sealed cases and trusted ones get the same."""

import resource
import signal

from energyplus.errors import SandboxError
from energyplus.sandbox.policy import SandboxPolicy

_GRACE_S = 2
"""CPU seconds between SIGXCPU, which says what happened, and SIGKILL, which nothing can ignore."""


def apply_limits(policy: SandboxPolicy) -> None:
    """Limit the calling process, and what it starts, for good: an unprivileged process cannot raise them again.

    A file at its limit ends the process by SIGXFSZ: Python ignores that signal, which would turn the file into a short
    one that looks whole.

    Args:
        policy: `cpu_s`, `memory_bytes` (address space), `largest_file_bytes` and `open_files` count here.

    Raises:
        SandboxError: the kernel refused a limit.
    """
    for number in (signal.SIGXFSZ, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    limits = {
        resource.RLIMIT_CPU: (policy.cpu_s, policy.cpu_s + _GRACE_S),
        resource.RLIMIT_AS: (policy.memory_bytes, policy.memory_bytes),
        resource.RLIMIT_FSIZE: (policy.largest_file_bytes, policy.largest_file_bytes),
        resource.RLIMIT_NOFILE: (policy.open_files, policy.open_files),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, (soft, hard) in limits.items():
        _set_limit(kind, soft, hard)


def _set_limit(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:  # whoever started the worker may have limited it further
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError) as error:
        raise SandboxError(f"The kernel refused the limit {hard} on resource {kind}: {error}.") from error
