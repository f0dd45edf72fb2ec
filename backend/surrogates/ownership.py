"""Whose surrogates somebody may ask for: an address and a request go in, a row or a refusal comes out."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from problems.exceptions import Conflict
from surrogates.models import Errand, Surrogate
from surrogates.states import SurrogateState

WHAT_TO_DO = {
    SurrogateState.QUEUED: "It waits for a worker; ask again when it is ready.",
    SurrogateState.TRAINING: "It is being trained; ask again when it is ready.",
    SurrogateState.CANCELLED: "Its training was cancelled; train another one.",
    SurrogateState.FAILED: "Its training failed; its `failure` says why.",
}


def signed_in(request: Request) -> User:
    """Return the user of an authenticated request."""
    assert isinstance(request.user, User)  # noqa: S101 - every view here requires authentication
    return request.user


def list_surrogates(user: User) -> QuerySet[Surrogate]:
    """Return the surrogates that belong to `user`, newest first."""
    return Surrogate.objects.filter(owner_id=user.pk).select_related("owner")


def find_surrogate(request: Request, surrogate_id: UUID) -> Surrogate:
    """Return the caller's surrogate.

    Raises:
        Http404: there is none, or it is another user's.
    """
    return get_object_or_404(list_surrogates(signed_in(request)), pk=surrogate_id)


def find_ready(request: Request, surrogate_id: UUID) -> Surrogate:
    """Return the caller's surrogate that can be asked.

    Raises:
        Http404: there is none, or it is another user's.
        Conflict: it is not trained; says what to do.
    """
    light = list_surrogates(signed_in(request)).defer("report", "provenance", "progress")  # whoever asks waits
    surrogate = get_object_or_404(light, pk=surrogate_id)
    state = SurrogateState(surrogate.state)
    if state is not SurrogateState.READY:
        raise Conflict(f"The surrogate is {state.value}. {WHAT_TO_DO[state]}")
    return surrogate


def find_errand(request: Request, errand_id: UUID) -> Errand:
    """Return an errand of one of the caller's surrogates.

    Raises:
        Http404: there is none, or it is another user's.
    """
    owned = Errand.objects.filter(surrogate__owner_id=signed_in(request).pk).select_related("surrogate__owner")
    return get_object_or_404(owned, pk=errand_id)
