"""Networks that have learnt from a process: how near they are, and when they are not taken."""

import numpy as np
import pytest

from surrogates.emulator import distillation
from surrogates.emulator.distillation import distil, draw_points
from surrogates.emulator.ensemble import Schooling
from surrogates.emulator.files import load_emulator, save_emulator
from surrogates.emulator.training import Wish, train
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import INPUTS, METRICS, ask, hardware, make_emulator, make_table


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    monkeypatch.setattr(distillation, "POINTS", 1024)
    monkeypatch.setattr(distillation, "TESTED", 256)
    monkeypatch.setattr(distillation, "SCHOOLING", Schooling((64, 64), 60, "Networks for screening"))


def test_fast_means_are_near_to_the_process_and_survive_a_file(tmp_path):
    process = make_emulator("gp")
    emulator = train(make_table(), INPUTS, Wish(METRICS, kind="gp", fast=True), hardware(), Watch())
    assert set(emulator.report.screening_errors) == set(METRICS)
    rows = emulator.inputs.check(ask(200))
    exact = process.predict(ask(200), hardware()).mean
    assert np.array_equal(emulator.predict(ask(200), hardware()).mean, exact)
    found = emulator.predict_means(rows, hardware())
    assert found.dtype == np.float32
    assert found.shape == (200, len(METRICS))
    if emulator.fast is None:
        np.testing.assert_allclose(found, exact, rtol=1e-6)
    save_emulator(emulator, tmp_path / "s", {})
    read, _ = load_emulator(tmp_path / "s")
    assert (read.fast is None) == (emulator.fast is None)
    assert np.array_equal(read.predict_means(rows, hardware()), found)


@pytest.mark.parametrize(("allowed", "taken"), [(np.inf, True), (1e-9, False)])
def test_networks_are_taken_where_their_difference_hardly_counts(allowed, taken):
    process = make_emulator("gp")
    asked = (process.inputs, process.targets)
    found = distil(process.regressor, asked, np.full(len(METRICS), allowed), hardware(), Watch())
    assert (found.pupil is not None) == taken
    spread = dict(zip(METRICS, (make_table().metrics[name].std() for name in METRICS), strict=True))
    for metric, error in found.errors.items():
        assert 0 < error < 0.2 * spread[metric]


def test_points_fill_what_was_trained_on():
    process = make_emulator("gp")
    features = draw_points(process.inputs, 512).numpy()
    known = process.regressor.model.features.numpy()
    assert features.shape == (512, known.shape[1])
    slack = 1e-6 + 0.05 * np.ptp(known, axis=0)
    assert (features >= known.min(0) - slack).all()
    assert (features <= known.max(0) + slack).all()
    assert (np.ptp(features, axis=0) > 0.9 * np.ptp(known, axis=0)).all()
