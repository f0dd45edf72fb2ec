"""Where a surrogate's files lie in the farm's file store: the trained model, and checkpoints while it is trained."""

from uuid import UUID

from filestore.operations import Key

SURROGATES = Key("surrogates")
SUFFIX = ".casefarm-surrogate"  # a zip of safetensors and JSON: emulator/files.py


def surrogate_folder(surrogate_id: UUID) -> Key:
    """Return the folder of everything a surrogate keeps."""
    return SURROGATES / str(surrogate_id)


def model_path(surrogate_id: UUID, attempt: int) -> Key:
    """Return the file of the trained model, written by one attempt: a late one writes over none."""
    return surrogate_folder(surrogate_id) / f"model-{attempt}{SUFFIX}"


def checkpoint_path(surrogate_id: UUID, name: str) -> Key:
    """Return the file of what a part of a training keeps for whoever goes on after it."""
    return checkpoint_folder(surrogate_id) / f"{name}.safetensors"


def checkpoint_folder(surrogate_id: UUID) -> Key:
    """Return the folder of all that a training keeps for whoever goes on after it."""
    return surrogate_folder(surrogate_id) / "checkpoints"


def points_path(surrogate_id: UUID, errand_id: UUID) -> Key:
    """Return the file of all points that an errand found, where its row holds only the first of them."""
    return surrogate_folder(surrogate_id) / "errands" / f"{errand_id}.parquet"


def table_path(surrogate_id: UUID) -> Key:
    """Return the file of the table that somebody brought to be learnt from."""
    return surrogate_folder(surrogate_id) / "table.parquet"


def upload_path(surrogate_id: UUID) -> Key:
    """Return the file that somebody brought as a trained surrogate, until a worker has read it."""
    return surrogate_folder(surrogate_id) / f"upload{SUFFIX}"
