"""The names of parameters: free of what other parameters and the columns of the result table are called."""

from studies.checks.drafts import StudyDraft
from studies.problems import Problem, make_problem

RESERVED_NAMES = frozenset({"case", "state", "verdict", "weather", "model", "baseline", "cached"})
EXPRESSION_NAMES = frozenset(
    {"and", "or", "not", "min", "max", "abs", "sqrt", "exp", "log", "log10", "round", "floor", "ceil"}
)
RESULT_ENDING = "_kwh"
BILL_NAMES = ("investment_cost_", "embodied_carbon_kgco2e")


def check_names(draft: StudyDraft, metric_names: frozenset[str], problems: list[Problem]) -> None:
    """Refuse parameter names that are taken: by another parameter, by a column of the result table.

    Args:
        draft: The study.
        metric_names: Names of the metrics that every case reports.
        problems: What is wrong is added here.
    """
    taken: dict[str, str] = {}
    for parameter in draft.parameters:
        if parameter.name is None:
            continue
        path, name = f"{parameter.path}.name", parameter.name
        folded = name.casefold()
        message = _find_owner(folded, metric_names)
        if message is not None:
            problems.append(make_problem(path, message, name, "a name that is not taken"))
        elif folded in taken:
            message = f"Choose another name: `{taken[folded]}` is called so too."
            problems.append(make_problem(path, message, name, "a name of its own"))
        taken.setdefault(folded, parameter.path)


def _find_owner(folded: str, metric_names: frozenset[str]) -> str | None:
    if folded in RESERVED_NAMES | metric_names or folded.startswith(BILL_NAMES):
        return f"Choose another name: the result table has a column of its own called `{folded}`."
    if folded.endswith(RESULT_ENDING):
        return f"Choose another name: names that end in `{RESULT_ENDING}` belong to results."
    if folded in EXPRESSION_NAMES:
        return f"Choose another name: `{folded}` means something else in expressions."
    return None
