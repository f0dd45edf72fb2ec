"""The library API: models and weather files, bundled and uploaded; it checks, then calls services and selectors."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters  # type: ignore[import-untyped]
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import user_of
from library import contents, selectors, services
from library.errors import ContentMissingError, FileGoneError, GateClosedError, InUseError, UploadError, UploadSizeError
from library.models import StoredFile, StoredModel, StoredWeather
from library.serializers import (
    ClassSerializer,
    ModelUploadSerializer,
    ObjectsSerializer,
    StoredFileSerializer,
    UploadSerializer,
)
from problems.exceptions import Conflict, Problem, ProblemEntry

REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH, description="Id or alias.")
UPLOADED = {
    201: OpenApiResponse(StoredFileSerializer, "Taken in."),
    200: OpenApiResponse(StoredFileSerializer, "You have uploaded this very content before: here is what you have."),
}


class FilePages(CursorPagination):
    """Pages of files: own uploads, newest first, then the bundled ones by name."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("-created_at", "alias", "id")


class FileFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of files can be narrowed by."""

    bundled = filters.BooleanFilter(field_name="owner", lookup_expr="isnull", label="bundled files or own uploads only")
    name = filters.CharFilter(lookup_expr="icontains", label="part of the name")


class FilesView(GenericAPIView[Any]):
    """The files of one kind."""

    kind: ClassVar[type[StoredFile]]
    parser_classes = [MultiPartParser]
    pagination_class = FilePages
    filterset_class = FileFilter
    serializer_class = StoredFileSerializer
    upload_serializer: ClassVar[type[UploadSerializer]] = UploadSerializer

    def list_page(self, request: Request) -> Response:
        """Return one page of the files that the asker may see."""
        page = self.paginate_queryset(self.filter_queryset(selectors.list_files(self.kind, user_of(request))))
        return self.get_paginated_response(StoredFileSerializer(page, many=True).data)

    def take_upload(self, request: Request) -> Response:
        """Check the form, take the files in, return their row."""
        form = self.upload_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        add: Any = services.add_model if self.kind is StoredModel else services.add_weather
        try:
            row, created = add(owner=user_of(request), **form.validated_data)
        except UploadError as error:
            raise refuse_upload(error) from error
        except GateClosedError as error:
            raise Problem(str(error), status_code=status.HTTP_503_SERVICE_UNAVAILABLE) from error
        return Response(
            StoredFileSerializer(row).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )


def refuse_upload(error: UploadError) -> Problem:
    """Return the answer to a refused upload: 413 where it is too large, else 400."""
    too_large = isinstance(error, UploadSizeError)
    entries = [ProblemEntry(fault.field, fault.message, fault.found, fault.accepted) for fault in error.faults]
    refused = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE if too_large else status.HTTP_400_BAD_REQUEST
    return Problem("The upload was refused.", entries, refused)


class ModelsView(FilesView):
    """Building models."""

    kind = StoredModel
    upload_serializer = ModelUploadSerializer
    queryset = StoredModel.objects.none()  # for the OpenAPI document

    @extend_schema(operation_id="list_models", responses=StoredFileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the bundled building models and one's own uploads."""
        return self.list_page(request)

    @extend_schema(
        operation_id="upload_model", request={"multipart/form-data": ModelUploadSerializer}, responses=UPLOADED
    )
    def post(self, request: Request) -> Response:
        """Upload a building model (IDF or epJSON) with the files it refers to. It is judged before it is taken in."""
        return self.take_upload(request)


class WeathersView(FilesView):
    """Weather files."""

    kind = StoredWeather
    queryset = StoredWeather.objects.none()  # for the OpenAPI document

    @extend_schema(operation_id="list_weather", responses=StoredFileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the bundled weather files and one's own uploads."""
        return self.list_page(request)

    @extend_schema(operation_id="upload_weather", request={"multipart/form-data": UploadSerializer}, responses=UPLOADED)
    def post(self, request: Request) -> Response:
        """Upload a weather file (EPW). Every line of it is checked before it is taken in."""
        return self.take_upload(request)


class FileView(APIView):
    """One file of one kind."""

    kind: ClassVar[type[StoredFile]]

    def find(self, request: Request, reference: str) -> Any:
        """Return the file that an id or alias means to the asker.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        row = selectors.find_file(self.kind, user_of(request), reference)
        if row is None:
            raise NotFound
        return row

    def remove(self, request: Request, reference: str) -> Response:
        """Remove an upload of the asker's own."""
        row = self.find(request, reference)
        if row.bundled:
            raise Conflict("A bundled file cannot be removed.")
        try:
            services.remove_file(row=row)
        except InUseError as error:
            raise Conflict(str(error)) from error
        except FileGoneError as error:
            raise NotFound from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class ModelView(FileView):
    """One building model."""

    kind = StoredModel

    @extend_schema(operation_id="show_model", parameters=[REFERENCE], responses=StoredFileSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Show a building model."""
        return Response(StoredFileSerializer(self.find(request, reference)).data)

    @extend_schema(operation_id="delete_model", parameters=[REFERENCE], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Delete an upload of one's own that no batch uses."""
        return self.remove(request, reference)


class WeatherView(FileView):
    """One weather file."""

    kind = StoredWeather

    @extend_schema(operation_id="show_weather", parameters=[REFERENCE], responses=StoredFileSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Show a weather file."""
        return Response(StoredFileSerializer(self.find(request, reference)).data)

    @extend_schema(operation_id="delete_weather", parameters=[REFERENCE], responses={204: None})
    def delete(self, request: Request, reference: str) -> Response:
        """Delete an upload of one's own that no batch uses."""
        return self.remove(request, reference)


class ContentsView(FileView):
    """What is in a building model."""

    kind = StoredModel

    def describe(self, request: Request, reference: str) -> Any:
        """Return the description of a model."""
        try:
            return selectors.get_description(self.find(request, reference))
        except ContentMissingError as error:
            raise Conflict(str(error)) from error


class ModelClassesView(ContentsView):
    """The classes of a building model."""

    @extend_schema(operation_id="list_model_classes", parameters=[REFERENCE], responses=ClassSerializer(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """List the classes a model has objects of."""
        return Response(contents.list_classes(self.describe(request, reference)))


class ModelObjectsView(ContentsView):
    """The objects of a building model."""

    @extend_schema(
        operation_id="list_model_objects",
        parameters=[REFERENCE, OpenApiParameter("class", str, required=True, description="EnergyPlus class name.")],
        responses=ObjectsSerializer,
    )
    def get(self, request: Request, reference: str) -> Response:
        """List the objects of one class with the fields they have, their units, limits and choices."""
        description = self.describe(request, reference)
        asked = request.query_params.get("class", "")
        found = contents.list_objects(description, asked)
        if found is None:
            message = "EnergyPlus has no such class: take one that `classes/` lists."
            raise Problem(
                "The request was refused.", [ProblemEntry("class", message, asked, sorted(description.classes))]
            )
        return Response(found)
