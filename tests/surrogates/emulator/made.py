"""Small tables and surrogates that tests make in a moment."""

from functools import cache

import numpy as np
import torch

from surrogates.emulator.devices import Hardware, choose_hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.inputs import InputColumn
from surrogates.emulator.training import Table, Wish, train
from surrogates.emulator.watching import Watch

CLIMATES = {"cold": {"hdd18": 5000.0, "ghi": 900.0}, "mild": {"hdd18": 2500.0, "ghi": 1300.0}}
HEATING, COOLING, LIGHTS = "heating_electricity_kwh", "cooling_electricity_kwh", "interior_lighting_electricity_kwh"
INPUTS = [
    InputColumn("insulation", "thickness", "m", conductivity_w_mk=0.04),
    InputColumn("north", "angle", "deg"),
    InputColumn("cop", "reciprocal", "1"),
    InputColumn("lights", "number", "W/m2"),
    InputColumn("glass", "category"),
    InputColumn("weather", "weather", climates=CLIMATES),
]
METRICS = ("electricity_kwh", HEATING, COOLING)


def make_table(rows: int = 60, seed: int = 0) -> Table:
    """Return a table whose metrics follow smooth laws of its inputs, with a little noise."""
    rng = np.random.default_rng(seed)
    columns = {
        "insulation": rng.uniform(0.02, 0.3, rows),
        "north": rng.uniform(0.0, 360.0, rows),
        "cop": rng.uniform(2.0, 5.0, rows),
        "lights": rng.uniform(4.0, 15.0, rows),
        "glass": rng.choice(["clear", "coated", "triple"], rows).astype(object),
        "weather": rng.choice(sorted(CLIMATES), rows).astype(object),
    }
    cold = np.array([CLIMATES[name]["hdd18"] for name in columns["weather"]]) / 2500
    clear = 1 + 0.3 * (columns["glass"] == "clear")
    heating = 4000 * cold / (0.17 + columns["insulation"] / 0.04) * clear
    sun = 1 + 0.1 * np.cos(np.radians(columns["north"]))
    cooling = (200 * columns["lights"] * sun + 900 / cold) / columns["cop"]
    lights = 260 * columns["lights"]
    noise = 1 + 0.005 * rng.standard_normal((2, rows))
    parts = {HEATING: heating * noise[0], COOLING: cooling * noise[1], LIGHTS: lights}
    return Table(columns, {**parts, "electricity_kwh": np.sum(list(parts.values()), axis=0)})


def hardware(**changes: object) -> Hardware:
    """Return this processor, with changes."""
    return Hardware(**{**vars(choose_hardware("cpu")), **changes})


@cache
def make_emulator(kind: str = "ridge", rows: int = 60, seed: int = 0) -> Emulator:
    """Return a surrogate of a kind."""
    torch.set_num_threads(1)
    return train(make_table(rows), INPUTS, Wish(METRICS, kind=kind, seed=seed, fast=False), hardware(), Watch())


def ask(rows: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return inputs of other rows than were trained on."""
    return dict(make_table(rows, seed).columns)
