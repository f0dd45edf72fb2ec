"""How much each owner may store. Called by `plan`."""

from django.conf import settings
from django.contrib.auth.models import User

GIGABYTE = 10**9


def find_stored_bytes_quota(owner: User) -> int | None:  # noqa: ARG001 - the same for everybody so far
    """Return how many bytes the files of an owner's cases may take; None: as many as there is room for."""
    return settings.CASEFARM_OWNER_GB * GIGABYTE or None
