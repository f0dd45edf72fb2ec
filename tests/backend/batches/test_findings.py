"""What the cases of a batch show together: outliers become suspect, parameters without effect are told."""

from collections.abc import Callable
from typing import Any

import pytest

from batches import aggregation
from batches.cases.attempts import Final, claim_case, finish_case
from batches.dispatch import claim_shards
from batches.download import open_results
from batches.expansion import expand_batch
from batches.models import Batch, Case, Diagnosis
from batches.queries import count_cases
from batches.results import findings
from batches.states import CaseState, Verdict
from studies.definition import Study
from studies.designs.points import Points

Measure = Callable[[int, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def run_batch(make_batch: Callable[..., Batch]) -> Callable[..., Batch]:
    """Runs a grid of two parameters under one weather file, with metrics that a function of index and values makes."""

    def run(measure: Measure, *, failed: tuple[int, ...] = (), note: dict[int, str] | None = None) -> Batch:
        batch = make_batch()
        parameter = batch.study["parameters"][0]
        study = {**batch.study, "weather": "chicago", "baseline": True}
        study["parameters"] = [
            {**parameter, "name": "live", "values": [float(n) for n in range(12)]},
            {**parameter, "name": "dead", "values": [float(n) for n in range(2)]},
        ]
        points = Points(Study.model_validate(study))
        batch.study, batch.case_count, batch.baseline_count = study, points.case_count, points.baseline_count
        batch.shard_size, batch.design_digest = 61, points.digest
        batch.save()
        expand_batch(batch.pk)
        while shards := claim_shards():
            for shard in shards:
                for index in shard.indices:
                    why = Diagnosis(kind="valid", reasons=[note[index]]) if note and index in note else None
                    finish(batch, index, measure(index, points[index].values), has_failed=index in failed, why=why)
                assert aggregation.aggregate_shard(batch.pk, shard.number, shard.epoch)
        assert aggregation.begin_finish(batch.pk)
        aggregation.finish_batch(batch.pk)
        batch.refresh_from_db()
        return batch

    return run


def finish(
    batch: Batch, index: int, metrics: dict[str, Any], *, has_failed: bool, why: Diagnosis | None = None
) -> None:
    attempt = claim_case(batch.pk, index, 1)
    assert attempt
    state, verdict = (CaseState.FAILED, Verdict.FAILED) if has_failed else (CaseState.SUCCEEDED, Verdict.VALID)
    assert finish_case(attempt, Final(state, verdict, metrics, why=why))


def measure_live(index: int, values: dict[str, Any]) -> dict[str, Any]:
    """Metrics that follow `live` alone, but for those of the run itself."""
    eui = 100.0 + values.get("live", 0.0)
    return {"site_eui_kwh_m2": eui, "electricity_kwh": 3 * eui, "simulation_s": float(index), "warnings": index}


def test_a_parameter_without_effect_is_told(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(measure_live)
    assert [(found["kind"], found["parameter"]) for found in batch.findings] == [("no_effect", "dead")]
    assert "'dead' had no effect" in batch.findings[0]["message"]


def test_failed_cases_and_baselines_say_nothing_of_effects(run_batch: Callable[..., Batch]) -> None:
    def measure(index: int, values: dict[str, Any]) -> dict[str, Any]:
        return {**measure_live(index, values), "electricity_kwh": -1.0 if index in (-1, 7) else 1.0}

    batch = run_batch(measure, failed=(7,))
    assert [found["parameter"] for found in batch.findings] == ["dead"]


def test_what_changes_nothing_is_told_once_and_closing_again_adds_nothing(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(measure_live)
    known = [findings.no_change("dead", "It changes nothing.")]
    assert findings.merge_findings(known, batch.findings) == known
    assert findings.merge_findings(batch.findings, batch.findings) == batch.findings


def test_beyond_the_limit_it_says_that_nobody_looked(
    run_batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "MOST_CASES", 23)
    batch = run_batch(measure_live)
    assert [(found["kind"], found["parameter"]) for found in batch.findings] == [("not_examined", None)]


def test_an_outlier_becomes_suspect_with_its_numbers(run_batch: Callable[..., Batch]) -> None:
    def measure(index: int, values: dict[str, Any]) -> dict[str, Any]:
        return {**measure_live(index, values), **({"site_eui_kwh_m2": 2000.0} if index == 8 else {})}

    batch = run_batch(measure)
    assert list(Case.objects.filter(batch_id=batch.pk, verdict="suspect").values_list("index", flat=True)) == [8]
    (diagnosis,) = Diagnosis.objects.filter(batch_id=batch.pk)
    assert (diagnosis.index, diagnosis.kind) == (8, "outlier")
    assert "site EUI of 2000 kWh/m2 is 19 times the median of 105.5" in diagnosis.reasons[0]
    assert "24 cases with model warehouse and weather chicago" in diagnosis.reasons[0]
    rows = [row for part in open_results(batch).parts() for row in part.to_pylist()]
    assert [row["case"] for row in rows if row["verdict"] == "suspect"] == [8]
    counts = count_cases(batch)
    assert (counts.suspect, counts.succeeded, counts.total) == (1, 25, 25)


def test_what_else_is_known_of_an_outlier_stays(run_batch: Callable[..., Batch]) -> None:
    note = "the model reports no meter X"
    batch = run_batch(lambda index, _: {"site_eui_kwh_m2": 2000.0 if index == 8 else 100.0 + index}, note={8: note})
    (diagnosis,) = Diagnosis.objects.filter(batch_id=batch.pk)
    assert diagnosis.kind == "outlier"
    assert [reason[:10] for reason in diagnosis.reasons] == ["an outlier", note[:10]]


def test_looking_for_outliers_again_doubts_nothing_twice(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(lambda index, values: {"site_eui_kwh_m2": 2000.0 if index == 8 else 100.0 + index})
    (shard,) = batch.shards.all()
    plan = open_results(batch).plan
    assert shard.suspect == 1
    assert findings.doubt_outliers(plan, shard) == 0
    assert Diagnosis.objects.filter(batch_id=batch.pk).count() == 1


def test_a_baseline_far_from_its_variants_is_no_outlier(run_batch: Callable[..., Batch]) -> None:
    batch = run_batch(lambda index, values: {"site_eui_kwh_m2": 2000.0 if index < 0 else 100.0 + index})
    assert not Diagnosis.objects.filter(batch_id=batch.pk).exists()
