"""pydantic's errors in, problems in plain words out."""

from collections.abc import Mapping
from typing import Any

from studies.problems import Problem, make_problem, nearest_name

# pydantic's error type: what to do, and what is accepted
_WORDS: Mapping[str, tuple[str, str]] = {
    "string_type": ("Write a text; a number or a word like true goes in quotes.", "a text"),
    "string_too_short": ("Write a text that is not blank.", "a text that is not blank"),
    "string_too_long": ("Write at most {max_length} characters.", "at most {max_length} characters"),
    "string_pattern_mismatch": (
        "Write a name of letters, digits and `_` that starts with a letter.",
        "letters, digits and _, a letter first",
    ),
    "tuple_type": ("Write a list.", "a list"),
    "too_short": ("Write at least {min_length} of them.", "at least {min_length}"),
    "too_long": ("Write at most {max_length:,} of them.", "at most {max_length:,}"),
    "missing": ("Write one more: this one is missing.", "one value more"),
    "int_type": ("Write a whole number.", "a whole number"),
    "bool_type": ("Write true or false.", "true or false"),
    "greater_than_equal": ("Write a number of at least {ge:,}.", "at least {ge:,}"),
    "greater_than": ("Write a number greater than {gt:g}.", "greater than {gt:g}"),
    "less_than_equal": ("Write a number of at most {le:,}.", "at most {le:,}"),
}
_ACCEPTED: Mapping[str, str] = {
    "blank_text": "a text that is not blank",
    "control_signs": "a text of one line",
    "boolean_value": "a number or a text",
    "idf_signs": "a text without , ; !",
    "not_a_number": "a number",
    "not_finite": "a finite number",
    "not_a_day": "MM-DD",
    "not_an_engine": "energyplus or executable:NAME",
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
    if kind in _WORDS:
        message, accepted = (words.format(**context) for words in _WORDS[kind])
        return make_problem(at, message, found, accepted)
    return make_problem(at, error["msg"], found, _ACCEPTED.get(kind, "see the reference of the study language"))


def _explain_literal(path: str, found: Any, expected: str) -> Problem:
    accepted = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    nearest = nearest_name(found, accepted) if isinstance(found, str) else None
    message = f"Did you mean `{nearest}`?" if nearest else "Write one of the accepted words."
    return make_problem(path, message, found, accepted)
