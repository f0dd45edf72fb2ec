"""Shifts the set-points of thermostats and keeps heating below cooling; what the two measures of set-points share."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    count_of,
)
from energyplus.measures.references import find_references
from energyplus.measures.schedule_reading import find_schedule
from energyplus.measures.schedules import Setpoint, Side, Thermostat, list_thermostats
from energyplus.measures.year_schedules import (
    DAY_TYPES,
    DESIGN_DAYS,
    YearSchedule,
    combine,
    compare_days,
    write_compact,
)
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

_ORDINARY_DAYS = tuple(day for day in DAY_TYPES if day not in DESIGN_DAYS)
_OTHER: dict[Side, Side] = {"heating": "cooling", "cooling": "heating"}
_WORDS: dict[Side, str] = {"heating": "highest", "cooling": "lowest"}


class SetpointArguments(MeasureArguments):
    """What a shift of set-points is told."""

    alter_design_days: bool = Field(
        default=False,
        description="Shift the set-points of the two design days as well, which equipment is sized on.",
    )
    min_deadband: float = Field(
        default=1.0,
        ge=0,
        description="What must stay between the set-points for heating and cooling where they come nearer, K; where"
        " the model has less, as much as it has.",
    )
    on_conflict: Literal["move", "limit", "refuse"] = Field(
        default="move",
        description="Where less would stay: move the other set-point by what is missing, limit the shift, or refuse the"
        " case.",
    )


class SetpointMeasure(Measure[SetpointArguments]):
    """Shifts one side of all thermostats."""

    side: ClassVar[Side]
    Arguments = SetpointArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: SetpointArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        setpoints = [found for thermostat in list_thermostats(draft) if (found := thermostat.side(self.side))]
        if not setpoints:
            yield MeasureProblem("measure", f"Choose another measure: no thermostat has a set-point for {self.side}.")
        for setpoint in {found.key: found for found in setpoints}.values():
            try:
                setpoint.read(draft)
            except MeasureError as error:
                yield MeasureProblem("measure", str(error), setpoint.schedule_name)
        written = [
            s.schedule_name for s in {f.key: f for f in setpoints}.values() if _actuators(draft, s.schedule_name)
        ]
        if written:
            message = "Energy management programs write these schedules at times; what they write is not shifted."
            yield MeasureProblem("measure", message, ", ".join(written[:3]), is_note=True)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: SetpointArguments, context: MeasureContext
    ) -> MeasureReport:
        shift = _Shift(draft, self.side, float(value), arguments)
        shift.settle()
        return shift.write()


class _Shift:
    """One shift of one draft: what every set-point was and becomes, by the key of its schedule."""

    def __init__(self, draft: ModelDraft, side: Side, by_k: float, arguments: SetpointArguments) -> None:
        self._draft = draft
        self._side: Side = side
        self._arguments = arguments
        self._thermostats = list_thermostats(draft)
        self._setpoints: dict[tuple[Side, str], list[Setpoint]] = {}
        self._before: dict[tuple[Side, str], YearSchedule] = {}
        for thermostat in self._thermostats:
            self._take(thermostat, side)
        if not self._before:
            raise MeasureError(f"No thermostat has a set-point for {side}.")
        self._shifted = frozenset(self._before)
        self._is_limited = False
        days = DAY_TYPES if arguments.alter_design_days else _ORDINARY_DAYS
        self._after = {
            key: before.map(lambda degree: degree + by_k, days if before.name else DAY_TYPES)
            for key, before in self._before.items()
        }
        for thermostat in self._thermostats:
            if thermostat.side(side) is not None:
                self._take(thermostat, _OTHER[side])

    def settle(self) -> None:
        """Keep the deadband of every thermostat that has two set-points."""
        pairs: dict[tuple[str, str], Thermostat] = {}
        for thermostat in self._thermostats:
            if thermostat.heating is not None and thermostat.cooling is not None:
                pairs.setdefault((thermostat.heating.key, thermostat.cooling.key), thermostat)
        for (heating, cooling), thermostat in pairs.items():
            self._settle_pair(("heating", heating), ("cooling", cooling), thermostat)

    def write(self) -> MeasureReport:
        """Write what differs, and tell of it."""
        changed = [key for key, after in self._after.items() if after.periods != self._before[key].periods]
        for key in changed:
            _write_schedule(self._draft, self._setpoints[key], self._after[key])
        before, after = (self._extreme(schedules) for schedules in (self._before, self._after))
        count = sum(len(self._setpoints[key]) for key in self._shifted)
        moved = [key for key in changed if key not in self._shifted]
        text = (
            f"{_WORDS[self._side]} set-point {before:.6g} → {after:.6g} C in {count_of(len(self._shifted), 'schedule')}"
        )
        text += f" of {count_of(count, 'thermostat')}"
        if moved:
            kept = f"to keep {self._arguments.min_deadband:g} K"
            text += f"; {_OTHER[self._side]} moved in {count_of(len(moved), 'schedule')} {kept}"
        elif self._arguments.on_conflict == "limit" and self._is_limited:
            text += f"; limited to keep {self._arguments.min_deadband:g} K"
        return MeasureReport(text, before, after, "C", len(changed))

    def _take(self, thermostat: Thermostat, side: Side) -> None:
        setpoint = thermostat.side(side)
        if setpoint is None:
            return
        key = (side, setpoint.key)
        if key not in self._before:
            self._before[key] = setpoint.read(self._draft)
            self._setpoints[key] = []
            if side != self._side:
                self._after[key] = self._before[key]
        self._setpoints[key].append(setpoint)

    def _settle_pair(self, heating: tuple[Side, str], cooling: tuple[Side, str], thermostat: Thermostat) -> None:
        gap = combine(
            self._before[cooling], self._before[heating], lambda c, h: min(self._arguments.min_deadband, c - h)
        )
        lowest = combine(self._after[heating], gap, lambda h, g: h + g)
        if all(c >= low for c, low in _both(self._after[cooling], lowest)):
            return
        highest = combine(self._after[cooling], gap, lambda c, g: c - g)
        if self._arguments.on_conflict == "refuse":
            raise MeasureError(
                f"'{thermostat.entry.name}': less than {self._arguments.min_deadband:g} K would stay between the"
                " set-points for heating and cooling."
            )
        is_cooling_adapted = (self._arguments.on_conflict == "move") == (self._side == "heating")
        self._is_limited = self._arguments.on_conflict == "limit"
        if is_cooling_adapted:
            self._after[cooling] = combine(self._after[cooling], lowest, max)
        else:
            self._after[heating] = combine(self._after[heating], highest, min)

    def _extreme(self, schedules: dict[tuple[Side, str], YearSchedule]) -> float:
        choose: Callable[..., float] = max if self._side == "heating" else min
        return choose(choose(schedules[key].values(_ORDINARY_DAYS)) for key in self._shifted)


def _both(first: YearSchedule, second: YearSchedule) -> Iterator[tuple[float, float]]:
    return ((one, two) for _, _, _, one, two in compare_days(first, second))


def _write_schedule(draft: ModelDraft, setpoints: list[Setpoint], schedule: YearSchedule) -> None:
    """Give set-points a schedule: in place of their own where nobody else uses that, else as a copy."""
    first = setpoints[0]
    if first.is_constant:
        first.entry.set(first.field, next(schedule.values()))
        return
    entry = find_schedule(draft, first.schedule_name)
    if entry is None:
        raise MeasureError(f"Schedule '{first.schedule_name}' is not in the model.")
    own = {(id(setpoint.entry), setpoint.field) for setpoint in setpoints}
    others = [
        other for other, index in find_references(draft, entry) if (id(other), _field_name(other, index)) not in own
    ]
    if not others:
        _replace_schedule(draft, entry, schedule)
        return
    if _actuators(draft, entry.name):
        raise MeasureError(
            f"'{entry.name}' is written by an energy management program, and not by thermostats alone used"
            f" ({others[0].class_name} '{others[0].name}'); give the thermostats a schedule of their own."
        )
    name = draft.unique_name(f"{entry.name} shifted")
    draft.add("Schedule:Compact", {**write_compact(schedule), 0: name})
    for setpoint in setpoints:
        setpoint.entry.set(setpoint.field, name)


def _field_name(entry: DraftObject, index: int) -> str:
    field = entry.schema.field_at(index)
    return field.name if field else ""


def _replace_schedule(draft: ModelDraft, entry: DraftObject, schedule: YearSchedule) -> None:
    fields = write_compact(schedule)
    values = set(schedule.values())
    if entry.class_name == "Schedule:Constant" and len(values) == 1:
        entry.set("Hourly Value", values.pop())
    elif entry.class_name == "Schedule:Compact" and len(fields) >= entry.length:
        for index, value in fields.items():
            entry.set(index, value)
    else:
        draft.remove(entry)
        draft.add("Schedule:Compact", fields)
        for actuator in _actuators(draft, entry.name):
            actuator.set("Actuated Component Type", "Schedule:Compact")


def _actuators(draft: ModelDraft, schedule_name: str) -> list[DraftObject]:
    """The actuators of energy management programs that write a schedule."""
    if "EnergyManagementSystem:Actuator" not in draft.class_names or not schedule_name:
        return []
    wanted = schedule_name.casefold()
    return [
        entry
        for entry in draft.objects("EnergyManagementSystem:Actuator")
        if entry.text("Actuated Component Unique Name").casefold() == wanted
        and entry.text("Actuated Component Type").casefold().startswith("schedule:")
    ]
