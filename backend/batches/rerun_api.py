"""Runs failed cases again and stops single ones, over HTTP: checks who asks, records, enqueues after the commit."""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import cancellation, queries, representation, serializers, tasks
from batches.api import find_batch, find_case
from batches.errors import NotActiveError, NotExtensibleError, NothingFailedError, NotRetryableError
from batches.growth import retries
from batches.growth.retries import Selection
from batches.scheduling import pressure
from problems.exceptions import Conflict, Problem, ProblemEntry

ACCEPTED = ["kinds", "cases"]


class RetryView(APIView):
    """`POST /api/batches/{id}/retry/`."""

    @extend_schema(
        operation_id="retry_batch",
        request=serializers.RetrySerializer,
        responses={202: serializers.RetryAnswerSerializer},
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Run failed cases of a batch again: all, or those of some kinds of failure or with some indices."""
        batch = find_batch(request, batch_id)
        selection = read_selection(request.data)
        pressure.require_calm()
        try:
            with transaction.atomic():
                count = retries.request_retry(batch=batch, selection=selection)
                transaction.on_commit(lambda: tasks.retry_cases.delay(str(batch.pk)))
        except (NotRetryableError, NotExtensibleError, NothingFailedError) as error:
            raise Conflict(str(error)) from error
        batch.refresh_from_db()
        answer = {"retried": count, "batch": representation.describe_batch(batch)}
        return Response(serializers.RetryAnswerSerializer(answer).data, status=status.HTTP_202_ACCEPTED)


def read_selection(asked: Any) -> Selection:
    """Return which failed cases are asked for.

    Raises:
        Problem: that cannot be read; every mistake with its path.
    """
    if not isinstance(asked, dict):
        entry = ProblemEntry("", "Write an object with `kinds`, `cases` or nothing in it.", asked, ACCEPTED)
        raise Problem("The retry cannot be read.", [entry])
    entries = [
        ProblemEntry(str(name), "This is not known here; leave it out.", asked[name], ACCEPTED)
        for name in asked
        if name not in ACCEPTED
    ]
    kinds = read_list(asked, "kinds", str, "Write a list of kinds of failure, like `crash`.", entries)
    cases = read_list(asked, "cases", int, "Write a list of indices of cases.", entries)
    if entries:
        raise Problem("The retry cannot be read.", entries)
    return Selection(kinds, cases)


def read_list(
    asked: dict[str, Any], name: str, of: type, advice: str, entries: list[ProblemEntry]
) -> tuple[Any, ...] | None:
    """Return a list of `asked`, or None where it is not there; what is wrong with it is added to `entries`."""
    if name not in asked:
        return None
    found = asked[name]
    if not isinstance(found, list) or not found:
        entries.append(ProblemEntry(name, advice, found, [f"a list of {of.__name__}"]))
        return None
    for position, value in enumerate(found):
        too_large = isinstance(value, int) and abs(value) >= 2**31
        if not isinstance(value, of) or isinstance(value, bool) or too_large:
            entries.append(ProblemEntry(f"{name}[{position}]", advice, value, [of.__name__]))
    return tuple(found)


class CancelCaseView(APIView):
    """`POST /api/batches/{id}/cases/{index}/cancel/`."""

    @extend_schema(operation_id="cancel_case", request=None, responses=serializers.CaseSerializer)
    def post(self, request: Request, batch_id: UUID, index: int) -> Response:
        """Stop one case of an active batch: it does not begin, or its engine is killed; the others go on."""
        batch = find_batch(request, batch_id)
        try:
            case = cancellation.cancel_case(batch=batch, case=find_case(batch, index))
        except NotActiveError as error:
            raise Conflict(str(error)) from error
        diagnosis = queries.find_diagnoses(batch, [case]).get(index)
        return Response(serializers.CaseSerializer(representation.describe_case(batch, case, diagnosis)).data)
