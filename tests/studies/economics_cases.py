"""Cases that report hourly series, made up: what the tests of economics count with."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from energyplus.outputs import OutputRequest
from studies.economics.charges import Basis
from studies.economics.definition import Valuation
from studies.economics.flows import Readings, Reasons, plan_series
from studies.economics.loads import COLUMNS, holiday_days, read_loads
from studies.economics.reading import read_valuation

YEAR_HOURS = 365 * 24
ELECTRICITY = "Electricity:Facility"
WORD = pa.dictionary(pa.int32(), pa.string())


def make_rows(
    case: int,
    meter: str,
    kwh: NDArray[np.float64],
    *,
    start: str = "2017-01-01",
    step_min: int = 60,
    frequency: str = "hourly",
) -> pa.RecordBatch:
    """Rows of the long table: one meter of one case, in J."""
    count = len(kwh)
    ends = np.datetime64(start, "s") + (np.arange(count) + 1) * np.timedelta64(step_min * 60, "s")
    words = {"kind": "meter", "name": meter, "unit": "J", "frequency": frequency}
    columns: dict[str, Any] = {name: pa.array([word] * count, pa.string()).cast(WORD) for name, word in words.items()}
    columns["case"] = pa.array([case] * count, pa.int64())
    columns["interval_end_local"] = pa.array(ends.astype("datetime64[ms]"))
    columns["interval_min"] = pa.array([step_min] * count, pa.int32())
    columns["value"] = pa.array(kwh * 3.6e6)
    return pa.record_batch([columns[name] for name in COLUMNS], names=COLUMNS)


def make_basis(
    valuation: Valuation | Mapping[str, Any],
    series: Mapping[str, NDArray[np.float64]],
    metrics: Mapping[str, float] | None = None,
    **how: Any,
) -> Basis:
    """One case of a whole year whose metrics are the sums of its series, with others besides or instead."""
    valuation = valuation if isinstance(valuation, Valuation) else read_valuation(valuation)
    frequency = how.get("frequency", "hourly")
    plan = plan_series(valuation, [OutputRequest("meter", meter, frequency) for meter in series])
    pieces = [make_rows(0, meter, kwh, **how) for meter, kwh in series.items()]
    loads = read_loads(pieces, plan.needs, holiday_days(valuation.holidays))
    sums = {f"{meter.split(':')[0].lower()}_kwh": float(kwh.sum()) for meter, kwh in series.items()}
    numbers = {name: np.array([value]) for name, value in (sums | dict(metrics or {})).items()}
    return Basis(Readings([0], numbers, loads), plan, tuple(range(12)), Reasons.of(1))
