"""The files of a batch's cases as one archive over HTTP: checks who asks and for what, streams."""

import re
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from batches.api import find_batch, read_choice
from batches.clean_up.readers import hold_while_reading
from batches.errors import OutputsRemovedError
from batches.models import Batch
from batches.results.archives import KEPT_STATES, MOST_ENTRIES, ArchiveChoice, stream_archive
from batches.results.streaming import stream_pieces
from problems.exceptions import Problem, ProblemEntry

MOST_SPANS = 1000
_SPAN = re.compile(r"(-?\d{1,9})(?:-(-?\d{1,9}))?")
_PARAMETERS = [
    OpenApiParameter("files", description="Names of the files of each case, comma-separated; all if left out."),
    OpenApiParameter("cases", description="Indices of cases and ranges of them, such as `0-99,250`; all if left out."),
    OpenApiParameter("state", enum=[state.value for state in KEPT_STATES], description="Only of cases in this state."),
]


class ArchiveView(APIView):
    """`GET /api/batches/{id}/archive/`."""

    @extend_schema(parameters=_PARAMETERS, responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Stream a zip of the files of all cases, the result table as CSV and the study."""
        batch = find_batch(request, batch_id)
        choice = ArchiveChoice(
            names=read_names(request.query_params.get("files", "")),
            spans=read_spans(request.query_params.get("cases", "")),
            state=read_choice(request, "state", [state.value for state in KEPT_STATES]),
        )
        refuse_too_many(batch, choice)
        try:
            pieces = stream_archive(batch, choice)
        except OutputsRemovedError as error:
            raise Problem(str(error), status_code=status.HTTP_410_GONE) from error
        held = hold_while_reading(batch.pk, pieces)
        response = StreamingHttpResponse(stream_pieces(held), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{batch.pk}.zip"'
        return response


def read_names(text: str) -> tuple[str, ...]:
    """Return the names of files, each once.

    Raises:
        Problem: one is no name of a file.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if "/" in name or "\\" in name or "\0" in name:
            entry = ProblemEntry("files", "Write names of files without folders.", name, "eplusout.err,eplustbl.htm")
            raise Problem(f"files={name} is not accepted.", [entry])
    return names


def read_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the first and last index of each range.

    Raises:
        Problem: something is neither an index nor a range, or there are too many.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST_SPANS:
        entry = ProblemEntry("cases", "Write fewer ranges.", len(parts), f"at most {MOST_SPANS}")
        raise Problem("There are too many ranges of cases.", [entry])
    return tuple(_read_span(part) for part in parts)


def _read_span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if last < first:
        entry = ProblemEntry("cases", "Write an index, or a range from its first to its last index.", text, "0-99,250")
        raise Problem(f"cases={text} is not accepted.", [entry])
    return first, last


def refuse_too_many(batch: Batch, choice: ArchiveChoice) -> None:
    """Do nothing where an archive is of a size that a web service can list in memory.

    Raises:
        Problem: it is larger.
    """
    count = choice.count_entries(batch)
    if count > MOST_ENTRIES:
        entry = ProblemEntry(
            "cases",
            "Ask for some of the cases, or of the files: cases=0-99999, files=eplusout.err.",
            count,
            f"about {MOST_ENTRIES:,} files at most",
        )
        raise Problem(f"The archive could have {count:,} files.", [entry])
