"""Whatever happens is recorded: a case's task never fails, and a batch that cannot go on says why."""

from collections.abc import Callable

from batches.dispatch import claim_shards
from batches.expansion import expand_batch
from batches.models import Batch, Case, Diagnosis
from batches.queries import count_cases
from batches.states import BatchState, CaseState, Verdict
from batches.tasks import expand_batch as expand_batch_task
from batches.tasks import simulate_case


def test_a_case_whose_model_is_lost_fails_with_the_reason_and_the_task_does_not(
    make_batch: Callable[..., Batch],
) -> None:
    batch = make_batch()
    expand_batch(batch.pk)
    claim_shards()
    result = simulate_case.apply(args=(str(batch.pk), 0, 1))
    assert result.successful()
    case = Case.objects.get(pk=(batch.pk, 0))
    assert (case.state, case.verdict, case.metrics) == (CaseState.FAILED, Verdict.FAILED, None)
    diagnosis = Diagnosis.objects.get(pk=(batch.pk, 0))
    assert diagnosis.kind == "farm"
    assert "lost the content" in diagnosis.message
    assert (count_cases(batch).failed, count_cases(batch).running) == (1, 0)


def test_a_batch_whose_stage_cannot_go_on_is_failed_with_the_reason(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    Batch.objects.filter(pk=batch.pk).update(shard_size=0)
    assert expand_batch_task.apply(args=(str(batch.pk),)).failed()
    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert batch.failure.startswith("batches.expand_batch failed: ValueError")
