"""Tells removals that somebody is reading the files of a batch, so that they wait. Called by downloads.

A mark in the batch's row that runs out by itself: a reader that is killed keeps nobody waiting for long, and one that
goes on renews it. No lock and no connection is held while a download lasts for hours.
"""

from collections.abc import Iterator
from time import monotonic
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from batches.database import from_now
from batches.models import Batch

HOLD_S = 120
RENEW_S = 40
Piece = TypeVar("Piece", str, bytes)


def hold_files(batch_id: UUID) -> None:
    """Keep removals away from a batch's files for two minutes from now."""
    soon = Q(files_read_until=None) | Q(files_read_until__lt=from_now(HOLD_S - RENEW_S))
    Batch.objects.filter(soon, pk=batch_id).update(files_read_until=from_now(HOLD_S))


def hold_while_reading(batch_id: UUID, pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a download; removals stay away from the batch's files until shortly after the last one."""
    hold_files(batch_id)
    held_at = monotonic()
    for piece in pieces:
        yield piece
        if monotonic() - held_at > RENEW_S:
            hold_files(batch_id)
            held_at = monotonic()
