"""What it costs to make a case with three measures: on a draft, and on a copy of the whole model in eppy.

eppy's models cannot be copied in memory; a copy is the model's text, read anew.

`python tests/benchmarks/case_preparation.py [MODEL]` prints milliseconds of one process, the median of 30 cases; the
model is medium_office unless another bundled one is named.
"""

import statistics
import sys
from collections.abc import Callable
from io import StringIO
from time import process_time

from energyplus.bundled import find_bundled_file, list_bundled_models
from energyplus.measures.base import MeasureContext
from energyplus.measures.registry import list_measures
from energyplus.models.building_model import BuildingModel, CaseRequest
from energyplus.models.draft import ModelDraft
from energyplus.models.idf_writer import render_idf

MEASURES = (("window_to_wall_ratio", 0.3), ("lighting_power_density", 6.0), ("heating_setpoint", -1.0))
CASES = 30


def make_draft(model: BuildingModel, number: int) -> CaseRequest:
    """Apply the measures to a draft; every case has values of its own."""
    draft = ModelDraft(model.describe())
    for name, value in MEASURES:
        measure = list_measures()[name]
        measure.apply(draft, value + number / 1000, measure.Arguments(), MeasureContext())
    return CaseRequest(draft.conclude())


def median_ms(make: Callable[[int], object], cases: int = CASES) -> float:
    """The median processor time of a call, ms."""
    spent = []
    for number in range(cases):
        begun = process_time()
        make(number)
        spent.append(1000 * (process_time() - begun))
    return statistics.median(spent)


def main() -> None:
    alias = sys.argv[1] if len(sys.argv) > 1 else "medium_office"
    path = find_bundled_file(alias, list_bundled_models())
    if path is None:
        raise SystemExit(f"{alias}: no bundled model")
    model = BuildingModel.read(path)
    requests = [make_draft(model, number) for number in range(CASES)]
    model.patch(requests[0])  # eppy reads the model, the schema its classes: once per process
    model.content_key(requests[0])
    text = model.render(CaseRequest())
    rows = {
        "three measures on a draft": median_ms(lambda number: make_draft(model, number)),
        "key of the case": median_ms(lambda number: model.content_key(requests[number])),
        "text of the case": median_ms(lambda number: model.render(requests[number])),
        "patch of the case": median_ms(lambda number: model.patch(requests[number])),
        "copy of the whole model in eppy": median_ms(lambda _: type(model.idf)(StringIO(text)), 5),
        "text of that copy": median_ms(lambda _: render_idf(model.idf), 5),
    }
    print(f"{alias}, {model.describe().facts['object_count']} objects; ms of processor time, median")
    for what, spent in rows.items():
        print(f"{what:<40} {spent:8.2f}")


if __name__ == "__main__":
    main()
