"""Answers what no view has answered: unknown addresses and our own failures. Named as handlers in `config.urls`."""

import sys
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from problems.handler import CONTENT_TYPE
from problems.outages import find_outage


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404: a problem document below `/api/`, a page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return describe_status(HTTPStatus.NOT_FOUND, "There is nothing at this address: /api/docs/ lists what there is.")


def answer_server_error(request: HttpRequest) -> HttpResponse:
    """Return 500: a problem document below `/api/`, a page elsewhere. The log has the reason.

    503 where middleware has found the database away: whoever has a session is looked up before any view.
    """
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    if outage := find_outage(sys.exception()):
        response = describe_status(HTTPStatus.SERVICE_UNAVAILABLE, str(outage.detail))
        response["Retry-After"] = str(outage.wait)
        return response
    return describe_status(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed; its log says why.")


def describe_status(status: HTTPStatus, detail: str) -> HttpResponse:
    """Return a problem document for a status, without entries."""
    document: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    return JsonResponse({**document, "detail": detail, "errors": []}, status=status, content_type=CONTENT_TYPE)
