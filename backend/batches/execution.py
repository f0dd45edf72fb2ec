"""Stage 4: one case – claim it, take over what is known or simulate, record what came of it. Called by `simulate_case`.

A case is claimed by a conditional update that counts its attempts (`attempts.py`); every later write names the attempt,
so whatever a late or doubled message does, one outcome is published.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from uuid import UUID

from batches import storage
from batches.cases import known_cases, resources
from batches.cases.attempts import (
    Attempt,
    claim_case,
    finish_case,
    is_wanted,
    release_case,
    renew_lease,
    return_case,
)
from batches.cases.bills import bill_metrics
from batches.cases.kept_files import KeptCase, keep_files, keep_text, read_file
from batches.cases.known_cases import Claim, KnownOutcome
from batches.cases.leases import keep_alive
from batches.cases.manifests import adapt_files, write_manifest
from batches.cases.staging import (
    CHANGES_FILE,
    MODEL_FILE,
    PATCH_FILE,
    Recipe,
    hold_inputs,
    list_changes,
    make_recipe,
    stage_case,
)
from batches.errors import DamagedCaseError, RunningElsewhereError
from batches.live import notices
from batches.models import Diagnosis
from batches.plans import load_plan
from batches.states import CaseState, Verdict
from energyplus.errors import ModelError
from energyplus.manifest import MANIFEST_FILE
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import Failure
from energyplus.results.verdict import Verdict as Judgement
from energyplus.results.verdict import judge_outcome
from filestore.operations import Key
from filestore.store import files

log = logging.getLogger(__name__)

ASK_EVERY_S = 0.25
TOLD_LINES = 20  # of the fatal and severe ones in .err; the file has them all
OWN_FILES = (MODEL_FILE, PATCH_FILE, CHANGES_FILE, MANIFEST_FILE)  # of ours; the engine's are in the outcome


def execute_case(batch_id: UUID, index: int, epoch: int) -> None:
    """Take one case to a recorded outcome. Does nothing where the message is stale or the case is not to be had.

    Raises:
        django.db.Error, OSError, EngineError: the database, a disk or the engine's server failed; the case is handed
            back and may be tried again. `resources.is_disk_full` tells those that only have to wait.
        RunningElsewhereError: an identical case is running; the case is handed back and comes again.
    """
    resources.require_room()
    attempt = claim_case(batch_id, index, epoch)
    if attempt is None:
        return
    notices.tell_change(batch_id)
    try:
        run_attempt(attempt)
    except RunningElsewhereError:
        return_case(attempt)
        raise
    except Exception:
        release_case(attempt)
        raise


def run_attempt(attempt: Attempt) -> None:
    """Take over what an identical case gave, or run the case and leave its outcome to others.

    Raises:
        RunningElsewhereError: an identical case is running.
    """
    recipe = make_recipe(load_plan(attempt.batch_id, attempt.index), attempt.index)
    try:
        key = known_cases.make_key(recipe)
    except ModelError as error:
        refuse_case(attempt, error)
        return
    known = known_cases.look_up(key)
    if isinstance(known, KnownOutcome):
        try:
            with keep_alive(partial(renew_lease, attempt)):
                take_over(attempt, recipe, known)
        except DamagedCaseError as error:
            log.warning("%s It is run again.", error)
            known_cases.forget_case(known)
            known = known_cases.claim_key(key)
        else:
            return
    leases = (partial(renew_lease, attempt), *((known.renew,) if known else ()))
    try:
        with keep_alive(*leases):
            simulate_case(attempt, recipe, key, known)
    finally:
        if known:
            known.release()


def refuse_case(attempt: Attempt, error: ModelError) -> None:
    """Record a case that cannot be made of its base model."""
    with storage.open_scratch(attempt.batch_id, attempt.index, attempt.number) as folder:
        record_outcome(attempt, SimulationOutcome.refused(Failure("model", str(error))), folder)


def take_over(attempt: Attempt, recipe: Recipe, known: KnownOutcome) -> None:
    """Publish what an identical case gave, with its files, as the outcome of this one.

    Raises:
        DamagedCaseError: the files are not what they were.
    """
    shard = load_plan(attempt.batch_id).shard_of(attempt.index)
    target = storage.case_folder(attempt.batch_id, shard, attempt.index, attempt.number)
    verdict = known_cases.judge_known(known)
    with files.fill_folder(target) as draft:
        known_cases.take_files(known, draft)
        keep_text(draft.path, CHANGES_FILE, list_changes(recipe))
        if known.base_model != recipe.base.sha256:
            adapt_files(recipe, draft.path, read_file(known.folder, MANIFEST_FILE) or b"")
    finish = partial(
        finish_case,
        attempt,
        shard,
        CaseState.SUCCEEDED,
        "succeeded",
        verdict=Verdict(verdict.kind),
        metrics={**known.metrics, **bill_metrics(load_plan(attempt.batch_id), recipe.planned.bill)},
        why=explain_verdict(verdict),
        known_key=known.key,
        stored_bytes=files.measure_own(target),
    )
    publish_files(attempt, shard, target, finish)


def publish_files(attempt: Attempt, shard: int, target: Key, finish: Callable[[], bool]) -> bool:
    """Make a case final whose files lie in `target`; they are removed again where the attempt has lost its case.

    Args:
        attempt: whose files they are.
        shard: of the case.
        target: the folder of this attempt.
        finish: makes the case final by compare-and-set and returns whether the attempt still held it.
    """
    published = False
    try:
        published = finish()
    finally:
        if not published:
            storage.remove_folder(target)
    if not published:
        cancel_case(attempt, shard)
    return published


def simulate_case(attempt: Attempt, recipe: Recipe, key: str, claim: Claim | None) -> None:
    """Stage the case's files, simulate, record the outcome and, where there is a claim, leave a success to others."""
    with storage.open_scratch(attempt.batch_id, attempt.index, attempt.number) as folder, hold_inputs(recipe):
        try:
            job = stage_case(recipe, folder)
        except ModelError as error:
            record_outcome(attempt, SimulationOutcome.refused(Failure("model", str(error))), folder)
            return
        sign = StopSign(attempt)
        with resources.reserve_memory(job, sign.is_up):
            outcome = recipe.engine.simulate(job, sign.is_up)
        resources.record_need(recipe.base.sha256, outcome)
        write_manifest(recipe, key, job, outcome)
        kept = record_outcome(attempt, add_bill(attempt, recipe, outcome), folder)
        if claim and kept and outcome.status == "succeeded":
            known_cases.remember_case(claim, kept, recipe.base.sha256, outcome)


def add_bill(attempt: Attempt, recipe: Recipe, outcome: SimulationOutcome) -> SimulationOutcome:
    """Return a success with what the case's constructions cost; others take it over without, at prices of their own."""
    priced = bill_metrics(load_plan(attempt.batch_id), recipe.planned.bill) if outcome.status == "succeeded" else {}
    return replace(outcome, metrics={**outcome.metrics, **priced})


class StopSign:
    """Tells a running simulation to stop: its batch was cancelled, or another attempt took the case over.

    Asked several times a second by the thread that waits for the engine; asks the database every quarter of a second.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._asked_at = monotonic()
        self._up = False

    def is_up(self) -> bool:
        """Return whether the simulation is no longer wanted."""
        now = monotonic()
        if not self._up and now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._up = not is_wanted(self._attempt)
        return self._up


def record_outcome(attempt: Attempt, outcome: SimulationOutcome, folder: Path) -> KeptCase | None:
    """Publish an outcome: keep the files, then make the case final if this attempt still holds it.

    Writes the case, the shard's counters and, where the case is not valid, its diagnosis, in one transaction. The files
    of an attempt that lost its case are removed again.

    Returns:
        What was kept; None where no outcome was published, or only that the case was cancelled.
    """
    cancelled = outcome.status == "cancelled" or not is_wanted(attempt)
    shard = load_plan(attempt.batch_id).shard_of(attempt.index)
    target = storage.case_folder(attempt.batch_id, shard, attempt.index, attempt.number)
    hashes, stored_bytes = {}, 0
    if not cancelled:
        own = [name for name in OWN_FILES if (folder / name).exists()]
        hashes = keep_files(folder, sorted({*outcome.files, *own}), target)
        stored_bytes = files.measure_own(target)
    finish = partial(publish_outcome, attempt, shard, outcome, stored_bytes, cancelled=cancelled)
    published = publish_files(attempt, shard, target, finish)
    return KeptCase(target, hashes) if published and not cancelled else None


def publish_outcome(
    attempt: Attempt, shard: int, outcome: SimulationOutcome, stored_bytes: int, *, cancelled: bool
) -> bool:
    """Make the case final by compare-and-set. Returns whether this attempt still held it."""
    if cancelled:
        return finish_case(attempt, shard, CaseState.CANCELLED, "cancelled")
    verdict = judge_outcome(outcome)
    if outcome.status != "succeeded":
        failure = outcome.failure or Failure("unknown", "The engine gave no reason.")
        lines = [*outcome.diagnostics.fatal, *outcome.diagnostics.severe][:TOLD_LINES]
        diagnosis = Diagnosis(kind=failure.kind, message=failure.message, reasons=lines)
        return finish_case(
            attempt,
            shard,
            CaseState.FAILED,
            "failed",
            verdict=Verdict.FAILED,
            metrics=outcome.metrics,
            why=diagnosis,
            stored_bytes=stored_bytes,
        )
    return finish_case(
        attempt,
        shard,
        CaseState.SUCCEEDED,
        "succeeded",
        verdict=Verdict(verdict.kind),
        metrics=outcome.metrics,
        why=explain_verdict(verdict),
        stored_bytes=stored_bytes,
    )


def cancel_case(attempt: Attempt, shard: int) -> None:
    """Make a case final whose batch was cancelled at the last moment; does nothing where the attempt has lost it."""
    if not is_wanted(attempt):
        finish_case(attempt, shard, CaseState.CANCELLED, "cancelled")


def explain_verdict(verdict: Judgement) -> Diagnosis | None:
    """Return what is to be known of a case that has numbers; None where there is nothing."""
    if not verdict.reasons:
        return None
    return Diagnosis(kind=verdict.kind, message="; ".join(verdict.reasons), reasons=list(verdict.reasons))


def fail_case(batch_id: UUID, index: int, epoch: int, message: str) -> None:
    """Record a case that the farm could not run after several tries as failed. Does nothing where it is final."""
    attempt = claim_case(batch_id, index, epoch)
    if attempt is not None:
        shard = load_plan(batch_id).shard_of(index)
        why = Diagnosis(kind="farm", message=message)
        finish_case(attempt, shard, CaseState.FAILED, "failed", verdict=Verdict.FAILED, why=why)
