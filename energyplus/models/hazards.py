"""The table of what a model must not do, or only with a file it brought along; the gate and studies go by it.

Rows name classes and fields as the schemas do; the engine reads names in any letter case, and so does `find_hazards`.
Every field of every shipped schema that names a file, a program, a folder or a socket has a row here, which
`tests/engine/test_hazards.py` checks, so that a new version of the engine cannot slip one in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from energyplus.models.schema import ClassSchema, FieldSchema
from energyplus.outputs import REPLACED_CLASSES

Ruling = Literal["refused", "attachment", "replaced"]
"""Refused; or it may name a file that was uploaded with the model; or every case has the farm's own in its place."""


@dataclass(frozen=True)
class Hazard:
    """One row: what, why it is dangerous, and what its modeller can do instead.

    Attributes:
        classes: the class, or a pattern with `*` for a family of classes.
        field: key of the field it lies in; "" for the whole class.
        ruling: what becomes of it.
        reason: what the engine would do, a sentence without a subject: "it loads …".
        remedy: what to do, a sentence.
        values: the field's dangerous words; empty for any value.
        default: the file that a blank field means; "" for none.
    """

    classes: str
    field: str
    ruling: Ruling
    reason: str
    remedy: str
    values: tuple[str, ...] = ()
    default: str = ""


_ATTACH = "Upload the file with the model as an attachment and name it without a folder."
_READS = "it reads a file"
_NO_CO_SIMULATION = "Remove the ExternalInterface objects and give what they exchange as a schedule."
_REPRESENTATION = "the engine's ASHRAE 205 library would load the named file, whatever it holds"

HAZARDS: tuple[Hazard, ...] = (
    Hazard(
        "ExternalInterface:FunctionalMockupUnitImport*",
        "",
        "refused",
        "it makes the engine unpack an FMU with a shell command and run the native code in it",
        _NO_CO_SIMULATION,
    ),
    Hazard(
        "ExternalInterface:FunctionalMockupUnitExport*",
        "",
        "refused",
        "it makes the engine wait on a socket for another program to drive it",
        _NO_CO_SIMULATION,
    ),
    Hazard(
        "ExternalInterface",
        "name_of_external_interface",
        "refused",
        "it connects the engine to another program: PtolemyServer opens the network connection that socket.cfg names,"
        " the others load an FMU",
        _NO_CO_SIMULATION,
    ),
    Hazard(
        "ExternalInterface:*",
        "",
        "refused",
        "it takes values from another program over a network connection",
        _NO_CO_SIMULATION,
    ),
    Hazard(
        "PythonPlugin:*",
        "",
        "refused",
        "it makes the engine run Python code of its modeller's own",
        "Write the control as EnergyManagementSystem objects and remove the plugin.",
    ),
    Hazard(
        "Parametric:*",
        "",
        "refused",
        "it is for the parametric preprocessor, which runs here on no machine: the engine would ignore or refuse it",
        "Remove it, put the values it sets into the model, and let a study vary them.",
    ),
    Hazard(
        "Chiller:Electric:ASHRAE205",
        "representation_file_name",
        "refused",
        _REPRESENTATION,
        "Use Chiller:Electric:EIR or Chiller:Electric:ReformulatedEIR with curves.",
    ),
    Hazard(
        "Coil:DX:ASHRAE205:Performance",
        "representation_file_name",
        "refused",
        _REPRESENTATION,
        "Use Coil:Cooling:DX:CurveFit:Performance with curves.",
    ),
    Hazard(
        "GroundHeatExchanger:System",
        "g_function_calculation_method",
        "refused",
        "it makes the engine start another program, GHEDesigner, with a shell command",
        "Use UHFcalc or UBHWTcalc, or give GroundHeatExchanger:ResponseFactors.",
        values=("FullDesign",),
    ),
    Hazard(
        "GroundHeatExchanger:Vertical:Sizing:*",
        "",
        "refused",
        "it is sized by another program, GHEDesigner, which the engine would start with a shell command",
        "Size the bore field beforehand and give GroundHeatExchanger:Vertical:Array.",
    ),
    Hazard("Schedule:File", "file_name", "attachment", _READS, _ATTACH),
    Hazard("Schedule:File:Shading", "file_name", "attachment", _READS, _ATTACH),
    Hazard(
        "Construction:WindowDataFile",
        "file_name",
        "attachment",
        "it reads a file",
        _ATTACH,
        default="Window5DataFile.dat",
    ),
    Hazard("Table:Lookup", "external_file_name", "attachment", _READS, _ATTACH),
    Hazard("Table:IndependentVariable", "external_file_name", "attachment", _READS, _ATTACH),
    Hazard("Table:MultiVariableLookup", "external_file_name", "attachment", _READS, _ATTACH),  # until 9.1
    Hazard("Table:TwoIndependentVariables", "external_file_name", "attachment", _READS, _ATTACH),  # until 9.1
    *(
        Hazard(
            name,
            "",
            "replaced",
            "it says which files the engine writes, and could switch off those that tell a good run from a bad one",
            "Nothing: every case has the farm's own in its place (`energyplus.outputs`).",
        )
        for name in sorted(REPLACED_CLASSES)
    ),
)

_LONGEST_NAME = 100  # characters; what Construction:WindowDataFile takes, and enough
_BARE_NAME = re.compile(r"\w[\w .()+\-]*", re.ASCII)
# What the engine reads or writes in its run folder by itself, and what the farm puts there: prefixes, stems and names.
_TAKEN_PREFIXES = ("eplus", "energy+", "energyplus", "ghedesigner", "controller.")
_TAKEN_STEMS = frozenset({"in", "out", "model", "console", "expanded", "changes", "manifest", "tmp"})
_TAKEN_NAMES = frozenset(
    {
        "borefielddata.csv",
        "run.log",
        "simulationsummary.json",
        "socket.cfg",
        "sqlite.err",
        "timeseries.parquet",
        "variables.cfg",
    }
)


def find_hazards(known: ClassSchema) -> tuple[tuple[Hazard, int | None, FieldSchema | None], ...]:
    """The rows about a class, each with the index and the schema of its field; None for a row about the whole class.

    The first row that names the whole class holds alone; a class without dangers has none.
    """
    rows = _rows_of(known.name)
    for row in rows:
        if not row.field:
            return ((row, None, None),)
    found = [(row, known.find_field(row.field)) for row in rows]
    return tuple((row, *place) for row, place in found if place is not None)


@cache
def _rows_of(class_name: str) -> tuple[Hazard, ...]:
    return tuple(row for row in HAZARDS if fnmatchcase(class_name.casefold(), row.classes.casefold()))


def find_fault_of_name(name: str) -> str | None:
    """Why a name cannot be that of an attachment; None where it can.

    Args:
        name: as a model refers to it, or as it was uploaded.
    """
    if not name or len(name) > _LONGEST_NAME:
        return f"a name has 1 to {_LONGEST_NAME} characters"
    if not _BARE_NAME.fullmatch(name) or name.endswith((".", " ")):
        return (
            "it must be a bare file name: no folder, drive or `..`, a letter, digit or _ first, then letters of the"
            " English alphabet, digits, spaces and . _ - + ( )"
        )
    folded = name.casefold()
    if folded.startswith(_TAKEN_PREFIXES) or folded in _TAKEN_NAMES or folded.split(".")[0] in _TAKEN_STEMS:
        return "the engine or the farm has a file of that name in every run folder; choose another name"
    return None


def find_fault_of_edit(known: ClassSchema, index: int, value: object) -> str | None:
    """Why a study may not write a value into a field; None where it may.

    Args:
        known: the class.
        index: which field, 0 being the first.
        value: what is to be written.

    Returns:
        A sentence, for the one who wrote the study.
    """
    for row, at, found in find_hazards(known):
        if row.ruling == "refused" and at in (None, index) and is_dangerous(row, str(value)):
            return f"{known.name}: {row.reason}. {row.remedy}"
        if row.ruling == "attachment" and at == index and found is not None:
            return (
                f"{found.name} of {known.name} names a file that came with the model. Upload a model for each file: a"
                " list of models varies like a parameter."
            )
    return None


def find_fault_of_object(known: ClassSchema, values: Sequence[object]) -> str | None:
    """Why no case may have a new object; None where it may.

    Args:
        known: its class.
        values: of its fields in IDD order; what lies past them is blank.

    Returns:
        A sentence, for the one who wrote the study.
    """
    for row, at, found in find_hazards(known):
        value = str(values[at]).strip() if at is not None and at < len(values) else ""
        if row.ruling == "replaced":
            return f"{known.name} cannot be added: every case reports the same."
        if row.ruling == "refused" and (at is None or is_dangerous(row, value)):
            return f"{known.name} cannot be added: {row.reason}. {row.remedy}"
        if row.ruling == "attachment" and found is not None and (value or row.default):
            return f"{known.name} cannot be added with a {found.name}: {row.reason}, and its model brought none along."
    return None


def is_dangerous(row: Hazard, value: str) -> bool:
    """Whether a value of the row's field is one of its dangerous ones."""
    return not row.values or value.strip().casefold() in (word.casefold() for word in row.values)
