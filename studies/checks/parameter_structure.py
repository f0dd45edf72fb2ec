"""The raw list of parameters in, what is well formed of each out, with a problem for everything that is not."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from studies.checks.drafts import ParameterDraft, TargetDraft
from studies.checks.pieces import (
    adapters_of,
    give_paths,
    guess_keys,
    read_entries,
    read_fields,
    read_part,
    read_value,
)
from studies.checks.wording import explain_error
from studies.definition import MAX_PARAMETERS, MAX_VALUES, Normal, Parameter, ParameterValue, Target, Triangular
from studies.definition.parameter import MAX_ARGUMENTS, MAX_TARGETS, TruncatedNormal
from studies.definition.values import Number, StudyPart, Text
from studies.problems import Problem, make_problem

_PARTS: Mapping[str, type[StudyPart]] = {
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "triangular": Triangular,
}
_LISTS = ("values", "choice", "weights")
_APART = frozenset({"target", "arguments", *_LISTS, *_PARTS})


def read_parameters(raw: Any, problems: list[Problem], *, has_targets: bool) -> tuple[ParameterDraft, ...]:
    """Read the parameters of a study.

    Args:
        raw: What stands under `parameters`.
        problems: What is wrong is added here.
        has_targets: Whether each needs a `target` or a `measure`: not where a declared program runs.
    """
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
        problems.append(make_problem(path, message, raw, list(adapters_of(Parameter))))
        return None
    guessed = guess_keys(Parameter, raw)
    needed = frozenset() if "measure" in raw or "measure" in guessed else needed
    fields = read_fields(Parameter, raw, path, problems, apart=_APART, needed=needed)
    change = fields.get("change", None if "change" in raw else "set")
    lists = {key: _read_list(raw[key], f"{path}.{key}", problems) if key in raw else {} for key in _LISTS}
    return ParameterDraft(
        path=path,
        keys=frozenset(raw) | guessed,
        targets=_read_targets(raw["target"], f"{path}.target", change, problems) if "target" in raw else (),
        arguments=_read_arguments(raw["arguments"], f"{path}.arguments", problems) if "arguments" in raw else {},
        change=change,
        parts=_read_parts(raw, path, problems),
        values=lists["values"],
        choice=lists["choice"],
        weights=lists["weights"],
        name=fields.get("name"),
        measure=fields.get("measure"),
        unit=fields.get("unit"),
        uniform=fields.get("uniform"),
        loguniform=fields.get("loguniform"),
        integer=fields.get("integer"),
        derived=fields.get("derived"),
    )


def _read_targets(raw: Any, path: str, change: str | None, problems: list[Problem]) -> tuple[TargetDraft, ...]:
    if not isinstance(raw, list):
        return _read_target(raw, path, change, problems)
    if not 1 <= len(raw) <= MAX_TARGETS:
        message = f"Write 1 to {MAX_TARGETS} targets."
        problems.append(make_problem(path, message, raw, f"1 to {MAX_TARGETS} mappings"))
    entries = enumerate(raw[:MAX_TARGETS])
    return tuple(draft for i, entry in entries for draft in _read_target(entry, f"{path}[{i}]", change, problems))


def _read_target(raw: Any, path: str, change: str | None, problems: list[Problem]) -> tuple[TargetDraft, ...]:
    if not isinstance(raw, Mapping):
        message = "Write a target as a mapping with `class`, `object` and `field`."
        problems.append(make_problem(path, message, raw, list(adapters_of(Target))))
        return ()
    fields = read_fields(Target, raw, path, problems, apart={"field"})
    owner = path.partition(".target")[0]
    return (
        TargetDraft(
            path=path,
            class_name=fields.get("class"),
            patterns=give_paths(raw.get("object"), fields.get("object"), f"{path}.object"),
            field_name=_read_field(raw["field"], f"{path}.field", problems) if "field" in raw else None,
            change=fields.get("change", None if "change" in raw else change),
            change_path=f"{path}.change" if "change" in raw else f"{owner}.change",
            optional_in=give_paths(raw.get("optional_in"), fields.get("optional_in"), f"{path}.optional_in"),
        ),
    )


def _read_field(raw: Any, path: str, problems: list[Problem]) -> str | int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        if raw >= 1:
            return raw
        message = "Count the fields of an object from 1, its first field after the class."
        problems.append(make_problem(path, message, raw, "1, 2, … or a name"))
        return None
    if not isinstance(raw, str):
        message = "Write the name of a field, or its position in the object: 1 for the first."
        problems.append(make_problem(path, message, raw, "a name or a position"))
        return None
    try:
        return str(_text_adapter().validate_python(raw))
    except ValidationError as refusal:
        problems.append(explain_error(refusal.errors(include_url=False)[0], path))
        return None


def _read_arguments(raw: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(raw, Mapping) or len(raw) > MAX_ARGUMENTS:
        message = "Write the arguments as a mapping: {facade: south}."
        problems.append(make_problem(path, message, raw, f"a mapping of at most {MAX_ARGUMENTS} keys"))
        return {}
    found: dict[str, Any] = {}
    for key, entry in raw.items():
        at = f"{path}.{key}"
        if isinstance(entry, list):
            listed = [read_value(part, f"{at}[{i}]", problems) for i, part in enumerate(entry)]
            if None not in listed:
                found[key] = tuple(listed)
        elif isinstance(entry, bool):
            found[key] = entry  # only arguments are yes or no
        else:
            value = read_value(entry, at, problems)
            if value is not None:
                found[key] = value
    return found


def _read_list(raw: Any, path: str, problems: list[Problem]) -> dict[int, Any]:
    what = path.rpartition(".")[2]
    message = f"Write `{what}` as a list: [{raw}]." if isinstance(raw, int | float) else f"Write `{what}` as a list."
    kind = _number_adapter() if what == "weights" else _value_adapter()
    return read_entries(raw, path, kind, message, MAX_VALUES, problems)


def _read_parts(raw: Mapping[str, Any], path: str, problems: list[Problem]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, part in _PARTS.items():
        if key in raw:
            keys = list(adapters_of(part))
            message = f"Write it as a mapping: {{{', '.join(f'{name}: …' for name in keys)}}}."
            found |= read_part(part, raw[key], f"{path}.{key}", message, problems)
    return found


@cache
def _text_adapter() -> TypeAdapter[str]:
    return TypeAdapter(Text)


@cache
def _number_adapter() -> TypeAdapter[float]:
    return TypeAdapter(Number)


@cache
def _value_adapter() -> TypeAdapter[float | int | str]:
    return TypeAdapter(ParameterValue)
