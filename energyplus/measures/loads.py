"""Sets how much a load of zones is per m2 or volume; what lighting, equipment and infiltration measures share."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import ClassVar

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
from energyplus.measures.patterns import Patterns, matches
from energyplus.measures.zones import Basis, ZoneMeasures
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

_ZONE, _METHOD = 1, 3  # in every class of loads: name, zone, schedule, method


@dataclass(frozen=True)
class LoadClass:
    """A class of loads.

    Attributes:
        name: the engine's own.
        methods: by calculation method, folded, the index of the field that holds its amount, and what that is given
            per; the names of these fields are not the same in all versions, their places are.
    """

    name: str
    methods: Mapping[str, tuple[int, Basis]]


class LoadArguments(MeasureArguments):
    """Which loads a measure is about."""

    zones: Patterns = Field(
        default=("*",),
        min_length=1,
        description="Names or globs of the zones, spaces or lists of them that the loads are written for, in any case.",
    )
    exclude: Patterns = Field(
        default=(), description="Names or globs of load objects to leave alone, in any case, such as lifts."
    )


class LoadMeasure(Measure[LoadArguments]):
    """Sets the loads of a class; several objects of one zone share the value as they shared their load before."""

    load: ClassVar[LoadClass]
    method: ClassVar[str]
    Arguments = LoadArguments

    def method_for(self, arguments: LoadArguments) -> str:
        """The calculation method that the loads get, in the engine's own spelling."""
        return self.method

    @override
    def check(self, draft: ModelDraft, arguments: LoadArguments, context: MeasureContext) -> Iterator[MeasureProblem]:
        zones = sorted({entry.text(_ZONE) for entry in draft.objects(self.load.name)})
        if not zones:
            yield MeasureProblem("measure", f"Choose another measure: the model has no {self.load.name}.")
        for position, pattern in enumerate(arguments.zones):
            if zones and not any(matches(zone, (pattern,)) for zone in zones):
                message = f"Write a zone, space or list that has {self.load.name}, or a glob of such."
                yield MeasureProblem(f"arguments.zones[{position}]", message, pattern, tuple(zones[:20]))

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: LoadArguments, context: MeasureContext
    ) -> MeasureReport:
        entries = [
            entry
            for entry in draft.objects(self.load.name)
            if matches(entry.text(_ZONE), arguments.zones) and not matches(entry.name, arguments.exclude)
        ]
        if not entries:
            raise MeasureError(f"No {self.load.name} is written for these zones: {', '.join(arguments.zones)}.")
        loads = _Loads(draft, self.load, entries)
        method = self.method_for(arguments)
        before = loads.average(method)
        loads.set(method, float(value))
        unit = self.value_for(arguments).unit
        shown = "" if before is None else f"{before:.4g} → "
        text = f"{shown}{float(value):.4g} {unit} in {count_of(len(entries), 'object')}"
        return MeasureReport(text, before, float(value), unit, len(entries))


class _Loads:
    """The loads of a class in a draft, by what they are written for."""

    def __init__(self, draft: ModelDraft, load: LoadClass, entries: Sequence[DraftObject]) -> None:
        self._load = load
        self._measures = ZoneMeasures(draft)
        self._groups: dict[str, list[DraftObject]] = defaultdict(list)
        for entry in entries:
            self._groups[entry.text(_ZONE).casefold()].append(entry)

    def average(self, method: str) -> float | None:
        """What all loads together are per unit of a method's basis now; None where the model does not say."""
        basis = self._load.methods[method.casefold()][1]
        amounts = [self._amount(entry) for group in self._groups.values() for entry in group]
        bases = [self._measures.amount_of(target, basis) for target in self._groups]
        known = [number for number in amounts if number is not None], [number for number in bases if number is not None]
        if len(known[0]) < len(amounts) or len(known[1]) < len(bases) or not fsum(known[1]):
            return None
        return fsum(known[0]) / fsum(known[1]) * (_SECONDS_PER_HOUR if basis == "volume" else 1.0)

    def set(self, method: str, value: float) -> None:
        """Give every group a value by a method, each object its share."""
        self._refuse_overlaps()
        for group in self._groups.values():
            for entry, share in zip(group, self._shares(group), strict=True):
                self._write(entry, method, value * share)

    def _write(self, entry: DraftObject, method: str, value: float) -> None:
        wanted = self._load.methods[method.casefold()][0]
        if entry.text(_METHOD).casefold() != method.casefold():
            entry.set(_METHOD, method)
        for field in dict.fromkeys(field for field, _ in self._load.methods.values()):
            if field == wanted:
                entry.set(field, value)
            elif entry.text(field):
                entry.set(field, "")

    def _shares(self, group: Sequence[DraftObject]) -> list[float]:
        if len(group) == 1:
            return [1.0]
        amounts = [self._amount(entry) for entry in group]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts):
            names = ", ".join(f"'{entry.name}'" for entry in group)
            raise MeasureError(
                f"{self._load.name} {names} are in one zone, and how large each is cannot be told; leave all but one"
                " alone with `exclude`."
            )
        total = fsum(known)
        return [amount / total if total else 1.0 / len(known) for amount in known]

    def _amount(self, entry: DraftObject) -> float | None:
        """A load in W or m3/s; None where it is given per person, or the zone's measures are not known."""
        method = self._load.methods.get(entry.text(_METHOD).casefold())
        if method is None:
            return None
        index, basis = method
        number = entry.number(index)
        if number is None:
            return None if basis == "person" else 0.0
        times = self._measures.amount_of(entry.text(_ZONE), basis)
        return None if times is None else number * times / (_SECONDS_PER_HOUR if basis == "volume" else 1.0)

    def _refuse_overlaps(self) -> None:
        owners: dict[tuple[str, str], str] = {}
        for target in self._groups:
            for member in self._measures.covered(target):
                other = owners.setdefault(member, target)
                if other != target:
                    raise MeasureError(
                        f"{self._load.name}: {member[0]} '{member[1]}' has loads through '{other}' and '{target}';"
                        " choose one of them with `zones`."
                    )


_SECONDS_PER_HOUR = 3600.0
