"""A study's asked-for time series in, problems, notes and their size out; called when a study is examined.

The engine itself answers a name that it does not know with a warning and nothing else, so what can be known beforehand
is checked here: the form of meters, the keys of variables. Which variables a model has only the engine knows: one that
it does not report is told on each case after its run.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from energyplus.models.description import ModelDescription
from energyplus.run_period import RunPeriod
from studies.checks.drafts import OutputDraft
from studies.checks.fields import ModelView, Note
from studies.checks.meters import is_meter, list_meters
from studies.problems import Problem, make_problem, nearest_names

MAX_SERIES_VALUES = 20_000_000
"""Values of time series that a case may report, about; 1 GiB of SQLite holds twice as many."""

# keys of the engine's own; every other one is a name that stands in the model
_GENERAL_KEYS = ("*", "Environment", "Whole Building", "Facility", "Site", "SimHVAC", "SimAir", "EMS")
_MIRRORED = "iz-"  # the engine's prefix for the other side of a surface between zones
_DEFAULT_TIMESTEPS = 6
_SURFACE_CLASSES = ("BuildingSurface", "Wall", "Roof", "Floor", "Ceiling", "FenestrationSurface", "Window", "Door")
_SINGLE = ("Site ", "Facility ", "Environmental ")


def check_outputs(
    outputs: Iterable[OutputDraft], views: Mapping[str, ModelView], problems: list[Problem], notes: list[Note]
) -> None:
    """Check names, keys and repetitions.

    Args:
        outputs: The outputs, as far as they are well formed.
        views: The study's models by reference.
        problems: What is wrong is added here.
        notes: What the modeller should know is added here.
    """
    seen: dict[tuple[str, str, str, str], str] = {}
    for output in outputs:
        if output.variable is not None:
            _check_variable(output, problems)
        _check_repetition(output, seen, problems)
        if views and output.meter is not None:
            known = {ref: is_meter(output.meter, view.description) for ref, view in views.items()}
            accepted = (name for view in views.values() for name in list_meters(view.description))
            what = "Write the name of a meter: the engine would know none called"
            _tell_unknown(f"{output.path}.meter", (what, output.meter), known, accepted, problems, notes)
        if views and output.key is not None:
            known = {ref: _is_key(output.key, view) for ref, view in views.items()}
            names = (name for view in views.values() for name in _list_names(view.description))
            what = 'Write the name of an object, or "*" for every one: there is none called'
            _tell_unknown(f"{output.path}.key", (what, output.key), known, names, problems, notes)


def count_series_values(outputs: Iterable[OutputDraft], description: ModelDescription, run_period: RunPeriod) -> int:
    """Estimate how many values a case of a model reports in its time series; whose variables "*" means is a guess."""
    per_series = {
        frequency: _count_intervals(frequency, description, run_period)
        for frequency in ("timestep", "hourly", "daily", "monthly", "run_period")
    }
    return sum(
        _count_keys(output, description) * per_series[output.frequency]
        for output in outputs
        if output.frequency is not None
    )


def check_series_size(counts: Mapping[str, int], problems: list[Problem]) -> None:
    """Refuse more values than a case can hold.

    Args:
        counts: Values of a case by the model's reference.
        problems: What is wrong is added here.
    """
    for ref, count in counts.items():
        if count > MAX_SERIES_VALUES:
            message = f"Ask for fewer series, or less often: about {count:,} values in each case of '{ref}'."
            problems.append(make_problem("outputs", message, count, f"at most {MAX_SERIES_VALUES:,} values in a case"))
            return


def _check_variable(output: OutputDraft, problems: list[Problem]) -> None:
    name = output.variable or ""
    path = f"{output.path}.variable"
    if name.endswith("]"):
        plain = name.partition("[")[0].strip()
        problems.append(make_problem(path, "Leave the unit out: it comes with the values.", name, plain))
    elif "*" in name:
        problems.append(make_problem(path, "Name one variable; only a `key` can be `*`.", name, "one variable"))


def _check_repetition(output: OutputDraft, seen: dict[tuple[str, str, str, str], str], problems: list[Problem]) -> None:
    name = output.meter or output.variable
    if name is None or output.frequency is None:
        return
    kind = "meter" if output.meter is not None else "variable"
    series = (kind, name.casefold(), output.frequency)
    key = (output.key or "*").casefold()
    first = seen.get((*series, key)) or seen.get((*series, "*"))
    if first is not None:
        message = f"Leave it out: {first} asks for it already."
        problems.append(make_problem(output.path, message, name, "each series once"))
    seen.setdefault((*series, key), output.path)


def _tell_unknown(
    path: str,
    found: tuple[str, str],
    known: Mapping[str, bool],
    accepted: Iterable[str],
    problems: list[Problem],
    notes: list[Note],
) -> None:
    what, name = found
    without = [ref for ref, is_known in known.items() if not is_known]
    if len(without) == len(known):
        problems.append(make_problem(path, f"{what} '{name}'.", name, nearest_names(name, accepted)))
    elif without:
        notes.append(
            Note(path, f"Nothing is called '{name}' in {', '.join(without)}: cases of it report no such series.")
        )


def _is_key(key: str, view: ModelView) -> bool:
    folded = key.casefold().removeprefix(_MIRRORED)
    if folded in map(str.casefold, _GENERAL_KEYS):
        return True
    names = _fold_texts(view.description)
    # an object of a list of zones is called ZONE OBJECT in each; templates are expanded by the engine
    composed = any(folded.startswith(f"{zone.casefold()} ") for zone in _list_zones(view.description))
    return folded in names or composed or any(name.startswith("HVACTemplate:") for name in view.description.classes)


def _fold_texts(description: ModelDescription) -> frozenset[str]:
    """Every text of a model: nodes, for one, are objects of no class."""
    return frozenset(
        value.strip().casefold()
        for objects in description.classes.values()
        for entry in objects
        for value in entry.values
    )


def _list_names(description: ModelDescription) -> list[str]:
    return [entry.name for objects in description.classes.values() for entry in objects if entry.name]


def _list_zones(description: ModelDescription) -> list[str]:
    return [entry.name for name in ("Zone", "Space") for entry in description.classes.get(name, ())]


def _count_intervals(frequency: str, description: ModelDescription, run_period: RunPeriod) -> int:
    if run_period.kind == "design_days":
        runs = sum(len(found) for name, found in description.classes.items() if name.startswith("SizingPeriod:"))
        days = months = runs
    else:
        first, last = (dt.date(2023, *day) for day in (run_period.first_day, run_period.last_day))
        runs, days = 1, (last - first).days % 365 + 1
        months = (last.month - first.month) % 12 + 1
    timesteps = next((entry.values[0] for entry in description.classes.get("Timestep", ()) if entry.values), "")
    per_hour = int(timesteps) if timesteps.strip().isdigit() else _DEFAULT_TIMESTEPS
    counts = {"timestep": days * 24 * per_hour, "hourly": days * 24, "daily": days, "monthly": months}
    return counts.get(frequency, runs)


def _count_keys(output: OutputDraft, description: ModelDescription) -> int:
    variable = output.variable
    if variable is None or output.key not in (None, "*") or variable.startswith(_SINGLE):
        return 1
    if variable.startswith(("Zone ", "Space ")):
        return max(1, len(description.classes.get("Zone", ())))
    if variable.startswith("Surface "):
        return max(1, _count_objects(description, _SURFACE_CLASSES))
    if variable.startswith("System Node "):
        return max(1, 3 * sum(len(found) for name, found in description.classes.items() if name.startswith("Branch")))
    words = variable.split()
    return max(1, _count_objects(description, tuple(words[:1])), _count_objects(description, tuple(words[1:2])))


def _count_objects(description: ModelDescription, beginnings: tuple[str, ...]) -> int:
    return sum(len(found) for name, found in description.classes.items() if name.startswith(beginnings))
