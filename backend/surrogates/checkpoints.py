"""What a training keeps for whoever goes on after it, in the farm's file store. Called by `leases` and the stages.

A checkpoint belongs to the rows that were learnt from: where a batch has grown since, there is none, and training
begins anew. Two attempts at the same rows do the same steps, so that it does not matter which of them has written one.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from filestore.operations import Key
from filestore.store import files
from surrogates.storage import checkpoint_folder, checkpoint_path

if TYPE_CHECKING:
    from surrogates.emulator.watching import State


class Checkpoints:
    """Those of one surrogate's training on certain rows."""

    def __init__(self, surrogate_id: UUID, digest: str) -> None:
        """Take the surrogate and a digest of what it learns from and how."""
        self._surrogate_id, self._digest = surrogate_id, digest

    def keep(self, name: str, state: "State") -> None:
        """Keep the state of a part in place of an earlier one."""
        from surrogates.emulator.checkpoints import write_state

        with files.fill_file(self._find(name)) as path:
            write_state(state, path)

    def recall(self, name: str) -> "State | None":
        """Return what was kept of a part; None where nothing was."""
        from surrogates.emulator.checkpoints import read_state

        try:
            with files.local_copy(self._find(name)) as path:
                return read_state(path)
        except FileNotFoundError:
            return None

    def _find(self, name: str) -> Key:
        return checkpoint_path(self._surrogate_id, f"{self._digest[:16]}-{quote(name, safe=' ')}")


def remove_checkpoints(surrogate_id: UUID) -> None:
    """Remove all that a training has kept."""
    files.remove(checkpoint_folder(surrogate_id))
