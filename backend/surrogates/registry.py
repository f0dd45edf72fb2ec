"""The farm's surrogates as people look at them: whose there are, how far they are, what they are made of.

Enters: rows. Leaves: plain dictionaries for the API. Also ends and deletes surrogates.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse

from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES
from filestore.store import files
from surrogates.models import Surrogate
from surrogates.states import OPEN_SURROGATE_STATES, SurrogateState
from surrogates.storage import surrogate_folder

TASK_STATES = {
    SurrogateState.QUEUED: "PENDING",
    SurrogateState.TRAINING: "PROGRESS",
    SurrogateState.READY: "SUCCESS",
    SurrogateState.CANCELLED: "REVOKED",
    SurrogateState.FAILED: "FAILURE",
}
WAITS = (
    "it waits for a worker for surrogates; a farm without any gets one by `pip install 'casefarm[surrogate]'` and"
    " `casefarm up`, or `casefarm worker --surrogates`"
)
BEGINS = "it begins"


def describe_links(surrogate: Surrogate) -> dict[str, str | None]:
    """Return the addresses of what belongs to a surrogate."""
    place = {"surrogate_id": surrogate.pk}
    return {
        "status_url": reverse("surrogate", kwargs=place),
        "cancel_url": reverse("surrogate-cancel", kwargs=place),
        "predict_url": reverse("surrogate-predict", kwargs=place),
        "file_url": reverse("surrogate-file", kwargs=place) if surrogate.file_sha256 else None,
    }


def describe_progress(surrogate: Surrogate) -> dict[str, Any]:
    """Return how far a training is: steps of the part at work, the share of the whole in percent, a word."""
    told: dict[str, Any] = surrogate.progress or {}
    usual = WAITS if surrogate.state == SurrogateState.QUEUED else BEGINS
    message = surrogate.failure or told.get("message") or usual
    if surrogate.state in (SurrogateState.QUEUED, SurrogateState.CANCELLED):
        message = WAITS if surrogate.state == SurrogateState.QUEUED else "cancelled"
    return {
        "current": told.get("current", 0),
        "total": told.get("total", 0),
        "percent": told.get("percent", 0.0),
        "message": message,
    }


def describe_summary(surrogate: Surrogate) -> dict[str, Any]:
    """Return a surrogate as it stands in a list, without its report and curves."""
    names = ("id", "task_id", "name", "version", "state", "created_at", "started_at", "finished_at", "file_bytes")
    return {
        **{name: getattr(surrogate, name) for name in names},
        "owner": surrogate.owner.get_username(),
        "error": surrogate.failure or None,
        "kind": (surrogate.report or {}).get("kind"),
        "cases_used": surrogate.provenance.get("cases_used"),
        "worst_cvrmse": find_worst_cvrmse(surrogate),
        "metrics": surrogate.metrics,
        "progress": describe_progress(surrogate),
        "parents": [
            {"batch": parent.batch_id, "name": parent.batch_name, "cases_used": parent.cases_used}
            for parent in surrogate.parents.all()
        ],
        **describe_links(surrogate),
    }


def find_worst_cvrmse(surrogate: Surrogate) -> float | None:
    """Return the largest CVRMSE of a surrogate's metrics on cases not learnt from; None where none is known."""
    accuracy = (surrogate.report or {}).get("accuracy", ())
    return max((metric["cvrmse"] for metric in accuracy if metric["cvrmse"] is not None), default=None)


def describe_surrogate(surrogate: Surrogate) -> dict[str, Any]:
    """Return a surrogate with everything that is known about it."""
    versions = Surrogate.objects.filter(owner_id=surrogate.owner_id, name=surrogate.name).order_by("version")
    return {
        **describe_summary(surrogate),
        "wish": surrogate.wish,
        "inputs": surrogate.inputs,
        "report": surrogate.report,
        "curves": (surrogate.progress or {}).get("curves", {}),
        "provenance": surrogate.provenance,
        "file_sha256": surrogate.file_sha256 or None,
        "versions": [
            {"id": found.pk, "version": found.version, "state": found.state}
            for found in versions.only("pk", "version", "state")
        ],
    }


def describe_task(surrogate: Surrogate) -> dict[str, Any]:
    """Return a training as the background task that it is."""
    return {
        "task_id": surrogate.task_id,
        "state": TASK_STATES[SurrogateState(surrogate.state)],
        **describe_progress(surrogate),
    }


def cancel_surrogate(surrogate_id: UUID) -> bool:
    """Stop a training and leave nothing of it; returns whether it was still going on.

    Whoever is at it notices within half a second. Files go when the transaction has committed.
    """
    still = Surrogate.objects.filter(pk=surrogate_id, state__in=OPEN_SURROGATE_STATES)
    changed = still.update(state=SurrogateState.CANCELLED, finished_at=Now(), leased_until=None, progress={})
    if changed:
        transaction.on_commit(lambda: files.remove(surrogate_folder(surrogate_id)))
    return bool(changed)


def find_user_of(surrogate_id: UUID) -> Batch | None:
    """Return a batch at work whose cases the surrogate answers for; None where there is none."""
    engine = f"surrogate:{surrogate_id}"
    return Batch.objects.filter(study__engine=engine, state__in=ACTIVE_BATCH_STATES, deleted_at=None).first()


def delete_surrogate(surrogate: Surrogate) -> None:
    """Delete a surrogate with its errands and files, whatever its state. What it was trained on stays."""
    surrogate_id = surrogate.pk
    surrogate.delete()
    transaction.on_commit(lambda: files.remove(surrogate_folder(surrogate_id)))
