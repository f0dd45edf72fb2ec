"""Designs of a surrogate: points that follow from their number, within the space that was asked for."""

import numpy as np
import pytest
import torch
from torch.quasirandom import SobolEngine

from surrogates.emulator import designs
from surrogates.emulator.designs import DesignWish, GridDesign, make_design
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.inputs import InputColumn, Inputs
from surrogates.emulator.space import Space, SpaceWish

CPU = torch.device("cpu")


def make_inputs() -> Inputs:
    """Return inputs of every kind."""
    rng = np.random.default_rng(0)
    columns = [
        InputColumn("wwr", "number", "1", role="glazing_share"),
        InputColumn("u", "number", "W/m2-K", role="glazing_transmittance"),
        InputColumn("gap", "logarithm", "m"),
        InputColumn("cop", "reciprocal", "1"),
        InputColumn("wall", "thickness", "m", conductivity_w_mk=0.04),
        InputColumn("north", "angle", "deg"),
        InputColumn("glass", "category"),
        InputColumn("city", "weather", climates={"A": {"hdd": 1.0, "cdd": 2.0}, "B": {"hdd": 3.0, "cdd": 1.0}}),
    ]
    rows = {name: rng.uniform(0.5, 2.0, 40) for name in ("wwr", "u", "gap", "cop", "wall")}
    texts = {"glass": np.array(["clear", "tinted"] * 20, object), "city": np.array(["A", "B"] * 20, object)}
    return Inputs.fit(columns, {**rows, "north": rng.uniform(0, 360, 40), **texts})


def test_features_of_points_are_those_that_the_surrogate_learnt_from() -> None:
    inputs = make_inputs()
    space = Space.make(inputs, SpaceWish())
    values = space.decode(torch.rand(50, space.width, dtype=torch.float64))
    expected = inputs.encode(space.name_values(values))
    np.testing.assert_allclose(space.encode(values).numpy(), expected, rtol=1e-12, atol=1e-12)


def test_a_sobol_design_is_the_sequence_of_torch_and_any_point_of_it_follows_from_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(designs, "CHUNK_ROWS", 64)
    space = Space.make(make_inputs(), SpaceWish())
    design = make_design(space, DesignWish("sobol", count=500, seed=7), CPU)
    walked = torch.cat([chunk.shares for chunk in design.walk()])
    expected = SobolEngine(space.width, scramble=True, seed=7).draw(500, dtype=torch.float64)
    torch.testing.assert_close(walked, expected, rtol=0, atol=1e-7)  # the engine rounds its first point to float32
    numbers = np.array([499, 0, 63, 64, 130])
    assert torch.equal(design.draw(numbers), walked[numbers])


def test_a_grid_has_every_combination_once_and_the_ends_of_each_range() -> None:
    wish = SpaceWish(fixed={"u": 1.0, "gap": 1.0, "cop": 1.0, "wall": 1.0, "north": 90.0}, ranges={"wwr": (0.6, 1.0)})
    space = Space.make(make_inputs(), wish)
    design = make_design(space, DesignWish("grid", count=20, levels={"wwr": 3}), CPU)
    rows = space.name_values(space.decode(torch.cat([chunk.shares for chunk in design.walk()])))
    found = set(zip(rows["wwr"].round(9).tolist(), rows["glass"], rows["city"], strict=True))
    assert found == {(wwr, glass, city) for wwr in (0.6, 0.8, 1.0) for glass in ("clear", "tinted") for city in "AB"}
    assert design.count == len(found)
    assert set(rows["north"]) == {90.0}


def test_a_grid_takes_as_many_levels_as_the_count_allows_and_says_so_where_it_allows_too_few() -> None:
    space = Space.make(make_inputs(), SpaceWish())
    design = make_design(space, DesignWish("grid", count=4 * 3**6 + 5), CPU)
    assert isinstance(design, GridDesign)
    assert design.levels == (3, 3, 3, 3, 3, 3, 2, 2)
    with pytest.raises(WishRefused, match="more designs than `count`"):
        make_design(space, DesignWish("grid", count=100), CPU)


def test_shares_of_points_lead_back_to_the_points() -> None:
    space = Space.make(make_inputs(), SpaceWish())
    rows = space.draw_rows(np.random.default_rng(3).random((20, space.width)))
    again = space.draw_rows(space.find_shares(rows))
    for name, values in rows.items():
        if values.dtype == object:
            assert again[name].tolist() == values.tolist()
        else:
            np.testing.assert_allclose(again[name], values, rtol=1e-12)


def test_constraints_are_those_of_the_study_language_also_about_texts() -> None:
    space = Space.make(make_inputs(), SpaceWish(constraints=("wwr * u <= 1.5", "glass == 'clear' or wwr < 1")))
    values = space.decode(torch.rand(200, space.width, dtype=torch.float64))
    rows = space.name_values(values)
    expected = (rows["wwr"] * rows["u"] <= 1.5) & ((rows["glass"] == "clear") | (rows["wwr"] < 1))
    kept = space.keep(values)
    assert kept is not None
    assert kept.tolist() == expected.tolist()
    assert 0 < kept.sum() < len(kept)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (SpaceWish(ranges={"height": (1, 2)}), "height"),
        (SpaceWish(ranges={"wwr": (0.6, 20.0)}), "wwr"),
        (SpaceWish(ranges={"wwr": (1.0, 0.6)}), "wwr"),
        (SpaceWish(ranges={"city": (1.0, 2.0)}), "city"),
        (SpaceWish(fixed={"city": "Atlantis"}), "city"),
        (SpaceWish(fixed={"wwr": "much"}), "wwr"),
        (SpaceWish(fixed={"wwr": 1.0}, ranges={"wwr": (0.6, 1.0)}), "wwr"),
        (SpaceWish(choices={"glass": ()}), "glass"),
        (SpaceWish(constraints=("wwr <",)), "constraints[0]"),
        (SpaceWish(constraints=("wwr < 1", "wwr + 1")), "constraints[1]"),
        (SpaceWish(constraints=("area < 1",)), "constraints[0]"),
    ],
)
def test_a_space_beyond_what_was_trained_on_is_refused_by_the_name_of_what_is_at_fault(
    wish: SpaceWish, field: str
) -> None:
    with pytest.raises(WishRefused) as refused:
        Space.make(make_inputs(), wish)
    assert [problem[0] for problem in refused.value.problems] == [field]
