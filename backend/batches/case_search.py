"""Finds the cases of a state or a verdict in a batch of any size. Called by `api.py` for a page of cases.

No index mentions a state, so that updates of it are cheap. What is looked for is found by the counters of the shards:
only shards that have such cases are looked at, as many as a page needs; in these, cases that failed or are suspect are
found by their diagnoses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable

from batches.models import Batch, Case, Diagnosis
from batches.states import CaseState, ShardState, Verdict

FEWEST_SHARDS, MOST_SHARDS = 4, 1024  # that are asked for at a time: at first what most pages need, then ever more
_OPEN = F("size") - F("succeeded") - F("failed") - F("cancelled")
# How many such cases a shard counts; of those that are running no more is known than which shards may have some.
_COUNTED: dict[str, Combinable] = {
    CaseState.PENDING: _OPEN,
    CaseState.RUNNING: _OPEN,
    CaseState.SUCCEEDED: F("succeeded"),
    CaseState.FAILED: F("failed"),
    CaseState.CANCELLED: F("cancelled"),
    Verdict.VALID: F("succeeded") - F("suspect"),
    Verdict.SUSPECT: F("suspect"),
}
_DIAGNOSED = (CaseState.FAILED, Verdict.FAILED, Verdict.SUSPECT)  # none without a row that says why


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are looked for; blank means any."""

    state: str = ""
    verdict: str = ""

    @property
    def words(self) -> list[str]:
        """The states and verdicts that are named; a verdict of failure is that of the state."""
        return [word for word in dict.fromkeys((self.state, self.verdict)) if word]


def find_cases(batch: Batch, wanted: CaseFilter, *, after: int | None, before: int | None, most: int) -> QuerySet[Case]:
    """Return the first cases that are wanted of a stretch of a batch, or its last ones.

    Args:
        batch: whose.
        wanted: with a state or a verdict.
        after: the stretch begins behind this index.
        before: it ends before this index; where it is given, the last cases of the stretch are returned.
        most: how many at most.
    """
    found: list[int] = []
    for spans in _choose_spans(batch, wanted, after, before, most):
        found += _search(batch, wanted, _within(spans, after, before))
        if len(found) >= most:
            break
    chosen = sorted(found, reverse=before is not None)[:most]
    return Case.objects.filter(batch_id=batch.pk, index__in=chosen)


def _choose_spans(
    batch: Batch, wanted: CaseFilter, after: int | None, before: int | None, most: int
) -> Iterator[list[tuple[int, int]]]:
    """Yield as many stretches of indices at a time as count enough of what is wanted, from where the search begins."""
    spans: list[tuple[int, int]] = []
    counted = 0
    for first, size, *counts in _list_shards(batch, wanted, after, before):
        spans.append((first, first + size))
        counted += min(counts)
        if counted >= most:
            yield spans
            spans, counted = [], 0
    if spans:
        yield spans


def _list_shards(batch: Batch, wanted: CaseFilter, after: int | None, before: int | None) -> Iterator[tuple[int, ...]]:
    backwards = before is not None
    shards = batch.shards.annotate(**{f"has_{word}": _COUNTED[word] for word in wanted.words})
    shards = shards.filter(**{f"has_{word}__gt": 0 for word in wanted.words})
    if wanted.state == CaseState.RUNNING:
        shards = shards.filter(state=ShardState.DISPATCHED)
    if after is not None:
        shards = shards.filter(number__gte=batch.shard_of(after))
    if before is not None:
        shards = shards.filter(number__lte=batch.shard_of(before))
    names = ("number", "first_index", "size", *(f"has_{word}" for word in wanted.words))
    rows = shards.order_by("-number" if backwards else "number").values_list(*names)
    last: int | None = None
    most = FEWEST_SHARDS
    while found := list(rows.filter(_beyond(last, backwards=backwards))[:most]):
        yield from (row[1:] for row in found)
        last, most = found[-1][0], min(4 * most, MOST_SHARDS)


def _beyond(number: int | None, *, backwards: bool) -> Q:
    if number is None:
        return Q()
    return Q(number__lt=number) if backwards else Q(number__gt=number)


def _within(spans: Sequence[tuple[int, int]], after: int | None, before: int | None) -> Q:
    chosen = Q()
    for first, end in spans:
        chosen |= Q(index__gte=first, index__lt=end)
    if after is not None:
        chosen &= Q(index__gt=after)
    return chosen if before is None else chosen & Q(index__lt=before)


def _search(batch: Batch, wanted: CaseFilter, place: Q) -> list[int]:
    if any(word in _DIAGNOSED for word in wanted.words):
        told = Diagnosis.objects.filter(place, batch_id=batch.pk)
        place = Q(index__in=list(told.values_list("index", flat=True)))
    named: dict[str, Any] = {name: word for name, word in vars(wanted).items() if word}
    return list(Case.objects.filter(place, batch_id=batch.pk, **named).values_list("index", flat=True))
