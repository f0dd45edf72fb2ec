"""Metrics against the engine's own tables, and units that are read, never assumed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from energyplus.errors import ResultsError
from energyplus.models.building_model import BuildingModel, RunPeriod
from energyplus.results.diagnostics import Diagnostics
from energyplus.results.metrics import (
    END_USES,
    FUELS,
    METRICS,
    metric_label,
    metric_unit,
    missing_metrics,
    read_metrics,
)
from energyplus.results.outcome import SimulationOutcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

GJ_PER_KWH = 3.6e-3
# The summary's labels of what the metrics call otherwise.
ROWS = {name: name.replace("_", " ").title() for name in END_USES}
COLUMNS = {name: name.replace("_", " ").title() for name in FUELS}


def read_table(folder: Path, table: str) -> dict[tuple[str, str], tuple[float, str]]:
    query = (
        "SELECT RowName, ColumnName, Value, Units FROM TabularDataWithStrings"
        " WHERE ReportName = 'AnnualBuildingUtilityPerformanceSummary' AND TableName = ?"
    )
    with closing(sqlite3.connect(folder / "eplusout.sql")) as database:
        return {
            (row, column): (float(value), unit)
            for row, column, value, unit in database.execute(query, (table,))
            if value
        }


@pytest.mark.engine
@pytest.mark.parametrize("alias", ["hospital", "supermarket", "ashrae_apartment_mid_rise"])
def test_metrics_agree_with_every_cell_of_the_engines_summary(
    alias: str, models: dict[str, Path], simulate: Simulate, tmp_path: Path
) -> None:
    outcome = simulate(BuildingModel.read(models[alias]).render(ask_for([], THREE_DAYS)), tmp_path)
    assert outcome.failure is None
    metrics = outcome.metrics
    cells = read_table(tmp_path, "End Uses")
    for end_use, row in ROWS.items():
        for fuel, column in COLUMNS.items():
            value, unit = cells[row, column]
            assert unit == "GJ"
            assert (metrics.get(f"{end_use}_{fuel}_kwh") or 0.0) * GJ_PER_KWH == pytest.approx(
                value, rel=1e-9, abs=1e-12
            )
        total = sum(cells[row, column][0] for column in COLUMNS.values())
        assert (metrics.get(f"{end_use}_kwh") or 0.0) * GJ_PER_KWH == pytest.approx(total, rel=1e-9, abs=1e-12)
    for fuel, column in COLUMNS.items():
        total = cells["Total End Uses", column][0]
        assert (metrics.get(f"{fuel}_kwh") or 0.0) * GJ_PER_KWH == pytest.approx(total, rel=1e-9, abs=1e-12)
    site = read_table(tmp_path, "Site and Source Energy")
    assert metrics["total_site_energy_kwh"] * GJ_PER_KWH == pytest.approx(site["Total Site Energy", "Total Energy"][0])  # type: ignore[operator]
    assert metrics["site_eui_kwh_m2"] * 3.6 == pytest.approx(  # type: ignore[operator]
        site["Total Site Energy", "Energy Per Total Building Area"][0]
    )


@pytest.mark.engine
def test_the_peak_agrees_with_the_engines_demand_table(good_run: tuple[SimulationOutcome, Path]) -> None:
    outcome, folder = good_run
    with closing(sqlite3.connect(folder / "eplusout.sql")) as database:
        value, unit = database.execute(
            "SELECT Value, Units FROM TabularDataWithStrings WHERE ReportName = 'DemandEndUseComponentsSummary'"
            " AND TableName = 'End Uses' AND RowName = 'Total End Uses' AND ColumnName = 'Electricity'"
        ).fetchone()
    assert unit == "W"
    assert outcome.metrics["peak_electricity_w"] == pytest.approx(float(value), rel=1e-12)


@pytest.mark.engine
def test_what_a_model_does_not_have_is_null_not_zero(good_run: tuple[SimulationOutcome, Path]) -> None:
    metrics = good_run[0].metrics
    assert list(metrics)[: len(METRICS)] == list(METRICS)
    assert metrics["district_heating_kwh"] is None
    assert metrics["district_cooling_kwh"] is None
    assert metrics["heating_electricity_kwh"] == 0.0
    assert "refrigeration_kwh" not in metrics


@pytest.mark.engine
def test_design_days_are_summed_and_have_no_source_energy(
    small_office: BuildingModel, simulate: Simulate, tmp_path: Path
) -> None:
    design_days = RunPeriod("design_days")
    outcome = simulate(small_office.render(ask_for([], design_days)), tmp_path, design_days)
    with closing(sqlite3.connect(tmp_path / "eplusout.sql")) as database:
        joules = database.execute(
            "SELECT Value FROM ReportData JOIN ReportDataDictionary USING (ReportDataDictionaryIndex)"
            " WHERE Name = 'Electricity:Facility'"
        ).fetchall()
    assert len(joules) == 2
    assert outcome.metrics["electricity_kwh"] == sum(value for (value,) in joules) / 3.6e6
    assert outcome.metrics["total_source_energy_kwh"] is None
    assert outcome.metrics["total_area_m2"] == pytest.approx(511.1574)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE ReportDataDictionary SET Units = 'Btu' WHERE Name = 'Heating:NaturalGas'",
            "Heating:NaturalGas is in 'Btu'",
        ),
        ("UPDATE Strings SET Value = 'ft2' WHERE Value = 'm2'", "Total Building Area is in 'ft2'; known: m2"),
        ("UPDATE ReportData SET Value = 9e999", "not a finite number"),
        ("UPDATE ReportData SET Value = NULL", "not a finite number"),
        ("DROP TABLE Strings", "cannot be read"),
    ],
)
def test_an_unknown_unit_or_number_is_an_error_never_assumed(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path, statement: str, message: str
) -> None:
    path = tmp_path / "eplusout.sql"
    shutil.copyfile(good_run[1] / path.name, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)
    with pytest.raises(ResultsError, match=message):
        read_metrics(path, Diagnostics(), 1.0)


@pytest.mark.engine
def test_energies_are_converted_from_whatever_known_unit_the_table_states(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    path = tmp_path / "eplusout.sql"
    shutil.copyfile(good_run[1] / path.name, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE ReportDataDictionary SET Units = 'kJ' WHERE Name = 'Heating:NaturalGas'")
    metrics = read_metrics(path, Diagnostics(), 1.0)
    heating = good_run[0].metrics["heating_natural_gas_kwh"]
    assert heating
    assert metrics["heating_natural_gas_kwh"] == pytest.approx(1000 * heating)


def test_every_metric_has_a_unit_in_its_name_and_a_label() -> None:
    assert {metric_unit(name) for name in METRICS} == {"kWh", "kWh/m2", "m2", "W", "h", "s", ""}
    assert metric_unit("heating_electricity_kwh") == "kWh"
    assert metric_label("heating_electricity_kwh") == "Heating: electricity"
    assert metric_label("fuel_oil_no_1_kwh") == "Fuel oil no 1"
    assert metric_label("unmet_heating_hours") == "Unmet heating hours"


def test_a_run_without_results_has_every_metric_as_null_but_its_own() -> None:
    metrics = missing_metrics(Diagnostics(warnings=3, severe_errors=1), 2.0)
    assert list(metrics) == list(METRICS)
    assert {name: value for name, value in metrics.items() if value is not None} == {
        "warnings": 3,
        "severe_errors": 1,
        "simulation_s": 2.0,
    }


@pytest.mark.engine
def test_the_peak_is_known_where_the_engine_loses_the_extremes_of_meters(
    models: dict[str, Path], simulate: Simulate, tmp_path: Path
) -> None:
    school = BuildingModel.read(models["primary_school"])
    outcome = simulate(school.render(ask_for([], THREE_DAYS)), tmp_path)
    with closing(sqlite3.connect(tmp_path / "eplusout.sql")) as database:
        largest, smallest = database.execute(
            "SELECT MaxValue, MinValue FROM ReportExtendedData JOIN ReportData USING (ReportDataIndex)"
            " JOIN ReportDataDictionary USING (ReportDataDictionaryIndex) WHERE Name = 'Electricity:Facility'"
        ).fetchone()
    assert largest < 0 < smallest
    assert 50_000 < outcome.metrics["peak_electricity_w"] < 500_000  # type: ignore[operator]


def test_fuels_go_by_their_present_names_whatever_an_older_version_called_them(
    good_run: tuple[SimulationOutcome, Path], tmp_path: Path
) -> None:
    outcome, folder = good_run
    shutil.copyfile(folder / "eplusout.sql", tmp_path / "eplusout.sql")
    with closing(sqlite3.connect(tmp_path / "eplusout.sql")) as database:
        database.execute("UPDATE ReportDataDictionary SET Name = replace(Name, 'NaturalGas', 'Gas')")
        database.commit()
    found = read_metrics(tmp_path / "eplusout.sql", outcome.diagnostics, outcome.simulation_s)
    assert found["natural_gas_kwh"]
    assert found == outcome.metrics
