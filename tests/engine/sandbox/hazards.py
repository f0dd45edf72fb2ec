"""Models that would harm a machine without a sandbox, row by row of what was found, as objects to add to the box."""

import io
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.engine.sandbox.box import Model

CANARY = "CNRY7Q2X"
CANARY_NUMBER = 471143.25
FAR_FROM_ENOUGH_S = 1
"""CPU seconds for what would run for hours."""


@dataclass(frozen=True)
class Outside:
    """What lies around the run folder: files with the canary in them, and a listener on 127.0.0.1."""

    table: Path
    text: Path
    representation: Path
    listener: socket.socket


@dataclass(frozen=True)
class Hazard:
    """A model that would do harm.

    Attributes:
        objects: what it adds to the box.
        files: what lies beside it in the run folder, by name.
        unsealed: what is seen of it without a sandbox, where a test can afford to look.
        ends_by: signals one of which must end it when it is sealed; none where it ends by itself.
        cpu_s: limit, s.
    """

    objects: Model
    files: dict[str, bytes] = field(default_factory=dict)
    unsealed: Literal["leaks", "makes a file", "connects", ""] = ""
    ends_by: tuple[str, ...] = ()
    cpu_s: int = 20


def _functional_mockup_unit(_: Outside) -> Hazard:
    """The instance's name goes to system()."""
    unit = {"fmu_file_name": "x.fmu", "fmu_instance_name": "i$(touch ../made-by-the-model)"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("modelDescription.xml", "<fmiModelDescription/>")
    name = "Site Outdoor Air Drybulb Temperature"
    objects: Model = {
        "ExternalInterface": {"E": {"name_of_external_interface": "FunctionalMockupUnitImport"}},
        "ExternalInterface:FunctionalMockupUnitImport": {"F": {"fmu_file_name": "x.fmu", "fmu_timeout": 1}},
        "ExternalInterface:FunctionalMockupUnitImport:From:Variable": {
            "V": unit
            | {
                "output_variable_index_key_name": "Environment",
                "output_variable_name": name,
                "fmu_variable_name": "t",
            }
        },
        "ExternalInterface:FunctionalMockupUnitImport:To:Schedule": {
            "S": unit | {"schedule_type_limits_names": "Any", "fmu_variable_name": "q", "initial_value": 0}
        },
        "Output:Variable": {"O": {"key_value": "*", "variable_name": name, "reporting_frequency": "Timestep"}},
    }
    return Hazard(objects, {"x.fmu": archive.getvalue()}, "makes a file")


def _ptolemy_server(outside: Outside) -> Hazard:
    address = f'<socket port="{outside.listener.getsockname()[1]}" hostname="127.0.0.1"/>'
    settings = f'<?xml version="1.0"?><BCVTB-client><ipc>{address}</ipc></BCVTB-client>'
    objects: Model = {
        "ExternalInterface": {"E": {"name_of_external_interface": "PtolemyServer"}},
        "ExternalInterface:Schedule": {"S": {"schedule_type_limits_name": "Any", "initial_value": 0}},
    }
    return Hazard(objects | _load("S"), {"socket.cfg": settings.encode()}, "connects")


def _python_plugin(outside: Outside) -> Hazard:
    plugin = b"open('../made-by-the-model', 'w')\nclass Evil: pass\n"
    objects: Model = {
        "PythonPlugin:SearchPaths": {"P": {"py_search_paths": [{"search_path": str(outside.table.parent)}]}},
        "PythonPlugin:Instance": {"I": {"python_module_name": "evil", "plugin_class_name": "Evil"}},
    }
    return Hazard(objects, {"evil.py": plugin})


def _schedule_file(path: str) -> Hazard:
    schedule = {
        "schedule_type_limits_name": "Any",
        "file_name": path,
        "column_number": 1,
        "rows_to_skip_at_top": 1,
    }
    report = {"key_value": "*", "variable_name": "Schedule Value", "reporting_frequency": "Hourly"}
    return Hazard({"Schedule:File": {"S": schedule}, "Output:Variable": {"O": report}} | _load("S"), unsealed="leaks")


def _lookup(path: str) -> Hazard:
    place = {"external_file_name": path, "external_file_column_number": 1, "external_file_starting_row_number": 2}
    return Hazard(
        {
            "Table:IndependentVariable": {"X": {"minimum_value": 0, "maximum_value": 10} | place},
            "Table:IndependentVariableList": {"L": {"independent_variables": [{"independent_variable_name": "X"}]}},
            "Table:Lookup": {"T": {"independent_variable_list_name": "L"} | place},
        }
    )


def _ashrae_205(outside: Outside) -> Hazard:
    """A chiller on the smallest loop: the engine reads what is on a branch."""
    nodes = ("chilled_water_inlet", "chilled_water_outlet", "condenser_inlet", "condenser_outlet")
    chiller = {
        "representation_file_name": str(outside.representation),
        "rated_capacity": 1000,
        "ambient_temperature_indicator": "Outdoors",
        "chilled_water_maximum_requested_flow_rate": 0.1,
        "condenser_maximum_requested_flow_rate": 0.1,
    }
    kind, inlet, outlet = "Chiller:Electric:ASHRAE205", nodes[0], nodes[1]
    place = {"component_object_type": kind, "component_name": "C"}
    place |= {"component_inlet_node_name": inlet, "component_outlet_node_name": outlet}
    pipe = {"component_object_type": "Pipe:Adiabatic", "component_name": "P"}
    pipe |= {"component_inlet_node_name": "demand_inlet", "component_outlet_node_name": "demand_outlet"}
    loop = {
        "fluid_type": "Water",
        "load_distribution_scheme": "SequentialLoad",
        "plant_equipment_operation_scheme_name": "O",
        "loop_temperature_setpoint_node_name": outlet,
        "maximum_loop_temperature": 98,
        "minimum_loop_temperature": 1,
        "maximum_loop_flow_rate": 0.1,
        "plant_side_inlet_node_name": inlet,
        "plant_side_outlet_node_name": outlet,
        "plant_side_branch_list_name": "Plant",
        "demand_side_inlet_node_name": "demand_inlet",
        "demand_side_outlet_node_name": "demand_outlet",
        "demand_side_branch_list_name": "Demand",
    }
    return Hazard(
        {
            kind: {"C": chiller | {f"{node}_node_name": node for node in nodes}},
            "PlantLoop": {"L": loop},
            "PlantEquipmentOperationSchemes": {
                "O": {
                    "control_scheme_1_object_type": "PlantEquipmentOperation:CoolingLoad",
                    "control_scheme_1_name": "Cooling",
                    "control_scheme_1_schedule_name": "On",
                }
            },
            "PlantEquipmentOperation:CoolingLoad": {
                "Cooling": {
                    "load_range_1_lower_limit": 0,
                    "load_range_1_upper_limit": 1e9,
                    "range_1_equipment_list_name": "List",
                }
            },
            "PlantEquipmentList": {"List": {"equipment": [{"equipment_object_type": kind, "equipment_name": "C"}]}},
            "Schedule:Constant": {"On": {"schedule_type_limits_name": "Any", "hourly_value": 1}},
            "BranchList": {
                "Plant": {"branches": [{"branch_name": "Chiller"}]},
                "Demand": {"branches": [{"branch_name": "Pipe"}]},
            },
            "Branch": {"Chiller": {"components": [place]}, "Pipe": {"components": [pipe]}},
            "Pipe:Adiabatic": {"P": {"inlet_node_name": "demand_inlet", "outlet_node_name": "demand_outlet"}},
        }
    )


def _program(lines: tuple[str, ...], subroutine: tuple[str, ...], *ends_by: str) -> Hazard:
    return Hazard(
        {
            "EnergyManagementSystem:Program": {"P": {"lines": [{"program_line": line} for line in lines]}},
            "EnergyManagementSystem:Subroutine": {"Q": {"lines": [{"program_line": line} for line in subroutine]}},
            "EnergyManagementSystem:ProgramCallingManager": {
                "M": {"energyplus_model_calling_point": "BeginNewEnvironment", "programs": [{"program_name": "P"}]}
            },
        },
        ends_by=ends_by,
        cpu_s=FAR_FROM_ENOUGH_S,
    )


def _long_run(_: Outside) -> Hazard:
    dates = {"begin_month": 1, "begin_day_of_month": 1, "end_month": 12, "end_day_of_month": 31}
    years = {"begin_year": 2001, "end_year": 2201}
    return Hazard(
        {"RunPeriod": {"Centuries": dates | years}, "Timestep": {"T": {"number_of_timesteps_per_hour": 60}}},
        ends_by=("SIGXCPU",),
        cpu_s=FAR_FROM_ENOUGH_S,
    )


def _load(schedule: str) -> Model:
    load = {
        "fuel_type": "None",
        "zone_or_zonelist_or_space_or_spacelist_name": "Box",
        "schedule_name": schedule,
        "design_level": 0,
    }
    return {"OtherEquipment": {"Load": load}}


HAZARDS: dict[str, Callable[[Outside], Hazard]] = {
    "a mock-up unit whose name is a command": _functional_mockup_unit,
    "a connection to a server": _ptolemy_server,
    "a Python plugin": _python_plugin,
    "a schedule of an absolute path": lambda outside: _schedule_file(str(outside.table)),
    "a schedule of a path with ..": lambda outside: _schedule_file(f"../outside/{outside.table.name}"),
    "a shading schedule": lambda outside: Hazard({"Schedule:File:Shading": {"S": {"file_name": str(outside.table)}}}),
    "window data": lambda outside: Hazard(
        {"Construction:WindowDataFile": {"W": {"file_name": str(outside.text)}}}, unsealed="leaks"
    ),
    "a table of a file outside": lambda outside: _lookup(str(outside.table)),
    "a table of the users": lambda _: _lookup("/etc/passwd"),
    "a table that never ends": lambda _: _lookup("/dev/zero"),
    "a chiller's representation": _ashrae_205,
    "outputs switched off": lambda _: Hazard(
        {"OutputControl:Files": {"O": {"output_sqlite": "No", "output_end": "No", "output_tabular": "No"}}}
    ),
    "a program that never ends": lambda _: _program(
        ("SET a = 1", "WHILE a == 1", "RUN Q", "ENDWHILE"),
        ("SET b = 1", "WHILE b == 1", "SET c = 1", "ENDWHILE"),
        "SIGXCPU",
    ),
    "a program that calls itself": lambda _: _program(("RUN Q",), ("SET c = 1", "RUN Q"), "SIGSEGV", "SIGXCPU"),
    "sixty steps an hour": lambda _: Hazard({"Timestep": {"T": {"number_of_timesteps_per_hour": 60}}}),
    "two hundred years": _long_run,
}
"""What would do harm, by name."""
