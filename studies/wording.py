"""pydantic's errors in, problems in plain words out; and the words of the study language that are yet to come."""

from collections.abc import Callable, Mapping
from typing import Any

from studies.definition import Parameter, Study, StudyPart
from studies.problems import Problem, make_problem, nearest_name

FUTURE_DISTRIBUTIONS = frozenset({"normal", "triangular", "loguniform", "integer", "choice", "weights"})
FUTURE_KEYS: dict[type[StudyPart], frozenset[str]] = {
    Study: frozenset({"linked", "constraints", "outputs", "keep"}),
    Parameter: FUTURE_DISTRIBUTIONS | {"measure"},
}
FUTURE_METHODS = frozenset({"sobol", "halton", "morris", "saltelli", "random", "one_at_a_time"})
FUTURE_WORDS = frozenset({"low", "high"})

_MESSAGES: Mapping[str, str] = {
    "string_type": "Write a text; a number or a word like true goes in quotes.",
    "string_too_long": "Write at most {max_length} characters.",
    "string_pattern_mismatch": "Write a name of letters, digits and `_` that starts with a letter.",
    "tuple_type": "Write a list.",
    "dict_type": "Write a mapping.",
    "too_short": "Write at least {min_length} of them.",
    "too_long": "Write at most {max_length} of them.",
    "missing": "Write one more of them: this one is missing.",
    "int_type": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "int_parsing_size": "Write a smaller number.",
    "bool_type": "Write true or false.",
    "greater_than_equal": "Write a number of at least {ge:,}.",
    "less_than_equal": "Write a number of at most {le:,}.",
}


def explain_error(error: Mapping[str, Any], path: str) -> Problem:
    """Turn one of pydantic's errors into a problem.

    Args:
        error: An entry of `ValidationError.errors()`.
        path: The path of the value that was validated; the error's own location is added to it.
    """
    at = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])
    kind = error["type"]
    context = error.get("ctx", {})
    found = None if kind == "missing" else error["input"]
    if kind == "literal_error":
        return _explain_literal(at, found, context["expected"])
    if kind in _MESSAGES:
        return make_problem(at, _MESSAGES[kind].format(**context), found, _limits(kind, context))
    return make_problem(at, error["msg"], found)


def _explain_literal(path: str, found: Any, expected: str) -> Problem:
    accepted = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    if found in FUTURE_WORDS:
        return make_problem(path, f"`{found}` is not supported yet in this version.", found, accepted)
    nearest = nearest_name(found, accepted) if isinstance(found, str) else None
    message = f"Did you mean `{nearest}`?" if nearest else "Write one of the accepted words."
    return make_problem(path, message, found, accepted)


_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": lambda context: f"at least {context['ge']:,}",
    "less_than_equal": lambda context: f"at most {context['le']:,}",
    "string_pattern_mismatch": lambda _context: "letters, digits and _",
    "bool_type": lambda _context: "true or false",
}


def _limits(kind: str, context: Mapping[str, Any]) -> str | None:
    return _LIMITS[kind](context) if kind in _LIMITS else None
