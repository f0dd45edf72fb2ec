"""The first cases of a study as a small study of their own, to see what a run takes. Called by `preview_api`.

They are cases of the study: once the pilot has run they are known, and the study itself does not run them again.
"""

from typing import Any

from studies.checks.examination import ExaminedStudy
from studies.definition import Parameter
from studies.designs.points import CasePoint
from studies.problems import InvalidStudy, make_problem

MOST_CASES = 50
USUAL_CASES = 3
LONGEST_NAME = 200
PLAIN_KEYS = ("name", "label", "target", "measure", "arguments", "change", "unit")


def make_pilot(examined: ExaminedStudy, cases: int) -> dict[str, Any]:
    """Return a table study of a study's first cases.

    A design that varies a few parameters in each case has the first of those that vary the same ones: the rows of a
    table have a value for each parameter.

    Args:
        examined: the study.
        cases: how many, at most; a study that has fewer is run as a whole.

    Raises:
        InvalidStudy: it has no cases before it runs.
    """
    points = list_alike(examined, cases)
    if not points:
        message = "A search chooses its cases as it goes: try it with a `random` design of a few samples."
        raise InvalidStudy([make_problem("design", message, examined.study.design.method, ["random", "lhs", "sobol"])])
    study = examined.study.model_dump(mode="json")
    varied = [parameter for parameter in examined.study.parameters if parameter.name in points[0].values]
    return {
        **{key: value for key, value in study.items() if key not in ("linked", "constraints")},
        "name": f"Pilot: {study['name']}"[:LONGEST_NAME],
        "baseline": False,
        "parameters": [make_plain(parameter) for parameter in varied],
        "design": {"method": "table", "rows": [make_row(point) for point in points]},
    }


def list_alike(examined: ExaminedStudy, cases: int) -> list[CasePoint]:
    """Return the first cases of a design that vary the same parameters as the very first."""
    points = examined.points
    found: list[CasePoint] = []
    for index in range(points.case_count):
        point = points[index]
        if not found or point.values.keys() == found[0].values.keys():
            found.append(point)
        if len(found) >= cases:
            break
    return found


def make_plain(parameter: Parameter) -> dict[str, Any]:
    """Return a parameter whose values stand in rows, whatever it varies over."""
    written = parameter.model_dump(mode="json")
    return {key: written[key] for key in PLAIN_KEYS if key in written}


def make_row(point: CasePoint) -> dict[str, Any]:
    """Return a case as the row of a table."""
    places = {"model": point.model, "weather": point.weather}
    return {**{key: ref for key, ref in places.items() if ref}, **point.values}
