"""What a case may do, applied in its own process before the engine starts: the seam between engines and the sandbox."""

import resource
import signal

from energyplus.engines.fork_protocol import CaseRequest


def prepare_sealing() -> None:
    """Load what sealing needs, so that a fork only has to call it."""


def seal_case(request: CaseRequest) -> None:
    """Confine this process to what the case needs; there is no way back.

    Raises:
        EngineError: this machine cannot do it, and the case must not run.
    """
    # Python ignores SIGXFSZ, which would turn a file at its limit into a short one that looks whole.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    for limit, value in (
        (resource.RLIMIT_FSIZE, request.largest_file_bytes),
        (resource.RLIMIT_AS, request.memory_limit_bytes),
        (resource.RLIMIT_CPU, request.cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
