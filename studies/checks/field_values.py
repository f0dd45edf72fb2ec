"""The values of a parameter against the fields they go to: limits, choices, names, and what a change makes of them."""

from collections.abc import Iterable, Iterator, Mapping

from energyplus.models.description import ObjectDescription
from energyplus.models.hazards import find_fault_of_edit
from studies.arithmetic import change_number
from studies.checks.drafts import ParameterDraft, Value
from studies.checks.fields import FieldReport, FoundTarget, ModelView
from studies.checks.limits import Fault, check_number, check_value, describe_limits, is_within
from studies.checks.targets import FieldTarget, describe_object, read_field
from studies.definition import CONTINUOUS_SPREADS
from studies.problems import Problem, make_problem

Candidates = Iterable[tuple[str, Value]]


def check_values(
    parameter: ParameterDraft, candidates: Candidates, report: FieldReport, model: ModelView
) -> Iterator[Problem]:
    """Check what a parameter writes into the fields of one model.

    Args:
        parameter: The parameter.
        candidates: Every value it can take, or the ends of its range, each with its path.
        report: What its targets mean in the model.
        model: The model.
    """
    candidates = list(candidates)
    for found in report.found:
        refusal = _refuse_spread(parameter, found)
        yield from _check_hazards(candidates, found.target)
        if refusal is not None:
            yield refusal
        elif found.draft.change == "set":
            yield from _check_set(candidates, found, model)
        elif found.draft.change is not None and found.holds_numbers:
            yield from _check_relative(candidates, found)


def check_written(value: Value, found: FoundTarget, model: ModelView) -> Fault | None:
    """Check what is written for one value of a parameter: as it stands, as a factor or as an addend."""
    if found.draft.change == "set":
        return (
            _check_mixed(value, found)
            if found.target.is_mixed
            else check_value(value, found.target.field, model.references)
        )
    if isinstance(value, str):
        return f"Write a number: `{found.draft.change}` needs one.", "a number"
    return _check_results(found.draft.change or "", value, found.target, found.bases)


def judge_value(value: Value, report: FieldReport, model: ModelView) -> Fault | None:
    """Say what is wrong with a value in the first of a parameter's fields that cannot take it."""
    faults = (check_written(value, found, model) for found in report.found if found.holds_numbers)
    return next((fault for fault in faults if fault is not None), None)


def _check_hazards(candidates: Candidates, target: FieldTarget) -> Iterator[Problem]:
    """Refuse what the gate of uploads would refuse in a model: a study must not put it there."""
    for path, value in candidates:
        fault = find_fault_of_edit(target.class_schema, target.index, value)
        if fault is not None:
            yield make_problem(path, fault, value, "another field or value")
            return


def _refuse_spread(parameter: ParameterDraft, found: FoundTarget) -> Problem | None:
    """Refuse a range for a field that it has no values for."""
    key = next((key for key in (*sorted(CONTINUOUS_SPREADS), "integer", "derived") if key in parameter.keys), None)
    if key is None:
        return None
    name = found.target.field.name
    shown = getattr(parameter, key, None) or dict(parameter.parts)
    if not found.holds_numbers:
        if found.target.is_mixed and not found.entries:
            return None
        what = "expression" if key == "derived" else "range"
        message, accepted = f"List `values`: {name} holds text, which no {what} can give.", ["values"]
    elif found.target.field.type == "integer" and key not in ("integer", "derived"):
        message = f"Write `integer`: {name} takes whole numbers, a `{key}` range gives fractions."
        accepted = ["integer", "values"]
    else:
        return None
    return make_problem(f"{parameter.path}.{key}", message, shown, accepted)


def _check_set(candidates: Candidates, found: FoundTarget, model: ModelView) -> Iterator[Problem]:
    for path, value in candidates:
        fault = check_written(value, found, model)
        if fault is not None:
            yield _tell_fault(fault, path, value)


def _check_mixed(value: Value, found: FoundTarget) -> Fault | None:
    """Hold numbers where numbers stand, and words where words do."""
    if not found.entries or isinstance(value, str) != found.holds_numbers:
        return None
    entry = next(iter(found.entries.values()))
    text = read_field(entry, found.target.index)
    which = describe_object(found.target.class_schema.name, entry)
    kind = "a number" if found.holds_numbers else "a text like it"
    return f"Write {kind}: {found.target.field.name} of {which} is '{text}'.", kind


def _check_relative(candidates: Candidates, found: FoundTarget) -> Iterator[Problem]:
    for path, value in candidates:
        if isinstance(value, str):
            message = f"Write a number: `{found.draft.change}` needs one."
            yield make_problem(path, message, value, "a number")
        else:
            fault = _check_results(found.draft.change or "", value, found.target, found.bases)
            if fault is not None:
                yield _tell_fault(fault, path, value)


def _tell_fault(fault: Fault, path: str, value: Value) -> Problem:
    message, accepted = fault
    return make_problem(path, message, value, accepted)


def _check_results(
    change: str, value: float, target: FieldTarget, bases: Mapping[float | int, ObjectDescription]
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
