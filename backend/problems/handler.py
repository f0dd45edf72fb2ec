"""Turns every exception of a view into one `application/problem+json` answer. Named in `REST_FRAMEWORK`."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from filestore.operations import StorageUnavailableError
from problems.exceptions import FilesUnavailable, Problem, ProblemEntry
from problems.outages import find_outage

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


def handle_exception(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document for `exc`, or None for an error that is ours (Django answers 500 and logs it)."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, StorageUnavailableError):
        log.warning("answered with 503: %s", exc)
        exc = FilesUnavailable("The farm cannot reach its files at present; nothing is lost. Ask again later.")
    elif outage := find_outage(exc):
        log.warning("answered with 503: %s", exc)
        exc = outage
    if not isinstance(exc, exceptions.APIException):
        return None
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = describe_problem(exc)
    response.content_type = CONTENT_TYPE
    return response


def describe_problem(exc: exceptions.APIException) -> dict[str, Any]:
    """Return the members of RFC 9457 (`type`, `title`, `status`, `detail`) and `errors`, one entry per finding."""
    entries = list_entries(exc)
    return {
        "type": "about:blank",
        "title": HTTPStatus(exc.status_code).phrase,
        "status": exc.status_code,
        "detail": str(exc.detail) if isinstance(exc.detail, str) else f"{len(entries)} fields were refused.",
        "errors": [entry.as_json() for entry in entries],
    }


def list_entries(exc: exceptions.APIException) -> list[ProblemEntry]:
    """Return the entries of a problem; a DRF validation error gives one per field."""
    if isinstance(exc, Problem):
        return list(exc.entries)
    if isinstance(exc, exceptions.ValidationError):
        return flatten_detail(exc.detail, "")
    return []


def flatten_detail(detail: Any, path: str) -> list[ProblemEntry]:
    """Return DRF's nested error detail as a flat list, each with its path (`parameters[1].target`)."""
    if isinstance(detail, dict):
        nested = [(value, f"{path}.{key}" if path else str(key)) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        nested = [(value, f"{path}[{position}]") for position, value in enumerate(detail)]
    else:
        texts = detail if isinstance(detail, list) else [detail]
        return [ProblemEntry(path=path, message=str(text)) for text in texts]
    return [entry for value, inner in nested for entry in flatten_detail(value, inner)]
