"""Declares programs of `tests/fakes` as simulation programs, as an administrator would."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FAKES = Path(__file__).resolve().parent / "fakes"
PYTHON = str(Path(sys.executable).resolve())
PROGRAM = FAKES / "degree_days.py"
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
    "command": [PYTHON, "-IS", str(PROGRAM), "{input}", "{weather}", "{output}"],
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

ISHIGAMI: dict[str, Any] = {
    "name": "ishigami",
    "label": "Ishigami's function",
    "command": [PYTHON, "-IS", str(FAKES / "ishigami.py"), "{input}", "{output}"],
    "template": "angles.json",
    "input": "input.json",
    "output": "metrics.json",
    "metrics": {"height_m": {"unit": "m", "label": "Height"}},
    "parameters": {name: {"unit": "rad"} for name in ("x1", "x2", "x3")},
    "timeout_s": 60,
}

DAWDLER: dict[str, Any] = {
    "name": "dawdler",
    "label": "Dawdler",
    "command": [PYTHON, "-IS", str(FAKES / "dawdler.py"), "{input}", "{output}"],
    "template": "task.json",
    "input": "input.json",
    "output": "metrics.json",
    "metrics": {"square": {"unit": "1", "label": "Square"}},
    "parameters": {
        "x": {"unit": "1"},
        "lasts_s": {"unit": "s", "minimum": 0, "default": 0.2},
        "ends": {"default": "well"},
    },
    "timeout_s": 120,
}


def declare_program(folder: Path, template: str = TEMPLATE, **changes: Any) -> Path:
    """Write template and declaration into a folder; return the declaration's path.

    Args:
        folder: where; made if missing.
        template: text of the template.
        changes: keys of the declaration to replace; None removes one.
    """
    declared = {key: value for key, value in {**DEGREE_DAYS, **changes}.items() if value is not None}
    return _write(folder, {"building.json": template}, declared)


def declare_all_programs(folder: Path) -> Path:
    """Write the declarations of degree days and Ishigami's function into a folder; return their path."""
    angles = '{"x1": {{x1}}, "x2": {{x2}}, "x3": {{x3}} }'
    return _write(folder, {"building.json": TEMPLATE, "angles.json": angles}, DEGREE_DAYS, ISHIGAMI)


def declare_dawdler(folder: Path) -> Path:
    """Write the declaration of a program that lasts as long as a study says into a folder; return its path."""
    task = '{"x": {{x}}, "lasts_s": {{lasts_s}}, "ends": "{{ends}}" }'
    return _write(folder, {"task.json": task}, DAWDLER)


def _write(folder: Path, templates: dict[str, str], *declared: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in templates.items():
        (folder / name).write_text(text)
    path = folder / "programs.yaml"
    # programs share values, which YAML would write as references
    listed = json.loads(json.dumps(list(declared)))
    path.write_text(yaml.safe_dump({"programs": listed}, sort_keys=False))
    return path
