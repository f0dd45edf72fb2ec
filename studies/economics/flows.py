"""Metrics and loads of cases in, what each takes of an energy carrier and sells of it out, in sum and hour by hour.

Arrays are by case, (n,), float64, NaN where a number is missing. What is missing is told case by case (`Reasons`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from energyplus.outputs import Frequency, OutputRequest
from studies.economics.carriers import (
    CARRIERS,
    ELECTRICITY,
    PRODUCED_METRIC,
    PURCHASED_METER,
    PURCHASED_METRIC,
    SOLD_METER,
    SOLD_METRIC,
    Carrier,
    meter_names,
)
from studies.economics.definition import Rate, Tariff, Valuation
from studies.economics.grids import GRID_SHAPE, at_least, find_frequency, finest
from studies.economics.loads import LoadsByCase, SeriesNeed, sum_loads

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TOLERANCE = 1e-6
"""How far the sum of a series may be from its metric, of it or in kWh: both are of the engine's own full precision."""


@dataclass
class Reasons:
    """Why numbers of cases are missing, in words, case by case."""

    texts: list[list[str]]

    @classmethod
    def of(cls, count: int) -> "Reasons":
        """No reasons yet, for `count` cases."""
        return cls([[] for _ in range(count)])

    def add(self, mask: Mask, text: str) -> None:
        """Say it of some cases, once of each."""
        for position in np.flatnonzero(mask):
            if text not in self.texts[position]:
                self.texts[position].append(text)

    def join(self) -> list[str | None]:
        """Return one text for each case; None where nothing is to be said."""
        return ["; ".join(texts) or None for texts in self.texts]


@dataclass(frozen=True)
class Readings:
    """What some cases reported.

    Attributes:
        cases: their indices.
        metrics: by name, (n,); a metric that no case of the batch has need not be there.
        loads: by case and meter.
    """

    cases: Sequence[int]
    metrics: Mapping[str, Numbers]
    loads: LoadsByCase = field(default_factory=dict)

    def metric(self, name: str) -> Numbers:
        """Return a metric; NaN for all where there is none."""
        found = self.metrics.get(name)
        return found if found is not None else np.full(len(self.cases), np.nan)


@dataclass(frozen=True)
class Stream:
    """Energy in one direction.

    Attributes:
        what: how it is called in words.
        kwh: in sum, (n,).
        meters: that may tell when, for each case the first that is there.
        load: hour by hour, (n, 12, 7, 24), NaN where it is not known; None where nobody asks.
        peaks_kw: (n, 12) likewise.
    """

    what: str
    kwh: Numbers
    load: Numbers | None = None
    peaks_kw: Numbers | None = None


@dataclass(frozen=True)
class SeriesPlan:
    """Which series a valuation goes by, and which the study of a batch does not ask for.

    Attributes:
        needs: the series that are read.
        missing: by carrier, the meters and the coarsest frequency that would do.
    """

    needs: tuple[SeriesNeed, ...] = ()
    missing: Mapping[str, tuple[tuple[str, Frequency], ...]] = field(default_factory=dict)

    @property
    def meters(self) -> frozenset[str]:
        """The meters that are read."""
        return frozenset(need.meter for need in self.needs)


def plan_series(valuation: Valuation, asked: Iterable[OutputRequest]) -> SeriesPlan:
    """Choose the series that a valuation needs among those that a study asks for, the coarsest that will do."""
    known = {(output.name.casefold(), output.frequency) for output in asked if output.kind == "meter"}
    needs: list[SeriesNeed] = []
    missing: dict[str, tuple[tuple[str, Frequency], ...]] = {}
    for name in dict.fromkeys((*valuation.tariffs, *valuation.emission_factors)):
        peak_min, frequency = _find_detail(valuation, name)
        if frequency == "run_period":
            continue
        carrier = CARRIERS[name]
        found = [_choose(meter, frequency, peak_min, known) for meter in list_meters(carrier)]
        needs += [need for need in found if need is not None]
        if not any(found):
            # heat comes as water or as steam: which of them a model has is not known here
            missing[name] = tuple((meter, frequency) for meter in list_meters(carrier)[: len(carrier.fuels)])
    sold = _find_sold_frequency(valuation)
    if sold != "run_period":
        need = _choose(SOLD_METER, sold, 0, known)
        needs += [need] if need else []
    return SeriesPlan(tuple(_join_needs(needs)), missing)


def _join_needs(needs: Iterable[SeriesNeed]) -> Iterator[SeriesNeed]:
    """One need for each meter, the finest: two carriers may share one, as all heat and that from water do."""
    by_meter: dict[str, list[SeriesNeed]] = {}
    for need in needs:
        by_meter.setdefault(need.meter, []).append(need)
    for meter, alike in by_meter.items():
        yield SeriesNeed(meter, finest(need.frequency for need in alike), max(need.peak_min for need in alike))


def list_meters(carrier: Carrier) -> tuple[str, ...]:
    """Return the meters that can tell when a carrier is taken."""
    meters = tuple(carrier.meters.values())
    return (*meters, PURCHASED_METER) if carrier.name == ELECTRICITY else meters


def _find_detail(valuation: Valuation, name: str) -> tuple[int, Frequency]:
    """The interval of peaks, min or 0, and the frequency that a carrier's rates need."""
    rates: list[Rate] = [table[name] for table in (valuation.tariffs, valuation.emission_factors) if name in table]
    frequency = finest(map(find_frequency, rates))
    tariff = valuation.tariffs.get(name)
    if not isinstance(tariff, Tariff) or tariff.demand_charge is None:
        return 0, frequency
    peak_min = tariff.demand_charge.interval_min
    return peak_min, finest([frequency, "hourly" if peak_min == 60 else "timestep"])


def _find_sold_frequency(valuation: Valuation) -> Frequency:
    tables = (valuation.tariffs, valuation.emission_factors)
    exports = [table[ELECTRICITY].export for table in tables if ELECTRICITY in table]
    return finest(find_frequency(rate) for rate in exports if rate is not None)


def _choose(meter: str, frequency: Frequency, peak_min: int, known: set[tuple[str, Frequency]]) -> SeriesNeed | None:
    for candidate in at_least(frequency):
        if any((name, candidate) in known for name in meter_names(meter)):
            return SeriesNeed(meter, candidate, peak_min)
    return None


def find_taken(readings: Readings, carrier: Carrier, meters: frozenset[str], reasons: Reasons) -> Stream:
    """Return what cases take of a carrier; loads are put together where its meters are among those that are read."""
    kwh = readings.metric(carrier.metric)
    sources = [list(carrier.meters.values())] * len(readings.cases)
    if carrier.name == ELECTRICITY:
        generates = ~np.isnan(readings.metric(PRODUCED_METRIC))
        purchased = readings.metric(PURCHASED_METRIC)
        reasons.add(generates & np.isnan(purchased), "what it buys of electricity was not recorded; run it again")
        kwh = np.where(generates, purchased, kwh)
        own = carrier.meters[ELECTRICITY]
        sources = [[PURCHASED_METER] if made else _first_of(readings, case, (own, PURCHASED_METER))
                   for case, made in zip(readings.cases, generates, strict=True)]  # fmt: skip
    what = carrier.name.replace("_", " ")
    if not meters & set(list_meters(carrier)):
        return Stream(what, kwh)
    return _attach_loads(readings, Stream(what, kwh), sources, reasons)


def find_sold(readings: Readings, meters: frozenset[str], reasons: Reasons) -> Stream:
    """Return what cases sell of electricity: nothing where the model generates none."""
    generates = ~np.isnan(readings.metric(PRODUCED_METRIC))
    stream = Stream("electricity sold", np.where(generates, readings.metric(SOLD_METRIC), 0.0))
    if SOLD_METER not in meters:
        return stream
    return _attach_loads(readings, stream, [[SOLD_METER]] * len(readings.cases), reasons)


def _first_of(readings: Readings, case: int, meters: tuple[str, ...]) -> list[str]:
    return [next((meter for meter in meters if (case, meter) in readings.loads), meters[0])]


def _attach_loads(readings: Readings, stream: Stream, sources: list[list[str]], reasons: Reasons) -> Stream:
    count = len(readings.cases)
    load = np.full((count, *GRID_SHAPE), np.nan)
    peaks = np.full((count, 12), np.nan)
    for position, (case, meters) in enumerate(zip(readings.cases, sources, strict=True)):
        found = [readings.loads[case, meter] for meter in meters if (case, meter) in readings.loads]
        if found:
            joined = found[0] if len(found) == 1 else sum_loads(found)
            load[position], peaks[position] = joined.energy_kwh, joined.peaks_kw
        elif stream.kwh[position] == 0:
            load[position] = peaks[position] = 0.0
    _check_sums(stream, load, peaks, reasons)
    return Stream(stream.what, stream.kwh, load, peaks)


def _check_sums(stream: Stream, load: Numbers, peaks: Numbers, reasons: Reasons) -> None:
    """Forget series that are not the whole of what the case took: an interval is missing, or stands there twice."""
    sums = load.sum(axis=(1, 2, 3))
    known = ~np.isnan(stream.kwh)
    off = np.abs(sums - stream.kwh) > _TOLERANCE * np.maximum(1.0, np.abs(stream.kwh))
    reasons.add(known & off, f"the series of {stream.what} do not sum up to its metric")
    load[off], peaks[off] = np.nan, np.nan
