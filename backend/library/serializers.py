"""What the library's API takes and gives, as JSON and in the OpenAPI document."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from library.models import StoredFile


class AttachmentSerializer(serializers.Serializer[Any]):
    """A file that came with a model."""

    name = serializers.CharField(help_text="What the model refers to it by.")
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()


class StoredFileSerializer(serializers.Serializer[Any]):
    """A model or weather file in the library."""

    id = serializers.UUIDField(help_text="What a study refers to an upload by.")
    alias = serializers.CharField(allow_null=True, help_text="What a study refers to a bundled file by.")
    name = serializers.CharField()
    sha256 = serializers.CharField(help_text="SHA-256 hash of the content.")
    size_bytes = serializers.IntegerField()
    facts = serializers.DictField(help_text="What is known about it, with units in the names.")
    bundled = serializers.BooleanField(help_text="Whether it came with the engine; else it is your own upload.")
    created_at = serializers.DateTimeField()
    attachments = serializers.SerializerMethodField()

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, row: StoredFile) -> Any:
        """Return the files that came with a model; a weather file has none."""
        return AttachmentSerializer(getattr(row, "attachments", []), many=True).data


class UploadSerializer(serializers.Serializer[Any]):
    """The form of an upload."""

    file = serializers.FileField(help_text="The file; its name counts.", allow_empty_file=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse attachments where they would be ignored."""
        if "attachments" in self.initial_data and "attachments" not in self.fields:
            raise serializers.ValidationError({"attachments": "Only models have attachments: send the file alone."})
        return attrs


class ModelUploadSerializer(UploadSerializer):
    """The form of a model's upload."""

    attachments = serializers.ListField(
        child=serializers.FileField(allow_empty_file=False),
        required=False,
        default=list,
        help_text="Files that the model refers to by their bare names: schedules, tables, window data.",
    )


class ClassSerializer(serializers.Serializer[Any]):
    """A class of which a model has objects."""

    name = serializers.CharField(help_text="EnergyPlus's own spelling.")
    group = serializers.CharField(help_text="Chapter of the engine's reference.")
    count = serializers.IntegerField(help_text="How many objects the model has.")


class FieldSerializer(serializers.Serializer[Any]):
    """A field of a class."""

    index = serializers.IntegerField(help_text="Position in an object's values; 0 is the first.")
    name = serializers.CharField()
    key = serializers.CharField(help_text="Name in epJSON.")
    units = serializers.CharField(allow_null=True, help_text="SI unit, as the engine states it.")
    type = serializers.ChoiceField(
        choices=["real", "integer", "choice", "object-list", "external-list", "node", "alpha"]
    )
    minimum = serializers.FloatField(allow_null=True)
    exclusive_minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    exclusive_maximum = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    default = serializers.JSONField(allow_null=True, help_text="Number or text the engine takes for a blank.")
    required = serializers.BooleanField()  # type: ignore[assignment]  # a member's name, not DRF's flag
    autosizable = serializers.BooleanField()
    autocalculatable = serializers.BooleanField()


class ObjectSerializer(serializers.Serializer[Any]):
    """An object of a model."""

    name = serializers.CharField(allow_blank=True, help_text="Empty where the class has no names.")
    values = serializers.ListField(
        child=serializers.CharField(allow_blank=True), help_text="Field texts in the order of `fields`; empty: blank."
    )


class ObjectsSerializer(serializers.Serializer[Any]):
    """The objects of one class in a model, with the fields they have."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the members; two of them have names that Python or DRF has taken."""
        return {
            "class": serializers.CharField(help_text="EnergyPlus's own spelling."),
            "fields": FieldSerializer(many=True),
            "objects": ObjectSerializer(many=True),
        }
