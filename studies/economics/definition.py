"""A valuation, version 1: what a kWh costs and emits, and over how many years; made by `reading`, read by all else.

Amounts of money are in the valuation's currency, emissions in kgCO2e; both hold for one kWh of the carrier's meter.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from studies.definition.values import MonthDay, Number, StrictCount, StudyPart, Text

MAX_WINDOWS = 200
MAX_HOLIDAYS = 366
MAX_YEARS = 100
MAX_AMOUNT = 1e12
"""Most of an amount, in any currency: what is summed with it stays a number."""
LEAST_DISCOUNT = -0.5
"""Least discount rate: further down, sums over a hundred years are beyond any number."""

DAY_WORDS: Mapping[str, tuple[int, ...]] = {
    "all": (0, 1, 2, 3, 4, 5, 6),
    "weekdays": (0, 1, 2, 3, 4),
    "weekends": (5, 6),
    "mondays": (0,),
    "tuesdays": (1,),
    "wednesdays": (2,),
    "thursdays": (3,),
    "fridays": (4,),
    "saturdays": (5,),
    "sundays": (6,),
}
"""Which days of the week a word means, 0 for Monday."""

DayWord = Literal[
    "all", "weekdays", "weekends", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays"
]
Amount = Annotated[Number, Field(ge=0, le=MAX_AMOUNT)]
MonthNumber = Annotated[StrictCount, Field(ge=1, le=12)]
YearlyChange = Annotated[Number, Field(gt=-1, le=1)]
MonthlyAmounts = Annotated[tuple[Amount, ...], Field(min_length=12, max_length=12)]


class RateWindow(StudyPart):
    """Hours in which one rate holds: of some days of the week, in some months."""

    name: Text | None = Field(default=None, description="What people call it.", examples=["peak"])
    rate: Amount = Field(description="Per kWh: an amount of money in a tariff, kgCO2e in an emission factor.")
    months: Annotated[tuple[MonthNumber, ...], Field(min_length=1, max_length=12)] | None = Field(
        default=None, description="Months in which it holds, 1 for January; every month if left out."
    )
    days: DayWord = Field(default="all", description="Days of the week on which it holds.")
    from_hour: Annotated[StrictCount, Field(ge=0, le=23)] = Field(
        default=0, alias="from", description="Hour of the day at which it begins, standard time of the site."
    )
    to_hour: Annotated[StrictCount, Field(ge=1, le=24)] = Field(
        default=24,
        alias="to",
        description="Hour at which it ends; not after `from`, the hours until midnight and those from it on are meant,"
        " of the same days.",
    )


class Rate(StudyPart):
    """An amount per kWh: the same all year, one for each month, or one for each window of time."""

    flat: Amount | None = Field(default=None, description="The same at any time, per kWh.")
    monthly: MonthlyAmounts | None = Field(default=None, description="Twelve amounts per kWh, January first.")
    time_of_use: Annotated[tuple[RateWindow, ...], Field(min_length=1, max_length=MAX_WINDOWS)] | None = Field(
        default=None, description="Windows that cover every hour of the year exactly once."
    )


RATE_KINDS = ("flat", "monthly", "time_of_use")
"""The keys that say what a rate is: it has one of them."""


class DemandCharge(StudyPart):
    """What the highest power of a month costs."""

    per_kw_month: Amount = Field(description="Per kW of the month's highest mean power.")
    interval_min: Literal[15, 30, 60] = Field(
        description="Length of the intervals of the mean, from the full hour, min."
    )


class Tariff(Rate):
    """What an energy carrier costs."""

    standing_charge_per_month: Amount = Field(default=0.0, description="Of each month, whatever is used.")
    demand_charge: DemandCharge | None = Field(default=None, description="For the highest power of each month.")
    export: Rate | None = Field(
        default=None, description="Electricity alone: what is paid for a kWh sold. Zero has to be written."
    )
    change_per_year: YearlyChange = Field(
        default=0.0, description="Change of everything in this tariff, share per year: 0.02 is 2 % more every year."
    )


class EmissionFactor(Rate):
    """What an energy carrier emits."""

    export: Rate | None = Field(
        default=None, description="Electricity alone: what a kWh sold avoids elsewhere. Zero has to be written."
    )
    change_per_year: YearlyChange = Field(
        default=0.0, description="Change of the factor, share per year: -0.03 is 3 % less every year."
    )


class LifeCycle(StudyPart):
    """Over how many years costs and emissions are summed, and how."""

    period_years: Annotated[StrictCount, Field(ge=1, le=MAX_YEARS)] = Field(description="Years that are summed.")
    discount_rate: Annotated[Number, Field(ge=LEAST_DISCOUNT, le=1)] = Field(
        description="Share per year; real or nominal, as the changes per year are."
    )
    construction_change_per_year: YearlyChange = Field(
        default=0.0, description="Change of what a replaced construction costs, share per year."
    )
    residual_value: Literal["linear", "none"] = Field(
        default="linear", description="What constructions are worth in the end: their unused share, or nothing."
    )


class Valuation(StudyPart):
    """What the energy of a batch's cases costs and emits."""

    currency: Annotated[str, Field(strict=True)] | None = Field(
        default=None, description="ISO 4217 code of all amounts of money; needed with tariffs.", examples=["EUR"]
    )
    tariffs: dict[str, Tariff] = Field(
        default_factory=dict, description="By energy carrier: `electricity`, `natural_gas`, `district_heating`, …"
    )
    emission_factors: dict[str, EmissionFactor] = Field(
        default_factory=dict, description="By energy carrier, kgCO2e per kWh."
    )
    holidays: Annotated[tuple[MonthDay, ...], Field(max_length=MAX_HOLIDAYS)] = Field(
        default=(), description="Days that count as Sundays in windows of time, MM-DD."
    )
    life_cycle: LifeCycle | None = Field(default=None, description="Asks for sums over years.")

    @property
    def money(self) -> str:
        """How names of columns end that hold money: `eur`."""
        return (self.currency or "").lower()


def valuation_json_schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON schema of a valuation, for the API document and for editors."""
    return Valuation.model_json_schema(by_alias=True, ref_template=ref_template)
