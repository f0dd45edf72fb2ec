"""What a user's uploads take of his quota, and the refusal of more. Called by `services` and the quota API."""

from django.contrib.auth.models import User
from django.db.models import Sum

from accounts.quotas import Limits, Use, require_room
from library.models import StoredModel, StoredWeather

UPLOADS = "uploads"
ADVICE = "Delete models or weather files that you no longer need."


def measure_uploads(user: User, limits: Limits) -> Use:
    """Return how many bytes a user's own models, with their attachments, and weather files have."""
    rows = StoredModel.objects.filter(owner=user).values_list("size_bytes", "attachments")
    models = sum(size + sum(attached["size_bytes"] for attached in attachments) for size, attachments in rows)
    weather = StoredWeather.objects.filter(owner=user).aggregate(total=Sum("size_bytes"))["total"] or 0
    return Use(UPLOADS, models + weather, limits.upload_bytes, "bytes")


def require_uploads(user: User, limits: Limits, more_bytes: int) -> None:
    """Do nothing where a user may upload so many bytes more; call it under `accounts.quotas.lock_quotas`.

    Raises:
        TooMuch: his quota has no room for them.
    """
    if limits.upload_bytes is not None:
        require_room(measure_uploads(user, limits), more_bytes, advice=ADVICE)
