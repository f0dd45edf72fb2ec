"""A study, a model's description and a point in, the fields to write and the changes in words out; for every case."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from energyplus.engines.declarations import DeclaredParameter
from energyplus.measures.constructions import BillItem
from energyplus.models.case_objects import CaseEdits, FieldEdit
from energyplus.models.description import ModelDescription, ObjectDescription
from energyplus.models.schema import Schema, load_schema
from energyplus.run_period import describe_run_period_changes
from studies.arithmetic import change_number
from studies.checks.examination import ExaminedStudy
from studies.checks.limits import write_value
from studies.checks.site import compare_sites
from studies.checks.targets import (
    FieldTarget,
    Miss,
    describe_object,
    find_class,
    find_field,
    is_numeric,
    match_objects,
    miss_objects,
    read_field,
    read_number,
)
from studies.definition import Parameter, Study
from studies.designs.points import CasePoint, Value
from studies.problems import InvalidStudy, make_problem


@dataclass(frozen=True)
class Change:
    """One difference between a case and the unmodified model, as a modeller reads it.

    Attributes:
        text: The change in one line: `Material 'Typical Insulation': Thickness 0.1 → 0.2 m`.
        class_name: Class of the object, None for what is no edit of a field.
        object: Name of the object, empty where it has none.
        field: Name of the field.
        before: What the model has, None where it is blank.
        after: What the case has.
        unit: Unit of both, None where there is none.
    """

    text: str
    class_name: str | None = None
    object: str | None = None
    field: str | None = None
    before: Value | None = None
    after: Value | None = None
    unit: str | None = None


@dataclass(frozen=True)
class PlannedCase:
    """What makes a case out of a model: how it differs from it, the changes in words, what measures put in."""

    edits: CaseEdits
    changes: tuple[Change, ...]
    bill: tuple[BillItem, ...] = ()


@dataclass(frozen=True)
class _Slot:
    """One field of one object that a parameter writes to."""

    position: int
    entry: ObjectDescription
    before: str
    base: float | int | None

    @property
    def content(self) -> Value | None:
        """What the model has there: a number where it is one, None where the field is blank."""
        return self.base if self.base is not None else (self.before or None)


@dataclass(frozen=True)
class _ParameterPlan:
    parameter: Parameter
    target: FieldTarget
    slots: tuple[_Slot, ...]


def plan_edits(
    study: ExaminedStudy | Study,
    description: ModelDescription,
    point: CasePoint,
    weather_facts: Mapping[str, Any] | None = None,
) -> PlannedCase:
    """Plan one case.

    Args:
        study: The study.
        description: The model of the point.
        point: One of the study's points for this model.
        weather_facts: Facts of the point's weather file, so that the changes say what the model keeps of its own
            site; an examined study knows them itself.

    Returns:
        The edits and what they mean; a baseline has no edits, but changes that its weather and run period bring.

    Raises:
        InvalidStudy: A target means nothing in this model: it is not the model that was examined.
    """
    if isinstance(study, ExaminedStudy):
        weather_facts = weather_facts or study.weathers[point.weather].facts
        study = study.study
    edits: list[FieldEdit] = []
    changes: list[Change] = []
    schema = load_schema(description.version)
    for position, parameter in enumerate(study.parameters if point.values else ()):
        plan = _plan_parameter(parameter, f"parameters[{position}]", description, schema)
        for slot in plan.slots:
            after = _compute(plan, slot, point.values[parameter.name])
            edits.append(FieldEdit(plan.target.class_schema.name, slot.position, plan.target.index, after))
            changes.append(_describe(plan, slot, after))
    site = (*_describe_swap(description, weather_facts), *_describe_run_period(description, study))
    return PlannedCase(CaseEdits(tuple(edits)), (*changes, *site))


def changes_model(parameter: Parameter, path: str, description: ModelDescription, values: Iterable[Value]) -> bool:
    """Tell whether any of these values of a parameter makes a field differ from what a model has.

    Args:
        parameter: The parameter.
        path: Where it stands in its study.
        description: The model.
        values: The values, in the field's unit for `set` and `add`, factors for `scale`.

    Raises:
        InvalidStudy: Its target means nothing in this model.
    """
    plan = _plan_parameter(parameter, path, description, load_schema(description.version))
    return any(_differs(slot.content, _compute(plan, slot, value)) for value in values for slot in plan.slots)


def _differs(before: Value | None, after: Value) -> bool:
    """Compare as the engine reads: words without regard to letter case."""
    if isinstance(before, str) and isinstance(after, str):
        return before.casefold() != after.casefold()
    return before != after


def plan_values(program: Mapping[str, DeclaredParameter], point: CasePoint) -> tuple[Change, ...]:
    """Say what a case changes against the program's defaults.

    Args:
        program: The declared parameters by name.
        point: The case.
    """
    return tuple(_describe_value(name, value, program.get(name)) for name, value in point.values.items())


def _describe_value(name: str, after: float | int | str, declared: DeclaredParameter | None) -> Change:
    before = declared.default if declared else None
    unit = declared.unit if declared else None
    suffix = f" {unit}" if unit and unit != "1" else ""
    if before is None:
        text = f"{name} = {show_value(after)}{suffix}"
    elif before == after:
        text = f"{name} stays {show_value(after)}{suffix}"
    else:
        text = f"{name} {show_value(before)} → {show_value(after)}{suffix}"
    return Change(text, field=name, before=before, after=after, unit=unit)


def _describe_swap(description: ModelDescription, weather_facts: Mapping[str, Any] | None) -> Iterator[Change]:
    kept = compare_sites(description, weather_facts) if weather_facts else None
    if kept is not None:
        yield Change(kept.text, field="weather", before=kept.model_site, after=kept.weather_site)


def _describe_run_period(description: ModelDescription, study: Study) -> Iterator[Change]:
    texts = {name: [entry.values for entry in entries] for name, entries in description.classes.items()}
    for text in describe_run_period_changes(texts, study.engine_run_period):
        yield Change(text, class_name=text.split(":")[0])


def _plan_parameter(parameter: Parameter, path: str, description: ModelDescription, schema: Schema) -> _ParameterPlan:
    if not parameter.targets:
        raise InvalidStudy([make_problem(f"{path}.target", "Write `target`: it is missing.", None, "a target")])
    wanted = parameter.targets[0]
    class_schema = find_class(wanted.class_name, description, schema)
    if isinstance(class_schema, Miss):
        raise _refuse(class_schema, f"{path}.target.class")
    target = find_field(wanted.field, class_schema)
    if isinstance(target, Miss):
        raise _refuse(target, f"{path}.target.field")
    objects = description.classes[class_schema.name]
    positions: set[int] = set()
    for pattern in wanted.patterns:
        matched = match_objects(pattern, objects)
        if not matched:
            raise _refuse(miss_objects(pattern, class_schema, objects), f"{path}.target.object")
        positions.update(matched)
    slots = (_find_slot(position, objects, target) for position in sorted(positions))
    return _ParameterPlan(
        parameter, target, tuple(slot for slot in slots if parameter.change == "set" or slot.base is not None)
    )


def _find_slot(position: int, objects: Sequence[ObjectDescription], target: FieldTarget) -> _Slot:
    before = read_field(objects[position], target.index)
    base = read_number(before) if is_numeric(target.field) else None
    return _Slot(position, objects[position], before, base)


def _refuse(miss: Miss, path: str) -> InvalidStudy:
    return InvalidStudy([make_problem(path, miss.message, miss.found, miss.accepted)])


def _compute(plan: _ParameterPlan, slot: _Slot, value: Value) -> Value:
    """Return what is written: choices and numbers in the engine's own spelling, everything else as it was given."""
    field = plan.target.field
    if isinstance(value, str):
        return next((choice for choice in field.choices if choice.casefold() == value.casefold()), value)
    if slot.base is not None and plan.parameter.change != "set":
        value = change_number(slot.base, plan.parameter.change, value)
    if field.type == "integer":
        return int(value)
    return value if is_numeric(field) else write_value(value)


def _describe(plan: _ParameterPlan, slot: _Slot, after: Value) -> Change:
    field = plan.target.field
    before = slot.content
    unit = field.units if is_numeric(field) else None
    name = describe_object(plan.target.class_schema.name, slot.entry)
    suffix = f" {unit}" if unit and unit != "dimensionless" and not isinstance(after, str) else ""
    if before == after:
        text = f"{name}: {field.name} stays {show_value(after)}{suffix}"
    else:
        text = f"{name}: {field.name} {show_value(before)} → {show_value(after)}{suffix}"
    return Change(text, plan.target.class_schema.name, slot.entry.name, field.name, before, after, unit)


def show_value(value: Value | None) -> str:
    """Return a value as it is read: ten digits are enough for the eye, the file gets them all."""
    if value is None:
        return "blank"
    if isinstance(value, str):
        return value
    return f"{value:.10g}" if isinstance(value, float) else str(value)
