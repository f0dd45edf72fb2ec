"""Pages of the cases of a state or a verdict: all of them, in order, forwards and backwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from batches.cancellation import cancel_batch, cancel_pending_cases
from batches.cases.attempts import claim_case
from batches.models import Batch, Case
from studies.designs.points import CasePoint
from tests.backend.batches.finished_batches import finish, record

TARGET = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
STUDY: dict[str, Any] = {
    "name": "Search",
    "model": "warehouse",
    "weather": ["chicago", "miami"],
    "baseline": True,
    "parameters": [{"name": "lighting", "target": TARGET, "values": [float(number) for number in range(30)]}],
    "design": {"method": "grid"},
}
FILTERS = [
    {"state": "succeeded"},
    {"state": "failed"},
    {"state": "cancelled"},
    {"state": "running"},
    {"state": "pending"},
    {"verdict": "valid"},
    {"verdict": "suspect"},
    {"verdict": "failed"},
    {"state": "succeeded", "verdict": "suspect"},
    {"state": "failed", "verdict": "valid"},
]


@pytest.fixture
def batch(owner: User) -> Batch:
    """62 cases in shards of four: few failed, few suspect, far apart; the last shard is open and runs one case."""

    def report(point: CasePoint) -> dict[str, Any] | None:
        if point.index % 17 == 3:
            return None
        return {"heating_kwh": 1.0, "suspect": point.index % 13 == 5}

    batch = finish(record(owner, STUDY), report)
    Case.objects.filter(batch_id=batch.pk, index__gte=58).update(state="pending", verdict=None)
    batch.shards.filter(number=15).update(succeeded=0, failed=0, suspect=0)
    assert claim_case(batch.pk, 58, 1)
    return batch


def follow(api: APIClient, address: str | None, link: str) -> list[list[int]]:
    """Return the indices of each page, from one to the next by its link."""
    pages = []
    while address:
        found = api.get(address).json()
        pages.append([case["index"] for case in found["results"]])
        address, last = found[link], address
    return [*pages, [last]] if link == "next" else pages  # type: ignore[list-item]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_pages_bring_what_is_looked_for(batch: Batch, log_in: Callable[[User], APIClient], size: int) -> None:
    api = log_in(batch.owner)
    for wanted in FILTERS:
        chosen = "&".join(f"{name}={word}" for name, word in wanted.items())
        *pages, (last,) = follow(api, f"/api/batches/{batch.pk}/cases/?page_size={size}&{chosen}", "next")
        cases = Case.objects.filter(batch_id=batch.pk, **wanted)
        expected = list(cases.order_by("index").values_list("index", flat=True))
        assert [index for page in pages for index in page] == expected, wanted
        assert all(len(page) == size for page in pages[:-1]), wanted
        backwards = follow(api, str(last), "previous")
        assert [index for page in reversed(backwards) for index in page] == expected, wanted


def test_the_cancelled_cases_of_a_batch_are_found(batch: Batch, log_in: Callable[[User], APIClient]) -> None:
    cancel_batch(batch=batch)
    cancel_pending_cases(batch.pk)
    found = log_in(batch.owner).get(f"/api/batches/{batch.pk}/cases/?state=cancelled").json()["results"]
    assert [case["index"] for case in found] == [59]


def test_a_search_looks_only_at_shards_that_count_what_it_is_for(
    batch: Batch, log_in: Callable[[User], APIClient]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        log_in(batch.owner).get(f"/api/batches/{batch.pk}/cases/?state=cancelled")
    assert not [query["sql"] for query in asked if '"batches_case"."index" >=' in query["sql"]]


def test_a_cursor_of_ones_own_is_refused(batch: Batch, log_in: Callable[[User], APIClient]) -> None:
    answer = log_in(batch.owner).get(f"/api/batches/{batch.pk}/cases/?state=failed&cursor=cD1hYmM=")  # p=abc
    assert answer.status_code == 404
