"""What a surrogate learns from batches: which cases, which metrics, and what their inputs are to a building."""

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.clean_up import removal
from batches.models import Batch
from batches.states import BatchState
from studies.definition import Parameter
from surrogates.datasets import Choice, read_dataset, read_rows
from surrogates.descriptors import find_meaning
from surrogates.errors import SurrogateRefused
from surrogates.models import Parent, Surrogate
from tests.backend.batches.finished_batches import finish, record

pytestmark = pytest.mark.django_db

STUDY: dict[str, Any] = {
    "name": "House",
    "engine": "executable:degree_days",
    "baseline": True,
    "parameters": [
        {"name": "loss", "loguniform": [100, 400]},
        {"name": "efficiency", "uniform": [0.7, 1.0]},
        {"name": "doubled", "derived": "2 * loss"},
    ],
    "design": {"method": "lhs", "samples": 30},
}


def report(point: Any) -> dict[str, Any] | None:
    if point.index == 3:
        return None
    loss, efficiency = point.values.get("loss", 200.0), point.values.get("efficiency", 0.9)
    metrics = {"heating_kwh": loss / efficiency, "flat": 1.0}
    return metrics if point.index % 2 else {**metrics, "oil_l": 7.0 + loss}


def make_batch(owner: User, study: dict[str, Any] = STUDY) -> Batch:
    batch = finish(record(owner, study), report)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def batch(user: User) -> Batch:
    return make_batch(user)


def test_usable_cases_alone_are_learnt_from_and_the_others_are_counted(batch: Batch) -> None:
    dataset = read_dataset([batch], Choice())
    assert dataset.rows.count == 29
    assert dataset.rows.left_out == {"baseline": 1, "failed": 1}
    assert dataset.wanted == ("heating_kwh",)
    assert dataset.rows.gaps == {"oil_l": 14}
    assert [(column.name, column.kind) for column in dataset.columns] == [
        ("loss", "logarithm"),
        ("efficiency", "number"),
    ]
    values, found = dataset.rows.inputs, dataset.rows.metrics["heating_kwh"]
    assert np.allclose(found, values["loss"] / values["efficiency"])


def test_the_digest_of_a_dataset_is_that_of_its_rows(user: User, batch: Batch) -> None:
    other = make_batch(user, {**STUDY, "design": {"method": "lhs", "samples": 30, "seed": 5}})
    digests = [read_dataset(batches, Choice()).digest for batches in ([batch], [batch], [batch, other])]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("metric", "word"), [("oil_l", "missing in 14 of 29"), ("flat", "is 1 in all 29"), ("heating", "no metric")]
)
def test_a_metric_that_cannot_be_learnt_is_refused_by_name(batch: Batch, metric: str, word: str) -> None:
    with pytest.raises(SurrogateRefused, match=word):
        read_dataset([batch], Choice((metric,)))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"parameters": [{"name": "loss", "loguniform": [100, 400]}]}, "varies other parameters"),
        ({"run_period": "design_days"}, "another run period"),
        ({"engine": "executable:ishigami"}, "another engine"),
    ],
)
def test_studies_that_do_not_match_are_refused_with_what_differs(
    user: User, api: APIClient, batch: Batch, change: dict[str, Any], word: str
) -> None:
    other = make_batch(user, {**STUDY, **change})
    response = api.post("/api/surrogates/", {"batches": [str(batch.pk), str(other.pk)]}, "json")
    assert response.status_code == 400
    (entry, *_) = response.json()["errors"]
    assert entry["path"] == "batches.1"
    assert word in entry["message"]


def test_batches_that_are_nobodys_or_anothers_are_refused(other_api: APIClient, batch: Batch) -> None:
    response = other_api.post("/api/surrogates/", {"batches": [str(batch.pk)]}, "json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["path"] == "batches.0"


def test_a_deleted_batch_leaves_its_surrogates(user: User, batch: Batch) -> None:
    surrogate = Surrogate.objects.create(owner=user, name="House", wish={})
    parent = Parent.objects.create(surrogate=surrogate, batch=batch, batch_name=batch.name)
    removal.delete_batch(batch=batch)
    removal.finish(batch.pk)
    parent.refresh_from_db()
    assert (parent.batch_id, parent.batch_name) == (None, "House")
    assert not Batch.objects.filter(pk=batch.pk).exists()


@pytest.mark.parametrize(
    ("parameter", "kind", "role"),
    [
        ({"measure": "rotate", "uniform": [0, 90]}, "angle", None),
        ({"measure": "window_to_wall_ratio", "uniform": [0.1, 0.5]}, "number", "glazing_share"),
        ({"measure": "chiller_cop", "uniform": [3, 5]}, "reciprocal", None),
        ({"measure": "insulation_r_value", "uniform": [1, 5]}, "thickness", None),
        ({"target": {"class": "Building", "object": "*", "field": "North Axis"}, "uniform": [0, 90]}, "angle", None),
        (
            {
                "target": {"class": "WindowMaterial:SimpleGlazingSystem", "object": "*", "field": "U-Factor"},
                "uniform": [1, 3],
            },
            "number",
            "glazing_transmittance",
        ),
        (
            {"target": {"class": "Fan:OnOff", "object": "*", "field": "Fan Total Efficiency"}, "uniform": [0.5, 0.8]},
            "reciprocal",
            None,
        ),
        ({"target": {"class": "Lights", "object": "*", "field": "Watts"}, "loguniform": [1, 9]}, "logarithm", None),
    ],
)
def test_a_parameter_enters_as_what_it_is_to_a_building(parameter: dict[str, Any], kind: str, role: str | None) -> None:
    meaning = find_meaning(Parameter.model_validate({"name": "p", **parameter}), [])
    assert (meaning.kind, meaning.role) == (kind, role)


def test_suspect_cases_count_only_where_they_are_asked_for(user: User) -> None:
    from batches.download import open_results

    doubtful = {"suspect": True}
    batch = finish(record(user, STUDY), lambda point: (report(point) or {}) | (doubtful if point.index == 5 else {}))
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.COMPLETED)
    batch.refresh_from_db()
    tables = [open_results(batch)]
    careful, bold = (read_rows(tables, Choice(keep_suspect=keep)) for keep in (False, True))
    assert (careful.left_out["suspect"], bold.count - careful.count) == (1, 1)
