"""Work that does not end while faults are done, and what came of it. Called by the tests of this folder."""

from random import Random

from tests.faults.harness import FaultyFarm
from tests.faults.history import History, Sampler, examine
from tests.faults.work import dawdle, expect_dawdling

CASES = 120
LEAST_AHEAD = 60  # cases that wait while faults are done, so that each of them hits something


class Stream:
    """Batches of sleeping cases, one after the other, followed by a sampler."""

    def __init__(self, farm: FaultyFarm, random: Random) -> None:
        self.batches: list[str] = []
        self._farm, self._random = farm, random
        self._sampler = Sampler(farm)

    def __enter__(self) -> "Stream":
        self._sampler.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._sampler.__exit__()

    def keep_up(self) -> None:
        """Submit another batch where little is left."""
        if self._farm.count_cases(self.batches, "pending") < LEAST_AHEAD:
            self.submit()

    def submit(self, cases: int = CASES) -> str:
        """Submit another batch; return its id."""
        study = dawdle(self._random, cases, self._random.uniform(0.05, 1.0))
        self.batches.append(self._sampler.follow(self._farm.submit(study)))
        return self.batches[-1]

    def conclude(self, *, web_was_hit: bool = False) -> History:
        """Wait until all has ended; return what the checker finds."""
        self._farm.wait_for_end(*self.batches)
        return self._sampler.examine(examine(self._farm, self.batches, expect_dawdling), web_was_hit=web_was_hit)
