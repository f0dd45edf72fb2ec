"""A table of cases over HTTP: a file in, the rows of a table design out. Nothing is kept."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from batches.serializers import Plain
from problems.exceptions import Problem, ProblemEntry
from studies.designs.tables import MAX_BYTES, Table, TableError, read_table


class TableUploadSerializer(Plain):
    """A table of cases: CSV, Parquet or an Excel workbook, whose first row holds the names of the columns."""

    file = serializers.FileField()


class TableColumnSerializer(Plain):
    """A column of a table."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["number", "text"], help_text="`number` where every cell is one.")


class StudyTableSerializer(Plain):
    """What a table design takes."""

    columns = TableColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField(), help_text="As `design.rows` of a study takes them.")
    row_count = serializers.IntegerField()


class StudyTablesView(APIView):
    """`POST /api/study-tables/`."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="read_study_table",
        request={"multipart/form-data": TableUploadSerializer},
        responses=StudyTableSerializer,
    )
    def post(self, request: Request) -> Response:
        """Read a table of cases (CSV, Parquet, Excel) and return its rows, for a table design. Nothing is kept."""
        form = TableUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        if file.size > MAX_BYTES:
            entry = ProblemEntry("file", f"Send at most {MAX_BYTES // 2**20} MB.", f"{file.size / 2**20:.0f} MB")
            raise Problem("The table is too large.", [entry], status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
        try:
            table = read_table(file.read(), file.name)
        except TableError as error:
            entries = [ProblemEntry(fault.path or "file", fault.message, fault.found) for fault in error.faults]
            raise Problem("The file is no table of cases.", entries) from error
        return Response(describe_table(table))


def describe_table(table: Table) -> dict[str, Any]:
    """Return a table as the API shows it."""
    return {
        "columns": [{"name": name, "kind": tell_kind(table, name)} for name in table.columns],
        "rows": table.rows,
        "row_count": len(table.rows),
    }


def tell_kind(table: Table, column: str) -> str:
    """Return `number` where every cell of a column is one, else `text`."""
    return "text" if any(isinstance(row[column], str) for row in table.rows) else "number"
