"""Studies that a trained surrogate answers for: a draft and the surrogate in, problems, notes and units out.

Such a study has no model of its own: a parameter is an input of the surrogate and bears its name. What lies outside of
what was trained on is accepted, and said: its rows are flagged and their intervals wider.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from studies.checks.drafts import ParameterDraft, StudyDraft, Value
from studies.checks.examined import Engines, SurrogateDeclaration, SurrogateInput
from studies.checks.fields import Note
from studies.checks.spreads import list_candidates
from studies.checks.units import normalise_unit
from studies.problems import Problem, list_names, make_problem, nearest_names

PLACES = {"model": "models", "weather": "weathers"}
FOREIGN_PARAMETER_KEYS = ("target", "change", "measure", "arguments")


def find_surrogate(draft: StudyDraft, engines: Engines | None, problems: list[Problem]) -> SurrogateDeclaration | None:
    """Look up the surrogate of a study; a problem where there is none that answers."""
    ref = draft.surrogate or ""
    found = engines.find_surrogate(ref) if engines else None
    if found is None:
        known = engines.surrogate_names() if engines else []
        accepted = ["energyplus", *(f"surrogate:{name}" for name in nearest_names(ref, known) or known)]
        message = f"You have no trained surrogate '{ref}'; write the id of one that is ready, or another engine."
        problems.append(make_problem("engine", message, f"surrogate:{ref}", accepted))
    return found


def complete_document(document: dict[str, Any], surrogate: SurrogateDeclaration, problems: list[Problem]) -> None:
    """Fill in what a surrogate brings: its only model, its only weather file, its run period.

    Args:
        document: The study as plain data; changed in place.
        surrogate: Its surrogate.
        problems: What may not be written, or has to be chosen, is added here.
    """
    brought: dict[str, Any] = {
        "run_period": surrogate.run_period or "annual",
        "outputs": [],
    }  # a recorded study has them: it may be sent again
    for key, own in brought.items():
        if key in document and document[key] != own:
            message = f"Leave `{key}` out: nothing is simulated, and the surrogate brings what it was trained on."
            problems.append(make_problem(key, message, document[key], f"no `{key}`"))
    for key, place in PLACES.items():
        problems.extend(_complete_place(document, key, tuple(surrogate.places.get(place, ()))))
    if surrogate.run_period is not None and "run_period" not in document:
        document["run_period"] = surrogate.run_period


def _complete_place(document: dict[str, Any], key: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if key not in document:
        if len(known) == 1:
            document[key] = known[0]
        elif known:
            message = f"Write `{key}`: the surrogate was trained on several, and answers for each."
            yield make_problem(key, message, None, list(known))
        return
    written = document[key]
    for position, ref in enumerate(written if isinstance(written, list) else [written]):
        if isinstance(ref, str) and ref not in known:
            path = f"{key}[{position}]" if isinstance(written, list) else key
            message = f"The surrogate was not trained on the {key} '{ref}': write one that it was trained on."
            yield make_problem(path, message, ref, nearest_names(ref, known) or list(known) or f"no `{key}`")


def check_surrogate(
    document: Mapping[str, Any], draft: StudyDraft, surrogate: SurrogateDeclaration, problems: list[Problem]
) -> dict[str, str | None]:
    """Check a study against the surrogate that is to answer for it.

    Args:
        document: The study as plain data.
        draft: What of it is well formed.
        surrogate: Its surrogate.
        problems: What is wrong is added here.

    Returns:
        Unit of each parameter's values by its name: as trained on, None for texts.
    """
    problems.extend(_refuse_parameter_keys(document))
    for parameter in draft.parameters:
        if parameter.name is not None:
            problems.extend(_check_parameter(parameter, draft, surrogate))
    varied = {parameter.name for parameter in draft.parameters}
    missing = [name for name, found in surrogate.inputs.items() if name not in varied and len(found.values) != 1]
    if missing and None not in varied:
        message = f"Add {list_names(missing)}: the surrogate has no value of its own there."
        problems.append(make_problem("parameters", message, None, missing))
    if document.get("baseline") is True:
        message = "Leave the baseline out: a surrogate knows no unmodified model, only values of its inputs."
        problems.append(make_problem("baseline", message, True, ["false"]))
    names = (parameter.name for parameter in draft.parameters if parameter.name in surrogate.inputs)
    return {name: surrogate.inputs[name].unit for name in names if name is not None}


def _refuse_parameter_keys(document: Mapping[str, Any]) -> Iterator[Problem]:
    parameters = document.get("parameters")
    for position, raw in enumerate(parameters if isinstance(parameters, list) else ()):
        for key in FOREIGN_PARAMETER_KEYS:
            # a recorded study says `set` of each parameter
            if isinstance(raw, Mapping) and raw.get(key, "set") != "set":
                message = f"Leave `{key}` out: the surrogate has an input of the parameter's name."
                yield make_problem(f"parameters[{position}].{key}", message, raw[key], f"no `{key}`")


def _check_parameter(
    parameter: ParameterDraft, draft: StudyDraft, surrogate: SurrogateDeclaration
) -> Iterator[Problem]:
    found = surrogate.inputs.get(parameter.name or "")
    if found is None:
        accepted = nearest_names(parameter.name or "", surrogate.inputs) or list(surrogate.inputs)
        message = f"{surrogate.label} has no input '{parameter.name}'; write one of its own."
        yield make_problem(f"{parameter.path}.name", message, parameter.name, accepted)
        return
    for path, value in list_candidates(parameter, draft):
        accepted_value = refuse_value(value, found)
        if accepted_value is not None:
            yield make_problem(path, f"Write {accepted_value}.", value, accepted_value)
    if parameter.unit is not None and normalise_unit(parameter.unit) != found.unit:
        message = f"Write the values in {found.unit}: the surrogate was trained in it, and none is converted."
        if found.unit is None:
            message = "Leave `unit` out: the surrogate knows none for this input."
        yield make_problem(f"{parameter.path}.unit", message, parameter.unit, [found.unit or "no `unit`"])


def refuse_value(value: Value, found: SurrogateInput) -> str | None:
    """Return what would be accepted instead of a value; None where a surrogate can answer for it."""
    if found.values:
        return None if value in found.values else f"one of {', '.join(found.values)}"
    if isinstance(value, str):
        return f"a number in {found.unit}" if found.unit else "a number"
    if found.least is not None and (value < found.least or (found.is_least_open and value == found.least)):
        return f"a number above {found.least:g}" if found.is_least_open else f"{found.least:g} or more"
    return None


def judge_input(value: Value, found: SurrogateInput) -> tuple[str, str] | None:
    """Say what is wrong with a value that a design has drawn."""
    accepted = refuse_value(value, found)
    return None if accepted is None else (f"Write {accepted}.", accepted)


def note_strays(draft: StudyDraft, surrogate: SurrogateDeclaration) -> Iterator[Note]:
    """Yield a note for each parameter that leaves the range that its surrogate was trained on."""
    for parameter in draft.parameters:
        found = surrogate.inputs.get(parameter.name or "")
        if found is None or found.low is None or found.high is None:
            continue
        numbers = [value for _, value in list_candidates(parameter, draft) if not isinstance(value, str)]
        if numbers and (min(numbers) < found.low or max(numbers) > found.high):
            unit = f" {found.unit}" if found.unit not in (None, "1") else ""
            text = (
                f"'{found.name}' goes from {min(numbers):g} to {max(numbers):g}{unit}, and the surrogate was trained on"
                f" {found.low:g} to {found.high:g}: cases outside are flagged, their intervals wider."
            )
            yield Note(parameter.path, text)
