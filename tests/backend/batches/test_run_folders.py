"""Run folders: each is held by the attempt that works in it, and goes when nobody does."""

from pathlib import Path
from uuid import uuid4

import pytest

from batches import storage


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, settings: object) -> Path:
    settings.CASEFARM_SCRATCH = tmp_path / "scratch"
    return settings.CASEFARM_SCRATCH


def test_a_run_folder_is_there_while_its_attempt_works_in_it() -> None:
    with storage.open_scratch(uuid4(), 3, 1) as folder:
        (folder / "model.idf").write_text("Version;")
        assert storage.remove_abandoned_scratch() == 0
        assert (folder / "model.idf").exists()
    assert not folder.exists()


def test_what_a_killed_worker_left_goes_and_what_a_living_one_holds_stays(scratch: Path) -> None:
    left = scratch / str(uuid4()) / "0-1"
    left.mkdir(parents=True)
    (left / "eplusout.err").write_text("half a run")
    with storage.open_scratch(uuid4(), 0, 1) as held:
        assert storage.remove_abandoned_scratch() == 1
        assert held.exists()
    assert not left.exists()


def test_an_attempt_begins_with_an_empty_folder() -> None:
    batch_id = uuid4()
    left = storage.scratch_folder(batch_id) / "0-1"
    left.mkdir(parents=True)
    (left / "eplusout.err").write_text("half a run")
    with storage.open_scratch(batch_id, 0, 1) as folder:
        assert list(folder.iterdir()) == []
