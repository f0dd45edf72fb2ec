"""Cases made up before anything runs: the corners of a study and its first cases; what cannot be made and what looks
wrong in them is told at preview and submission."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from energyplus.errors import ModelError
from energyplus.measures.base import MeasureContext
from energyplus.measures.schedules import find_setpoint_crossing
from energyplus.models.draft import ModelDraft
from studies.cases.changes import apply_values
from studies.cases.effects import list_values
from studies.cases.plans import StudyPlan, plan_study
from studies.checks.examined import ExaminedStudy
from studies.checks.fields import Note
from studies.designs.points import Value
from studies.problems import Problem, count_of, make_problem

_SETPOINT_CLASSES = ("Schedule:", "ThermostatSetpoint:", "ZoneControl:Thermostat", "HVACTemplate:Thermostat")
FIRST_CASES = 20
MOST_CORNERS = 40


@dataclass(frozen=True)
class Trials:
    """What came of the cases that were made up.

    Attributes:
        problems: Cases that cannot be made.
        notes: Cases that can, and look wrong.
    """

    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]


def try_cases(examined: ExaminedStudy) -> Trials:
    """Make up the first cases, and for each parameter those with its lowest and highest value alone.

    Nothing is written; takes a millisecond or so for each case.
    """
    if examined.program is not None:
        return Trials((), ())
    context = MeasureContext(examined.construction_sets)
    crossings: dict[str, list[str]] = {}
    problems: dict[tuple[str, str], list[str]] = {}
    for where, ref, values in (*_list_corners(examined), *_list_first(examined)):
        model = examined.models[ref]
        draft = ModelDraft(model.description)
        path = _apply(plan_study(examined.study, model.description), draft, values, context, where, problems)
        if path is None:
            for crossing in _find_crossings(draft):
                crossings.setdefault(crossing, []).append(where)
    notes = (Note("parameters", _tell(crossing, wheres)) for crossing, wheres in crossings.items())
    told = (make_problem(path, _tell(message, wheres), None, None) for (path, message), wheres in problems.items())
    return Trials(tuple(told), tuple(notes))


def _list_corners(examined: ExaminedStudy) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    """Yield each parameter at its ends, the others as the model has them, in each model."""
    count = 0
    for parameter in examined.study.parameters:
        values = list_values(parameter, examined.study)
        numbers = [value for value in values if not isinstance(value, str)]
        ends = sorted({min(numbers), max(numbers)}) if numbers else values[:2]
        for value in ends:
            for ref in examined.models:
                count += 1
                if count > MOST_CORNERS:
                    return
                yield (
                    f"where `{parameter.name}` is {value:g}"
                    if not isinstance(value, str)
                    else (f"where `{parameter.name}` is {value}"),
                    ref,
                    {parameter.name: value},
                )


def _list_first(examined: ExaminedStudy) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    for index in range(min(FIRST_CASES, examined.points.case_count)):
        point = examined.points[index]
        yield f"in case {index}", point.model, point.values


def _apply(
    plan: StudyPlan,
    draft: ModelDraft,
    values: Mapping[str, Value],
    context: MeasureContext,
    where: str,
    problems: dict[tuple[str, str], list[str]],
) -> str | None:
    """Write a case's values to a draft; the path of the parameter that could not, None where all could."""
    for position, parameter in enumerate(plan.parameters):
        value = values.get(parameter.parameter.name)
        if value is None:
            continue
        try:
            list(apply_values(parameter, draft, value, context))
        except ModelError as error:
            path = f"parameters[{position}]"
            problems.setdefault((path, str(error)), []).append(where)
            return path
    return None


def _find_crossings(draft: ModelDraft) -> list[str]:
    """Look for crossing set-points where the case has others than the model; what the model has itself is its own."""
    edits = draft.conclude()
    classes = {*(edit.class_name for edit in edits.edits), *(added.class_name for added in edits.added)}
    if not any(name.startswith(_SETPOINT_CLASSES) for name in classes):
        return []
    own = find_setpoint_crossing(ModelDraft(draft.description))
    return [text for text in find_setpoint_crossing(draft) if text not in own]


def _tell(text: str, wheres: list[str]) -> str:
    others = f" and {count_of(len(wheres) - 1, 'other one')} that were tried" if len(wheres) > 1 else ""
    return f"{text.removesuffix('.')} ({wheres[0]}{others})."
