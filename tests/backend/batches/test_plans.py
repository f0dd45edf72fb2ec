"""Plans and points: read once, read again where a batch has grown, refused where libraries draw other points."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from batches.errors import OtherPointsError
from batches.expansion import expand_batch
from batches.models import Batch, Case
from batches.plans import load_plan, make_points, plan_of, read_extensions, verify_once
from batches.states import BatchState
from studies.definition import Study
from studies.designs.points import Points

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_plan_is_read_once(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert load_plan(batch.pk) is load_plan(batch.pk, batch.case_count - 1) is plan_of(batch)


def test_a_plan_from_before_an_extension_is_read_again(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert load_plan(batch.pk).points.case_count == 8
    batch.extensions = [{"rows": [{"lighting": 9.0, "weather": "miami"}]}]
    points = make_points(Study.model_validate(batch.study), read_extensions(batch))
    batch.case_count, batch.design_digest = points.case_count, points.digest
    batch.save()
    assert load_plan(batch.pk).points.case_count == 8
    assert load_plan(batch.pk, 8).points[8].weather == "miami"


def test_a_plan_from_before_an_added_output_is_read_again(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    assert plan_of(batch).study.outputs == ()
    batch.study = {**batch.study, "outputs": [{"meter": "Electricity:Facility", "frequency": "hourly"}]}
    batch.save()
    assert len(plan_of(batch).study.outputs) == 1


def test_a_batch_whose_points_are_others_here_is_not_expanded(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    Batch.objects.filter(pk=batch.pk).update(design_digest="0" * 64)
    with pytest.raises(OtherPointsError, match="same versions of NumPy and SciPy"):
        expand_batch(batch.pk)
    assert not Case.objects.filter(batch_id=batch.pk).exists()
    batch.refresh_from_db()
    assert batch.state == BatchState.EXPANDING


class CountedPoints(Points):
    """Points that count how often they are drawn to be verified."""

    draws = 0

    def verify(self, digest: str) -> bool:
        """Count."""
        self.draws += 1
        return super().verify(digest)


def test_points_that_one_process_has_verified_are_not_drawn_by_the_next(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    cache.clear()
    points = CountedPoints(Study.model_validate(batch.study))
    assert [verify_once(points, batch) for _ in range(3)] == [True] * 3
    assert points.draws == 1
    batch.extensions = [{"rows": [{"lighting": 9.0, "weather": "miami"}]}]  # other points, which nobody has verified
    verify_once(points, batch)
    assert points.draws == 2


def test_points_that_are_others_are_never_taken_for_verified(make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    batch.design_digest = "0" * 64
    points = CountedPoints(Study.model_validate(batch.study))
    assert [verify_once(points, batch) for _ in range(2)] == [False] * 2
    assert points.draws == 2


def test_points_are_drawn_where_the_cache_is_away(make_batch: Callable[..., Batch], settings: Any) -> None:
    batch = make_batch()
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    points = CountedPoints(Study.model_validate(batch.study))
    assert verify_once(points, batch)
    assert points.draws == 1
