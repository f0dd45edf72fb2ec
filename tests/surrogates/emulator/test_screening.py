"""Screening keeps what predicting every design would keep, whatever the fast means are off by."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from surrogates.emulator import designs, screening
from surrogates.emulator.aims import Aims, Limit, Objective, Points
from surrogates.emulator.designs import DesignWish, make_design
from surrogates.emulator.errors import TrainingStopped, WishRefused
from surrogates.emulator.fronts import find_front, is_dominated
from surrogates.emulator.screening import ScreeningWish, screen
from surrogates.emulator.space import Space, SpaceWish
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.analytic import cpu, train_house

BOTH = Aims((Objective("heat_kwh"), Objective("light_kwh")))


def find_by_brute_force(wish: ScreeningWish) -> tuple[set[int], int]:
    """Return the numbers of the designs that are to be kept, and how many are feasible, by predicting all."""
    emulator = train_house()
    space = Space.make(emulator.inputs, wish.space)
    design = make_design(space, wish.design, cpu().device)
    numbers = np.arange(design.count)
    values = space.decode(design.draw(numbers))
    rows, kept = space.name_values(values), space.keep(values)
    points = Points(rows, emulator.predict(rows, cpu(), level=wish.aims.level))
    feasible = wish.aims.keep(points.said) & (np.ones(len(numbers), bool) if kept is None else kept)
    numbers, found = numbers[feasible], wish.aims.value(points.said.mean[feasible], points.said.metrics)
    best = find_front(found) if wish.keep == "front" else np.argsort(found[:, 0], kind="stable")[: wish.top]
    return set(numbers[best].tolist()), int(feasible.sum())


WISHES = {
    "front": ScreeningWish(BOTH, DesignWish(count=3000)),
    "front within a limit": ScreeningWish(
        dataclasses.replace(BOTH, limits=(Limit("heat_kwh", ">=", 8.0), Limit("light_kwh", "<=", 7.2))),
        DesignWish(count=3000, seed=2),
    ),
    "top of what is large": ScreeningWish(
        Aims((Objective("light_kwh", "maximise"),), (Limit("heat_kwh", "<=", 12.0),)),
        DesignWish(count=3000),
        SpaceWish(constraints=("wwr + cop / 10 <= 0.9",), choices={"city": ("Bergen", "Cairo")}),
        keep="top",
        top=25,
    ),
    "grid with ties": ScreeningWish(BOTH, DesignWish("grid", count=3000), SpaceWish(fixed={"city": "Cairo"})),
}


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a small screening go through as many chunks and rounds as a large one."""
    monkeypatch.setattr(designs, "CHUNK_ROWS", 512)
    monkeypatch.setattr(screening, "ROUND_ROWS", 32)
    monkeypatch.setattr(screening, "PILOTS", 16)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("name", WISHES)
def test_a_screening_keeps_what_predicting_every_design_would_keep(name: str) -> None:
    wish = WISHES[name]
    found = screen(train_house(), wish, cpu(), Watch())
    expected, _ = find_by_brute_force(wish)
    assert len(expected) > 3
    assert set(found.numbers.tolist()) == expected
    assert found.counts.examined < found.counts.seen


@pytest.mark.usefixtures("small_steps")
def test_no_design_of_the_front_is_lost_to_fast_means_that_are_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is small where pilots are likely to fall and large elsewhere: the margin has to grow on the way."""
    true = screening._Screening._predict_fast

    def err(self: Any, features: Any) -> NDArray[np.float64]:
        means = true(self, features)
        wave = np.sin(1e3 * features.numpy()[:, :1]) + np.where(np.abs(features.numpy()[:, 1:2]) > 1.4, 3.0, 0.0)
        return np.asarray(means + 0.2 * wave, np.float64)

    monkeypatch.setattr(screening._Screening, "_predict_fast", err)
    monkeypatch.setattr(screening, "PILOTS", 1)
    for wish in (WISHES["front"], WISHES["front within a limit"], WISHES["top of what is large"]):
        found = screen(train_house(), wish, cpu(), Watch())
        assert set(found.numbers.tolist()) == find_by_brute_force(wish)[0]
        assert found.margins["light_kwh"] > 0.2


def test_a_kept_design_has_the_inputs_of_its_number_and_the_prediction_of_its_inputs() -> None:
    emulator, wish = train_house(), WISHES["front"]
    found = screen(emulator, wish, cpu(), Watch())
    said = emulator.predict(found.points.inputs, cpu())
    np.testing.assert_allclose(found.points.said.mean, said.mean, rtol=1e-9)
    np.testing.assert_allclose(found.points.said.high, said.high, rtol=1e-9)
    told = found.to_json()["points"][0]
    assert told["predicted"]["heat_kwh"]["mean"] == found.points.said.mean[:, 0].min()
    assert told["inputs"]["city"] == "Arica"


def test_limits_that_nothing_keeps_leave_nothing() -> None:
    aims = dataclasses.replace(BOTH, limits=(Limit("heat_kwh", "<=", -1.0),))
    found = screen(train_house(), ScreeningWish(aims, DesignWish(count=2000)), cpu(), Watch())
    assert len(found.numbers) == 0
    assert (found.counts.hopeless, found.counts.feasible) == (2000, 0)
    assert found.to_json()["points"] == []


def test_designs_outside_of_the_domain_are_left_out_where_that_is_asked_for() -> None:
    emulator = train_house()
    narrow = dataclasses.replace(emulator, domain=dataclasses.replace(emulator.domain, reach=0.25))
    found = screen(narrow, WISHES["front"], cpu(), Watch())
    strict = dataclasses.replace(WISHES["front"], aims=dataclasses.replace(BOTH, outside="refuse"))
    inside = screen(narrow, strict, cpu(), Watch())
    assert not found.points.said.inside.all()
    assert inside.points.said.inside.all()
    assert len(inside.numbers) > 0


def test_the_same_seed_keeps_the_same_designs_and_another_seed_others() -> None:
    wishes = [ScreeningWish(BOTH, DesignWish(count=2000, seed=seed)) for seed in (4, 4, 5)]
    first, again, other = (screen(train_house(), wish, cpu(), Watch()).points.said.mean for wish in wishes)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_screening_tells_how_far_it_is_and_stops_when_told() -> None:
    told: list[tuple[int, int]] = []

    def stop() -> None:
        if told:
            raise TrainingStopped("enough")

    watch = Watch(tell=lambda _, done, whole, __: told.append((done, whole)), check=stop)
    with pytest.raises(TrainingStopped):
        screen(train_house(), ScreeningWish(BOTH, DesignWish(count=3 * designs.CHUNK_ROWS)), cpu(), watch)
    assert told == [(designs.CHUNK_ROWS, 3 * designs.CHUNK_ROWS)]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (ScreeningWish(Aims((Objective("cost"),))), "objectives[0].metric"),
        (ScreeningWish(Aims(())), "objectives"),
        (ScreeningWish(Aims((Objective("heat_kwh"), Objective("heat_kwh", "maximise")))), "objectives"),
        (ScreeningWish(dataclasses.replace(BOTH, limits=(Limit("cost", "<=", 1.0),))), "limits[0].metric"),
        (ScreeningWish(dataclasses.replace(BOTH, level=1.0)), "level"),
        (ScreeningWish(BOTH, keep="top"), "keep"),
        (ScreeningWish(BOTH, DesignWish(count=0)), "count"),
    ],
)
def test_a_wish_that_cannot_be_done_is_refused_by_the_name_of_what_is_at_fault(wish: ScreeningWish, field: str) -> None:
    with pytest.raises(WishRefused) as refused:
        screen(train_house(), wish, cpu(), Watch())
    assert [problem[0] for problem in refused.value.problems] == [field]


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_a_front_is_what_comparing_all_pairs_says_with_ties(objectives: int) -> None:
    values = np.random.default_rng(objectives).integers(0, 12, (2000, objectives)).astype(float)
    as_small = (values[:, None] <= values[None]).all(axis=2)
    smaller = (values[:, None] < values[None]).any(axis=2)
    expected = ~(as_small & smaller).any(axis=0)
    found = find_front(values)
    assert found.tolist() == expected.tolist()
    others = np.random.default_rng(9).integers(-2, 14, (500, objectives)).astype(float)
    front = values[found]
    beaten = ((front[:, None] <= others).all(axis=2) & (front[:, None] < others).any(axis=2)).any(axis=0)
    assert is_dominated(others, front).tolist() == beaten.tolist()
