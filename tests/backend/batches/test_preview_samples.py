"""Of a large study some cases are looked up: whatever a smaller batch of it has run, the estimate is of the whole."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from batches.cases.known_cases import make_key
from batches.cases.staging import make_recipe
from batches.models import KnownCase, RunSample
from batches.plans import make_plan
from batches.previews import preview
from batches.previews.estimates import Interval, schedule_runs
from batches.previews.preview import KnownShare, count_known_cases, estimate_study
from batches.submission import examine, pin_inputs

STUDY: dict[str, Any] = {
    "name": "Lighting",
    "model": "warehouse",
    "weather": "chicago",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.5, 1.5],
        }
    ],
    "design": {"method": "sobol", "samples": 64},
}
ALWAYS = float("inf")


@pytest.mark.usefixtures("small_library")
def test_the_first_cases_do_not_stand_for_the_others(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "COUNTED_CASES", 10)
    monkeypatch.setattr(preview, "SAMPLED_CASES", 32)
    examined = examine(owner, STUDY)
    plan = make_plan(examined.study, pin_inputs(examined), 100)
    for index in range(32):  # what an earlier batch of 32 samples has run
        KnownCase.objects.create(key=make_key(make_recipe(plan, index)), holder=uuid4(), outcome={})
    found = count_known_cases(examined, until=ALWAYS)
    assert found is not None
    assert found.looked_at == 32
    assert found.low <= 32 <= found.high
    assert 16 < found.cases < 48
    sha256 = examined.models["warehouse"].sha256
    RunSample.objects.create(
        batch_id=uuid4(), shard=0, model_sha256=sha256, run_period="annual", days=365, keep_full=False,
        run_s=[1.0] * 50, stored_bytes=[1000] * 50,
    )  # fmt: skip
    estimate = estimate_study(examined, found)
    assert estimate is not None
    assert estimate.cpu_s.low < 32 < estimate.cpu_s.high


@pytest.mark.parametrize(("count", "rounds"), [(0, 0), (1, 1), (8, 1), (9, 2), (16, 2), (17, 3)])
def test_runs_that_fill_no_round_take_one_all_the_same(count: int, rounds: int) -> None:
    runs, run_s = Interval(count, count, count), Interval(9.0, 10.0, 11.0)
    wall_s = schedule_runs(runs, run_s * runs, run_s.at_most(count * 99.0), 8)
    assert wall_s.expected == pytest.approx(10.0 * rounds)
    assert wall_s.high >= 11.0 * count / 8
    assert wall_s.low <= wall_s.expected <= wall_s.high <= 11.0 * rounds


@pytest.mark.parametrize(
    ("found", "looked_at", "total", "cases", "low", "high"),
    [
        (3, 10, 10, 3, 3, 3),  # all were looked at
        (0, 0, 0, 0, 0, 0),  # a search has none before it runs
        (20, 20, 1_000_000, 1_000_000, 838_869, 1_000_000),  # Wilson: 1 / (1 + z²/n) at least
        (0, 20, 1_000_000, 0, 0, 161_131),
        (10, 20, 30, 15, 10, 20),  # those that were seen are certain
    ],
)
def test_a_share_of_a_sample_is_not_exact(
    found: int, looked_at: int, total: int, cases: int, low: int, high: int
) -> None:
    share = KnownShare.of_sample(found, looked_at, total)
    assert (share.cases, share.low, share.high) == (cases, low, high)
    assert share.is_exact == (looked_at == total)
