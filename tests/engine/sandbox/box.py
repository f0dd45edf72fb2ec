"""The smallest model that the engine runs: an adiabatic box for one day, as epJSON; 0.2 CPU seconds."""

from typing import Any

Model = dict[str, dict[str, dict[str, Any]]]

_CORNERS = {
    "Floor": ((0, 0, 0), (0, 5, 0), (5, 5, 0), (5, 0, 0)),
    "Roof": ((0, 5, 3), (0, 0, 3), (5, 0, 3), (5, 5, 3)),
    "South": ((0, 0, 3), (0, 0, 0), (5, 0, 0), (5, 0, 3)),
    "East": ((5, 0, 3), (5, 0, 0), (5, 5, 0), (5, 5, 3)),
    "North": ((5, 5, 3), (5, 5, 0), (0, 5, 0), (0, 5, 3)),
    "West": ((0, 5, 3), (0, 5, 0), (0, 0, 0), (0, 0, 3)),
}


def box_with(objects: Model) -> Model:
    """Return the box with more objects; where it has the class already, they come in its objects' place."""
    return _box() | objects


def _box() -> Model:
    return {
        "Version": {"V": {"version_identifier": "25.2"}},
        "SimulationControl": {
            "C": {
                "run_simulation_for_sizing_periods": "No",
                "run_simulation_for_weather_file_run_periods": "Yes",
            }
        },
        "Timestep": {"T": {"number_of_timesteps_per_hour": 4}},
        "Building": {"Box": {"minimum_number_of_warmup_days": 1, "maximum_number_of_warmup_days": 2}},
        "GlobalGeometryRules": {
            "R": {
                "starting_vertex_position": "UpperLeftCorner",
                "vertex_entry_direction": "Counterclockwise",
                "coordinate_system": "World",
            }
        },
        "RunPeriod": {"Day": {"begin_month": 1, "begin_day_of_month": 14, "end_month": 1, "end_day_of_month": 14}},
        "ScheduleTypeLimits": {"Any": {}},
        "Material": {
            "Wall": {
                "roughness": "Rough",
                "thickness": 0.1,
                "conductivity": 1.0,
                "density": 1000,
                "specific_heat": 1000,
            }
        },
        "Construction": {"Wall": {"outside_layer": "Wall"}},
        "Zone": {"Box": {}},
        "BuildingSurface:Detailed": {name: _surface(name) for name in _CORNERS},
        "Output:SQLite": {"S": {"option_type": "SimpleAndTabular"}},
    }


def _surface(name: str) -> dict[str, Any]:
    axes = ("vertex_x_coordinate", "vertex_y_coordinate", "vertex_z_coordinate")
    return {
        "surface_type": name if name in ("Floor", "Roof") else "Wall",
        "construction_name": "Wall",
        "zone_name": "Box",
        "outside_boundary_condition": "Adiabatic",
        "sun_exposure": "NoSun",
        "wind_exposure": "NoWind",
        "vertices": [dict(zip(axes, corner, strict=True)) for corner in _CORNERS[name]],
    }
