"""A study, a model's description and a point in, the edits of the case and the changes in words out; for every case.

Field parameters and measures write to one draft, in the study's order: each sees what the earlier ones left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from energyplus.engines.declarations import DeclaredParameter
from energyplus.errors import ModelError
from energyplus.measures.assign_construction import settle_bill
from energyplus.measures.base import MeasureContext
from energyplus.measures.constructions import BillItem, ConstructionSet
from energyplus.models.case_objects import CaseEdits
from energyplus.models.description import ModelDescription
from energyplus.models.draft import DraftObject, ModelDraft
from studies.arithmetic import change_number
from studies.cases.plans import ParameterPlan, StudyPlan, TargetPlan, plan_study
from studies.checks.examined import ExaminedStudy
from studies.checks.limits import check_number, write_value
from studies.checks.site import compare_sites
from studies.checks.targets import read_number
from studies.definition import Study
from studies.designs.points import CasePoint, Value


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
        parameter: Name of the parameter that brings it, None for what the weather and the run period bring.
        objects: How many objects it is about.
        how: `set`, `scale` or `add`; `set` for what is neither.
    """

    text: str
    class_name: str | None = None
    object: str | None = None
    field: str | None = None
    before: Value | None = None
    after: Value | None = None
    unit: str | None = None
    parameter: str | None = None
    objects: int = 1
    how: str = "set"


@dataclass(frozen=True)
class PlannedCase:
    """What makes a case out of a model: how it differs from it, the changes in words, what measures put in."""

    edits: CaseEdits
    changes: tuple[Change, ...]
    bill: tuple[BillItem, ...] = ()


def plan_edits(
    study: ExaminedStudy | Study,
    description: ModelDescription,
    point: CasePoint,
    weather_facts: Mapping[str, Any] | None = None,
    construction_sets: Mapping[str, ConstructionSet] | None = None,
) -> PlannedCase:
    """Plan one case.

    Args:
        study: The study.
        description: The model of the point.
        point: One of the study's points for this model; what it gives no value stays as the model has it.
        weather_facts: Facts of the point's weather file, so that the changes say what the model keeps of its own
            site; an examined study knows them itself.
        construction_sets: Those that the study's measures name, by reference; likewise.

    Returns:
        The edits and what they mean; a baseline has no edits, but changes that its weather and run period bring.

    Raises:
        InvalidStudy: A target means nothing in this model: it is not the model that was examined.
        ModelError: The case cannot be made: a measure cannot do what its value asks for, or a value that was drawn
            or computed is beyond what its field takes.
    """
    if isinstance(study, ExaminedStudy):
        weather_facts = weather_facts or study.weathers[point.weather].facts
        construction_sets = construction_sets or study.construction_sets
        study = study.study
    plan = plan_study(study, description)
    draft = ModelDraft(description)
    changes = tuple(_apply(plan, draft, point.values, MeasureContext(construction_sets or {})))
    site = (*_describe_swap(description, weather_facts), *_describe_run_period(plan, draft))
    return PlannedCase(draft.conclude(), (*changes, *site), settle_bill(draft))


def apply_values(plan: ParameterPlan, draft: ModelDraft, value: Value, context: MeasureContext) -> Iterator[Change]:
    """Write one value of one parameter to a draft.

    Args:
        plan: The parameter in the draft's model.
        draft: The case in the making; it is changed as the changes are read.
        value: The value, in the field's unit for `set` and `add`, a factor for `scale`.
        context: What measures may look up.

    Raises:
        ModelError: The value cannot be written.
    """
    if plan.measure is not None:
        report = plan.measure.apply(draft, value, plan.arguments, context)
        text = f"{plan.measure.title}: {report.text}"
        name = plan.parameter.name
        yield Change(text, None, None, None, report.before, report.after, report.unit, name, report.objects)
    for target in plan.targets:
        for entry in target.list_entries(draft):
            change = _write(plan, target, entry, value)
            if change is not None:
                yield change


def _apply(
    plan: StudyPlan, draft: ModelDraft, values: Mapping[str, Value], context: MeasureContext
) -> Iterator[Change]:
    for parameter in plan.parameters:
        value = values.get(parameter.parameter.name)
        if value is not None:
            yield from apply_values(parameter, draft, value, context)


def _write(plan: ParameterPlan, target: TargetPlan, entry: DraftObject, value: Value) -> Change | None:
    """Write one field; None where the change has nothing to work on there."""
    index = target.found.index
    before_text = entry.text(index)
    base = read_number(before_text) if target.takes_numbers or target.found.is_mixed else None
    if target.change != "set" and base is None:
        return None
    after = _compute(target, base, value)
    if (plan.parameter.normal is not None or plan.parameter.derived is not None) and not isinstance(after, str):
        _refuse_beyond(plan, target, entry, after)
    entry.set(index, after)
    before = base if base is not None else (before_text or None)
    return _describe(plan, target, entry, (before, _shown(target, after)))


def _compute(target: TargetPlan, base: float | int | None, value: Value) -> Value:
    """Return what is written: choices and numbers in the engine's own spelling, everything else as it was given."""
    field = target.found.field
    if isinstance(value, str):
        return next((choice for choice in field.choices if choice.casefold() == value.casefold()), value)
    if base is not None and target.change != "set":
        value = change_number(base, target.change, value)
    if field.type == "integer" and float(value).is_integer():
        return int(value)
    return value if target.takes_numbers else write_value(value)


def _shown(target: TargetPlan, after: Value) -> Value:
    """Return what is written as what it is: a number in a field of words is written as text."""
    number = read_number(after) if target.found.is_mixed and isinstance(after, str) else None
    return after if number is None else number


def _refuse_beyond(plan: ParameterPlan, target: TargetPlan, entry: DraftObject, after: float) -> None:
    """Refuse a number that no list of values could have shown when the study was examined."""
    fault = check_number(after, target.found.field) if target.takes_numbers else None
    if fault is not None:
        where = f"{entry.class_name} '{entry.name}'" if entry.name else entry.class_name
        message = f"{plan.parameter.title}: {where} would get {target.found.field.name} = {after:g}. {fault[0]}"
        raise ModelError(message)


def _describe(
    plan: ParameterPlan, target: TargetPlan, entry: DraftObject, values: tuple[Value | None, Value]
) -> Change:
    before, after = values
    field = target.found.field
    unit = field.units if target.takes_numbers else None
    label = f"{entry.class_name} '{entry.name}'" if entry.name else entry.class_name
    suffix = f" {target.unit}" if target.unit and not isinstance(after, str) else ""
    if before == after:
        text = f"{label}: {field.name} stays {show_value(after)}{suffix}"
    else:
        text = f"{label}: {field.name} {show_value(before)} → {show_value(after)}{suffix}"
    name, how = plan.parameter.name, target.change
    return Change(text, entry.class_name, entry.name, field.name, before, after, unit, name, how=how)


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
    return Change(text, field=name, before=before, after=after, unit=unit, parameter=name)


def _describe_swap(description: ModelDescription, weather_facts: Mapping[str, Any] | None) -> Iterator[Change]:
    kept = compare_sites(description, weather_facts) if weather_facts else None
    if kept is not None:
        yield Change(kept.text, field="weather", before=kept.model_site, after=kept.weather_site)


def _describe_run_period(plan: StudyPlan, draft: ModelDraft) -> Iterator[Change]:
    if draft.run_period is None:  # else the measure that set it says so
        for text in plan.run_period:
            yield Change(text, class_name=text.split(":")[0])


def show_value(value: Value | None) -> str:
    """Return a value as it is read: ten digits are enough for the eye, the file gets them all."""
    if value is None:
        return "blank"
    if isinstance(value, str):
        return value
    return f"{value:.10g}" if isinstance(value, float) else str(value)
