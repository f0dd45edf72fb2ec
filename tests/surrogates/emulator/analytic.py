"""Surrogates of functions that are known, for the tests of what surrogates are used for."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from surrogates.emulator.devices import Hardware, choose_hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.inputs import InputColumn
from surrogates.emulator.training import Table, Wanted, Wish, train
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]
CITIES = ("Arica", "Bergen", "Cairo")
COLD = {"Arica": 1.0, "Bergen": 4.0, "Cairo": 2.0}


def cpu() -> Hardware:
    """Return what every machine has."""
    return choose_hardware("cpu")


def heat(wwr: Floats, cop: Floats, city: NDArray[np.object_]) -> Floats:
    """Return what falls with `cop` and grows with `wwr` and the cold."""
    return np.array([COLD[name] for name in city]) * (1 + wwr) * 10 / cop


def light(wwr: Floats, cop: Floats) -> Floats:
    """Return what falls with `wwr` and grows with `cop`."""
    return 5 + 3 * np.square(1 - wwr) + 0.4 * cop


@cache
def train_house(kind: Wanted = "ridge", rows: int = 80) -> Emulator:
    """Return a surrogate of `heat` and `light` over two numbers and a city."""
    drawn = qmc.Sobol(3, rng=1).random_base2(7)[:rows]
    city = np.array(CITIES, object)[np.minimum((drawn[:, 2] * 3).astype(int), 2)]
    wwr, cop = 0.1 + 0.7 * drawn[:, 0], 2 + 3 * drawn[:, 1]
    columns = [
        InputColumn("wwr", "number", "1"),
        InputColumn("cop", "reciprocal", "1"),
        InputColumn("city", "weather", climates={name: {"cold": cold, "dry": cold % 3} for name, cold in COLD.items()}),
    ]
    metrics = {"heat_kwh": heat(wwr, cop, city), "light_kwh": light(wwr, cop)}
    table = Table({"wwr": wwr, "cop": cop, "city": city}, metrics)
    return train(table, columns, Wish(("heat_kwh", "light_kwh"), kind=kind, fast=False), cpu(), Watch())


@cache
def train_function(
    function: Callable[[Floats], Floats], dimensions: int, rows: int, kind: Wanted = "gp", seed: int = 1
) -> Emulator:
    """Return a surrogate of a function of the unit cube, learnt from Sobol' points; inputs are `x1`, `x2`, …"""
    points = qmc.Sobol(dimensions, rng=seed).random_base2(int(np.ceil(np.log2(rows))))[:rows]
    columns = [InputColumn(f"x{place + 1}", "number", "1") for place in range(dimensions)]
    table = Table({column.name: points[:, place] for place, column in enumerate(columns)}, {"y": function(points)})
    return train(table, columns, Wish(("y",), kind=kind, fast=False), cpu(), Watch())
