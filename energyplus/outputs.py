"""What the engine is asked to write, in place of whatever a model asks for; models and readers go by it."""

from collections.abc import Mapping, Sequence
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
# Versions before 25.2 cannot be told not to round, those before 9.5 take the conversion from the table's style.
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "Output:SQLite": {
        "Option Type": "SimpleAndTabular",
        "Unit Conversion for Tabular Data": "None",
        "Format Numeric Values for Tabular Data": "No",
    },
    "OutputControl:Table:Style": {
        "Column Separator": "HTML",
        "Unit Conversion": "None",
        "Format Numeric Values": "Yes",
    },
}
VERSIONED_CLASSES = (*_ANSWERS, "OutputControl:Files")
"""Classes whose fields differ from version to version."""

# One wildcard asks for every meter the model has: a name that it does not have would be a warning.
_REQUESTS = f"""
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


def render_output_requests(fields: Mapping[str, Sequence[str]]) -> str:
    """IDF text of everything a case asks the engine to write.

    Args:
        fields: of `VERSIONED_CLASSES`, the names of the fields that the class has in the model's version; a class that
            the version does not know is left out.
    """
    answers = {name: {field: _ANSWERS[name].get(field, "") for field in fields.get(name, ())} for name in _ANSWERS}
    answers["OutputControl:Files"] = {
        field: "Yes" if field in _WRITTEN_FILES else "No" for field in fields.get("OutputControl:Files", ())
    }
    return _REQUESTS + "".join(_render_object(name, values) for name, values in answers.items() if values)


def _render_object(class_name: str, values: Mapping[str, str]) -> str:
    last = len(values) - 1
    lines = [f"    {value}{';' if n == last else ','}" for n, value in enumerate(values.values())]
    commented = [f"{line:<29}!- {name}" for line, name in zip(lines, values, strict=True)]
    return f"\n{class_name},\n" + "\n".join(commented) + "\n"
