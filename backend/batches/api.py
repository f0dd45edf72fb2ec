"""The batches API: checks who asks, calls a stage or a query, answers. Enqueues only after the commit."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import cancellation, download, queries, representation, serializers, submission, tasks
from batches.case_search import CaseFilter, find_cases
from batches.clean_up import removal
from batches.clean_up.readers import hold_files, hold_while_reading
from batches.errors import NotActiveError, OutputsRemovedError, StillActiveError
from batches.live import notices
from batches.models import Batch, Case
from batches.parsers import YamlParser
from batches.results import workbooks
from batches.results.streaming import answer_with_file, stream_pieces
from batches.scheduling import pressure
from batches.states import CaseState, Verdict
from problems.exceptions import Conflict, Problem, ProblemEntry
from problems.parsers import JsonParser
from studies.definition import Study, study_json_schema
from studies.problems import InvalidStudy


def signed_in(request: Request) -> User:
    """Return the user of an authenticated request."""
    assert isinstance(request.user, User)  # noqa: S101 - every view here requires authentication
    return request.user


def find_batch(request: Request, batch_id: UUID) -> Batch:
    """Return the caller's batch.

    Raises:
        Http404: there is none, or it is another user's.
    """
    return get_object_or_404(queries.list_batches(signed_in(request)), pk=batch_id)


def refuse_study(error: InvalidStudy) -> Problem:
    """Return the answer to a study with problems."""
    entries = [ProblemEntry(found.path, found.message, found.found, found.accepted) for found in error.problems]
    return Problem(f"The study has {len(entries)} problem{'s' if len(entries) > 1 else ''}.", entries)


def submit_document(user: User, document: Any) -> Batch:
    """Record a batch and enqueue its expansion once the row is committed.

    Raises:
        Problem: the study has problems; nothing is recorded.
        TooMuch: the farm or the user's quota has no room for it; nothing is recorded.
    """
    pressure.require_calm()
    try:
        with transaction.atomic():
            batch = submission.submit_batch(user=user, document=document)
            message = tasks.expand_batch.signature((str(batch.pk),), task_id=str(batch.task_id))
            transaction.on_commit(message.apply_async)
    except InvalidStudy as error:
        raise refuse_study(error) from error
    return batch


def cancel_or_refuse(batch: Batch) -> None:
    """Cancel a batch.

    Raises:
        Conflict: it has ended by itself.
    """
    try:
        cancellation.cancel_batch(batch=batch)
    except NotActiveError as error:
        raise Conflict(str(error)) from error
    transaction.on_commit(lambda: tasks.cancel_pending_cases.delay(str(batch.pk)))


class BatchPages(CursorPagination):
    """Pages of batches, newest first."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ("-created_at", "-id")


class CasePages(CursorPagination):
    """Pages of cases by index."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    ordering = "index"

    def read_place(self, request: Request) -> dict[str, Any]:
        """Return where the page that is asked for begins or ends, and how many cases tell that there is another one.

        Raises:
            NotFound: the cursor is none of ours.
        """
        cursor, size = self.decode_cursor(request), self.get_page_size(request) or self.page_size
        if cursor is None:
            return {"after": None, "before": None, "most": size + 1}
        position = None if cursor.position is None else read_position(str(cursor.position))
        after, before = (None, position) if cursor.reverse else (position, None)
        return {"after": after, "before": before, "most": cursor.offset + size + 1}


def read_position(text: str) -> int:
    """Return the index that a cursor points at.

    Raises:
        NotFound: it is none.
    """
    try:
        return int(text)
    except ValueError as error:
        raise NotFound(CasePages.invalid_cursor_message) from error


class BatchListView(GenericAPIView[Batch]):
    """`GET` and `POST /api/batches/`."""

    parser_classes = [JsonParser, YamlParser]
    pagination_class = BatchPages
    serializer_class = serializers.BatchSummarySerializer

    def get_queryset(self) -> QuerySet[Batch]:
        """Return the caller's batches."""
        return queries.list_batches(self.request.user)

    @extend_schema(responses=serializers.BatchSummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's batches, newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        rows = representation.describe_summaries(page)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(request=Study, responses={202: serializers.ReceiptSerializer})
    def post(self, request: Request) -> Response:
        """Submit a study: it is validated and recorded, and runs in the background."""
        batch = submit_document(signed_in(request), request.data)
        receipt = serializers.ReceiptSerializer(representation.describe_receipt(batch))
        return Response(receipt.data, status=status.HTTP_202_ACCEPTED)


class BatchView(APIView):
    """`GET`, `PATCH` and `DELETE /api/batches/{id}/`."""

    @extend_schema(responses=serializers.BatchSerializer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Show a batch: state, exact counts, progress, pace and its study."""
        return self._show(find_batch(request, batch_id))

    @extend_schema(request=serializers.BatchChangeSerializer, responses=serializers.BatchSerializer)
    def patch(self, request: Request, batch_id: UUID) -> Response:
        """Rename a batch, have retention keep its files, or change how urgent it is while it is active."""
        batch = find_batch(request, batch_id)
        change = serializers.BatchChangeSerializer(batch, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        for name, value in change.validated_data.items():
            setattr(batch, name, value)
        batch.save(update_fields=list(change.validated_data))
        if "priority" in change.validated_data:
            transaction.on_commit(lambda: tasks.apply_priority.delay(str(batch.pk)))
        notices.tell_change(batch.pk)
        return self._show(batch)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, batch_id: UUID) -> Response:
        """Delete an ended batch: it is gone at once; its rows and files are removed in the background."""
        batch = find_batch(request, batch_id)
        try:
            removal.delete_batch(batch=batch)
        except StillActiveError as error:
            raise Conflict(str(error)) from error
        transaction.on_commit(lambda: tasks.remove_deleted.delay(str(batch.pk), 0))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _show(self, batch: Batch) -> Response:
        return Response(serializers.BatchSerializer(representation.describe_batch(batch)).data)


class CancelView(APIView):
    """`POST /api/batches/{id}/cancel/`."""

    @extend_schema(request=None, responses=serializers.BatchSerializer)
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Stop a batch now: running engines are killed, finished cases keep their results."""
        batch = find_batch(request, batch_id)
        cancel_or_refuse(batch)
        return Response(serializers.BatchSerializer(representation.describe_batch(batch)).data)


class CaseListView(GenericAPIView[Case]):
    """`GET /api/batches/{id}/cases/`."""

    pagination_class = CasePages
    serializer_class = serializers.CaseSerializer
    queryset = Case.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("state", enum=CaseState.values),
            OpenApiParameter("verdict", enum=Verdict.values),
        ],
        responses=serializers.CaseSerializer(many=True),
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """List a batch's cases by index, with parameters, metrics, verdict and error."""
        batch = find_batch(request, batch_id)
        wanted = CaseFilter(
            read_choice(request, "state", CaseState.values), read_choice(request, "verdict", Verdict.values)
        )
        page = self.paginate_queryset(self._find_cases(batch, wanted)) or []
        rows = representation.describe_cases(batch, page, queries.find_diagnoses(batch, page))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def _find_cases(self, batch: Batch, wanted: CaseFilter) -> QuerySet[Case]:
        """Return the cases that a page is cut from: of those that are looked for, no more than it needs."""
        if not wanted.words:
            return queries.list_cases(batch)
        pages = self.paginator
        assert isinstance(pages, CasePages)  # noqa: S101 - its own
        return find_cases(batch, wanted, **pages.read_place(self.request))


def read_choice(request: Request, name: str, accepted: list[str]) -> str:
    """Return a query parameter that must be one of `accepted`, or nothing.

    Raises:
        Problem: it is something else.
    """
    found = request.query_params.get(name, "")
    if found and found not in accepted:
        entry = ProblemEntry(name, f"Write one of: {', '.join(accepted)}.", found, accepted)
        raise Problem(f"{name}={found} is not accepted.", [entry])
    return found


class CaseView(APIView):
    """`GET /api/batches/{id}/cases/{index}/`."""

    @extend_schema(responses=serializers.CaseDetailSerializer)
    def get(self, request: Request, batch_id: UUID, index: int) -> Response:
        """Show a case with its changes to the model and its files."""
        batch = find_batch(request, batch_id)
        case = find_case(batch, index)
        diagnosis = queries.find_diagnoses(batch, [case]).get(index)
        described = {
            **representation.describe_case(batch, case, diagnosis),
            "changes": download.read_changes(batch, case),
            "files": [
                {
                    "name": file.name,
                    "size_bytes": file.size_bytes,
                    "url": reverse("case-file", kwargs={"batch_id": batch.pk, "index": index, "name": file.name}),
                }
                for file in download.list_case_files(batch, case)
            ],
        }
        return Response(serializers.CaseDetailSerializer(described).data)


def find_case(batch: Batch, index: int) -> Case:
    """Return a case of a batch.

    Raises:
        NotFound: the batch has no such case, or has not been expanded yet.
    """
    found = Case.objects.filter(batch_id=batch.pk, index=index).first()
    if found is None:
        named = f"{-batch.baseline_count} to {batch.case_count - 1}" if batch.total else "none yet"
        raise NotFound(f"The batch has no case {index} now: its cases are {named}.")
    return found


class CaseFileView(APIView):
    """`GET /api/batches/{id}/cases/{index}/files/{name}`."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, batch_id: UUID, index: int, name: str) -> StreamingHttpResponse:
        """Download one file of a case."""
        batch = find_batch(request, batch_id)
        try:
            file = download.find_case_file(batch, find_case(batch, index), name)
        except OutputsRemovedError as error:
            raise Problem(str(error), status_code=status.HTTP_410_GONE) from error
        if file is None:
            raise Http404
        hold_files(batch.pk)  # a file that is open is read to its end, wherever it lies by then
        return answer_with_file(file, f"case-{index}-{file.name}", request.headers.get("Accept-Encoding", ""))


class ColumnsView(APIView):
    """`GET /api/batches/{id}/columns/`."""

    @extend_schema(responses=serializers.ColumnSerializer(many=True))
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Describe the columns of the result table, with their units."""
        table = download.open_results(find_batch(request, batch_id))
        return Response(serializers.ColumnSerializer(representation.describe_columns(table), many=True).data)


class ResultsView(APIView):
    """`GET /api/batches/{id}/results/`."""

    @extend_schema(
        parameters=[OpenApiParameter("as", enum=list(download.FORMATS), default="csv")],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/json"): {"type": "array", "items": {"type": "object", "additionalProperties": True}},
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
            (200, "application/vnd.apache.arrow.stream"): OpenApiTypes.BINARY,
            (200, workbooks.XLSX_TYPE): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream the result table: a row per case, numbers at full precision, units in the names."""
        return stream_results(
            find_batch(request, batch_id), read_choice(request, "as", list(download.FORMATS)) or "csv"
        )


def stream_results(batch: Batch, kind: str) -> StreamingHttpResponse:
    """Return a batch's table as a download.

    Raises:
        Problem: it has more rows than the format can hold.
    """
    if kind == "xlsx" and batch.total > workbooks.MOST_ROWS:
        entry = ProblemEntry("as", "Download a table of so many rows as one of these.", kind, ["csv", "parquet"])
        raise Problem(f"Excel reads {workbooks.MOST_ROWS:,} rows; the table has {batch.total:,}.", [entry])
    content_type, stream = download.FORMATS[kind]
    rows = hold_while_reading(batch.pk, stream(download.open_results(batch)))
    response = StreamingHttpResponse(stream_pieces(rows), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{batch.pk}.{kind}"'
    return response


class StudySchemaView(APIView):
    """`GET /api/study-schema/`."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the JSON schema of a study."""
        return Response(study_json_schema())
