"""What an optimiser needs of a study: metrics that cases report, limits on them, and something to choose among."""

from collections.abc import Collection, Iterator

from studies.checks.drafts import StudyDraft
from studies.checks.formulas import read_expression
from studies.checks.links import group_dimensions
from studies.problems import Problem, make_problem, nearest_name, nearest_names

CARBON_METRIC = "embodied_carbon_kgco2e"
COST_PREFIX = "investment_cost_"
LEAST_DIMENSIONS = 2


def check_optimiser(
    draft: StudyDraft, metrics: Collection[str], currencies: Collection[str], problems: list[Problem]
) -> None:
    """Check what an optimiser is asked to do.

    Args:
        draft: The study; nothing is checked unless its design is an optimiser.
        metrics: Names of the metrics that every case reports.
        currencies: Codes of the currencies of its construction sets: their cases report investment costs.
        problems: What is wrong is added here.
    """
    if not draft.design.is_optimiser:
        return
    bills = [f"{COST_PREFIX}{code.casefold()}" for code in currencies] + ([CARBON_METRIC] if currencies else [])
    known = [*metrics, *bills]
    seen: dict[str, str] = {}
    for path, metric in draft.design.metrics.items():
        if metric not in known:
            problems.append(_refuse_metric(path, metric, known))
        elif metric in seen:
            message = f"Leave it out: {seen[metric]} is about the same metric."
            problems.append(make_problem(path, message, metric, "each metric once"))
        seen.setdefault(metric, path)
    for path, text in draft.design.limits.items():
        problems.extend(_check_limit(path, text, known))
    problems.extend(_check_freedom(draft))


def _refuse_metric(path: str, metric: str, known: Collection[str]) -> Problem:
    if metric.startswith((COST_PREFIX, CARBON_METRIC)):
        message = f"Cases report `{metric}` only where the measure `assign_construction` takes from a construction set."
    else:
        nearest = nearest_name(metric, known)
        hint = f"did you mean `{nearest}`?" if nearest else "write one that cases report."
        message = f"There is no metric `{metric}`; {hint}"
    return make_problem(path, message, metric, nearest_names(metric, known))


def _check_limit(path: str, text: str, known: Collection[str]) -> Iterator[Problem]:
    problems: list[Problem] = []
    expression = read_expression(text, path, problems)
    yield from problems
    if expression is None:
        return
    if not expression.is_condition:
        message = "Write a comparison, like `unmet_heating_hours <= 300`; this one gives a number."
        yield make_problem(path, message, text, "<, <=, > or >=")
    elif not expression.names:
        yield make_problem(path, "Compare metrics: this says the same of every case.", text, "names of metrics")
    for name in sorted(expression.names - set(known)):
        yield _refuse_metric(path, name, known)


def _check_freedom(draft: StudyDraft) -> Iterator[Problem]:
    dimensions = group_dimensions(draft)
    if len(dimensions) < LEAST_DIMENSIONS:
        message = "Vary at least two parameters that are not linked: one alone is sampled better than searched."
        yield make_problem("parameters", message, f"{len(dimensions)}", "at least 2")
    for key, refs in (("model", draft.models), ("weather", draft.weathers)):
        if len(refs) > 1:
            message = f"Name one {key}: an optimiser searches among the parameters. Run a study for each {key}."
            yield make_problem(key, message, list(refs.values()), f"one {key}")
