"""Reads schedules out of a draft and expands them to what they say for every kind of day.

Read are Schedule:Compact, :Constant and :Year with :Week:Daily, :Week:Compact, :Day:Hourly, :Day:Interval and
:Day:List. Source: EnergyPlus Input Output Reference, group Schedules.
"""

import re
from collections.abc import Mapping, Sequence

from energyplus.measures.base import MeasureError
from energyplus.measures.year_schedules import (
    DAY_TYPES,
    MINUTES_OF_DAY,
    WEEKDAYS,
    WEEKEND,
    Date,
    DayProfile,
    Period,
    Step,
    YearSchedule,
    describe_days,
)
from energyplus.models.draft import DraftObject, ModelDraft, read_number

SCHEDULE_CLASSES = ("Schedule:Compact", "Schedule:Constant", "Schedule:Year")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find_schedule(draft: ModelDraft, name: str) -> DraftObject | None:
    """The schedule of that name, if it is of a class that can be read."""
    found = (draft.find(class_name, name) for class_name in SCHEDULE_CLASSES)
    return next((entry for entry in found if entry is not None), None)


def read_schedule(draft: ModelDraft, name: str) -> YearSchedule:
    """Expand a schedule.

    Args:
        draft: the case in the making.
        name: of the schedule, in any letter case.

    Raises:
        MeasureError: there is none of the classes that can be read, or it is not written in full.
    """
    entry = find_schedule(draft, name)
    if entry is None:
        raise MeasureError(f"Schedule '{name}' cannot be changed: only {', '.join(SCHEDULE_CLASSES)} can be read.")
    if entry.class_name == "Schedule:Year":
        periods = _read_year(draft, entry)
    else:
        periods = _read_compact(entry) if entry.class_name == "Schedule:Compact" else _read_constant(entry)
    if not periods or periods[-1].through != (12, 31):
        raise MeasureError(f"{entry.class_name} '{entry.name}' does not say what holds until 31 December.")
    return YearSchedule(entry.name, entry.text(1), periods)


def _read_constant(entry: DraftObject) -> tuple[Period, ...]:
    profile = DayProfile(((MINUTES_OF_DAY, float(entry.number("Hourly Value") or 0.0)),))  # blank is 0 to the engine
    return (Period((12, 31), dict.fromkeys(DAY_TYPES, profile)),)


def _read_compact(entry: DraftObject) -> tuple[Period, ...]:
    reader = _CompactReader(entry)
    for index in range(2, entry.length):
        reader.read(entry.text(index))
    return reader.conclude()


class _CompactReader:
    """Takes the fields of a Schedule:Compact one by one."""

    def __init__(self, entry: DraftObject) -> None:
        self._entry = entry
        self._periods: list[Period] = []
        self._through: Date | None = None
        self._days: dict[str, DayProfile] = {}
        self._names: tuple[str, ...] = ()
        self._interpolation = "No"
        self._until: int | None = None
        self._steps: list[Step] = []

    def read(self, text: str) -> None:
        word = text.casefold()
        if word.startswith("through"):
            self._close_period()
            self._through = _read_date(_behind(text, "through"), self._entry)
        elif word.startswith("for"):
            self._close_days()
            self._names = _read_day_types(_behind(text, "for"), self._days, self._entry)
            self._interpolation = "No"
        elif word.startswith("interpolate"):
            self._interpolation = _read_interpolation(_behind(text, "interpolate"))
        elif word.startswith("until"):
            self._until = _read_time(_behind(text, "until"), self._entry)
        elif word:
            value = read_number(text)
            if value is None or self._until is None:
                raise MeasureError(f"Schedule:Compact '{self._entry.name}': {text!r} is not understood.")
            self._steps.append((self._until, float(value)))
            self._until = None

    def conclude(self) -> tuple[Period, ...]:
        self._close_period()
        return tuple(self._periods)

    def _close_days(self) -> None:
        if self._steps:
            profile = DayProfile(_complete(self._steps, self._entry), self._interpolation)
            self._days |= dict.fromkeys(self._names, profile)
        self._steps = []

    def _close_period(self) -> None:
        self._close_days()
        if self._through is not None:
            self._periods.append(Period(self._through, _complete_days(self._days, self._entry)))
        self._days, self._through = {}, None


def _read_year(draft: ModelDraft, entry: DraftObject) -> tuple[Period, ...]:
    """The weeks of a Schedule:Year; its parts may stand in any order and go on over the new year."""
    weeks: dict[Date, str] = {}
    dates = [(month, day) for month, days in enumerate(_MONTH_DAYS, start=1) for day in range(1, days + 1)]
    for index in range(2, entry.length, 5):
        numbers = [entry.number(index + n) for n in range(1, 5)]
        if not entry.text(index) or any(number is None for number in numbers):
            continue
        start, end = ((int(numbers[n] or 0), int(numbers[n + 1] or 0)) for n in (0, 2))
        within = (d for d in dates if (start <= d <= end if start <= end else d >= start or d <= end))
        weeks |= dict.fromkeys(within, entry.text(index))
    if len(weeks) < len(dates) - 1:  # 29 February may be missing
        raise MeasureError(f"Schedule:Year '{entry.name}' does not say what holds on every day.")
    ordered = [(date, weeks[date]) for date in dates if date in weeks]
    ends = [(d, week) for n, (d, week) in enumerate(ordered) if n + 1 == len(ordered) or ordered[n + 1][1] != week]
    return tuple(Period(date, _read_week(draft, week)) for date, week in ends)


def _read_week(draft: ModelDraft, name: str) -> dict[str, DayProfile]:
    daily = draft.find("Schedule:Week:Daily", name)
    if daily is not None:
        return {day: _read_day(draft, daily.text(index)) for index, day in enumerate(DAY_TYPES, start=1)}
    compact = draft.find("Schedule:Week:Compact", name)
    if compact is None:
        raise MeasureError(f"There is no schedule for the week '{name}'.")
    days: dict[str, DayProfile] = {}
    for index in range(1, compact.length - 1, 2):
        if compact.text(index):
            names = _read_day_types(_behind(compact.text(index), "for"), days, compact)
            days |= dict.fromkeys(names, _read_day(draft, compact.text(index + 1)))
    return _complete_days(days, compact)


def _read_day(draft: ModelDraft, name: str) -> DayProfile:
    hourly = draft.find("Schedule:Day:Hourly", name)
    if hourly is not None:
        numbers = [float(hourly.number(index) or 0.0) for index in range(2, 26)]
        return DayProfile(tuple((60 * hour, value) for hour, value in enumerate(numbers, start=1)))
    interval = draft.find("Schedule:Day:Interval", name)
    if interval is not None:
        times = [index for index in range(3, interval.length, 2) if interval.text(index)]
        steps = [(_read_time(interval.text(i), interval), float(interval.number(i + 1) or 0.0)) for i in times]
        return DayProfile(_complete(steps, interval), _read_interpolation(interval.text(2)))
    listed = draft.find("Schedule:Day:List", name)
    if listed is None:
        raise MeasureError(f"There is no schedule for the day '{name}'.")
    minutes = int(listed.number("Minutes per Item") or 60)
    numbers = [float(listed.number(4 + n) or 0.0) for n in range(MINUTES_OF_DAY // minutes)]
    steps = [(minutes * n, value) for n, value in enumerate(numbers, start=1)]
    word = _read_interpolation(listed.text(2))
    # the engine takes Linear for No here, and only here: a list that is averaged is all that it knows
    return DayProfile(_complete(steps, listed), word if word == "Average" else "No")


def _behind(text: str, word: str) -> str:
    return text[len(word) :].lstrip(" :").strip() if text.casefold().startswith(word) else text.strip()


def _read_date(text: str, entry: DraftObject) -> Date:
    """A date as Schedule:Compact takes it: 12/31, 31 December or December 31."""
    numbers = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", text)
    if numbers:
        return int(numbers[1]), int(numbers[2])
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    words = re.fullmatch(r"(?:(\d{1,2})\s+)?([A-Za-z]{3,})(?:\s+(\d{1,2}))?", text)
    if words and words[2][:3].casefold() in months and (words[1] or words[3]):
        return months.index(words[2][:3].casefold()) + 1, int(words[1] or words[3])
    raise MeasureError(f"{entry.class_name} '{entry.name}': {text!r} is not a date that can be read.")


def _read_time(text: str, entry: DraftObject) -> int:
    found = re.fullmatch(r"(?:until\s*:?\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*:\s*\d+)?", text.strip(), re.IGNORECASE)
    minute = int(found[1]) * 60 + int(found[2]) if found else 0
    if not 0 < minute <= MINUTES_OF_DAY:
        raise MeasureError(f"{entry.class_name} '{entry.name}': {text!r} is not a time of the day.")
    return minute


def _read_interpolation(text: str) -> str:
    return {"average": "Average", "linear": "Linear", "yes": "Average"}.get(text.casefold(), "No")


_WORDS: Mapping[str, tuple[str, ...]] = {
    "alldays": DAY_TYPES,
    "weekday": WEEKDAYS,
    "weekend": WEEKEND,
    **{day.casefold(): (day,) for day in (*WEEKDAYS, *WEEKEND, "Holiday", "CustomDay1", "CustomDay2")},
    "summer": ("SummerDesignDay",),
    "winter": ("WinterDesignDay",),
}


def _read_day_types(text: str, taken: Mapping[str, object], entry: DraftObject) -> tuple[str, ...]:
    """The kinds of day that a text names, as the engine looks for them: anywhere in it, whatever else it says.

    "AllOtherDays" are those that are not `taken` yet.
    """
    folded = text.casefold()
    named = [day for word, days in _WORDS.items() if word in folded for day in days]
    if "allotherdays" in folded:
        named += [day for day in DAY_TYPES if day not in taken]
    if not named:
        raise MeasureError(f"{entry.class_name} '{entry.name}': {text!r} names no kind of day.")
    return tuple(dict.fromkeys(named))


def _complete(steps: Sequence[Step], entry: DraftObject) -> tuple[Step, ...]:
    if not steps or steps[-1][0] != MINUTES_OF_DAY:
        raise MeasureError(f"{entry.class_name} '{entry.name}' has a day that does not go until 24:00.")
    return tuple(steps)


def _complete_days(days: Mapping[str, DayProfile], entry: DraftObject) -> dict[str, DayProfile]:
    missing = [day for day in DAY_TYPES if day not in days]
    if missing:
        raise MeasureError(f"{entry.class_name} '{entry.name}' does not say what holds on {describe_days(missing)}.")
    return dict(days)
