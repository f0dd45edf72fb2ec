"""The rows of a table: a cell for each thing that varies, and no other."""

from collections.abc import Mapping

from studies.checks.drafts import RowDraft, StudyDraft
from studies.problems import Problem, list_names, make_problem, nearest_name, nearest_names


def check_rows(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check that each row has a cell for each thing that varies and no other; a slip in many rows is one problem."""
    names = [parameter.name for parameter in draft.parameters]
    derived = {parameter.name for parameter in draft.parameters if parameter.is_derived}
    known = [name for name in names if name is not None and name not in derived]
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
            problems.append(_refuse_column(column, rows, [*known, *allowed], is_derived=column in derived))
    _check_references(draft, problems)


def _also_in(rows: list[RowDraft]) -> str:
    return f" here and in {len(rows) - 1:,} more rows" if len(rows) > 1 else ""


def _refuse_column(column: str, rows: list[RowDraft], accepted: list[str], *, is_derived: bool) -> Problem:
    path = f"{rows[0].path}.{column}"
    if is_derived:
        message = f"Leave `{column}` out{_also_in(rows)}: its expression gives the value."
        return make_problem(path, message, column, accepted)
    nearest = nearest_name(column, accepted)
    hint = f"did you mean `{nearest}`?" if nearest else "leave it out."
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
