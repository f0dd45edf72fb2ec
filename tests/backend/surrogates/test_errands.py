"""Errands: taken only where they can be answered, carried out once, stopped, begun again after a killed worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from surrogates import errand_work, errands, leases, tasks
from surrogates.models import Errand, Surrogate
from surrogates.reconciliation import list_waiting_errands
from surrogates.states import ErrandKind, ErrandState, SurrogateState
from tests.backend.surrogates.conftest import compute

pytestmark = [pytest.mark.django_db(transaction=True)]

SCREEN: dict[str, Any] = {
    "objectives": [{"metric": "electricity_kwh"}, {"metric": "heating_kwh", "goal": "minimise"}],
    "count": 4096,
}


def send(api: APIClient, surrogate: Surrogate, what: str, document: Any) -> Any:
    return api.post(f"/api/surrogates/{surrogate.pk}/{what}/", document, format="json")


def stored(errand: Errand) -> Errand:
    errand.refresh_from_db()
    return errand


def refusal(response: Any) -> dict[str, str]:
    assert response.status_code == 400, response.data
    return {error["path"]: error["message"] for error in response.data["errors"]}


@pytest.fixture
def no_message(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is sent; the ids of the errands that would have been."""
    sent: list[str] = []
    monkeypatch.setattr("celery.canvas.Signature.apply_async", lambda self, **_: sent.append(self.args[0]))
    return sent


@pytest.fixture
def make_errand(surrogate: Surrogate) -> Callable[..., Errand]:
    def make(**changes: Any) -> Errand:
        return Errand.objects.create(surrogate=surrogate, kind=ErrandKind.SCREENING, wish={**SCREEN, **changes})

    return make


def test_an_errand_is_taken_carried_out_and_answered(
    api: APIClient, surrogate: Surrogate, no_message: list[str]
) -> None:
    receipt = send(api, surrogate, "screen", SCREEN)
    assert receipt.status_code == 202
    assert no_message == [str(receipt.data["id"])]
    assert receipt.data["state"] == "queued"
    waiting = api.get(receipt.data["result_url"]).data
    assert (waiting["answer"], waiting["progress"]["percent"]) == (None, 0.0)

    assert not errands.run_errand(receipt.data["id"]).has_to_wait
    done = api.get(receipt.data["result_url"]).data
    assert (done["state"], done["progress"]["percent"], done["error"]) == ("done", 100.0, None)
    points = done["answer"]["points"]
    assert done["answer"]["counts"]["seen"] == 4096
    # The less insulation, the less electricity and the more heating; the least of lights is best for the one.
    for point in points:
        expected = compute(**point["inputs"])
        assert point["predicted"]["electricity_kwh"]["mean"] == pytest.approx(expected["electricity_kwh"], rel=0.05)
    assert {point["inputs"]["weather"] for point in points} == {"miami"}
    [listed] = api.get(f"/api/surrogates/{surrogate.pk}/errands/").data
    assert (listed["id"], listed["kind"], listed["state"]) == (str(receipt.data["id"]), "screening", "done")


def test_the_same_errand_has_the_same_answer(make_errand: Callable[..., Errand]) -> None:
    answers = []
    for _ in range(2):
        errand = make_errand(seed=5)
        errands.run_errand(errand.pk)
        answers.append(stored(errand).answer)
    assert answers[0] == answers[1]


def test_a_search_keeps_its_limits(surrogate: Surrogate) -> None:
    limit = {"metric": "heating_kwh", "sense": "<=", "bound": 800.0}
    aimed = {"objectives": SCREEN["objectives"], "limits": [limit], "fixed": {"weather": "chicago"}}
    wish = {**aimed, "population": 16, "generations": 4}
    errand = Errand.objects.create(surrogate=surrogate, kind=ErrandKind.OPTIMISATION, wish=wish)
    errands.run_errand(errand.pk)
    answer = stored(errand).answer
    assert answer["generations"] == 4
    assert answer["points"]
    assert all(point["predicted"]["heating_kwh"]["high"] <= 800.0 for point in answer["points"])


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_sensitivity_of_a_metric_names_what_it_is_made_of(surrogate: Surrogate, method: str) -> None:
    wish = {"metrics": ["electricity_kwh"], "method": method, "samples": 64}
    errand = Errand.objects.create(surrogate=surrogate, kind=ErrandKind.SENSITIVITY, wish=wish)
    errands.run_errand(errand.pk)
    indices = stored(errand).answer["indices"]["electricity_kwh"]
    by_influence = sorted(indices, key=lambda name: -next(iter(indices[name].values()))["value"])
    assert by_influence[0] == "lighting"  # 1000 kWh over its range; the insulation has 84 at most
    assert all(found["low"] <= found["value"] <= found["high"] for each in indices.values() for found in each.values())


def test_what_an_input_does_is_a_curve_with_intervals(surrogate: Surrogate) -> None:
    wish = {"of": ["lighting"], "points": 5, "background": 32, "curves": 2, "fixed": {"weather": "chicago"}}
    errand = Errand.objects.create(surrogate=surrogate, kind=ErrandKind.DEPENDENCE, wish=wish)
    errands.run_errand(errand.pk)
    answer = stored(errand).answer
    assert answer["values"] == {"lighting": [2.0, 4.5, 7.0, 9.5, 12.0]}
    mean = answer["metrics"]["electricity_kwh"]["mean"]
    assert np.diff(mean) == pytest.approx([250.0] * 4, rel=0.05)  # 100 kWh for each W/m2
    assert len(answer["metrics"]["electricity_kwh"]["curves"]) == 2


@pytest.mark.parametrize(
    ("what", "change", "path", "words"),
    [
        ("screen", {"objectives": [{"metric": "heatin_kwh"}]}, "objectives[0].metric", "no metric 'heatin_kwh'"),
        ("screen", {"objectives": []}, "objectives", "at least 1"),
        ("screen", {"objectives": None}, "objectives", "Write a list"),
        ("screen", {"objectives": [{"metric": "heating_kwh", "goal": "least"}]}, "objectives[0].goal", ""),
        ("screen", {"objectives": [{"metric": "heating_kwh"}] * 2}, "objectives", "each metric once"),
        ("screen", {"count": 10_000_001}, "count", "at most 10,000,000"),
        ("screen", {"count": 0}, "count", "at least 1"),
        ("screen", {"coutn": 5}, "coutn", "did you mean `count`?"),
        ("screen", {"keep": "top"}, "keep", "one objective"),
        ("screen", {"levels": {"lighting": 3}}, "levels", "Levels are those of a grid"),
        ("screen", {"ranges": {"lighting": [1.0, 5.0]}}, "ranges.lighting", "outside of what"),
        ("screen", {"ranges": {"lighting": [5.0, 3.0]}}, "ranges.lighting", "lower end"),
        ("screen", {"ranges": {"weather": [5.0, 3.0]}}, "ranges.weather", "choices for it, not a range"),
        ("screen", {"fixed": {"weather": "oslo"}}, "fixed.weather", "not trained on"),
        ("screen", {"fixed": {"lightin": 5.0}}, "fixed.lightin", "no input 'lightin'"),
        ("screen", {"constraints": ["lighting * 2"]}, "constraints[0]", "Write a comparison"),
        ("screen", {"constraints": ["roof <= 2"]}, "constraints[0]", "no input 'roof'"),
        ("screen", {"limits": [{"metric": "x_kwh", "sense": "<=", "bound": 1}]}, "limits[0].metric", "no metric"),
        ("screen", {"limits": [{"metric": "heating_kwh", "bound": 1}]}, "limits[0].sense", "missing"),
        ("screen", {"level": 1.5}, "level", "at most"),
        ("optimise", {"count": 5}, "count", "There is no key `count`"),
        ("optimise", {"population": 3}, "population", "at least 4"),
        ("sensitivity", {"metrics": ["x"]}, "metrics[0]", "no metric 'x'"),
        ("sensitivity", {"samples": 100}, "samples", "a power of two, 64 to 16,384"),
        ("sensitivity", {"method": "morris", "samples": 2000}, "samples", "4 to 1,000"),
        ("sensitivity", {"constraints": ["lighting <= 9"]}, "constraints", "do not depend on each other"),
        ("dependence", {"of": ["lighting"], "curves": 20, "background": 16}, "curves", "write fewer curves"),
        (
            "dependence",
            {"of": ["lighting", "insulation"], "points": 100, "background": 16},
            "background",
            "fewer points or a smaller background",
        ),
        ("dependence", {"of": ["roof"]}, "of[0]", "no input 'roof'"),
        ("dependence", {"of": ["weather", "weather"]}, "of", "two different inputs"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_at_once(
    api: APIClient, surrogate: Surrogate, what: str, change: dict[str, Any], path: str, words: str
) -> None:
    whole = {"screen": SCREEN, "optimise": {"objectives": SCREEN["objectives"]}}.get(what, {})
    found = refusal(send(api, surrogate, what, {**whole, **change}))
    assert path in found
    assert words in found[path]
    assert not Errand.objects.exists()


def test_a_surrogate_that_is_not_ready_goes_on_no_errand(
    api: APIClient, make_surrogate: Callable[..., Surrogate]
) -> None:
    assert send(api, make_surrogate(state=SurrogateState.TRAINING), "screen", SCREEN).status_code == 409


def test_nobody_sees_errands_of_another_one(other_api: APIClient, make_errand: Callable[..., Errand]) -> None:
    errand = make_errand()
    assert send(other_api, errand.surrogate, "screen", SCREEN).status_code == 404
    for address in (f"errands/{errand.pk}/", f"errands/{errand.pk}/points/", f"{errand.surrogate_id}/errands/"):
        assert other_api.get(f"/api/surrogates/{address}").status_code == 404


def test_a_cancelled_errand_stops_and_leaves_no_answer(
    api: APIClient, make_errand: Callable[..., Errand], monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = make_errand()

    def screen_for_ever(task: errand_work.Task, _: Any) -> dict[str, Any]:
        assert api.post(f"/api/surrogates/errands/{errand.pk}/cancel/").status_code == 200
        while True:
            task.watch.check()

    monkeypatch.setitem(errand_work.WORK, ErrandKind.SCREENING, screen_for_ever)
    errands.run_errand(errand.pk)
    found = stored(errand)
    assert (found.state, found.answer, found.leased_until) == (ErrandState.CANCELLED, None, None)
    again = api.post(f"/api/surrogates/errands/{errand.pk}/cancel/")
    assert (again.status_code, again.data["detail"]) == (409, "The errand has ended: cancelled.")


def test_an_errand_whose_worker_was_killed_begins_again(make_errand: Callable[..., Errand]) -> None:
    errand = make_errand()
    assert leases.claim(Errand, errand.pk)
    assert list_waiting_errands() == []
    errands.run_errand(errand.pk)
    assert stored(errand).state == ErrandState.RUNNING  # by whoever holds it
    Errand.objects.filter(pk=errand.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert list_waiting_errands() == [(str(errand.pk),)]
    errands.run_errand(errand.pk)
    found = stored(errand)
    assert (found.state, found.attempt, found.losses) == (ErrandState.DONE, 2, 1)


def test_a_worker_that_is_at_an_errand_lets_the_next_one_wait(make_errand: Callable[..., Errand]) -> None:
    errand = make_errand()
    with leases.take_turn(Errand) as is_free:
        assert is_free
        assert errands.run_errand(errand.pk).has_to_wait
    assert stored(errand).state == ErrandState.QUEUED


def test_the_oldest_ended_errands_go(make_errand: Callable[..., Errand], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "MOST_KEPT", 1)
    first, second, waiting = make_errand(count=64), make_errand(count=64), make_errand(count=64)
    errands.run_errand(first.pk)
    errands.run_errand(second.pk)
    assert set(Errand.objects.values_list("pk", flat=True)) == {second.pk, waiting.pk}


def test_so_many_errands_may_be_open_at_a_time(
    api: APIClient, make_errand: Callable[..., Errand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surrogates.errands_api.MOST_OPEN", 1)
    errand = make_errand()
    response = send(api, errand.surrogate, "screen", SCREEN)
    assert response.status_code == 429
    assert "errands of this surrogate are open already" in response.data["detail"]


def test_a_message_of_an_errand_that_is_gone_does_nothing() -> None:
    tasks.run_errand(str(uuid4()))


def test_an_errand_that_fails_says_why(make_errand: Callable[..., Errand], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setitem(errand_work.WORK, ErrandKind.SCREENING, fail)
    errand = make_errand()
    with pytest.raises(ZeroDivisionError):
        errands.run_errand(errand.pk)
    found = stored(errand)
    assert (found.state, found.failure) == (ErrandState.FAILED, "ZeroDivisionError: nothing to divide by")


def test_an_errand_of_a_surrogate_whose_file_is_damaged_fails(make_errand: Callable[..., Errand]) -> None:
    errand = make_errand()
    Surrogate.objects.update(file_sha256="1" * 64)
    errands.run_errand(errand.pk)
    assert stored(errand).state == ErrandState.FAILED


def test_more_points_than_a_row_may_hold_are_had_as_a_file(
    api: APIClient, make_errand: Callable[..., Errand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MOST_POINTS_SHOWN", 3)
    errand = make_errand(objectives=[{"metric": "heating_kwh"}], keep="top", top=8)
    errands.run_errand(errand.pk)
    told = api.get(f"/api/surrogates/errands/{errand.pk}/").data
    assert (told["answer"]["point_count"], len(told["answer"]["points"])) == (8, 3)
    table = read_table(api, told["points_url"])
    assert table.num_rows == 8
    assert table.column_names[:4] == ["lighting", "insulation", "weather", "electricity_kwh"]
    heating = table["heating_kwh"].to_pylist()
    assert heating == sorted(heating)
    assert heating[:3] == [point["predicted"]["heating_kwh"]["mean"] for point in told["answer"]["points"]]
    assert np.all(np.array(table["heating_kwh_low"]) <= np.array(table["heating_kwh_high"]))

    assert api.delete(f"/api/surrogates/errands/{errand.pk}/").status_code == 204
    assert not errands.files.has_file(errands.points_path(errand.surrogate_id, errand.pk))
    assert api.get(f"/api/surrogates/errands/{errand.pk}/").status_code == 404


def read_table(api: APIClient, address: str) -> Any:
    import io

    from tests.backend.batches.finished_batches import read_body

    return pq.read_table(io.BytesIO(read_body(api.get(address))))
