"""All bundled models under all bundled weather files against the engine's own tables: a line per pair, then totals.

`make exactness`, or by itself with choices: `PYTHONPATH=. python tests/benchmarks/exactness.py --models warehouse`.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from time import monotonic

from energyplus.run_period import RunPeriod
from tests.engine.exactness import MODELS, WEATHERS, Comparison, examine_pairs

PERIODS = {"annual": RunPeriod("annual"), "week": RunPeriod("period", (1, 14), (1, 20))}


def main(arguments: Sequence[str]) -> int:
    """Compare, print a line per pair and the totals; 1 where anything does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--period", choices=list(PERIODS), default="week")
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=list(MODELS), metavar="MODEL")
    parser.add_argument("--weathers", nargs="*", choices=list(WEATHERS), default=list(WEATHERS), metavar="WEATHER")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    pairs = [(model, weather) for model in options.models for weather in options.weathers]
    total, began = Comparison(), monotonic()
    print(f"{'model':32} {'weather':18} {'compared':>8} {'nulls':>6} {'mismatches':>10} {'s':>7}")
    for (model, weather), found in examine_pairs(pairs, PERIODS[options.period], options.jobs):
        numbers = f"{found.compared:8} {found.nulls:6} {len(found.mismatches):10} {found.seconds:7.1f}"
        print(f"{model:32} {weather:18} {numbers}", flush=True)
        for mismatch in found.mismatches:
            print(f"  {mismatch}", flush=True)
        total.compared += found.compared
        total.nulls += found.nulls
        total.mismatches += found.mismatches
    print(
        f"{len(pairs)} pairs, {options.period}: {total.compared:,} values compared, {len(total.mismatches)} mismatches,"
        f" {total.nulls:,} nulls where the engine reports nothing; {monotonic() - began:.0f} s with {options.jobs} jobs"
    )
    return 1 if total.mismatches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
