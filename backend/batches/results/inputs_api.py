"""The input files of a case over HTTP, by their hashes, to run it again elsewhere: checks who asks, answers.

Asked for by case, not by library row: a batch keeps what its references meant, whatever becomes of the library's names.
"""

from uuid import UUID

from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.views import APIView

from batches.api import find_batch, find_case
from batches.cases.kept_files import KeptFile
from batches.plans import load_plan
from batches.results.streaming import answer_with_file
from filestore.store import files
from library.storage import key_of
from problems.exceptions import Problem


class CaseInputView(APIView):
    """`GET /api/batches/{id}/cases/{index}/inputs/{sha256}/`."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, batch_id: UUID, index: int, sha256: str) -> StreamingHttpResponse:
        """Download an input of a case as it was uploaded: base model, weather or attachment, by its hash."""
        batch = find_batch(request, batch_id)
        find_case(batch, index)
        if sha256 not in list_inputs(batch_id, index):
            raise Http404
        head = files.read_head(key_of(sha256), 1)
        if head is None:
            raise Problem("The library has removed this file.", status_code=status.HTTP_410_GONE)
        return answer_with_file(KeptFile(sha256, key_of(sha256), head.size_bytes, head.size_bytes), sha256, "")


def list_inputs(batch_id: UUID, index: int) -> set[str]:
    """Return the hashes of a case's input files."""
    plan = load_plan(batch_id, index)
    point = plan.points[index]
    model, weather = plan.models.get(point.model), plan.weathers.get(point.weather)
    found = {model.sha256, *model.attachments.values()} if model else set()
    return {*found, weather.sha256} if weather else found
