"""Real cases through a whole farm – submission, workers, chords, table – beside the engine room alone, on equal slots.

Blocks of annual cases of one model go through both in turn, so that a noisy machine is noisy for both; the ratio is
the median over the pairs of the engine room's wall time to the farm's. `python tests/benchmarks/farm_efficiency.py`;
another model than the warehouse may be named.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

from energyplus.bundled import list_bundled_models, list_bundled_weather
from tests.benchmarks.contenders import Setup
from tests.benchmarks.engine_room import Process
from tests.benchmarks.farm_scale import Farm, run_farm

PAIRS = 3
CASES = 24  # of a block: what a batch costs once is spread over them
SLOTS = os.cpu_count() or 2


@dataclass(frozen=True)
class Pair:
    """Two blocks, one after the other: wall times of the engine room and of the farm, and the farm's engine time, s."""

    room_s: float
    farm_s: float
    engine_s: float

    @property
    def ratio(self) -> float:
        """The farm's rate to the engine room's."""
        return self.room_s / self.farm_s

    @property
    def efficiency(self) -> float:
        """The share of the farm's slots that the engine had."""
        return self.engine_s / (self.farm_s * SLOTS)


def make_study(model: str, first: int) -> dict[str, Any]:
    """Return a study that turns a building by one degree more in each case."""
    target = {"class": "Building", "object": "*", "field": "North Axis"}
    values = [float(first + number) for number in range(CASES)]
    return {
        "name": f"{model} turned from {first} degrees",
        "model": model,
        "weather": "chicago",
        "parameters": [{"name": "north_axis_deg", "target": target, "values": values}],
    }


def time_batch(farm: Farm, study: dict[str, Any]) -> tuple[float, float]:
    """Return the time from a study's submission to its table, and the engine's time in all cases, s."""
    started = monotonic()
    batch_id = farm.http.post("/api/batches/", json=study).raise_for_status().json()["id"]
    # By events: to ask all the time would take from the engines what the farm is then blamed for.
    with farm.http.stream("GET", f"/api/batches/{batch_id}/events/", timeout=None) as events:
        assert "event: end" in events.iter_lines()
    rows = farm.http.get(f"/api/batches/{batch_id}/results/", params={"as": "json"}).raise_for_status().json()
    wall_s = monotonic() - started
    assert [row["state"] for row in rows] == ["succeeded"] * CASES, rows
    return wall_s, sum(row["simulation_s"] for row in rows)


def find_setup(model: str, folder: Path) -> Setup:
    """Return what the engine room is given."""
    path = next(entry.path for entry in list_bundled_models() if entry.alias == model)
    weather = next(entry.path for entry in list_bundled_weather() if entry.alias == "chicago")
    return Setup(str(path), str(weather), str(folder), "", SLOTS, is_annual=True)


def main() -> None:
    """Print the table."""
    model = sys.argv[1] if len(sys.argv) > 1 else "warehouse"
    pairs = []
    with (
        tempfile.TemporaryDirectory() as folder,
        run_farm(CASEFARM_SLOTS=str(SLOTS)) as farm,
        Process("casefarm", find_setup(model, Path(folder) / "room")) as room,
    ):
        room.run(0, SLOTS, counts=False)
        time_batch(farm, {**make_study(model, 1000), "run_period": "design_days"})
        for number in range(PAIRS):
            room.run(number * CASES, CASES)
            pairs.append(Pair(room.sums.walls_s[-1], *time_batch(farm, make_study(model, number * CASES))))
    print("| pair | engine room, s | farm, s | farm to engine room | engine time / (wall × slots) |")
    print("|--:|--:|--:|--:|--:|")
    for number, pair in enumerate(pairs, start=1):
        print(f"| {number} | {pair.room_s:.1f} | {pair.farm_s:.1f} | {pair.ratio:.3f} | {pair.efficiency:.3f} |")
    ratio, efficiency = median(pair.ratio for pair in pairs), median(pair.efficiency for pair in pairs)
    print(f"| median | | | **{ratio:.3f}** | {efficiency:.3f} |")


if __name__ == "__main__":
    main()
