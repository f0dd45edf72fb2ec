"""The API of construction sets: it finds the set, calls services, and says everything that is wrong at once."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django_filters import rest_framework as filters  # type: ignore[import-untyped]
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import user_of
from energyplus.errors import ModelError
from library import construction_services as services
from library.construction_csv import MOST_BYTES, write_csv
from library.construction_documents import ConstructionSetError
from library.construction_selectors import (
    describe_set,
    find_construction_set,
    list_construction_sets,
    list_set_references,
)
from library.construction_serializers import (
    ConstructionFileSerializer,
    ConstructionModelSerializer,
    ConstructionSetChangesSerializer,
    ConstructionSetSerializer,
    ImportedConstructionSetSerializer,
    NewConstructionSetSerializer,
    WholeConstructionSetSerializer,
)
from library.errors import ContentMissingError
from library.models import StoredConstructionSet, StoredModel
from library.selectors import find_file, list_references
from problems.exceptions import Conflict, Problem, ProblemEntry
from problems.parsers import JsonParser
from studies.problems import make_problem, nearest_names

REFERENCE = OpenApiParameter(
    "reference", str, OpenApiParameter.PATH, description="Id or alias, or the name of a set of your own."
)
AS = OpenApiParameter(
    "as", str, enum=["json", "csv"], description="`csv`: the constructions alone, as the import takes them."
)
REFUSED = "The construction set was refused."


def refuse(error: ConstructionSetError) -> Problem:
    """Return the answer to a set that is not what it should be."""
    entries = [ProblemEntry(found.path, found.message, found.found, found.accepted) for found in error.problems]
    return Problem(REFUSED, entries)


def body_of(request: Request, form: type[serializers.Serializer[Any]]) -> Mapping[str, Any]:
    """Return the body of a request.

    Raises:
        Problem: it is no mapping, or has keys that the form does not have.
    """
    if not isinstance(request.data, Mapping):
        raise Problem(REFUSED, [ProblemEntry("", "Write a mapping of keys to values.", None, "a mapping")])
    known = [*form().fields, "csrfmiddlewaretoken"]
    unknown = [str(key) for key in request.data if key not in known]
    if unknown:
        entries = [ProblemEntry(key[:80], "Leave it out: there is no such key.", None, known[:-1]) for key in unknown]
        raise Problem(REFUSED, entries)
    return request.data


class SetPages(CursorPagination):
    """Pages of sets: the newest first."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("-created_at", "id")


class SetFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of sets can be narrowed by."""

    bundled = filters.BooleanFilter(field_name="owner", lookup_expr="isnull", label="bundled sets or your own only")
    name = filters.CharFilter(lookup_expr="icontains", label="part of the name")


class ConstructionSetsView(GenericAPIView[Any]):
    """Construction sets."""

    pagination_class = SetPages
    filterset_class = SetFilter
    serializer_class = ConstructionSetSerializer
    queryset = StoredConstructionSet.objects.none()  # for the OpenAPI document

    @extend_schema(operation_id="list_construction_sets", responses=ConstructionSetSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the bundled construction sets and your own."""
        page = self.paginate_queryset(self.filter_queryset(list_construction_sets(user_of(request))))
        return self.get_paginated_response(ConstructionSetSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_construction_set",
        request=NewConstructionSetSerializer,
        responses={201: WholeConstructionSetSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a set of your own: of constructions, or as a copy of another one."""
        body = body_of(request, NewConstructionSetSerializer)
        try:
            row = self.copy(request, body) if body.get("copy_of") is not None else self.add(request, body)
        except ConstructionSetError as error:
            raise refuse(error) from error
        return Response(WholeConstructionSetSerializer(row).data, status=status.HTTP_201_CREATED)

    def add(self, request: Request, body: Mapping[str, Any]) -> StoredConstructionSet:
        """Make a set of constructions."""
        return services.add_set(owner=user_of(request), heading=body, constructions=body.get("constructions"))

    def copy(self, request: Request, body: Mapping[str, Any]) -> StoredConstructionSet:
        """Make a copy of another set."""
        user, wanted = user_of(request), str(body["copy_of"])
        source = find_construction_set(user, wanted)
        if source is None:
            near = nearest_names(wanted, list_set_references(user))
            raise ConstructionSetError([make_problem("copy_of", "Write the reference of a set.", wanted, near)])
        if body.get("constructions") is not None:
            message = "Leave the constructions out: the copy has those of the other set. Change them afterwards."
            raise ConstructionSetError([make_problem("constructions", message, body["constructions"], "nothing")])
        heading = {key: body.get(key) for key in services.HEADING}
        return services.copy_set(owner=user, source=source, heading=heading)


class ConstructionSetView(APIView):
    """One construction set."""

    parser_classes = [JsonParser]

    def find(self, request: Request, reference: str) -> StoredConstructionSet:
        """Return the set that a reference means to the asker.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        row = find_construction_set(user_of(request), reference)
        if row is None:
            raise NotFound
        return row

    def find_own(self, request: Request, reference: str) -> StoredConstructionSet:
        """Return a set that the asker may change.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Conflict: it is a bundled one.
        """
        row = self.find(request, reference)
        if row.bundled:
            raise Conflict('A bundled set stays as it is: copy it (POST {"copy_of": …, "name": …}), change the copy.')
        return row

    @extend_schema(
        operation_id="show_construction_set",
        parameters=[REFERENCE, AS],
        responses={(200, "application/json"): WholeConstructionSetSerializer, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, reference: str) -> Response | HttpResponse:
        """Show a construction set with all its constructions, or give it as CSV."""
        row = self.find(request, reference)
        wanted = request.query_params.get("as", "json")
        if wanted == "csv":
            answer = HttpResponse(write_csv(describe_set(row).constructions), content_type="text/csv; charset=utf-8")
            answer["Content-Disposition"] = f'attachment; filename="construction-set-{row.ref}.csv"'
            return answer
        if wanted != "json":
            raise Problem("The request was refused.", [ProblemEntry("as", "Choose a form.", wanted, ["json", "csv"])])
        return Response(WholeConstructionSetSerializer(row).data)

    @extend_schema(
        operation_id="change_construction_set",
        parameters=[REFERENCE],
        request=ConstructionSetChangesSerializer,
        responses=WholeConstructionSetSerializer,
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Change a set of your own; batches keep the set as it was when they were submitted."""
        row = self.find_own(request, reference)
        try:
            changed = services.change_set(row=row, changes=body_of(request, ConstructionSetChangesSerializer))
        except ConstructionSetError as error:
            raise refuse(error) from error
        except services.SetChangedError as error:
            raise Conflict(str(error)) from error
        return Response(WholeConstructionSetSerializer(changed).data)

    @extend_schema(operation_id="delete_construction_set", parameters=[REFERENCE], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Delete a set of your own; batches keep what they were submitted with."""
        self.find_own(request, reference).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class ImportConstructionsView(APIView):
    """`POST /api/construction-sets/import/`."""

    parser_classes = [MultiPartParser, JsonParser]

    @extend_schema(
        operation_id="import_construction_set",
        request={
            "multipart/form-data": ConstructionFileSerializer,
            "application/json": ConstructionModelSerializer,
        },
        responses={201: OpenApiResponse(ImportedConstructionSetSerializer, "Taken in.")},
    )
    def post(self, request: Request) -> Response:
        """Make a set of your own from a CSV file, or from the constructions on the outside of a model."""
        form = ConstructionFileSerializer if "file" in request.FILES else ConstructionModelSerializer
        body = body_of(request, form)
        heading = {key: body.get(key) for key in services.HEADING}
        notes: tuple[str, ...] = ()
        try:
            if "file" in request.FILES:
                row = self.take_file(request, heading)
            else:
                row, notes = self.take_model(request, heading, str(body.get("model") or ""))
        except ConstructionSetError as error:
            raise refuse(error) from error
        shown = ImportedConstructionSetSerializer(row, context={"notes": notes})
        return Response(shown.data, status=status.HTTP_201_CREATED)

    def take_file(self, request: Request, heading: Mapping[str, Any]) -> StoredConstructionSet:
        """Make a set of a CSV file."""
        file = request.FILES["file"]
        if file.size > MOST_BYTES:
            found = f"{file.size:,} bytes"
            raise ConstructionSetError([make_problem("file", "Shorten the file.", found, f"{MOST_BYTES:,} bytes")])
        return services.import_csv(owner=user_of(request), content=file.read(), heading=heading)

    def take_model(
        self, request: Request, heading: Mapping[str, Any], reference: str
    ) -> tuple[StoredConstructionSet, tuple[str, ...]]:
        """Make a set of a model."""
        user = user_of(request)
        model = find_file(StoredModel, user, reference) if reference else None
        if model is None:
            near = nearest_names(reference, list_references(StoredModel, user))
            message = "Send a CSV `file`, or write as `model` the id or alias of a model in the library."
            raise ConstructionSetError([make_problem("model", message, reference or None, near)])
        try:
            return services.import_from_model(owner=user, model=model, heading=heading)
        except ContentMissingError as error:
            raise Conflict(str(error)) from error
        except ModelError as error:
            raise ConstructionSetError([make_problem("model", str(error), reference, "another model")]) from error
