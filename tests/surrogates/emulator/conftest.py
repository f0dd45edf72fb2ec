"""Networks and trees of these tests are small, and train in a moment."""

import pytest
import torch

from surrogates.emulator import boosting, ensemble


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # What is computed here is small: threads that wait for each other, beside other tests, take minutes for seconds.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "USUAL", ensemble.Schooling(hidden=(32, 32), epochs=40))
    monkeypatch.setattr(boosting, "ROUNDS", 30)
