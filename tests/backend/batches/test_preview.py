"""A study is looked over before it runs: what it comes to, what is known of it, and what it would cost."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.cases.known_cases import make_key
from batches.cases.staging import make_recipe
from batches.models import Batch, KnownCase, RunSample
from batches.plans import make_plan
from batches.previews import preview
from batches.previews.estimates import Interval, Wanted, estimate_cost, scale_days, summarise
from batches.submission import examine, pin_inputs

LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "parameters": [{"name": "lighting", "target": LIGHTS, "change": "scale", "values": [0.5, 1.0]}],
}

pytestmark = pytest.mark.usefixtures("small_library")


@pytest.fixture
def show(owner: User, log_in: Callable[[User], APIClient]) -> Callable[..., dict[str, Any]]:
    """Asks for the preview of the study, changed."""
    api = log_in(owner)

    def ask(**changes: Any) -> dict[str, Any]:
        answer = api.post("/api/batches/preview/", {**STUDY, **changes}, format="json")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    return ask


def test_a_preview_counts_cases_and_shows_the_first(show: Callable[..., dict[str, Any]]) -> None:
    answer = show()
    assert (answer["case_count"], answer["baseline_count"], answer["duplicate_count"]) == (4, 2, 0)
    assert [case["index"] for case in answer["cases"]] == [-2, -1, 0, 1, 2, 3]
    half = next(case for case in answer["cases"] if case["parameters"] == {"lighting": 0.5})
    assert half["summary"][0].startswith("Lighting: ×0.5 in 3 objects (")
    assert sum("Watts per Floor Area" in change for change in half["changes"]) == 3
    assert not Batch.objects.exists()


def test_of_a_study_of_very_many_measures_fewer_cases_are_shown(
    show: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batches.previews.preview.PREVIEWED_MEASURES", 5)
    turns = [{"name": name, "measure": "rotate", "values": [0, 90]} for name in ("a", "b")]
    assert [case["index"] for case in show(parameters=turns)["cases"]] == [-2, -1, 0, 1]


def test_a_preview_tells_what_each_parameter_touches(show: Callable[..., dict[str, Any]]) -> None:
    (touched,) = show()["touched"]
    assert (touched["parameter"], touched["class_name"], touched["field"], touched["objects"]) == (
        "lighting",
        "Lights",
        "Watts per Floor Area",
        3,
    )
    assert len(touched["names"]) == 3


def test_a_preview_tells_what_constraints_leave_out(show: Callable[..., dict[str, Any]]) -> None:
    answer = show(constraints=["lighting < 0.9"])
    assert (answer["case_count"], answer["candidate_count"], answer["lost_share"]) == (2, 4, 0.5)


def test_a_preview_counts_cases_that_are_alike(show: Callable[..., dict[str, Any]]) -> None:
    parameters = [{key: value for key, value in STUDY["parameters"][0].items() if key != "values"}]
    rows = [{"lighting": value, "weather": "chicago"} for value in (0.5, 0.6, 0.5, 0.5)]
    answer = show(parameters=parameters, design={"method": "table", "rows": rows})
    assert (answer["case_count"], answer["duplicate_count"]) == (4, 2)


def test_a_preview_of_a_search_counts_the_most_it_may_run(show: Callable[..., dict[str, Any]]) -> None:
    lights = {**STUDY["parameters"][0], "values": [n / 10 for n in range(1, 20)]}
    parameters = [lights, {"name": "north", "measure": "rotate", "uniform": [0, 90]}]
    design = {
        "method": "nsga2",
        "population": 8,
        "generations": 5,
        "objectives": [{"metric": "electricity_kwh"}, {"metric": "heating_kwh"}],
    }
    answer = show(parameters=parameters, design=design, weather="chicago")
    assert (answer["case_count"], answer["cases"][0]["index"]) == (40, -1)


def make_known(user: User, *indices: int) -> int:
    """Make some cases of the study known; return how many of all its cases are identical to one of them."""
    examined = examine(user, STUDY)
    plan = make_plan(examined.study, pin_inputs(examined), 100)
    keys = [make_key(make_recipe(plan, index)) for index in range(-2, 4)]
    known = {keys[index + 2] for index in indices}
    for key in known:
        KnownCase.objects.create(key=key, holder=uuid4(), outcome={})
    return sum(key in known for key in keys)


def test_known_cases_are_counted_one_by_one(show: Callable[..., dict[str, Any]], owner: User) -> None:
    known = make_known(owner, -2)
    assert known == 2  # a baseline, and the case with the model's own value under the same weather
    answer = show()
    assert (answer["known_cases"], answer["known_sample"]) == (known, None)


def test_of_many_cases_a_sample_is_looked_up_and_said_to_be_one(
    show: Callable[..., dict[str, Any]], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "COUNTED_CASES", 5)
    monkeypatch.setattr(preview, "SAMPLED_CASES", 4)
    make_known(owner, -2, -1)
    many = [{**STUDY["parameters"][0], "values": [0.5, 0.6, 0.7, 0.8]}]
    answer = show(parameters=many)
    assert answer["known_cases"] is None
    sample = answer["known_sample"]
    assert (sample["looked_at"], sample["total"]) == (4, 10)
    assert sample["cases"] in (0, 2, 5)  # none, one or both baselines were among the four that were drawn


def test_a_sample_is_taken_where_time_runs_out(
    show: Callable[..., dict[str, Any]], owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "PREVIEW_S", 0.0)
    monkeypatch.setattr(preview, "FEWEST_LOOKED_AT", 3)
    make_known(owner, 0)
    answer = show()
    assert (answer["known_cases"], answer["known_sample"]["looked_at"], answer["known_sample"]["total"]) == (None, 3, 6)


# --- estimates ---


def record(model: str, run_s: list[float], days: float = 365, run_period: Any = "annual", **changes: Any) -> None:
    values = {"keep_full": False, "outputs": [], "stored_bytes": [1000] * len(run_s), **changes}
    RunSample.objects.create(
        batch_id=uuid4(), shard=0, model_sha256=model, run_period=run_period, days=days, run_s=run_s, **values
    )


def wanted(*models: str, run_period: Any = "annual", days: float = 365.0, **changes: Any) -> Wanted:
    kept = {"keep_full": False, "outputs": [], **changes}
    return Wanted(run_period, dict.fromkeys(models, days), **kept)


def test_an_estimate_comes_from_recorded_runs(settings: Any) -> None:
    settings.CASEFARM_SLOTS = 2
    record("m", [2.0, 4.0, 3.0])
    found = estimate_cost({"m": 10}, wanted("m"))
    assert found is not None
    assert (found.cpu_s.expected, found.wall_s.expected, found.runs, found.same_period) == (30.0, 15.0, 3, True)
    assert found.wall_s.low < 15.0 < found.wall_s.high
    assert found.stored_bytes is not None
    assert found.stored_bytes.expected == 10_000


def test_more_runs_make_a_narrower_interval() -> None:
    few, many = summarise([1.0]), summarise([1.0] * 100)
    assert (few.low, few.expected, few.high) == (0.5, 1.0, 1.5)
    assert few.low < many.low < many.expected < many.high < few.high


def test_a_batch_takes_no_less_than_its_longest_case(settings: Any) -> None:
    settings.CASEFARM_SLOTS = 8
    record("m", [60.0])
    found = estimate_cost({"m": 2}, wanted("m"))
    assert found is not None
    assert found.wall_s.expected == 60.0


def test_times_of_another_run_period_are_scaled_and_the_interval_holds_both_ends() -> None:
    record("m", [10.0] * 4, days=365)
    found = estimate_cost({"m": 1}, wanted("m", run_period={"start": "01-01", "end": "01-05"}, days=5.0))
    assert found is not None
    assert not found.same_period
    assert found.stored_bytes is None
    assert found.cpu_s.low < 10.0 * 5 / 365 < found.cpu_s.expected < 10.0 < found.cpu_s.high
    longer = scale_days(Interval(1.0, 1.0, 1.0), 4.0)
    assert (longer.low, longer.expected, longer.high) == (1.0, 2.0, 4.0)


def test_the_run_period_that_is_most_alike_is_scaled() -> None:
    record("m", [1.0], days=1, run_period={"start": "01-01", "end": "01-01"})
    record("m", [10.0], days=300, run_period={"start": "01-01", "end": "10-27"})
    found = estimate_cost({"m": 1}, wanted("m"))
    assert found is not None
    assert found.cpu_s.expected == pytest.approx(10.0 * (365 / 300) ** 0.5)


@pytest.mark.parametrize("changes", [{"keep_full": True}, {"outputs": [{"meter": "x", "frequency": "hourly"}]}])
def test_sizes_come_from_cases_that_keep_the_same_alone(changes: dict[str, Any]) -> None:
    record("m", [1.0])
    found = estimate_cost({"m": 1}, wanted("m", **changes))
    assert found is not None
    assert found.stored_bytes is None


def test_there_is_no_estimate_where_one_of_the_models_has_not_run() -> None:
    record("m", [1.0])
    assert estimate_cost({"m": 1, "other": 1}, wanted("m", "other")) is None
    assert estimate_cost({"other": 1}, wanted("other")) is None


def test_known_cases_cost_nothing(show: Callable[..., dict[str, Any]], owner: User, settings: Any) -> None:
    settings.CASEFARM_SLOTS = 1
    examined = examine(owner, STUDY)
    record(next(iter(examined.models.values())).sha256, [2.0])
    assert show()["estimate"]["cpu_s"] == 12.0
    known = make_known(owner, -2, -1)
    assert show()["estimate"]["cpu_s"] == 2.0 * (6 - known)
