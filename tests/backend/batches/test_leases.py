"""Leases of a case: they are renewed for as long as it is at work, whatever the work is, and no longer."""

from threading import Event, active_count

import pytest
from django.db import OperationalError

from batches.cases import leases
from batches.cases.leases import keep_alive


@pytest.fixture(autouse=True)
def renewals_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Renew at once and again."""
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.001)


def test_leases_are_renewed_while_the_work_asks_for_nothing() -> None:
    case, claim = Event(), Event()
    with keep_alive(case.set, claim.set):
        assert case.wait(30)
        assert claim.wait(30)


def test_a_renewal_that_the_database_refuses_is_made_again() -> None:
    tries: list[int] = []
    again = Event()

    def renew() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the server is restarting")
        again.set()

    with keep_alive(renew):
        assert again.wait(30)


def test_nothing_renews_once_the_work_has_ended() -> None:
    before = active_count()
    with pytest.raises(ValueError, match="broken"), keep_alive(lambda: None):
        raise ValueError("broken")
    assert active_count() == before
