"""What each parameter varies over: one spread that the design can use, with its numbers in order."""

from collections.abc import Iterator, Mapping

from studies.checks.drafts import DesignDraft, ParameterDraft, StudyDraft, Value
from studies.definition import CONTINUOUS_SPREADS, MAX_VALUES, SPREADS, Parameter, TruncatedNormal
from studies.designs.distributions import has_weight
from studies.problems import Problem, make_problem


def check_spreads(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check that each parameter varies in a way that the design can use."""
    for parameter in draft.parameters:
        problems.extend(_check_spread_keys(parameter, draft))
        problems.extend(_check_companions(parameter))
        problems.extend(_check_numbers(parameter))
        problems.extend(_check_weights(parameter))
        for key, listed in (("values", parameter.values), ("choice", parameter.choice)):
            problems.extend(_check_repeats(f"{parameter.path}.{key}", listed))


def list_candidates(parameter: ParameterDraft, draft: StudyDraft) -> Iterator[tuple[str, Value]]:
    """Yield every value that a parameter can take, or the ends of its range, each with its path."""
    if draft.method != "table":
        yield from parameter.walk_candidates()
        return
    for row in draft.rows:
        if parameter.name is not None and parameter.name in row.cells:
            yield f"{row.path}.{parameter.name}", row.cells[parameter.name]


def _check_spread_keys(parameter: ParameterDraft, draft: StudyDraft) -> Iterator[Problem]:
    path, written = parameter.path, parameter.spreads
    accepted = _list_accepted(draft.design)
    if parameter.is_derived:
        for key in written:
            message = f"Leave `{key}` out: the expression under `derived` gives the value."
            yield make_problem(f"{path}.{key}", message, key, "one of the two")
    elif draft.method == "table":
        for key in written:
            message = f"Leave `{key}` out: the rows of the table give the values."
            yield make_problem(f"{path}.{key}", message, key, ["name", "target", "change"])
    elif len(written) > 1:
        message = f"Write either `{written[0]}` or `{written[1]}`, not both."
        yield make_problem(f"{path}.{written[1]}", message, None, accepted)
    elif not written:
        message = "Write what the parameter varies over, like `values: [1, 2]`: it is missing."
        yield make_problem(f"{path}.values", message, None, accepted)
    elif draft.method == "grid" and not draft.design.fields.get("levels") and parameter.is_continuous:
        yield _refuse_range(parameter, written[0], accepted)


def _refuse_range(parameter: ParameterDraft, key: str, accepted: list[str]) -> Problem:
    found = getattr(parameter, key, None) or dict(parameter.parts)
    message = (
        "List `values`, or say into how many values a range is divided: design {method: grid, levels: 5}."
        " Or sample it: design {method: sobol, samples: …}."
    )
    return make_problem(f"{parameter.path}.{key}", message, found, accepted)


def _list_accepted(design: DesignDraft) -> list[str]:
    if design.method == "grid" and not design.fields.get("levels"):
        return [key for key in SPREADS if key not in CONTINUOUS_SPREADS] + ["derived"]
    return [*SPREADS, "derived"]


def _check_companions(parameter: ParameterDraft) -> Iterator[Problem]:
    """Refuse keys that mean something only beside another one."""
    path, keys = parameter.path, parameter.keys
    if "weights" in keys and "choice" not in keys:
        message = "Write the listed values under `choice`: only these have weights."
        yield make_problem(f"{path}.weights", message, "weights without choice", ["choice"])
    if "arguments" in keys and "measure" not in keys:
        message = "Leave `arguments` out: only a `measure` takes them."
        yield make_problem(f"{path}.arguments", message, None, ["measure"])
    if {"measure", "target"} <= keys:
        message = "Write either `target` or `measure`, not both."
        yield make_problem(f"{path}.measure", message, parameter.measure, ["target", "measure"])
    elif {"measure", "change"} <= keys:
        message = "Leave `change` out: the measure says itself what its values mean."
        yield make_problem(f"{path}.change", message, parameter.change, "no `change`")


def _check_numbers(parameter: ParameterDraft) -> Iterator[Problem]:
    path, parts = parameter.path, parameter.parts
    for key in ("uniform", "loguniform", "integer"):
        ends: tuple[float, float] | None = getattr(parameter, key)
        if ends is not None:
            yield from _check_ends(f"{path}.{key}", ends, list(ends))
    if parameter.loguniform is not None and min(parameter.loguniform) <= 0:
        message = "Write two ends greater than 0: there is no logarithm of the others."
        yield make_problem(f"{path}.loguniform", message, list(parameter.loguniform), "greater than 0")
    if parameter.integer is not None and abs(parameter.integer[1] - parameter.integer[0]) >= MAX_VALUES:
        message = "Write a narrower range of whole numbers, or a `uniform` one."
        yield make_problem(f"{path}.integer", message, list(parameter.integer), f"at most {MAX_VALUES:,} numbers")
    for key in ("truncated_normal", "triangular"):
        if key in parameter.keys and {"low", "high"} <= parts.keys():
            yield from _check_ends(f"{path}.{key}", (parts["low"], parts["high"]), dict(parts))
    if {"mean", "sd", "low", "high"} <= parts.keys() and parts["low"] < parts["high"] and not _has_weight(parts):
        message = "Move the ends nearer to the mean: the distribution has nothing between them."
        yield make_problem(f"{path}.truncated_normal", message, dict(parts), "ends nearer to the mean")
    if {"mode", "low", "high"} <= parts.keys() and parts["low"] < parts["high"]:
        yield from _check_mode(f"{path}.triangular.mode", parts)


def _has_weight(parts: Mapping[str, float]) -> bool:
    return has_weight(Parameter(name="x", truncated_normal=TruncatedNormal(**parts)))


def _check_ends(path: str, ends: tuple[float, float], found: object) -> Iterator[Problem]:
    low, high = ends
    if low > high:
        yield make_problem(path, "Write the lower end first.", found, f"[{high:g}, {low:g}]")
    elif low == high:
        message = "Write two different ends, or the one value under `values`."
        yield make_problem(path, message, found, "lower end < upper end")


def _check_mode(path: str, parts: Mapping[str, float]) -> Iterator[Problem]:
    if not parts["low"] <= parts["mode"] <= parts["high"]:
        message = "Write a most likely value between the ends."
        yield make_problem(path, message, parts["mode"], f"{parts['low']:g} to {parts['high']:g}")


def _check_weights(parameter: ParameterDraft) -> Iterator[Problem]:
    path = f"{parameter.path}.weights"
    for position, weight in parameter.weights.items():
        if weight <= 0:
            message = "Write a weight greater than 0; leave out what is never chosen."
            yield make_problem(f"{path}[{position}]", message, weight, "greater than 0")
    if {"weights", "choice"} <= parameter.keys and len(parameter.weights) != len(parameter.choice):
        message = "Write one weight for each value of `choice`."
        yield make_problem(path, message, f"{len(parameter.weights):,} weights", f"{len(parameter.choice):,} weights")


def _check_repeats(path: str, listed: Mapping[int, Value]) -> Iterator[Problem]:
    seen: dict[Value, int] = {}
    for position, value in listed.items():
        key = value.casefold() if isinstance(value, str) else value
        if key in seen:
            message = f"Leave it out: the same value stands at position {seen[key]} of the list."
            yield make_problem(f"{path}[{position}]", message, value, "each value once")
        seen.setdefault(key, position)
