"""What a worker for surrogates has at hand: trained emulators, loaded once, and what they say of points.

Enters: the id of a surrogate, a question as plain data. Leaves: an emulator, or an answer as plain data. Called by the
tasks of this room, in worker processes only: importing the emulator brings torch.
"""

from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from filestore.store import files
from surrogates.errors import NotReadyError
from surrogates.models import Surrogate
from surrogates.states import SurrogateState
from surrogates.storage import model_path

if TYPE_CHECKING:
    from surrogates.emulator.devices import Hardware
    from surrogates.emulator.emulator import Emulator, Predictions

MOST_LOADED = 8  # emulators that a process keeps; one of 2,000 cases takes some tens of megabytes


class Shelf:
    """Loaded emulators by the hash of their file, the one asked for longest ago goes first; for any thread."""

    def __init__(self, most: int = MOST_LOADED) -> None:
        self._most = most
        self._loaded: OrderedDict[str, Emulator] = OrderedDict()
        self._lock = Lock()  # held while one is loaded: two threads that ask for the same one load it once

    def take(self, row: Surrogate) -> "Emulator":
        """Return the emulator of a surrogate's row, read from its file where it is not there yet."""
        with self._lock:
            found = self._loaded.pop(row.file_sha256, None) or read_emulator(row)
            self._loaded[row.file_sha256] = found
            if len(self._loaded) > self._most:
                self._loaded.popitem(last=False)
            return found


SHELF = Shelf()


def load_ready(surrogate_id: UUID) -> "Emulator":
    """Return the emulator of a surrogate that is trained. Safe to call from any thread.

    Raises:
        NotReadyError: there is no such surrogate any more, or it is not trained.
        surrogates.emulator.errors.DamagedFileError: its file is not what was written.
        OSError: the file store does not answer.
    """
    row = Surrogate.objects.filter(pk=surrogate_id).only("state", "attempt", "file_sha256").first()
    if row is None:
        raise NotReadyError("The surrogate was deleted meanwhile.")
    if row.state != SurrogateState.READY:
        raise NotReadyError(f"The surrogate is {row.state}: only a ready one answers.")
    return SHELF.take(row)


def read_emulator(row: Surrogate) -> "Emulator":
    """Return the emulator that a surrogate's file holds.

    Raises:
        surrogates.emulator.errors.DamagedFileError: the file is not the one that the row tells of.
    """
    from filestore.hashing import hash_file
    from surrogates.emulator.errors import DamagedFileError
    from surrogates.emulator.files import load_emulator

    key = model_path(row.pk, row.attempt)
    with files.local_copy(key) as path:
        if (found := hash_file(path)) != row.file_sha256:
            raise DamagedFileError(f"{key} has the hash {found[:12]}…, written was {row.file_sha256[:12]}…")
        emulator, _ = load_emulator(path)
    return emulator


@cache
def find_hardware() -> "Hardware":
    """Return what this process computes on, chosen once; how many threads it may take its environment says."""
    from surrogates.emulator.devices import choose_hardware

    return choose_hardware()


def answer_question(surrogate_id: UUID, question: dict[str, Any]) -> dict[str, Any]:
    """Return what a surrogate says of points, as plain data.

    Args:
        surrogate_id: which.
        question: {"inputs": {name: [values] or value}, "level": float, "outside": "widen" | "flag" | "refuse"}.

    Returns:
        {"predictions": …}, or where it cannot answer {"problems": [[input, message, found, accepted], …]} or
        {"not_ready": why}.
    """
    from surrogates.emulator.errors import PredictionRefused

    try:
        emulator = load_ready(surrogate_id)
        said = emulator.predict(
            question["inputs"], find_hardware(), level=question["level"], outside=question["outside"]
        )
    except NotReadyError as error:
        return {"not_ready": str(error)}
    except PredictionRefused as refusal:
        return {"problems": [list(problem) for problem in refusal.problems]}
    return {"predictions": describe_predictions(said)}


def describe_predictions(said: "Predictions") -> dict[str, Any]:
    """Return predictions as plain data: {"metrics": {name: {"mean": [..], "low": [..], "high": [..]}}, …}."""
    metrics = {
        name: {
            "mean": said.mean[:, place].tolist(),
            "low": said.low[:, place].tolist(),
            "high": said.high[:, place].tolist(),
        }
        for place, name in enumerate(said.metrics)
    }
    return {"metrics": metrics, "inside": said.inside.tolist(), "strays": said.strays}
