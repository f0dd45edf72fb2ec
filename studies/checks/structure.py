"""A raw document in; out comes what of it is well formed, piece by piece, with a problem for everything that is not."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from studies.checks.design_structure import read_design
from studies.checks.drafts import OutputDraft, StudyDraft
from studies.checks.parameter_structure import read_parameters
from studies.checks.pieces import adapters_of, give_paths, guess_keys, read_entries, read_fields
from studies.definition import (
    ENERGYPLUS,
    MAX_EXPRESSION,
    MAX_OUTPUTS,
    Output,
    Period,
    RunPeriodWord,
    Study,
    program_of,
    surrogate_of,
)
from studies.definition.parameter import ParameterName
from studies.problems import Problem, make_problem, nearest_name

MAX_DEPTH = 6
MAX_CONSTRAINTS = 100
MAX_GROUPS = 100
_APART = frozenset({"adaptive", "parameters", "design", "run_period", "outputs", "linked", "constraints"})


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
    written = document.get("engine", ENERGYPLUS)
    engine = written if isinstance(written, str) else ""
    # what is wrong with an engine that is neither is told once; it is no reason to ask for a model
    needed = frozenset({"model", "weather"}) if written == ENERGYPLUS else frozenset()
    fields = read_fields(Study, document, "", problems, apart=_APART, needed=needed)
    if "run_period" in document:
        _read_run_period(document["run_period"], problems)
    return StudyDraft(
        models=give_paths(document.get("model"), fields.get("model"), "model"),
        weathers=give_paths(document.get("weather"), fields.get("weather"), "weather"),
        parameters=read_parameters(document.get("parameters", []), problems, has_targets=written == ENERGYPLUS),
        design=read_design(document.get("design", {"method": "grid"}), problems),
        linked=_read_linked(document.get("linked", []), problems),
        constraints=_read_constraints(document.get("constraints", []), problems),
        outputs=read_outputs(document.get("outputs", []), problems),
        program=program_of(engine),
        surrogate=surrogate_of(fields.get("engine", "")),
    )


def _read_run_period(raw: Any, problems: list[Problem]) -> None:
    words = get_args(RunPeriodWord)
    if isinstance(raw, Mapping):
        fields = read_fields(Period, raw, "run_period", problems)
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


def _read_linked(raw: Any, problems: list[Problem]) -> tuple[dict[str, str], ...]:
    message = "Write a list of groups of parameter names: [[wall_r, roof_r]]."
    if not isinstance(raw, list) or len(raw) > MAX_GROUPS:
        problems.append(make_problem("linked", message, raw, f"at most {MAX_GROUPS} lists of names"))
        return ()
    groups = []
    for i, entry in enumerate(raw):
        path = f"linked[{i}]"
        if not isinstance(entry, list) or len(entry) < 2:
            hint = message if not isinstance(entry, list) else "Write at least two names: one moves by itself anyway."
            problems.append(make_problem(path, hint, entry, "a list of two names or more"))
            continue
        names = read_entries(entry, path, TypeAdapter(ParameterName), message, len(entry), problems)
        groups.append({f"{path}[{position}]": name for position, name in names.items()})
    return tuple(groups)


def _read_constraints(raw: Any, problems: list[Problem]) -> dict[str, str]:
    if raw == []:
        return {}
    kind = TypeAdapter(Annotated[str, Field(strict=True, min_length=1, max_length=MAX_EXPRESSION)])
    message = 'Write the constraints as a list of comparisons in quotes: ["wall_m + roof_m <= 0.6"].'
    found = read_entries(raw, "constraints", kind, message, MAX_CONSTRAINTS, problems)
    return {f"constraints[{position}]": text for position, text in found.items()}


def read_outputs(raw: Any, problems: list[Problem]) -> tuple[OutputDraft, ...]:
    """Read a list of outputs.

    Args:
        raw: What stands under `outputs`.
        problems: What is wrong is added here.
    """
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
        problems.append(make_problem(path, message, raw, list(adapters_of(Output))))
        return None
    fields = read_fields(Output, raw, path, problems)
    kinds = {"meter", "variable"} & (raw.keys() | guess_keys(Output, raw))
    if len(kinds) != 1:
        message = "Write one of the two, `meter` or `variable`."
        problems.append(make_problem(path, message, sorted(kinds), ["meter", "variable"]))
    elif kinds == {"meter"} and "key" in raw:
        message = "Leave `key` out: only a variable has one. The meter of a zone is called like Electricity:Zone:NAME."
        problems.append(make_problem(f"{path}.key", message, raw["key"], "no key"))
    found = (fields.get(name) for name in ("meter", "variable", "key", "frequency"))
    return OutputDraft(path, *found)
