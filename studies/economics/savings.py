"""Amounts of cases and of their baselines in, what the cases save and when it has paid for itself out.

Arrays are by case, (n,), float64, NaN where a number is missing; what comes of a missing number is missing.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def save_amounts(amounts: Numbers, baselines: Numbers) -> Numbers:
    """Return what is saved: the baseline's amount less the case's, negative where the case has more."""
    return baselines - amounts


def save_percents(amounts: Numbers, baselines: Numbers) -> Numbers:
    """Return what is saved in percent of the baseline; NaN where the baseline has nothing or earns money."""
    shares = np.full(len(amounts), np.nan)
    some = baselines > 0
    shares[some] = 100 * (baselines[some] - amounts[some]) / baselines[some]
    return shares


def find_paybacks(spent: Numbers, saved_per_year: Numbers) -> Numbers:
    """Return after how many years savings make up for what was spent, without interest; NaN where nothing is saved."""
    years = np.full(len(spent), np.nan)
    some = (saved_per_year > 0) & ~np.isnan(spent)
    years[some] = spent[some] / saved_per_year[some]
    return years
