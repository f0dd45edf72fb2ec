"""Declares `tests/fakes/degree_days.py` as a simulation program, as an administrator would."""

import sys
from pathlib import Path
from typing import Any

import yaml

PROGRAM = Path(__file__).resolve().parent / "fakes" / "degree_days.py"
TEMPLATE = """{
  "heat_loss_w_k": {{heat_loss_w_k}},
  "base_c": {{ base_c }},
  "efficiency": {{efficiency}},
  "fuel": "{{fuel}}"
}
"""
DEGREE_DAYS: dict[str, Any] = {
    "name": "degree_days",
    "label": "Degree days",
    "command": [str(Path(sys.executable).resolve()), "-IS", str(PROGRAM), "{input}", "{weather}", "{output}"],
    "template": "building.json",
    "input": "input.json",
    "output": "metrics.json",
    "metrics": {
        "heating_kwh": {"unit": "kWh", "label": "Heating"},
        "degree_days_k_d": {"unit": "K d"},
        "oil_l": {"unit": "l"},
    },
    "parameters": {
        "heat_loss_w_k": {"unit": "W/K", "minimum": 0},
        "base_c": {"unit": "C", "default": 15},
        "efficiency": {"unit": "1", "default": 0.9, "maximum": 1.2},
        "fuel": {"default": "gas"},
    },
    "timeout_s": 60,
}


def declare_program(folder: Path, template: str = TEMPLATE, **changes: Any) -> Path:
    """Write template and declaration into a folder; return the declaration's path.

    Args:
        folder: where; made if missing.
        template: text of the template.
        changes: keys of the declaration to replace; None removes one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "building.json").write_text(template)
    declared = {key: value for key, value in {**DEGREE_DAYS, **changes}.items() if value is not None}
    path = folder / "programs.yaml"
    path.write_text(yaml.safe_dump({"programs": [declared]}, sort_keys=False))
    return path
