"""Messages of the engine: what they say, how often, when, and what they are about."""

import re
from pathlib import Path

import pytest

from energyplus.models.building_model import BuildingModel
from energyplus.models.description import describe_model
from energyplus.results.diagnostics import Diagnostics, read_diagnostics_of
from energyplus.results.messages import Message, resolve_names
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.verdict import judge_outcome
from tests.engine.cases import THREE_DAYS, Simulate, ask_for

STAMPED = """   ** Warning ** Boiler:HotWater "MAIN BOILER": too cold.
   **   ~~~   **  During Warmup, Environment=RUN PERIOD 1, at Simulation time=01/14 00:00 - 00:{minute}
"""
RECURRING = """   ************* Beginning Simulation
   ************* ===== Recurring Error Summary =====
   *************  ** Warning ** CHILLER:ELECTRIC "COOLSYS1 CHILLER": too warm, error continues.
   *************  **   ~~~   **   This error occurred 654 total times;
   *************  **   ~~~   **   during Warmup {warmup} times;
   *************  **   ~~~   **   during Sizing {sizing} times.
   *************  **   ~~~   **   Max=9.750983  Min=4.568469
   *************
"""


def read(text: str) -> Diagnostics:
    return read_diagnostics_of([text.encode()])


def only(text: str) -> Message:
    (message,) = read(text).messages
    return message


def test_what_differs_in_nothing_but_the_simulated_time_is_one_message() -> None:
    message = only(STAMPED.format(minute=15) + STAMPED.format(minute=30))
    assert (message.severity, message.count, message.phase) == ("warning", 2, "warmup")
    assert (message.class_name, message.object_name, message.zone) == ("Boiler:HotWater", "MAIN BOILER", None)


@pytest.mark.parametrize(
    ("warmup", "sizing", "phase"), [(0, 0, "simulation"), (654, 0, "warmup"), (0, 654, "sizing"), (3, 4, None)]
)
def test_a_recurring_message_has_the_engines_own_count(warmup: int, sizing: int, phase: str | None) -> None:
    message = only(RECURRING.format(warmup=warmup, sizing=sizing))
    assert (message.count, message.phase) == (654, phase)
    assert message.text == (
        'CHILLER:ELECTRIC "COOLSYS1 CHILLER": too warm, error continues. Max=9.750983  Min=4.568469'
    )
    assert (message.class_name, message.object_name) == ("CHILLER:ELECTRIC", "COOLSYS1 CHILLER")


@pytest.mark.parametrize(
    ("line", "class_name", "object_name", "zone"),
    [
        ('BuildingSurface:Detailed="WALL", invalid Construction Name="NO".', "BuildingSurface:Detailed", "WALL", None),
        ('<root>[Material][My mat][roughness] - "Roughest" - Failed to match.', "Material", "My mat", None),
        ("<root>[Version] - Missing required property", "Version", None, None),
        ("Calculated design heating load for zone=OFFICE 2 is zero.", "zone", "OFFICE 2", "OFFICE 2"),
        ('CheckWarmup: Loads Initialization, Zone="ATTIC" did not', "Zone", "ATTIC", "ATTIC"),
        ("no surfaces in zone ONE", None, None, "ONE"),
        ("nominal power is set to 0, for pump=SWHSYS1 PUMP", "pump", "SWHSYS1 PUMP", None),
        ('Both "FuelFactors" and "EnvironmentalImpactFactors" must be entered', None, None, None),
        ("Barometric Pressure=82237 differs by more than 10%", None, None, None),
        ("Zone Heating ThermostatSetPoint=26.70", None, None, None),
        ("A zone HVAC unit", None, None, None),
    ],
)
def test_objects_and_zones_are_read_where_they_are_named(
    line: str, class_name: str | None, object_name: str | None, zone: str | None
) -> None:
    message = only(f"   ** Severe  ** {line}\n")
    assert (message.class_name, message.object_name, message.zone) == (class_name, object_name, zone)


def test_names_get_the_models_own_spelling_and_class() -> None:
    text = (
        "   ** Warning ** nominal power is set to 0, for pump=SWHSYS1 PUMP\n"
        '   ** Warning ** no fan is associated with DX coil named = "COIL 1".\n'
        '   ** Warning ** Zone="CORE_ZN" is odd\n'
        '   ** Warning ** Coil="TWICE" is odd\n'
        '   ** Warning ** Coil="UNKNOWN" is odd\n'
    )
    objects = {
        "Pump:ConstantSpeed": ["SWHSys1 Pump"],
        "Coil:Cooling:DX": ["Coil 1", "Twice"],
        "Fan:OnOff": ["twice"],
        "Zone": ["Core_ZN"],
        "ZoneList": [""],
    }
    found = resolve_names(read(text).messages, objects)
    assert [(one.class_name, one.object_name, one.zone) for one in found] == [
        ("Pump:ConstantSpeed", "SWHSys1 Pump", None),
        ("Coil:Cooling:DX", "Coil 1", None),
        ("Zone", "Core_ZN", "Core_ZN"),
        ("Coil", "TWICE", None),
        ("Coil", "UNKNOWN", None),
    ]


def test_the_cause_of_an_end_is_the_first_severe_error_of_its_stage() -> None:
    err = (
        "   ************* Beginning Zone Sizing Calculations\n"
        "   ** Severe  ** long overcome\n"
        "   ************* Beginning Simulation\n"
        '   ** Severe  ** CheckWarmupConvergence: Loads, Zone="A" did not converge after 25 warmup days.\n'
        "   ** Severe  ** the true cause\n"
        "   ** Severe  ** and what followed\n"
        "   **  Fatal  ** Program terminates.\n"
    )
    assert read(err).first_line == "Program terminates. the true cause"
    assert read(err.replace("   ** Severe  ** the", "ignored")).first_line == "Program terminates. and what followed"


def run_broken(
    text: str, pattern: str, replacement: str, simulate: Simulate, folder: Path
) -> tuple[SimulationOutcome, tuple[Message, ...]]:
    """Break a model's text in one place, run it, and give its outcome with messages in the model's spelling."""
    broken, count = re.subn(pattern, replacement, text, count=1, flags=re.DOTALL)
    assert count == 1
    outcome = simulate(broken, folder)
    described = describe_model(folder / "model.idf")
    names = {name: [entry.name for entry in entries] for name, entries in described.classes.items()}
    return outcome, resolve_names(outcome.diagnostics.messages, names)


@pytest.fixture(scope="module")
def text(small_office: BuildingModel) -> str:
    return small_office.render(ask_for([], THREE_DAYS))


@pytest.mark.engine
def test_a_missing_construction_names_the_surface(text: str, simulate: Simulate, tmp_path: Path) -> None:
    pattern = r"(BuildingSurface:Detailed,\s+[^,]+,[^,]+,\s+)([^,]+),"
    outcome, messages = run_broken(text, pattern, r"\1Nowhere,", simulate, tmp_path)
    assert outcome.failure is not None
    assert outcome.failure.message.startswith("GetSurfaceData: Errors discovered, program terminates. BuildingSurface:")
    severe = next(message for message in messages if message.severity == "severe")
    assert (severe.class_name, severe.object_name) == ("BuildingSurface:Detailed", "Attic_floor_core")


@pytest.mark.engine
def test_crossing_set_points_name_the_zone(text: str, simulate: Simulate, tmp_path: Path) -> None:
    pattern = r"(Core_ZN DualSPSched,\s+)HTGSETP_SCH,\s+CLGSETP_SCH;"
    outcome, messages = run_broken(text, pattern, r"\1CLGSETP_SCH,\n  HTGSETP_SCH;", simulate, tmp_path)
    assert outcome.failure is not None
    assert "Effective heating set-point higher than effective cooling set-point" in outcome.failure.message
    severe = next(message for message in messages if message.severity == "severe")
    assert (severe.class_name, severe.zone, severe.phase) == ("Zone", "Core_ZN", "warmup")


@pytest.mark.engine
def test_a_branch_that_leads_nowhere_names_its_list(text: str, simulate: Simulate, tmp_path: Path) -> None:
    pattern = r"(\nBranch,\s+PSZ-AC:1 Air Loop Main Branch,.*?)PSZ-AC:1_OA-PSZ-AC:1_CoolCNode,"
    outcome, messages = run_broken(text, pattern, r"\1Somewhere Else Node,", simulate, tmp_path)
    assert outcome.failure is not None
    assert "Branch Outlet does not match Inlet, Outlet=SOMEWHERE ELSE NODE" in outcome.failure.message
    severe = next(message for message in messages if message.severity == "severe")
    assert (severe.class_name, severe.object_name) == ("BranchList", "PSZ-AC:1 Air Loop Branches")


@pytest.mark.engine
def test_a_warm_up_that_does_not_converge_makes_the_case_suspect(text: str, simulate: Simulate, tmp_path: Path) -> None:
    pattern = r"(FullInteriorAndExterior,\s+)25,\s+6;"
    outcome, messages = run_broken(text, pattern, r"\g<1>2,\n  1;", simulate, tmp_path)
    assert outcome.status == "succeeded"
    unsettled = [message for message in messages if message.unsettled_days == 2]
    assert {message.zone for message in unsettled} >= {"Core_ZN", "Attic"}
    assert {message.phase for message in unsettled} == {"warmup"}
    verdict = judge_outcome(outcome)
    assert verdict.kind == "suspect"
    assert verdict.reasons == (
        "the warm-up did not converge within 2 days in zones ATTIC, CORE_ZN, PERIMETER_ZN_1 and 3 more",
    )
