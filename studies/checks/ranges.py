"""What can be said of a study's draft without any model: names, ranges, the size of the design, the rows of a table."""

from collections.abc import Iterator, Mapping

from studies.checks.structure import ParameterDraft, RowDraft, StudyDraft
from studies.checks.wording import FUTURE_DISTRIBUTIONS
from studies.designs.points import Value, count_cases
from studies.problems import Problem, list_names, make_problem, nearest_name, nearest_names

RESERVED_NAMES = frozenset({"case", "state", "verdict", "weather", "model", "baseline", "cached"})
RESULT_ENDING = "_kwh"


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
        if folded in RESERVED_NAMES | metric_names or folded.endswith(RESULT_ENDING):
            message = f"Choose another name: the result table has a column of its own called `{folded}`."
            if folded.endswith(RESULT_ENDING) and folded not in metric_names:
                message = f"Choose another name: names that end in `{RESULT_ENDING}` belong to results."
            problems.append(make_problem(path, message, name, "a name that is no column of results"))
        elif folded in taken:
            message = f"Choose another name: `{taken[folded]}` is called so too."
            problems.append(make_problem(path, message, name, "a name of its own"))
        taken.setdefault(folded, parameter.path)


def check_ranges(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check that each parameter varies in a way that the design can use."""
    for parameter in draft.parameters:
        if "measure" in parameter.keys:
            continue  # refused as a whole
        if draft.method == "table":
            _refuse_range_beside_table(parameter, problems)
        else:
            _check_range_keys(parameter, draft.method, problems)
        _check_uniform(parameter, problems)
        _check_repeats(parameter, problems)


def _refuse_range_beside_table(parameter: ParameterDraft, problems: list[Problem]) -> None:
    for key in sorted({"values", "uniform"} & parameter.keys):
        message = f"Leave `{key}` out: the rows of the table give the values."
        problems.append(make_problem(f"{parameter.path}.{key}", message, key, ["name", "target", "change"]))


def _check_range_keys(parameter: ParameterDraft, method: str | None, problems: list[Problem]) -> None:
    accepted = ["values"] if method == "grid" else ["values", "uniform"]
    if {"values", "uniform"} <= parameter.keys:
        message = "Write either `values` or `uniform`, not both."
        problems.append(make_problem(f"{parameter.path}.uniform", message, None, accepted))
    elif method == "grid" and "uniform" in parameter.keys:
        message = "List `values`: a grid has no use for a range. Or sample it: design {method: lhs, samples: …}."
        problems.append(make_problem(f"{parameter.path}.uniform", message, parameter.uniform, accepted))
    elif not parameter.keys & ({"values", "uniform"} | FUTURE_DISTRIBUTIONS):
        message = f"Write {' or '.join(f'`{key}`' for key in accepted)}: what the parameter varies over is missing."
        problems.append(make_problem(f"{parameter.path}.values", message, None, accepted))


def _check_uniform(parameter: ParameterDraft, problems: list[Problem]) -> None:
    if parameter.uniform is None:
        return
    low, high = parameter.uniform
    if low > high:
        problems.append(
            make_problem(f"{parameter.path}.uniform", "Write the lower end first.", [low, high], f"[{high:g}, {low:g}]")
        )
    elif low == high:
        message = "Write two different ends, or the one value under `values`."
        problems.append(make_problem(f"{parameter.path}.uniform", message, [low, high], "lower end < upper end"))


def _check_repeats(parameter: ParameterDraft, problems: list[Problem]) -> None:
    seen: dict[Value, int] = {}
    for position, value in parameter.values.items():
        key = value.casefold() if isinstance(value, str) else value
        if key in seen:
            message = f"Leave it out: the same value stands at position {seen[key]} of the list."
            path = f"{parameter.path}.values[{position}]"
            problems.append(make_problem(path, message, value, "each value once"))
        seen.setdefault(key, position)


def check_size(draft: StudyDraft, max_cases: int, baseline_count: int, problems: list[Problem]) -> None:
    """Refuse a design with too many cases, or one in which nothing varies.

    Args:
        draft: The study.
        max_cases: Most cases accepted, baselines included.
        baseline_count: Number of baselines.
        problems: What is wrong is added here.
    """
    counts = [len(draft.models), len(draft.weathers)]
    several = any(count > 1 for count in counts)
    if draft.method == "lhs" and not draft.parameters and not several:
        message = "Add a parameter, a model or a weather: nothing varies that could be sampled."
        problems.append(make_problem("design", message, "lhs", ["grid"]))
    if draft.method == "grid":
        counts += [len(parameter.values) for parameter in draft.parameters]
        case_count, path = count_cases([max(count, 1) for count in counts]), "design"
    elif draft.method == "lhs":
        case_count, path = draft.samples or 0, "design.samples"
    else:
        case_count, path = len(draft.rows), "design.rows"
    if case_count + baseline_count > max_cases:
        message = "Run fewer cases: take fewer values, or sample with {method: lhs, samples: …}."
        found = f"{case_count + baseline_count:,} cases" if case_count < 10**18 else "more than 10^18 cases"
        problems.append(make_problem(path, message, found, f"at most {max_cases:,} cases"))


def check_rows(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check that each row has a cell for each thing that varies and no other; a slip in many rows is one problem."""
    names = [parameter.name for parameter in draft.parameters]
    known = [name for name in names if name is not None]
    references = {"model": draft.models, "weather": draft.weathers}
    several = [key for key, refs in references.items() if len(refs) > 1]
    allowed = [key for key, refs in references.items() if refs or draft.program is None]
    missing: dict[str, list[RowDraft]] = {}
    unknown: dict[str, list[RowDraft]] = {}
    for row in draft.rows:
        for column in [*known, *several]:
            if column not in row.columns:
                missing.setdefault(column, []).append(row)
        for column in sorted(row.columns - {*known, *allowed}):
            unknown.setdefault(column, []).append(row)
    for column, rows in missing.items():
        if not any(nearest_name(other, [column]) for other in unknown):
            message = f"Write a value for `{column}`{_also_in(rows)}."
            problems.append(make_problem(f"{rows[0].path}.{column}", message, None, "a value in each row"))
    if None not in names:
        for column, rows in unknown.items():
            problems.append(_refuse_column(column, rows, [*known, *allowed]))
    _check_references(draft, problems)


def _also_in(rows: list[RowDraft]) -> str:
    return f" here and in {len(rows) - 1:,} more rows" if len(rows) > 1 else ""


def _refuse_column(column: str, rows: list[RowDraft], accepted: list[str]) -> Problem:
    nearest = nearest_name(column, accepted)
    hint = f"did you mean `{nearest}`?" if nearest else "leave it out."
    path = f"{rows[0].path}.{column}"
    return make_problem(path, f"There is no parameter `{column}`{_also_in(rows)}; {hint}", column, accepted)


def _check_references(draft: StudyDraft, problems: list[Problem]) -> None:
    choices: Mapping[str, list[str]] = {
        "model": list(draft.models.values()),
        "weather": list(draft.weathers.values()),
    }
    for row in draft.rows:
        for column, refs in choices.items():
            cell = row.cells.get(column)
            if cell is not None and refs and cell not in refs:
                message = f"Write one of the study's own: {list_names(refs)}."
                path = f"{row.path}.{column}"
                problems.append(make_problem(path, message, cell, nearest_names(str(cell), refs)))


def list_candidates(parameter: ParameterDraft, draft: StudyDraft) -> Iterator[tuple[str, Value]]:
    """Yield every value that a parameter can take, or the ends of its range, each with its path."""
    if draft.method == "table":
        for row in draft.rows:
            if parameter.name is not None and parameter.name in row.cells:
                yield f"{row.path}.{parameter.name}", row.cells[parameter.name]
        return
    for position, value in parameter.values.items():
        yield f"{parameter.path}.values[{position}]", value
    for position, end in enumerate(parameter.uniform or ()):
        yield f"{parameter.path}.uniform[{position}]", end
