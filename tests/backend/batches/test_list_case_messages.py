"""`GET /api/batches/{id}/cases/{index}/messages/`: the engine's complaints, each once, the worst first."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from batches import storage
from batches.cases import kept_files
from batches.expansion import expand_batch
from batches.models import Batch
from batches.results import complaints

ERR = """   ************* Beginning Zone Sizing Calculations
   ** Warning ** zone=CORE is small
   ** Warning ** zone=CORE is small
   ************* Beginning Simulation
   ** Severe  ** BuildingSurface:Detailed="WALL", is odd
   **   ~~~   ** very odd
   ************* EnergyPlus Completed Successfully-- 2 Warning; 1 Severe Errors; Elapsed Time=00hr 00min  0.10sec
"""


@pytest.fixture
def client(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as the batch's owner."""
    return log_in(owner)


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A batch whose cases have rows and no files yet."""
    batch = make_batch()
    expand_batch(batch.pk)
    return batch


def keep_err(batch: Batch, text: str, folder: Path) -> None:
    (folder / "eplusout.err").write_text(text)
    kept_files.keep_files(folder, ["eplusout.err"], storage.case_folder(batch.pk, 0, 0, 0))


def address(batch: Batch) -> str:
    return f"/api/batches/{batch.pk}/cases/0/messages/"


def test_messages_come_with_counts_phases_and_names(client: APIClient, batch: Batch, tmp_path: Path) -> None:
    keep_err(batch, ERR, tmp_path)
    answer = client.get(address(batch)).json()
    named = {"class_name": "BuildingSurface:Detailed", "object_name": "WALL", "zone": None}
    severe = {"severity": "severe", "text": 'BuildingSurface:Detailed="WALL", is odd very odd', "count": 1, **named}
    warning = {"severity": "warning", "text": "zone=CORE is small", "count": 2, "phase": "sizing", "zone": "CORE"}
    assert answer == {
        "warnings": 2,
        "severe_errors": 1,
        "total": 2,
        "is_complete": True,
        "messages": [
            {**severe, "phase": "simulation"},
            {**warning, "class_name": "zone", "object_name": "CORE"},
        ],
    }


def test_of_many_messages_the_first_come_and_the_answer_says_so(
    client: APIClient, batch: Batch, tmp_path: Path
) -> None:
    keep_err(batch, "".join(f"   ** Warning ** number {n}\n" for n in range(500)), tmp_path)
    answer = client.get(address(batch)).json()
    assert (len(answer["messages"]), answer["total"], answer["warnings"]) == (complaints.MOST_MESSAGES, 500, 500)
    assert not answer["is_complete"]


def test_a_case_that_has_not_ended_has_none(client: APIClient, batch: Batch) -> None:
    answer = client.get(address(batch)).json()
    assert (answer["messages"], answer["total"], answer["warnings"]) == ([], 0, 0)


def test_after_retention_they_are_gone(client: APIClient, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(outputs_removed_at=timezone.now())
    answer = client.get(address(batch))
    assert answer.status_code == 410
    assert "were removed on" in answer.json()["detail"]
