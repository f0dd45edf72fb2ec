"""Every kind of regressor over dtypes, devices and shapes of batches: chunks answer as the whole."""

import pytest
import torch

from surrogates.emulator.boosting import BoostedTrees
from surrogates.emulator.candidates import Workshop, fit_once
from surrogates.emulator.devices import Hardware, choose_hardware
from surrogates.emulator.ensemble import BAG, Lessons, Networks, Schooling, draw_bags, predict_out_of_bag, train
from surrogates.emulator.gaussian_process import Posterior
from surrogates.emulator.inference import GRAPH_ROWS, PlacedNetworks, run_member
from surrogates.emulator.regressors import KINDS, Regressor, read_model
from surrogates.emulator.ridge import QuadraticRidge
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import hardware

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]
ROWS, DIMENSIONS, COMPONENTS = 40, 4, 3


def make_samples(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(ROWS, DIMENSIONS, generator=generator, dtype=torch.float64)
    laws = torch.stack([features[:, 0], features[:, 1].sin() + features[:, 2], features[:, 0] * features[:, 1]], 1)
    return features, (laws - laws.mean(0)) / laws.std(0)


def make_regressor(kind: str, device: str = "cpu") -> Regressor:
    features, targets = make_samples()
    here = choose_hardware(device)
    if kind == "ensemble":
        generator = torch.Generator().manual_seed(0)
        seen = draw_bags(ROWS, 4, generator).to(here.device)
        lessons = Lessons(features.float().to(here.device), targets.float().to(here.device), seen)
        return Regressor(kind, train(lessons, here, generator, Watch(), Schooling(hidden=(16, 16), epochs=30)))
    folds = torch.arange(ROWS) % 5
    shop = Workshop(features.to(here.device), targets.to(here.device), folds, here, 0, Watch())
    return fit_once(kind, shop)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("points", [1, 7, 300])
def test_answers_have_the_shape_of_the_question_and_are_finite(kind, device, points):
    mean, variance = make_regressor(kind, device).predict(torch.randn(points, DIMENSIONS).double(), hardware())
    assert mean.shape == variance.shape == (points, COMPONENTS)
    assert mean.dtype == variance.dtype == torch.float64
    assert mean.isfinite().all()
    assert (variance > 0).all()


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_answers_as_a_processor(kind):
    features = torch.randn(50, DIMENSIONS).double()
    regressor = make_regressor(kind)
    exact = Hardware(torch.device("cuda"), torch.float32, 16, 10**8)
    for here, there in zip(regressor.predict(features, hardware()), regressor.predict(features, exact), strict=True):
        torch.testing.assert_close(here, there, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("kind", ["gp", "boosting", "ridge"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_models_answer_in_the_dtype_that_they_are_asked_in(kind, dtype):
    features, _ = make_samples()
    model = make_regressor(kind).model
    assert isinstance(model, Posterior | QuadraticRidge | BoostedTrees)
    mean, variance = model.predict(features.to(dtype))
    exact, _ = model.predict(features)
    assert mean.dtype == variance.dtype == dtype
    torch.testing.assert_close(mean.double(), exact, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("fast", [torch.float32, torch.bfloat16])
def test_networks_answer_alike_in_every_dtype_and_one_by_one_as_together(fast):
    networks = make_regressor("ensemble").model
    features = torch.randn(20, DIMENSIONS)
    exact = networks.run(features)
    torch.testing.assert_close(networks.run(features.expand(networks.members, -1, -1)), exact)
    placed = PlacedNetworks.place(networks, hardware(fast=fast))
    each = torch.stack([run_member(layers, features.to(fast)) for layers in placed.layers])
    mean, variance = placed.predict(features)
    loose = 1e-5 if fast is torch.float32 else 0.05
    assert mean.dtype == variance.dtype == torch.float32
    torch.testing.assert_close(each.float(), exact, rtol=loose, atol=loose)
    torch.testing.assert_close(mean, exact.mean(0), rtol=loose, atol=loose)
    wanted = exact.var(0, correction=0) + networks.noise.mean(0)
    torch.testing.assert_close(variance, wanted, rtol=10 * loose, atol=loose)


@pytest.mark.gpu
@pytest.mark.parametrize("rows", [1, GRAPH_ROWS, 2 * GRAPH_ROWS + 7])
def test_a_recorded_graph_answers_as_the_kernels_one_by_one(rows):
    networks, here = make_regressor("ensemble", "cuda").model, choose_hardware("cuda")
    features = torch.randn(rows, DIMENSIONS, device="cuda")
    placed = PlacedNetworks.place(networks, here)
    mean, variance = placed.predict(features)
    exact = placed.stacked.run(features.to(here.fast)).float()
    torch.testing.assert_close(mean, exact.mean(0), rtol=0.02, atol=0.02)
    torch.testing.assert_close(variance, exact.var(0, correction=0) + placed.noise, rtol=0.1, atol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_answer_as_the_whole(kind):
    features = torch.randn(50, DIMENSIONS).double()
    regressor = make_regressor(kind)
    whole = regressor.predict(features, hardware(fast=torch.float32))
    for chunk_rows in (1, 16, 49):
        parts = regressor.predict(features, hardware(fast=torch.float32, chunk_rows=chunk_rows))
        for one, other in zip(whole, parts, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["gp", "boosting"])
def test_memory_bounds_how_many_points_are_answered_at_a_time(kind, monkeypatch):
    regressor = make_regressor(kind)
    asked = []
    answer = type(regressor.model).predict
    monkeypatch.setattr(
        type(regressor.model), "predict", lambda self, points: asked.append(len(points)) or answer(self, points)
    )
    budget = 100_000
    regressor.predict(torch.randn(500, DIMENSIONS).double(), hardware(budget_bytes=budget))
    rows = COMPONENTS * ROWS if kind == "gp" else len(regressor.model.feature)
    assert sum(asked) == 500
    assert max(asked) == max(1, budget // (8 * 3 * rows if kind == "gp" else 64 * rows))


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_its_own_tensors_is_the_same(kind):
    regressor = make_regressor(kind)
    again = Regressor(kind, read_model(kind, regressor.model.tensors()))
    features = torch.randn(9, DIMENSIONS).double()
    for one, other in zip(regressor.predict(features, hardware()), again.predict(features, hardware()), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("rows", [9, 20, 181])
def test_bags_hold_their_share_and_leave_every_row_out_somewhere(rows):
    seen = draw_bags(rows, 8, torch.Generator().manual_seed(1))
    assert (seen.sum(1) == round(BAG * rows)).all()
    assert (~seen).any(0).all()


def test_out_of_the_bag_only_members_answer_that_did_not_see_a_row():
    networks = Networks([torch.tensor([[[1.0]], [[3.0]]])], [torch.zeros(2, 1, 1)], torch.zeros(2, 1))
    seen = torch.tensor([[True, False, True], [False, True, True]])
    mean, variance = predict_out_of_bag(networks, torch.ones(3, 1), seen)
    assert mean.flatten().tolist() == [3.0, 1.0, 2.0]
    assert variance.flatten().tolist() == [0.0, 0.0, 1.0]


def test_ridge_finds_a_quadratic_law_and_is_not_fooled_where_terms_outnumber_rows():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(60, 12, generator=generator, dtype=torch.float64)  # 90 terms
    targets = (features[:, :1] + 0.5 * features[:, 1:2] * features[:, 2:3] - features[:, 3:4]) / 1.5
    regressor = Regressor("ridge", fit_once("ridge", Workshop(
        features[:45], targets[:45], torch.zeros(45), hardware(), 0, Watch()
    )).model)  # fmt: skip
    mean, variance = regressor.predict(features[45:], hardware())
    error = (mean - targets[45:]).square().mean()
    assert error < 0.25
    assert error < 4 * variance.mean()  # what it says of its error on rows that it left out is no less than it is
