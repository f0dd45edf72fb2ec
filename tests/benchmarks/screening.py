"""What a screening takes: a million designs of two objectives to their Pareto front, on the yardstick of surrogates.

Trains the yardstick's Gaussian process, screens `DESIGNS` Sobol' designs with all cores, and tells wall and processor
time, the share of each part, and the peak memory of this process. A smaller screening of the same kind is held against
predicting every design. Called by `make bench-surrogates`, or by itself:
`PYTHONPATH=.:backend python tests/benchmarks/screening.py [designs]`.
"""

import resource
import sys
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np
import torch

from surrogates.emulator.aims import Aims, Limit, Objective
from surrogates.emulator.designs import DesignWish, make_design
from surrogates.emulator.devices import Hardware, choose_hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.fronts import find_front
from surrogates.emulator.screening import Screened, ScreeningWish, screen
from surrogates.emulator.space import Space
from surrogates.emulator.training import Wish, train
from surrogates.emulator.watching import Watch
from tests.surrogates.yardstick import COOLING, ELECTRICITY, HEATING, METRICS, read_yardstick

DESIGNS, CHECKED = 1_000_000, 20_000
AIMS = {
    "two objectives": Aims((Objective(ELECTRICITY), Objective(HEATING))),
    "two objectives and a limit": Aims((Objective(ELECTRICITY), Objective(HEATING)), (Limit(COOLING, "<=", 20_000.0),)),
}


@dataclass(frozen=True)
class Trial:
    """What was measured of a screening.

    Attributes:
        name: of its aims.
        wall_s: from the wish to the front.
        processor_s: of all threads.
        peak_mb: largest memory of the process until then, with torch and the training.
        screened: what was kept.
        is_right: whether a smaller screening kept what predicting all its designs does.
    """

    name: str
    wall_s: float
    processor_s: float
    peak_mb: float
    screened: Screened
    is_right: bool


def measure_screenings(emulator: Emulator, hardware: Hardware, designs: int = DESIGNS) -> list[Trial]:
    """Return what screenings take, one for each of `AIMS`."""
    trials = []
    for name, aims in AIMS.items():
        is_right = check_screening(emulator, aims, hardware)  # also warms up what is made once
        wall, processor = perf_counter(), process_time()
        found = screen(emulator, ScreeningWish(aims, DesignWish(count=designs)), hardware, Watch())
        wall, processor = perf_counter() - wall, process_time() - processor
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        trials.append(Trial(name, wall, processor, peak_mb, found, is_right))
    return trials


def check_screening(emulator: Emulator, aims: Aims, hardware: Hardware) -> bool:
    """Return whether a screening of `CHECKED` designs keeps what predicting each of them does."""
    wish = ScreeningWish(aims, DesignWish(count=CHECKED))
    space = Space.make(emulator.inputs, wish.space)
    design = make_design(space, wish.design, hardware.device)
    numbers = np.arange(CHECKED)
    said = emulator.predict(space.name_values(space.decode(design.draw(numbers))), hardware, level=aims.level)
    kept = aims.keep(said)
    front = numbers[kept][find_front(aims.value(said.mean[kept], said.metrics))]
    return set(front.tolist()) == set(screen(emulator, wish, hardware, Watch()).numbers.tolist())


def tell(trial: Trial, designs: int) -> str:
    """Return a trial in words."""
    counts = trial.screened.counts
    return (
        f"{designs:,} designs, {trial.name}: {trial.wall_s:.2f} s ({trial.processor_s:.2f} s of processor time), peak"
        f" {trial.peak_mb:,.0f} MB; {counts.examined:,} predicted exactly, {len(trial.screened.numbers):,} kept,"
        f" {counts.restarts} restarts; as by predicting all {CHECKED:,}: {'yes' if trial.is_right else 'NO'}"
    )


def main() -> int:
    """Train, screen, tell; return 1 where a screening lost or found what it should not."""
    designs = int(sys.argv[1]) if len(sys.argv) > 1 else DESIGNS
    hardware = choose_hardware()
    table, inputs = read_yardstick()
    emulator = train(table, inputs, Wish(METRICS, kind="gp"), hardware, Watch())
    print(f"{torch.get_num_threads()} threads, {hardware.device}, fast means: {emulator.fast is not None}")
    trials = measure_screenings(emulator, hardware, designs)
    for trial in trials:
        print(tell(trial, designs))
    return 0 if all(trial.is_right for trial in trials) else 1


if __name__ == "__main__":
    sys.exit(main())
