"""An adaptive batch goes on: whenever all its cases are final, somebody above this room chooses more, or ends it.

This room knows no surrogate: an app registers the task that grows such a batch (`register_grower`), and calls
`claim_round`, `append_round` and `end_rounds` from it. All that is known of the rounds stands on the batch's row:

    {"rounds": [{"number", "cases", "used", "cvrmse", …}], "learning": cases, "ended": why, "surrogate": id}

So whatever is killed, the next look begins where the last round was recorded. A round is an extension of its batch
(`extension.append_cases`), as a generation of a search is. Called by `tasks` and by the app.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from batches.growth.extension import append_cases
from batches.live import notices
from batches.models import Batch, Shard
from batches.states import OPEN_SHARD_STATES, BatchState
from studies.definition import MoreRows

NOTE = """
    UPDATE batches_batch SET rounds = rounds || jsonb_build_object('learning', %(cases)s::int)
     WHERE id = %(batch_id)s AND state = 'running' AND case_count = %(cases)s AND NOT rounds ? 'ended'
"""


@dataclass(frozen=True)
class Grower:
    """Who grows adaptive batches: a Celery task that takes a batch and how many cases it has, and its queue."""

    task: str
    queue: str


_growers: list[Grower] = []


def register_grower(grower: Grower) -> None:
    """Make known who grows adaptive batches; called once by the app that does."""
    _growers[:] = [grower]


def find_grower() -> Grower:
    """Return who grows adaptive batches.

    Raises:
        LookupError: this process has no such app.
    """
    if not _growers:
        raise LookupError("Nothing here grows adaptive batches; the same release must run everywhere.")
    return _growers[0]


def is_open(batch: Batch) -> bool:
    """Return whether a batch is adaptive and may get more rounds."""
    return batch.rounds is not None and "ended" not in batch.rounds


def is_due(batch: Batch) -> bool:
    """Return whether a batch waits for its next round, or to be told that there is none."""
    if batch.state != BatchState.RUNNING or not is_open(batch):
        return False
    return batch.retrying is None and not batch.shards.filter(state__in=OPEN_SHARD_STATES).exists()


def list_due() -> list[tuple[str, int]]:
    """Return (batch, its cases) of all that wait for their next round."""
    open_shards = Shard.objects.filter(batch_id=OuterRef("pk"), state__in=OPEN_SHARD_STATES)
    waiting = list_open(Batch.objects.filter(~Exists(open_shards), state=BatchState.RUNNING, retrying__isnull=True))
    return [(str(batch_id), cases) for batch_id, cases in waiting.values_list("pk", "case_count")]


def list_open(batches: "QuerySet[Batch]") -> "QuerySet[Batch]":
    """Return those of some batches that are adaptive and may get more rounds."""
    return batches.filter(rounds__isnull=False).exclude(rounds__has_key="ended")


def note_learning(batch_id: UUID, cases: int) -> None:
    """Have a batch say that a worker has taken up what its cases show."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"batch_id": batch_id, "cases": cases})
    notices.tell_change(batch_id)


@contextmanager
def claim_round(batch_id: UUID, cases: int) -> Iterator[Batch | None]:
    """Let one caller at a time think about a batch's next round; all that he writes meanwhile counts, or nothing.

    Yields:
        The batch; None where somebody else is at it, or it has grown, ended, or waits for cases.
    """
    with transaction.atomic():
        if not claim_thinking(batch_id):
            yield None
            return
        batch = Batch.objects.filter(pk=batch_id, case_count=cases).first()
        yield batch if batch is not None and is_due(batch) else None


def claim_thinking(batch_id: UUID) -> bool:
    """Take the one right to think about a batch, until the end of the transaction or of this process's life."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout TO '1h'")
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"rounds {batch_id}"])
        return bool(cursor.fetchall()[0][0])


def append_round(batch: Batch, rows: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> None:
    """Give a claimed batch the cases of its next round, and record what was found before it.

    Raises:
        batches.errors.NotExtensibleError: the batch was cancelled meanwhile, or would have too many cases.
    """
    number = len((batch.rounds or {}).get("rounds", ())) + 1
    append_cases(batch, MoreRows(rows=tuple(dict(row) for row in rows), generation=number))
    _record(batch, found)


def end_rounds(batch: Batch, why: str, found: Mapping[str, Any] | None, **more: Any) -> None:
    """Record that a claimed batch gets no more cases, and why; `batches.tasks.go_on` closes it then."""
    _record(batch, found, ended=why, **more)


def _record(batch: Batch, found: Mapping[str, Any] | None, **more: Any) -> None:
    row = Batch.objects.select_for_update().get(pk=batch.pk)
    known = dict(row.rounds or {})
    known.pop("learning", None)
    recorded = [*known.get("rounds", ()), *([dict(found)] if found is not None else [])]
    row.rounds = {**known, "rounds": recorded, **more}
    row.save(update_fields=["rounds"])
    notices.tell_change(batch.pk)


def describe_rounds(batch: Batch) -> dict[str, Any] | None:
    """Return what an adaptive batch shows of its rounds; None of any other."""
    if batch.rounds is None:
        return None
    wish = batch.study["adaptive"]
    state, message = tell_state(batch)
    recorded: list[dict[str, Any]] = batch.rounds["rounds"]
    return {
        "state": state,
        "message": message,
        "target": wish["target"],
        "budget": wish["budget"],
        "rounds": recorded,
        "unspent": max(wish["budget"] - batch.case_count, 0) if state == "ended" else None,
        "surrogate": batch.rounds.get("surrogate"),
    }


WORDS = {
    "target": "The error is as small as it was to be.",
    "budget": "The budget is spent; the error is larger than it was to be.",
    "no_gain": "More cases made the error no smaller; it is larger than it was to be.",
}


WAITING = (
    "Waits for a worker for surrogates to take up what its cases show. If none runs, start one:"
    " `casefarm worker --surrogates`."
)


def tell_state(batch: Batch) -> tuple[str, str]:
    """Return where an adaptive batch stands: `simulating`, `learning`, `waiting` or `ended`, and what that means."""
    known = batch.rounds or {}
    if "ended" in known:
        return "ended", WORDS.get(known["ended"], known["ended"])
    if not is_due(batch):
        active = batch.state in (BatchState.QUEUED, BatchState.EXPANDING, BatchState.RUNNING)
        return ("simulating", "Its cases are simulated.") if active else ("ended", f"The batch is {batch.state}.")
    if known.get("learning") == batch.case_count:
        return "learning", "A surrogate is trained on its cases, to choose the next ones."
    return "waiting", WAITING
