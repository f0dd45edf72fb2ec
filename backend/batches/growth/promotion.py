"""Points of one's own become cases of a batch: checked like the rows of a table study. Called by `extension_api`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batches.growth.pinned_library import PinnedLibrary
from batches.models import Batch
from batches.results.findings import Finding
from batches.shard_engines import StudyEngines
from studies.cases.effects import list_idle_parameters
from studies.checks.examination import ExaminedStudy, examine_study
from studies.definition import SPREADS, MoreRows, Study
from studies.designs.errors import DesignError
from studies.designs.formulas import Formulas
from studies.problems import InvalidStudy, Problem, make_problem

SPREAD_KEYS = frozenset({*SPREADS, "weights"})
TABLE_PATH = "design."


@dataclass(frozen=True)
class Promotion:
    """Checked rows, and what of a batch's findings still holds with them."""

    more: MoreRows
    findings: list[Finding]


def examine_rows(batch: Batch, rows: Any, max_cases: int) -> Promotion:
    """Check points that somebody wants to be run in a batch.

    They are examined as a table study with the batch's own models, weather files and parameters.

    Args:
        batch: whose study they are points of.
        rows: as they were sent.
        max_cases: most cases that a batch may have.

    Raises:
        InvalidStudy: with every problem, its path below the request (`rows[0].lighting`).
    """
    study = Study.model_validate(batch.study)
    document = make_table_study(batch.study, rows)
    try:
        engines = StudyEngines(batch.owner)
        examined = examine_study(document, PinnedLibrary(batch.inputs), max_cases=max_cases, engines=engines)
    except InvalidStudy as error:
        raise InvalidStudy([move_problem(problem) for problem in error.problems]) from error
    problems = [*refuse_texts(study, examined), *refuse_excluded(study, examined)]
    if problems:
        raise InvalidStudy(problems)
    return Promotion(MoreRows(rows=examined.study.design.rows), keep_findings(batch, examined))  # type: ignore[union-attr]


def make_table_study(study: Mapping[str, Any], rows: Any) -> dict[str, Any]:
    """Return a study, as plain data, whose design is a table of these rows, without what is no matter of a row."""
    parameters = [
        {key: value for key, value in parameter.items() if key not in SPREAD_KEYS}
        for parameter in study.get("parameters", ())
    ]
    kept = {key: value for key, value in study.items() if key not in ("linked", "constraints", "outputs")}
    return {**kept, "baseline": False, "parameters": parameters, "design": {"method": "table", "rows": rows}}


def move_problem(problem: Problem) -> Problem:
    """Return a problem of the table study as one of the rows that were sent."""
    path = problem.path.removeprefix(TABLE_PATH)
    return Problem(path, problem.message, problem.found, problem.accepted)


def refuse_texts(study: Study, examined: ExaminedStudy) -> Iterator[Problem]:
    """Yield a problem for each text where the batch's table has a column of numbers."""
    numeric = {parameter.name for parameter in study.parameters if study.is_numeric(parameter.name)}
    for position, row in enumerate(list_rows(examined)):
        for name in sorted(numeric & row.keys()):
            if isinstance(row[name], str):
                message = "Write a number: this parameter has numbers in the batch's other cases."
                yield make_problem(f"rows[{position}].{name}", message, row[name], "a number")


def refuse_excluded(study: Study, examined: ExaminedStudy) -> Iterator[Problem]:
    """Yield a problem for each row that does not keep to the constraints of the batch's study."""
    points = examined.points
    try:
        kept = Formulas(study).keep(points.columns(0, points.case_count)) if study.constraints else ()
    except DesignError as error:
        yield make_problem("rows", error.message, error.found, error.accepted)
        return
    for position, is_kept in enumerate(kept):
        if not is_kept:
            message = "Write a point that keeps to the constraints of the study."
            row = ", ".join(f"{name} = {value}" for name, value in list_rows(examined)[position].items())
            yield make_problem(f"rows[{position}]", message, row, list(study.constraints))


def list_rows(examined: ExaminedStudy) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a table study."""
    rows: Sequence[Mapping[str, Any]] = getattr(examined.study.design, "rows", ())
    return rows


def keep_findings(batch: Batch, examined: ExaminedStudy) -> list[Finding]:
    """Return a batch's findings without those that the rows belie: a parameter that changed nothing may do so now."""
    idle = set(list_idle_parameters(examined))
    return [found for found in batch.findings if found["kind"] != "no_change" or found["parameter"] in idle]
