"""A batch whose points are not those it was submitted with: nothing wrong is ever said of its cases."""

from collections.abc import Callable, Iterator

import pytest
from rest_framework.test import APIClient

from batches import plans
from batches.expansion import expand_batch
from batches.models import Batch
from batches.states import BatchState


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Iterator[Batch]:
    made = make_batch()
    expand_batch(made.pk)
    plans.forget_plans()
    Batch.objects.filter(pk=made.pk).update(design_digest="0" * 64, state=BatchState.COMPLETED)
    made.refresh_from_db()
    yield made
    plans.forget_plans()


def test_its_cases_are_refused_with_the_reason(batch: Batch, log_in: Callable[..., APIClient]) -> None:
    api = log_in(batch.owner)
    for address in ("cases/", "cases/0/", "sensitivity/?metric=electricity_kwh"):
        answer = api.get(f"/api/batches/{batch.pk}/{address}")
        assert answer.status_code == 409
        assert "submit the study again" in answer.json()["detail"]


def test_the_batch_itself_is_still_shown(batch: Batch, log_in: Callable[..., APIClient]) -> None:
    shown = log_in(batch.owner).get(f"/api/batches/{batch.pk}/")
    assert shown.status_code == 200
    assert shown.json()["case_count"] == 8
