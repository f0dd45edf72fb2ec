"""A worker is told to end in the middle of its cases: what is nearly done is finished, the rest goes to others."""

import signal
from collections.abc import Iterator
from random import Random

import pytest

from casefarm.local.processes import is_alive
from tests.faults.harness import FaultyFarm
from tests.faults.history import examine
from tests.faults.work import dawdle, expect_dawdling

pytestmark = pytest.mark.stack

GRACE_S = 3


@pytest.fixture(scope="module")
def draining_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyFarm]:
    """A farm of two workers that give their cases three seconds."""
    farm = FaultyFarm(tmp_path_factory.mktemp("drain"), CASEFARM_DRAIN_S=str(GRACE_S), CASEFARM_SLOTS="3")
    try:
        farm.start()
        yield farm
    finally:
        farm.stop()


@pytest.mark.parametrize("lasts_s", [1.0, 8.0], ids=["shorter than the grace time", "longer than the grace time"])
def test_cases_of_a_worker_that_ends_are_done_once_and_by_nobodys_fault(
    draining_farm: FaultyFarm, lasts_s: float
) -> None:
    farm = draining_farm
    farm.wait_until_all_work()  # the one that ended in the test before has to come back
    (name, *_) = farm.simulation_workers
    batch_id = farm.submit(dawdle(Random(lasts_s), 6, lasts_s))
    farm.wait_until(lambda: farm.count_cases([batch_id], "running") == 6, "six cases at work")
    engines = farm.parts.descendants_of(name)
    worker = engines[0].parent()
    assert worker
    began_at = worker.create_time()
    worker.send_signal(signal.SIGTERM)
    farm.wait_until(lambda: not is_alive(worker.pid, began_at), "the worker's end")
    assert not [engine for engine in engines if engine.is_running()]
    farm.wait_for_end(batch_id)
    cases = farm.query("SELECT attempt, losses, state FROM batches_case WHERE batch_id = %s", batch_id)
    assert {(case["state"], case["losses"]) for case in cases} == {("succeeded", 0)}
    attempts = sorted(case["attempt"] for case in cases)
    assert attempts == ([1] * 6 if lasts_s < GRACE_S else [1, 1, 1, 2, 2, 2])
    assert examine(farm, [batch_id], expect_dawdling).violations == []
