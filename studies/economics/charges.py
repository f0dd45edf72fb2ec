"""A valuation and the readings of cases in, what their energy costs and emits out; case by case, never scaled.

A number that is not known is NaN, and so is every sum with it. A case that uses a carrier without a tariff has no cost,
one that sells electricity without a price for it neither: nothing is left out of a sum in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from energyplus.results.metrics import FUELS
from studies.economics.carriers import CARRIERS, ELECTRICITY
from studies.economics.definition import EmissionFactor, Rate, Tariff, Valuation
from studies.economics.flows import (
    Mask,
    Numbers,
    Readings,
    Reasons,
    SeriesPlan,
    Stream,
    find_sold,
    find_taken,
)
from studies.economics.grids import find_frequency, make_grid


@dataclass(frozen=True)
class Charges:
    """What the energy of cases costs or emits over what was simulated.

    Attributes:
        by_carrier: by carrier, (n,), NaN where a case has no meter of it or the amount is not known.
        total: (n,), NaN where any part is not known.
    """

    by_carrier: Mapping[str, Numbers]
    total: Numbers


@dataclass(frozen=True)
class Basis:
    """What charges are counted on.

    Attributes:
        readings: of the cases.
        series: that were read.
        whole_months: months from 0 that were simulated from their first day to their last.
        reasons: get what is missing.
    """

    readings: Readings
    series: SeriesPlan
    whole_months: tuple[int, ...]
    reasons: Reasons


def count_costs(valuation: Valuation, basis: Basis) -> Charges:
    """Return what the cases' energy costs, in the currency of the valuation."""
    found = {name: _count_cost(name, tariff, basis) for name, tariff in valuation.tariffs.items()}
    return _add_up(found, basis, "tariff")


def count_emissions(valuation: Valuation, basis: Basis) -> Charges:
    """Return what the cases' energy emits, kgCO2e."""
    found = {name: _count_emission(name, factor, basis) for name, factor in valuation.emission_factors.items()}
    return _add_up(found, basis, "emission factor")


def _count_cost(name: str, tariff: Tariff, basis: Basis) -> Numbers:
    taken = find_taken(basis.readings, CARRIERS[name], basis.series.meters, basis.reasons)
    cost = _multiply(taken, tariff, basis) + tariff.standing_charge_per_month * len(basis.whole_months)
    if tariff.demand_charge is not None:
        cost = cost + tariff.demand_charge.per_kw_month * _sum_peaks(taken, basis)
    if name == ELECTRICITY:
        cost = cost - _count_export(tariff.export, "tariffs", basis)
    return cost


def _count_emission(name: str, factor: EmissionFactor, basis: Basis) -> Numbers:
    taken = find_taken(basis.readings, CARRIERS[name], basis.series.meters, basis.reasons)
    emitted = _multiply(taken, factor, basis)
    if name == ELECTRICITY:
        emitted = emitted - _count_export(factor.export, "emission_factors", basis)
    return emitted


def _count_export(rate: Rate | None, key: str, basis: Basis) -> Numbers:
    sold = find_sold(basis.readings, basis.series.meters, basis.reasons)
    if rate is not None:
        return _multiply(sold, rate, basis)
    sells = sold.kwh > 0
    basis.reasons.add(sells, f"it sells electricity: write {key}.electricity.export, {{flat: 0}} if that is nothing")
    return np.where(sells, np.nan, sold.kwh * 0.0)


def _multiply(stream: Stream, rate: Rate, basis: Basis) -> Numbers:
    """Energy times rate, (n,): by its sum where the rate is always the same, else hour by hour."""
    frequency = find_frequency(rate)
    grid = make_grid(rate)
    if frequency == "run_period":
        return stream.kwh * float(grid[0, 0, 0])
    known = ~np.isnan(stream.kwh)
    if stream.load is None:
        basis.reasons.add(known & (stream.kwh != 0), f"there are no {frequency} series of {stream.what}")
        return np.where(stream.kwh == 0, 0.0, np.nan)
    amounts: Numbers = np.einsum("cmdh,mdh->c", stream.load, grid)
    basis.reasons.add(known & np.isnan(amounts), f"there are no usable {frequency} series of {stream.what}")
    return np.where(known, amounts, np.nan)


def _sum_peaks(taken: Stream, basis: Basis) -> Numbers:
    """Peaks of whole months, (n,), kW."""
    if not basis.whole_months:
        return taken.kwh * 0.0
    if taken.peaks_kw is None:
        basis.reasons.add(taken.kwh > 0, f"there are no series of {taken.what} that tell its peaks")
        return np.where(taken.kwh == 0, 0.0, np.nan)
    sums: Numbers = taken.peaks_kw[:, list(basis.whole_months)].sum(axis=1)
    unknown = ~np.isnan(taken.kwh) & np.isnan(sums)
    basis.reasons.add(unknown, f"the series of {taken.what} do not tell its peaks in such intervals")
    return sums


def _add_up(found: Mapping[str, Numbers], basis: Basis, what: str) -> Charges:
    total = np.zeros(len(basis.readings.cases))
    metered = np.zeros(len(total), bool)
    for fuel in FUELS:
        used = basis.readings.metric(f"{fuel}_kwh")
        metered |= ~np.isnan(used)
        if not _is_valued(fuel, found):
            total = _refuse(total, used > 0, f"it uses {fuel}, which has no {what}", basis)
    for name, amounts in found.items():
        total = total + np.where(np.isnan(basis.readings.metric(CARRIERS[name].metric)), 0.0, amounts)
    return Charges(found, np.where(metered, total, np.nan))


def _is_valued(fuel: str, found: Mapping[str, Numbers]) -> bool:
    return any(fuel in CARRIERS[name].fuels for name in found)


def _refuse(total: Numbers, mask: Mask, reason: str, basis: Basis) -> Numbers:
    basis.reasons.add(mask, reason)
    return np.where(mask, np.nan, total)
