"""Areas and directions against numbers worked out by hand, and against eppy's where eppy is right."""

import math

import pytest
from eppy.geometry import surface as eppy_surface
from hypothesis import given
from hypothesis import strategies as st

from energyplus.measures.geometry import (
    Plane,
    area_vector,
    azimuth_deg,
    free_intervals,
    polygon_area,
    subtract,
    tilt_deg,
)

# 10 m x 3 m walls whose vertices run counterclockwise as seen from outside
SOUTH = [(0.0, 0.0, 3.0), (0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 0.0, 3.0)]
WEST = [(0.0, 10.0, 3.0), (0.0, 10.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 3.0)]
# a roof of 10 m x 5 m, rising 3 m over 4 m to the north
ROOF = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 4.0, 3.0), (0.0, 4.0, 3.0)]
# a rectangle of 4 m x 2 m with a notch down to its middle: 8 - 4 * 1 / 2 = 6 m2; its inward corner first
NOTCHED = [(2.0, 0.0, 1.0), (0.0, 0.0, 2.0), (0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (4.0, 0.0, 2.0)]
# the south wall with a vertex in the middle of its lower edge, which stands first
ON_EDGE = [(5.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 0.0, 3.0), (0.0, 0.0, 3.0), (0.0, 0.0, 0.0)]


@pytest.mark.parametrize(
    ("polygon", "area", "azimuth", "tilt"),
    [
        (SOUTH, 30.0, 180.0, 90.0),
        (WEST, 30.0, 270.0, 90.0),
        (ROOF, 10.0 * math.hypot(4.0, 3.0), 180.0, math.degrees(math.atan2(3.0, 4.0))),
        (NOTCHED, 6.0, 180.0, 90.0),
        (ON_EDGE, 30.0, 180.0, 90.0),
    ],
)
def test_area_azimuth_and_tilt_are_those_worked_out_by_hand(
    polygon: list[tuple[float, float, float]], area: float, azimuth: float, tilt: float
) -> None:
    normal = area_vector(polygon)
    assert polygon_area(polygon) == pytest.approx(area, abs=1e-12)
    assert azimuth_deg(normal) == pytest.approx(azimuth, abs=1e-9)
    assert tilt_deg(normal) == pytest.approx(tilt, abs=1e-9)


@pytest.mark.parametrize("polygon", [SOUTH, WEST, ROOF])
def test_eppy_agrees_where_the_first_vertex_is_an_outward_corner(polygon: list[tuple[float, float, float]]) -> None:
    normal = area_vector(polygon)
    assert eppy_surface.area(polygon) == pytest.approx(polygon_area(polygon), rel=1e-9)
    assert eppy_surface.tilt(polygon) == pytest.approx(tilt_deg(normal), abs=1e-9)
    assert eppy_surface.azimuth(polygon) == pytest.approx(azimuth_deg(normal), abs=1e-9)


def test_eppy_turns_a_wall_round_whose_first_vertex_is_an_inward_corner() -> None:
    assert eppy_surface.area(NOTCHED) == pytest.approx(6.0)
    assert eppy_surface.azimuth(NOTCHED) == pytest.approx(0.0)  # it faces south
    assert azimuth_deg(area_vector(NOTCHED)) == pytest.approx(180.0)


def test_eppy_has_no_direction_for_a_wall_whose_first_vertex_is_on_an_edge() -> None:
    with pytest.raises(ZeroDivisionError):
        eppy_surface.azimuth(ON_EDGE)
    with pytest.raises(ZeroDivisionError):
        eppy_surface.tilt(ON_EDGE)


def test_far_from_the_origin_an_area_keeps_its_digits() -> None:
    cos, sin = math.cos(0.5), math.sin(0.5)
    far = [(x * cos + 4.5e6, x * sin + 5.5e6, z) for x, _, z in SOUTH]
    assert polygon_area(far) == pytest.approx(30.0, abs=1e-9)


@given(st.floats(0, 360), st.floats(5, 175), st.integers(0, 3))
def test_turning_a_wall_turns_its_azimuth_and_leaves_its_area(azimuth: float, tilt: float, start: int) -> None:
    turn, lean = math.radians(azimuth), math.radians(tilt)
    right = (-math.cos(turn), math.sin(turn), 0.0)
    up = (-math.cos(lean) * math.sin(turn), -math.cos(lean) * math.cos(turn), math.sin(lean))
    corners = [(0, 0), (7, 0), (7, 2), (0, 2)]
    polygon = [tuple(a * r + b * u for r, u in zip(right, up, strict=True)) for a, b in corners]
    polygon = polygon[start:] + polygon[:start]
    normal = area_vector(polygon)  # type: ignore[arg-type]
    assert polygon_area(polygon) == pytest.approx(14.0, abs=1e-12)  # type: ignore[arg-type]
    assert (azimuth_deg(normal) - azimuth + 180) % 360 == pytest.approx(180, abs=1e-6)
    assert tilt_deg(normal) == pytest.approx(tilt, abs=1e-6)


def test_a_wall_is_flattened_to_the_right_and_up_as_seen_from_outside() -> None:
    plane = Plane.of(WEST, area_vector(WEST))
    assert plane is not None
    assert plane.flatten(WEST) == [(0.0, 3.0), (0.0, 0.0), (10.0, 0.0), (10.0, 3.0)]
    assert plane.place((1.0, 2.0)) == (0.0, 9.0, 2.0)


def test_what_lies_flat_has_no_plane_of_a_wall() -> None:
    floor = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 0.0)]
    assert Plane.of(floor, area_vector(floor)) is None


def test_a_band_fits_between_the_legs_of_a_notch() -> None:
    outline = [(0.0, 2.0), (0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (2.0, 1.0)]
    assert free_intervals(outline, 0.2, 0.8) == [(0.0, 4.0)]
    # at 1.5 m the notch is open from 1 to 3 m
    assert free_intervals(outline, 0.5, 1.5) == [(0.0, 1.0), (3.0, 4.0)]


def test_a_band_in_a_gable_is_as_wide_as_the_gable_at_its_upper_edge() -> None:
    gable = [(0.0, 0.0), (8.0, 0.0), (4.0, 4.0)]
    assert free_intervals(gable, 1.0, 2.0) == [(2.0, 6.0)]


def test_doors_are_cut_out_of_intervals() -> None:
    assert subtract([(0.0, 10.0)], 4.0, 5.0) == [(0.0, 4.0), (5.0, 10.0)]
    assert subtract([(0.0, 10.0)], -1.0, 10.0) == []
