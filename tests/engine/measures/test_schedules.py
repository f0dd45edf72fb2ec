"""Schedules: every class reads to the same, what is written says the same, and set-points that cross are found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.measures.base import MeasureError
from energyplus.measures.schedule_reading import read_schedule
from energyplus.measures.schedules import find_setpoint_crossing
from energyplus.measures.year_schedules import (
    DAY_TYPES,
    MINUTES_OF_DAY,
    DayProfile,
    Period,
    YearSchedule,
    combine,
    describe_days,
    write_compact,
)
from tests.engine.measures.box import draft_of

HEAD = "Version,25.2;\n"
COMPACT = """
Schedule:Compact,Offices,Temperature,
  Through: 3/31, For: Weekdays SummerDesignDay, Until: 6:00,15.6, Until: 22:00,21, Until: 24:00,15.6,
  For: Saturdays, Until: 24:00,18,
  For: AllOtherDays, Until: 24:00,15.6,
  Through: 31 December, For: AllDays, Until: 24:00,16;
"""
YEAR = """
Schedule:Year,Offices,Temperature, Spring,1,1,3,31, Rest,4,1,12,31;
Schedule:Week:Compact,Spring, For: Weekdays SummerDesignDay,Working, For: Saturday,Half, For: AllOtherDays,Off;
Schedule:Week:Daily,Rest,Flat,Flat,Flat,Flat,Flat,Flat,Flat,Flat,Flat,Flat,Flat,Flat;
Schedule:Day:Interval,Working,Temperature,No, 06:00,15.6, 22:00,21, 24:00,15.6;
Schedule:Day:Hourly,Half,Temperature,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18,18;
Schedule:Day:List,Off,Temperature,No,720,15.6,15.6;
Schedule:Day:Interval,Flat,Temperature,No,24:00,16;
"""


def hours(schedule: YearSchedule, date: tuple[int, int], day: str) -> list[float]:
    """The value at the middle of every hour."""
    period = next(period for period in schedule.periods if period.through >= date)
    return [period.days[day].at(60 * hour + 30) for hour in range(24)]


@pytest.mark.parametrize("text", [COMPACT, YEAR])
def test_a_schedule_says_for_every_hour_what_its_text_says(text: str) -> None:
    schedule = read_schedule(draft_of(HEAD + text), "OFFICES")
    working = [15.6] * 6 + [21.0] * 16 + [15.6] * 2
    assert (schedule.name, schedule.type_limits) == ("Offices", "Temperature")
    assert [period.through for period in schedule.periods] == [(3, 31), (12, 31)]
    assert hours(schedule, (1, 5), "Tuesday") == hours(schedule, (3, 31), "SummerDesignDay") == working
    assert hours(schedule, (2, 1), "Saturday") == [18.0] * 24
    assert hours(schedule, (2, 1), "Holiday") == hours(schedule, (2, 1), "WinterDesignDay") == [15.6] * 24
    assert hours(schedule, (4, 1), "Tuesday") == [16.0] * 24


def test_a_constant_holds_at_every_hour() -> None:
    schedule = read_schedule(draft_of(HEAD + "Schedule:Constant,Always,Temperature,21.5;"), "Always")
    assert all(hours(schedule, (7, 1), day) == [21.5] * 24 for day in DAY_TYPES)


def test_weeks_of_a_year_may_go_on_over_the_new_year() -> None:
    weeks = "".join(f"Schedule:Week:Daily,{name},{','.join([name] * 12)};\n" for name in ("Winter", "Summer"))
    days = "Schedule:Day:Interval,Winter,,No,24:00,20;\nSchedule:Day:Interval,Summer,,No,24:00,26;\n"
    year = "Schedule:Year,Season,, Summer,5,1,9,30, Winter,10,1,4,30;\n"
    schedule = read_schedule(draft_of(HEAD + year + weeks + days), "Season")
    assert [period.through for period in schedule.periods] == [(4, 30), (9, 30), (12, 31)]
    assert [hours(schedule, date, "Monday")[0] for date in ((1, 1), (6, 1), (12, 1))] == [20, 26, 20]


def test_interpolation_is_kept() -> None:
    text = "Schedule:Compact,Ramp,,Through: 12/31,For: AllDays,Interpolate: Linear,Until: 12:00,18,Until: 24:00,20;"
    schedule = read_schedule(draft_of(HEAD + text), "Ramp")
    assert schedule.periods[0].days["Monday"].interpolation == "Linear"
    assert "Interpolate: Linear" in write_compact(schedule).values()


@pytest.mark.parametrize(("written", "meant"), [("Linear", "No"), ("Average", "Average"), ("No", "No"), ("", "No")])
def test_a_list_of_values_is_interpolated_as_the_engine_does_it(written: str, meant: str) -> None:
    listed = f"Schedule:Day:List,D,,{written},60,{','.join(str(hour) for hour in range(24))};"
    year = "Schedule:Week:Compact,W,For: AllDays,D; Schedule:Year,Ramp,,W,1,1,12,31;"
    profile = read_schedule(draft_of(HEAD + year + listed), "Ramp").periods[0].days["Monday"]
    assert profile.interpolation == meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Schedule:Compact,S,,Through: 6/30,For: AllDays,Until: 24:00,1;", "does not say what holds until 31 December"),
        ("Schedule:Compact,S,,Through: 12/31,For: Weekdays,Until: 24:00,1;", "does not say what holds on weekends"),
        ("Schedule:Compact,S,,Through: 12/31,For: AllDays,Until: 20:00,1;", "a day that does not go until 24:00"),
        ("Schedule:Compact,S,,Through: 12/31,For: Someday,Until: 24:00,1;", "'Someday' names no kind of day"),
        ("Schedule:Compact,S,,Through: Easter,For: AllDays,Until: 24:00,1;", "'Easter' is not a date"),
        ("Schedule:Compact,S,,Through: 12/31,For: AllDays,Until: 25:00,1;", "'25:00' is not a time of the day"),
        ("Schedule:Compact,S,,Through: 12/31,For: AllDays,Until: 24:00,warm;", "'warm' is not understood"),
        ("Schedule:Year,S,,W,1,1,6,30;", "does not say what holds on every day"),
        ("Schedule:Year,S,,W,1,1,12,31;", "no schedule for the week 'W'"),
        ("Schedule:File,S,,s.csv,1,0;", "cannot be changed: only Schedule:Compact"),
    ],
)
def test_a_schedule_that_is_not_written_in_full_is_refused(text: str, message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        read_schedule(draft_of(HEAD + text), "S")


values = st.sampled_from([15.0, 18.25, 21.0, 26.5])
profiles = st.lists(st.integers(1, 95), max_size=4, unique=True).flatmap(
    lambda quarters: st.lists(values, min_size=len(quarters) + 1, max_size=len(quarters) + 1).map(
        lambda found: DayProfile(
            tuple(zip([15 * quarter for quarter in sorted(quarters)] + [MINUTES_OF_DAY], found, strict=True))
        )
    )
)
weeks = st.lists(profiles, min_size=12, max_size=12).map(lambda found: dict(zip(DAY_TYPES, found, strict=True)))
schedules = st.lists(st.integers(1, 11), max_size=2, unique=True).flatmap(
    lambda months: st.lists(weeks, min_size=len(months) + 1, max_size=len(months) + 1).map(
        lambda found: YearSchedule(
            "Any",
            "",
            tuple(
                Period(end, week)
                for end, week in zip([*((month, 15) for month in sorted(months)), (12, 31)], found, strict=True)
            ),
        )
    )
)


@settings(max_examples=50, deadline=None)
@given(schedules)
def test_what_is_written_reads_as_the_same(schedule: YearSchedule) -> None:
    draft = draft_of(HEAD)
    draft.add("Schedule:Compact", write_compact(schedule))
    assert read_schedule(draft, "Any") == schedule


@settings(max_examples=50, deadline=None)
@given(schedules, schedules)
def test_a_combination_is_chosen_at_every_minute(first: YearSchedule, second: YearSchedule) -> None:
    both = combine(first, second, max)
    for date in ((1, 1), (6, 15), (6, 16), (12, 31)):
        for day in DAY_TYPES:
            one, two, result = (
                next(p for p in schedule.periods if p.through >= date).days[day] for schedule in (first, second, both)
            )
            assert all(result.at(m) == max(one.at(m), two.at(m)) for m in range(0, MINUTES_OF_DAY, 15))


def test_kinds_of_day_are_named_as_people_do() -> None:
    assert describe_days(DAY_TYPES) == "all days"
    assert describe_days(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Holiday"]) == "weekdays, Holiday"


THERMOSTAT = """
ThermostatSetpoint:DualSetpoint,Office,Heat,Cool;
ThermostatSetpoint:DualSetpoint,Meeting,Heat,Cool;
Schedule:Compact,Heat,,Through: 12/31,For: Weekdays,Until: 6:00,15,Until: 18:00,{heat},Until: 24:00,15,
  For: AllOtherDays,Until: 24:00,15;
Schedule:Constant,Cool,,24;
"""


@pytest.mark.parametrize("heat", [21, 24])
def test_set_points_that_do_not_cross_are_not_told(heat: float) -> None:
    assert find_setpoint_crossing(draft_of(HEAD + THERMOSTAT.format(heat=heat))) == []


def test_set_points_that_cross_are_told_once_for_each_pair_of_schedules() -> None:
    (sentence,) = find_setpoint_crossing(draft_of(HEAD + THERMOSTAT.format(heat=24.5)))
    assert sentence == (
        "ThermostatSetpoint:DualSetpoint 'Office': heating to 24.5 C is above cooling to 24 C from 06:00 on weekdays"
        " (Heat over Cool)."
    )


def test_templates_with_constants_cross_as_well() -> None:
    found = find_setpoint_crossing(draft_of(HEAD + "HVACTemplate:Thermostat,All,,25,,24;"))
    assert found == ["HVACTemplate:Thermostat 'All': heating to 25 C is above cooling to 24 C from 00:00 on all days."]


def test_schedules_that_cannot_be_read_are_passed_over() -> None:
    text = THERMOSTAT.format(heat=30).replace("Schedule:Constant,Cool,,24;", "Schedule:File,Cool,,c.csv,1,0;")
    assert find_setpoint_crossing(draft_of(HEAD + text)) == []
