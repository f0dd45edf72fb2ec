"""Shifted set-points: what is shifted, for whom, and that heating stays below cooling."""

import pytest

from energyplus.measures.base import MeasureError
from energyplus.measures.schedule_reading import read_schedule
from energyplus.measures.schedules import find_setpoint_crossing
from energyplus.measures.year_schedules import DAY_TYPES, DESIGN_DAYS
from energyplus.models.draft import ModelDraft
from tests.engine.measures.box import apply, check, draft_of

ORDINARY = tuple(day for day in DAY_TYPES if day not in DESIGN_DAYS)
OFFICE = """
Version,25.2;
ThermostatSetpoint:DualSetpoint,Office,Heat,Cool;
ThermostatSetpoint:SingleHeating,Store,Frost;
Schedule:Compact,Heat,Temperature,Through: 12/31,For: Weekdays,Until: 6:00,16,Until: 18:00,21,Until: 24:00,16,
  For: WinterDesignDay,Until: 24:00,21,For: AllOtherDays,Until: 24:00,16;
Schedule:Compact,Cool,Temperature,Through: 12/31,For: Weekdays SummerDesignDay,Until: 6:00,30,Until: 18:00,24,
  Until: 24:00,30,For: AllOtherDays,Until: 24:00,30;
Schedule:Constant,Frost,Temperature,8;
"""
RADIATOR = "SetpointManager:Scheduled,Radiator,Temperature,Heat,Node;\n"
PROGRAM = "EnergyManagementSystem:Actuator,Boost,Heat,Schedule:Compact,Schedule Value;\n"


def on(draft: ModelDraft, name: str, day: str, hour: float) -> float:
    return read_schedule(draft, name).periods[0].days[day].at(int(60 * hour))


def test_every_ordinary_day_is_shifted_and_the_design_days_are_not() -> None:
    draft = draft_of(OFFICE)
    report = apply(draft, "heating_setpoint", -1.5)
    assert [on(draft, "Heat", "Monday", hour) for hour in (3, 12, 20)] == [14.5, 19.5, 14.5]
    assert (on(draft, "Heat", "Sunday", 12), on(draft, "Frost", "Sunday", 12)) == (14.5, 6.5)
    assert on(draft, "Heat", "WinterDesignDay", 12) == 21
    assert on(draft, "Heat", "SummerDesignDay", 12) == 16
    assert on(draft, "Cool", "Monday", 12) == 24
    assert (report.before, report.after, report.unit, report.objects) == (21, 19.5, "C", 2)
    assert report.text == "highest set-point 21 → 19.5 C in 2 schedules of 2 thermostats"


def test_design_days_are_shifted_where_it_is_asked_for() -> None:
    draft = draft_of(OFFICE)
    apply(draft, "cooling_setpoint", 1, alter_design_days=True)
    assert (on(draft, "Cool", "SummerDesignDay", 12), on(draft, "Cool", "Monday", 12)) == (25, 25)
    edits = draft.conclude()
    assert (len(edits.edits), edits.added, edits.removed) != (0, (), frozenset())


def test_a_schedule_that_something_else_uses_stays_and_the_thermostats_get_a_copy() -> None:
    draft = draft_of(OFFICE + RADIATOR)
    apply(draft, "heating_setpoint", 1)
    assert on(draft, "Heat", "Monday", 12) == 21
    assert on(draft, "Heat shifted", "Monday", 12) == 22
    assert draft.objects("ThermostatSetpoint:DualSetpoint")[0].text(1) == "Heat shifted"
    assert draft.objects("SetpointManager:Scheduled")[0].text(2) == "Heat"


def test_a_schedule_of_thermostats_alone_is_changed_where_it_is_so_that_programs_find_it() -> None:
    draft = draft_of(OFFICE + PROGRAM)
    apply(draft, "heating_setpoint", 1)
    assert draft.objects("ThermostatSetpoint:DualSetpoint")[0].text(1) == "Heat"
    assert on(draft, "Heat", "Monday", 12) == 22
    ((path, message),) = check(draft_of(OFFICE + PROGRAM), "heating_setpoint")
    assert (path, message[:38]) == ("measure", "note: Energy management programs write")


def test_a_schedule_that_a_program_writes_and_others_use_is_refused() -> None:
    with pytest.raises(MeasureError, match=r"'Heat' is written by an energy management program.*'Radiator'"):
        apply(draft_of(OFFICE + PROGRAM + RADIATOR), "heating_setpoint", 1)


def test_a_schedule_of_a_year_is_replaced_under_its_name() -> None:
    year = (
        "Schedule:Year,Heat,Temperature,Week,1,1,12,31;\nSchedule:Day:Interval,Day,Temperature,No,24:00,20;\n"
        f"Schedule:Week:Daily,Week,{','.join(['Day'] * 12)};\n"
    )
    start, end = OFFICE.index("Schedule:Compact,Heat"), OFFICE.index("Schedule:Compact,Cool")
    draft = draft_of(OFFICE[:start] + year + OFFICE[end:] + PROGRAM.replace("Schedule:Compact", "Schedule:Year"))
    apply(draft, "heating_setpoint", 2)
    assert draft.find("Schedule:Year", "Heat") is None
    assert (on(draft, "Heat", "Monday", 12), on(draft, "Heat", "WinterDesignDay", 12)) == (22, 20)
    assert draft.objects("EnergyManagementSystem:Actuator")[0].text(2) == "Schedule:Compact"


def test_a_constant_of_a_template_is_shifted() -> None:
    draft = draft_of("Version,25.2;\nHVACTemplate:Thermostat,All,,20,,26;\n")
    apply(draft, "heating_setpoint", 1.5)
    apply(draft, "cooling_setpoint", -0.5)
    assert draft.objects("HVACTemplate:Thermostat")[0].values == ("All", "", 21.5, "", 25.5)


def test_cooling_is_moved_by_what_is_missing_and_only_then() -> None:
    draft = draft_of(OFFICE)
    # 21 + 4 = 25 by day: cooling from 24 to 26 to keep 1 K; by night 16 + 4 = 20 is far below 30
    report = apply(draft, "heating_setpoint", 4, min_deadband=1.0)
    assert [on(draft, "Heat", "Friday", hour) for hour in (3, 12)] == [20, 25]
    assert [on(draft, "Cool", "Friday", hour) for hour in (3, 12, 20)] == [30, 26, 30]
    assert (on(draft, "Cool", "Sunday", 12), on(draft, "Cool", "SummerDesignDay", 12)) == (30, 24)
    assert report.text.endswith("; cooling moved in 1 schedule to keep 1 K")
    assert find_setpoint_crossing(draft) == []


def test_heating_is_moved_where_cooling_comes_down_to_it() -> None:
    draft = draft_of(OFFICE)
    apply(draft, "cooling_setpoint", -4, min_deadband=0.5)
    assert [on(draft, "Cool", "Friday", 12), on(draft, "Heat", "Friday", 12)] == [20, 19.5]
    assert on(draft, "Heat", "Friday", 3) == 16


def test_the_shift_is_limited_where_that_is_asked_for() -> None:
    draft = draft_of(OFFICE)
    report = apply(draft, "heating_setpoint", 4, on_conflict="limit")
    assert [on(draft, "Heat", "Friday", hour) for hour in (3, 12)] == [20, 23]
    assert on(draft, "Cool", "Friday", 12) == 24
    assert (report.after, report.text.endswith("; limited to keep 1 K")) == (23, True)


def test_the_case_is_refused_where_that_is_asked_for() -> None:
    with pytest.raises(MeasureError, match="'Office': less than 1 K would stay"):
        apply(draft_of(OFFICE), "heating_setpoint", 4, on_conflict="refuse")
    apply(draft_of(OFFICE), "heating_setpoint", 2, on_conflict="refuse")


def test_a_model_with_less_than_the_deadband_keeps_what_it_has() -> None:
    draft = draft_of(OFFICE.replace("Until: 18:00,24", "Until: 18:00,21.25"))
    apply(draft, "heating_setpoint", 1)
    assert [on(draft, "Cool", "Friday", 12), on(draft, "Heat", "Friday", 12)] == [22.25, 22]


def test_both_measures_in_either_order_never_let_them_cross() -> None:
    for first, second in (("heating_setpoint", "cooling_setpoint"), ("cooling_setpoint", "heating_setpoint")):
        draft = draft_of(OFFICE)
        for name in (first, second):
            apply(draft, name, 5 if name == "heating_setpoint" else -5)
        assert find_setpoint_crossing(draft) == []


def test_a_model_without_thermostats_is_told() -> None:
    assert check(draft_of("Version,25.2;\n"), "heating_setpoint")[0][1].startswith("Choose another measure")
    with pytest.raises(MeasureError, match="No thermostat has a set-point for cooling"):
        apply(draft_of("Version,25.2;\nThermostatSetpoint:SingleHeating,Store,Frost;\n"), "cooling_setpoint", 1)
    file = OFFICE.replace("Schedule:Constant,Frost,Temperature,8;", "Schedule:File,Frost,,f.csv,1,0;")
    ((path, message),) = check(draft_of(file), "heating_setpoint")
    assert (path, message[:40]) == ("measure", "Schedule 'Frost' cannot be changed: only")
