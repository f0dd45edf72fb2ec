"""One mapping of a document in, its fields out: each read on its own, so that a broken one hides no other."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from studies.checks.wording import explain_error
from studies.definition import DESIGNS, ParameterValue
from studies.problems import Problem, make_problem, nearest_name

Value = float | int | str


def read_fields(
    part: type[BaseModel],
    raw: Mapping[str, Any],
    path: str,
    problems: list[Problem],
    *,
    apart: set[str] | frozenset[str] = frozenset(),
    needed: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Read each field of a part on its own.

    Args:
        part: The definition of the part.
        raw: The mapping that was written.
        path: Where it stands.
        problems: What is wrong is added here.
        apart: Keys that the caller reads itself.
        needed: Keys that must be there besides those that the definition requires.
    """
    adapters = adapters_of(part)
    _check_keys(part, raw, path, problems)
    guessed = guess_keys(part, raw)
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


def read_part(part: type[BaseModel], raw: Any, path: str, message: str, problems: list[Problem]) -> dict[str, Any]:
    """Read a part that must be a mapping; what is well formed of it, nothing where it is none."""
    if not isinstance(raw, Mapping):
        problems.append(make_problem(path, message, raw, list(adapters_of(part))))
        return {}
    return read_fields(part, raw, path, problems)


def read_value(raw: Any, path: str, problems: list[Problem]) -> Value | None:
    """Read a number or a text that a model can hold; None where it is neither."""
    try:
        return _value_adapter().validate_python(raw)
    except ValidationError as refusal:
        problems.append(explain_error(refusal.errors(include_url=False)[0], path))
        return None


def read_entries(
    raw: Any, path: str, kind: TypeAdapter[Any], message: str, most: int, problems: list[Problem]
) -> dict[int, Any]:
    """Read a list entry by entry.

    Args:
        raw: What was written.
        path: Where it stands.
        kind: What each entry must be.
        message: What to do where it is no list.
        most: How many entries it may have, at least one.
        problems: What is wrong is added here.

    Returns:
        The well-formed entries by their position.
    """
    if not isinstance(raw, list):
        problems.append(make_problem(path, message, raw, "a list"))
        return {}
    if not 1 <= len(raw) <= most:
        problems.append(make_problem(path, "Write at least one." if not raw else f"Write at most {most:,}.", raw,
                                     f"1 to {most:,} entries"))  # fmt: skip
    found: dict[int, Any] = {}
    for position, entry in enumerate(raw[:most]):
        try:
            found[position] = kind.validate_python(entry)
        except ValidationError as refusal:
            problems.append(explain_error(refusal.errors(include_url=False)[0], f"{path}[{position}]"))
    return found


def give_paths(raw: Any, names: Sequence[str] | None, path: str) -> dict[str, str]:
    """Give each name the path it stands at: the key itself for one name, an entry of it for a list."""
    if names is None:
        return {}
    if isinstance(raw, str):
        return {path: names[0]}
    return {f"{path}[{i}]": name for i, name in enumerate(names)}


def guess_keys(part: type[BaseModel], raw: Mapping[str, Any]) -> frozenset[str]:
    """Return the missing keys that misspelt ones were meant to be, so that one slip is one problem."""
    unknown = [key for key in raw if key not in adapters_of(part)]
    guesses = (_guess_key(part, raw, key) for key in unknown)
    return frozenset(guess for guess in guesses if guess is not None)


@cache
def adapters_of(part: type[BaseModel]) -> dict[str, TypeAdapter[Any]]:
    """Return what reads each field of a part, by the key that is written."""
    adapters: dict[str, TypeAdapter[Any]] = {}
    for name, info in part.model_fields.items():
        kind: Any = info.annotation
        for entry in info.metadata:
            kind = Annotated[kind, entry]
        adapters[info.alias or name] = TypeAdapter(kind)
    return adapters


@cache
def _value_adapter() -> TypeAdapter[Value]:
    return TypeAdapter(ParameterValue)


@cache
def _required_keys(part: type[BaseModel]) -> frozenset[str]:
    return frozenset(info.alias or name for name, info in part.model_fields.items() if info.is_required())


def _describe_key(part: type[BaseModel], key: str) -> str | None:
    return next((info.description for name, info in part.model_fields.items() if (info.alias or name) == key), None)


def _check_keys(part: type[BaseModel], raw: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
    known = list(adapters_of(part))
    for key in raw:
        if key in known:
            continue
        nearest = _guess_key(part, raw, key)
        method = next((method for method, design in DESIGNS.items() if design is part), None)
        if method is not None and any(key in adapters_of(design) for design in DESIGNS.values()):
            message = f"The design `{method}` has no `{key}`; leave it out or choose another `method`."
        elif nearest:
            message = f"There is no key `{key}`; did you mean `{nearest}`?"
        else:
            message = f"There is no key `{key}`; leave it out."
        problems.append(make_problem(f"{path}.{key}" if path else key, message, raw[key], known))


def _guess_key(part: type[BaseModel], raw: Mapping[str, Any], key: str) -> str | None:
    known = list(adapters_of(part))
    return nearest_name(key, [name for name in known if name not in raw]) or nearest_name(key, known)
