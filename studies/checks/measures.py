"""The parameters that use a measure: its name, its arguments, its values, and whether each model can do with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from energyplus.errors import ModelError
from energyplus.measures.assign_construction import AssignConstruction
from energyplus.measures.base import Measure, MeasureArguments, MeasureContext, MeasureValue
from energyplus.measures.constructions import ConstructionSet
from energyplus.measures.registry import list_measures
from energyplus.models.description import ModelDescription
from energyplus.models.draft import ModelDraft
from studies.checks.drafts import ParameterDraft, Value
from studies.checks.fields import FieldReport, Note
from studies.checks.pieces import read_fields
from studies.checks.wording import explain_error
from studies.definition import CONTINUOUS_SPREADS
from studies.problems import Problem, make_problem, nearest_name, nearest_names

MOST_TRIED = 12
"""Different values of a measure that are tried on a draft of each model; of numbers the ends are enough."""

MOST_MEASURES = 50
MOST_USES = 400
"""Measures times models: each is tried in each before anything runs, some ten milliseconds in a large one."""


@dataclass(frozen=True)
class MeasureUse:
    """A measure as one parameter uses it.

    Attributes:
        parameter: The parameter.
        measure: The measure.
        arguments: What it is told.
        value: What the parameter's values mean.
    """

    parameter: ParameterDraft
    measure: Measure[Any]
    arguments: MeasureArguments
    value: MeasureValue


@dataclass
class MeasureReport(FieldReport):
    """What the check of a measure in one model found; `fields` are those it writes to.

    Attributes:
        removed: Objects it takes out: class and position.
    """

    removed: list[tuple[str, int]] = field(default_factory=list)


def find_measure(parameter: ParameterDraft, problems: list[Problem]) -> MeasureUse | None:
    """Look up the measure of a parameter and read its arguments; None where either is wrong."""
    known = list_measures()
    measure = known.get((parameter.measure or "").strip())
    if measure is None:
        if parameter.measure is not None:
            nearest = nearest_name(parameter.measure, known)
            hint = f"did you mean `{nearest}`?" if nearest else "write one of those that there are."
            message = f"There is no measure '{parameter.measure}'; {hint}"
            accepted = nearest_names(parameter.measure, known)
            problems.append(make_problem(f"{parameter.path}.measure", message, parameter.measure, accepted))
        return None
    arguments = _read_arguments(parameter, measure, problems)
    if arguments is None:
        return None
    return MeasureUse(parameter, measure, arguments, measure.value_for(arguments))


def _read_arguments(
    parameter: ParameterDraft, measure: Measure[Any], problems: list[Problem]
) -> MeasureArguments | None:
    path, found = f"{parameter.path}.arguments", len(problems)
    read_fields(measure.Arguments, parameter.arguments, path, problems)
    if len(problems) > found:
        return None
    try:
        return measure.Arguments.model_validate(dict(parameter.arguments))
    except ValidationError as refusal:
        problems.extend(explain_error(error, path) for error in refusal.errors(include_url=False))
        return None


def check_measure_values(
    use: MeasureUse, candidates: Sequence[tuple[str, Value]], context: MeasureContext
) -> Iterator[Problem]:
    """Check the values of a measure as far as it and what it may look up can tell; no model is asked."""
    refusal = _refuse_spread(use)
    if refusal is not None:
        yield refusal
        return
    choices = use.measure.choices_for(use.arguments, context)
    meant = replace(use.value, choices=choices) if choices else use.value
    for path, value in candidates:
        fault = meant.find_fault(value)
        if fault is not None:
            message, accepted = fault
            yield make_problem(path, message, value, list(accepted))


def _refuse_spread(use: MeasureUse) -> Problem | None:
    parameter = use.parameter
    key = next((key for key in (*sorted(CONTINUOUS_SPREADS), "integer", "derived") if key in parameter.keys), None)
    if key is None or use.value.kind == "number":
        return None
    message = f"List `values`: the measure `{use.measure.name}` takes words: no range and no expression gives them."
    shown = getattr(parameter, key, None) or dict(parameter.parts)
    return make_problem(f"{parameter.path}.{key}", message, shown, list(use.value.choices) or ["values"])


def try_measure(
    use: MeasureUse, candidates: Sequence[tuple[str, Value]], description: ModelDescription, context: MeasureContext
) -> MeasureReport:
    """Ask a measure about a model, and try it on a draft with the ends of its values.

    Args:
        use: The measure with its arguments.
        candidates: Values it can take, each with its path.
        description: The model.
        context: What measures may look up.
    """
    report = MeasureReport(unit=use.value.unit)
    path = use.parameter.path
    try:
        for told in use.measure.check(ModelDraft(description), use.arguments, context):
            if told.is_note:
                report.notes.append(Note(f"{path}.{told.path}", told.message))
            else:
                problem = make_problem(f"{path}.{told.path}", told.message, told.found, list(told.accepted))
                report.problems.append(problem)
    except ModelError as error:
        report.problems.append(make_problem(f"{path}.measure", str(error), use.measure.name, "another model"))
    if not report.problems:
        _try_values(use, candidates, description, context, report)
    return report


def _try_values(
    use: MeasureUse,
    candidates: Sequence[tuple[str, Value]],
    description: ModelDescription,
    context: MeasureContext,
    report: MeasureReport,
) -> None:
    # what is drawn or derived has no ends to try: the measure's own example shows what it writes to
    example = [("", use.value.example)] if use.value.example is not None else []
    for path, value in pick_ends(candidates) or example:
        draft = ModelDraft(description)
        try:
            use.measure.apply(draft, value, use.arguments, context)
        except ModelError as error:
            if not path:
                continue
            report.problems.append(make_problem(path, str(error), value, use.value.limits or "another value"))
            continue
        edits = draft.conclude()
        report.fields += [(edit.class_name, edit.object_position, edit.field_index) for edit in edits.edits]
        report.removed += edits.removed
    report.fields = list(dict.fromkeys(report.fields))
    report.removed = list(dict.fromkeys(report.removed))


def pick_ends(candidates: Sequence[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """Return the candidates worth trying: lowest and highest of numbers, the first few different texts."""
    texts = {value: path for path, value in reversed(candidates) if isinstance(value, str)}
    numbers = [(path, value) for path, value in candidates if not isinstance(value, str)]
    ends: dict[float | int, str] = {}
    if numbers:
        for path, value in (min(numbers, key=lambda pair: pair[1]), max(numbers, key=lambda pair: pair[1])):
            ends.setdefault(value, path)
    words = [(path, value) for value, path in reversed(texts.items())]
    return [*((path, value) for value, path in ends.items()), *words[:MOST_TRIED]]


def refuse_many(parameters: Sequence[ParameterDraft], model_count: int) -> Iterator[Problem]:
    """Refuse more measures than can be tried while somebody waits."""
    count = sum(parameter.measure is not None for parameter in parameters)
    most = max(min(MOST_MEASURES, MOST_USES // max(model_count, 1)), 1)
    if count > most:
        message = "Vary fewer parameters by measures, or take fewer models: each measure is tried in each model."
        yield make_problem(
            "parameters", message, f"{count:,} measures, {model_count:,} models", f"at most {most} measures"
        )


def list_construction_sets(parameters: Sequence[ParameterDraft]) -> Mapping[str, str]:
    """Return the references of construction sets that the measures of a study name, with the path of each."""
    named: dict[str, str] = {}
    for parameter in parameters:
        ref = parameter.arguments.get("set") if parameter.measure is not None else None
        if isinstance(ref, str):
            named.setdefault(ref, f"{parameter.path}.arguments.set")
    return named


def refuse_currencies(parameters: Sequence[ParameterDraft], sets: Mapping[str, ConstructionSet]) -> Iterator[Problem]:
    """Refuse construction sets whose costs are in another currency than those of the first one: nobody converts them.

    Args:
        parameters: Those of the study.
        sets: The construction sets that there are, by reference.
    """
    named = [(path, sets[ref]) for ref, path in list_construction_sets(parameters).items() if ref in sets]
    for path, entry in named[1:]:
        first_path, first = named[0]
        if entry.currency != first.currency:
            message = f"Choose a set with costs in {first.currency}, like that of {first_path}: they are added up."
            yield make_problem(path, message, f"{entry.ref} ({entry.currency})", [first.currency])


def refuse_rebuilding(parameters: Sequence[ParameterDraft]) -> Iterator[Problem]:
    """Refuse a second parameter that builds the same surfaces: the bill would count what the later one takes away."""
    first: dict[Any, str] = {}
    for parameter in parameters:
        surfaces = parameter.arguments.get("surfaces") if parameter.measure == AssignConstruction.name else None
        if not isinstance(surfaces, str):
            continue
        if surfaces in first:
            message = f"Let one parameter alone assign constructions to them: {first[surfaces]} does already."
            yield make_problem(f"{parameter.path}.arguments.surfaces", message, surfaces, "surfaces of its own")
        first.setdefault(surfaces, parameter.path)
