"""What the engine is asked to write, in place of whatever a model asks for; models and readers go by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

    def __post_init__(self) -> None:
        for text in (self.name, self.key):
            if not text.strip() or any(sign in text for sign in ",;!\n\r"):
                raise ValueError(f"{text!r} is no name of an output: it is blank, or has a sign that ends a field")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same series as another, whatever the letter case: kind, name, frequency, key."""
        return self.kind, self.name.casefold(), self.frequency, self.key.casefold()


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

ALWAYS_REPLACED_CLASSES = frozenset(
    {"Output:SQLite", "Output:Table:SummaryReports", "OutputControl:Files", "OutputControl:Table:Style"}
)
"""Those of them that give way even where what a model asks for is written too: metrics are read from what they say."""

WITNESS_VARIABLE = "Site Outdoor Air Drybulb Temperature"
"""Reported daily: it exists in every weather run and shows which day was simulated last."""

SERIES_FILE = "timeseries.parquet"
"""The series that were asked for, made of eplusout.sql after a successful run (`energyplus.results.timeseries`)."""

KEPT_FILES = ("model.idf", "eplusout.err", "eplusout.sql", "eplustbl.htm", "eplusout.end", SERIES_FILE)
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
_STANDARD = (
    OutputRequest("meter", "*", "run_period"),
    OutputRequest("variable", WITNESS_VARIABLE, "daily", "Environment"),
)
_REPORTS = (
    "AnnualBuildingUtilityPerformanceSummary",
    "InputVerificationandResultsSummary",
    "DemandEndUseComponentsSummary",
    "EnvelopeSummary",
    "SystemSummary",
)


def render_output_requests(
    fields: Mapping[str, Sequence[str]],
    outputs: Sequence[OutputRequest] = (),
    own_reports: Sequence[str] | None = None,
) -> str:
    """IDF text of everything a case asks the engine to write.

    Args:
        fields: of `VERSIONED_CLASSES`, the names of the fields that the class has in the model's version; a class that
            the version does not know is left out.
        outputs: the time series that the study asks for.
        own_reports: summary reports that the model asks for, where everything it asks for stays and every file is
            written; None where only what the farm needs is.
    """
    answers = {name: {field: _ANSWERS[name].get(field, "") for field in fields.get(name, ())} for name in _ANSWERS}
    answers["OutputControl:Files"] = {
        field: "Yes" if own_reports is not None or field in _WRITTEN_FILES else "No"
        for field in fields.get("OutputControl:Files", ())
    }
    own = [report for report in own_reports or () if report.casefold() not in map(str.casefold, _REPORTS)]
    reports = {f"Report {n} Name": report for n, report in enumerate((*_REPORTS, *own), start=1)}
    objects = [
        ("Output:Table:SummaryReports", reports),
        *(_request_object(request) for request in merge_requests(outputs)),
        *((name, values) for name, values in answers.items() if values),
    ]
    return "".join(_render_object(name, values) for name, values in objects)


def merge_requests(outputs: Sequence[OutputRequest]) -> list[OutputRequest]:
    """What every case asks for and what a study asks for besides, each series once."""
    merged: dict[tuple[str, ...], OutputRequest] = {}
    for request in (*_STANDARD, *sorted(outputs, key=lambda request: request.key != "*")):
        general = [replace(request, key="*").identity]
        if request.kind == "meter":
            general.append(replace(request, name="*").identity)
        if not any(identity in merged for identity in general):
            merged.setdefault(request.identity, request)
    return list(merged.values())


def _request_object(request: OutputRequest) -> tuple[str, dict[str, str]]:
    frequency = FREQUENCIES[request.frequency]
    if request.kind == "meter":
        return "Output:Meter", {"Key Name": request.name, "Reporting Frequency": frequency}
    values = {"Key Value": request.key, "Variable Name": request.name, "Reporting Frequency": frequency}
    return "Output:Variable", values


def _render_object(class_name: str, values: Mapping[str, str]) -> str:
    last = len(values) - 1
    lines = [f"    {value}{';' if n == last else ','}" for n, value in enumerate(values.values())]
    commented = [f"{line:<29}!- {name}" for line, name in zip(lines, values, strict=True)]
    return f"\n{class_name},\n" + "\n".join(commented) + "\n"
