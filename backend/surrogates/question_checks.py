"""A question as it was sent, and what a surrogate is, go in; the question, or every mistake of it, comes out.

Nothing that a worker would refuse is let through: who asks hears of it at once. Needs no torch: what the surrogate
takes its row tells.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from studies.checks.pieces import read_fields
from studies.designs.expressions import Expression, ExpressionError
from studies.problems import InvalidStudy, Problem, make_problem, nearest_names
from surrogates.models import Surrogate
from surrogates.questions import (
    FEWEST_SAMPLES,
    MOST_POINTS_OF_CURVES,
    MOST_POINTS_OF_INDICES,
    MOST_SAMPLES,
    QUESTIONS,
    AimedQuestion,
    DependenceQuestion,
    Question,
    ScreeningQuestion,
    SensitivityQuestion,
)
from surrogates.states import ErrandKind

RANGE_SLACK = 1e-9  # of a range: what writing its ends down and reading them again may cost
Column = Mapping[str, Any]


def read_question(surrogate: Surrogate, kind: ErrandKind, document: Any) -> Question:
    """Return a question that a surrogate can answer.

    Raises:
        InvalidStudy: with every mistake, each with its path.
    """
    part = QUESTIONS[kind]
    if not isinstance(document, Mapping):
        raise InvalidStudy([make_problem("", "Write a mapping.", document, sorted(part.model_fields))])
    problems: list[Problem] = []
    fields = read_fields(part, document, "", problems)
    if problems:
        raise InvalidStudy(problems)
    question = part(**fields)
    problems = [*check_space(surrogate, question), *check_metrics(surrogate, question), *check_method(question)]
    if isinstance(question, SensitivityQuestion):
        problems += check_samples(surrogate, question)
    if problems:
        raise InvalidStudy(problems)
    return question


def check_space(surrogate: Surrogate, question: Question) -> Iterator[Problem]:
    """Yield what is wrong with the inputs: names, values beyond what was trained on, conditions that are none."""
    known = {column["name"]: column for column in surrogate.inputs}
    told: dict[str, Mapping[str, Any]] = {
        "ranges": question.ranges,
        "fixed": question.fixed,
        "choices": question.choices,
    }
    for place, named in told.items():
        for name, values in named.items():
            path = f"{place}.{name}"
            if name not in known:
                yield refuse_name(path, "input", name, known)
            elif [other for other in told if other != place and name in told[other]]:
                yield make_problem(path, f"Write a range, a value or choices for '{name}', one of them.", name, None)
            else:
                listed = values if isinstance(values, tuple) else (values,)
                yield from check_values(path, known[name], listed, is_range=place == "ranges")
    yield from check_constraints(question.constraints, known)
    if isinstance(question, DependenceQuestion):
        yield from check_dependence(question, known)


def check_values(path: str, column: Column, values: Sequence[Any], *, is_range: bool) -> Iterator[Problem]:
    """Yield what is wrong with the values of an input."""
    name, accepted = column["name"], describe_column(column)
    if column.get("low") is None:
        strange = [value for value in values if value not in column["values"]]
        if is_range:
            yield make_problem(path, f"'{name}' is no number: write choices for it, not a range.", values, accepted)
        elif strange:
            yield make_problem(path, f"'{name}' was not trained on {strange[0]!r}.", strange, accepted)
        return
    slack = RANGE_SLACK * max(abs(column["low"]), abs(column["high"]), 1e-300)
    for value in values:
        if isinstance(value, str):
            yield make_problem(path, f"Write numbers for '{name}'.", value, accepted)
        elif not column["low"] - slack <= value <= column["high"] + slack:
            message = f"{value:g} for '{name}' lies outside of what the surrogate was trained on."
            yield make_problem(path, message, value, accepted)
    if is_range and not isinstance(values[0], str) and values[0] > values[1]:
        yield make_problem(path, f"Write the lower end of the range of '{name}' first.", values, accepted)


def check_constraints(texts: Iterable[str], known: Mapping[str, Column]) -> Iterator[Problem]:
    """Yield what is wrong with conditions of inputs."""
    for place, text in enumerate(texts):
        path = f"constraints[{place}]"
        try:
            expression = Expression.parse(text)
        except ExpressionError as error:
            yield make_problem(path, str(error), text, "a comparison of inputs")
            continue
        for name in sorted(expression.names - known.keys()):
            yield refuse_name(path, "input", name, known)
        if not expression.is_condition:
            yield make_problem(path, "Write a comparison.", text, "a comparison of inputs")


def check_dependence(question: DependenceQuestion, known: Mapping[str, Column]) -> Iterator[Problem]:
    """Yield what is wrong with the inputs whose doing is asked for."""
    for place, name in enumerate(question.of):
        if name not in known:
            yield refuse_name(f"of[{place}]", "input", name, known)
        elif name in question.fixed:
            yield make_problem(f"of[{place}]", f"'{name}' is fixed: leave it out of `fixed`.", name, None)
    if len(set(question.of)) < len(question.of):
        yield make_problem("of", "Write two different inputs.", list(question.of), None)
    if question.curves > question.background:
        message = "A curve is one of a point of the background: write fewer curves."
        yield make_problem("curves", message, question.curves, f"0 to {question.background}")
    columns = [known[name] for name in question.of if name in known]
    asked = math.prod(count_values(question, column) for column in columns) * question.background
    if asked > MOST_POINTS_OF_CURVES:
        accepted = f"at most {MOST_POINTS_OF_CURVES:,} points by background"
        yield make_problem("background", "Write fewer points or a smaller background.", asked, accepted)


def count_values(question: DependenceQuestion, column: Column) -> int:
    """Return how many values of an input are shown."""
    if chosen := question.choices.get(column["name"]):
        return len(chosen)
    return question.points if column.get("low") is not None else len(column["values"])


def check_metrics(surrogate: Surrogate, question: Question) -> Iterator[Problem]:
    """Yield what is wrong with the metrics: of goals, limits, or what is to be explained."""
    known = [metric["name"] for metric in surrogate.metrics]
    named: list[tuple[str, str]] = []
    if isinstance(question, AimedQuestion):
        named += [(f"objectives[{place}].metric", goal.metric) for place, goal in enumerate(question.objectives)]
        goals = [goal.metric for goal in question.objectives]
        if len(set(goals)) < len(goals):
            yield make_problem("objectives", "Write each metric once.", goals, "different metrics")
        named += [(f"limits[{place}].metric", limit.metric) for place, limit in enumerate(question.limits)]
    if isinstance(question, SensitivityQuestion | DependenceQuestion):
        named += [(f"metrics[{place}]", name) for place, name in enumerate(question.metrics)]
    for path, name in named:
        if name not in known:
            yield refuse_name(path, "metric", name, known)


def check_method(question: Question) -> Iterator[Problem]:
    """Yield what does not go together in a screening."""
    if not isinstance(question, ScreeningQuestion):
        return
    if question.keep == "top" and len(question.objectives) > 1:
        message = "Write one objective to have the top by, or keep the front."
        yield make_problem("keep", message, question.keep, ["front"])
    if question.levels and question.method != "grid":
        message = "Levels are those of a grid: leave them out, or write `method: grid`."
        yield make_problem("levels", message, sorted(question.levels), None)
    for name in sorted(question.levels):
        if name in question.fixed or name in question.choices:
            yield make_problem(f"levels.{name}", f"'{name}' has no range to take levels of.", name, None)


def check_samples(surrogate: Surrogate, question: SensitivityQuestion) -> Iterator[Problem]:
    """Yield what indices cannot be taken of: dependent inputs, or a strange number of samples."""
    method = question.method
    if question.constraints:
        message = "Indices need inputs that do not depend on each other: leave the constraints out, narrow ranges."
        yield make_problem("constraints", message, list(question.constraints), "no constraints")
    if question.samples is None:
        return
    low, high = FEWEST_SAMPLES[method], MOST_SAMPLES[method]
    high = min(high, MOST_POINTS_OF_INDICES // (len(surrogate.inputs) + 2))
    is_strange = method == "sobol" and question.samples & (question.samples - 1)
    if not low <= question.samples <= high or is_strange:
        accepted = f"{'a power of two, ' if method == 'sobol' else ''}{low} to {high:,}"
        yield make_problem("samples", f"Write another number of samples: {accepted}.", question.samples, accepted)


def refuse_name(path: str, what: str, name: str, known: Iterable[str]) -> Problem:
    """Return the problem of an input or a metric that a surrogate does not have."""
    names = list(known)
    message = f"This surrogate has no {what} '{name}'."
    return make_problem(path, message, name, nearest_names(name, names) or names)


def describe_column(column: Column) -> object:
    """Return what an input may be, for who wrote something else."""
    if column.get("low") is None:
        return list(column["values"])
    unit = column.get("unit")
    return f"{column['low']:g} to {column['high']:g}{f' {unit}' if unit else ''}"
