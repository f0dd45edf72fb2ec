"""A case in a line for each parameter, and what each parameter touches: what people read before they press submit."""

from typing import Any

import pytest

from studies.cases.changes import plan_edits
from studies.cases.summaries import TouchedTarget, summarise_case, touched_targets
from studies.checks.examination import examine_study
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

POWER = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
LIT = {
    **SHED,
    "Lights": [
        (f"Lights {number}", "Hall", "Always On", "Watts/Area", "", power)
        for number, power in enumerate(("10", "12", "11"))
    ],
}


@pytest.fixture
def library() -> MemoryLibrary:
    return MemoryLibrary({"shed": make_description(LIT), "dim": make_description({**LIT, "Lights": LIT["Lights"][:1]})})


def summarise(library: MemoryLibrary, parameter: dict[str, Any], **changes: Any) -> list[str]:
    examined = examine_study(make_study(parameter, **changes), library)
    point = examined.points[0]
    planned = plan_edits(examined, examined.models[point.model].description, point)
    return list(summarise_case(examined.study, point, planned))


def test_one_object_shows_what_it_has_and_gets(library: MemoryLibrary) -> None:
    roof = insulation(name="roof_insulation", target={"class": "Material", "object": "Roof*", "field": "Thickness"})
    assert summarise(library, {**roof, "values": [0.094]}) == ["Roof insulation: 0.2 → 0.094 m in 1 object"]
    assert summarise(library, {**roof, "values": [0.2]}) == ["Roof insulation: stays 0.2 m in 1 object"]
    assert summarise(library, {**roof, "label": "Roof", "values": [1 / 3]}) == ["Roof: 0.2 → 0.3333 m in 1 object"]


def test_several_objects_show_their_span(library: MemoryLibrary) -> None:
    assert summarise(library, insulation(values=[0.3])) == ["Insulation m: 0.1–0.2 → 0.3 m in 2 objects"]


def test_a_factor_and_an_addend_are_shown_as_such(library: MemoryLibrary) -> None:
    lights = insulation(name="lighting", target=POWER, change="scale")
    assert summarise(library, {**lights, "values": [0.8]}) == ["Lighting: ×0.8 in 3 objects (10–12 → 8–9.6 W/m2)"]
    add = {**lights, "change": "add"}
    assert summarise(library, {**add, "values": [-1.5]}) == ["Lighting: −1.5 W/m2 in 3 objects (10–12 → 8.5–10.5 W/m2)"]


def test_words_are_shown_as_words(library: MemoryLibrary) -> None:
    fuel = {"class": "Coil:Heating:Fuel", "object": "*", "field": "Fuel Type"}
    assert summarise(library, insulation(name="fuel", target=fuel, values=["propane"])) == [
        "Fuel: NaturalGas → Propane in 2 objects"
    ]
    rough = {"class": "Material", "object": "*", "field": "Roughness"}
    assert summarise(library, insulation(name="rough", target=rough, values=["Smooth"])) == [
        "Rough: 2 different → Smooth in 3 objects"
    ]
    burner = {"class": "Coil:Heating:Fuel", "object": "*", "field": "Nominal Capacity"}
    assert summarise(library, insulation(name="size", target=burner, values=[5000])) == [
        "Size: 2 different → 5000 W in 2 objects"
    ]


def test_targets_that_are_changed_differently_are_told_apart(library: MemoryLibrary) -> None:
    target = [POWER, {"class": "Material", "object": "Wall*", "field": "Conductivity", "change": "scale"}]
    text = summarise(library, insulation(name="both", target=target, change="scale", values=[2]))
    assert text == ["Both: ×2 in 3 objects (10–12 → 20–24 W/m2); ×2 in 1 object (0.045 → 0.09 W/m-K)"]


def test_a_measure_says_itself_what_it_does(library: MemoryLibrary) -> None:
    (text,) = summarise(library, {"name": "north", "measure": "rotate", "values": [90]})
    assert text.startswith("North: ")
    assert "0 → 90 deg" in text


def test_what_a_parameter_touches_is_told_for_each_model(library: MemoryLibrary) -> None:
    parameters = [insulation(name="lighting", target=POWER), {"name": "north", "measure": "rotate", "values": [90]}]
    touched = touched_targets(examine_study(make_study(*parameters, model=["shed", "dim"]), library))
    power = ("Lights", "Watts per Floor Area")
    assert touched == (
        TouchedTarget("lighting", "shed", *power, 3, ("Lights 0", "Lights 1", "Lights 2")),
        TouchedTarget("lighting", "dim", *power, 1, ("Lights 0",)),
        TouchedTarget("north", "shed", "Building", "North Axis", 1, ("Shed",)),
        TouchedTarget("north", "dim", "Building", "North Axis", 1, ("Shed",)),
    )


def test_only_the_first_few_names_are_told(library: MemoryLibrary) -> None:
    lights = insulation(name="lighting", target=POWER)
    (touched,) = touched_targets(examine_study(make_study(lights, model="hospital"), library))
    assert touched.objects > 5
    assert len(touched.names) == 5


def test_a_factor_touches_the_objects_with_numbers_alone() -> None:
    lights = insulation(name="lighting", target=POWER, change="scale", values=[0.5])
    (touched,) = touched_targets(examine_study(make_study(lights), MemoryLibrary()))
    assert (touched.objects, touched.names) == (1, ("Hall Lights",))
