"""What a user may have of the farm, and the refusal of more. Called by whoever adds to it: submission, uploads.

Two requests at once cannot both slip through: whoever wants to add first takes the user's lock, which is held until his
transaction ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from accounts.models import UserQuota
from problems.exceptions import ProblemEntry, TooMuch

LOCK_CLASS = 0x0CA5E  # apart from the locks of other rooms, which have one number instead of two


@dataclass(frozen=True)
class Limits:
    """What a user may have; None is no limit.

    Attributes:
        cases: of his active batches that are not final.
        stored_bytes: that the cases of all his batches keep.
        upload_bytes: that his models and weather files have.
    """

    cases: int | None
    stored_bytes: int | None
    upload_bytes: int | None


@dataclass(frozen=True)
class Use:
    """How much of one quota is used: `used` and `limit` in `unit`s (cases, bytes)."""

    name: str
    used: int
    limit: int | None
    unit: str


def find_limits(user: User) -> Limits:
    """Return a user's quotas: his own, or where he has none the farm's."""
    own = UserQuota.objects.filter(user=user).first() or UserQuota()
    cases = settings.CASEFARM_QUOTA_CASES if own.cases is None else own.cases
    stored_gb = settings.CASEFARM_QUOTA_STORED_GB if own.stored_gb is None else own.stored_gb
    uploads_mb = settings.CASEFARM_QUOTA_UPLOADS_MB if own.uploads_mb is None else own.uploads_mb
    return Limits(cases or None, int(stored_gb * 1e9) or None, int(uploads_mb * 1e6) or None)


@contextmanager
def lock_quotas(user: User) -> Iterator[Limits]:
    """Give a user's quotas, and have others who would add to what they bound wait until the transaction ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, user.pk])
        yield find_limits(user)


def require_room(use: Use, more: int, *, advice: str, retry_after_s: int | None = None) -> None:
    """Do nothing where a quota has room for more.

    Args:
        use: the quota, and what is used of it.
        more: what is to be added, in its unit.
        advice: what to do about it, as a sentence.
        retry_after_s: when to ask again, where waiting helps.

    Raises:
        TooMuch: 429, which names the quota, what is used of it, and its limit.
    """
    if use.limit is None or use.used + more <= use.limit:
        return
    helps = retry_after_s if more <= use.limit else None
    found = f"{describe(use.used, use.unit)} used, {describe(more, use.unit)} asked for"
    accepted = f"{describe(use.limit, use.unit)} together"
    entry = ProblemEntry(use.name, f"Your quota of {use.name.replace('_', ' ')} is used up. {advice}", found, accepted)
    raise TooMuch(f"This would exceed your quota of {use.name.replace('_', ' ')}.", [entry], retry_after_s=helps)


def describe(amount: int, unit: str) -> str:
    """Return an amount as people read it."""
    if unit != "bytes":
        return f"{amount:,} {unit}"
    return f"{amount / 1e9:.2f} GB" if amount >= 1e9 else f"{amount / 1e6:.1f} MB"
