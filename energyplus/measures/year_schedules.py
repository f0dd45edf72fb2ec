"""Schedules as what they say for every kind of day: changed, combined and written as Schedule:Compact.

Made by `energyplus.measures.schedule_reading`, used by the measures of set-points and by `find_setpoint_crossing`.
Source: EnergyPlus Input Output Reference, group Schedules.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from energyplus.models.case_objects import Value

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
WEEKEND = ("Saturday", "Sunday")
DESIGN_DAYS = ("SummerDesignDay", "WinterDesignDay")
DAY_TYPES = ("Sunday", *WEEKDAYS, "Saturday", "Holiday", *DESIGN_DAYS, "CustomDay1", "CustomDay2")
"""Every kind of day a schedule tells apart, in the order of Schedule:Week:Daily."""

MINUTES_OF_DAY = 24 * 60

Step = tuple[int, float]
"""A value and the minute of the day until which it holds."""
Date = tuple[int, int]
"""Month and day."""


@dataclass(frozen=True)
class DayProfile:
    """What a schedule says over a day.

    Attributes:
        steps: in the order of the day, the last until minute 1440.
        interpolation: "No", "Average" or "Linear", as Schedule:Compact takes it.
    """

    steps: tuple[Step, ...]
    interpolation: str = "No"

    def at(self, minute: int) -> float:
        """The value at a minute of the day, from 0."""
        return next(value for until, value in self.steps if minute < until)

    def map(self, change: Callable[[float], float]) -> "DayProfile":
        """The profile with every value changed."""
        return replace(self, steps=tuple((until, change(value)) for until, value in self.steps))


@dataclass(frozen=True)
class Period:
    """A part of the year: its last day, and what holds in it, by kind of day."""

    through: Date
    days: Mapping[str, DayProfile]


@dataclass(frozen=True)
class YearSchedule:
    """A schedule, expanded.

    Attributes:
        name: of the object.
        type_limits: name of its ScheduleTypeLimits, "" where it has none.
        periods: in the order of the year; the last ends on 31 December.
    """

    name: str
    type_limits: str
    periods: tuple[Period, ...]

    def map(self, change: Callable[[float], float], day_types: Iterable[str] = DAY_TYPES) -> "YearSchedule":
        """The schedule with every value of these kinds of day changed."""
        changed = frozenset(day_types)
        return replace(
            self,
            periods=tuple(
                Period(p.through, {day: d.map(change) if day in changed else d for day, d in p.days.items()})
                for p in self.periods
            ),
        )

    def values(self, day_types: Iterable[str] = DAY_TYPES) -> Iterator[float]:
        """Every value that occurs on these kinds of day."""
        for period in self.periods:
            for day in day_types:
                yield from (value for _, value in period.days[day].steps)


def combine(first: YearSchedule, second: YearSchedule, choose: Callable[[float, float], float]) -> YearSchedule:
    """A schedule whose value at any time is chosen from those of two; named and limited as the first.

    Args:
        first, second: the schedules.
        choose: gives the value from both.
    """
    periods = []
    for one, two in _pair_periods(first, second):
        days = {day: _combine_days(one.days[day], two.days[day], choose) for day in DAY_TYPES}
        periods.append(Period(min(one.through, two.through), days))
    return replace(first, periods=tuple(periods))


def write_compact(schedule: YearSchedule) -> dict[int, Value]:
    """The fields of a Schedule:Compact that says the same, by index."""
    fields: list[Value] = [schedule.name, schedule.type_limits]
    for period in schedule.periods:
        fields.append(f"Through: {period.through[0]}/{period.through[1]}")
        for names, profile in _group_days(period.days):
            fields.append(f"For: {names}")
            if profile.interpolation != "No":
                fields.append(f"Interpolate: {profile.interpolation}")
            for until, value in profile.steps:
                fields += [f"Until: {until // 60:02}:{until % 60:02}", value]
    return dict(enumerate(fields))


def describe_days(names: Sequence[str]) -> str:
    """Kinds of day as they stand in a sentence: "weekdays, Saturday"."""
    found = list(names)
    if set(found) >= set(DAY_TYPES):
        return "all days"
    for word, group in (("weekdays", WEEKDAYS), ("weekends", WEEKEND)):
        if set(found) >= set(group):
            found = [word, *(name for name in found if name not in group)]
    return ", ".join(found)


def _group_days(days: Mapping[str, DayProfile]) -> Iterator[tuple[str, DayProfile]]:
    groups: dict[DayProfile, list[str]] = {}
    for day in DAY_TYPES:
        groups.setdefault(days[day], []).append(day)
    ordered = sorted(groups.items(), key=lambda group: len(group[1]))
    for profile, names in ordered[:-1]:
        yield " ".join(names), profile
    yield "AllDays" if len(ordered) == 1 else "AllOtherDays", ordered[-1][0]


def _combine_days(first: DayProfile, second: DayProfile, choose: Callable[[float, float], float]) -> DayProfile:
    untils = sorted({until for profile in (first, second) for until, _ in profile.steps})
    steps: list[Step] = []
    for start, until in zip((0, *untils), untils, strict=False):
        value = choose(first.at(start), second.at(start))
        if steps and steps[-1][1] == value:
            steps.pop()
        steps.append((until, value))
    return DayProfile(tuple(steps), first.interpolation)


def _pair_periods(first: YearSchedule, second: YearSchedule) -> Iterator[tuple[Period, Period]]:
    """The parts of the year in which neither changes."""
    for end in sorted({period.through for schedule in (first, second) for period in schedule.periods}):
        one, two = (next(p for p in schedule.periods if p.through >= end) for schedule in (first, second))
        yield replace(one, through=end), replace(two, through=end)


def compare_days(first: YearSchedule, second: YearSchedule) -> Iterator[tuple[Date, str, int, float, float]]:
    """Both values at every change of either, for every kind of day of every part of the year.

    Yields:
        Last day of the part, kind of day, minute of the day from which both hold, value of each.
    """
    for one, two in _pair_periods(first, second):
        for day in DAY_TYPES:
            starts = {0, *(until for p in (one, two) for until, _ in p.days[day].steps if until < MINUTES_OF_DAY)}
            for start in sorted(starts):
                yield one.through, day, start, one.days[day].at(start), two.days[day].at(start)
