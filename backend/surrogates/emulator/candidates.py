"""Candidates: each kind of regressor fitted to all rows, with what it says of rows that it has not learnt from.

Processes, ridge and trees are fitted anew without each fold (CV+); networks are bagged and judged out of the bag.
`training.py` compares them, `hourly.py` has coefficients learnt by them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from surrogates.emulator import boosting, ensemble, gaussian_process, ridge
from surrogates.emulator.devices import Hardware
from surrogates.emulator.regressors import LABELS, Kind, Regressor
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

FOLDS = 5
CURVE_STEPS = 40  # of processes that only stand for a point of a learning curve


@dataclass(frozen=True)
class Fitted:
    """A candidate: the regressor, and what it says, without having learnt from them, of all rows.

    Attributes:
        regressor: trained on all rows.
        mean: (rows, learnt components) on rows that were not learnt from, standardised.
        variance: likewise.
    """

    regressor: Regressor
    mean: Floats
    variance: Floats
    fit_s: float = 0.0


@dataclass(frozen=True)
class Workshop:
    """What fitting a candidate takes.

    Attributes:
        features: (rows, dimensions), float64, standardised, on the device.
        targets: (rows, learnt components), float64, standardised, on the device.
        folds: (rows,), int64: which fold a row is left out with.
    """

    features: Tensor
    targets: Tensor
    folds: Tensor
    hardware: Hardware
    seed: int
    watch: Watch

    def pick(self, rows: Tensor) -> "Workshop":
        """Return the same with some of the rows only."""
        return replace(self, features=self.features[rows], targets=self.targets[rows], folds=self.folds[rows])

    def generator(self, purpose: int) -> torch.Generator:
        """Return random numbers of a purpose."""
        return torch.Generator().manual_seed(self.seed * 1009 + purpose)


def fit(kind: Kind, shop: Workshop) -> Fitted:
    """Return a candidate of a kind."""
    begun = process_time()
    fitted = {"gp": fit_process, "ensemble": fit_ensemble, "boosting": fit_boosting, "ridge": fit_ridge}[kind](shop)
    return Fitted(fitted.regressor, fitted.mean, fitted.variance, process_time() - begun)


def fit_process(shop: Workshop) -> Fitted:
    """Return a Gaussian process of each component; processes fitted without a fold answer for its rows."""
    rows, components = shop.targets.shape
    alone = rows > gaussian_process.MOST_ROWS_TO_LEARN_FROM
    everything = torch.ones(1, rows, dtype=torch.bool)
    kept = torch.stack([shop.folds != fold for fold in range(FOLDS)])
    shares = torch.cat([everything, kept]).to(shop.features.device)
    learners = shares[:1] if alone else shares
    hyper = gaussian_process.learn(make_samples(shop, learners), shop.hardware, shop.generator(1), shop.watch)
    if alone:  # hyperparameters of so many rows hardly depend on a fold
        hyper = hyper.pick(torch.arange(components).repeat_interleave(len(shares)))
    mean, variance = np.empty((rows, components)), np.empty((rows, components))
    for fold in range(FOLDS):
        shop.watch.check()
        held = shop.folds == fold
        members = torch.arange(components) * len(shares) + fold + 1
        posterior = gaussian_process.condition(
            make_samples(shop.pick(~held), shares[:1, ~held]), hyper.pick(members), shop.watch
        )
        said = Regressor("gp", posterior).predict(shop.features[held].cpu(), shop.hardware)
        mean[held.numpy()], variance[held.numpy()] = (tensor.numpy() for tensor in said)
    shop.watch.check()
    members = torch.arange(components) * len(shares)
    whole = gaussian_process.condition(make_samples(shop, shares[:1]), hyper.pick(members), shop.watch)
    return Fitted(Regressor("gp", whole), mean, variance)


def make_samples(shop: Workshop, shares: Tensor) -> gaussian_process.Samples:
    """Return what processes learn from: of each component a member for each share, (shares, rows), of the rows."""
    components = shop.targets.shape[1]
    seen = shares.repeat(components, 1)
    targets = shop.targets.T.repeat_interleave(len(shares), 0) * seen
    return gaussian_process.Samples(shop.features, targets, seen)


def fit_ensemble(shop: Workshop) -> Fitted:
    """Return bagged networks; rows are judged by members that did not see them."""
    generator = shop.generator(2)
    seen = ensemble.draw_bags(len(shop.features), ensemble.MEMBERS, generator).to(shop.features.device)
    features, targets = shop.features.float(), shop.targets.float()
    lessons = ensemble.Lessons(features, targets, seen)
    networks = ensemble.train(lessons, shop.hardware, generator, shop.watch, ensemble.USUAL)
    mean, variance = ensemble.predict_out_of_bag(networks, features, seen)
    return Fitted(Regressor("ensemble", networks), mean.double().cpu().numpy(), variance.double().cpu().numpy())


def fit_ridge(shop: Workshop) -> Fitted:
    """Return a quadratic ridge regression, judged fold by fold."""
    return _fit_by_folds(shop, "ridge", ridge.fit_ridge)


def fit_boosting(shop: Workshop) -> Fitted:
    """Return boosted trees, judged fold by fold."""
    return _fit_by_folds(shop, "boosting", lambda x, y: grow_trees(x, y, shop))


def grow_trees(features: Tensor, targets: Tensor, shop: Workshop) -> boosting.BoostedTrees:
    """Return boosted trees of some rows of a workshop."""
    return boosting.grow_trees(features, targets, seed=shop.seed, check=shop.watch.check, rounds=boosting.ROUNDS)


def _fit_by_folds(
    shop: Workshop, kind: Kind, grow: Callable[[Tensor, Tensor], ridge.QuadraticRidge | boosting.BoostedTrees]
) -> Fitted:
    features, targets = shop.features.cpu(), shop.targets.cpu()
    mean, variance = np.empty(targets.shape), np.empty(targets.shape)
    for fold in range(FOLDS):
        shop.watch.check()
        held = shop.folds == fold
        said, _ = Regressor(kind, grow(features[~held], targets[~held])).predict(features[held], shop.hardware)
        mean[held.numpy()] = said.numpy()
        shop.watch.tell(LABELS[kind], fold + 1, FOLDS + 1, math.nan)
    # What such a regression says of its own noise comes from rows it has learnt from: the folds know better.
    variance[:] = np.square(mean - targets.numpy()).mean(axis=0)
    model = grow(features, targets)
    model.noise = torch.from_numpy(variance[0].copy())
    shop.watch.tell(LABELS[kind], FOLDS + 1, FOLDS + 1, math.nan)
    return Fitted(Regressor(kind, model), mean, variance)


def fit_once(kind: Kind, shop: Workshop) -> Regressor:
    """Return a regressor of a kind fitted to all rows, judged by none: a point of a learning curve."""
    features, targets = shop.features.cpu(), shop.targets.cpu()
    if kind == "ridge":
        return Regressor(kind, ridge.fit_ridge(features, targets))
    if kind == "boosting":
        return Regressor(kind, grow_trees(features, targets, shop))
    samples = make_samples(shop, torch.ones(1, len(features), dtype=torch.bool, device=shop.features.device))
    # Tells and keeps nothing: a training that goes on after another one begins its curve anew.
    quiet = Watch(check=shop.watch.check)
    hyper = gaussian_process.learn(samples, shop.hardware, shop.generator(6), quiet, steps=CURVE_STEPS)
    return Regressor("gp", gaussian_process.condition(samples, hyper, quiet))
