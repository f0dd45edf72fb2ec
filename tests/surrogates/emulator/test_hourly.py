"""Series of hours: few shapes, how much of each, and an honest report."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save

from surrogates.emulator.errors import DamagedFileError, PredictionRefused, TrainingRefused, TrainingStopped
from surrogates.emulator.files import load_emulator, save_emulator
from surrogates.emulator.hourly import HourlyHead, Series, decompose, train_hourly
from surrogates.emulator.training import draw_folds
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import COOLING, HEATING, ask, hardware, make_emulator, make_table

HOURS = 24 * 30


def make_series(table, noise: float = 0.0) -> np.ndarray:
    """Return series whose shapes are those of nights and days, and whose sums are those of two metrics."""
    time = np.arange(HOURS)
    night, day = 1 + np.cos(2 * np.pi * time / 24), np.maximum(0.0, -np.cos(2 * np.pi * time / 24))
    heating, cooling = table.metrics[HEATING], table.metrics[COOLING]
    series = heating[:, None] * night / night.sum() + cooling[:, None] * day / day.sum()
    wild = np.random.default_rng(0).standard_normal(series.shape)
    return (series + noise * series.mean() * wild).astype(np.float32)


def train_head(kind: str = "gp", noise: float = 0.0) -> HourlyHead:
    table = make_table()
    features = torch.from_numpy(make_emulator().inputs.encode(table.columns))
    folds = draw_folds(list(table.columns["weather"]), 0)
    return train_hourly(
        Series("meter", "kWh", make_series(table, noise)), features, folds, hardware(), Watch(), kind=kind
    )


def test_new_series_are_as_the_report_says():
    head, new = train_head(), make_table(100, seed=7)
    features = torch.from_numpy(make_emulator().inputs.encode(new.columns))
    said, actual = head.predict(features, hardware()).numpy(), make_series(new)
    assert said.shape == (100, HOURS)
    assert said.dtype == np.float32
    assert len(head.shapes) == 2
    assert head.accuracy.kept > 0.999
    assert head.accuracy.floor < 0.02
    error = np.sqrt(np.square(said - actual).mean()) / actual.mean()
    assert error < 0.15
    assert 0.4 < error / head.accuracy.cvrmse < 2.5
    assert abs(head.accuracy.nmbe) < 0.03
    assert head.is_positive
    assert said.min() >= 0


def test_what_no_shape_keeps_is_told_as_the_floor():
    clean, noisy = train_head("ridge").accuracy, train_head("ridge", noise=0.3).accuracy
    assert noisy.floor > 0.2
    assert noisy.floor <= noisy.cvrmse
    assert noisy.kept < clean.kept


def test_chunks_answer_as_the_whole(monkeypatch):
    head = train_head("ridge")
    features = torch.from_numpy(make_emulator().inputs.encode(ask(11)))
    whole = head.predict(features, hardware())
    monkeypatch.setattr("surrogates.emulator.hourly.CHUNK_VALUES", 3 * HOURS)
    torch.testing.assert_close(head.predict(features, hardware()), whole)


def test_series_are_their_mean_and_shapes_of_length_one():
    values = torch.from_numpy(make_series(make_table()))
    mean, shapes, coefficients, kept = decompose(values)
    torch.testing.assert_close(shapes @ shapes.T, torch.eye(len(shapes)), atol=1e-4, rtol=0)
    torch.testing.assert_close(
        mean + coefficients.float() @ shapes, values, rtol=0.02, atol=0.02 * float(values.mean())
    )
    assert kept > 0.999


@pytest.mark.parametrize("kind", ["gp", "ridge"])
def test_a_head_survives_a_file(kind, tmp_path):
    emulator = replace(make_emulator(), hourly=(train_head(kind),))
    save_emulator(emulator, tmp_path / "s", {})
    read, _ = load_emulator(tmp_path / "s")
    one, other = (found.predict_hourly("meter", ask(5), hardware()) for found in (emulator, read))
    assert np.array_equal(one, other)
    assert read.hourly[0].accuracy == emulator.hourly[0].accuracy
    with pytest.raises(PredictionRefused, match="no hourly series of 'gas'"):
        read.predict_hourly("gas", ask(1), hardware())


@pytest.mark.parametrize("name", ["mean", "shapes", "scales", "coefficients.weights"])
def test_a_head_of_the_wrong_shape_is_refused(name, tmp_path, monkeypatch):
    emulator = replace(make_emulator(), hourly=(train_head("ridge"),))

    def spoil(tensors):
        tensors[f"hourly-0.{name}"] = tensors[f"hourly-0.{name}"][1:].contiguous()
        return save(tensors)

    monkeypatch.setattr("surrogates.emulator.files.save_tensors", spoil)
    save_emulator(emulator, tmp_path / "s", {})
    with pytest.raises(DamagedFileError):
        load_emulator(tmp_path / "s")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.full((60, 24), np.nan, np.float32), "gaps in the series of 60"),
        (np.ones((60, 24), np.float32), "the same in all"),
        (np.ones((59, 24), np.float32), "there are 60 cases"),
    ],
)
def test_series_that_no_head_can_learn_from_are_refused(values, told):
    features = torch.randn(60, 3, dtype=torch.float64)
    with pytest.raises(TrainingRefused, match=told):
        train_hourly(Series("m", "kWh", values), features, np.arange(60) % 5, hardware(), Watch())


def test_a_head_in_training_may_be_stopped():
    def stop() -> None:
        raise TrainingStopped("enough")

    features = torch.randn(60, 3, dtype=torch.float64)
    series = Series("m", "kWh", np.random.default_rng(0).random((60, 24), np.float32))
    with pytest.raises(TrainingStopped):
        train_hourly(series, features, np.arange(60) % 5, hardware(), Watch(check=stop))
