"""Stage 4: one case – claim it, take over what is known or simulate, record what came of it. Called by `simulate_case`.

A case is claimed by a conditional update that counts its attempts (`attempts.py`); every later write names the attempt,
so whatever a late or doubled message does, one outcome is published.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings

from batches import storage
from batches.cases import known_cases, resources
from batches.cases.attempts import (
    FAULTS_FORGIVEN,
    Attempt,
    Begun,
    Final,
    begin_case,
    count_fault,
    finish_case,
    hand_back,
)
from batches.cases.bills import bill_metrics
from batches.cases.faults import FARM_FAULTS, describe, is_outage, pause_after
from batches.cases.keeper import KEEPER, Reason, Sign
from batches.cases.kept_files import KeptCase, keep_files, keep_text, read_file
from batches.cases.known_cases import Claim, KnownOutcome, Memory
from batches.cases.manifests import adapt_files, make_manifest
from batches.cases.staging import (
    CHANGES_FILE,
    MODEL_FILE,
    Recipe,
    hold_inputs,
    list_changes,
    make_recipe,
    stage_case,
)
from batches.errors import DamagedCaseError, HandedBackError, RunningElsewhereError, StoppedError, WorkerEndsError
from batches.live import notices
from batches.models import Batch, Diagnosis
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

TOLD_LINES = 20  # of the fatal and severe ones in .err; the file has them all
REPEATABLE = frozenset({"crash", "timeout"})  # what another run may not meet; a fatal of the model is there again


@dataclass(frozen=True)
class Making:
    """What a case is made of, found out before it is claimed, or why that could not be."""

    recipe: Recipe | None = None
    key: str = ""
    error: Exception | None = None


def execute_case(batch_id: UUID, index: int, epoch: int) -> None:
    """Take one case to a recorded outcome. Does nothing where the message is stale or the case is not to be had.

    Raises:
        RunningElsewhereError: an identical case is running; the case is not begun and comes again.
        HandedBackError: the farm failed; that is counted, and the case comes again.
        WorkerEndsError: the case is for another worker, at once.
        django.db.Error, OSError: the database or a disk is away or full, for everybody; the case comes again when
            that is over (`faults.is_outage`, `resources.is_disk_full`).
    """
    if KEEPER.is_drained:
        raise WorkerEndsError("This worker is about to end.")
    resources.require_room()
    try:
        making = find_out(batch_id, index)
        begun = begin(batch_id, index, epoch, making)
    except Batch.DoesNotExist:  # deleted with all its cases
        return
    if begun is None:
        return
    notices.tell_change(batch_id)
    with KEEPER.hold(begun.attempt, begun.claim) as sign:
        try:
            run_attempt(begun, making, sign)
        except RunningElsewhereError:
            hand_back(begun.attempt)
            raise
        except StoppedError:
            settle_stopped(begun.attempt, sign)
        except Exception as error:  # noqa: BLE001 - none is swallowed: it is counted, recorded or raised again
            answer_fault(begun.attempt, error, sign)


def find_out(batch_id: UUID, index: int) -> Making:
    """Return what a case is made of and known by.

    Raises:
        Batch.DoesNotExist: there is no such batch any more.
        django.db.Error, OSError: the database or a disk is away.
    """
    try:
        recipe = make_recipe(load_plan(batch_id, index), index)
        return Making(recipe, known_cases.make_key(recipe))
    except Batch.DoesNotExist:
        raise
    except Exception as error:
        if is_passing(error):
            raise
        return Making(error=error)  # the case's own, or to be counted against it: once it is held


def begin(batch_id: UUID, index: int, epoch: int, making: Making) -> Begun | None:
    """Claim a case, with its key where cases are remembered.

    Raises:
        RunningElsewhereError: an identical case is running.
    """
    is_cached = making.error is None and settings.CASEFARM_CASE_CACHE
    return begin_case(batch_id, index, epoch, making.key if is_cached else None)


def run_attempt(begun: Begun, making: Making, sign: Sign) -> None:
    """Take over what an identical case gave, or run the case and leave its outcome to others.

    Raises:
        RunningElsewhereError: an identical case is running.
        StoppedError: the sign went up.
    """
    attempt, claim = begun.attempt, begun.claim
    if len(begun.faults) > FAULTS_FORGIVEN:
        give_up(attempt, begun.faults)
        return
    if isinstance(making.error, ModelError):
        refuse_case(attempt, making.error)
        return
    if making.error is not None:
        raise making.error
    assert making.recipe is not None  # noqa: S101 - one of the two is there
    if begun.known is not None:
        try:
            take_over(attempt, making.recipe, begun.known)
        except DamagedCaseError as error:
            log.warning("%s It is run again.", error)
            known_cases.forget_case(begun.known)
            claim = known_cases.claim_key(making.key)
        else:
            return
    is_remembered = False
    try:
        is_remembered = simulate_case(attempt, making, claim, sign)
    finally:
        if claim and not is_remembered:
            claim.release()


def is_passing(error: Exception) -> bool:
    """Return whether an error is nobody's: cases wait until it is over, and nothing is counted."""
    return resources.is_disk_full(error) or is_outage(error)


def answer_fault(attempt: Attempt, error: Exception, sign: Sign) -> None:
    """Hand a case back that could not be run, or end it: by whose fault it was (`cases/faults.py`).

    Raises:
        HandedBackError: the case is to be tried again after a pause.
        WorkerEndsError: it is for another worker.
        django.db.Error, OSError: `error`, which passes.
    """
    if sign.is_up():  # whatever else broke meanwhile
        settle_stopped(attempt, sign)
    elif is_passing(error):
        hand_back(attempt)
        raise error
    elif isinstance(error, FARM_FAULTS):
        log.warning("case %s of %s: %s", attempt.index, attempt.batch_id, describe(error))
        faults = count_fault(attempt, describe(error))
        if len(faults) > FAULTS_FORGIVEN:
            give_up(attempt, faults)
        elif faults:
            raise HandedBackError(describe(error), pause_after(len(faults))) from error
    else:
        log.error("case %s of %s", attempt.index, attempt.batch_id, exc_info=error)
        fail_case(attempt, describe(error), ())


def settle_stopped(attempt: Attempt, sign: Sign) -> None:
    """Say what becomes of a case whose run was stopped, where this attempt still holds it.

    Raises:
        WorkerEndsError: it is for another worker.
        HandedBackError: it is to be run again after all.
    """
    if sign.reason is not Reason.DRAINED and finish_case(attempt, Final(CaseState.CANCELLED)):
        return
    # Not cancelled with its batch: lost, which the next line finds out, or wanted by a batch that is active again.
    if hand_back(attempt):
        if sign.reason is Reason.DRAINED:
            raise WorkerEndsError("This worker is about to end.")
        raise HandedBackError("The run was stopped, and is wanted again.", 1.0)


def give_up(attempt: Attempt, faults: tuple[str, ...]) -> None:
    """End a case that the farm has failed too often."""
    fail_case(attempt, f"The farm failed {len(faults)} times with this case: {'; '.join(faults)}", faults)


def fail_case(attempt: Attempt, message: str, faults: tuple[str, ...]) -> None:
    """Record a case that the farm could not run as failed. Does nothing where the attempt has lost it."""
    why = Diagnosis(kind="farm", message=message, reasons=list(faults))
    finish_case(attempt, Final(CaseState.FAILED, Verdict.FAILED, why=why))


def refuse_case(attempt: Attempt, error: ModelError) -> None:
    """Record a case that cannot be made of its base model."""
    with storage.open_scratch(attempt.batch_id, attempt.index, attempt.number) as folder:
        record_outcome(attempt, SimulationOutcome.refused(Failure("model", str(error))), folder)


def take_over(attempt: Attempt, recipe: Recipe, known: KnownOutcome) -> None:
    """Publish what an identical case gave, with its files, as the outcome of this one.

    Raises:
        DamagedCaseError: the files are not what they were.
    """
    plan = load_plan(attempt.batch_id)
    target = find_target(attempt)
    verdict = known_cases.judge_known(known)
    with files.fill_folder(target) as draft:
        known_cases.take_files(known, draft)
        keep_text(draft.path, CHANGES_FILE, list_changes(recipe))
        if known.base_model != recipe.base.sha256:
            adapt_files(recipe, draft.path, read_file(known.folder, MANIFEST_FILE) or b"")
    final = Final(
        CaseState.SUCCEEDED,
        Verdict(verdict.kind),
        {**known.metrics, **bill_metrics(plan, recipe.planned.bill)},
        explain_verdict(verdict),
        known_key=known.key,
        stored_bytes=files.measure_own(target),
    )
    publish_files(attempt, target, final)


def find_target(attempt: Attempt) -> Key:
    """Return the folder of the files of an attempt."""
    shard = load_plan(attempt.batch_id).shard_of(attempt.index)
    return storage.case_folder(attempt.batch_id, shard, attempt.index, attempt.number)


def publish_files(attempt: Attempt, target: Key, final: Final) -> bool:
    """Make a case final whose files lie in `target`. They are removed where the attempt has lost its case, never where
    that is not known; the files of attempts before, which nobody asks for any more, where it has not.

    Returns:
        Whether what was found is left to others.

    Raises:
        StoppedError: the attempt has lost its case, or its batch has ended.
    """
    written = finish_case(attempt, final)
    if final.memory and not written.memory:
        known_cases.drop_memory(final.memory)
    if not written:
        storage.remove_folder(target)
        raise StoppedError(f"Attempt {attempt.number} has lost its case.")
    if attempt.number > 1:
        storage.remove_other_attempts(target)
    return written.memory


def simulate_case(attempt: Attempt, making: Making, claim: Claim | None, sign: Sign) -> bool:
    """Run a case, as often as its study asks where the engine breaks, and record the outcome.

    Returns:
        Whether the outcome is left to others.

    Raises:
        StoppedError: the sign went up.
    """
    tries_left = load_plan(attempt.batch_id).study.retries
    while True:
        with storage.open_scratch(attempt.batch_id, attempt.index, attempt.number) as folder:
            assert making.recipe is not None  # noqa: S101 - or nothing would run
            with hold_inputs(making.recipe):
                outcome, texts = simulate_once(making, folder, sign)
            if sign.reason is Reason.LOST or outcome.status == "cancelled":
                raise StoppedError("The run was stopped.")
            if tries_left and outcome.failure and outcome.failure.kind in REPEATABLE:
                log.warning("case %s of %s runs again: %s", attempt.index, attempt.batch_id, outcome.failure.message)
                tries_left -= 1
                continue
            remember = partial(known_cases.make_memory, claim, making.recipe.base.sha256, outcome) if claim else None
            return record_outcome(attempt, add_bill(attempt, making.recipe, outcome), folder, texts, remember)


def simulate_once(making: Making, folder: Path, sign: Sign) -> tuple[SimulationOutcome, dict[str, str]]:
    """Stage the case's files in a run folder and simulate.

    Returns:
        The outcome, and the texts that are kept beside the files of the run, by file name.
    """
    recipe = making.recipe
    assert recipe is not None  # noqa: S101 - as above
    try:
        staged = stage_case(recipe, folder)
    except ModelError as error:
        return SimulationOutcome.refused(Failure("model", str(error))), {}
    with resources.reserve_memory(staged.job, sign.is_up):
        outcome = recipe.engine.simulate(staged.job, sign.is_up)
    if outcome.status == "cancelled":
        return outcome, {}
    resources.record_need(recipe.base.sha256, outcome)
    return outcome, {**staged.texts, MANIFEST_FILE: make_manifest(recipe, making.key, staged, outcome)}


def add_bill(attempt: Attempt, recipe: Recipe, outcome: SimulationOutcome) -> SimulationOutcome:
    """Return a success with what the case's constructions cost; others take it over without, at prices of their own."""
    priced = bill_metrics(load_plan(attempt.batch_id), recipe.planned.bill) if outcome.status == "succeeded" else {}
    return replace(outcome, metrics={**outcome.metrics, **priced})


def record_outcome(
    attempt: Attempt,
    outcome: SimulationOutcome,
    folder: Path,
    texts: Mapping[str, str] | None = None,
    remember: Callable[[KeptCase], Memory] | None = None,
) -> bool:
    """Publish an outcome: keep the files, then make the case final if this attempt still holds it.

    Writes, in one statement, the case, the shard's counters, its diagnosis where it is not valid and, of a success,
    what others take over. The files of an attempt that lost its case are removed again.

    Args:
        attempt: at the case.
        outcome: of the run, with what the case's constructions cost.
        folder: where the run worked.
        texts: what is kept beside the files of the run, by file name.
        remember: makes of the kept files what others take over; None where nobody is to.

    Returns:
        Whether the outcome is left to others.

    Raises:
        StoppedError: the attempt has lost its case, or its batch has ended.
    """
    target = find_target(attempt)
    texts = texts or {}
    names = outcome.files.keys() - texts.keys()
    if (folder / MODEL_FILE).exists():
        names.add(MODEL_FILE)
    kept = keep_files(folder, sorted(names), target, texts)
    final = judge_final(outcome, kept.stored_bytes)
    if remember and outcome.status == "succeeded":
        final = replace(final, memory=remember(kept))
    return publish_files(attempt, target, final)


def judge_final(outcome: SimulationOutcome, stored_bytes: int) -> Final:
    """Return what an outcome makes of its case.

    Args:
        outcome: of a run that was not stopped.
        stored_bytes: what the case has kept.
    """
    if outcome.status == "succeeded":
        verdict = judge_outcome(outcome)
        why = explain_verdict(verdict)
        return Final(CaseState.SUCCEEDED, Verdict(verdict.kind), outcome.metrics, why, stored_bytes=stored_bytes)
    failure = outcome.failure or Failure("unknown", "The engine gave no reason.")
    lines = [*outcome.diagnostics.fatal, *outcome.diagnostics.severe][:TOLD_LINES]
    diagnosis = Diagnosis(kind=failure.kind, message=failure.message, reasons=lines)
    return Final(CaseState.FAILED, Verdict.FAILED, outcome.metrics, diagnosis, stored_bytes=stored_bytes)


def explain_verdict(verdict: Judgement) -> Diagnosis | None:
    """Return what is to be known of a case that has numbers; None where there is nothing."""
    if not verdict.reasons:
        return None
    return Diagnosis(kind=verdict.kind, message="; ".join(verdict.reasons), reasons=list(verdict.reasons))
