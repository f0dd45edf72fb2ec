"""`GET /api/batches/{id}/cases/{index}/inputs/{sha256}/`: what a case was made of, to its owner, by hash only."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from batches.expansion import expand_batch
from batches.models import Batch
from batches.plans import forget_plans
from library.storage import keep_file, receive_file


def store(content: bytes) -> str:
    with receive_file([content]) as incoming:
        keep_file(incoming)
        return incoming.sha256


@pytest.fixture
def batch(make_batch: Callable[..., Batch]) -> Batch:
    """A batch whose model refers to a schedule; the weather of Miami is not the weather of case 0."""
    batch = make_batch()
    batch.inputs["models"]["warehouse"] |= {"sha256": store(b"model"), "attachments": {"a.csv": store(b"schedule")}}
    for city in ("chicago", "miami"):
        batch.inputs["weathers"][city] |= {"sha256": store(city.encode())}
    batch.save()
    expand_batch(batch.pk)
    return batch


@pytest.fixture
def client(owner: User, log_in: Callable[[User], APIClient]) -> APIClient:
    """A client that asks as the batch's owner."""
    return log_in(owner)


def ask(client: APIClient, batch: Batch, sha256: str, index: int = 0) -> int:
    return client.get(f"/api/batches/{batch.pk}/cases/{index}/inputs/{sha256}/").status_code


@pytest.mark.parametrize("content", [b"model", b"schedule", b"chicago"])
def test_the_inputs_of_a_case_come_by_their_hash(client: APIClient, batch: Batch, content: bytes) -> None:
    assert ask(client, batch, store(content)) == 200


def test_what_is_no_input_of_the_case_is_not_found(client: APIClient, batch: Batch, other_api: APIClient) -> None:
    assert ask(client, batch, store(b"miami")) == 404  # of another case
    assert ask(client, batch, store(b"somebody else's model")) == 404
    assert ask(client, batch, "../../secret") == 404
    assert ask(client, batch, store(b"model"), index=99) == 404
    assert ask(other_api, batch, store(b"model")) == 404


def test_a_file_that_the_library_has_removed_is_gone(client: APIClient, batch: Batch) -> None:
    batch.inputs["models"]["warehouse"] |= {"sha256": "1" * 64}
    batch.save()
    forget_plans()
    assert ask(client, batch, "1" * 64) == 410
