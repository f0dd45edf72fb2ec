"""Cases made up before anything runs: each parameter at its ends, and the first cases of the design; set-points that
cross are told at preview.

Only parameters that write to schedules and thermostats are applied: a preview has no time for the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from energyplus.errors import ModelError
from energyplus.measures.base import MeasureContext
from energyplus.measures.schedules import find_setpoint_crossing
from energyplus.models.description import ModelDescription
from energyplus.models.draft import ModelDraft
from studies.cases.changes import apply_values
from studies.cases.effects import find_value, list_values
from studies.cases.plans import ParameterPlan, plan_study
from studies.checks.examined import ExaminedStudy
from studies.checks.fields import Note
from studies.designs.points import Value
from studies.problems import count_of

FIRST_CASES = 20
MOST_WRITTEN = 400
"""Values that are written in all trials together, the ends first: a set-point measure takes some milliseconds each."""
_SETPOINT_CLASSES = ("Schedule:", "ThermostatSetpoint:", "ZoneControl:Thermostat", "HVACTemplate:Thermostat")


@dataclass(frozen=True)
class _Trial:
    """A case to make up.

    Attributes:
        where: Which one, as it stands in a sentence.
        model: Reference of its model.
        values: Value of each parameter that it varies.
    """

    where: str
    model: str
    values: Mapping[str, Value]


def note_trials(examined: ExaminedStudy) -> Iterator[Note]:
    """Look for set-points that cross: with each parameter at its lowest and its highest value, and in the first cases.

    Nothing is written. Set-points that cross in a model itself are its own, and not told.

    Yields:
        Each crossing once, with the case it was found in and the number of the others.
    """
    relevant = {} if examined.program is not None else {ref: _list_relevant(examined, ref) for ref in examined.models}
    if not any(relevant.values()):
        return
    own = {ref: set(find_setpoint_crossing(ModelDraft(model.description))) for ref, model in examined.models.items()}
    found: dict[tuple[str, str], list[str]] = {}
    left = MOST_WRITTEN
    for trial in _list_different(examined, relevant):
        left -= len(trial.values)
        if left < 0:
            break
        for note in _try(examined, trial):
            if note[1] not in own[trial.model]:
                found.setdefault(note, []).append(trial.where)
    for (path, message), wheres in found.items():
        others = f" and {count_of(len(wheres) - 1, 'other one')} of those tried" if len(wheres) > 1 else ""
        yield Note(path, f"{message.removesuffix('.')} ({wheres[0]}{others}).")


def _list_relevant(examined: ExaminedStudy, ref: str) -> frozenset[str]:
    """Return the names of the parameters that write to what set-points are made of, in one model."""
    description = examined.models[ref].description
    plans = plan_study(examined.study, description).parameters
    return frozenset(plan.parameter.name for plan in plans if _is_relevant(plan, examined, description))


def _is_relevant(plan: ParameterPlan, examined: ExaminedStudy, description: ModelDescription) -> bool:
    if plan.measure is None:
        return any(target.found.class_schema.name.startswith(_SETPOINT_CLASSES) for target in plan.targets)
    value = find_value(plan.parameter, examined)
    draft = ModelDraft(description)
    try:
        list(apply_values(plan, draft, value, MeasureContext(examined.construction_sets)) if value is not None else ())
    except ModelError:
        return False
    edits = draft.conclude()
    classes = {*(edit.class_name for edit in edits.edits), *(added.class_name for added in edits.added)}
    return any(name.startswith(_SETPOINT_CLASSES) for name in classes)


def _list_different(examined: ExaminedStudy, relevant: Mapping[str, frozenset[str]]) -> Iterator[_Trial]:
    """Yield the cases to make up, with their relevant values alone; what has the same ones once."""
    seen: set[tuple[object, ...]] = set()
    for trial in (*_list_ends(examined), *_list_first(examined)):
        values = {name: value for name, value in trial.values.items() if name in relevant[trial.model]}
        key = (trial.model, *values.items())
        if values and key not in seen:
            seen.add(key)
            yield _Trial(trial.where, trial.model, values)


def _list_ends(examined: ExaminedStudy) -> Iterator[_Trial]:
    """Yield each parameter at its ends, the others as the model has them, in each model."""
    for parameter in examined.study.parameters:
        for value in _pick_ends(list_values(parameter, examined.study)):
            for ref in examined.models:
                yield _Trial(f"where `{parameter.name}` is {_show(value)}", ref, {parameter.name: value})


def _pick_ends(values: list[Value]) -> list[Value]:
    numbers = [value for value in values if not isinstance(value, str)]
    return sorted({min(numbers), max(numbers)}) if numbers else values[:2]


def _show(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _list_first(examined: ExaminedStudy) -> Iterator[_Trial]:
    for index in range(min(FIRST_CASES, examined.points.case_count)):
        point = examined.points[index]
        yield _Trial(f"in case {index}", point.model, point.values)


def _try(examined: ExaminedStudy, trial: _Trial) -> Iterator[tuple[str, str]]:
    """Yield path and text of what is wrong with one case."""
    description = examined.models[trial.model].description
    draft, context = ModelDraft(description), MeasureContext(examined.construction_sets)
    for position, plan in enumerate(plan_study(examined.study, description).parameters):
        value = trial.values.get(plan.parameter.name)
        if value is None:
            continue
        try:
            list(apply_values(plan, draft, value, context))
        except ModelError as error:
            yield f"parameters[{position}]", f"A case cannot be made: {error}"
            return
    yield from (("parameters", text) for text in find_setpoint_crossing(draft))
