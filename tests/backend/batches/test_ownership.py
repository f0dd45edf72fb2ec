"""A batch belongs to its owner: to anybody else it does not exist, and nobody is nobody."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, reverse
from rest_framework.test import APIClient

from batches.expansion import expand_batch
from batches.models import Batch
from batches.urls import urlpatterns

METHODS = ("get", "post", "put", "patch", "delete")


def address_of(pattern: URLPattern, batch: Batch) -> str | None:
    """Return the address of a route for a batch; None for a route that names no batch."""
    values = {
        "batch_id": batch.pk,
        "other_id": batch.pk,
        "simulation_id": batch.pk,
        "task_id": batch.task_id,
        "index": 0,
        "name": "model.idf",
        "sha256": "0" * 64,
    }
    names = pattern.pattern.converters
    if not names or "report_id" in names:
        return None
    return reverse(pattern.name, kwargs={name: values[name] for name in names})


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """Somebody's running batch."""
    batch = make_batch()
    expand_batch(batch.pk)
    return batch


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("method", METHODS)
def test_another_users_batch_is_not_found(pattern: URLPattern, method: str, batch: Batch) -> None:
    address = address_of(pattern, batch)
    if address is None:
        return
    client = APIClient()
    client.force_authenticate(User.objects.create_user("other"))
    assert getattr(client, method)(address).status_code in (404, 405)
    batch.refresh_from_db()
    assert batch.state == "running"


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("method", METHODS)
def test_nobody_is_refused(pattern: URLPattern, method: str, batch: Batch) -> None:
    address = address_of(pattern, batch) or reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, 1))
    assert getattr(APIClient(), method)(address).status_code == 401


def test_every_route_answers_its_owner_on_some_method(batch: Batch, owner: User) -> None:
    client = APIClient()
    client.force_authenticate(owner)
    for pattern in urlpatterns:
        address = address_of(pattern, batch)
        if address:
            assert any(
                getattr(client, method)(address).status_code not in (404, 405) for method in ("get", "post")
            ) or (pattern.name in ("case-file", "task", "batch-timeseries", "case-timeseries")), address


def test_a_list_shows_own_batches_only(batch: Batch, owner: User) -> None:
    client = APIClient()
    client.force_authenticate(User.objects.create_user("other"))
    assert client.get(reverse("batches")).json()["results"] == []
    client.force_authenticate(owner)
    assert [row["id"] for row in client.get(reverse("batches")).json()["results"]] == [str(batch.pk)]
