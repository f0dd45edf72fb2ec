"""Parameters that change nothing in any model are told before anything runs."""

import pytest

from studies.cases.effects import MOST_VALUES, list_idle_parameters, list_values
from studies.checks.examination import examine_study
from tests.studies.conftest import MemoryLibrary, insulation, make_study

FUEL = {"class": "Coil:Heating:Fuel", "object": "*", "field": "Fuel Type"}
POWER = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
ROOF = {"class": "Material", "object": "Roof Insulation", "field": "Thickness"}
ZERO = {"class": "Schedule:Constant", "object": "Always Off", "field": "Hourly Value"}


@pytest.mark.parametrize(
    ("parameter", "is_idle"),
    [
        (insulation(target=ROOF, values=[0.2]), True),
        (insulation(target=ROOF, values=[0.2, 0.3]), False),
        (insulation(values=[0.2]), False),  # the wall has another thickness
        (insulation(target=FUEL, values=["naturalgas"]), True),  # read without regard to letter case
        (insulation(target=FUEL, values=["Propane"]), False),
        (insulation(target=POWER, change="scale", values=[1]), True),
        (insulation(target=POWER, change="add", values=[0, 1]), False),
        (insulation(target=ZERO, change="scale", values=[0.5, 2, 3]), True),
        (insulation(target=POWER, values=[10]), False),  # blank in the other object
    ],
)
def test_a_parameter_is_idle_when_every_value_equals_what_the_model_has(
    parameter: dict, is_idle: bool, library: MemoryLibrary
) -> None:
    examined = examine_study(make_study(parameter), library)
    assert list_idle_parameters(examined) == (["insulation_m"] if is_idle else [])


def test_samples_of_a_range_change_something_unless_it_scales_zeros(library: MemoryLibrary) -> None:
    parameters = [
        insulation(name="zero", target=ZERO, change="scale", values=..., uniform=[0.5, 2]),
        insulation(name="roof_m", target=ROOF, values=..., uniform=[0.1, 0.3]),
    ]
    examined = examine_study(make_study(*parameters, design={"method": "lhs", "samples": 1000}), library)
    assert list_idle_parameters(examined) == ["zero"]


def test_the_rows_of_a_table_are_looked_at(library: MemoryLibrary) -> None:
    parameter = insulation(target=ROOF, values=...)
    design = {"method": "table", "rows": [{"insulation_m": 0.2}, {"insulation_m": 0.2}]}
    assert list_idle_parameters(examine_study(make_study(parameter, design=design), library)) == ["insulation_m"]
    design["rows"][1]["insulation_m"] = 0.21
    assert list_idle_parameters(examine_study(make_study(parameter, design=design), library)) == []


def test_what_changes_one_of_several_models_is_not_idle(library: MemoryLibrary) -> None:
    lights = insulation(name="x", target=POWER, change="scale", values=[1.5])
    assert list_idle_parameters(examine_study(make_study(lights, model=["shed", "warehouse"]), library)) == []


def test_only_so_many_different_values_are_tried(library: MemoryLibrary) -> None:
    many = insulation(target=ZERO, change="scale", values=[float(n) for n in range(3 * MOST_VALUES)])
    examined = examine_study(make_study(many), library)
    assert len(list_values(examined.study.parameters[0], examined.study)) == MOST_VALUES
