"""Everything at once, at random moments out of one seed, and the checker at the end."""

from collections.abc import Callable
from random import Random

import pytest

from tests.faults.counts import COUNTS, IS_SHORT, draw
from tests.faults.harness import FaultyFarm
from tests.faults.history import examine
from tests.faults.incidents import Recoveries
from tests.faults.report import Report
from tests.faults.stream import Stream
from tests.faults.test_cancel import LASTS_S
from tests.faults.work import SHED, dawdle, light_shed

pytestmark = [pytest.mark.stack, pytest.mark.engine]

FAULTS = 12  # of one seed
SHED_CASES = 4 if IS_SHORT else 16
SHORT_COURSE = ("freeze", "kill_worker", "flush", "crash_postgres", "thaw")  # F9 cancels beside it


class Chaos:
    """Faults by name; what a fault leaves is put right by `end`."""

    def __init__(self, farm: FaultyFarm, random: Random, work: Stream) -> None:
        self.farm, self.random, self.work = farm, random, work
        self.cancelled: list[str] = []
        self.frozen: list[str] = []
        self.schedulers = 1

    def do(self, name: str) -> None:
        """Do a fault."""
        faults: dict[str, Callable[[], None]] = {
            "kill_worker": self._kill_worker,
            "freeze": self._freeze,
            "thaw": self._thaw,
            "flush": self.farm.flush_valkey,
            "restart_valkey": lambda: self.farm.restart_valkey(kill=self.random.random() < 0.5),
            "restart_postgres": self.farm.restart_postgres,
            "crash_postgres": lambda: self.farm.restart_postgres(immediate=True, down_s=self.random.uniform(0, 2)),
            "cancel": self._cancel,
            "third_hand": self._add_scheduler,
            "fill_disk": self._fill_disk,
        }
        faults[name]()

    def end(self) -> None:
        """Put right what only faults have changed."""
        while self.frozen:
            self._thaw()
        while self.schedulers > 1:
            self.farm.parts.remove(f"beat-{self.schedulers}")
            self.schedulers -= 1

    def _kill_worker(self) -> None:
        workers = [*self.farm.simulation_workers * 2, "maintenance-worker", "beat-1"]
        self.farm.parts.kill(self.random.choice([name for name in workers if name not in self.frozen]))

    def _freeze(self) -> None:
        free = [name for name in self.farm.simulation_workers if name not in self.frozen]
        if len(free) > 1:  # somebody has to work
            self.frozen.append(self.random.choice(free))
            self.farm.parts.freeze(self.frozen[-1])

    def _thaw(self) -> None:
        if self.frozen:
            self.farm.parts.thaw(self.frozen.pop(0))

    def _cancel(self) -> None:
        batch_id = self.farm.submit(dawdle(self.random, 10, LASTS_S))
        self.cancelled.append(batch_id)
        self.farm.let_pass(self.random.uniform(0, 2))
        self.farm.http.post(f"/api/batches/{batch_id}/cancel/").raise_for_status()

    def _add_scheduler(self) -> None:
        self.schedulers += 1
        self.farm.parts.start(self.farm.plan_scheduler(self.schedulers))

    def _fill_disk(self) -> None:
        if self.farm.disk:
            with self.farm.fill_disk(self.random.randrange(200)):
                self.farm.let_pass(self.random.uniform(1, 6))


def choose_faults(random: Random) -> list[str]:
    """Return the faults of a seed in their order."""
    if IS_SHORT:
        return list(SHORT_COURSE)
    likely = {"kill_worker": 4, "freeze": 2, "thaw": 2, "flush": 2, "restart_valkey": 2, "restart_postgres": 1}
    likely |= {"crash_postgres": 2, "cancel": 2, "third_hand": 1, "fill_disk": 1}
    return random.choices(list(likely), weights=list(likely.values()), k=FAULTS)


@pytest.mark.fault("F10")
def test_whatever_happens_at_once_nothing_is_lost_or_done_twice(faulty_farm: FaultyFarm, report: Report) -> None:
    recoveries = Recoveries(faulty_farm)
    report.done = f"{FAULTS} faults a seed of F1 to F9, mixed at random, while sleeping cases and real engines run"
    report.held = "all that the history checker asks for"
    upload = faulty_farm.http.post("/api/models/", files={"file": ("shed.idf", SHED.read_bytes())})
    model = upload.raise_for_status().json()["id"]
    for number in range(COUNTS["F10"]):
        random = draw("F10", number)
        before = len(report.violations)
        with Stream(faulty_farm, random) as work:
            chaos = Chaos(faulty_farm, random, work)
            shed = faulty_farm.submit(light_shed(model, random, SHED_CASES))
            for name in choose_faults(random):
                work.keep_up()
                recoveries.pass_time(random.uniform(0.2, 4))
                recoveries.note()
                chaos.do(name)
            chaos.end()
            report.add(work.conclude())
        faulty_farm.wait_for_end(shed, *chaos.cancelled)
        report.add(examine(faulty_farm, [shed, *chaos.cancelled]))
        report.times += 1
        report.violations[before:] = [f"seed {number}: {text}" for text in report.violations[before:]]
        recoveries.look()
    report.add_recoveries(recoveries)
    assert report.violations == [], report.text()
