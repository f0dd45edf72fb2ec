"""A raw design in, what of it is well formed out, with a problem for everything that is not."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from studies.checks.drafts import DesignDraft, RowDraft
from studies.checks.pieces import read_entries, read_fields, read_part, read_value
from studies.definition import DESIGNS, MAX_ROWS, DifferentialEvolutionDesign, Nsga2Design, Objective, TableDesign
from studies.definition.values import Text
from studies.problems import Problem, make_problem, nearest_name

MAX_OBJECTIVES = 4
MAX_LIMITS = 20
_OBJECTIVE = "Write an objective as a mapping: {metric: total_site_energy_kwh, goal: minimise}."


def read_design(raw: Any, problems: list[Problem]) -> DesignDraft:
    """Read the design of a study.

    Args:
        raw: What stands under `design`.
        problems: What is wrong is added here.
    """
    method = raw.get("method") if isinstance(raw, Mapping) else None
    if not isinstance(raw, Mapping) or not isinstance(method, str) or method not in DESIGNS:
        problems.append(_refuse_method(raw, method))
        return DesignDraft()
    part = DESIGNS[method]
    fields = read_fields(part, raw, "design", problems, apart={"rows", "objectives", "objective", "limits"})
    rows = read_rows(raw["rows"], "design.rows", problems) if part is TableDesign and "rows" in raw else ()
    if part not in (Nsga2Design, DifferentialEvolutionDesign):
        return DesignDraft(method, fields, rows)
    return DesignDraft(method, fields, rows, _read_objectives(raw, part, problems), _read_limits(raw, problems))


def read_rows(raw: Any, path: str, problems: list[Problem]) -> tuple[RowDraft, ...]:
    """Read the rows of a table, each a mapping of names to numbers or texts."""
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_ROWS:
        message = f"Write a list of 1 to {MAX_ROWS:,} rows, a mapping for each case."
        problems.append(make_problem(path, message, raw, f"1 to {MAX_ROWS:,} mappings"))
        return ()
    rows = []
    for i, entry in enumerate(raw):
        at = f"{path}[{i}]"
        if not isinstance(entry, Mapping):
            message = "Write a row as a mapping of parameter names to values."
            problems.append(make_problem(at, message, entry, "{parameter: value, …}"))
            continue
        cells = {str(column): read_value(cell, f"{at}.{column}", problems) for column, cell in entry.items()}
        present = {column: cell for column, cell in cells.items() if cell is not None}
        rows.append(RowDraft(at, frozenset(cells), present))
    return tuple(rows)


def _refuse_method(raw: Any, method: Any) -> Problem:
    accepted = list(DESIGNS)
    if isinstance(raw, str) and raw in DESIGNS:
        return make_problem("design", f"Write {{method: {raw}}}.", raw, f"{{method: {raw}}}")
    if not isinstance(raw, Mapping):
        return make_problem("design", "Write a design as a mapping with `method`.", raw, accepted)
    if method is None:
        return make_problem("design.method", "Write a `method`.", None, accepted)
    nearest = nearest_name(str(method), accepted)
    hint = f"Did you mean `{nearest}`?" if nearest else "Write one of the accepted methods."
    return make_problem("design.method", hint, method, accepted)


def _read_objectives(raw: Mapping[str, Any], part: type, problems: list[Problem]) -> dict[str, str]:
    """Read the metrics of the objectives, by their path."""
    if part is DifferentialEvolutionDesign:
        entries = {"design.objective": raw["objective"]} if "objective" in raw else {}
    else:
        listed = raw.get("objectives", [{}])
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_OBJECTIVES:
            message = f"Write a list of 1 to {MAX_OBJECTIVES} objectives."
            problems.append(make_problem("design.objectives", message, listed, "[{metric: …, goal: minimise}]"))
            return {}
        entries = {f"design.objectives[{i}]": entry for i, entry in enumerate(listed)} if "objectives" in raw else {}
    found = {path: read_part(Objective, entry, path, _OBJECTIVE, problems) for path, entry in entries.items()}
    return {f"{path}.metric": fields["metric"] for path, fields in found.items() if "metric" in fields}


def _read_limits(raw: Mapping[str, Any], problems: list[Problem]) -> dict[str, str]:
    if not raw.get("limits", True):
        return {}
    message = 'Write the limits as a list of comparisons: ["unmet_heating_hours <= 300"].'
    kind = TypeAdapter(Text)
    found = read_entries(raw.get("limits", ["x"]), "design.limits", kind, message, MAX_LIMITS, problems)
    return {f"design.limits[{i}]": text for i, text in found.items()} if "limits" in raw else {}
