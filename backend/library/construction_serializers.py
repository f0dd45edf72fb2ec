"""What the API of construction sets takes and gives, as JSON and in the OpenAPI document.

The serializers say which keys there are; what the values have to be is checked by `library.construction_documents`,
for JSON and CSV alike and with everything at once.
"""

from typing import Any

from rest_framework import serializers

from energyplus.measures.constructions import CONSTRUCTION_KINDS, LAYER_KINDS, ROUGHNESSES, construction_from_json
from library.models import StoredConstructionSet

Plain = serializers.Serializer[Any]


class LayerSerializer(Plain):
    """A layer of a construction; it has all numbers of its kind and no other."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=LAYER_KINDS)
    roughness = serializers.ChoiceField(choices=ROUGHNESSES, required=False, help_text="Not of an air gap.")
    thickness_m = serializers.FloatField(required=False, help_text="Of a material, m.")
    conductivity_w_mk = serializers.FloatField(required=False, help_text="Of a material, W/m-K.")
    density_kg_m3 = serializers.FloatField(required=False, help_text="Of a material, kg/m3.")
    specific_heat_j_kgk = serializers.FloatField(required=False, help_text="Of a material, J/kg-K.")
    resistance_m2k_w = serializers.FloatField(required=False, help_text="Without mass or of an air gap, m2-K/W.")
    thermal_absorptance = serializers.FloatField(required=False, help_text="Not of an air gap.")
    solar_absorptance = serializers.FloatField(required=False, help_text="Not of an air gap.")
    visible_absorptance = serializers.FloatField(required=False, help_text="Not of an air gap.")


class GlazingSerializer(Plain):
    """A window as a whole, frame included."""

    u_factor_w_m2k = serializers.FloatField(help_text="W/m2-K.")
    shgc = serializers.FloatField(help_text="Solar heat gain coefficient.")
    visible_transmittance = serializers.FloatField(
        required=False, allow_null=True, help_text="Null: the engine takes what it reckons of the solar radiation."
    )


class ConstructionSerializer(Plain):
    """A construction: a window has `glazing`, everything else has `layers`."""

    name = serializers.CharField(help_text="What a study writes as the value; unique in its set.")
    kind = serializers.ChoiceField(choices=CONSTRUCTION_KINDS)
    layers = LayerSerializer(many=True, required=False, help_text="From outside to inside.")
    glazing = GlazingSerializer(required=False, allow_null=True)
    cost_per_m2 = serializers.FloatField(allow_null=True, required=False, help_text="Null: not known, never free.")
    embodied_carbon_kgco2e_m2 = serializers.FloatField(allow_null=True, required=False, help_text="Null: not known.")
    service_life_years = serializers.FloatField(allow_null=True, required=False, help_text="Null: not known.")
    source = serializers.CharField(required=False, allow_blank=True, help_text="Where the figures come from.")  # type: ignore[assignment]


class ShownConstructionSerializer(ConstructionSerializer):
    """A construction as it is shown."""

    u_factor = serializers.SerializerMethodField(help_text="W/m2-K by ISO 6946; null of a ground floor.")

    def get_u_factor(self, entry: dict[str, Any]) -> float | None:
        """Return the U-factor, W/m2-K."""
        return construction_from_json(entry).u_factor_w_m2k

    def to_representation(self, instance: Any) -> Any:
        """Leave out what the kind of a layer or a construction does not have."""
        shown = super().to_representation({**instance, "layers": instance.get("layers", [])})
        shown["layers"] = instance.get("layers", [])
        shown["glazing"] = instance.get("glazing")
        return shown


class ConstructionSetSerializer(Plain):
    """A construction set in a list."""

    id = serializers.UUIDField()
    ref = serializers.CharField(help_text="What a study writes: the alias of a bundled set, the id of your own.")
    alias = serializers.CharField(allow_null=True)
    name = serializers.CharField(help_text="A study may write the name of your own set as well.")
    currency = serializers.CharField(help_text="ISO 4217, of all costs in it.")
    description = serializers.CharField()
    bundled = serializers.BooleanField(help_text="Whether it came with Casefarm; it is read-only then: copy it.")
    revision = serializers.IntegerField(help_text="Counts changes.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    construction_count = serializers.SerializerMethodField()

    def get_construction_count(self, row: StoredConstructionSet) -> int:
        """Return how many constructions it has."""
        return len(row.constructions)


class WholeConstructionSetSerializer(ConstructionSetSerializer):
    """A construction set with its constructions."""

    constructions = ShownConstructionSerializer(many=True)


class ImportedConstructionSetSerializer(WholeConstructionSetSerializer):
    """A construction set that was made of a file or a model."""

    notes = serializers.SerializerMethodField(help_text="What could not be taken from a model, and why.")

    def get_notes(self, row: StoredConstructionSet) -> list[str]:
        """Return the notes of the import."""
        return list(self.context.get("notes", ()))


class NewConstructionSetSerializer(Plain):
    """A set to be made: of `constructions`, or as a copy of another one."""

    name = serializers.CharField()
    currency = serializers.CharField(required=False, help_text="ISO 4217; of a copy that of the copied set.")
    description = serializers.CharField(required=False, allow_blank=True)
    constructions = ConstructionSerializer(many=True, required=False)
    copy_of = serializers.CharField(required=False, help_text="Reference of a set to copy.")


class ConstructionSetChangesSerializer(Plain):
    """What is to change in a set of one's own; what is left out stays."""

    name = serializers.CharField(required=False)
    currency = serializers.CharField(required=False, help_text="Only together with `constructions`.")
    description = serializers.CharField(required=False, allow_blank=True)
    constructions = ConstructionSerializer(many=True, required=False, help_text="All of them, in their order.")
    revision = serializers.IntegerField(
        required=False, help_text="The one that the change was made to; refused if there is a later one."
    )


class ConstructionFileSerializer(Plain):
    """A CSV file of constructions."""

    file = serializers.FileField(help_text="One line per layer; see the reference for the columns.")
    name = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217, of all costs in the file.")
    description = serializers.CharField(required=False, allow_blank=True)


class ConstructionModelSerializer(Plain):
    """A model whose constructions are to become a set."""

    model = serializers.CharField(help_text="Id or alias of a model in the library.")
    name = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217, of the costs that are still to be written in.")
    description = serializers.CharField(required=False, allow_blank=True)
