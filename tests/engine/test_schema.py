import pytest

from energyplus.errors import ModelError
from energyplus.models.schema import ClassSchema, known_versions, load_schema


@pytest.fixture(scope="module")
def lights() -> ClassSchema:
    return found("Lights")


def found(name: str) -> ClassSchema:
    known = load_schema("25.2").find_class(name)
    assert known is not None
    return known


def test_a_class_is_found_whatever_the_letter_case() -> None:
    assert found("bUILDINGsurface:DETAILED").name == "BuildingSurface:Detailed"
    assert load_schema("25.2").find_class("Lightz") is None


def test_a_field_is_found_by_its_name_and_by_its_epjson_key(lights: ClassSchema) -> None:
    for name in ("Watts per Floor Area", "WATTS PER  FLOOR AREA", "watts_per_floor_area"):
        index, field = lights.find_field(name) or (None, None)
        assert index == 5
        assert field is not None
        assert (field.units, field.minimum, field.type) == ("W/m2", 0.0, "real")
    assert lights.find_field("Watts per Square Foot") is None


def test_a_field_knows_its_limits_choices_default_and_references(lights: ClassSchema) -> None:
    method = lights.fields[3]
    assert (method.type, method.default) == ("choice", "LightingLevel")
    assert method.choices == ("LightingLevel", "Watts/Area", "Watts/Person")
    assert lights.fields[2].object_lists == ("ScheduleNames",)
    assert lights.fields[0].required
    assert found("Material").fields[2].exclusive_minimum == 0.0
    assert found("Zone").fields[7].autocalculatable
    assert found("Coil:Cooling:DX:SingleSpeed").fields[2].autosizable


@pytest.mark.parametrize(
    ("class_name", "index", "name", "key"),
    [
        ("BuildingSurface:Detailed", 15, "Vertex 2 Y-coordinate", "vertex_y_coordinate_2"),
        ("Schedule:Compact", 9, "Field 8", "field_8"),
        ("ZoneList", 3, "Zone 3 Name", "zone_name_3"),
        ("Branch", 7, "Component 2 Name", "component_name_2"),
        ("ZoneTerminalUnitList", 2, "Zone Terminal Unit Name 2", "zone_terminal_unit_name_2"),
        ("Construction", 3, "Layer 3", "layer_3"),
    ],
)
def test_repeated_fields_carry_their_number_as_in_the_idd(class_name: str, index: int, name: str, key: str) -> None:
    field = found(class_name).field_at(index)
    assert field is not None
    assert (field.name, field.key) == (name, key)
    assert found(class_name).find_field(name) == (index, field)
    assert found(class_name).find_field(key.upper()) == (index, field)


def test_an_endless_name_is_no_field_and_takes_no_time() -> None:
    assert found("ZoneList").find_field("1 " * 1_000_000) is None


def test_there_is_no_field_past_the_end(lights: ClassSchema) -> None:
    assert lights.field_at(len(lights.fields)) is None
    assert lights.field_at(-1) is None


def test_every_class_of_every_version_at_hand_can_be_built() -> None:
    versions = known_versions()
    assert {"9.0", "9.1", "9.6", "22.1", "23.2", "25.2"} <= set(versions)
    for version in versions:
        schema = load_schema(version)
        assert all(schema.find_class(name) for name in schema.class_names)
    assert len(load_schema("25.2").class_names) == 858


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'7\.0' is not known; known versions: 9\.0, 9\.1.*25\.2"):
        load_schema("7.0")
