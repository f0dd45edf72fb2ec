"""Yearly costs and emissions and bills of constructions in, sums over years out.

Money follows the global cost of EN 15459-1:2017: what is put in first, the costs of each year discounted to the start,
replacements at the end of service lives, less the residual value. All prices are those of the start, year 0; the costs
of year i, counted at its end, are (1 + change)^i of them, as in the modified uniform present value factor of NIST
Handbook 135. Carbon is not discounted; constructions are replaced in full, as often as EN 15978:2011 counts them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from energyplus.measures.constructions import BillItem
from studies.economics.definition import LifeCycle

_TOLERANCE_YEARS = 1e-9


def sum_present_values(years: int, discount_rate: float, change_per_year: float = 0.0) -> float:
    """Return what one unit per year is worth at the start: Σ ((1 + change) / (1 + rate))^i for i = 1 … years."""
    ratio = (1 + change_per_year) / (1 + discount_rate)
    return math.fsum(ratio**year for year in range(1, years + 1))


def count_replacements(service_life_years: float, period_years: int) -> int:
    """Return how often a construction is replaced within a period: ⌈period / service life − 1⌉, not at its very end."""
    return max(0, math.ceil(period_years / service_life_years - 1 - _TOLERANCE_YEARS))


def value_construction(cost: float, service_life_years: float, terms: LifeCycle) -> float:
    """Return the present value of a construction over the period.

    With cost C, service life n, period N, rate r, change e and m replacements:
    C · (Σ ((1 + e) / (1 + r))^(k n) for k = 0 … m − (1 + e)^(m n) · s · (1 + r)^−N), where s is the unused share of the
    last one, ((m + 1) n − N) / n, or 0 without residual value.

    Args:
        cost: at the start.
        service_life_years: above 0.
        terms: period, rates and what becomes of the rest.
    """
    count = count_replacements(service_life_years, terms.period_years)
    growth, discount = 1.0 + terms.construction_change_per_year, 1.0 + terms.discount_rate
    times = [number * service_life_years for number in range(count + 1)]
    spent = math.fsum(math.pow(growth / discount, year) for year in times)
    left = max(0.0, (times[-1] + service_life_years - terms.period_years) / service_life_years)
    if terms.residual_value == "none":
        left = 0.0
    worth_in_the_end = math.pow(growth, times[-1]) * left / math.pow(discount, terms.period_years)
    return cost * (spent - worth_in_the_end)


@dataclass(frozen=True)
class ConstructionSums:
    """What a case's constructions come to over the period; None where a line of its bill is not known.

    Attributes:
        cost: present value, in the currency of the valuation.
        carbon_kgco2e: embodied carbon with all replacements, kgCO2e.
        reasons: why something is None.
    """

    cost: float | None
    carbon_kgco2e: float | None
    reasons: tuple[str, ...] = ()


def sum_bill(items: Iterable[BillItem], currency: str | None, terms: LifeCycle) -> ConstructionSums:
    """Sum a bill over the period; nothing put in is 0.

    Args:
        items: every line of a case's bill.
        currency: of the valuation; None where only carbon is valued.
        terms: period and rates.
    """
    lines = list(items)
    lifeless = [line.what for line in lines if not line.service_life_years]
    foreign = sorted({line.currency for line in lines if currency and line.currency != currency})
    reasons = [f"no service life is known of {what}" for what in lifeless[:1]]
    reasons += [f"constructions cost {code}, the valuation is in {currency}" for code in foreign]
    cost = carbon = None
    if not lifeless:
        carbons = [_embody(line, terms.period_years) for line in lines]
        carbon = None if None in carbons else math.fsum(value for value in carbons if value is not None)
        costs = [_price(line, terms) for line in lines]
        if currency and not foreign and None not in costs:
            cost = math.fsum(value for value in costs if value is not None)
    return ConstructionSums(cost, carbon, tuple(reasons))


def _price(line: BillItem, terms: LifeCycle) -> float | None:
    if line.cost is None or not line.service_life_years:
        return None
    return value_construction(line.cost, line.service_life_years, terms)


def _embody(line: BillItem, period_years: int) -> float | None:
    if line.embodied_carbon_kgco2e is None or not line.service_life_years:
        return None
    return line.embodied_carbon_kgco2e * (1 + count_replacements(line.service_life_years, period_years))
