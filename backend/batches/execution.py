"""Stage 4: one case – claim it, stage its files, simulate, record what came of it. Called by the task `simulate_case`.

A case is claimed by a conditional update that counts its attempts; every later write names the attempt, so whatever a
late or doubled message does, one outcome is published.
"""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from batches import resources, storage
from batches.database import from_now, quick_transaction
from batches.kept_files import keep_files
from batches.models import Case, Diagnosis, Shard
from batches.plans import load_plan
from batches.staging import choose_engine, stage_case
from batches.states import ACTIVE_BATCH_STATES, CaseState, ShardState, Verdict
from energyplus.errors import EnergyPlusError
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import Failure
from energyplus.results.verdict import judge_outcome

LEASE_S = 15
RENEW_EVERY_S = 5
ASK_EVERY_S = 0.25
TOLD_LINES = 20  # of the fatal and severe ones in .err; the file has them all


@dataclass(frozen=True)
class Attempt:
    """The right to run a case and to publish its outcome, until another attempt is begun."""

    batch_id: UUID
    index: int
    number: int

    def running_row(self) -> Any:
        """Return the case's row as a query that finds it only while this attempt holds it."""
        return Case.objects.filter(
            batch_id=self.batch_id, index=self.index, attempt=self.number, state=CaseState.RUNNING
        )


def execute_case(batch_id: UUID, index: int, epoch: int) -> None:
    """Run one case to a recorded outcome. Does nothing where the message is stale or the case is not to be had.

    Raises:
        django.db.Error, OSError, EngineError: the database, a disk or the engine's server failed; the case is handed
            back and may be tried again. `resources.is_disk_full` tells those that only have to wait.
    """
    resources.require_room()
    attempt = claim_case(batch_id, index, epoch)
    if attempt is None:
        return
    try:
        run_attempt(attempt)
    except Exception:
        release_case(attempt)
        raise


def claim_case(batch_id: UUID, index: int, epoch: int) -> Attempt | None:
    """Take a case that nobody holds: a pending one, or one whose lease has run out."""
    plan = load_plan(batch_id)
    current = Shard.objects.filter(
        batch_id=batch_id,
        number=plan.shard_of(index),
        epoch=epoch,
        state=ShardState.DISPATCHED,
        batch__state__in=ACTIVE_BATCH_STATES,
    )
    free = Q(state=CaseState.PENDING) | Q(state=CaseState.RUNNING, leased_until__lt=Now())
    with quick_transaction():
        if not current.exists():
            return None
        claimed = Case.objects.filter(free, batch_id=batch_id, index=index).update(
            state=CaseState.RUNNING, attempt=F("attempt") + 1, started_at=Now(), leased_until=from_now(LEASE_S)
        )
        if not claimed:
            return None
        return Attempt(batch_id, index, Case.objects.values_list("attempt", flat=True).get(pk=(batch_id, index)))


def run_attempt(attempt: Attempt) -> None:
    """Stage the case's files, simulate, and record the outcome."""
    engine = choose_engine(load_plan(attempt.batch_id), attempt.index)
    with storage.open_scratch(attempt.batch_id, attempt.index, attempt.number) as folder:
        try:
            job = stage_case(load_plan(attempt.batch_id), attempt.index, folder)
        except EnergyPlusError as error:
            record_outcome(attempt, SimulationOutcome.refused(Failure("model", str(error))), folder)
            return
        sign = StopSign(attempt)
        with resources.reserve_memory(job, sign.is_up):
            outcome = engine.simulate(job, sign.is_up)
        plan = load_plan(attempt.batch_id)
        resources.record_need(plan.models[plan.points[attempt.index].model].sha256, outcome)
        record_outcome(attempt, outcome, folder)


class StopSign:
    """Tells a running simulation to stop: its batch was cancelled, or another attempt took the case over.

    Asked several times a second by the thread that waits for the engine; asks the database every quarter of a second
    and renews the lease on the way.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._asked_at = self._renewed_at = monotonic()
        self._up = False

    def is_up(self) -> bool:
        """Return whether the simulation is no longer wanted."""
        now = monotonic()
        if not self._up and now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._up = not is_wanted(self._attempt) or not self._renew(now)
        return self._up

    def _renew(self, now: float) -> bool:
        if now - self._renewed_at < RENEW_EVERY_S:
            return True
        self._renewed_at = now
        return bool(self._attempt.running_row().update(leased_until=from_now(LEASE_S)))


def is_wanted(attempt: Attempt) -> bool:
    """Return whether the attempt still holds its case and the batch is still active."""
    return bool(attempt.running_row().filter(batch__state__in=ACTIVE_BATCH_STATES).exists())


def record_outcome(attempt: Attempt, outcome: SimulationOutcome, folder: Path) -> None:
    """Publish an outcome: keep the files, then make the case final if this attempt still holds it.

    Writes the case, the shard's counters and, where the case is not valid, its diagnosis, in one transaction. The files
    of an attempt that lost its case are removed again.
    """
    cancelled = outcome.status == "cancelled" or not is_wanted(attempt)
    shard = load_plan(attempt.batch_id).shard_of(attempt.index)
    target = storage.case_folder(attempt.batch_id, shard, attempt.index, attempt.number)
    if not cancelled:
        extra = [name for name in ("model.idf", "changes.json") if (folder / name).exists()]
        keep_files(folder, sorted({*outcome.files, *extra}), target)
    published = False
    try:
        published = publish_outcome(attempt, shard, outcome, cancelled=cancelled)
    finally:
        if not published:
            storage.remove_folder(target)


def publish_outcome(attempt: Attempt, shard: int, outcome: SimulationOutcome, *, cancelled: bool) -> bool:
    """Make the case final by compare-and-set. Returns whether this attempt still held it."""
    if cancelled:
        return finish_case(attempt, shard, CaseState.CANCELLED, "cancelled")
    verdict = judge_outcome(outcome)
    if outcome.status != "succeeded":
        failure = outcome.failure or Failure("unknown", "The engine gave no reason.")
        lines = [*outcome.diagnostics.fatal, *outcome.diagnostics.severe][:TOLD_LINES]
        diagnosis = Diagnosis(kind=failure.kind, message=failure.message, reasons=lines)
        return finish_case(
            attempt, shard, CaseState.FAILED, "failed", verdict=Verdict.FAILED, metrics=outcome.metrics, why=diagnosis
        )
    why = None
    if verdict.reasons:
        why = Diagnosis(kind=verdict.kind, message="; ".join(verdict.reasons), reasons=list(verdict.reasons))
    return finish_case(
        attempt,
        shard,
        CaseState.SUCCEEDED,
        "succeeded",
        verdict=Verdict(verdict.kind),
        metrics=outcome.metrics,
        why=why,
    )


def finish_case(  # noqa: PLR0913 - one row's columns
    attempt: Attempt,
    shard: int,
    state: CaseState,
    counter: str,
    *,
    verdict: Verdict | None = None,
    metrics: dict[str, Any] | None = None,
    why: Diagnosis | None = None,
) -> bool:
    """Write a case's final row, its shard's counters and its diagnosis. Returns whether the attempt held the case."""
    counters = {counter: F(counter) + 1, "last_progress_at": Now()}
    if verdict == Verdict.SUSPECT:
        counters["suspect"] = F("suspect") + 1
    with quick_transaction():
        held = attempt.running_row().update(
            state=state, verdict=verdict, metrics=metrics, finished_at=Now(), leased_until=None
        )
        if not held:
            return False
        Shard.objects.filter(batch_id=attempt.batch_id, number=shard).update(**counters)
        if why is not None:
            why.batch_id, why.index = attempt.batch_id, attempt.index
            why.save(force_insert=True)
    return True


def release_case(attempt: Attempt) -> None:
    """Hand a case back after the farm, not the case, failed: it is pending again and may be claimed anew."""
    attempt.running_row().update(state=CaseState.PENDING, leased_until=None, started_at=None)


def fail_case(batch_id: UUID, index: int, epoch: int, message: str) -> None:
    """Record a case that the farm could not run after several tries as failed. Does nothing where it is final."""
    attempt = claim_case(batch_id, index, epoch)
    if attempt is not None:
        shard = load_plan(batch_id).shard_of(index)
        why = Diagnosis(kind="farm", message=message)
        finish_case(attempt, shard, CaseState.FAILED, "failed", verdict=Verdict.FAILED, why=why)
