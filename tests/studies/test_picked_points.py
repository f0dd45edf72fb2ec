"""Points that are picked together are those that are read one by one."""

from typing import Any

import pytest

from studies.definition import MoreRows, Study
from studies.designs.points import Points

TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Picked",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "parameters": [
        {"name": "x", "target": TARGET, "uniform": [0.0, 10.0]},
        {"name": "kind", "target": TARGET, "values": [1, 2.5, "autosize"]},
    ],
    "design": {"method": "lhs", "samples": 1500},
}


@pytest.fixture(scope="module")
def points() -> Points:
    return Points(Study.model_validate(STUDY), [MoreRows(rows=[{"x": 1.0, "kind": 1, "weather": "miami"}] * 3)])


@pytest.mark.parametrize(
    "indices",
    [[], [-2], [-1, 0], [5, 6, 7], [7, 5, 5], [0, 49, 101, 1400], list(range(990, 1100)), [1499, 1500, 1502]],
    ids=str,
)
def test_points_picked_together_are_those_read_one_by_one(points: Points, indices: list[int]) -> None:
    picked = points.pick(indices)
    assert list(picked) == sorted(set(indices))
    for index, point in picked.items():
        alone = points[index]
        assert point == alone
        assert [type(value) for value in point.values.values()] == [type(value) for value in alone.values.values()]


@pytest.mark.parametrize("index", [-3, 10_000])
def test_a_point_that_is_not_there_is_refused(points: Points, index: int) -> None:
    with pytest.raises(IndexError, match=f"no case {index}"):
        points.pick([0, index])
