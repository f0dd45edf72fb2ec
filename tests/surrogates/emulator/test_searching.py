"""A search finds the front of a surrogate, keeps to limits and constraints, and is the same for the same seed."""

import dataclasses

import numpy as np
import pytest

from surrogates.emulator.aims import Aims, Limit, Objective
from surrogates.emulator.designs import DesignWish
from surrogates.emulator.errors import TrainingStopped, WishRefused
from surrogates.emulator.fronts import is_dominated
from surrogates.emulator.screening import ScreeningWish, screen
from surrogates.emulator.searching import SearchWish, search
from surrogates.emulator.space import SpaceWish
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.analytic import cpu, train_house

BOTH = Aims((Objective("heat_kwh"), Objective("light_kwh")))
SHORT = SearchWish(BOTH, population=40, generations=15)


def test_a_search_gets_to_the_front_that_a_large_screening_finds() -> None:
    emulator = train_house()
    found = search(emulator, SHORT, cpu(), Watch())
    screened = screen(emulator, ScreeningWish(BOTH, DesignWish(count=20_000)), cpu(), Watch())
    values = found.points.said.mean
    scale = np.ptp(screened.points.said.mean, axis=0)
    behind = is_dominated(values - 0.02 * scale, screened.points.said.mean)
    assert len(values) > 20
    assert behind.mean() < 0.05
    assert set(found.points.inputs["city"]) == {"Arica"}
    assert found.asked <= 40 * 15
    assert len(found.sizes) == found.generations == 15


def test_what_a_search_keeps_is_within_limits_and_constraints_and_no_point_is_better_than_another() -> None:
    limits = (Limit("heat_kwh", ">=", 6.0), Limit("light_kwh", "<=", 7.5))
    wish = dataclasses.replace(
        SHORT, aims=dataclasses.replace(BOTH, limits=limits), space=SpaceWish(constraints=("wwr + cop / 10 <= 0.9",))
    )
    points = search(train_house(), wish, cpu(), Watch()).points
    assert len(points) > 3
    assert (points.said.low[:, 0] >= 6.0).all()
    assert (points.said.high[:, 1] <= 7.5).all()
    assert (points.inputs["wwr"] + points.inputs["cop"] / 10 <= 0.9).all()
    assert not is_dominated(points.said.mean, points.said.mean).any()


def test_a_search_that_begins_with_a_screened_front_is_never_behind_it() -> None:
    emulator = train_house()
    screened = screen(emulator, ScreeningWish(BOTH, DesignWish(count=500)), cpu(), Watch())
    begun = dict(screened.points.inputs)
    found = search(emulator, dataclasses.replace(SHORT, generations=2), cpu(), Watch(), begun)
    taken = screened.points.said.mean[:: -(-len(screened.numbers) // 40)]
    assert not is_dominated(found.points.said.mean, taken).any()


def test_the_same_seed_searches_alike_and_another_one_does_not() -> None:
    wishes = [dataclasses.replace(SHORT, generations=4, seed=seed) for seed in (3, 3, 4)]
    first, again, other = (search(train_house(), wish, cpu(), Watch()).points.said.mean for wish in wishes)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_search_tells_its_generations_and_stops_when_told() -> None:
    told: list[int] = []

    def stop() -> None:
        if len(told) == 3:
            raise TrainingStopped("enough")

    watch = Watch(tell=lambda _, done, __, ___: told.append(done), check=stop)
    with pytest.raises(TrainingStopped):
        search(train_house(), SHORT, cpu(), watch)
    assert told == [1, 2, 3]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (dataclasses.replace(SHORT, population=2), "population"),
        (dataclasses.replace(SHORT, generations=0), "generations"),
        (dataclasses.replace(SHORT, aims=Aims((Objective("cost"),))), "objectives[0].metric"),
        (SearchWish(BOTH, SpaceWish(fixed={"wwr": 0.5, "cop": 3.0, "city": "Cairo"})), "space"),
    ],
)
def test_a_search_that_cannot_be_done_is_refused_by_the_name_of_what_is_at_fault(wish: SearchWish, field: str) -> None:
    with pytest.raises(WishRefused) as refused:
        search(train_house(), wish, cpu(), Watch())
    assert [problem[0] for problem in refused.value.problems] == [field]
