"""Workers are killed, hang and come back, have a wrong clock; schedulers are too many: no case is lost or run twice."""

import pytest

from tests.faults.counts import COUNTS, draw
from tests.faults.harness import FaultyFarm, shifted_clock
from tests.faults.incidents import PICKED_UP_LIMIT_S, Recoveries
from tests.faults.report import Report
from tests.faults.stream import Stream

pytestmark = [pytest.mark.stack, pytest.mark.engine]

LEASE_S = 15


@pytest.mark.fault("F1")
def test_cases_of_killed_workers_are_picked_up_and_end_once(faulty_farm: FaultyFarm, report: Report) -> None:
    random, recoveries = draw("F1"), Recoveries(faulty_farm)
    workers = [*faulty_farm.simulation_workers, "maintenance-worker"]
    report.done = (
        "one, two or all three workers killed by SIGKILL at a random moment: two of cases, one of the other stages"
    )
    report.held = f"its cases with another worker in < {PICKED_UP_LIMIT_S:.0f} s; one final state, one outcome each"
    with Stream(faulty_farm, random) as work:
        while report.times < COUNTS["F1"]:
            work.keep_up()
            recoveries.pass_time(random.uniform(0.2, 6))
            for name in random.sample(workers, random.randint(1, len(workers))):
                recoveries.note()
                faulty_farm.parts.kill(name)
                report.times += 1
                recoveries.pass_time(random.uniform(0, 0.5))
            recoveries.pass_until_all_are_back()
        report.add(work.conclude())
    report.add_recoveries(recoveries, PICKED_UP_LIMIT_S)
    assert report.violations == [], report.text()


@pytest.mark.fault("F7")
def test_a_worker_that_returns_after_its_lease_changes_nothing(faulty_farm: FaultyFarm, report: Report) -> None:
    random, recoveries = draw("F7"), Recoveries(faulty_farm)
    report.done = "three schedulers at once; a worker, or the first scheduler, hangs past its leases and goes on"
    report.held = "no effect twice: one outcome each, counters equal rows"
    for number in (2, 3):
        faulty_farm.parts.start(faulty_farm.plan_scheduler(number))
    with Stream(faulty_farm, random) as work:
        for _ in range(COUNTS["F7"]):
            work.keep_up()
            recoveries.pass_time(random.uniform(0.5, 3))
            name = random.choice([*faulty_farm.simulation_workers * 2, "maintenance-worker", "beat-1"])
            recoveries.note()
            faulty_farm.parts.freeze(name)
            recoveries.pass_time(LEASE_S + random.uniform(2, 10))
            faulty_farm.parts.thaw(name)
            report.times += 1
        recoveries.pass_until_all_are_back()
        report.add(work.conclude())
    for number in (2, 3):
        faulty_farm.parts.remove(f"beat-{number}")
    report.add_recoveries(recoveries)
    assert report.violations == [], report.text()


@pytest.mark.fault("F8")
def test_wrong_clocks_reap_nobody_and_a_silent_worker_is_reaped(faulty_farm: FaultyFarm, report: Report) -> None:
    random, recoveries = draw("F8"), Recoveries(faulty_farm)
    report.done = "the clocks of workers, scheduler and web service wrong by an hour; then a worker falls silent"
    report.held = f"no case taken from a live worker; those of a silent one with another in < {PICKED_UP_LIMIT_S:.0f} s"
    parts = faulty_farm.parts
    first, second = faulty_farm.simulation_workers
    plans = {name: parts.plan_of(name) for name in parts.names()}
    wrong = ({"web": 1, first: -1, second: -1, "maintenance-worker": 1, "beat-1": -1}, {first: 1, second: -1})
    wrong += ({"beat-1": 1}, {"maintenance-worker": -1}, {"beat-1": -1}, {"maintenance-worker": 1})
    for number in range(COUNTS["F8"]):
        shifted = wrong[number % len(wrong)]
        for name, hours in shifted.items():
            parts.change(name, **shifted_clock(hours))
        faulty_farm.wait_until_healthy()
        with Stream(faulty_farm, random) as work:
            undisturbed = work.submit()
            faulty_farm.wait_for_end(undisturbed)
            report.violations += find_second_attempts(faulty_farm, undisturbed)
            work.submit()
            recoveries.pass_time(random.uniform(1, 3))
            recoveries.note()
            parts.freeze(first)
            recoveries.pass_until_all_are_back()
            parts.kill(first)
            report.add(work.conclude(web_was_hit=True))
        for name in shifted:
            parts.restore(name, plans[name])
        faulty_farm.wait_until_healthy()
        report.times += 1
    report.add_recoveries(recoveries, PICKED_UP_LIMIT_S)
    assert report.violations == [], report.text()


def find_second_attempts(farm: FaultyFarm, batch_id: str) -> list[str]:
    """Say which cases were taken from a worker that was well."""
    found = farm.query(
        'SELECT "index", attempt, losses FROM batches_case WHERE batch_id = %s AND (attempt > 1 OR losses > 0)',
        batch_id,
    )
    return [f"case {row['index']} has had {row['attempt']} attempts, {row['losses']} lost" for row in found]
