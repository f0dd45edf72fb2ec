"""Puts study and valuation, each one typed definition for file, API, client and form, into the OpenAPI document.

Loaded by `apps`.
"""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction

from studies.definition import study_json_schema
from studies.economics.definition import valuation_json_schema


class StudyExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The schema of a study as it is sent; drf-spectacular's own reading of pydantic shows it as it is stored."""

    target_class = "studies.definition.study.Study"
    priority = 1

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the component."""
        return "Study"

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema of a study; its parts become components of their own."""
        return register_parts(auto_schema, study_json_schema("#/components/schemas/{model}"))


class ValuationExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The schema of a valuation as it is sent."""

    target_class = "studies.economics.definition.Valuation"
    priority = 1

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the component."""
        return "Valuation"

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Return the schema of a valuation; its parts become components of their own."""
        return register_parts(auto_schema, valuation_json_schema("#/components/schemas/{model}"))


def register_parts(auto_schema: AutoSchema, schema: dict[str, Any]) -> dict[str, Any]:
    """Make the parts of a schema components; return the rest of it."""
    for name, part in schema.pop("$defs").items():
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, part, name)  # type: ignore[no-untyped-call]
        auto_schema.registry.register_on_missing(component)
    return schema
