"""Says which surrogates and errands wait for a worker: none has begun them, or the one that had has vanished.

What of it has lost its message is found out and sent again by the reconciler of batches. Called by it.
"""

from django.db.models.functions import Now

from surrogates.models import Errand, Surrogate
from surrogates.states import OPEN_ERRAND_STATES, OPEN_SURROGATE_STATES


def list_waiting_surrogates() -> list[tuple[str]]:
    """Return surrogates that are to be trained and that nobody holds."""
    waiting = Surrogate.objects.filter(state__in=OPEN_SURROGATE_STATES).exclude(leased_until__gte=Now())
    return [(str(found),) for found in waiting.values_list("pk", flat=True)]


def list_waiting_errands() -> list[tuple[str]]:
    """Return errands that are to be run and that nobody holds."""
    waiting = Errand.objects.filter(state__in=OPEN_ERRAND_STATES).exclude(leased_until__gte=Now())
    return [(str(found),) for found in waiting.values_list("pk", flat=True)]
