"""Predicted against simulated: what a verification remembers and what its cases report, set side by side.

Enters: a verification's row. Leaves: errors point by point, and how often the intervals held. Called by
`verification_api`.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from batches.models import Case
from batches.states import CaseState, Verdict
from surrogates.models import Verification


def compare_points(verification: Verification) -> list[dict[str, Any]]:
    """Return each point of a verification with its case's state, and its metrics predicted, simulated and compared."""
    cases = {case.index: case for case in Case.objects.filter(batch_id=verification.batch_id, index__gte=0)}
    return [compare_point(place, point, cases.get(place)) for place, point in enumerate(verification.points)]


def compare_point(place: int, point: Mapping[str, Any], case: Case | None) -> dict[str, Any]:
    """Return one point; `case` is None before the batch's rows are written."""
    simulated = (case.metrics or {}) if case is not None and case.state == CaseState.SUCCEEDED else {}
    return {
        "case": place,
        "state": CaseState.PENDING.value if case is None else case.state,
        "verdict": None if case is None else case.verdict,
        "inputs": point["inputs"],
        "inside": point["inside"],
        "metrics": {
            name: compare_metric(predicted, simulated.get(name)) for name, predicted in point["predicted"].items()
        },
    }


def compare_metric(predicted: Mapping[str, float], simulated: float | None) -> dict[str, Any]:
    """Return a metric of a point: predicted, simulated, the error in its unit, and whether the interval held."""
    if simulated is None:
        return {**predicted, "simulated": None, "error": None, "within": None}
    return {
        **predicted,
        "simulated": simulated,
        "error": predicted["mean"] - simulated,
        "within": predicted["low"] <= simulated <= predicted["high"],
    }


def summarise(verification: Verification, points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how often intervals held, over all metrics and by metric, against the level that they promise.

    Points outside of the domain, of which nothing is promised, and suspect cases are counted apart.
    """
    told = list(points)
    valid = [point for point in told if point["verdict"] == Verdict.VALID]
    inside = [point for point in valid if point["inside"]]
    by_metric = {name: summarise_metric(name, inside) for name in (told[0]["metrics"] if told else ())}
    compared = sum(found["compared"] for found in by_metric.values())
    within = sum(found["within"] for found in by_metric.values())
    return {
        "promised": verification.level,
        "rate": within / compared if compared else None,
        "within": within,
        "compared": compared,
        "points": len(told),
        "points_compared": len(inside),
        "points_outside": sum(not point["inside"] for point in valid),
        "points_suspect": sum(point["verdict"] == Verdict.SUSPECT for point in told),
        "points_failed": sum(point["state"] in (CaseState.FAILED, CaseState.CANCELLED) for point in told),
        "metrics": by_metric,
    }


def summarise_metric(name: str, points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how a metric was met: how often within, its mean error and root mean square error in its unit."""
    found = [point["metrics"][name] for point in points if point["metrics"][name]["within"] is not None]
    errors = [entry["error"] for entry in found]
    within = sum(entry["within"] for entry in found)
    return {
        "compared": len(found),
        "within": within,
        "rate": within / len(found) if found else None,
        "mean_error": sum(errors) / len(errors) if errors else None,
        "rmse": math.sqrt(sum(error**2 for error in errors) / len(errors)) if errors else None,
    }
