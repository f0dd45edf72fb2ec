"""The set-points of a draft's thermostats: their schedules pair by pair, and where heating is above cooling.

Called by the measures of set-points and by the examination of studies: the engine stops at the first such hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from energyplus.measures.base import MeasureError
from energyplus.measures.schedule_reading import find_schedule, read_schedule
from energyplus.measures.year_schedules import (
    DAY_TYPES,
    MINUTES_OF_DAY,
    DayProfile,
    Period,
    YearSchedule,
    compare_days,
    describe_days,
)
from energyplus.models.draft import DraftObject, ModelDraft

Side = Literal["heating", "cooling"]

_MOST_SENTENCES = 20
# Of every class of thermostats, the fields of a side's schedule and of its constant; None where it has none.
_FIELDS: dict[str, dict[Side, tuple[str, str | None]]] = {
    "ThermostatSetpoint:DualSetpoint": {
        "heating": ("Heating Setpoint Temperature Schedule Name", None),
        "cooling": ("Cooling Setpoint Temperature Schedule Name", None),
    },
    "ThermostatSetpoint:SingleHeating": {"heating": ("Setpoint Temperature Schedule Name", None)},
    "ThermostatSetpoint:SingleCooling": {"cooling": ("Setpoint Temperature Schedule Name", None)},
    "HVACTemplate:Thermostat": {
        "heating": ("Heating Setpoint Schedule Name", "Constant Heating Setpoint"),
        "cooling": ("Cooling Setpoint Schedule Name", "Constant Cooling Setpoint"),
    },
}


@dataclass(frozen=True)
class Setpoint:
    """One side of a thermostat.

    Attributes:
        entry: the thermostat.
        side: which of its two set-points.
        field: that names the schedule, or holds the constant.
        is_constant: whether it holds a constant.
    """

    entry: DraftObject
    side: Side
    field: str
    is_constant: bool

    @property
    def key(self) -> str:
        """Equal for two set-points that are one schedule."""
        if self.is_constant:
            return f"{self.entry.class_name}, {self.entry.name}, {self.field}".casefold()
        return self.entry.text(self.field).casefold()

    @property
    def schedule_name(self) -> str:
        """As the thermostat writes it, "" for a constant."""
        return "" if self.is_constant else self.entry.text(self.field)

    def read(self, draft: ModelDraft) -> YearSchedule:
        """What it is over the year.

        Raises:
            MeasureError: its schedule cannot be read.
        """
        if not self.is_constant:
            return read_schedule(draft, self.schedule_name)
        profile = DayProfile(((MINUTES_OF_DAY, float(self.entry.number(self.field) or 0.0)),))
        return YearSchedule("", "", (Period((12, 31), dict.fromkeys(DAY_TYPES, profile)),))


@dataclass(frozen=True)
class Thermostat:
    """A thermostat with one set-point or two."""

    entry: DraftObject
    heating: Setpoint | None
    cooling: Setpoint | None

    def side(self, side: Side) -> Setpoint | None:
        """The set-point of a side, if it has one."""
        return self.heating if side == "heating" else self.cooling


def list_thermostats(draft: ModelDraft) -> list[Thermostat]:
    """The thermostats of a draft that have a set-point for heating or cooling, in file order."""
    return [
        Thermostat(entry, _setpoint(entry, "heating"), _setpoint(entry, "cooling"))
        for class_name in _FIELDS
        if class_name in draft.class_names
        for entry in draft.objects(class_name)
    ]


def find_setpoint_crossing(draft: ModelDraft) -> list[str]:
    """Where the set-point for heating is above that for cooling, on every kind of day and at every change.

    Args:
        draft: the case in the making.

    Returns:
        A sentence for each pair of set-points and hour of the day at which they cross, the first 20; schedules that
        cannot be read, and what energy management programs write over them, are not looked at.
    """
    pairs: dict[tuple[str, str], Thermostat] = {}
    for thermostat in list_thermostats(draft):
        if thermostat.heating is not None and thermostat.cooling is not None:
            pairs.setdefault((thermostat.heating.key, thermostat.cooling.key), thermostat)
    found = (sentence for thermostat in pairs.values() for sentence in _describe_crossings(draft, thermostat))
    return [sentence for sentence, _ in zip(found, range(_MOST_SENTENCES), strict=False)]


def _describe_crossings(draft: ModelDraft, thermostat: Thermostat) -> Iterator[str]:
    if thermostat.heating is None or thermostat.cooling is None:
        return
    try:
        heating, cooling = thermostat.heating.read(draft), thermostat.cooling.read(draft)
    except MeasureError:
        return
    days: dict[tuple[int, float, float], list[str]] = {}
    for _, day, start, warm, cold in compare_days(heating, cooling):
        if warm > cold:
            names = days.setdefault((start, warm, cold), [])
            if day not in names:
                names.append(day)
    for (start, warm, cold), names in days.items():
        yield (
            f"{thermostat.entry.class_name} '{thermostat.entry.name}': heating to {warm:g} C is above cooling to"
            f" {cold:g} C from {start // 60:02}:{start % 60:02} on {describe_days(names)}"
            f"{_name_schedules(thermostat)}."
        )


def _name_schedules(thermostat: Thermostat) -> str:
    names = [s.schedule_name for s in (thermostat.heating, thermostat.cooling) if s is not None and s.schedule_name]
    return f" ({' over '.join(names)})" if names else ""


def _setpoint(entry: DraftObject, side: Side) -> Setpoint | None:
    fields = _FIELDS[entry.class_name].get(side)
    if fields is None:
        return None
    schedule, constant = fields
    if entry.text(schedule):
        return Setpoint(entry, side, schedule, is_constant=False)
    if constant is not None and entry.number(constant) is not None:
        return Setpoint(entry, side, constant, is_constant=True)
    return None


__all__ = ["Setpoint", "Thermostat", "find_schedule", "find_setpoint_crossing", "list_thermostats"]
