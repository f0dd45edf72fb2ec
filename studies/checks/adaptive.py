"""Adaptive studies: what stands under `adaptive` in, its problems out; and the first round where none is designed."""

from collections.abc import Collection, Mapping
from typing import Any

from studies.checks.drafts import StudyDraft
from studies.checks.pieces import read_fields
from studies.definition import FEWEST_FIRST, Adaptive, ErrorTarget
from studies.problems import Problem, make_problem, nearest_names

SPACE_FILLING = ("sobol", "halton", "lhs")
ROWS_PER_INPUT = 2
MORE_ROWS = 10


def complete_design(document: dict[str, Any]) -> None:
    """Give an adaptive study the design of its first round where it has none.

    It has as many cases as a surrogate needs, and no fewer than a round. What is broken is left to the checks.
    """
    raw = document.get("adaptive")
    if not isinstance(raw, Mapping) or "design" in document:
        return
    batch, budget = raw.get("batch", 32), raw.get("budget")
    if type(batch) is int and type(budget) is int:
        samples = min(max(count_first_round(document), batch), budget)
        document["design"] = {"method": "sobol", "samples": max(samples, 1)}


def count_first_round(document: Mapping[str, Any]) -> int:
    """Return how many cases the first surrogate of a study needs."""
    parameters = document.get("parameters")
    varied = [raw for raw in parameters if isinstance(raw, Mapping)] if isinstance(parameters, list) else []
    inputs = sum("derived" not in raw for raw in varied) + len({"model", "weather"} & document.keys())
    return max(FEWEST_FIRST, ROWS_PER_INPUT * inputs + MORE_ROWS)


def check_adaptive(
    document: Mapping[str, Any], draft: StudyDraft, metrics: Collection[str], problems: list[Problem]
) -> None:
    """Check what an adaptive study is asked to do.

    Args:
        document: The study as plain data.
        draft: What of it is well formed.
        metrics: Names of the metrics that every case reports.
        problems: What is wrong is added here.
    """
    if "adaptive" not in document:
        return
    raw = document["adaptive"]
    if not isinstance(raw, Mapping):
        message = "Write a mapping with `budget` and `target`."
        problems.append(make_problem("adaptive", message, raw, ["budget", "target", "batch"]))
        return
    if draft.surrogate is not None:
        message = "Leave `adaptive` out: nothing is simulated, so that nothing can be learnt."
        problems.append(make_problem("adaptive", message, dict(raw), "no `adaptive`"))
    fields = read_fields(Adaptive, raw, "adaptive", problems, apart={"target"})
    target = raw.get("target")
    if isinstance(target, Mapping):
        metric = read_fields(ErrorTarget, target, "adaptive.target", problems).get("metric")
        if metric is not None and metric not in metrics:
            message = f"Cases report no metric '{metric}'; write one that they do."
            accepted = nearest_names(metric, metrics) or "a metric of the result table"
            problems.append(make_problem("adaptive.target.metric", message, metric, accepted))
    elif target is not None:
        message = "Write a mapping with `metric` and `cvrmse`."
        problems.append(make_problem("adaptive.target", message, target, ["metric", "cvrmse"]))
    _check_first_round(document, draft, fields.get("budget"), problems)


def _check_first_round(
    document: Mapping[str, Any], draft: StudyDraft, budget: int | None, problems: list[Problem]
) -> None:
    if draft.method not in (None, *SPACE_FILLING):
        message = "Take a design that fills space, or leave it out: it is that of the first round."
        problems.append(make_problem("design.method", message, draft.method, list(SPACE_FILLING)))
        return
    samples, needed = draft.design.fields.get("samples"), count_first_round(document)
    if samples is not None and samples < needed and (budget is None or budget >= needed):
        message = f"Begin with {needed} cases: a surrogate of so many inputs needs them."
        problems.append(make_problem("design.samples", message, samples, f"{needed:,} or more"))
    if budget is not None and budget < max(needed, samples or 0):
        message = "Allow more cases: the first round alone has as many."
        problems.append(make_problem("adaptive.budget", message, budget, f"{max(needed, samples or 0):,} or more"))
