"""A hundred cases leave no more behind than one; `make soak` takes two thousand and prints what it sees."""

from pathlib import Path

import pytest

from tests.benchmarks.soak import run_soak

pytestmark = pytest.mark.engine

GROWTH_KB = 8192  # of a server of 190 MB: wide, for the allocator's moods; a leak of a state would be 4,700 kB a case


def test_a_hundred_cases_leave_no_more_than_one(tmp_path: Path) -> None:
    first, _half, last = run_soak(100, 50, tmp_path)
    assert last.cases == 100
    assert (last.server_descriptors, last.worker_descriptors) == (first.server_descriptors, first.worker_descriptors)
    assert (last.processes, last.files) == (0, first.files)
    assert last.server_rss_kb - first.server_rss_kb < GROWTH_KB
    assert last.worker_rss_kb - first.worker_rss_kb < GROWTH_KB
