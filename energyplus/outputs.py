"""What the engine is asked to write, in place of whatever a model asks for; models and readers go by it."""

from dataclasses import dataclass
from typing import Literal

Frequency = Literal["timestep", "hourly", "daily", "monthly", "run_period"]
FREQUENCIES: dict[Frequency, str] = {
    "timestep": "Timestep",
    "hourly": "Hourly",
    "daily": "Daily",
    "monthly": "Monthly",
    "run_period": "RunPeriod",
}
"""Reporting frequencies of a study, and the engine's words for them."""


@dataclass(frozen=True)
class OutputRequest:
    """A time series that a study asks for.

    Attributes:
        kind: a meter ("Electricity:Facility") or a variable ("Zone Mean Air Temperature").
        name: the engine's own.
        frequency: how often it is reported.
        key: whose variable: an object's name or "*" for every one; "*" for a meter.
    """

    kind: Literal["meter", "variable"]
    name: str
    frequency: Frequency
    key: str = "*"


REPLACED_CLASSES = frozenset(
    {
        "Output:Constructions",
        "Output:DaylightFactors",
        "Output:DebuggingData",
        "Output:EnergyManagementSystem",
        "Output:EnvironmentalImpactFactors",
        "Output:IlluminanceMap",
        "OutputControl:IlluminanceMap:Style",
        "Output:JSON",
        "Output:Meter",
        "Output:Meter:Cumulative",
        "Output:Meter:Cumulative:MeterFileOnly",
        "Output:Meter:MeterFileOnly",
        "Output:SQLite",
        "Output:Schedules",
        "Output:Surfaces:Drawing",
        "Output:Surfaces:List",
        "Output:Table:Annual",
        "Output:Table:Monthly",
        "Output:Table:ReportPeriod",
        "Output:Table:SummaryReports",
        "Output:Table:TimeBins",
        "Output:Variable",
        "Output:VariableDictionary",
        "OutputControl:Files",
        "OutputControl:Sizing:Style",
        "OutputControl:Table:Style",
        "OutputControl:Timestamp",
    }
)
"""Classes that only say what is written. They are taken out of every case: the physics stay, 1/50 of the bytes is left.

Output:Diagnostics stays (some of its keys change the calculation), and so do the tolerances behind unmet hours.
"""

WITNESS_VARIABLE = "Site Outdoor Air Drybulb Temperature"
"""Reported daily: it exists in every weather run and shows which day was simulated last."""

KEPT_FILES = ("model.idf", "eplusout.err", "eplusout.sql", "eplustbl.htm", "eplusout.end")
"""What is kept of a run; everything else the engine leaves is removed."""

_WRITTEN_FILES = ("Output Tabular", "Output SQLite", "Output END")

# The numbers of the tables in SQLite are neither converted nor rounded; those of the HTML report are for people.
# One wildcard asks for every meter the model has: a name that it does not have would be a warning.
_REQUESTS = f"""
Output:SQLite,
    SimpleAndTabular,        !- Option Type
    None,                    !- Unit Conversion for Tabular Data
    No;                      !- Format Numeric Values for Tabular Data

OutputControl:Table:Style,
    HTML,                    !- Column Separator
    None,                    !- Unit Conversion
    Yes;                     !- Format Numeric Values

Output:Table:SummaryReports,
    AnnualBuildingUtilityPerformanceSummary,  !- Report 1 Name
    InputVerificationandResultsSummary,  !- Report 2 Name
    DemandEndUseComponentsSummary,  !- Report 3 Name
    EnvelopeSummary,         !- Report 4 Name
    SystemSummary;           !- Report 5 Name

Output:Meter,
    *,                       !- Key Name
    RunPeriod;               !- Reporting Frequency

Output:Variable,
    Environment,             !- Key Value
    {WITNESS_VARIABLE},  !- Variable Name
    Daily;                   !- Reporting Frequency
"""


def render_output_requests(file_switches: tuple[str, ...]) -> str:
    """IDF text of everything a case asks the engine to write.

    Args:
        file_switches: the names of the fields of OutputControl:Files in the model's version.
    """
    switches = [f"    {'Yes' if name in _WRITTEN_FILES else 'No'}" for name in file_switches]
    lines = [f"{value}{',' if n < len(switches) else ';'}" for n, value in enumerate(switches, start=1)]
    commented = [f"{line:<29}!- {name}" for line, name in zip(lines, file_switches, strict=True)]
    return _REQUESTS + "\nOutputControl:Files,\n" + "\n".join(commented) + "\n"
