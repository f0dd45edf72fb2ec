"""How many cases a design has, counted without making any; too many are refused, and designs without a dimension."""

import math

from studies.checks.drafts import ParameterDraft, StudyDraft
from studies.checks.links import count_levels, group_dimensions
from studies.designs.maximin import MAX_MAXIMIN_SAMPLES
from studies.designs.segments import MAX_CONSTRAINED
from studies.problems import Problem, make_problem

SAMPLED = ("lhs", "sobol", "halton", "random")
OPTIMISERS = ("nsga2", "differential_evolution")
CROSSED = ("morris", "saltelli", "one_at_a_time")
"""Designs that are run in full for each model and weather; in the others these are dimensions themselves."""


def check_size(draft: StudyDraft, max_cases: int, baseline_count: int, problems: list[Problem]) -> None:
    """Refuse a design with too many cases, or one in which nothing varies.

    Args:
        draft: The study.
        max_cases: Most cases accepted, baselines included.
        baseline_count: Number of baselines.
        problems: What is wrong is added here.
    """
    _refuse_idle_design(draft, problems)
    _check_design_numbers(draft, problems)
    case_count = count_cases(draft, has_baseline=baseline_count > 0)
    # what constraints leave is counted later; so many candidates can be looked at
    most = max(max_cases, MAX_CONSTRAINED) if draft.constraints else max_cases
    if case_count + baseline_count > most:
        message = "Run fewer cases: take fewer values, or sample with {method: sobol, samples: …}."
        if draft.design.is_optimiser:
            message = "Run fewer cases: a smaller population or fewer generations."
        elif draft.method != "grid":
            message = "Run fewer cases."
        found = f"{case_count + baseline_count:,} cases" if case_count < 10**18 else "more than 10^18 cases"
        problems.append(make_problem(_size_path(draft), message, found, f"at most {most:,} cases"))


def count_cases(draft: StudyDraft, *, has_baseline: bool = False) -> int:
    """Return how many cases the design has before constraints, as far as it is well formed.

    Linked parameters are one dimension. A grid and sampled designs have several models or weathers as one dimension
    more each; the designs for elementary effects and indices are run in full for each model and weather. One at a time
    brings the unmodified models themselves, unless they are baselines.
    """
    fields, dimensions = draft.design.fields, group_dimensions(draft)
    sites = max(len(draft.models), 1) * max(len(draft.weathers), 1)
    levels = [_count_levels(dimension, draft) for dimension in dimensions]
    width = 2 * len(dimensions) + 2 if fields.get("second_order") else len(dimensions) + 2
    generation = int(fields.get("population", 0))
    counts = {
        "grid": sites * math.prod(levels),
        "morris": sites * int(fields.get("trajectories") or 0) * (len(dimensions) + 1),
        "saltelli": sites * int(fields.get("samples") or 0) * width,
        "one_at_a_time": sites * (sum(levels) + (not has_baseline)),
        "table": len(draft.rows),
        **dict.fromkeys(SAMPLED, int(fields.get("samples") or 0)),
        **dict.fromkeys(OPTIMISERS, generation * int(fields.get("generations", 0))),
    }
    return counts.get(draft.method or "", 0)


def _count_levels(dimension: list[ParameterDraft], draft: StudyDraft) -> int:
    return next((count for parameter in dimension if (count := count_levels(parameter, draft))), 1)


def _size_path(draft: StudyDraft) -> str:
    keys = {"table": "rows", "morris": "trajectories", "grid": "", "one_at_a_time": ""}
    key = "generations" if draft.design.is_optimiser else keys.get(draft.method or "", "samples")
    return f"design.{key}" if key else "design"


def _refuse_idle_design(draft: StudyDraft, problems: list[Problem]) -> None:
    several = len(draft.models) > 1 or len(draft.weathers) > 1
    dimensions = group_dimensions(draft)
    if draft.method in SAMPLED and not dimensions and not several:
        message = "Add a parameter, a model or a weather: nothing varies that could be sampled."
        problems.append(make_problem("design", message, draft.method, ["grid"]))
    elif draft.method in CROSSED and not dimensions:
        message = f"Add a parameter: the design `{draft.method}` is about what each of them does."
        problems.append(make_problem("design", message, draft.method, ["grid"]))


def _check_design_numbers(draft: StudyDraft, problems: list[Problem]) -> None:
    """Refuse numbers that a design cannot be made with."""
    samples, levels = draft.design.fields.get("samples"), draft.design.fields.get("levels")
    if draft.method == "saltelli" and samples is not None and samples & (samples - 1):
        message = "Write a power of two: Sobol' points are even only in such numbers."
        power = 1 << (samples.bit_length() - 1)
        problems.append(make_problem("design.samples", message, samples, [str(power), str(2 * power)]))
    if draft.design.fields.get("optimise") == "maximin" and (samples or 0) > MAX_MAXIMIN_SAMPLES:
        message = "Take fewer samples, or leave `optimise` out: the distances of so many are not compared."
        problems.append(
            make_problem("design.samples", message, samples, f"at most {MAX_MAXIMIN_SAMPLES:,} with maximin")
        )
    if draft.method == "morris" and levels is not None and levels % 2:
        message = "Write an even number of levels: half of them are one step."
        problems.append(make_problem("design.levels", message, levels, [str(levels - 1), str(levels + 1)]))
