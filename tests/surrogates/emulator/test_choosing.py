"""The choice of new cases: more is learnt from them than from random ones, and none is chosen in vain."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from surrogates.emulator import gaussian_process
from surrogates.emulator.choosing import USUAL, Manner, ProcessDoubt, choose_points
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import PredictionRefused, WishRefused
from surrogates.emulator.feasibility import Feasibility
from surrogates.emulator.gaussian_process import Posterior, Samples
from surrogates.emulator.regressors import Regressor
from tests.surrogates.emulator.analytic import cpu, train_function, train_house

Floats = NDArray[np.float64]


def bump(points: Floats) -> Floats:
    """Return what is flat in most of the square and rises in a corner of it."""
    return 5 * np.exp(-np.square((points - 0.9) / 0.2).sum(axis=1)) + points[:, 0]


def name(points: Floats) -> dict[str, Any]:
    """Return points as inputs."""
    return {f"x{place + 1}": points[:, place] for place in range(points.shape[1])}


def learn(points: Floats, known: Emulator) -> Posterior:
    """Return the process of a surrogate, with its hyperparameters, after seeing other points."""
    model = known.regressor.model
    assert isinstance(model, Posterior)
    features = torch.from_numpy(known.inputs.encode(name(points)))
    targets = torch.from_numpy(known.targets.standardise({"y": bump(points)}).T.copy())
    return gaussian_process.condition(
        Samples(features, targets, torch.ones_like(targets, dtype=torch.bool)), model.hyper
    )


def swap(emulator: Emulator, posterior: Posterior) -> Emulator:
    """Return a surrogate that has learnt from other cases."""
    domain = dataclasses.replace(emulator.domain, rows=posterior.features.float())
    return dataclasses.replace(emulator, regressor=Regressor("gp", posterior), domain=domain)


def test_chosen_cases_teach_more_than_random_ones() -> None:
    known = train_function(bump, 2, 24)
    errors: dict[str, list[float]] = {"chosen": [], "random": []}
    for seed in range(8):
        rng = np.random.default_rng(seed)
        begun, candidates, tests = rng.random((10, 2)), rng.random((400, 2)), rng.random((1000, 2))
        emulator = swap(known, learn(begun, known))
        picks = {"chosen": choose_points(emulator, name(candidates), None, 10), "random": rng.permutation(400)[:10]}
        for way, pick in picks.items():
            grown = learn(np.concatenate([begun, candidates[pick]]), known)
            mean, _ = swap(known, grown).answer(torch.from_numpy(known.inputs.encode(name(tests))), cpu())
            errors[way].append(float(np.sqrt(np.square(mean[:, 0] - bump(tests)).mean())))
    assert np.mean(errors["chosen"]) < 0.8 * np.mean(errors["random"])


def test_the_variance_after_a_chosen_case_is_that_of_a_process_that_has_seen_it() -> None:
    known = train_function(bump, 2, 24)
    rng = np.random.default_rng(5)
    begun, more, points = rng.random((12, 2)), rng.random((3, 2)), rng.random((50, 2))
    both = torch.from_numpy(known.inputs.encode(name(np.concatenate([points, more]))))
    doubt = ProcessDoubt(learn(begun, known), both, torch.ones(len(both), 1, dtype=torch.float64))
    for place in range(len(points), len(both)):
        doubt.expect(place)
    grown = learn(np.concatenate([begun, more]), known)
    _, variance = grown.predict(both)
    expected = variance - torch.exp(grown.hyper.noise)
    torch.testing.assert_close(doubt.measure(), expected[:, 0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["gp", "ensemble", "ridge", "boosting"])
def test_pending_cases_are_not_chosen_again_nor_any_candidate_twice(kind: Any) -> None:
    emulator = train_house(kind)
    rng = np.random.default_rng(2)
    points = {
        "wwr": rng.uniform(0.1, 0.8, 40),
        "cop": rng.uniform(2, 5, 40),
        "city": rng.choice(["Arica", "Cairo"], 40),
    }
    pending = {name: values[:25] for name, values in points.items()}
    chosen = choose_points(emulator, points, pending, 30)
    assert sorted(chosen.tolist()) == list(range(25, 40))


@pytest.mark.parametrize("kind", ["gp", "ensemble"])
def test_a_case_near_to_a_pending_one_waits_for_what_that_will_teach(kind: Any) -> None:
    emulator = train_house(kind)
    rng = np.random.default_rng(2)
    points = {"wwr": rng.uniform(0.1, 0.8, 200), "cop": rng.uniform(2, 5, 200), "city": np.array(["Arica"] * 200)}
    alone = choose_points(emulator, points, None, 1, Manner(share_space_filling=0.0))[0]
    pending = {"wwr": points["wwr"][[alone]] + 1e-3, "cop": points["cop"][[alone]], "city": ["Arica"]}
    assert choose_points(emulator, points, pending, 1, Manner(share_space_filling=0.0))[0] != alone


def test_every_fifth_case_is_the_one_farthest_from_all_others() -> None:
    emulator = train_function(bump, 2, 24)
    points = np.random.default_rng(1).random((300, 2))
    chosen = choose_points(emulator, name(points), None, 5, Manner(share_space_filling=0.2))
    features = emulator.inputs.encode(name(points))
    others = np.concatenate([emulator.domain.rows.numpy(), features[chosen[:4]]])
    nearest = np.linalg.norm(features[:, None] - others[None], axis=2).min(axis=1)
    assert int(chosen[4]) == int(nearest.argmax())


def test_where_cases_fail_none_is_chosen_while_there_are_others() -> None:
    emulator = train_function(bump, 2, 24)
    rng = np.random.default_rng(4)
    run, candidates = rng.random((80, 2)), rng.random((300, 2))
    feasibility = Feasibility.fit(emulator.inputs, name(run), run.sum(axis=1) < 1.3)
    assert feasibility is not None
    chosen = candidates[choose_points(emulator, name(candidates), None, 20, USUAL, feasibility)]
    plain = candidates[choose_points(emulator, name(candidates), None, 20)]
    assert (plain.sum(axis=1) >= 1.3).sum() >= 4
    assert (chosen.sum(axis=1) >= 1.3).sum() <= 1
    assert (chosen.sum(axis=1) < 1.5).all()
    failing = candidates[candidates.sum(axis=1) > 1.5]
    assert len(choose_points(emulator, name(failing), None, 5, USUAL, feasibility)) == 5


def test_nothing_is_learnt_of_few_failures_or_of_such_as_fall_anywhere() -> None:
    emulator = train_function(bump, 2, 24)
    rng = np.random.default_rng(6)
    points = name(rng.random((100, 2)))
    assert Feasibility.fit(emulator.inputs, points, np.arange(100) >= 4) is None
    assert Feasibility.fit(emulator.inputs, points, rng.random(100) > 0.2) is None


def test_for_a_metric_the_cases_count_by_what_they_do_to_it() -> None:
    emulator = train_house("gp")
    rng = np.random.default_rng(8)
    points = {
        "wwr": rng.uniform(0.1, 0.8, 300),
        "cop": rng.uniform(2, 5, 300),
        "city": rng.choice(["Arica", "Bergen"], 300),
    }
    pick = {metric: choose_points(emulator, points, None, 8, Manner(metric=metric)) for metric in ("heat_kwh", None)}
    assert pick["heat_kwh"].tolist() != pick[None].tolist()
    again = choose_points(emulator, points, None, 8, Manner(metric="heat_kwh"))
    assert again.tolist() == pick["heat_kwh"].tolist()


def test_a_choice_that_cannot_be_made_is_refused() -> None:
    emulator = train_house()
    with pytest.raises(WishRefused, match="no metric 'cost'"):
        choose_points(emulator, {"wwr": [0.5], "cop": [3.0], "city": ["Cairo"]}, None, 1, Manner(metric="cost"))
    with pytest.raises(PredictionRefused, match="the surrogate needs it"):
        choose_points(emulator, {"wwr": [0.5], "cop": [3.0]}, None, 1)
