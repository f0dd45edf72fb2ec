"""Workers are killed, hang and come back, have a wrong clock; schedulers are too many: no case is lost or run twice."""

from random import Random

import pytest

from tests.faults.counts import COUNTS, draw
from tests.faults.harness import FaultyFarm
from tests.faults.history import Sampler, examine
from tests.faults.incidents import PICKED_UP_LIMIT_S, Recoveries, describe_times
from tests.faults.report import Report
from tests.faults.work import dawdle, expect_dawdling

pytestmark = [pytest.mark.stack, pytest.mark.engine]

CASES = 120
LEAST_AHEAD = 60  # cases that wait while faults are done, so that each of them hits something


class Stream:
    """Work that does not end while faults are done."""

    def __init__(self, farm: FaultyFarm, sampler: Sampler, random: Random) -> None:
        self.batches: list[str] = []
        self._farm, self._sampler, self._random = farm, sampler, random

    def keep_up(self) -> None:
        """Submit another batch where little is left."""
        if self._farm.count_cases(self.batches, "pending") < LEAST_AHEAD:
            study = dawdle(self._random, CASES, self._random.uniform(0.05, 1.0))
            self.batches.append(self._sampler.follow(self._farm.submit(study)))


@pytest.mark.fault("F1")
def test_cases_of_killed_workers_are_picked_up_and_end_once(faulty_farm: FaultyFarm, report: Report) -> None:
    random, recoveries = draw("F1"), Recoveries(faulty_farm)
    with Sampler(faulty_farm) as sampler:
        work = Stream(faulty_farm, sampler, random)
        for _ in range(COUNTS["F1"]):
            work.keep_up()
            recoveries.pass_time(random.uniform(0.2, 6))
            recoveries.note()
            faulty_farm.parts.kill(random.choice([*faulty_farm.simulation_workers, "maintenance-worker"]))
        recoveries.pass_until_all_are_back()
        faulty_farm.wait_for_end(*work.batches)
        history = sampler.examine(examine(faulty_farm, work.batches, expect_dawdling))
    report.add(history)
    report.done = "a worker of three (two for cases, one for the other stages) killed with SIGKILL at a random moment"
    report.times = COUNTS["F1"]
    report.held = f"picked up again in < {PICKED_UP_LIMIT_S:.0f} s; one final state, one outcome each"
    report.recovery = describe_times(recoveries.took_s)
    late = [f"{took_s:.0f} s" for took_s in recoveries.took_s if took_s > PICKED_UP_LIMIT_S]
    report.violations += [f"picked up after {took}" for took in late]
    assert report.violations == [], "\n".join(report.violations)
