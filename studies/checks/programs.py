"""Studies that a declared program runs: a draft and the declaration in, problems and units out.

Such a study has no model: a parameter is a place in the program's template and bears the place's name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from energyplus.engines.declarations import DeclaredParameter, ProgramDeclaration
from studies.checks.drafts import ParameterDraft, StudyDraft, Value
from studies.checks.spreads import list_candidates
from studies.checks.units import normalise_unit
from studies.problems import Problem, list_names, make_problem, nearest_names

FOREIGN_KEYS = ("model", "run_period", "outputs")
FOREIGN_PARAMETER_KEYS = ("target", "change", "measure", "arguments")


def find_program(
    draft: StudyDraft, programs: Mapping[str, ProgramDeclaration], problems: list[Problem]
) -> ProgramDeclaration | None:
    """Look up the program of a study; a problem where it is not declared."""
    found = programs.get(draft.program or "")
    if found is None:
        engine = f"executable:{draft.program}"
        accepted = ["energyplus", *(f"executable:{name}" for name in nearest_names(draft.program or "", programs))]
        message = f"No program '{draft.program}' is declared here; write another engine, or ask the administrator."
        problems.append(make_problem("engine", message, engine, accepted))
    return found


def refuse_foreign_keys(document: Mapping[str, Any], problems: list[Problem]) -> None:
    """Refuse what only means something to EnergyPlus: a model, its period, its outputs, targets in it."""
    for key in FOREIGN_KEYS:
        if key in document:
            message = f"Leave `{key}` out: only EnergyPlus has one, and a declared program runs this study."
            problems.append(make_problem(key, message, document[key], f"no `{key}`"))
    parameters = document.get("parameters")
    for position, raw in enumerate(parameters if isinstance(parameters, list) else ()):
        for key in FOREIGN_PARAMETER_KEYS:
            if isinstance(raw, Mapping) and key in raw:
                message = f"Leave `{key}` out: the program's template has a place of the parameter's name."
                problems.append(make_problem(f"parameters[{position}].{key}", message, raw[key], f"no `{key}`"))


def check_program(
    document: Mapping[str, Any], draft: StudyDraft, program: ProgramDeclaration, problems: list[Problem]
) -> dict[str, str | None]:
    """Check a study against the program that is to run it.

    Args:
        document: The study as plain data.
        draft: What of it is well formed.
        program: Its program.
        problems: What is wrong is added here.

    Returns:
        Unit of each parameter's values by its name: as declared, None for texts.
    """
    _check_weather(document, program, problems)
    for parameter in draft.parameters:
        if parameter.name is not None:
            _check_parameter(parameter, draft, program, problems)
    varied = {parameter.name for parameter in draft.parameters}
    missing = [name for name in program.required_parameters if name not in varied]
    if missing and None not in varied:
        message = f"Add {list_names(missing)}: {program.label} has no default there."
        problems.append(make_problem("parameters", message, None, missing))
    if document.get("baseline") is True and program.required_parameters:
        message = (
            f"Leave the baseline out: it has the program's defaults, and {program.required_parameters[0]} has none."
        )
        problems.append(make_problem("baseline", message, True, ["false"]))
    known = (name for name in varied if name in program.parameters)
    return {name: program.parameters[name].unit for name in known if name is not None}


def list_program_metrics(program: ProgramDeclaration) -> tuple[str, ...]:
    """Return the names of the metrics that every case of a program reports."""
    return (*program.metrics, "simulation_s")


def _check_weather(document: Mapping[str, Any], program: ProgramDeclaration, problems: list[Problem]) -> None:
    if program.reads_weather and "weather" not in document:
        message = f"Write `weather`: {program.label} reads a weather file."
        problems.append(make_problem("weather", message, None, "alias or id of a weather file"))
    elif not program.reads_weather and "weather" in document:
        message = f"Leave `weather` out: {program.label} reads none."
        problems.append(make_problem("weather", message, document["weather"], "no `weather`"))


def _check_parameter(
    parameter: ParameterDraft, draft: StudyDraft, program: ProgramDeclaration, problems: list[Problem]
) -> None:
    declared = program.parameters.get(parameter.name or "")
    if declared is None:
        accepted = nearest_names(parameter.name or "", program.parameters)
        message = f"{program.label} has no parameter '{parameter.name}'; write one of its own."
        problems.append(make_problem(f"{parameter.path}.name", message, parameter.name, accepted))
        return
    problems.extend(_refuse_values(parameter, draft, declared))
    if parameter.unit is not None and normalise_unit(parameter.unit) != declared.unit:
        message = f"Write the values in {declared.unit}: that is the declared unit, and none is converted."
        if declared.unit is None:
            message = "Leave `unit` out: texts have none."
        problems.append(make_problem(f"{parameter.path}.unit", message, parameter.unit, [declared.unit or "no `unit`"]))


def judge_declared(value: Value, declared: DeclaredParameter) -> tuple[str, str] | None:
    """Say what is wrong with a value that a design has drawn."""
    accepted = declared.refuse(value)
    return None if accepted is None else (f"Write {accepted}.", accepted)


def _refuse_values(parameter: ParameterDraft, draft: StudyDraft, declared: DeclaredParameter) -> Iterator[Problem]:
    for path, value in list_candidates(parameter, draft):
        accepted = declared.refuse(value)
        if accepted is not None:
            yield make_problem(path, f"Write {accepted}.", value, accepted)
