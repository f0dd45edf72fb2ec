"""What a case and what a parameter come to in a line or two: for people who look a study over before it runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from energyplus.errors import ModelError
from energyplus.measures.base import MeasureContext, touched
from energyplus.models.description import ModelDescription
from energyplus.models.draft import ModelDraft
from studies.cases.changes import Change, PlannedCase, apply_values, show_value
from studies.cases.effects import find_value
from studies.cases.plans import ParameterPlan, TargetPlan, plan_study
from studies.checks.examined import ExaminedStudy
from studies.definition import Parameter, Study
from studies.designs.points import CasePoint, Value
from studies.problems import count_of

MOST_NAMES = 5
_DIGITS = 4


@dataclass(frozen=True)
class TouchedTarget:
    """What one parameter touches in one model, of one class and field.

    Attributes:
        parameter: Name of the parameter.
        model: Reference of the model.
        class_name: Class of the objects.
        field: The field; blank where whole objects are added or removed.
        objects: How many objects.
        names: Names of the first few; blank ones of classes without names are left out.
    """

    parameter: str
    model: str
    class_name: str
    field: str
    objects: int
    names: tuple[str, ...]


def summarise_case(study: Study, point: CasePoint, planned: PlannedCase) -> tuple[str, ...]:
    """Say what each parameter of a case does, in the study's order.

    Args:
        study: The study.
        point: The case.
        planned: Its plan.

    Returns:
        A line each: `Roof insulation: 0.094 → 0.2 m in 1 object`, `Lighting: ×0.8 in 4 objects (10–12 → 8–9.6 W/m2)`.
        A parameter that the case leaves as the model has it has none.
    """
    by_parameter: dict[str, list[Change]] = {}
    for change in planned.changes:
        by_parameter.setdefault(change.parameter or "", []).append(change)
    return tuple(
        _summarise(parameter, point.values[parameter.name], by_parameter.get(parameter.name, []))
        for parameter in study.parameters
        if parameter.name in point.values
    )


def _summarise(parameter: Parameter, value: Value, changes: Sequence[Change]) -> str:
    if parameter.measure is not None:
        return f"{parameter.title}: {'; '.join(change.text.partition(': ')[2] for change in changes)}"
    parts = [_summarise_target(kind, value, group) for kind, group in _group(changes).items()]
    return f"{parameter.title}: {'; '.join(parts) or 'nothing to change in this model'}"


def _group(changes: Sequence[Change]) -> dict[tuple[str, str, str], list[Change]]:
    """Group changes by how they are made and what they are about."""
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.how, change.unit or "", change.field or ""), []).append(change)
    return groups


def _summarise_target(kind: tuple[str, str, str], value: Value, changes: Sequence[Change]) -> str:
    change, unit, _field = kind
    suffix = f" {unit}" if unit and unit != "dimensionless" else ""
    objects = count_of(len(changes), "object")
    before, after = (_show_span([getattr(entry, side) for entry in changes]) for side in ("before", "after"))
    if isinstance(value, str):
        suffix = ""
    if change == "set" or isinstance(value, str):
        same = f"stays {after}{suffix}" if before == after else f"{before} → {after}{suffix}"
        return f"{same} in {objects}"
    sign = f"×{_show(value)}" if change == "scale" else f"{'+' if value >= 0 else '−'}{_show(abs(value))}{suffix}"
    return f"{sign} in {objects} ({before} → {after}{suffix})"


def _show_span(values: Sequence[Value | None]) -> str:
    numbers = [value for value in values if isinstance(value, float | int)]
    words = list(
        dict.fromkeys("blank" if value is None else value for value in values if not isinstance(value, float | int))
    )
    if not numbers:
        return words[0] if len(words) == 1 else f"{len(words)} different"
    low, high = _show(min(numbers)), _show(max(numbers))
    span = low if low == high else f"{low}–{high}"
    return f"{span} or {', '.join(words)}" if words else span


def _show(value: float) -> str:
    """Return a number as the eye reads it: four digits, whole numbers as they are."""
    return show_value(value) if float(value).is_integer() and abs(value) < 10**_DIGITS else f"{value:.{_DIGITS}g}"


def touched_targets(examined: ExaminedStudy) -> tuple[TouchedTarget, ...]:
    """Return what each parameter touches in each model, in the study's order.

    Of a measure these are the objects that it changes with the last of its values; which ones may depend on the value.
    """
    if examined.program is not None:
        return ()
    context = MeasureContext(examined.construction_sets)
    found: list[TouchedTarget] = []
    plans = {ref: plan_study(examined.study, model.description) for ref, model in examined.models.items()}
    for position in range(len(examined.study.parameters)):
        for ref, plan in plans.items():
            parameter, description = plan.parameters[position], examined.models[ref].description
            if parameter.measure is None:
                found += (_touch_fields(parameter, target, ref, description) for target in parameter.targets)
            else:
                value = find_value(parameter.parameter, examined)
                found += _touch_measure(parameter, ref, description, value, context)
    return tuple(entry for entry in found if entry.objects)


def _touch_fields(plan: ParameterPlan, target: TargetPlan, ref: str, description: ModelDescription) -> TouchedTarget:
    draft = ModelDraft(description)
    entries = list(target.list_entries(draft))
    if target.change != "set":
        entries = [entry for entry in entries if entry.number(target.found.index) is not None]
    names = tuple(entry.name for entry in entries[:MOST_NAMES] if entry.name)
    class_name, field = target.found.class_schema.name, target.found.field.name
    return TouchedTarget(plan.parameter.name, ref, class_name, field, len(entries), names)


def _touch_measure(
    plan: ParameterPlan, ref: str, description: ModelDescription, value: Value | None, context: MeasureContext
) -> Iterator[TouchedTarget]:
    groups: dict[tuple[str, str], list[str]] = {}
    draft = ModelDraft(description)
    try:
        list(apply_values(plan, draft, value, context) if value is not None else ())
    except ModelError:
        return
    for entry in touched(draft.conclude(), description):
        for field in entry.fields or ("",):
            groups.setdefault((entry.class_name, field), []).append(entry.object)
    yield from _list_groups(plan.parameter.name, ref, groups)


def _list_groups(parameter: str, ref: str, groups: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[TouchedTarget]:
    for (class_name, field), objects in groups.items():
        names = tuple(name for name in objects[:MOST_NAMES] if name)
        yield TouchedTarget(parameter, ref, class_name, field, len(objects), names)
