"""The time series of a batch or of one case over HTTP: checks who asks and for what, streams."""

from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from batches.api import find_batch, find_case, read_choice
from batches.clean_up.readers import hold_while_reading
from batches.errors import NoSeriesError, OutputsRemovedError
from batches.models import Batch
from batches.results import timeseries
from batches.results.streaming import stream_pieces
from energyplus.outputs import FREQUENCIES
from problems.exceptions import Problem, ProblemEntry

_CHOICES = [
    OpenApiParameter("as", enum=list(timeseries.FORMATS), default="csv"),
    OpenApiParameter("name", description="Meter or variable, in any letter case."),
    OpenApiParameter("key", description="Whose variable, in any letter case."),
    OpenApiParameter("frequency", enum=list(FREQUENCIES)),
]
_FILES = {(200, kind.partition(";")[0]): OpenApiTypes.BINARY for kind in timeseries.FORMATS.values()}


class TimeseriesView(APIView):
    """`GET /api/batches/{id}/timeseries/`."""

    @extend_schema(
        parameters=[*_CHOICES, OpenApiParameter("case", OpenApiTypes.INT, description="Index of a case.")],
        responses=_FILES,
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream the asked-for meters and variables of all cases in long form: a row per case, series and interval."""
        batch, case = find_batch(request, batch_id), read_case(request)
        if case is not None:
            find_case(batch, case)
        return stream_timeseries(request, batch, case)


class CaseTimeseriesView(APIView):
    """`GET /api/batches/{id}/cases/{index}/timeseries/`."""

    @extend_schema(parameters=_CHOICES, responses=_FILES)
    def get(self, request: Request, batch_id: UUID, index: int) -> HttpResponseBase:
        """Stream the asked-for meters and variables of one case in long form."""
        batch = find_batch(request, batch_id)
        find_case(batch, index)
        return stream_timeseries(request, batch, index)


def read_case(request: Request) -> int | None:
    """Return the index of the case that a query is about, or None.

    Raises:
        Problem: it is no index.
    """
    found = request.query_params.get("case", "")
    try:
        return int(found) if found else None
    except ValueError as error:
        entry = ProblemEntry("case", "Write the index of a case.", found, "a whole number")
        raise Problem(f"case={found} is not accepted.", [entry]) from error


def stream_timeseries(request: Request, batch: Batch, case: int | None) -> StreamingHttpResponse:
    """Return the wanted series as a download.

    Raises:
        Problem: there are none, or no longer.
    """
    form = read_choice(request, "as", list(timeseries.FORMATS)) or "csv"
    choice = timeseries.SeriesChoice(
        name=request.query_params.get("name", ""),
        key=request.query_params.get("key", ""),
        frequency=read_choice(request, "frequency", list(FREQUENCIES)),
        case=case,
    )
    try:
        rows = timeseries.open_series(batch, choice)
    except NoSeriesError as error:
        if error.asked:
            entry = ProblemEntry("name", str(error), choice.name, list(error.asked))
            raise Problem(f"name={choice.name} is not accepted.", [entry]) from error
        raise Problem(str(error), status_code=status.HTTP_404_NOT_FOUND) from error
    except OutputsRemovedError as error:
        raise Problem(str(error), status_code=status.HTTP_410_GONE) from error
    pieces = stream_pieces(hold_while_reading(batch.pk, timeseries.stream_series(rows, form)))
    response = StreamingHttpResponse(pieces, content_type=timeseries.FORMATS[form])
    response["Content-Disposition"] = f'attachment; filename="{batch.pk}-timeseries.{form}"'
    return response
