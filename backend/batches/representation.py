"""Batches and cases as the API shows them: rows in, plain dictionaries out. Called by API and live events."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.urls import reverse

from batches.clean_up.ages import find_due_date
from batches.download import ResultTable, column_units
from batches.growth.rounds import describe_rounds
from batches.models import Batch, Case, Diagnosis, OutputAddition
from batches.plans import Plan, plan_of
from batches.queries import Counts, count_cases, count_cases_of, measure_pace
from batches.results import tables
from batches.results.metric_facts import describe_metric
from batches.scheduling.queue_position import find_position
from batches.states import AdditionState, BatchState, CaseState
from studies.designs.points import CasePoint

COUNTED_STATES = ("pending", "running", "succeeded", "failed", "cancelled")


def describe_links(batch: Batch) -> dict[str, str]:
    """Return the addresses of what belongs to a batch."""
    names = {"status": "batch", "events": "batch-events", "results": "batch-results", "cancel": "batch-cancel"}
    links = {f"{what}_url": reverse(name, kwargs={"batch_id": batch.pk}) for what, name in names.items()}
    return {**links, "cases_url": reverse("batch-cases", kwargs={"batch_id": batch.pk})}


def describe_receipt(batch: Batch) -> dict[str, Any]:
    """Return the answer to a submission."""
    return {
        "id": batch.pk,
        "task_id": batch.task_id,
        "name": batch.name,
        "state": batch.state,
        "case_count": batch.case_count,
        "baseline_count": batch.baseline_count,
        **describe_links(batch),
    }


def describe_progress(counts: Counts) -> dict[str, Any]:
    """Return finished cases over all cases; 100 % means all of them."""
    percent = 100 * counts.finished / counts.total if counts.total else 0.0
    return {"finished": counts.finished, "total": counts.total, "percent": int(percent * 10) / 10}


def describe_summaries(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """Return batches as they stand in a list, counted together."""
    counts = count_cases_of(batches)
    return [describe_summary(batch, counts[batch.pk]) for batch in batches if batch.pk in counts]


def describe_summary(batch: Batch, counts: Counts | None = None) -> dict[str, Any]:
    """Return a batch as it stands in a list; its cases are counted where that has not been done."""
    counts = count_cases(batch) if counts is None else counts
    pace = measure_pace(batch, counts)
    return {
        **describe_receipt(batch),
        "owner": batch.owner.get_username(),
        "created_at": batch.created_at,
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "counts": {state: getattr(counts, state) for state in COUNTED_STATES},
        "verdicts": {
            "valid": counts.succeeded - counts.suspect,
            "suspect": counts.suspect,
            "failed": counts.failed,
        },
        "cached": counts.cached,
        "progress": describe_progress(counts),
        **asdict(pace),
        "priority": batch.priority,
        "queue": describe_queue(batch, counts),
        "error": batch.failure or None,
        "keep": batch.keep,
        "outputs_removed_at": batch.outputs_removed_at,
        "outputs_due_at": find_due_date(batch) if counts.succeeded + counts.failed else None,
        "parameters": batch.parameters,
        "findings": batch.findings,
    }


def describe_queue(batch: Batch, counts: Counts) -> dict[str, Any] | None:
    """Return where a batch stands in the queue; None where it has begun."""
    position = find_position(batch) if counts.pending and not counts.running else None
    return asdict(position) if position else None


def describe_batch(batch: Batch) -> dict[str, Any]:
    """Return a batch with its study."""
    grown = [
        {"samples": more.get("samples"), "rows": len(more["rows"]) if "rows" in more else None}
        for more in batch.extensions
    ]
    return {**describe_summary(batch), "study": batch.study, "extensions": grown, "adaptive": describe_rounds(batch)}


def describe_cases(batch: Batch, cases: Sequence[Case], diagnoses: Mapping[int, Diagnosis]) -> list[dict[str, Any]]:
    """Return cases of a page, their parameters read together."""
    points = plan_of(batch).points.pick(case.index for case in cases)
    return [_describe_case(batch, case, points[case.index], diagnoses.get(case.index)) for case in cases]


def describe_case(batch: Batch, case: Case, diagnosis: Diagnosis | None) -> dict[str, Any]:
    """Return a case with its parameters, metrics, verdict and, where it is not valid, why."""
    return _describe_case(batch, case, plan_of(batch).points[case.index], diagnosis)


def _describe_case(batch: Batch, case: Case, point: CasePoint, diagnosis: Diagnosis | None) -> dict[str, Any]:
    return {
        "index": case.index,
        "state": tables.shown_state(batch, case),
        "verdict": case.verdict,
        "model": point.model or None,
        "weather": point.weather or None,
        "parameters": point.values,
        "metrics": case.metrics,
        "error": describe_error(case, diagnosis),
        "reasons": diagnosis.reasons if diagnosis else [],
        "cached": case.cached,
        "attempt": case.attempt,
        "started_at": case.started_at,
        "finished_at": case.finished_at,
        "duration_s": (case.finished_at - case.started_at).total_seconds()
        if case.started_at and case.finished_at
        else None,
    }


def describe_error(case: Case, diagnosis: Diagnosis | None) -> dict[str, str] | None:
    """Return why a case failed; None for any other."""
    if diagnosis is None or case.state != CaseState.FAILED:
        return None
    return {"kind": diagnosis.kind, "message": diagnosis.message}


def describe_columns(table: ResultTable) -> list[dict[str, Any]]:
    """Return the columns of a result table with label, unit and kind."""
    keys = tables.key_columns(table.plan)
    units = column_units(table.batch)
    return [describe_column(table.plan, name, keys, units) for name in table.schema.names]


def describe_column(plan: Plan, name: str, keys: list[str], units: dict[str, str | None]) -> dict[str, Any]:
    """Return one column with label, unit and kind."""
    if name in keys:
        return {"name": name, "label": name, "unit": None, "kind": "key"}
    if name in units:
        return {"name": name, "label": name, "unit": units[name], "kind": "parameter"}
    metric = describe_metric(plan, name)
    return {"name": name, "label": metric.label, "unit": metric.unit, "kind": "metric"}


TASK_STATES = {
    BatchState.QUEUED: "PENDING",
    BatchState.EXPANDING: "STARTED",
    BatchState.RUNNING: "PROGRESS",
    BatchState.AGGREGATING: "PROGRESS",
    BatchState.COMPLETED: "SUCCESS",
    BatchState.CANCELLED: "REVOKED",
    BatchState.FAILED: "FAILURE",
}


ADDITION_TASK_STATES = {
    AdditionState.PENDING: "PENDING",
    AdditionState.RUNNING: "PROGRESS",
    AdditionState.SUCCEEDED: "SUCCESS",
    AdditionState.FAILED: "FAILURE",
    AdditionState.CANCELLED: "REVOKED",
}


def describe_addition(addition: OutputAddition) -> dict[str, Any]:
    """Return outputs that are added to a batch."""
    names = ("task_id", "state", "outputs", "case_total", "cases_read", "lacking_count", "cases_lacking")
    return {
        **{name: getattr(addition, name) for name in names},
        "status_url": reverse("task-status", kwargs={"task_id": addition.task_id}),
        "error": addition.failure or None,
        "created_at": addition.created_at,
        "finished_at": addition.finished_at,
    }


def describe_addition_task(addition: OutputAddition) -> dict[str, Any]:
    """Return the adding of outputs as the background task that it is."""
    read, total = addition.cases_read, addition.case_total
    lacking = f", {addition.lacking_count} lack some of the outputs" if addition.lacking_count else ""
    return {
        "task_id": addition.task_id,
        "state": ADDITION_TASK_STATES[AdditionState(addition.state)],
        "current": read,
        "total": total,
        "percent": int(1000 * read / total) / 10 if total else 100.0,
        "message": addition.failure or f"{addition.state}: {read} of {total} cases read{lacking}",
    }


def describe_task(batch: Batch) -> dict[str, Any]:
    """Return a batch as the background task that it is."""
    progress = describe_progress(count_cases(batch))
    message = f"{batch.state}: {progress['finished']} of {progress['total']} cases finished"
    return {
        "task_id": batch.task_id,
        "state": TASK_STATES[BatchState(batch.state)],
        "current": progress["finished"],
        "total": progress["total"],
        "percent": progress["percent"],
        "message": batch.failure or message,
    }
