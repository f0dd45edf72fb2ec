"""Claims, leases and fencing: one attempt holds a case, one outcome is published, counters equal rows."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from batches import storage
from batches.cancellation import cancel_batch, cancel_pending_cases
from batches.cases.attempts import Attempt, Final, begin_case, claim_case, count_fault, finish_case, hand_back
from batches.cases.keeper import Keeper, Reason
from batches.cases.known_cases import Memory
from batches.dispatch import claim_shards
from batches.errors import NotActiveError, StoppedError
from batches.execution import find_target, record_outcome
from batches.expansion import expand_batch
from batches.models import Batch, Case, Diagnosis, KnownCase, Shard
from batches.queries import count_cases
from batches.states import BatchState, CaseState, Verdict
from energyplus.results.outcome import SimulationOutcome

KEY = "a" * 64
SUCCESS = Final(CaseState.SUCCEEDED, Verdict.VALID, {"a": 1.0})
FAILURE = Final(CaseState.FAILED, Verdict.FAILED, why=Diagnosis(kind="crash", message="It crashed.", reasons=["x"]))


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A running batch whose first two shards are dispatched under epoch 1."""
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards()
    batch.refresh_from_db()
    return batch


def end_lease(batch: Batch, index: int) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Case.objects.filter(batch_id=batch.pk, index=index).update(leased_until=past)


def hold(batch: Batch, index: int) -> Attempt:
    attempt = claim_case(batch.pk, index, 1)
    assert attempt
    return attempt


def folder_of(attempt: Attempt) -> Path:
    return Path(settings.CASEFARM_FILES) / find_target(attempt)


def hold_late(batch: Batch, index: int) -> tuple[Attempt, Attempt]:
    """An attempt whose lease has run out, and the one that has its case now."""
    late = hold(batch, index)
    end_lease(batch, index)
    return late, hold(batch, index)


def test_a_case_is_claimed_once(batch: Batch) -> None:
    assert hold(batch, 0).number == 1
    assert claim_case(batch.pk, 0, 1) is None
    assert begin_case(batch.pk, 0, 1, KEY) is None


def test_a_stale_epoch_claims_nothing(batch: Batch) -> None:
    assert claim_case(batch.pk, 0, 0) is None
    assert begin_case(batch.pk, 0, 0, KEY) is None
    assert not KnownCase.objects.exists()


def test_a_case_of_a_shard_that_is_not_dispatched_is_not_claimed(batch: Batch) -> None:
    assert claim_case(batch.pk, 7, 0) is None


def test_more_attempts_than_a_small_integer_holds_break_nothing(batch: Batch) -> None:
    Case.objects.filter(batch_id=batch.pk, index=0).update(attempt=32_767)
    assert hold(batch, 0).number == 32_768


# --- fencing: every write of an attempt that has lost its case ---


def test_an_ended_lease_passes_to_the_next_attempt_and_counts_as_a_loss(batch: Batch) -> None:
    late, attempt = hold_late(batch, 0)
    assert (late.number, attempt.number) == (1, 2)
    case = Case.objects.get(pk=(batch.pk, 0))
    assert (case.losses, len(case.faults)) == (1, 1)
    assert case.faults[0].startswith("attempt 1: its worker vanished")


def test_a_late_attempt_publishes_nothing(batch: Batch) -> None:
    late, attempt = hold_late(batch, 0)
    assert not finish_case(late, SUCCESS)
    assert not finish_case(late, FAILURE)
    assert finish_case(attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {"a": 2.0}))
    assert Case.objects.get(pk=(batch.pk, 0)).metrics == {"a": 2}
    assert Shard.objects.get(pk=(batch.pk, 0)).succeeded == 1
    assert not Diagnosis.objects.exists()


def test_a_late_attempt_hands_nothing_back_and_counts_no_fault(batch: Batch) -> None:
    late, attempt = hold_late(batch, 0)
    assert not hand_back(late)
    assert count_fault(late, "OSError: broken") == ()
    case = Case.objects.get(pk=(batch.pk, 0))
    assert (case.state, case.attempt, case.losses) == (CaseState.RUNNING, attempt.number, 1)


def test_the_keeper_renews_no_lease_of_a_late_attempt_and_tells_it(batch: Batch) -> None:
    late, attempt = hold_late(batch, 0)
    end_lease(batch, 0)
    keeper = Keeper()
    with keeper.hold(late) as lost:
        keeper.look_after(dict(keeper.held))
    assert lost.reason is Reason.LOST
    assert Case.objects.get(pk=(batch.pk, 0)).leased_until < timezone.now()
    with keeper.hold(attempt) as sign:
        keeper.renew_at = 0
        keeper.look_after(dict(keeper.held))
    assert not sign.is_up()
    assert Case.objects.get(pk=(batch.pk, 0)).leased_until > timezone.now()


def test_files_of_a_late_attempt_are_removed_and_those_of_the_winner_untouched(batch: Batch, tmp_path: Path) -> None:
    late, attempt = hold_late(batch, 0)
    (tmp_path / "model.idf").write_text("a model")
    outcome = SimulationOutcome("succeeded", {"a": 1.0}, files={})
    record_outcome(attempt, outcome, tmp_path)
    kept = {path: path.read_bytes() for path in folder_of(attempt).iterdir()}
    assert kept
    with pytest.raises(StoppedError):
        record_outcome(late, outcome, tmp_path)
    assert not folder_of(late).exists()
    assert {path: path.read_bytes() for path in folder_of(attempt).iterdir()} == kept


def test_what_attempts_before_have_left_goes_when_a_case_is_published(batch: Batch, tmp_path: Path) -> None:
    late, attempt = hold_late(batch, 0)
    folder_of(late).mkdir(parents=True)
    record_outcome(attempt, SimulationOutcome("succeeded", {}), tmp_path)
    assert [folder.name for folder in folder_of(attempt).parent.iterdir()] == [str(attempt.number)]


def test_what_a_late_attempt_found_out_is_left_to_nobody(batch: Batch) -> None:
    begun = begin_case(batch.pk, 0, 1, KEY)
    assert begun
    assert begun.claim
    end_lease(batch, 0)
    hold(batch, 0)
    memory = Memory(KEY, begun.claim.holder, "{}", 1)
    written = finish_case(begun.attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {}, memory=memory))
    assert (written.case, written.memory) == (False, False)
    assert KnownCase.objects.get(key=KEY).outcome is None


def test_a_claim_that_others_have_taken_over_remembers_nothing_and_its_case_is_published(batch: Batch) -> None:
    begun = begin_case(batch.pk, 0, 1, KEY)
    assert begun
    assert begun.claim
    KnownCase.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert begin_case(batch.pk, 1, 1, KEY)
    memory = Memory(KEY, begun.claim.holder, "{}", 1)
    written = finish_case(begun.attempt, Final(CaseState.SUCCEEDED, Verdict.VALID, {}, memory=memory))
    assert (written.case, written.memory) == (True, False)
    assert KnownCase.objects.get(key=KEY).outcome is None


def test_an_outcome_written_twice_for_a_lost_answer_counts_once(batch: Batch) -> None:
    attempt = hold(batch, 0)
    assert finish_case(attempt, FAILURE)
    assert finish_case(attempt, FAILURE)
    assert Shard.objects.get(pk=(batch.pk, 0)).failed == 1
    assert Diagnosis.objects.get(pk=(batch.pk, 0)).message == "It crashed."
    assert not finish_case(attempt, SUCCESS)


def test_no_two_attempts_share_a_folder(batch: Batch) -> None:
    folders = set()
    for _ in range(3):
        attempt = hold(batch, 0)
        folders.add(find_target(attempt))
        hand_back(attempt)
    assert len(folders) == 3
    assert storage.case_folder(batch.pk, 0, 0, 4) not in folders


# --- handing back ---


def test_a_case_that_was_handed_back_may_be_claimed_again_and_nothing_is_counted(batch: Batch) -> None:
    assert hand_back(hold(batch, 0))
    assert hold(batch, 0).number == 2
    assert Case.objects.get(pk=(batch.pk, 0)).losses == 0


def test_faults_are_counted_whoever_has_them_and_after_the_fourth_the_case_stays_held(batch: Batch) -> None:
    count_fault(hold(batch, 0), "OSError: one")
    hold(batch, 0)
    end_lease(batch, 0)
    count_fault(hold(batch, 0), "OSError: three")
    faults = count_fault(hold(batch, 0), "OSError: four")
    assert [fault.partition(":")[0] for fault in faults] == ["attempt 1", "attempt 2", "attempt 3", "attempt 4"]
    case = Case.objects.get(pk=(batch.pk, 0))
    assert (case.state, case.losses) == (CaseState.RUNNING, 4)


# --- counting and cancelling ---


def test_counts_are_exact_before_during_and_after(batch: Batch) -> None:
    first = hold(batch, -2)
    hold(batch, -1)
    finish_case(first, FAILURE)
    counts = count_cases(batch)
    assert (counts.pending, counts.running, counts.failed, counts.total) == (8, 1, 1, 10)


def test_cancelling_ends_pending_cases_and_leaves_finished_ones(batch: Batch) -> None:
    done, running = hold(batch, 0), hold(batch, 1)
    finish_case(done, SUCCESS)
    cancel_batch(batch=batch)
    told_at_once = count_cases(batch)
    cancel_pending_cases(batch.pk)
    counts = count_cases(batch)
    assert counts == told_at_once
    assert (counts.succeeded, counts.running, counts.cancelled, counts.pending) == (1, 1, 8, 0)
    assert claim_case(batch.pk, 2, 1) is None
    assert finish_case(running, Final(CaseState.CANCELLED))
    assert count_cases(batch).cancelled == 9
    rows = Case.objects.filter(batch_id=batch.pk, state=CaseState.CANCELLED).count()
    assert rows == sum(shard.cancelled for shard in batch.shards.all()) == 9


def test_cancelling_twice_changes_nothing_and_an_ended_batch_refuses(batch: Batch) -> None:
    cancel_batch(batch=batch)
    cancel_batch(batch=batch)
    assert batch.state == BatchState.CANCELLED
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
    with pytest.raises(NotActiveError, match="completed"):
        cancel_batch(batch=batch)


def test_the_keeper_tells_attempts_of_a_cancelled_batch(batch: Batch) -> None:
    keeper, attempt = Keeper(), hold(batch, 0)
    with keeper.hold(attempt) as sign:
        keeper.look_after(dict(keeper.held))
        assert not sign.is_up()
        cancel_batch(batch=batch)
        keeper.look_after(dict(keeper.held))
        assert sign.reason is Reason.LOST


def test_a_case_of_an_active_batch_is_not_cancelled_by_its_attempt(batch: Batch) -> None:
    assert not finish_case(hold(batch, 0), Final(CaseState.CANCELLED))
    assert Case.objects.get(pk=(batch.pk, 0)).state == CaseState.RUNNING


def test_a_batch_cancelled_at_the_last_moment_gets_no_more_results(batch: Batch, tmp_path: Path) -> None:
    attempt = hold(batch, 0)
    cancel_batch(batch=batch)
    with pytest.raises(StoppedError):
        record_outcome(attempt, SimulationOutcome("succeeded", {}), tmp_path)
    assert not folder_of(attempt).exists()
    assert finish_case(attempt, Final(CaseState.CANCELLED))
    assert (batch.shards.get(number=0).succeeded, batch.shards.get(number=0).cancelled) == (0, 1)
