"""Points of a surrogate become a batch of the parent's study; what was predicted is set beside what cases report."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.case_rows import write_missing_rows
from batches.models import Batch, Case
from batches.plans import plan_of
from batches.states import CaseState, Verdict
from batches.submission import submit_batch
from library.models import StoredModel
from surrogates.models import Errand, Parent, Surrogate, Verification
from surrogates.states import ErrandKind, ErrandState

pytestmark = [
    pytest.mark.usefixtures("small_library", "worker_at_hand", "no_message"),
    pytest.mark.django_db(transaction=True),
]

STUDY: dict[str, Any] = {
    "name": "Envelope",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "run_period": {"start": "01-14", "end": "01-14"},
    "baseline": True,
    "outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}],
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "uniform": [2.0, 12.0],
        },
        {
            "name": "insulation",
            "target": {"class": "Material", "object": "Metal Semi-Cond Roof Insulation", "field": "Thickness"},
            "uniform": [0.02, 0.3],
        },
        {"name": "north", "measure": "rotate", "derived": "lighting"},
    ],
    "constraints": ["lighting + insulation < 12.2"],
    "design": {"method": "lhs", "samples": 8, "seed": 1},
}
POINTS = [
    {"lighting": 4.0, "insulation": 0.1, "weather": "chicago"},
    {"lighting": 9.0, "insulation": 0.2, "weather": "miami"},
    {"lighting": 20.0, "insulation": 0.2, "weather": "miami"},
]


@pytest.fixture
def no_message(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Of batches nothing is sent; names of tasks with the first of their arguments."""
    sent: list[tuple[str, str]] = []
    send = "celery.canvas.Signature.apply_async"
    monkeypatch.setattr(send, lambda self, **_: sent.append((self.task, self.args[0])))
    return sent


@pytest.fixture
def parent(user: User) -> Batch:
    return submit_batch(user=user, document=STUDY)


@pytest.fixture
def learnt(surrogate: Surrogate, parent: Batch) -> Surrogate:
    """A surrogate that was trained on the batch `parent`."""
    Parent.objects.create(surrogate=surrogate, batch=parent, batch_name=parent.name)
    return surrogate


def verify(api: APIClient, surrogate: Surrogate, **asked: Any) -> Any:
    return api.post(f"/api/surrogates/{surrogate.pk}/verify/", asked, format="json")


def refusal(response: Any) -> dict[str, str]:
    assert response.status_code == 400, response.data
    return {error["path"]: error["message"] for error in response.data["errors"]}


def test_points_become_cases_of_the_parents_study(
    api: APIClient, learnt: Surrogate, parent: Batch, no_message: list[tuple[str, str]]
) -> None:
    receipt = verify(api, learnt, points=POINTS)
    assert receipt.status_code == 202, receipt.data
    assert no_message == [("batches.expand_batch", str(receipt.data["id"]))]
    batch = Batch.objects.get(pk=receipt.data["id"])
    assert (batch.case_count, batch.baseline_count) == (3, 0)
    assert batch.inputs == parent.inputs
    assert batch.study["run_period"] == parent.study["run_period"]
    points = plan_of(batch).points
    assert [(points[place].weather, points[place].values) for place in range(3)] == [
        ("chicago", {"lighting": 4.0, "insulation": 0.1, "north": 4.0}),
        ("miami", {"lighting": 9.0, "insulation": 0.2, "north": 9.0}),
        ("miami", {"lighting": 20.0, "insulation": 0.2, "north": 20.0}),
    ]
    kept = Verification.objects.get(batch=batch)
    assert [point["inside"] for point in kept.points] == [True, True, False]
    said = api.post(f"/api/surrogates/{learnt.pk}/predict/", {"inputs": POINTS[0]}, format="json").data["metrics"]
    assert kept.points[0]["predicted"]["heating_kwh"]["mean"] == said["heating_kwh"]["mean"][0]


def test_predicted_and_simulated_stand_side_by_side(api: APIClient, learnt: Surrogate) -> None:
    points = [*POINTS, POINTS[0], POINTS[1]]
    batch = Batch.objects.get(pk=verify(api, learnt, points=points, level=0.8).data["id"])
    write_missing_rows(batch)
    address = f"/api/surrogates/{learnt.pk}/verifications/"
    [waiting] = api.get(address).data
    assert (waiting["summary"]["rate"], waiting["points"][0]["metrics"]["heating_kwh"]["simulated"]) == (None, None)

    predicted = Verification.objects.get(batch=batch).points
    ends = [
        (0, CaseState.SUCCEEDED, Verdict.VALID, 0.0),
        (1, CaseState.SUCCEEDED, Verdict.VALID, 5000.0),
        (2, CaseState.SUCCEEDED, Verdict.VALID, 0.0),
        (3, CaseState.SUCCEEDED, Verdict.SUSPECT, 0.0),
        (4, CaseState.FAILED, Verdict.FAILED, None),
    ]
    for index, state, verdict, off in ends:
        means = {name: told["mean"] for name, told in predicted[index]["predicted"].items()}
        metrics = None if off is None else {**means, "heating_kwh": means["heating_kwh"] + off}
        Case.objects.filter(batch=batch, index=index).update(state=state, verdict=verdict, metrics=metrics)

    [told] = api.get(address).data
    summary = told["summary"]
    assert (summary["promised"], summary["compared"], summary["within"], summary["rate"]) == (0.8, 4, 3, 0.75)
    counted = [summary[f"points_{what}"] for what in ("compared", "outside", "suspect", "failed")]
    assert counted == [2, 1, 1, 1]
    heating = summary["metrics"]["heating_kwh"]
    assert (heating["rate"], heating["mean_error"]) == (0.5, pytest.approx(-2500.0))
    assert heating["rmse"] == pytest.approx(5000.0 / 2**0.5)
    missed = told["points"][1]["metrics"]["heating_kwh"]
    assert (missed["error"], missed["within"]) == (pytest.approx(-5000.0), False)


def test_the_best_of_an_errand_are_simulated(api: APIClient, learnt: Surrogate) -> None:
    answer = {"points": [{"inputs": point, "predicted": {}, "inside": True} for point in POINTS]}
    errand = Errand.objects.create(
        surrogate=learnt, kind=ErrandKind.SCREENING, wish={}, state=ErrandState.DONE, answer=answer
    )
    for chosen, expected in ({"top": 2}, [4.0, 9.0]), ({"indices": [2, 0]}, [20.0, 4.0]), ({}, [4.0, 9.0, 20.0]):
        receipt = verify(api, learnt, errand=str(errand.pk), **chosen)
        assert receipt.status_code == 202, receipt.data
        rows = Batch.objects.get(pk=receipt.data["id"]).study["design"]["rows"]
        assert [row["lighting"] for row in rows] == expected
    assert "indices from 0 to 2" in refusal(verify(api, learnt, errand=str(errand.pk), indices=[3]))["indices"]


def test_an_errand_that_is_not_done_has_no_points(api: APIClient, learnt: Surrogate) -> None:
    errand = Errand.objects.create(surrogate=learnt, kind=ErrandKind.SCREENING, wish={})
    assert verify(api, learnt, errand=str(errand.pk)).status_code == 409
    Errand.objects.update(state=ErrandState.DONE, answer={"indices": {}})
    assert verify(api, learnt, errand=str(errand.pk)).status_code == 409


@pytest.mark.parametrize(
    ("asked", "path", "words"),
    [
        ({}, "", "`points`, or `errand`"),
        ({"points": []}, "points", "Have 1 to 1,000"),
        ({"points": [POINTS[0], {"lighting": 3.0, "weather": "miami"}]}, "points[1].insulation", "needs it"),
        ({"points": [{**POINTS[0], "roof": 2}]}, "points[0].roof", "no input 'roof'"),
        ({"points": [{**POINTS[0], "lighting": "x"}]}, "inputs.lighting", "Write numbers"),
        ({"points": [{**POINTS[0], "lighting": -4.0}]}, "points[0].lighting", ""),
        ({"errand": "00000000-0000-0000-0000-000000000000"}, "errand", "no such errand"),
    ],
)
def test_points_that_cannot_be_simulated_are_named(
    api: APIClient, learnt: Surrogate, asked: dict[str, Any], path: str, words: str
) -> None:
    found = refusal(verify(api, learnt, **asked))
    assert path in found
    assert words in found[path]
    assert not Verification.objects.exists()
    assert Batch.objects.count() == 1


def test_a_surrogate_without_a_study_says_why_it_cannot_be_verified(
    api: APIClient, make_surrogate: Callable[..., Surrogate]
) -> None:
    response = verify(api, make_surrogate(), points=POINTS)
    assert response.status_code == 409
    assert "trained on a table or uploaded" in response.data["detail"]


def test_a_surrogate_whose_batch_was_deleted_says_so(api: APIClient, learnt: Surrogate, parent: Batch) -> None:
    Parent.objects.update(batch=None)
    response = verify(api, learnt, points=POINTS)
    assert response.status_code == 409
    assert "were deleted (Envelope)" in response.data["detail"]


def test_points_are_not_simulated_with_another_model_than_the_cases_were(
    api: APIClient, learnt: Surrogate, parent: Batch
) -> None:
    parent.inputs["models"]["warehouse"]["sha256"] = "0" * 64
    parent.save()
    response = verify(api, learnt, points=POINTS)
    assert response.status_code == 409
    assert "'warehouse' is another file" in response.data["detail"]
    assert Batch.objects.count() == 1
    assert StoredModel.objects.exists()


def test_nobody_verifies_a_surrogate_of_another_one(other_api: APIClient, learnt: Surrogate) -> None:
    assert verify(other_api, learnt, points=POINTS).status_code == 404
    assert other_api.get(f"/api/surrogates/{learnt.pk}/verifications/").status_code == 404
