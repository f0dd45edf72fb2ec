"""What the cases of a batch show together: outliers of a shard, parameters without effect. Called by `aggregation`.

A finding stands on the batch as {"kind", "parameter", "message"}; an outlier makes its case suspect.
"""

from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models.fields.json import KeyTextTransform

from batches import storage
from batches.models import Batch, Case, Diagnosis, Shard
from batches.plans import Plan
from batches.results import tables
from batches.results.effects import EffectExamination
from batches.states import CaseState, ShardState, Verdict
from energyplus.results.metrics import RUN_METRICS
from energyplus.results.outliers import MOST_SCORE, Outlier, find_outliers

WATCHED_METRIC = "site_eui_kwh_m2"
OUTLIER = "outlier"
MOST_CASES = 100_000
MOST_VALUES = 10_000_000  # cases times parameters, 8 bytes each


class Finding(TypedDict):
    """Something to know of a batch as a whole; `parameter` is None where it is not about one."""

    kind: str  # no_change, no_effect, not_examined
    parameter: str | None
    message: str


def doubt_outliers(plan: Plan, shard: Shard) -> int:
    """Make valid cases suspect whose site EUI is far from that of the shard's other cases of their model and weather.

    Call it under the shard's lock. Writes cases and diagnoses; does nothing to a case that is suspect for another
    reason. May be repeated: doubts from before are taken back first, for a shard that has grown has other medians.

    Returns:
        How many cases more are suspect than before; the shard's counter is the caller's.
    """
    taken_back = take_back_doubts(shard)
    doubts = dict(find_doubtful(plan, shard))
    cases = {"batch_id": shard.batch_id, "index__in": list(doubts)}
    # A valid case may have a diagnosis of what else is to be known of it: its reasons stay.
    known = dict(Diagnosis.objects.filter(**cases).values_list("index", "reasons"))
    Diagnosis.objects.filter(**cases).delete()
    Diagnosis.objects.bulk_create(
        Diagnosis(
            batch_id=shard.batch_id,
            index=index,
            kind=OUTLIER,
            message="; ".join([reason, *known.get(index, [])]),
            reasons=[reason, *known.get(index, [])],
        )
        for index, reason in doubts.items()
    )
    Case.objects.filter(**cases).update(verdict=Verdict.SUSPECT)
    return len(doubts) - taken_back


def take_back_doubts(shard: Shard) -> int:
    """Make the cases of a shard valid again that were outliers among fewer; return how many they are."""
    doubted = Diagnosis.objects.filter(batch_id=shard.batch_id, index__in=shard.indices, kind=OUTLIER)
    reasons = {index: others for index, (_, *others) in doubted.values_list("index", "reasons")}
    if not reasons:
        return 0
    doubted.delete()
    Diagnosis.objects.bulk_create(
        Diagnosis(batch_id=shard.batch_id, index=index, kind=Verdict.VALID, message="; ".join(others), reasons=others)
        for index, others in reasons.items()
        if others
    )
    Case.objects.filter(batch_id=shard.batch_id, index__in=list(reasons)).update(verdict=Verdict.VALID)
    return len(reasons)


def find_doubtful(plan: Plan, shard: Shard) -> Iterator[tuple[int, str]]:
    """Yield index and reason of each valid case that is an outlier; every succeeded case counts for its group."""
    succeeded = Case.objects.filter(batch_id=shard.batch_id, index__in=shard.indices, state=CaseState.SUCCEEDED)
    watched = succeeded.annotate(watched=KeyTextTransform(WATCHED_METRIC, "metrics")).order_by("index")
    groups: dict[tuple[str | None, str | None], list[tuple[int, bool, float]]] = {}
    for index, verdict, value in watched.values_list("index", "verdict", "watched").iterator():
        point = plan.points[index]
        if not point.is_baseline and value is not None:
            cases = groups.setdefault((point.model, point.weather), [])
            cases.append((index, verdict == Verdict.VALID, float(value)))
    for (model, weather), cases in groups.items():
        for outlier in find_outliers(np.array([value for _, _, value in cases])):
            index, is_valid, _ = cases[outlier.position]
            if is_valid:
                yield index, describe_outlier(outlier, model, weather)


def describe_outlier(outlier: Outlier, model: str | None, weather: str | None) -> str:
    """Return why a case is suspect, with the numbers."""
    ratio = outlier.value / outlier.median
    place = " and ".join(f"{what} {name}" for what, name in (("model", model), ("weather", weather)) if name)
    return (
        f"an outlier: its site EUI of {outlier.value:.4g} kWh/m2 is {ratio:.3g} times the median of"
        f" {outlier.median:.4g} of {outlier.group_size} cases{f' with {place}' if place else ''}"
        f" (modified z-score {outlier.score:.3g}, limit {MOST_SCORE:g})"
    )


def find_effects(batch: Batch, plan: Plan) -> list[Finding]:
    """Look for parameters whose values made no difference to any output, in the written parts of the result table.

    Reads the columns it needs, one part at a time; the runs' own metrics (time, warnings) are no outputs.
    """
    parameters = [parameter.name for parameter in plan.study.parameters]
    if not parameters:
        return []
    if batch.case_count > MOST_CASES or batch.case_count * len(parameters) > MOST_VALUES:
        return [not_examined(batch.case_count, len(parameters))]
    shards = batch.shards.filter(state=ShardState.FINISHED).order_by("number")
    outputs = sorted(set(batch.metric_names) - set(RUN_METRICS))
    places = [name for name in tables.key_columns(plan) if name in ("weather", "model")]
    schema = tables.table_schema(plan, outputs)
    examination = EffectExamination(places, parameters, outputs)
    for number in shards.values_list("number", flat=True):
        part = tables.read_part(storage.part_path(batch.pk, number), schema)
        examination.add(part.filter(_is_result(part)))
    return [no_effect(name) for name in examination.find_without_effect()]


def _is_result(part: pa.Table) -> pa.ChunkedArray:
    return pc.and_(pc.greater_equal(part["case"], 0), pc.equal(part["state"], CaseState.SUCCEEDED.value))


def no_change(parameter: str, message: str) -> Finding:
    """Return the finding that a parameter changes no field of any model."""
    return Finding(kind="no_change", parameter=parameter, message=message)


def no_effect(parameter: str) -> Finding:
    """Return the finding that a parameter made no difference."""
    message = (
        f"The parameter '{parameter}' had no effect: cases that differ in it have identical results."
        " Check that what it changes is used in the model."
    )
    return Finding(kind="no_effect", parameter=parameter, message=message)


def not_examined(case_count: int, parameter_count: int) -> Finding:
    """Return the finding that nobody looked for parameters without effect."""
    message = (
        f"It was not examined whether every parameter has an effect: {case_count:,} cases of {parameter_count}"
        f" parameters are too many; up to {MOST_CASES:,} cases and {MOST_VALUES:,} values are looked at."
    )
    return Finding(kind="not_examined", parameter=None, message=message)


def merge_findings(known: list[Finding], found: list[Finding]) -> list[Finding]:
    """Return known and new findings together; a parameter that changes nothing need not be told to have no effect.

    Findings of the same kinds as the new ones are replaced, so that closing a batch twice tells nothing twice.
    """
    kept = [finding for finding in known if finding["kind"] == "no_change"]
    told = {finding["parameter"] for finding in kept}
    return [*kept, *(finding for finding in found if finding["parameter"] is None or finding["parameter"] not in told)]
