"""Previews and pilots over HTTP: a study is looked over, or its first cases are run, before all of it is submitted."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches import representation, serializers
from batches.api import refuse_study, signed_in, submit_document
from batches.parsers import YamlParser
from batches.previews.estimates import Estimate, Interval
from batches.previews.pilot import MOST_CASES, USUAL_CASES, make_pilot
from batches.previews.preview import Preview, count_cases, preview_batch
from batches.previews.preview_serializers import PilotSerializer, PreviewSerializer
from batches.submission import examine
from problems.exceptions import Problem, ProblemEntry
from problems.parsers import JsonParser
from studies.definition import Study
from studies.problems import InvalidStudy


class PreviewView(APIView):
    """`POST /api/batches/preview/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(request=Study, responses=PreviewSerializer)
    def post(self, request: Request) -> Response:
        """Validate a study and show what it would become. Writes nothing."""
        try:
            preview = preview_batch(user=signed_in(request), document=request.data)
        except InvalidStudy as error:
            raise refuse_study(error) from error
        return Response(PreviewSerializer(describe_preview(preview)).data)


class PilotView(APIView):
    """`POST /api/batches/pilot/`."""

    parser_classes = [JsonParser, YamlParser]

    @extend_schema(request=PilotSerializer, responses={202: serializers.ReceiptSerializer})
    def post(self, request: Request) -> Response:
        """Run the first cases of a study as a batch of their own: its estimate comes from them, and they are known."""
        asked = request.data if isinstance(request.data, dict) else {}
        cases = read_cases(asked.get("cases", USUAL_CASES))
        user = signed_in(request)
        try:
            document = make_pilot(examine(user, asked.get("study")), cases)
        except InvalidStudy as error:
            raise refuse_study(error) from error
        receipt = serializers.ReceiptSerializer(representation.describe_receipt(submit_document(user, document)))
        return Response(receipt.data, status=status.HTTP_202_ACCEPTED)


def read_cases(found: Any) -> int:
    """Return how many cases a pilot is to have.

    Raises:
        Problem: it is no such number.
    """
    if isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= MOST_CASES:
        return found
    message = f"Write a whole number from 1 to {MOST_CASES}."
    raise Problem("The pilot was refused.", [ProblemEntry("cases", message, str(found), f"1 to {MOST_CASES}")])


def describe_preview(preview: Preview) -> dict[str, Any]:
    """Return what a study would become."""
    points, known = preview.examined.points, preview.known
    total = count_cases(preview.examined)
    return {
        "case_count": total,
        "baseline_count": points.baseline_count,
        "candidate_count": points.candidate_count or total,
        "lost_share": points.lost_share,
        "duplicate_count": preview.duplicate_count,
        "known_cases": known.cases if known and known.is_exact else None,
        "known_sample": asdict(known) if known and not known.is_exact else None,
        "estimate": describe_estimate(preview.estimate) if preview.estimate else None,
        "series_values_per_case": preview.examined.series_values,
        "cases": [describe_case(case) for case in preview.cases],
        "touched": [asdict(entry) for entry in preview.touched],
        "notes": [{"path": note.path, "message": note.message} for note in preview.notes],
    }


def describe_case(case: Any) -> dict[str, Any]:
    """Return a case as it would run."""
    return {
        "index": case.point.index,
        "model": case.point.model or None,
        "weather": case.point.weather or None,
        "parameters": case.point.values,
        "summary": case.summary,
        "changes": case.changes,
        "error": case.error,
    }


def describe_estimate(estimate: Estimate) -> dict[str, Any]:
    """Return what a study would cost: each number with its interval, and where it comes from."""
    return {
        **describe_interval("wall", "s", estimate.wall_s),
        **describe_interval("cpu", "s", estimate.cpu_s),
        **describe_interval("stored", "bytes", estimate.stored_bytes),
        "slots": estimate.slots,
        "runs": estimate.runs,
        "same_run_period": estimate.same_period,
    }


def describe_interval(what: str, unit: str, interval: Interval | None) -> dict[str, float | None]:
    """Return a number with its interval, by the names that each of them has."""
    found = interval or Interval(0, 0, 0)
    named = {
        f"{what}_{unit}": found.expected,
        f"{what}_low_{unit}": found.low,
        f"{what}_high_{unit}": found.high,
    }
    return {name: value if interval else None for name, value in named.items()}
