"""One parameter's targets against one model, the fields they mean out: with every problem and note of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from energyplus.models.description import ModelDescription, ObjectDescription
from energyplus.models.schema import ClassSchema, Schema, load_schema
from studies.checks.drafts import ParameterDraft, TargetDraft
from studies.checks.limits import list_words
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


@dataclass(frozen=True)
class FoundTarget:
    """One target, found in one model.

    Attributes:
        draft: The target.
        target: Its field.
        entries: The objects that it is written to, by their position in file order.
        holds_numbers: Whether numbers go there, by the schema or, where that leaves it open, by what stands there.
        bases: For `scale` and `add` the different numbers in the model, each with an object that has it.
    """

    draft: TargetDraft
    target: FieldTarget
    entries: Mapping[int, ObjectDescription]
    holds_numbers: bool
    bases: Mapping[float | int, ObjectDescription] = field(default_factory=dict)


@dataclass
class FieldReport:
    """What the check of one parameter in one model found.

    Attributes:
        problems: Problems, to be told together with those of the other models.
        notes: Notes, likewise.
        found: Its targets, as far as they mean something in this model.
        fields: The fields the parameter writes to: class, position of the object, index of the field.
        unit: Unit of the parameter's values, None where there is none or the field is not known.
        missed: Paths of the optional targets that match nothing in this model.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    found: list[FoundTarget] = field(default_factory=list)
    fields: list[tuple[str, int, int]] = field(default_factory=list)
    unit: str | None = None
    missed: list[str] = field(default_factory=list)


def find_targets(parameter: ParameterDraft, model: ModelView, ref: str) -> FieldReport:
    """Find what one parameter's targets mean in one model.

    Args:
        parameter: The parameter, as far as it is well formed.
        model: The model.
        ref: What the study calls it.
    """
    report = FieldReport()
    written: dict[tuple[str, int, int], str] = {}
    for draft in parameter.targets:
        before = len(report.fields)
        _find_target(draft, model, ref, report)
        _refuse_repetition(draft, report, before, written)
    _compare_units(report)
    return report


def find_unit(found: FoundTarget) -> str | None:
    """Return the unit of a parameter's values: the field's, `1` for factors and bare numbers, None for texts."""
    units = found.target.field.units
    if found.draft.change == "scale":
        return "1"
    if not is_numeric(found.target.field) or units in (None, "", "BasedOnField"):
        return None
    return "1" if units == "dimensionless" else units


def _find_target(draft: TargetDraft, model: ModelView, ref: str, report: FieldReport) -> None:
    if draft.class_name is None:
        return
    class_schema = find_class(draft.class_name, model.description, model.schema)
    if isinstance(class_schema, Miss):
        if class_schema.is_absence and draft.is_optional_in(ref):
            report.missed.append(draft.path)
        else:
            report.problems.append(_tell_miss(class_schema, f"{draft.path}.class"))
        return
    positions = _match_patterns(draft, class_schema, model, ref, report)
    if draft.field_name is None:
        return
    target = find_field(draft.field_name, class_schema)
    if isinstance(target, Miss):
        report.problems.append(_tell_miss(target, f"{draft.path}.field"))
        return
    objects = model.description.classes[class_schema.name]
    entries = {position: objects[position] for position in positions}
    if draft.patterns and not entries and draft.is_optional_in(ref):
        report.missed.append(draft.path)
    _keep_target(draft, target, entries, report)


def _keep_target(
    draft: TargetDraft, target: FieldTarget, entries: Mapping[int, ObjectDescription], report: FieldReport
) -> None:
    holds_numbers = is_numeric(target.field)
    if target.is_mixed and entries:
        mixed = _tell_mixed(draft, target, entries, report)
        if mixed is None:
            return
        holds_numbers = mixed
    found = FoundTarget(draft, target, entries, holds_numbers)
    if draft.change == "set":
        _check_set(found, report)
    elif draft.change is not None:
        found = _check_relative(found, report)
    report.found.append(found)
    report.fields += [(target.class_schema.name, position, target.index) for position in found.entries]


def _tell_miss(miss: Miss, path: str) -> Problem:
    return make_problem(path, miss.message, miss.found, miss.accepted)


def _match_patterns(
    draft: TargetDraft, class_schema: ClassSchema, model: ModelView, ref: str, report: FieldReport
) -> list[int]:
    objects = model.description.classes[class_schema.name]
    found: set[int] = set()
    for path, pattern in draft.patterns.items():
        matched = match_objects(pattern, objects)
        if not matched and not draft.is_optional_in(ref):
            report.problems.append(_tell_miss(miss_objects(pattern, class_schema, objects), path))
        found.update(matched)
    return sorted(found)


def _tell_mixed(
    draft: TargetDraft, target: FieldTarget, entries: Mapping[int, ObjectDescription], report: FieldReport
) -> bool | None:
    """Tell whether numbers stand in a field that may hold words as well; None where objects disagree."""
    texts = [read_field(entry, target.index) for entry in entries.values()]
    numbers = [read_number(text) is not None for text in texts]
    if all(numbers) or not any(numbers):
        return all(numbers)
    word = texts[numbers.index(False)]
    message = f"Choose objects that are built alike: {target.field.name} is a number in some, '{word}' in others."
    accepted = "a field with numbers in all of them"
    report.problems.append(make_problem(f"{draft.path}.field", message, draft.field_name, accepted))
    return None


def _check_set(found: FoundTarget, report: FieldReport) -> None:
    target, class_name = found.target, found.target.class_schema.name
    short = [entry for entry in found.entries.values() if not is_reachable(entry, target)]
    if short:
        which = list_objects(class_name, short)
        message = f"Choose a field that every object has: {which} ends before {target.field.name}."
        accepted = [show_field(field) for field in target.class_schema.fields[1 : min(len(e.values) for e in short)]]
        path = f"{found.draft.path}.field"
        report.problems.append(make_problem(path, message, target.field.name, accepted or "a field that all have"))
        return
    blank = [entry for entry in found.entries.values() if not read_field(entry, target.index)]
    if blank:
        which = list_objects(class_name, blank)
        message = (
            f"{target.field.name} is blank in {len(blank)} of {count_of(len(found.entries), 'object')} that it is"
            f" written to ({which}); if another input method is in use there, the value changes nothing."
        )
        report.notes.append(Note(found.draft.path, message))


def _check_relative(found: FoundTarget, report: FieldReport) -> FoundTarget:
    """Return the target with those objects alone whose field holds a number; tell of the others."""
    draft, target = found.draft, found.target
    if not found.holds_numbers:
        if found.entries or not target.is_mixed:
            message = f"Use `set`: {target.field.name} holds text, which no `{draft.change}` can change."
            report.problems.append(make_problem(draft.change_path, message, draft.change, ["set"]))
        return found
    texts = {position: read_field(entry, target.index) for position, entry in found.entries.items()}
    numbers = {position: number for position, text in texts.items() if (number := read_number(text)) is not None}
    _tell_left(found, texts, numbers, report)
    bases: dict[float | int, ObjectDescription] = {}
    for position, number in numbers.items():
        bases.setdefault(number, found.entries[position])
    entries = {position: found.entries[position] for position in numbers}
    return FoundTarget(draft, target, entries, found.holds_numbers, bases)


def _tell_left(
    found: FoundTarget, texts: Mapping[int, str], numbers: Mapping[int, float | int], report: FieldReport
) -> None:
    """Say which objects a factor or an addend leaves alone; refuse where none is left."""
    path, change, entries = found.draft.path, found.draft.change, found.entries
    class_name, name = found.target.class_schema.name, found.target.field.name
    words = {word.casefold() for word in list_words(found.target.field)}
    left = [entry for position, entry in entries.items() if position not in numbers]
    odd = [p for p, text in texts.items() if text and p not in numbers and text.casefold() not in words]
    if odd:
        which = describe_object(class_name, entries[odd[0]])
        message = f"Use `set`: {name} of {which} is '{texts[odd[0]]}', which is no number."
        report.problems.append(make_problem(path, message, texts[odd[0]], "a number"))
    elif left and not numbers:
        message = (
            f"Use `set`, or another field: {name} holds no number in any of the {count_of(len(entries), 'object')}"
            f" ({list_objects(class_name, left)}), so there is nothing to {change}."
        )
        accepted = _fields_with_numbers(found.target, list(entries.values())) or ["set"]
        report.problems.append(make_problem(f"{path}.field", message, name, accepted))
    elif left:
        message = (
            f"{name} is blank or sized by the engine in {len(left)} of {count_of(len(entries), 'object')}, which"
            f" `{change}` leaves alone: {list_objects(class_name, left)}."
        )
        report.notes.append(Note(path, message))


def _fields_with_numbers(target: FieldTarget, entries: Sequence[ObjectDescription]) -> list[str]:
    filled = (
        field
        for index, field in enumerate(target.class_schema.fields)
        if is_numeric(field) and any(read_number(read_field(entry, index)) is not None for entry in entries)
    )
    return [show_field(field) for field in filled]


def _refuse_repetition(
    draft: TargetDraft, report: FieldReport, start: int, written: dict[tuple[str, int, int], str]
) -> None:
    """Refuse a target that writes where another one of the same parameter does."""
    shared = [at for at in report.fields[start:] if at in written]
    if shared:
        message = f"Leave one of the two out: {written[shared[0]]} writes to the same field."
        report.problems.append(make_problem(draft.path, message, None, "each field once"))
    for at in report.fields[start:]:
        written.setdefault(at, draft.path)


def _compare_units(report: FieldReport) -> None:
    """Find the one unit of a parameter's values; refuse targets that take them in different ones."""
    units = [(found.draft.path, unit) for found in report.found if (unit := find_unit(found)) is not None]
    report.unit = units[0][1] if units else None
    for path, unit in units[1:]:
        if unit != report.unit:
            message = (
                f"Make a parameter of its own of it, or a `change` that fits: values would be in {unit} here, and in"
                f" {report.unit} at {units[0][0]}."
            )
            report.problems.append(make_problem(path, message, unit, report.unit))
            return
