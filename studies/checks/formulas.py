"""The expressions of a study: derived parameters and constraints, read and their names looked up."""

from collections.abc import Collection, Iterator, Mapping

from studies.checks.drafts import ParameterDraft, StudyDraft
from studies.checks.links import group_dimensions
from studies.designs.expressions import Expression, ExpressionError
from studies.problems import Problem, list_names, make_problem, nearest_name, nearest_names

SITE_NAMES = ("model", "weather")
_NO_CONSTRAINTS = {
    "morris": "its trajectories would have gaps, and an elementary effect needs both ends of a step",
    "saltelli": "its matrices would have gaps, and the indices need every row of them",
    "one_at_a_time": "each case has one parameter only, so there is nothing to hold together",
}


def check_derived(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check the expressions of derived parameters: they can be read, give numbers, and none goes round in circles."""
    by_name = {parameter.name: parameter for parameter in draft.parameters if parameter.name is not None}
    needs: dict[str, frozenset[str]] = {}
    for parameter in draft.parameters:
        if parameter.derived is None:
            continue
        path = f"{parameter.path}.derived"
        expression = read_expression(parameter.derived, path, problems)
        if expression is None:
            continue
        if expression.is_condition:
            message = "Write an expression that gives a number; this one says yes or no."
            problems.append(make_problem(path, message, parameter.derived, "an expression that gives a number"))
        names = expression.names - {parameter.name or ""}
        if parameter.name in expression.names:
            message = f"Take `{parameter.name}` out: a parameter cannot be derived of itself."
            problems.append(make_problem(path, message, parameter.derived, "the names of other parameters"))
        problems.extend(_check_names(names, path, by_name, problems_of="derived"))
        if parameter.name is not None:
            needs[parameter.name] = names
    circles = list(_refuse_circles(needs, by_name))
    problems.extend(circles)
    if draft.method == "one_at_a_time" and not circles:
        problems.extend(_refuse_mixtures(needs, draft, by_name))


def check_constraints(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check the constraints: they can be read, compare what varies, and the design can lose cases."""
    reason = _NO_CONSTRAINTS.get(draft.method or "")
    if draft.constraints and reason is not None:
        message = f"Leave the constraints out, or take another design: in `{draft.method}` {reason}."
        problems.append(make_problem("constraints", message, draft.method, ["grid", "sobol", "lhs", "random"]))
    by_name = {parameter.name: parameter for parameter in draft.parameters if parameter.name is not None}
    seen: dict[str, str] = {}
    for path, text in draft.constraints.items():
        expression = read_expression(text, path, problems)
        if expression is None:
            continue
        if not expression.is_condition:
            message = "Write a comparison, like `a + b <= 1`; this one gives a number."
            problems.append(make_problem(path, message, text, "<, <=, >, >=, == or !="))
        elif not expression.names:
            message = "Compare parameters: this says the same of every case."
            problems.append(make_problem(path, message, text, "the names of parameters"))
        elif text in seen:
            problems.append(make_problem(path, f"Leave it out: it stands at {seen[text]} already.", text, "each once"))
        seen.setdefault(text, path)
        problems.extend(_check_names(expression.names, path, by_name, problems_of="constraint"))


def read_expression(text: str, path: str, problems: list[Problem]) -> Expression | None:
    """Read an expression; a problem with the place where it cannot be."""
    try:
        return Expression.parse(text)
    except ExpressionError as error:
        where = f"At sign {error.column}: " if error.column is not None else ""
        found = text if error.column is None else _show_around(text, error.column)
        problems.append(make_problem(path, f"{where}{error.message}", found, "an expression of parameters"))
        return None


def _show_around(text: str, column: int) -> str:
    """Return the text from a little before the place that cannot be read, which comes first in what is shown."""
    start = max(column - 1 - 20, 0)
    return ("…" if start else "") + text[start:]


def _check_names(
    names: Collection[str], path: str, by_name: Mapping[str, ParameterDraft], *, problems_of: str
) -> Iterator[Problem]:
    known = [*by_name, *(SITE_NAMES if problems_of == "constraint" else ())]
    for name in sorted(names):
        if name in known:
            continue
        if name in SITE_NAMES:
            message = f"Take `{name}` out: a derived value is a number computed of parameters."
        else:
            nearest = nearest_name(name, known)
            hint = f"did you mean `{nearest}`?" if nearest else "write the name of a parameter, a text in quotes."
            message = f"There is no parameter `{name}`; {hint}"
        yield make_problem(path, message, name, nearest_names(name, known) or ["parameters of the study"])
    if problems_of == "derived":
        texts = [name for name in sorted(names) if name in by_name and _holds_texts(by_name[name])]
        if texts:
            message = f"Take {list_names([f'`{name}`' for name in texts])} out: texts cannot be computed with."
            yield make_problem(path, message, texts, "parameters that are numbers")


def _holds_texts(parameter: ParameterDraft) -> bool:
    listed = [*parameter.values.values(), *parameter.choice.values()]
    return any(isinstance(value, str) for value in listed)


def _refuse_mixtures(
    needs: Mapping[str, frozenset[str]], draft: StudyDraft, by_name: Mapping[str, ParameterDraft]
) -> Iterator[Problem]:
    """Refuse what is derived of parameters that never vary in the same case."""
    dimension_of = {
        parameter.name: number for number, members in enumerate(group_dimensions(draft)) for parameter in members
    }
    for name, needed in needs.items():
        ground = set(needed)
        while derived := ground & needs.keys():
            ground = (ground - derived).union(*(needs[other] for other in derived))
        if len({dimension_of.get(other) for other in ground}) > 1:
            message = "Derive it of one parameter, or take another design: one at a time, the others have no value."
            yield make_problem(f"{by_name[name].path}.derived", message, name, ["grid", "lhs", "sobol"])


def _refuse_circles(needs: Mapping[str, frozenset[str]], by_name: Mapping[str, ParameterDraft]) -> Iterator[Problem]:
    """Refuse derived parameters that need each other; each circle once."""
    told: set[str] = set()
    for start in needs:
        if start in told:
            continue
        circle = _find_circle(start, needs)
        if circle and not told & set(circle):
            told |= set(circle)
            way = " → ".join(f"`{name}`" for name in (*circle, circle[0]))
            message = f"Derive one of them of something else: they go round in a circle, {way}."
            yield make_problem(f"{by_name[start].path}.derived", message, start, "no circle")


def _find_circle(start: str, needs: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the names on a way from `start` back to itself; none where there is no such way."""
    trails = [[start]]
    seen = {start}
    while trails:
        trail = trails.pop()
        for name in sorted(needs.get(trail[-1], ())):
            if name == start:
                return trail
            if name in needs and name not in seen:
                seen.add(name)
                trails.append([*trail, name])
    return []
