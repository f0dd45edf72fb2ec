"""Windows as a share of their walls, on a room of 10 m x 6 m x 3 m that is worked out by hand (`box.py`)."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from energyplus.measures.base import MeasureError
from energyplus.measures.geometry import polygon_area
from energyplus.measures.surfaces import list_openings, list_surfaces, read_vertices
from energyplus.models.draft import DraftObject, ModelDraft
from tests.engine.measures.box import BOX, apply, check, draft_of

DETAILED = "FenestrationSurface:Detailed"
SOUTH_M2, EAST_M2 = 10 * 3, 6 * 3


def windows(draft: ModelDraft, wall: str) -> list[DraftObject]:
    return [e for e in draft.objects(DETAILED) if e.text("Building Surface Name") == wall and e.text(1) == "Window"]


def area(entries: list[DraftObject]) -> float:
    return math.fsum(polygon_area(read_vertices(entry)) for entry in entries)


def corners(entry: DraftObject) -> list[tuple[float, ...]]:
    return [tuple(round(number, 9) for number in vertex) for vertex in read_vertices(entry)]


def test_two_windows_share_a_band_of_exactly_the_ratio() -> None:
    draft = draft_of()
    report = apply(draft, "window_to_wall_ratio", 0.4, facade="south")
    # 0.4 * 30 m2 = 12 m2 in a band that is 10 m less an inch on both sides wide: 9.9492 m; 12 / 9.9492 = 1.20613 m
    # high, from the sill of the windows that were there, 1 m
    height = 12 / (10 - 2 * 0.0254)
    left, right = draft.find(DETAILED, "Left"), draft.find(DETAILED, "Right")
    assert left is not None
    assert right is not None
    assert area(windows(draft, "South")) == pytest.approx(12.0, abs=1e-9)
    assert corners(left) == [
        (0.0254, 0, round(1 + height, 9)),
        (0.0254, 0, 1),
        (5, 0, 1),
        (5, 0, round(1 + height, 9)),
    ]
    assert corners(right)[1] == (5, 0, 1)
    assert report.before == pytest.approx(2 * 2 * 1 / 30)
    assert (report.after, report.unit, report.objects) == (0.4, "1", 2)
    assert report.text == "0.1333 → 0.4 in 1 wall"


def test_the_sill_is_lowered_where_the_windows_do_not_fit_above_it() -> None:
    draft = draft_of()
    apply(draft, "window_to_wall_ratio", 0.9, facade="south")
    # 27 m2 / 9.9492 m = 2.71379 m high; the top is an inch below 3 m
    height = 27 / 9.9492
    bottoms = [min(z for _, _, z in corners(entry)) for entry in windows(draft, "South")]
    assert bottoms == [pytest.approx(3 - 0.0254 - height, abs=1e-9)] * 2
    assert area(windows(draft, "South")) == pytest.approx(27.0, abs=1e-9)


def test_a_wall_without_windows_gets_one_with_openstudios_sill() -> None:
    draft = draft_of()
    apply(draft, "window_to_wall_ratio", 0.25, facade="east")
    (window,) = windows(draft, "East")
    # 0.25 * 18 m2 = 4.5 m2; 6 m - 2 inches = 5.9492 m wide
    assert (window.name, window.text("Construction Name"), window.position) == ("East Window", "Glazed", None)
    assert area([window]) == pytest.approx(4.5, abs=1e-9)
    assert corners(window) == [
        (10, 0.0254, round(0.762 + 4.5 / 5.9492, 9)),
        (10, 0.0254, 0.762),
        (10, 5.9746, 0.762),
        (10, 5.9746, round(0.762 + 4.5 / 5.9492, 9)),
    ]


def test_the_sill_that_is_asked_for_is_where_the_windows_begin() -> None:
    draft = draft_of()
    apply(draft, "window_to_wall_ratio", 0.2, facade="south", sill_height=0.5)
    assert {min(z for _, _, z in corners(entry)) for entry in windows(draft, "South")} == {0.5}


def test_a_door_is_left_alone_and_nothing_lies_over_it() -> None:
    draft = draft_of()
    before = draft.objects(DETAILED)[2].values
    apply(draft, "window_to_wall_ratio", 0.5, facade="west")
    (window,) = windows(draft, "West")
    assert draft.objects(DETAILED)[2].values == before
    # 0.5 * 18 = 9 m2 beside the door, which takes y 0 to 1: 5 m less an inch at the outer edge
    assert area([window]) == pytest.approx(9.0, abs=1e-9)
    assert (min(y for _, y, _ in corners(window)), max(y for _, y, _ in corners(window))) == (1.0, 5.9746)


def test_a_ratio_that_doors_leave_no_room_for_is_refused_with_the_one_they_do() -> None:
    with pytest.raises(
        MeasureError, match=r"'West' has no room for windows of 0.9 of its area beside its doors"
    ) as info:
        apply(draft_of(), "window_to_wall_ratio", 0.9, facade="west")
    # (5 - 0.0254) * (3 - 2 * 0.0254) / 18 = 0.815
    assert "room for about 0.82" in str(info.value) or "room for about 0.81" in str(info.value)


def test_zero_takes_the_windows_out_with_what_hangs_on_them() -> None:
    text = BOX + (
        "Shading:Overhang:Projection,Visor,Left,0,90,0,0,0.5;\n"
        "WindowShadingControl,Blinds,Room,1,InteriorShade,,OnIfScheduleAllows,,,No,No,,,,,,Group,Left,Right;\n"
    )
    draft = draft_of(text)
    report = apply(draft, "window_to_wall_ratio", 0)
    assert [entry.name for entry in draft.objects(DETAILED)] == ["Entrance"]
    assert draft.objects("Shading:Overhang:Projection") == ()
    assert draft.objects("WindowShadingControl") == ()
    assert (report.after, report.objects) == (0.0, 3)


def test_zero_is_refused_where_something_else_needs_the_window() -> None:
    text = BOX + "AirflowNetwork:MultiZone:Surface,Left,Crack;\n"
    with pytest.raises(MeasureError, match="AirflowNetwork:MultiZone:Surface refers to 'Left'"):
        apply(draft_of(text), "window_to_wall_ratio", 0)


def test_names_constructions_and_frames_stay() -> None:
    text = BOX.replace("Right,Window,Glazed,South,,,,1,4", "Right,Window,Glazed,South,,,Frame,1,4")
    draft = draft_of(text + "WindowProperty:FrameAndDivider,Frame,0.05;\n")
    apply(draft, "window_to_wall_ratio", 0.4, facade="south")
    right, left = windows(draft, "South")
    assert (right.name, right.text("Frame and Divider Name"), left.name) == ("Right", "Frame", "Left")
    assert area([left, right]) == pytest.approx(12.0, abs=1e-9)
    # a frame of 5 cm around both: 10 cm between the glazings, 5 cm and an inch to the edge of the wall
    assert min(x for x, _, _ in corners(right)) - max(x for x, _, _ in corners(left)) == pytest.approx(0.1, abs=1e-9)
    assert min(x for x, _, _ in corners(left)) == pytest.approx(0.0254 + 0.05, abs=1e-9)


def test_a_multiplier_gives_way_to_glass_that_is_drawn() -> None:
    draft = draft_of(BOX.replace("Left,Window,Glazed,South,,,,1,4", "Left,Window,Glazed,South,,,,3,4"))
    report = apply(draft, "window_to_wall_ratio", 0.4, facade="south")
    assert report.before == pytest.approx((2 + 3 * 2) / 30)
    assert [entry.number("Multiplier") for entry in windows(draft, "South")] == [1, 1]
    assert area(windows(draft, "South")) == pytest.approx(12.0, abs=1e-9)


def test_windows_given_by_length_and_height_are_moved_in_their_wall() -> None:
    text = BOX[: BOX.index("FenestrationSurface:Detailed,Right")] + "Window,Pane,Glazed,South,,2,1,1,2,1;\n"
    draft = draft_of(text)
    apply(draft, "window_to_wall_ratio", 0.4, facade="south")
    (pane,) = draft.objects("Window")
    assert pane.values[4:] == pytest.approx((1, 0.0254, 1.0, 9.9492, 12 / 9.9492), abs=1e-12)
    assert pane.number("Length") * pane.number("Height") == pytest.approx(12.0, abs=1e-9)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("north", "zone", "facade"),
    [(0, 0, "south"), (44, 0, "south"), (45, 0, "west"), (-45, 0, "south"), (-46, 0, "east"), (90, 90, "north")],
)
def test_the_facade_is_that_of_the_building_as_it_stands(north: float, zone: float, facade: str) -> None:
    """The wall faces 180 degrees in its zone; sectors run from 45 to 135 (east), to 225 (south), to 315 (west)."""
    text = BOX.replace("Box,0,", f"Box,{north},").replace("Zone,Room,0,", f"Zone,Room,{zone},")
    faces = {surface.name: surface.facade for surface in list_surfaces(draft_of(text), "wall")}
    assert faces["South"] == facade
    assert len(set(faces.values())) == 4


def test_world_coordinates_do_not_turn_with_the_north_axis() -> None:
    text = BOX.replace("Relative,Relative,Relative", "World,World,World").replace("Box,0,", "Box,90,")
    assert {s.name: s.facade for s in list_surfaces(draft_of(text), "wall")}["South"] == "south"
    turned = draft_of(text + "Compliance:Building,90;\n")
    assert {s.name: s.facade for s in list_surfaces(turned, "wall")}["South"] == "west"


@pytest.mark.parametrize("rectangular", ["World", "Relative", ""])
@pytest.mark.parametrize(("detailed", "facade"), [("World", "south"), ("Relative", "west")])
def test_rectangular_walls_turn_like_detailed_ones(detailed: str, rectangular: str, facade: str) -> None:
    """What a simulation of these six shows, too: the azimuths of the walls that it reports."""
    text = BOX.replace("Relative,Relative,Relative", f"{detailed},,{rectangular}").replace("Box,0,", "Box,90,")
    text += "Wall:Exterior,Plain,Wall,Room,,180,90,0,0,3,10,3;\n"
    assert {s.name: s.facade for s in list_surfaces(draft_of(text), "wall")}["Plain"] == facade


def clockwise(text: str) -> str:
    """The same room, its vertices clockwise from the lower left corner."""
    lines = []
    for line in text.replace("UpperLeftCorner,Counterclockwise", "LowerLeftCorner,Clockwise").splitlines():
        head, found, tail = line.rpartition(",4,")
        is_outline = not found and line.strip()[:1].isdigit()
        numbers = [n.strip() for n in (tail if found else line).strip(" ;").split(",")]
        if (found or is_outline) and len(numbers) == 12:
            upper_left, lower_left, lower_right, upper_right = (numbers[n : n + 3] for n in (0, 3, 6, 9))
            flat = [*lower_left, *upper_left, *upper_right, *lower_right]
            line = f"{head}{found}{', '.join(flat)};"  # noqa: PLW2901 - it is written another way
        lines.append(line)
    return "\n".join(lines)


def test_vertices_are_written_as_the_model_writes_them() -> None:
    draft = draft_of(clockwise(BOX))
    assert {s.name: s.facade for s in list_surfaces(draft, "wall")}["South"] == "south"
    apply(draft, "window_to_wall_ratio", 0.4, facade="south")
    left = draft.find(DETAILED, "Left")
    assert left is not None
    top = round(1 + 12 / 9.9492, 9)
    assert corners(left) == [(0.0254, 0, 1), (0.0254, 0, top), (5, 0, top), (5, 0, 1)]


def test_a_gable_gets_a_window_of_exactly_its_share() -> None:
    gable = (
        "BuildingSurface:Detailed,South,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,3, 0,0,0, 10,0,0, 5,0,4;\n"
    )
    start, end = BOX.index("BuildingSurface:Detailed,South"), BOX.index("BuildingSurface:Detailed,East")
    draft = draft_of(BOX[:start] + gable + BOX[end:])
    apply(draft, "window_to_wall_ratio", 0.3, facade="south", sill_height=0.5)
    # 10 * 4 / 2 = 20 m2
    assert area(windows(draft, "South")) == pytest.approx(6.0, abs=1e-9)
    for x, _, z in (corner for entry in windows(draft, "South") for corner in corners(entry)):
        assert z <= 4 - abs(x - 5) * 4 / 5  # below the gable's slopes
    with pytest.raises(MeasureError, match=r"room for about 0\.4"):  # a rectangle takes half of a triangle at most
        apply(draft, "window_to_wall_ratio", 0.6, facade="south")


def test_plenums_are_left_alone_unless_they_are_asked_for() -> None:
    text = BOX.replace("Zone,Room,0,0,0,0;", "Zone,Room,0,0,0,0,1,1,3,180,,,,No;")
    with pytest.raises(MeasureError, match="No exterior wall faces all"):
        apply(draft_of(text), "window_to_wall_ratio", 0.4)
    draft = draft_of(text)
    apply(draft, "window_to_wall_ratio", 0.4, facade="south", exl_spaces_not_incl_fl_area=False)
    assert area(windows(draft, "South")) == pytest.approx(12.0, abs=1e-9)


def test_checks_tell_what_a_modeller_should_know() -> None:
    assert check(draft_of(), "window_to_wall_ratio", facade="south") == []
    ((path, message),) = check(draft_of(), "window_to_wall_ratio")
    assert (path, message[:33]) == ("measure", "note: 3 of 4 walls have no window")
    path, message = check(draft_of(), "window_to_wall_ratio", construction="Glas")[0]
    assert (path, message) == ("arguments.construction", "Write a construction of the model.")
    bare = BOX[: BOX.index("FenestrationSurface:Detailed,Right")]
    ((path, message),) = check(draft_of(bare), "window_to_wall_ratio")
    assert (path, message[:23]) == ("arguments.construction", "Write `construction`: w")
    with pytest.raises(MeasureError, match="write the argument `construction`"):
        apply(draft_of(bare), "window_to_wall_ratio", 0.3)
    assert apply(draft_of(bare), "window_to_wall_ratio", 0.3, construction="Glazed").objects == 4


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 0.97), st.floats(0, 2.5), st.integers(1, 5), st.integers(0, 359))
def test_any_ratio_is_met_exactly_inside_the_wall(ratio: float, sill: float, count: int, turn: int) -> None:
    """Windows of one wall at any turn of the model's own coordinates: area, outline and names hold."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def at(x: float, z: float) -> str:
        return f"{x * cos!r},{x * sin!r},{z!r}"

    wall = ", ".join((at(0, 3), at(0, 0), at(10, 0), at(10, 3)))
    text = BOX[: BOX.index("BuildingSurface:Detailed,South")]
    text += f"BuildingSurface:Detailed,W,Wall,Wall,Room,,Outdoors,,SunExposed,WindExposed,,4,{wall};\n"
    for n in range(count):
        places = ", ".join((at(n + 0.2, 2), at(n + 0.2, 1), at(n + 0.8, 1), at(n + 0.8, 2)))
        text += f"FenestrationSurface:Detailed,P{n},Window,Glazed,W,,,,1,4,{places};\n"
    draft = draft_of(text)
    largest = (10 - 2 * 0.0254) * (3 - 2 * 0.0254) / 30
    assume(ratio < largest)
    apply(draft, "window_to_wall_ratio", ratio, sill_height=sill)
    (surface,) = list_surfaces(draft, "wall")
    places = [opening.outline for opening in list_openings(draft, [surface])["w"]]
    assert area(windows(draft, "W")) == pytest.approx(30 * ratio, abs=1e-9)
    assert [entry.name for entry in windows(draft, "W")] == [f"P{n}" for n in range(count)]
    assert all(p.left > 0.02 and p.right < 9.98 and p.bottom > 0.02 and p.top < 2.98 for p in places)
    assert all(one.right <= two.left + 1e-9 for one, two in pairwise(places))


def test_the_ratio_is_that_of_whole_numbers_to_the_last_digit() -> None:
    draft = draft_of()
    apply(draft, "window_to_wall_ratio", 0.1, facade="south")
    exact = Fraction(0.1) * 30
    assert abs(Fraction(area(windows(draft, "South"))) - exact) < Fraction(1, 10**12)


def test_a_model_of_an_older_version_gets_its_windows_too() -> None:
    # BuildingSurface:Detailed had no spaces then
    text = BOX.replace("Version,25.2;", "Version,9.2;").replace(",Room,,", ",Room,")
    draft = draft_of(text, "9.2")
    apply(draft, "window_to_wall_ratio", 0.4)
    assert area(windows(draft, "South")) == pytest.approx(0.4 * SOUTH_M2, abs=1e-9)
    assert area(windows(draft, "East")) == pytest.approx(0.4 * EAST_M2, abs=1e-9)
