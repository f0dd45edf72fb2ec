"""The targets of accuracy on the yardstick, with the margin that the seed may take."""

import numpy as np
import pytest

from surrogates.emulator.emulator import Emulator
from surrogates.emulator.regressors import GATES
from surrogates.emulator.training import Table, Wish, train
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import hardware
from tests.surrogates.yardstick import COOLING, ELECTRICITY, HEATING, METRICS, read_yardstick

MOST_CVRMSE = {ELECTRICITY: 0.01, HEATING: 0.06, COOLING: 0.14}
# The mean of 181 errors is itself uncertain, by the CVRMSE over √181: 0.8 % for cooling, 0.3 % for heating.
MOST_NMBE = {ELECTRICITY: 0.005, HEATING: 0.005, COOLING: 0.01}


@pytest.fixture(scope="module")
def surrogate() -> Emulator:
    table, columns = read_yardstick()
    return train(table, columns, Wish(METRICS, kind="gp", fast=False), hardware(), Watch())


def test_a_process_meets_the_targets_of_accuracy(surrogate):
    found = {accuracy.metric: accuracy for accuracy in surrogate.report.accuracy}
    for metric, most in MOST_CVRMSE.items():
        assert found[metric].cvrmse <= most, metric
        assert abs(found[metric].nmbe) <= MOST_NMBE[metric], metric
    for accuracy in found.values():
        assert 0.85 <= accuracy.coverage <= 0.95, accuracy.metric
        assert accuracy.r2 > 0.97
        assert accuracy.train_r2 >= accuracy.r2


def test_a_process_beats_its_gates_and_the_ridge_is_an_honest_one(surrogate):
    scores = {score.kind: score for score in surrogate.report.candidates}
    assert all(scores[gate].error > scores["gp"].error for gate in GATES)
    # On raw inputs a quadratic ridge had 3.5, 22.6 and 37 %: on these features it must not be worse.
    for metric, most in ((ELECTRICITY, 0.035), (HEATING, 0.226), (COOLING, 0.37)):
        assert scores["ridge"].cvrmse[metric] < most


def test_more_cases_make_it_better(surrogate):
    first, *_, last = surrogate.report.curve
    assert last.cases > first.cases
    assert last.cvrmse[HEATING] < first.cvrmse[HEATING]


def test_a_climate_that_was_left_out_is_outside_of_the_domain():
    table, columns = read_yardstick()
    weather = table.columns["weather"].astype(str)
    strange = weather == sorted(set(weather))[0]
    fewer = Table(
        {name: values[~strange] for name, values in table.columns.items()},
        {name: values[~strange] for name, values in table.metrics.items()},
    )
    emulator = train(fewer, columns, Wish((HEATING,), kind="ridge"), hardware(), Watch())
    said = emulator.predict({name: values[strange] for name, values in table.columns.items()}, hardware())
    assert not said.inside.any()
    assert emulator.predict(fewer.columns, hardware()).inside.all()
    asked = {name: values[strange] for name, values in table.columns.items()}
    flagged = emulator.predict(asked, hardware(), outside="flag")
    np.testing.assert_allclose(said.high - said.mean, 3 * (flagged.high - flagged.mean))
