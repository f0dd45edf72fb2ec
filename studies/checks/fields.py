"""One parameter's target against one model: every problem and note of it; called for each parameter and model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from energyplus.models.description import ModelDescription, ObjectDescription
from energyplus.models.hazards import find_fault_of_edit
from energyplus.models.schema import ClassSchema, Schema, load_schema
from studies.arithmetic import change_number
from studies.checks.limits import Fault, Value, check_number, check_value, describe_limits, is_within, list_words
from studies.checks.structure import ParameterDraft
from studies.checks.targets import (
    FieldTarget,
    Miss,
    describe_object,
    find_class,
    find_field,
    is_numeric,
    is_reachable,
    list_objects,
    list_references,
    match_objects,
    miss_objects,
    read_field,
    read_number,
    show_field,
)
from studies.problems import Problem, count_of, make_problem


@dataclass(frozen=True)
class Note:
    """Something a modeller should know of a study that is accepted: where in it, and what."""

    path: str
    message: str


@dataclass(frozen=True)
class ModelView:
    """A model as the checks see it: its description, the schema of its version, the names its fields may refer to."""

    description: ModelDescription
    schema: Schema
    references: dict[str, dict[str, str]]

    @classmethod
    def of(cls, description: ModelDescription) -> "ModelView":
        """Look at a model; `energyplus.errors.ModelError` if its version is not known."""
        schema = load_schema(description.version)
        return cls(description, schema, list_references(description, schema))


@dataclass
class FieldReport:
    """What the check of one parameter in one model found.

    Attributes:
        problems: Problems, to be told together with those of the other models.
        notes: Notes, likewise.
        fields: The fields the parameter writes to: class, position of the object, index of the field.
        unit: Unit of the parameter's values, None where there is none or the field is not known.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    fields: list[tuple[str, int, int]] = field(default_factory=list)
    unit: str | None = None


def check_field(parameter: ParameterDraft, candidates: Sequence[tuple[str, Value]], model: ModelView) -> FieldReport:
    """Check one parameter against one model.

    Args:
        parameter: The parameter, as far as it is well formed.
        candidates: Every value it can take, or the ends of its range, each with its path.
        model: The model.
    """
    report = FieldReport()
    if parameter.class_name is None:
        return report
    class_schema = find_class(parameter.class_name, model.description, model.schema)
    if isinstance(class_schema, Miss):
        report.problems.append(_tell_miss(class_schema, f"{parameter.path}.target.class"))
        return report
    positions = _match_patterns(parameter, class_schema, model, report)
    if parameter.field_name is None:
        return report
    target = find_field(parameter.field_name, class_schema)
    if isinstance(target, Miss):
        report.problems.append(_tell_miss(target, f"{parameter.path}.target.field"))
        return report
    report.unit = find_unit(parameter.change, target)
    report.fields = [(class_schema.name, position, target.index) for position in positions]
    _check_hazards(candidates, target, report)
    if parameter.change == "set":
        _check_set(parameter, candidates, target, model, positions, report)
    elif parameter.change is not None:
        _check_relative(parameter, candidates, target, model, positions, report)
    return report


def find_unit(change: str | None, target: FieldTarget) -> str | None:
    """Return the unit of a parameter's values: the field's, `1` for factors and bare numbers, None for texts."""
    if change == "scale":
        return "1"
    if not is_numeric(target.field) or target.field.units in (None, "", "BasedOnField"):
        return None
    return "1" if target.field.units == "dimensionless" else target.field.units


def _tell_miss(miss: Miss, path: str) -> Problem:
    return make_problem(path, miss.message, miss.found, miss.accepted)


def _match_patterns(
    parameter: ParameterDraft, class_schema: ClassSchema, model: ModelView, report: FieldReport
) -> list[int]:
    objects = model.description.classes[class_schema.name]
    found: set[int] = set()
    for path, pattern in parameter.patterns.items():
        matched = match_objects(pattern, objects)
        if not matched:
            report.problems.append(_tell_miss(miss_objects(pattern, class_schema, objects), path))
        found.update(matched)
    return sorted(found)


def _check_hazards(candidates: Sequence[tuple[str, Value]], target: FieldTarget, report: FieldReport) -> None:
    """Refuse what the gate of uploads would refuse in a model: a study must not put it there."""
    for path, value in candidates:
        fault = find_fault_of_edit(target.class_schema, target.index, value)
        if fault is not None:
            report.problems.append(make_problem(path, fault, value, "another field or value"))
            return


def _check_set(
    parameter: ParameterDraft,
    candidates: Sequence[tuple[str, Value]],
    target: FieldTarget,
    model: ModelView,
    positions: Sequence[int],
    report: FieldReport,
) -> None:
    if parameter.uniform is not None and not _check_range(parameter, target, report):
        return
    for path, value in candidates:
        fault = check_value(value, target.field, model.references)
        if fault is not None:
            report.problems.append(_tell_fault(fault, path, value))
    objects = [model.description.classes[target.class_schema.name][position] for position in positions]
    short = [entry for entry in objects if not is_reachable(entry, target)]
    if short:
        which = list_objects(target.class_schema.name, short)
        message = f"Choose a field that every object has: {which} ends before {target.field.name}."
        accepted = [show_field(field) for field in target.class_schema.fields[1 : min(len(e.values) for e in short)]]
        path = f"{parameter.path}.target.field"
        report.problems.append(make_problem(path, message, target.field.name, accepted or "a field that all have"))
        return
    blank = [entry for entry in objects if not read_field(entry, target.index)]
    if blank:
        which = list_objects(target.class_schema.name, blank)
        message = (
            f"{target.field.name} is blank in {len(blank)} of {count_of(len(objects), 'object')} that it is written to"
            f" ({which}); if another input method is in use there, the value changes nothing."
        )
        report.notes.append(Note(f"{parameter.path}.target", message))


def _check_range(parameter: ParameterDraft, target: FieldTarget, report: FieldReport) -> bool:
    """Refuse a range for a field that holds no fractions; tell whether the field can take one."""
    path, name = f"{parameter.path}.uniform", target.field.name
    if not is_numeric(target.field):
        message = f"List `values`: {name} holds text, which no range can give."
    elif target.field.type == "integer":
        message = f"List `values`: {name} takes whole numbers, a uniform range gives fractions."
    else:
        return True
    report.problems.append(make_problem(path, message, parameter.uniform, ["values"]))
    return False


def _tell_fault(fault: Fault, path: str, value: Value) -> Problem:
    message, accepted = fault
    return make_problem(path, message, value, accepted)


def _check_relative(
    parameter: ParameterDraft,
    candidates: Sequence[tuple[str, Value]],
    target: FieldTarget,
    model: ModelView,
    positions: Sequence[int],
    report: FieldReport,
) -> None:
    if not is_numeric(target.field):
        message = f"Use `set`: {target.field.name} holds text, which no `{parameter.change}` can change."
        report.problems.append(make_problem(f"{parameter.path}.change", message, parameter.change, ["set"]))
        return
    if parameter.uniform is not None and not _check_range(parameter, target, report):
        return
    numbers = _split_objects(parameter, target, model, positions, report)
    bases: dict[float | int, ObjectDescription] = {}
    for entry, number in numbers:
        bases.setdefault(number, entry)
    for path, value in candidates:
        if isinstance(value, str):
            message = f"Write a number: `{parameter.change}` needs one."
            report.problems.append(make_problem(path, message, value, "a number"))
        else:
            fault = _check_results(parameter.change or "", value, target, bases)
            if fault is not None:
                report.problems.append(_tell_fault(fault, path, value))


def _split_objects(
    parameter: ParameterDraft,
    target: FieldTarget,
    model: ModelView,
    positions: Sequence[int],
    report: FieldReport,
) -> list[tuple[ObjectDescription, float | int]]:
    """Return the objects whose field holds a number; say which are left alone, refuse where none is left."""
    class_name, name = target.class_schema.name, target.field.name
    objects = [(position, model.description.classes[class_name][position]) for position in positions]
    texts = {position: read_field(entry, target.index) for position, entry in objects}
    numbers = {position: read_number(text) for position, text in texts.items()}
    words = {word.casefold() for word in list_words(target.field)}
    left = [entry for position, entry in objects if numbers[position] is None]
    odd = [p for p, _entry in objects if texts[p] and numbers[p] is None and texts[p].casefold() not in words]
    path = f"{parameter.path}.target"
    if odd:
        entry = model.description.classes[class_name][odd[0]]
        message = f"Use `set`: {name} of {describe_object(class_name, entry)} is '{texts[odd[0]]}', which is no number."
        report.problems.append(make_problem(path, message, texts[odd[0]], "a number"))
    elif left and len(left) == len(objects):
        message = (
            f"Use `set`, or another field: {name} holds no number in any of the {count_of(len(objects), 'object')}"
            f" ({list_objects(class_name, left)}), so there is nothing to {parameter.change}."
        )
        report.problems.append(
            make_problem(f"{path}.field", message, name, _fields_with_numbers(target, objects) or ["set"])
        )
    elif left:
        message = (
            f"{name} is blank or sized by the engine in {len(left)} of {count_of(len(objects), 'object')}, which"
            f" `{parameter.change}` leaves alone: {list_objects(class_name, left)}."
        )
        report.notes.append(Note(path, message))
    report.fields = [(class_name, position, target.index) for position, _e in objects if numbers[position] is not None]
    return [(entry, number) for position, entry in objects if (number := numbers[position]) is not None]


def _fields_with_numbers(target: FieldTarget, objects: Sequence[tuple[int, ObjectDescription]]) -> list[str]:
    filled = (
        field
        for index, field in enumerate(target.class_schema.fields)
        if is_numeric(field) and any(read_number(read_field(entry, index)) is not None for _p, entry in objects)
    )
    return [show_field(field) for field in filled]


def _check_results(
    change: str, value: float, target: FieldTarget, bases: dict[float | int, ObjectDescription]
) -> Fault | None:
    """Check what a factor or an addend makes of the numbers in the model."""
    for base, entry in bases.items():
        result = change_number(base, change, value)
        fault = check_number(result, target.field)
        if fault is None:
            continue
        sign = "×" if change == "scale" else "+"
        which = describe_object(target.class_schema.name, entry)
        limits = "a finite whole number" if is_within(result, target.field) else describe_limits(target.field)
        message = f"{which}: {target.field.name} {base:g} {sign} {value:g} = {result:g}; it must be {limits}."
        return message, limits
    return None
