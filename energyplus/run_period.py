"""Which days are simulated: from a study's run period and a model's own objects to the objects the engine is given."""

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

RunPeriodKind = Literal["annual", "design_days", "period"]
MonthDay = tuple[int, int]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_COMMON_YEAR, _LEAP_YEAR = 2023, 2024


@dataclass(frozen=True)
class RunPeriod:
    """What is simulated.

    Attributes:
        kind: "annual" is the weather file's whole year, "design_days" the model's sizing periods and nothing else,
            "period" the days from `start` to `end`.
        start: (month, day) of the first day; only for "period".
        end: (month, day) of the last day, included; before `start` it lies in the following year.
    """

    kind: RunPeriodKind = "annual"
    start: MonthDay | None = None
    end: MonthDay | None = None

    def __post_init__(self) -> None:
        has_dates = self.start is not None and self.end is not None
        if has_dates != (self.kind == "period"):
            raise ValueError("a run period has start and end when it is a period, and only then")
        for month, day in (self.first_day, self.last_day):
            if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(_LEAP_YEAR, month)[1]:
                raise ValueError(f"there is no day {day} in month {month}")

    @property
    def first_day(self) -> MonthDay:
        """(month, day) on which a weather run begins."""
        return self.start or (1, 1)

    @property
    def last_day(self) -> MonthDay:
        """(month, day) on which a weather run ends."""
        return self.end or (12, 31)


def plan_run_period(
    classes: Mapping[str, Sequence[Sequence[str]]], run_period: RunPeriod
) -> dict[str, list[list[str]]]:
    """The objects that make the engine simulate a run period, whatever the model's own say.

    Day of week, year, holidays, daylight saving, rain and snow stay as in the model's own run period: the one that
    starts on 1 January if there is one, else its first. A day keeps its weekday when the period starts elsewhere.

    Args:
        classes: field texts of the model's SimulationControl and RunPeriod objects.
        run_period: what is to be simulated.

    Returns:
        By class, the values of the objects to write in place of the model's own.
    """
    control = list(next(iter(classes.get("SimulationControl", ())), ("No", "No", "No")))
    control += [""] * (5 - len(control))
    is_weather = run_period.kind != "design_days"
    control[3:5] = ["No", "Yes"] if is_weather else ["Yes", "No"]
    own = classes.get("RunPeriod", ())
    template = list(next((values for values in own if _start_of(values) == (1, 1)), own[0] if own else ()))
    planned = {"SimulationControl": [control], "RunPeriod": [list(values) for values in own]}
    if is_weather:
        planned["RunPeriod"] = [_move_period(template, run_period)]
    return planned


def describe_run_period_changes(
    classes: Mapping[str, Sequence[Sequence[str]]], run_period: RunPeriod
) -> tuple[str, ...]:
    """What `plan_run_period` changes in a model, one sentence each; () where the model says the same itself."""
    control = list(next(iter(classes.get("SimulationControl", ())), ()))
    planned = plan_run_period(classes, run_period)
    changes = []
    labels = ("Run Simulation for Sizing Periods", "Run Simulation for Weather File Run Periods")
    for index, label in enumerate(labels, start=3):
        before = (control[index] if index < len(control) else "") or "Yes"
        after = planned["SimulationControl"][0][index]
        if before.casefold() != after.casefold():
            changes.append(f"SimulationControl: {label} {before} → {after}")
    own = [(_start_of(values), _end_of(values)) for values in classes.get("RunPeriod", ())]
    wanted = (run_period.first_day, run_period.last_day)
    if run_period.kind != "design_days" and own != [wanted]:
        spans = ", ".join(f"{_format(start)} to {_format(end)}" for start, end in own) or "none"
        changes.append(f"RunPeriod: {spans} → {_format(wanted[0])} to {_format(wanted[1])}")
    return tuple(changes)


def expected_minutes(run_period: RunPeriod, *, is_leap: bool) -> int:
    """Minutes in a weather run from its first to its last day, min."""
    year = _LEAP_YEAR if is_leap else _COMMON_YEAR
    start, end = _date(year, run_period.first_day), _date(year, run_period.last_day)
    days = (end - start).days + 1
    if days <= 0:  # it ends in the following year; the file's own year is repeated
        days += 366 if is_leap else 365
    return days * 24 * 60


def _move_period(template: list[str], run_period: RunPeriod) -> list[str]:
    values = template + [""] * (13 - len(template))
    start = _start_of(template) or (1, 1)
    year, weekday = values[3], values[7].strip().capitalize()
    values[0] = values[0] or "Run Period"
    values[1:3] = [str(part) for part in run_period.first_day]
    values[4:6] = [str(part) for part in run_period.last_day]
    if re.fullmatch(r"\d{4}", year):
        wraps = run_period.last_day < run_period.first_day
        values[6], values[7] = str(int(year) + wraps), ""  # the engine derives the weekday from the year
    else:
        values[3] = values[6] = ""
        shift = (_date(_COMMON_YEAR, run_period.first_day) - _date(_COMMON_YEAR, start)).days
        first = _WEEKDAYS.index(weekday) if weekday in _WEEKDAYS else _WEEKDAYS.index("Sunday")
        values[7] = _WEEKDAYS[(first + shift) % 7]
    return values


def _start_of(values: Sequence[str]) -> MonthDay | None:
    return _month_day(values[1:3])


def _end_of(values: Sequence[str]) -> MonthDay | None:
    return _month_day(values[4:6])


def _month_day(texts: Sequence[str]) -> MonthDay | None:
    try:
        month, day = (int(float(text)) for text in texts)
        _date(_LEAP_YEAR, (month, day))
    except (ValueError, OverflowError):
        return None
    return month, day


def _date(year: int, month_day: MonthDay) -> dt.date:
    month, day = month_day
    if month_day == (2, 29) and not calendar.isleap(year):
        day = 28
    return dt.date(year, month, day)


def _format(month_day: MonthDay | None) -> str:
    return "?" if month_day is None else f"{month_day[0]:02}-{month_day[1]:02}"
