"""Which days are simulated, whatever the model's own objects say."""

from pathlib import Path

import pytest

from energyplus.models.building_model import BuildingModel, RunPeriod
from energyplus.run_period import describe_run_period_changes, expected_minutes, plan_run_period
from tests.engine.cases import Simulate, ask_for

JANUARY = RunPeriod("period", (1, 1), (1, 31))


def own(*periods: list[str]) -> dict[str, list[list[str]]]:
    return {"SimulationControl": [["Yes", "Yes", "No", "Yes", "No"]], "RunPeriod": list(periods)}


def period(start: tuple[int, int], end: tuple[int, int], weekday: str = "Sunday", year: str = "") -> list[str]:
    return [
        "P",
        str(start[0]),
        str(start[1]),
        year,
        str(end[0]),
        str(end[1]),
        year,
        weekday,
        "No",
        "No",
        "Yes",
        "Yes",
        "No",
    ]


def test_annual_runs_the_whole_year_once_and_no_design_days() -> None:
    planned = plan_run_period(own(period((1, 1), (1, 31)), period((7, 1), (7, 31))), RunPeriod())
    assert planned["SimulationControl"] == [["Yes", "Yes", "No", "No", "Yes"]]
    assert planned["RunPeriod"] == [period((1, 1), (12, 31))]


def test_design_days_alone_leave_run_periods_alone() -> None:
    january = period((1, 1), (1, 31))
    planned = plan_run_period(own(january), RunPeriod("design_days"))
    assert planned["SimulationControl"][0][3:5] == ["Yes", "No"]
    assert planned["RunPeriod"] == [january]


@pytest.mark.parametrize(
    ("template", "wanted", "weekday"),
    [
        (period((1, 1), (12, 31), "Sunday"), (7, 1), "Saturday"),
        (period((1, 1), (12, 31), "Monday"), (1, 8), "Monday"),
        (period((7, 1), (7, 31), "Saturday"), (1, 1), "Sunday"),
        (period((1, 1), (12, 31), ""), (1, 2), "Monday"),
    ],
)
def test_a_day_keeps_its_weekday_when_the_period_starts_elsewhere(
    template: list[str], wanted: tuple[int, int], weekday: str
) -> None:
    planned = plan_run_period(own(template), RunPeriod("period", wanted, (12, 31)))
    assert planned["RunPeriod"][0][7] == weekday


def test_a_year_is_kept_and_decides_the_weekday() -> None:
    planned = plan_run_period(own(period((1, 1), (12, 31), "Wednesday", "2020")), RunPeriod("period", (12, 1), (2, 28)))
    assert planned["RunPeriod"][0][:8] == ["P", "12", "1", "2020", "2", "28", "2021", ""]


def test_a_model_without_these_objects_gets_them() -> None:
    planned = plan_run_period({}, JANUARY)
    assert planned["SimulationControl"] == [["No", "No", "No", "No", "Yes"]]
    assert planned["RunPeriod"][0][:8] == ["Run Period", "1", "1", "", "1", "31", "", "Sunday"]


def test_changes_are_told_and_only_changes() -> None:
    assert describe_run_period_changes(own(period((1, 1), (1, 31))), RunPeriod()) == (
        "SimulationControl: Run Simulation for Sizing Periods Yes → No",
        "SimulationControl: Run Simulation for Weather File Run Periods No → Yes",
        "RunPeriod: 01-01 to 01-31 → 01-01 to 12-31",
    )
    ready = {"SimulationControl": [["Yes", "Yes", "Yes", "No", "Yes"]], "RunPeriod": [period((1, 1), (12, 31))]}
    assert describe_run_period_changes(ready, RunPeriod()) == ()


@pytest.mark.parametrize(
    ("run_period", "days"),
    [
        (RunPeriod(), 365),
        (JANUARY, 31),
        (RunPeriod("period", (12, 31), (1, 1)), 2),
        (RunPeriod("period", (2, 28), (3, 1)), 2),
    ],
)
def test_the_expected_length_counts_both_ends(run_period: RunPeriod, days: int) -> None:
    assert expected_minutes(run_period, is_leap=False) == days * 1440


@pytest.mark.parametrize(
    "arguments",
    [("period",), ("annual", (1, 1), (1, 2)), ("period", (2, 30), (3, 1)), ("period", (13, 1), (13, 2))],
)
def test_an_impossible_period_is_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"a run period has start and end|there is no day"):
        RunPeriod(*arguments)  # type: ignore[arg-type]


@pytest.mark.engine
def test_a_period_over_new_year_runs_and_is_believed(
    small_office: BuildingModel, simulate: Simulate, tmp_path: Path
) -> None:
    over_new_year = RunPeriod("period", (12, 31), (1, 1))
    outcome = simulate(small_office.render(ask_for([], over_new_year)), tmp_path, over_new_year)
    assert outcome.failure is None


@pytest.mark.engine
def test_a_model_that_only_sizes_runs_its_whole_year(
    models: dict[str, Path], simulate: Simulate, tmp_path: Path
) -> None:
    model = BuildingModel.read(models["warehouse"])
    assert not model.describe().facts["runs_weather_file"]
    outcome = simulate(model.render(ask_for([], RunPeriod())), tmp_path, RunPeriod())
    assert outcome.failure is None
    intensity = outcome.metrics["site_eui_kwh_m2"]
    assert intensity is not None
    assert 50 < intensity < 200
