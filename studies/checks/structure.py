"""A raw document in; out comes what of it is well formed, piece by piece, with a problem for everything that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter, ValidationError

from energyplus.outputs import Frequency
from studies.checks.wording import FUTURE_KEYS, FUTURE_METHODS, explain_error
from studies.definition import (
    DESIGNS,
    ENERGYPLUS,
    MAX_OUTPUTS,
    MAX_PARAMETERS,
    MAX_ROWS,
    MAX_VALUES,
    GridDesign,
    LatinHypercubeDesign,
    Output,
    Parameter,
    ParameterValue,
    Period,
    RunPeriodWord,
    Study,
    StudyPart,
    TableDesign,
    Target,
    program_of,
)
from studies.problems import Problem, make_problem, nearest_name

MAX_DEPTH = 6


@dataclass(frozen=True)
class ParameterDraft:
    """What of one parameter is well formed; None stands for what is missing or broken.

    Attributes:
        path: Where it stands, like `parameters[1]`.
        keys: The keys that were written, well formed or not.
        patterns: Object patterns by their path.
        values: Well-formed values by their position in the list.
    """

    path: str
    keys: frozenset[str]
    name: str | None = None
    class_name: str | None = None
    patterns: Mapping[str, str] = field(default_factory=dict)
    field_name: str | None = None
    change: str | None = None
    values: Mapping[int, float | int | str] = field(default_factory=dict)
    uniform: tuple[float, float] | None = None


@dataclass(frozen=True)
class RowDraft:
    """One row of a table: the columns that were written, and the well-formed cells among them."""

    path: str
    columns: frozenset[str]
    cells: Mapping[str, float | int | str]


@dataclass(frozen=True)
class OutputDraft:
    """One asked-for time series, as far as it is well formed; None stands for what is missing or broken."""

    path: str
    meter: str | None
    variable: str | None
    key: str | None
    frequency: Frequency | None


@dataclass(frozen=True)
class StudyDraft:
    """What of a study is well formed.

    Attributes:
        models: Model references by their path, `model` or `model[1]`.
        weathers: Weather references by their path.
        parameters: One draft for each parameter that is a mapping.
        method: The design's method, None if it is not a known one.
        samples: Samples of a latin hypercube.
        rows: Rows of a table.
        program: Name of the declared program that runs the cases, None for EnergyPlus.
        outputs: One draft for each output that is a mapping.
    """

    models: Mapping[str, str]
    weathers: Mapping[str, str]
    parameters: tuple[ParameterDraft, ...]
    method: str | None
    samples: int | None
    rows: tuple[RowDraft, ...]
    outputs: tuple[OutputDraft, ...] = ()
    program: str | None = None


def clean_document(document: Any, depth: int = 0) -> Any:
    """Return a document without keys that hold nothing: a key without a value counts as not written."""
    if depth >= MAX_DEPTH:
        return document
    if isinstance(document, Mapping):
        return {str(key): clean_document(value, depth + 1) for key, value in document.items() if value is not None}
    if isinstance(document, list | tuple):
        return [clean_document(value, depth + 1) for value in document]
    return document


def read_draft(document: Mapping[str, Any], problems: list[Problem]) -> StudyDraft:
    """Read what is well formed in a cleaned document.

    Args:
        document: The study as plain data, from `clean_document`.
        problems: Every structural problem is added here.
    """
    apart = {"parameters", "design", "run_period", "outputs"}
    written = document.get("engine", ENERGYPLUS)
    program = program_of(written) if isinstance(written, str) else None
    # what is wrong with an engine that is neither is told once; it is no reason to ask for a model
    needed = frozenset({"model", "weather"}) if written == ENERGYPLUS else frozenset()
    fields = _read_fields(Study, document, "", problems, apart=apart, needed=needed)
    if "run_period" in document:
        _read_run_period(document["run_period"], problems)
    parameters = _read_parameters(document.get("parameters", []), problems, has_targets=written == ENERGYPLUS)
    method, samples, rows = _read_design(document.get("design", {"method": "grid"}), problems)
    return StudyDraft(
        models=_read_paths(document.get("model"), fields.get("model"), "model"),
        weathers=_read_paths(document.get("weather"), fields.get("weather"), "weather"),
        parameters=parameters,
        method=method,
        samples=samples,
        rows=rows,
        outputs=_read_outputs(document.get("outputs", []), problems),
        program=program,
    )


def _read_parameters(raw: Any, problems: list[Problem], *, has_targets: bool) -> tuple[ParameterDraft, ...]:
    if not isinstance(raw, list):
        problems.append(make_problem("parameters", "Write a list of parameters.", raw, "a list"))
        return ()
    if len(raw) > MAX_PARAMETERS:
        message = "Vary fewer parameters."
        problems.append(make_problem("parameters", message, f"{len(raw):,}", f"at most {MAX_PARAMETERS}"))
    needed = frozenset({"target"}) if has_targets else frozenset()
    entries = enumerate(raw[:MAX_PARAMETERS])
    drafts = (_read_parameter(entry, f"parameters[{i}]", problems, needed) for i, entry in entries)
    return tuple(draft for draft in drafts if draft is not None)


def _read_parameter(raw: Any, path: str, problems: list[Problem], needed: frozenset[str]) -> ParameterDraft | None:
    if not isinstance(raw, Mapping):
        message = "Write a parameter as a mapping with `name`, `target` and `values`."
        problems.append(make_problem(path, message, raw, list(_adapters(Parameter))))
        return None
    needed = frozenset() if "measure" in raw else needed
    fields = _read_fields(Parameter, raw, path, problems, apart={"target", "values"}, needed=needed)
    target = _read_target(raw["target"], f"{path}.target", problems) if "target" in raw else {}
    values = _read_values(raw["values"], f"{path}.values", problems) if "values" in raw else {}
    raw_target = raw.get("target")
    raw_object = raw_target.get("object") if isinstance(raw_target, Mapping) else None
    return ParameterDraft(
        path=path,
        keys=frozenset(raw) | _guess_keys(Parameter, raw),
        name=fields.get("name"),
        class_name=target.get("class"),
        patterns=_read_paths(raw_object, target.get("object"), f"{path}.target.object"),
        field_name=target.get("field"),
        change=fields.get("change", None if "change" in raw else "set"),
        values=values,
        uniform=fields.get("uniform"),
    )


def _read_target(raw: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        message = "Write a target as a mapping with `class`, `object` and `field`."
        problems.append(make_problem(path, message, raw, list(_adapters(Target))))
        return {}
    return _read_fields(Target, raw, path, problems)


def _read_values(raw: Any, path: str, problems: list[Problem]) -> dict[int, float | int | str]:
    if not isinstance(raw, list):
        message = f"Write the values as a list: [{raw}]." if isinstance(raw, int | float) else "Write a list of values."
        problems.append(make_problem(path, message, raw, "a list of values"))
        return {}
    if not 1 <= len(raw) <= MAX_VALUES:
        message = "Write at least one value." if not raw else f"Write at most {MAX_VALUES:,} values."
        problems.append(make_problem(path, message, raw, f"1 to {MAX_VALUES:,} values"))
    found: dict[int, float | int | str] = {}
    for i, entry in enumerate(raw[:MAX_VALUES]):
        value = _read_value(entry, f"{path}[{i}]", problems)
        if value is not None:
            found[i] = value
    return found


@cache
def _value_adapter() -> TypeAdapter[float | int | str]:
    return TypeAdapter(ParameterValue)


def _read_value(raw: Any, path: str, problems: list[Problem]) -> float | int | str | None:
    try:
        return _value_adapter().validate_python(raw)
    except ValidationError as refusal:
        problems.append(explain_error(refusal.errors(include_url=False)[0], path))
        return None


def _read_run_period(raw: Any, problems: list[Problem]) -> None:
    words = get_args(RunPeriodWord)
    if isinstance(raw, Mapping):
        fields = _read_fields(Period, raw, "run_period", problems)
        if "start" in fields and "end" in fields and fields["start"] > fields["end"]:
            message = "End the run period on or after its first day; a period over the new year is not supported yet."
            problems.append(make_problem("run_period", message, f"{fields['start']} to {fields['end']}", "start ≤ end"))
    elif raw not in words:
        nearest = nearest_name(str(raw), words)
        hint = (
            f"Did you mean `{nearest}`?" if nearest else "Write one of the words, or a period with `start` and `end`."
        )
        accepted = [*words, "{start: MM-DD, end: MM-DD}"]
        problems.append(make_problem("run_period", hint, raw, accepted))


def _read_outputs(raw: Any, problems: list[Problem]) -> tuple[OutputDraft, ...]:
    if not isinstance(raw, list):
        message = "Write a list of outputs: [{meter: …, frequency: …}, {variable: …, frequency: …}]."
        problems.append(make_problem("outputs", message, raw, "a list"))
        return ()
    if len(raw) > MAX_OUTPUTS:
        problems.append(make_problem("outputs", "Ask for fewer outputs.", f"{len(raw):,}", f"at most {MAX_OUTPUTS:,}"))
    drafts = (_read_output(entry, f"outputs[{i}]", problems) for i, entry in enumerate(raw[:MAX_OUTPUTS]))
    return tuple(draft for draft in drafts if draft is not None)


def _read_output(raw: Any, path: str, problems: list[Problem]) -> OutputDraft | None:
    if not isinstance(raw, Mapping):
        message = "Write an output as a mapping with `meter` or `variable`, and `frequency`."
        problems.append(make_problem(path, message, raw, list(_adapters(Output))))
        return None
    fields = _read_fields(Output, raw, path, problems)
    kinds = {"meter", "variable"} & (raw.keys() | _guess_keys(Output, raw))
    if len(kinds) != 1:
        message = "Write one of the two, `meter` or `variable`."
        problems.append(make_problem(path, message, sorted(kinds), ["meter", "variable"]))
    elif kinds == {"meter"} and "key" in raw:
        message = "Leave `key` out: only a variable has one. The meter of a zone is called like Electricity:Zone:NAME."
        problems.append(make_problem(f"{path}.key", message, raw["key"], "no key"))
    found = (fields.get(name) for name in ("meter", "variable", "key", "frequency"))
    return OutputDraft(path, *found)


def _read_design(raw: Any, problems: list[Problem]) -> tuple[str | None, int | None, tuple[RowDraft, ...]]:
    method = raw.get("method") if isinstance(raw, Mapping) else None
    if not isinstance(method, str) or method not in DESIGNS:
        problems.append(_refuse_method(raw, method))
        return None, None, ()
    part = DESIGNS[method]
    fields = _read_fields(part, raw, "design", problems, apart={"rows"})
    rows: tuple[RowDraft, ...] = ()
    if part is TableDesign and "rows" in raw:
        rows = _read_rows(raw["rows"], problems)
    return method, fields.get("samples") if part is LatinHypercubeDesign else None, rows


def _refuse_method(raw: Any, method: Any) -> Problem:
    accepted = list(DESIGNS)
    if isinstance(raw, str) and raw in DESIGNS:
        return make_problem("design", f"Write {{method: {raw}}}.", raw, f"{{method: {raw}}}")
    if not isinstance(raw, Mapping):
        return make_problem("design", "Write a design as a mapping with `method`.", raw, accepted)
    if method is None:
        return make_problem("design.method", "Write a `method`.", None, accepted)
    if isinstance(method, str) and method in FUTURE_METHODS:
        message = f"The design `{method}` is not supported yet in this version; use another one."
        return make_problem("design.method", message, method, accepted)
    nearest = nearest_name(str(method), accepted)
    hint = f"Did you mean `{nearest}`?" if nearest else "Write one of the accepted methods."
    return make_problem("design.method", hint, method, accepted)


def _read_rows(raw: Any, problems: list[Problem]) -> tuple[RowDraft, ...]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_ROWS:
        message = f"Write a list of 1 to {MAX_ROWS:,} rows, a mapping for each case."
        problems.append(make_problem("design.rows", message, raw, f"1 to {MAX_ROWS:,} mappings"))
        return ()
    rows = []
    for i, entry in enumerate(raw):
        path = f"design.rows[{i}]"
        if not isinstance(entry, Mapping):
            message = "Write a row as a mapping of parameter names to values."
            problems.append(make_problem(path, message, entry, "{parameter: value, …}"))
            continue
        cells = {str(column): _read_value(cell, f"{path}.{column}", problems) for column, cell in entry.items()}
        present = {column: cell for column, cell in cells.items() if cell is not None}
        rows.append(RowDraft(path, frozenset(cells), present))
    return tuple(rows)


def _read_paths(raw: Any, names: Sequence[str] | None, path: str) -> dict[str, str]:
    """Give each name the path it stands at: the key itself for one name, an entry of it for a list."""
    if names is None:
        return {}
    if isinstance(raw, str):
        return {path: names[0]}
    return {f"{path}[{i}]": name for i, name in enumerate(names)}


@cache
def _adapters(part: type[StudyPart]) -> dict[str, TypeAdapter[Any]]:
    adapters: dict[str, TypeAdapter[Any]] = {}
    for name, info in part.model_fields.items():
        kind: Any = info.annotation
        for entry in info.metadata:
            kind = Annotated[kind, entry]
        adapters[info.alias or name] = TypeAdapter(kind)
    return adapters


def _read_fields(
    part: type[StudyPart],
    raw: Mapping[str, Any],
    path: str,
    problems: list[Problem],
    *,
    apart: set[str] | frozenset[str] = frozenset(),
    needed: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Read each field of a part on its own, so that a broken one hides nothing of the others.

    Args:
        part: The definition of the part.
        raw: The mapping that was written.
        path: Where it stands.
        problems: What is wrong is added here.
        apart: Keys that the caller reads itself.
        needed: Keys that must be there besides those that the definition requires.
    """
    adapters = _adapters(part)
    _check_keys(part, raw, path, problems)
    guessed = _guess_keys(part, raw)
    fields = {}
    for key, adapter in adapters.items():
        at = f"{path}.{key}" if path else key
        if key in raw:
            if key not in apart:
                try:
                    fields[key] = adapter.validate_python(raw[key])
                except ValidationError as refusal:
                    problems.extend(explain_error(error, at) for error in refusal.errors(include_url=False))
        elif key in _required_keys(part) | needed and key not in guessed:
            problems.append(make_problem(at, f"Write `{key}`: it is missing.", None, _describe_key(part, key)))
    return fields


@cache
def _required_keys(part: type[StudyPart]) -> frozenset[str]:
    return frozenset(info.alias or name for name, info in part.model_fields.items() if info.is_required())


def _describe_key(part: type[StudyPart], key: str) -> str | None:
    return next((info.description for name, info in part.model_fields.items() if (info.alias or name) == key), None)


def _check_keys(part: type[StudyPart], raw: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
    known = list(_adapters(part))
    for key in raw:
        if key in known:
            continue
        nearest = _guess_key(part, raw, key)
        if key in FUTURE_KEYS.get(part, ()):
            message = f"`{key}` is not supported yet in this version; leave it out."
        elif part is GridDesign and key in ("samples", "seed", "rows"):
            message = f"A grid has no `{key}`; leave it out or choose another `method`."
        elif nearest:
            message = f"There is no key `{key}`; did you mean `{nearest}`?"
        else:
            message = f"There is no key `{key}`; leave it out."
        problems.append(make_problem(f"{path}.{key}" if path else key, message, raw[key], known))


def _guess_keys(part: type[StudyPart], raw: Mapping[str, Any]) -> frozenset[str]:
    """Return the missing keys that misspelt ones were meant to be, so that one slip is one problem."""
    unknown = [key for key in raw if key not in _adapters(part) and key not in FUTURE_KEYS.get(part, ())]
    guesses = (_guess_key(part, raw, key) for key in unknown)
    return frozenset(guess for guess in guesses if guess is not None)


def _guess_key(part: type[StudyPart], raw: Mapping[str, Any], key: str) -> str | None:
    known = list(_adapters(part))
    return nearest_name(key, [name for name in known if name not in raw]) or nearest_name(key, known)
