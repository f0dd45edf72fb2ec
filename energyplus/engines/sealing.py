"""What a forked case may do, applied in its own process before the engine starts: from fork server to sandbox."""

from pathlib import Path

from energyplus.engines.fork_protocol import CaseRequest
from energyplus.sandbox import SandboxPolicy, apply_limits, enter_sandbox


def seal_case(request: CaseRequest, complaints: int) -> None:
    """Confine this process to what the case needs; there is no way back.

    The engine is loaded by now. From then on it opens nothing but its model, its weather and what it writes.

    Args:
        request: the case.
        complaints: a descriptor that is left open for telling why the case was refused.

    Raises:
        EngineError: this machine cannot do it, and the case must not run.
    """
    policy = SandboxPolicy(
        readable=(Path(request.weather),),
        writable=(Path(request.run_folder),),
        cpu_s=request.cpu_s,
        memory_bytes=request.memory_limit_bytes,
        largest_file_bytes=request.largest_file_bytes,
        keep_open=(complaints,),
    )
    if request.sandbox == "enforced":
        enter_sandbox(policy)
    else:
        apply_limits(policy)
