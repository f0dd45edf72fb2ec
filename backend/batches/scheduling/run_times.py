"""How long a case of a batch runs: from its own finished cases, or from what its models took before.

Called by `queue_position`, for many batches in three queries.
"""

import json
from collections.abc import Collection, Iterable
from statistics import fmean
from typing import Any
from uuid import UUID

from django.db import connection

from batches.models import Batch, RunSample

MOST_CASES = 20  # of a shard that are looked at
MOST_SAMPLES = 400

OWN_RUNS = """
    SELECT shard.batch_id, avg(extract(epoch FROM ran.finished_at - ran.started_at))::float
      FROM batches_shard AS shard CROSS JOIN LATERAL (
          SELECT started_at, finished_at FROM batches_case AS ended
           WHERE ended.batch_id = shard.batch_id AND ended."index" >= shard.first_index
             AND ended."index" < shard.first_index + shard.size
             AND ended.state IN ('succeeded', 'failed') AND NOT ended.cached AND ended.started_at IS NOT NULL
           LIMIT %(most)s
      ) AS ran
     WHERE shard.state = 'dispatched' AND shard.succeeded + shard.failed > shard.cached
       AND shard.batch_id = ANY(%(batches)s)
     GROUP BY shard.batch_id
"""


def expect_run_times(batch_ids: Collection[UUID]) -> dict[UUID, float]:
    """Return the expected time of a case in s, of those batches that something is known of."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_RUNS, {"most": MOST_CASES, "batches": list(batch_ids)})
        found: dict[UUID, float] = dict(cursor.fetchall())
    return {**_find_like_runs([batch_id for batch_id in batch_ids if batch_id not in found]), **found}


def _find_like_runs(batch_ids: Collection[UUID]) -> dict[UUID, float]:
    """Return what runs of the same models over the same run period took, as far as all models of a batch have run."""
    wanted = {
        batch_id: [(sha256, json.dumps(run_period, sort_keys=True)) for sha256 in list_sha256s(inputs)]
        for batch_id, inputs, run_period in Batch.objects.filter(pk__in=batch_ids).values_list(
            "pk", "inputs", "study__run_period"
        )
    }
    known = _average_samples({sha256 for keys in wanted.values() for sha256, _ in keys})
    return {
        batch_id: fmean(known[key] for key in keys)
        for batch_id, keys in wanted.items()
        if keys and all(key in known for key in keys)
    }


def list_sha256s(inputs: dict[str, Any]) -> list[str]:
    """Return what the samples of a batch's runs are found by: its program, or its models."""
    if "program" in inputs:
        return [inputs["program"]["digest"]]
    return [model["sha256"] for model in inputs["models"].values()]


def _average_samples(sha256s: Iterable[str]) -> dict[tuple[str, str], float]:
    samples = RunSample.objects.filter(model_sha256__in=list(sha256s)).order_by("-created_at")[:MOST_SAMPLES]
    runs: dict[tuple[str, str], list[float]] = {}
    for sample in samples:
        runs.setdefault((sample.model_sha256, json.dumps(sample.run_period, sort_keys=True)), []).extend(sample.run_s)
    return {key: fmean(found) for key, found in runs.items() if found}
