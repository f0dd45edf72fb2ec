"""Where tensors live and in which precision they are worked on, chosen by what this machine has."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch

CPU_CHUNK_ROWS = 4096  # rows of inputs whose activations stay in the cache of a core
GPU_CHUNK_ROWS = 131_072
CPU_BUDGET_BYTES = 512_000_000
GPU_SHARE = 0.5  # of the free memory of a GPU that one computation may take


@dataclass(frozen=True)
class Hardware:
    """A device and how it is used best.

    Attributes:
        device: where tensors live.
        fast: dtype of matrix products whose last digits do not matter: bfloat16 where it is native, else float32.
        chunk_rows: rows of inputs that are answered at a time.
        budget_bytes: memory that the intermediate tensors of one computation may take.
    """

    device: torch.device
    fast: torch.dtype
    chunk_rows: int
    budget_bytes: int

    @property
    def is_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.type == "cuda"


def choose_hardware(prefer: str | None = None) -> Hardware:
    """Return the hardware to compute on.

    Args:
        prefer: `cpu` or `cuda`, as CASEFARM_SURROGATE_DEVICE says if left out; a GPU where there is one otherwise.

    Raises:
        RuntimeError: a GPU is asked for and there is none.
    """
    wanted = prefer or os.environ.get("CASEFARM_SURROGATE_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    if wanted == "cpu":
        fast = torch.bfloat16 if has_native_bf16() else torch.float32
        return Hardware(torch.device("cpu"), fast, CPU_CHUNK_ROWS, CPU_BUDGET_BYTES)
    if not torch.cuda.is_available():
        raise RuntimeError(f"There is no GPU for CASEFARM_SURROGATE_DEVICE={wanted}; write cpu, or leave it out.")
    device = torch.device(wanted)
    torch.backends.cuda.matmul.allow_tf32 = True
    fast = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    free_bytes, _ = torch.cuda.mem_get_info(device)
    return Hardware(device, fast, GPU_CHUNK_ROWS, int(free_bytes * GPU_SHARE))


def has_native_bf16() -> bool:
    """Return whether the processor multiplies bfloat16 matrices itself: emulated ones are slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags
