"""Measures on the real engine: a case of each on two buildings moves what it should, the way it should."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from energyplus.bundled import list_bundled_models
from energyplus.engines.engine import SimulationJob
from energyplus.engines.pip_engine import PipEngine
from energyplus.measures.surfaces import list_openings, list_surfaces, opening_area
from energyplus.models.building_model import BuildingModel
from energyplus.models.draft import ModelDraft
from energyplus.results.outcome import SimulationOutcome
from energyplus.run_period import RunPeriod
from tests.engine.cases import ask_for
from tests.engine.measures.box import apply

pytestmark = pytest.mark.engine

DAYS = RunPeriod("design_days")
MODELS = {entry.alias: entry.path for entry in list_bundled_models()}
Measures = tuple[tuple[str, Any, tuple[tuple[str, Any], ...]], ...]
Run = Callable[..., tuple[SimulationOutcome, Path, ModelDraft]]

# measure, value, arguments, and which way metrics go: 1 up, -1 down, 0 not at all
CASES: list[tuple[str, Any, dict[str, Any], dict[str, int]]] = [
    ("window_to_wall_ratio", 0.4, {}, {"heating_kwh": 1, "cooling_kwh": 1, "interior_lighting_kwh": 0}),
    ("overhangs", 0.5, {}, {"cooling_kwh": -1, "interior_equipment_kwh": 0}),
    ("insulation_r_value", 4.0, {}, {"heating_kwh": -1}),
    ("window_u_factor", 1.5, {}, {"heating_kwh": -1}),
    ("window_shgc", 0.25, {}, {"cooling_kwh": -1}),
    ("infiltration_per_area", 0.0006, {}, {"heating_kwh": 1, "interior_lighting_kwh": 0}),
    ("infiltration_air_changes", 0.1, {}, {"heating_kwh": -1}),
    ("lighting_power_density", 5.0, {}, {"interior_lighting_kwh": -1, "cooling_kwh": -1, "interior_equipment_kwh": 0}),
    ("equipment_power_density", 1.0, {}, {"interior_equipment_kwh": -1, "interior_lighting_kwh": 0}),
    ("heating_setpoint", 1.0, {"alter_design_days": True}, {"heating_kwh": 1}),
    ("cooling_setpoint", -1.0, {"alter_design_days": True}, {"cooling_kwh": 1}),
    ("outdoor_air_rate", 0.5, {}, {"heating_kwh": -1, "interior_lighting_kwh": 0}),
    ("heating_coil_efficiency", 0.95, {}, {"heating_kwh": -1, "cooling_kwh": 0}),
    ("cooling_coil_cop", 5.0, {}, {"cooling_kwh": -1, "heating_kwh": 0}),
    ("rooftop_pv", 0.5, {}, {"electricity_kwh": 0, "heating_kwh": 0, "electricity_produced_kwh": 1}),
    ("run_period", "01-14 to 01-15", {}, {"cooling_kwh": -1, "interior_lighting_kwh": -1}),
]


@pytest.fixture(scope="module")
def run(weathers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs the design days of a model with measures, each case once; `alter` changes the text of the model before."""
    engine, models, known = PipEngine(), {}, {}

    def run_case(
        alias: str, measures: Measures = (), alter: tuple[str, str] = ("", "")
    ) -> tuple[SimulationOutcome, Path, ModelDraft]:
        key = (alias, measures, alter)
        if key not in known:
            if (alias, alter) not in models:
                path = tmp_path_factory.mktemp("base") / "base.idf"
                text = MODELS[alias].read_text(encoding="latin-1")
                path.write_text(text.replace(*alter) if alter[0] else text)
                models[alias, alter] = BuildingModel.read(path)
            model = models[alias, alter]
            draft = ModelDraft(model.describe())
            for name, value, arguments in measures:
                apply(draft, name, value, **dict(arguments))
            request, folder = ask_for(draft.conclude(), DAYS), tmp_path_factory.mktemp("run")
            (folder / "model.idf").write_text(model.render(request))
            job = SimulationJob(folder / "model.idf", weathers["chicago"], folder, request.simulated, timeout_s=300)
            known[key] = engine.simulate(job, lambda: False), folder, draft
        return known[key]

    yield run_case
    engine.close()


def one(name: str, value: Any, **arguments: Any) -> Measures:
    return ((name, value, tuple(arguments.items())),)


def metric(outcome: SimulationOutcome, name: str) -> float:
    assert outcome.status == "succeeded", outcome.failure
    return float(outcome.metrics.get(name) or 0.0)


@pytest.mark.parametrize("alias", ["small_office", "warehouse"])
@pytest.mark.parametrize(("name", "value", "arguments", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_measure_moves_what_it_should_the_way_it_should(
    run: Run, alias: str, name: str, value: Any, arguments: dict[str, Any], expected: dict[str, int]
) -> None:
    before, after = run(alias)[0], run(alias, one(name, value, **arguments))[0]
    assert metric(after, "severe_errors") == 0
    for what, direction in expected.items():
        change = metric(after, what) - metric(before, what)
        if direction == 0:
            assert metric(after, what) == pytest.approx(metric(before, what), rel=1e-6)
        else:
            assert change * direction > 0.001 * metric(before, what), f"{what}: {change}"


def test_efficiencies_and_densities_move_energy_in_exactly_their_ratio(run: Run) -> None:
    before = run("small_office")[0]
    burner = run("small_office", one("heating_coil_efficiency", 0.95))[0]
    cooler = run("small_office", one("cooling_coil_cop", 5.0))[0]
    lights = run("small_office", one("lighting_power_density", 5.0))[0]
    # the model has 0.8, 3.66668442928701 and 10.76 W/m2
    assert metric(burner, "heating_natural_gas_kwh") == pytest.approx(
        metric(before, "heating_natural_gas_kwh") * 0.8 / 0.95, rel=1e-6
    )
    assert metric(cooler, "cooling_kwh") == pytest.approx(
        metric(before, "cooling_kwh") * 3.66668442928701 / 5, rel=1e-6
    )
    assert metric(lights, "interior_lighting_kwh") == pytest.approx(
        metric(before, "interior_lighting_kwh") * 5 / 10.76, rel=1e-9
    )


def test_a_plant_takes_its_efficiencies(run: Run) -> None:
    before = run("ashrae_hotel_large")[0]
    after = run("ashrae_hotel_large", (*one("boiler_efficiency", 0.95), *one("chiller_cop", 7.0)))[0]
    # the model has 0.8 and 2.96; loads stay, and so does what heats without the boiler
    assert metric(after, "heating_natural_gas_kwh") == pytest.approx(
        metric(before, "heating_natural_gas_kwh") * 0.8 / 0.95, rel=1e-3
    )
    assert metric(after, "cooling_kwh") == pytest.approx(metric(before, "cooling_kwh") * 2.96 / 7.0, rel=1e-2)
    assert metric(after, "severe_errors") == metric(before, "severe_errors")


def read_cells(folder: Path, report: str, table: str, column: str) -> dict[str, float]:
    """A column of one of the engine's own tables, by row."""
    query = (
        "SELECT RowName, Value FROM TabularDataWithStrings WHERE ReportName = ? AND TableName = ? AND ColumnName = ?"
    )
    with closing(sqlite3.connect(folder / "eplusout.sql")) as database:
        rows = database.execute(query, (report, table, column)).fetchall()
    return {name: float(value) for name, value in rows if value.strip()}


def door_percent(draft: ModelDraft, facade: str) -> float:
    """What the engine counts as windows besides: glass doors, which measures leave alone, as OpenStudio's do."""
    walls = [wall for wall in list_surfaces(draft, "wall") if wall.facade == facade]
    doors = [o for found in list_openings(draft, walls).values() for o in found if o.kind == "glassdoor"]
    return 100 * sum(opening_area(door.entry) for door in doors) / sum(wall.area_m2 for wall in walls)


RATIOS = ("InputVerificationandResultsSummary", "Window-Wall Ratio")
QUARTERS = {
    "north": "North (315 to 45 deg)",
    "east": "East (45 to 135 deg)",
    "south": "South (135 to 225 deg)",
    "west": "West (225 to 315 deg)",
}


def test_the_engine_sees_the_ratio_that_was_asked_for(run: Run) -> None:
    _, folder, draft = run("small_office", one("window_to_wall_ratio", 0.4))
    doors = {facade: door_percent(draft, facade) for facade in QUARTERS}
    assert sorted(value > 0 for value in doors.values()) == [False, False, False, True]
    for facade, column in QUARTERS.items():
        found = read_cells(folder, *RATIOS, column)["Gross Window-Wall Ratio"]
        assert found == pytest.approx(40.0 + doors[facade], abs=1e-6)


def test_the_engine_sees_the_facade_that_was_asked_for_in_a_turned_building(run: Run) -> None:
    measures = (*one("rotate", 90), *one("window_to_wall_ratio", 0.4, facade="west"))
    _, folder, draft = run("small_office", measures)
    west, north = (read_cells(folder, *RATIOS, QUARTERS[name])["Gross Window-Wall Ratio"] for name in ("west", "north"))
    assert west == pytest.approx(40.0 + door_percent(draft, "west"), abs=1e-6)
    # what faces north now faced west before
    before = read_cells(run("small_office")[1], *RATIOS, QUARTERS["west"])["Gross Window-Wall Ratio"]
    assert north == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("north", [0, 37])
def test_the_engine_sees_the_azimuths_that_measures_go_by(run: Run, north: float) -> None:
    measures = one("rotate", north) if north else ()
    _, folder, draft = run("small_office", measures)
    found = read_cells(folder, "EnvelopeSummary", "Opaque Exterior", "Azimuth")
    for wall in list_surfaces(draft, "wall"):
        assert found[wall.name.upper()] == pytest.approx(wall.azimuth_deg, abs=0.01)


def test_a_building_in_world_coordinates_turns_like_one_in_relative_ones(run: Run) -> None:
    """Its zones stand at the origin, so both say the same until they are turned; daylight and lamps turn along."""
    text = MODELS["ashrae_office_small"].read_text(encoding="latin-1")
    start = text.index("GlobalGeometryRules,")
    rules = text[start : text.index(";", start) + 1]
    world = "GlobalGeometryRules,UpperLeftCorner,Counterclockwise,World,World,World;"
    turned = one("rotate", 45)
    relative, _, _ = run("ashrae_office_small", turned)
    other, _, draft = run("ashrae_office_small", turned, (rules, world))
    assert [entry.values for entry in draft.objects("Compliance:Building")] == [(45.0,)]
    still = run("ashrae_office_small")[0]
    for name in ("heating_kwh", "cooling_kwh", "interior_lighting_kwh"):
        assert metric(other, name) == pytest.approx(metric(relative, name), rel=1e-6)
        assert metric(relative, name) != pytest.approx(metric(still, name), rel=1e-6)


def test_panels_give_what_the_sun_on_them_and_their_efficiencies_say(run: Run) -> None:
    half = run("warehouse", one("rooftop_pv", 0.5))[0]
    quarter = run("warehouse", one("rooftop_pv", 0.25, cell_efficiency=0.18, inverter_efficiency=0.49))[0]
    produced = metric(half, "electricity_produced_kwh")
    # half the cells and half the inverter's efficiency: a quarter
    assert metric(quarter, "electricity_produced_kwh") == pytest.approx(produced / 4, rel=1e-6)
    assert metric(half, "electricity_net_kwh") == pytest.approx(metric(half, "electricity_kwh") - produced, rel=1e-6)
    # 4,598 m2 of roof, half of it cells: 5 to 9 kWh/m2 fall on a clear summer design day, none are reported by night
    assert 4598 * 0.5 * 0.18 * 0.98 * 5 < produced < 4598 * 0.5 * 0.18 * 0.98 * 12


def test_a_set_point_shifted_across_the_other_does_not_stop_the_engine(run: Run) -> None:
    after = run("small_office", one("heating_setpoint", 8.0, alter_design_days=True))[0]
    assert metric(after, "severe_errors") == 0
    assert metric(after, "heating_kwh") > metric(run("small_office")[0], "heating_kwh")


def test_windows_can_be_taken_out_of_a_building_with_daylight_controls(run: Run) -> None:
    after = run("ashrae_office_small", one("window_to_wall_ratio", 0.0))[0]
    before = run("ashrae_office_small")[0]
    assert metric(after, "interior_lighting_kwh") > metric(before, "interior_lighting_kwh")
    assert metric(after, "severe_errors") == 0
