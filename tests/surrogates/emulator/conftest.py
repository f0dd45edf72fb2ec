"""Networks and trees of these tests are small, and train in a moment."""

import pytest
import torch

from surrogates.emulator import boosting, ensemble


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(ensemble, "USUAL", ensemble.Schooling(hidden=(32, 32), epochs=40))
    monkeypatch.setattr(boosting, "ROUNDS", 30)
