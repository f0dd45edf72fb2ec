"""From a table to a surrogate: what is refused, what is the same again, what is left when it is stopped."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from surrogates.emulator import watching
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.errors import PredictionRefused, TrainingRefused, TrainingStopped
from surrogates.emulator.training import Table, Wish, choose_kinds, train
from surrogates.emulator.watching import Watch
from tests.surrogates.emulator.made import (
    COOLING,
    HEATING,
    INPUTS,
    LIGHTS,
    METRICS,
    ask,
    hardware,
    make_emulator,
    make_table,
)


def do_train(kind: str, watch: Watch | None = None, *, rows: int = 60, seed: int = 0) -> Emulator:
    torch.set_num_threads(1)
    return train(
        make_table(rows), INPUTS, Wish(METRICS, kind=kind, seed=seed, fast=False), hardware(), watch or Watch()
    )


def tensors_of(emulator: Emulator) -> dict[str, torch.Tensor]:
    return emulator.regressor.model.tensors()


def are_same(one: Emulator, other: Emulator) -> bool:
    left, right = tensors_of(one), tensors_of(other)
    scores = np.array_equal(one.calibration.scores, other.calibration.scores)
    return scores and left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("kind", ["gp", "ensemble", "boosting", "ridge"])
def test_the_same_seed_gives_the_same_surrogate_and_another_seed_another(kind):
    assert are_same(do_train(kind, rows=40), do_train(kind, rows=40))
    assert not are_same(do_train(kind, rows=40), do_train(kind, rows=40, seed=1))


class Stopping:
    """A watch that keeps in a dictionary, and stops after so many looks."""

    def __init__(self, looks: int | None = None) -> None:
        self.kept: dict[str, dict[str, torch.Tensor]] = {}
        self.told: list[tuple[str, int]] = []
        self.looks = looks

    def check(self) -> None:
        if self.looks is not None:
            self.looks -= 1
            if self.looks < 0:
                raise TrainingStopped("enough")

    def tell(self, name: str, step: int, steps: int, loss: float) -> None:
        self.told.append((name, step))

    def watch(self) -> Watch:
        def keep(name: str, state: dict[str, torch.Tensor]) -> None:
            self.kept[name] = {own: tensor.clone() for own, tensor in state.items()}

        return Watch(tell=self.tell, check=self.check, keep=keep, recall=self.kept.get)


@pytest.mark.parametrize(("kind", "part"), [("gp", "Gaussian process 2 of 2"), ("ensemble", "Networks")])
def test_a_training_that_goes_on_ends_as_one_that_was_never_stopped(kind, part, monkeypatch):
    monkeypatch.setattr(watching, "KEEP_EVERY_S", 0.0)
    own = Stopping()
    whole = do_train(kind, own.watch(), rows=40)
    steps = [step for name, step in own.told if name == part]
    before = len([name for name, _ in own.told])
    assert len(steps) > 20
    first = Stopping()

    def stop_in_the_middle(name: str, step: int, steps: int, loss: float) -> None:
        if (name, step) == (part, 17):
            first.looks = 0

    first.tell = stop_in_the_middle
    with pytest.raises(TrainingStopped):
        do_train(kind, first.watch(), rows=40)
    assert int(first.kept[part]["step"]) == 17
    second = Stopping()
    second.kept = first.kept
    again = do_train(kind, second.watch(), rows=40)
    assert [step for name, step in second.told if name == part] == steps[17:]
    assert len(second.told) < before
    assert are_same(whole, again)


@pytest.mark.parametrize("kind", ["gp", "ensemble", "boosting"])
def test_a_training_may_be_stopped_at_every_look(kind):
    for looks in (0, 1, 30):
        with pytest.raises(TrainingStopped):
            do_train(kind, Stopping(looks).watch(), rows=30)


def test_progress_is_told_from_the_first_step_to_the_last():
    own = Stopping()
    do_train("gp", own.watch(), rows=30)
    for name in {name for name, _ in own.told}:
        steps = [step for other, step in own.told if other == name]
        assert steps == list(range(1, steps[-1] + 1))


def test_a_loss_that_is_no_number_ends_the_training_and_says_so():
    parameter = torch.zeros(1)
    optimiser = torch.optim.Adam([parameter])
    with pytest.raises(Exception, match=r"Part: the loss is nan after 3 of 5 steps"):
        Watch().run("Part", 5, [parameter], optimiser, lambda step: torch.tensor(float("nan") if step == 2 else 1.0))


def change(table: Table, **metrics: np.ndarray) -> Table:
    return replace(table, metrics={**table.metrics, **metrics})


@pytest.mark.parametrize(
    ("table", "wish", "told"),
    [
        (make_table(21), Wish(METRICS), "21 usable cases for 6 inputs; a surrogate needs 22"),
        (change(make_table(), **{HEATING: np.full(60, 7.0)}), Wish(METRICS), f"'{HEATING}' is 7 in all 60"),
        (change(make_table(), **{HEATING: 7 + 1e-9 * np.arange(60)}), Wish(METRICS), "nothing to learn"),
        (change(make_table(), **{LIGHTS: np.full(60, np.nan)}), Wish(METRICS), "gaps in 60 cases"),
        (
            replace(make_table(), columns={name: values[[0] * 60] for name, values in make_table().columns.items()}),
            Wish(METRICS),
            "No input varies",
        ),
    ],
)
def test_rows_that_cannot_bear_a_surrogate_are_refused(table, wish, told):
    with pytest.raises(TrainingRefused, match=told):
        train(table, INPUTS, wish, hardware(), Watch())


def test_kinds_are_chosen_by_the_number_of_rows_and_gates_run_always():
    assert choose_kinds("auto", 200) == ("ridge", "boosting", "gp")
    assert choose_kinds("auto", 5000) == ("ridge", "boosting", "ensemble")
    assert set(choose_kinds("all", 200)) == {"gp", "ensemble", "boosting", "ridge"}
    assert choose_kinds("ridge", 200) == ("boosting", "ridge")
    with pytest.raises(TrainingRefused, match="up to 2,000 cases"):
        choose_kinds("gp", 2001)


def test_a_report_tells_of_every_metric_and_every_kind_that_was_tried():
    report = make_emulator("gp").report
    assert [found.metric for found in report.accuracy] == list(METRICS)
    assert {found.kind for found in report.candidates} == {"gp", "ridge", "boosting"}
    assert [found.error for found in report.candidates] == sorted(found.error for found in report.candidates)
    assert [point.cases for point in report.curve] == sorted(point.cases for point in report.curve)
    for found in report.accuracy:
        assert found.r2 is not None
        assert found.r2 > 0.9
        assert 0.7 <= found.coverage <= 1


def test_totals_are_the_sums_of_their_parts_in_every_row():
    table = make_table()
    asked = ("electricity_kwh", HEATING, COOLING, LIGHTS)
    emulator = train(table, INPUTS, Wish(asked, kind="ridge"), hardware(), Watch())
    mean = emulator.predict(ask(50), hardware()).mean
    np.testing.assert_allclose(mean[:, 0], mean[:, 1:].sum(1), rtol=1e-12)


def test_intervals_hold_new_cases_about_as_often_as_promised():
    emulator, new = make_emulator("gp"), make_table(400, seed=9)
    said = emulator.predict(new.columns, hardware(), level=0.9)
    for column, metric in enumerate(METRICS):
        held = (said.low[:, column] <= new.metrics[metric]) & (new.metrics[metric] <= said.high[:, column])
        assert 0.75 <= held.mean() <= 1.0, metric
    assert (said.low >= 0).all()
    wide = emulator.predict(new.columns, hardware(), level=0.99)
    assert ((wide.high - wide.low) >= (said.high - said.low)).all()


def test_what_lies_outside_is_flagged_widened_or_refused_as_is_wished():
    emulator = make_emulator()
    inside = {name: values[:1] for name, values in make_table().columns.items()}
    outside = {**inside, "lights": [80.0]}
    flagged = emulator.predict(outside, hardware(), outside="flag")
    widened = emulator.predict(outside, hardware(), outside="widen")
    assert emulator.predict(inside, hardware()).inside.tolist() == [True]
    assert flagged.inside.tolist() == widened.inside.tolist() == [False]
    assert flagged.strays == {"lights": 1}
    assert widened.high[0, 0] - widened.mean[0, 0] == pytest.approx(3 * (flagged.high[0, 0] - flagged.mean[0, 0]))
    with pytest.raises(PredictionRefused) as refused:
        emulator.predict(outside, hardware(), outside="refuse")
    assert refused.value.problems[0][0] == "lights"


def test_a_climate_that_was_left_out_is_outside():
    table = make_table()
    kept = table.columns["weather"] == "cold"
    fewer = Table({n: v[kept] for n, v in table.columns.items()}, {n: v[kept] for n, v in table.metrics.items()})
    emulator = train(fewer, INPUTS, Wish((HEATING,), kind="ridge"), hardware(), Watch())
    said = emulator.predict({name: values[~kept] for name, values in table.columns.items()}, hardware())
    assert not said.inside.any()
    assert said.strays["weather"] == (~kept).sum()
