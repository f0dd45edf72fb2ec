"""Parameters that use a measure: arguments and values are checked, models asked, and cases made on one draft."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from pydantic import Field
from typing_extensions import override

from energyplus.measures import registry
from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    MeasureValue,
)
from energyplus.models.case_objects import Value
from energyplus.models.draft import ModelDraft
from studies.cases import plans
from studies.cases.changes import plan_edits
from studies.cases.effects import list_idle_parameters
from studies.checks import measures as measure_checks
from studies.checks.drafts import ParameterDraft
from studies.checks.examination import ExaminedStudy, examine_study
from studies.problems import Problem
from tests.studies.conftest import SHED, MemoryLibrary, insulation, make_description, make_study

Refuse = Callable[..., dict[str, Problem]]


class ThickenArguments(MeasureArguments):
    part: Literal["wall", "roof"] = Field(description="Which insulation.")
    most_m: float = Field(default=1.0, gt=0, description="Thickest that is built, m.")


class Thicken(Measure[ThickenArguments]):
    """Makes insulation thicker: a measure as small as one can be that has everything."""

    name = "thicken"
    title = "Thicken insulation"
    value = MeasureValue("number", "How much is added.", unit="m", minimum=0, example=0.1)
    Arguments = ThickenArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: ThickenArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        if draft.find("Material", f"{arguments.part} insulation") is None:
            yield MeasureProblem("arguments.part", "Choose a part that is insulated.", arguments.part, ("wall",))
        if arguments.most_m > 5:
            yield MeasureProblem("arguments.most_m", "That is thicker than a house.", is_note=True)

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: ThickenArguments, context: MeasureContext
    ) -> MeasureReport:
        entry = draft.find("Material", f"{arguments.part} insulation")
        assert entry is not None
        before = float(entry.number("Thickness") or 0)
        after = before + float(value)
        if after > arguments.most_m:
            raise MeasureError(f"{after:g} m is thicker than {arguments.most_m:g} m.")
        entry.set("Thickness", after)
        return MeasureReport(f"{before:g} → {after:g} m", before, after, "m", 1)


@pytest.fixture(autouse=True)
def with_thicken(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**registry.list_measures(), "thicken": Thicken()}
    for module in (measure_checks, plans):
        monkeypatch.setattr(module, "list_measures", lambda: known)


def thicken(**changes: Any) -> dict[str, Any]:
    sound = {"name": "more_m", "measure": "thicken", "arguments": {"part": "wall"}, "values": [0.1, 0.2]}
    return {key: value for key, value in {**sound, **changes}.items() if value is not ...}


def texts(examined: ExaminedStudy, index: int) -> list[str]:
    point = examined.points[index]
    planned = plan_edits(examined, examined.models[point.model].description, point)
    return [change.text for change in planned.changes if change.parameter]


def test_a_measure_is_a_parameter_with_its_own_unit(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(thicken(unit="m")), library)
    assert examined.parameters == {"more_m": "m"}
    assert [texts(examined, index) for index in range(2)] == [
        ["Thicken insulation: 0.1 → 0.2 m"], ["Thicken insulation: 0.1 → 0.3 m"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"arguments": ...}, "arguments.part", "Write `part`: it is missing."),
        ({"arguments": {"part": "walls"}}, "arguments.part", "Did you mean `wall`?"),
        ({"arguments": {"part": "wall", "most": 2}}, "arguments.most",
         "There is no key `most`; did you mean `most_m`?"),
        ({"arguments": {"part": "wall", "most_m": 0}}, "arguments.most_m", "Write a number greater than 0."),
        ({"values": [0.1, -0.2]}, "values[1]", "Write a number that is at least 0 m."),
        ({"values": ["thick"]}, "values[0]", "Write a number without quotes."),
        ({"unit": "cm"}, "unit", "Write the values in m: that is the unit here, and none is converted."),
        ({"measure": "thickn"}, "measure", "There is no measure 'thickn'; did you mean `thicken`?"),
        ({"values": [0.1, 0.95]}, "values[1]", "1.05 m is thicker than 1 m."),
    ],
)  # fmt: skip
def test_a_slip_is_told_where_it_stands(refuse: Refuse, changes: dict[str, Any], path: str, message: str) -> None:
    problems = refuse(make_study(thicken(**changes)))
    assert {found: problem.message for found, problem in problems.items()} == {f"parameters[0].{path}": message}


def test_a_range_is_tried_at_its_ends(refuse: Refuse) -> None:
    study = make_study(thicken(values=..., uniform=[0, 0.95]), design={"method": "lhs", "samples": 4})
    assert list(refuse(study)) == ["parameters[0].uniform[1]"]


def test_each_model_is_asked(refuse: Refuse) -> None:
    bare = {**SHED, "Material": SHED["Material"][:1]}
    library = MemoryLibrary({"shed": make_description(SHED), "bare": make_description(bare)})
    study = make_study(thicken(arguments={"part": "roof"}), model=["shed", "bare"])
    problem = refuse(study, library=library)["parameters[0].arguments.part"]
    assert problem.message == "Choose a part that is insulated (model bare)."
    assert (problem.found, problem.accepted) == ("roof", ["wall"])


def test_what_a_measure_notes_is_a_note(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(thicken(arguments={"part": "wall", "most_m": 9})), library)
    assert [(note.path, note.message) for note in examined.notes] == [
        ("parameters[0].arguments.most_m", "That is thicker than a house.")
    ]


def test_measures_and_fields_of_one_case_see_what_the_earlier_ones_left(library: MemoryLibrary) -> None:
    other = thicken(name="again_m", values=[0.05])
    examined = examine_study(make_study(thicken(values=[0.1]), other), library)
    assert texts(examined, 0) == ["Thicken insulation: 0.1 → 0.2 m", "Thicken insulation: 0.2 → 0.25 m"]
    (note,) = examined.notes
    assert note.message == (
        "The measures of parameters[0] and parameters[1] both change Thickness of Material 'Wall Insulation': they are"
        " applied in the study's order."
    )


@pytest.mark.parametrize("order", [1, -1])
def test_a_field_and_a_measure_cannot_write_to_the_same_place(refuse: Refuse, order: int) -> None:
    parameters = [thicken(), insulation(target={"class": "Material", "object": "Wall*", "field": "Thickness"})][::order]
    (path,) = refuse(make_study(*parameters))
    assert path == ("parameters[1].target" if order == 1 else "parameters[1].measure")


def test_what_is_drawn_meets_the_limits_of_the_measure(refuse: Refuse) -> None:
    study = make_study(thicken(values=..., normal={"mean": 0.1, "sd": 0.1}), design={"method": "sobol", "samples": 64})
    assert refuse(study)["parameters[0].normal"].message.startswith("Write a number that is at least 0 m; 16 % of")


def test_a_derived_measure_still_shows_what_it_writes_to(refuse: Refuse) -> None:
    roof = insulation(name="roof", target={"class": "Material", "object": "Roof*", "field": "Thickness"})
    wall = insulation(name="wall", target={"class": "Material", "object": "Wall*", "field": "Thickness"})
    assert list(refuse(make_study(roof, thicken(values=..., derived="roof"), wall))) == ["parameters[2].target"]


def test_a_measure_that_leaves_every_model_alone_is_idle(library: MemoryLibrary) -> None:
    examined = examine_study(make_study(thicken(values=[0])), library)
    assert list_idle_parameters(examined) == ["more_m"]
    assert list_idle_parameters(examine_study(make_study(thicken(values=[0, 0.1])), library)) == []


def test_a_case_that_leaves_a_measure_out_has_none_of_it(library: MemoryLibrary) -> None:
    study = make_study(thicken(values=[0.1]), insulation(name="l", target={
        "class": "Lights", "object": "*", "field": "Watts per Floor Area"}, change="scale", values=[0.5]),
        design={"method": "one_at_a_time"})  # fmt: skip
    examined = examine_study(study, library)
    told = sorted(tuple(texts(examined, index)) for index in range(examined.points.case_count))
    assert told == [
        (), ("Lights 'Hall Lights': Watts per Floor Area 10 → 5 W/m2",), ("Thicken insulation: 0.1 → 0.2 m",),
    ]  # fmt: skip


def test_constructions_are_assigned_with_their_bill(library: MemoryLibrary) -> None:
    wall = {
        "name": "wall", "measure": "assign_construction", "arguments": {"set": "starter", "surfaces": "exterior_walls"},
        "values": ["as_is", "Solid brick wall 240 mm"],
    }  # fmt: skip
    examined = examine_study(make_study(wall, model="warehouse"), library)
    bills = [plan_edits(examined, examined.models["warehouse"].description, point).bill for point in examined.points]
    assert sorted(len(bill) for bill in bills) == [0, 1]
    (item,) = next(bill for bill in bills if bill)
    assert item.cost == pytest.approx(140 * item.area_m2)


@pytest.mark.parametrize(("measures", "models", "most"), [(51, 1, 50), (9, 50, 8), (2, 1_000, 1)])
def test_more_measures_than_can_be_tried_in_the_models_are_refused(measures: int, models: int, most: int) -> None:
    drafts = [ParameterDraft(f"parameters[{n}]", frozenset({"measure"}), measure="rotate") for n in range(measures)]
    (problem,) = measure_checks.refuse_many(drafts, models)
    assert (problem.path, problem.accepted) == ("parameters", f"at most {most} measures")
    assert list(measure_checks.refuse_many(drafts[:most], models)) == []


def test_too_many_measures_are_told_with_all_other_mistakes_and_none_is_tried(refuse: Refuse) -> None:
    turns = [{"name": f"turn_{n}", "measure": "rotate", "values": [90]} for n in range(51)]
    problems = refuse(make_study(*turns, insulation(values=[-1])))
    assert set(problems) == {"parameters", "parameters[51].values[0]"}
