"""Trainings and errands as background tasks: what `/api/tasks/{id}/` asks of them. Known to batches by `apps`."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from problems.exceptions import Conflict
from surrogates.models import Errand, Surrogate
from surrogates.states import OPEN_ERRAND_STATES, OPEN_SURROGATE_STATES, ErrandState

ERRAND_TASK_STATES = {
    ErrandState.QUEUED: "PENDING",
    ErrandState.RUNNING: "PROGRESS",
    ErrandState.DONE: "SUCCESS",
    ErrandState.CANCELLED: "REVOKED",
    ErrandState.FAILED: "FAILURE",
}


class Trainings:
    """Surrogates that are trained."""

    def find(self, user: User, task_id: UUID) -> Surrogate | None:
        """Return the user's surrogate that is trained by this task."""
        return Surrogate.objects.filter(owner_id=user.pk, task_id=task_id).select_related("owner").first()

    def describe(self, row: Surrogate) -> dict[str, Any]:
        """Return how far its training is."""
        from surrogates.registry import describe_task

        return describe_task(row)

    def cancel(self, row: Surrogate) -> None:
        """Stop its training."""
        from surrogates.training_api import cancel_or_refuse

        cancel_or_refuse(row)

    def tell_result(self, row: Surrogate) -> Any | None:
        """Return the surrogate, once it has ended."""
        from surrogates.registry import describe_surrogate
        from surrogates.training_serializers import SurrogateSerializer

        return None if row.state in OPEN_SURROGATE_STATES else SurrogateSerializer(describe_surrogate(row)).data


class Errands:
    """Errands that surrogates are sent on."""

    def find(self, user: User, task_id: UUID) -> Errand | None:
        """Return the errand of one of the user's surrogates."""
        return Errand.objects.filter(surrogate__owner_id=user.pk, task_id=task_id).select_related("surrogate").first()

    def describe(self, row: Errand) -> dict[str, Any]:
        """Return how far it is."""
        usual = {"current": 0, "total": 0, "percent": 0.0, "message": row.state}
        told = {**usual, **{name: row.progress[name] for name in usual if name in row.progress}}
        message = row.failure or ("cancelled" if row.state == ErrandState.CANCELLED else told["message"])
        return {**told, "task_id": row.task_id, "state": ERRAND_TASK_STATES[ErrandState(row.state)], "message": message}

    def cancel(self, row: Errand) -> None:
        """Stop it."""
        from surrogates.errands import cancel_errand

        cancelled = cancel_errand(row)
        row.refresh_from_db()
        if not cancelled:
            raise Conflict(f"The errand has ended: {row.state}.")

    def tell_result(self, row: Errand) -> Any | None:
        """Return the errand with its answer, once it has ended."""
        from surrogates.errand_serializers import ErrandSerializer
        from surrogates.errands_api import describe_errand

        return None if row.state in OPEN_ERRAND_STATES else ErrandSerializer(describe_errand(row)).data
