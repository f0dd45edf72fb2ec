"""`GET /api/batches/{id}/sensitivity/`: the columns it reads, and what it answers, refuses and leaves out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches import storage
from batches.models import Batch, Case, Shard
from batches.plans import plan_of
from batches.results import tables
from batches.states import BatchState, CaseState, ShardState, Verdict
from studies.definition import MoreRows, Study
from studies.designs.points import Points
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.sample import make_sample
from tests.studies.sensitivity_samples import succeed

LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
EQUIPMENT = {"class": "ElectricEquipment", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Sensitivity",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "parameters": [
        {"name": "lighting", "target": LIGHTS, "uniform": [5, 10]},
        {"name": "equipment", "target": EQUIPMENT, "uniform": [2, 4]},
    ],
    "design": {"method": "random", "samples": 40, "seed": 1},
}
SHARD = 16
METRIC = "electricity_kwh"


def compute(point: Any) -> float:
    """Return the metric of a case."""
    found: float = 3 * point.values["lighting"] + point.values["equipment"] ** 2 + 0.1 * (point.weather == "miami")
    return found


@pytest.fixture
def record(user: User) -> Callable[..., Batch]:
    """Record a batch with its cases: the first shards finished, with their parts, the others open."""

    def make(study: dict[str, Any], finished: int = 0, spoilt: dict[int, dict[str, Any]] | None = None) -> Batch:
        read = Study.model_validate(study)
        points = Points(read)
        file = {"id": "1", "sha256": "0" * 64, "name": "file"}
        batch = Batch.objects.create(
            owner=user, name=read.name, study=read.model_dump(mode="json"), state=BatchState.RUNNING,
            inputs={"models": {"warehouse": file}, "weathers": {ref: {**file, "facts": {}} for ref in read.weathers}},
            parameters=[{"name": parameter.name, "unit": "W/m2"} for parameter in read.parameters],
            design_digest=points.digest, case_count=points.case_count, baseline_count=points.baseline_count,
            shard_size=SHARD,
        )  # fmt: skip
        fill(batch, points, spoilt or {})
        for shard in batch.shards.order_by("number")[:finished]:
            finish(batch, shard)
        return batch

    return make


def fill(batch: Batch, points: Points, spoilt: dict[int, dict[str, Any]]) -> None:
    """Write shards and cases, all succeeded but the spoilt ones."""
    indices = range(-points.baseline_count, points.case_count)
    for number, start in enumerate(indices[::SHARD]):
        size = min(SHARD, indices.stop - start)
        Shard.objects.create(batch=batch, number=number, first_index=start, size=size, state=ShardState.DISPATCHED)
    done = {"state": CaseState.SUCCEEDED, "verdict": Verdict.VALID}
    cases = []
    for index in indices:
        metrics = {METRIC: 1e9 if index < 0 else compute(points[index]), "heating_kwh": 5.0}
        cases.append(Case(batch=batch, index=index, **{**done, "metrics": metrics, **spoilt.get(index, {})}))
    Case.objects.bulk_create(cases)


def finish(batch: Batch, shard: Shard) -> None:
    """Write a shard's part of the table, as its end would."""
    schema = tables.table_schema(plan_of(batch), [METRIC, "heating_kwh"])
    part = tables.read_cases(plan_of(batch), shard, schema)
    tables.write_part(storage.part_path(batch.pk, shard.number), part)
    Shard.objects.filter(batch_id=batch.pk, number=shard.number).update(
        state=ShardState.FINISHED, metric_names=[METRIC, "heating_kwh"]
    )
    Case.objects.filter(batch_id=batch.pk, index__in=shard.indices).update(metrics=None)


def ask(api: APIClient, batch: Batch, **query: str) -> Any:
    return api.get(f"/api/batches/{batch.pk}/sensitivity/", {"metric": METRIC, **query})


def names(answer: dict[str, Any]) -> Sequence[str]:
    return [factor["name"] for factor in answer["factors"]]


def test_finished_shards_and_open_ones_give_the_pure_analysis_of_their_values(
    record: Callable[..., Batch], api: APIClient
) -> None:
    answer = ask(api, record(STUDY, finished=2)).json()
    study = Study.model_validate(STUDY)
    points = Points(study)
    values = np.array([compute(points[index]) for index in range(points.case_count)])
    expected = analyse(make_sample(study, succeed(values)), Wish(METRIC))
    assert (answer["method"], answer["cases_used"], answer["cases_left_out"]) == ("regression", 40, 0)
    assert names(answer) == [found.factor.name for found in expected.factors] == ["lighting", "equipment", "weather"]
    for shown, found in zip(answer["factors"], expected.factors, strict=True):
        assert shown["values"] == pytest.approx(found.values, abs=1e-12)
        assert shown["conf"] == pytest.approx(found.confidence, abs=1e-12)
    assert answer["fit"] == pytest.approx(dict(expected.fit), abs=1e-12)


def test_the_answer_says_what_its_numbers_are(record: Callable[..., Batch], api: APIClient) -> None:
    answer = ask(api, record(STUDY), method="pawn", suspect="keep")
    assert answer.status_code == 400  # 40 cases: PAWN needs 50
    answer = ask(api, record({**STUDY, "design": {"method": "morris", "trajectories": 6}}), weather="miami").json()
    assert (answer["metric"], answer["label"], answer["unit"]) == (METRIC, "Electricity", "kWh")
    assert (answer["weather"], answer["model"]) == ("miami", "warehouse")
    units = {index["name"]: index["unit"] for index in answer["indices"]}
    assert units == {"mu_star": "kWh", "mu": "kWh", "sigma": "kWh"}
    assert answer["sorted_by"] == "mu_star"
    assert answer["factors"][0] == {
        "name": "lighting",
        "label": "Lighting",
        "parameters": ["lighting"],
        "values": pytest.approx({"mu_star": 15, "mu": 15, "sigma": 0}),
        "conf": {"mu_star": pytest.approx(0, abs=1e-9)},
    }


def test_one_weather_may_be_chosen(record: Callable[..., Batch], api: APIClient) -> None:
    batch = record(STUDY)
    answer = ask(api, batch, weather="chicago").json()
    assert answer["weather"] == "chicago"
    assert names(answer) == ["lighting", "equipment"]
    refused = ask(api, batch, weather="oslo")
    assert refused.status_code == 400
    (entry,) = refused.json()["errors"]
    assert (entry["path"], entry["found"], entry["accepted"]) == ("weather", "oslo", ["chicago", "miami"])


def test_what_did_not_succeed_is_counted_and_left_out(record: Callable[..., Batch], api: APIClient) -> None:
    spoilt = {
        0: {"state": CaseState.FAILED, "verdict": Verdict.FAILED, "metrics": None},
        5: {"state": CaseState.CANCELLED, "verdict": None, "metrics": None},
        20: {"verdict": Verdict.SUSPECT},
        39: {"state": CaseState.RUNNING, "verdict": None, "metrics": None},
    }
    batch = record(STUDY, finished=1, spoilt=spoilt)
    answer = ask(api, batch).json()
    assert (answer["cases_used"], answer["cases_left_out"], answer["is_complete"]) == (36, 4, False)
    assert answer["reasons"] == [
        "1 case has not finished",
        "1 case failed",
        "1 case was cancelled",
        "1 case is suspect",
    ]
    assert answer["notes"][0] == "So far: 1 of 40 cases have not finished."
    assert ask(api, batch, suspect="keep").json()["cases_used"] == 37


def test_a_metric_that_does_not_exist_is_refused_with_the_nearest(record: Callable[..., Batch], api: APIClient) -> None:
    batch = record(STUDY)
    refused = ask(api, batch, metric="electricity")
    assert refused.status_code == 400
    (entry,) = refused.json()["errors"]
    assert (entry["path"], entry["found"]) == ("metric", "electricity")
    assert METRIC in entry["accepted"]
    assert ask(api, batch, metric="").json()["errors"][0]["message"] == "Write a metric of the result table."


def test_a_metric_that_no_part_has_is_refused(record: Callable[..., Batch], api: APIClient) -> None:
    refused = ask(api, record(STUDY, finished=3), metric="natural_gas_kwh")
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("40 of 40 cases have no natural_gas_kwh.")


def test_a_metric_that_is_the_same_everywhere_is_refused(record: Callable[..., Batch], api: APIClient) -> None:
    refused = ask(api, record(STUDY), metric="heating_kwh")
    assert refused.status_code == 400
    assert "there is nothing to explain" in refused.json()["detail"]


def test_a_method_that_the_design_cannot_bear_is_refused_with_those_that_it_can(
    record: Callable[..., Batch], api: APIClient
) -> None:
    refused = ask(api, record(STUDY), method="sobol")
    assert refused.status_code == 400
    (entry,) = refused.json()["errors"]
    assert (entry["path"], entry["found"]) == ("method", "sobol")
    assert entry["accepted"] == ["regression", "pawn", "delta"]
    unknown = ask(api, record(STUDY), method="magic")
    assert unknown.status_code == 400
    assert "auto" in unknown.json()["errors"][0]["accepted"]


def test_pairs_of_a_second_order_design_are_listed(record: Callable[..., Batch], api: APIClient) -> None:
    design = {"method": "saltelli", "samples": 16, "second_order": True}
    answer = ask(api, record({**STUDY, "weather": "miami", "design": design})).json()
    assert answer["method"] == "sobol"
    assert [(pair["first"], pair["second"]) for pair in answer["pairs"]] == [("lighting", "equipment")]


def test_a_batch_that_has_grown_by_rows_uses_them(record: Callable[..., Batch], api: APIClient) -> None:
    batch = record({**STUDY, "weather": "miami", "baseline": False})
    row = {"lighting": 7.0, "equipment": 3.0}
    batch.extensions, batch.case_count = [{"rows": [row]}], 41
    batch.design_digest = Points(Study.model_validate(batch.study), (MoreRows(rows=(row,)),)).digest
    batch.save()
    Shard.objects.create(batch=batch, number=9, first_index=40, size=1, state=ShardState.DISPATCHED)
    Case.objects.create(batch=batch, index=40, state=CaseState.SUCCEEDED, verdict=Verdict.VALID, metrics={METRIC: 30.0})
    assert ask(api, batch).json()["cases_used"] == 41


def test_only_the_owner_may_ask(record: Callable[..., Batch], other_api: APIClient, anonymous_api: APIClient) -> None:
    batch = record(STUDY)
    assert ask(other_api, batch).status_code == 404
    assert ask(anonymous_api, batch).status_code == 401
