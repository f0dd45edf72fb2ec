"""What `casefarm worker` refuses before it joins a farm: work that this machine has nothing for."""

import pytest

from casefarm.errors import CasefarmError
from casefarm.local import process_plans, worker
from casefarm.local.worker import WorkerOptions, refuse_idleness


def test_a_machine_without_torch_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_plans, "find_spec", lambda _: None)
    assert not process_plans.can_train()
    with pytest.raises(CasefarmError, match=r"pip install 'casefarm\[surrogate\]'"):
        refuse_idleness(WorkerOptions(trains=True))


def test_a_worker_that_has_nothing_to_do_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "can_train", lambda: True)
    with pytest.raises(CasefarmError, match="needs --surrogates or --all"):
        refuse_idleness(WorkerOptions(simulates=False))
    refuse_idleness(WorkerOptions(simulates=False, trains=True))
