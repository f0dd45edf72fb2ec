"""Files of surrogates that nobody needs: what killed workers and broken uploads have left. Asked by the clean-up."""

from collections.abc import Iterator

from batches.clean_up.orphans import is_old, read_uuid
from filestore.operations import Key
from filestore.store import files
from surrogates.models import Surrogate
from surrogates.states import SurrogateState
from surrogates.storage import checkpoint_folder

NOTHING_LEFT = (SurrogateState.CANCELLED, SurrogateState.FAILED)


def list_forgotten(folders: Iterator[Key]) -> Iterator[Key]:
    """Yield those of surrogates' folders that nobody needs, or what is in them and that nobody needs.

    A folder without a row may be about to get one: an upload is stored first.
    """
    for folder in folders:
        surrogate_id = read_uuid(folder.name)
        if surrogate_id is None:
            continue
        row = Surrogate.objects.filter(pk=surrogate_id).only("state").first()
        if row is None:
            if is_old(folder):
                yield folder
        elif row.state in NOTHING_LEFT:
            yield folder
        elif row.state == SurrogateState.READY:
            yield from (found for found in files.list_folders(folder) if found == checkpoint_folder(surrogate_id))
