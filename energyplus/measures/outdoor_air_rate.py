"""The measure `outdoor_air_rate`: scales the outdoor air that ventilation is designed for."""

from collections.abc import Iterator

from pydantic import Field
from typing_extensions import override

from energyplus.measures.base import (
    Measure,
    MeasureArguments,
    MeasureContext,
    MeasureError,
    MeasureProblem,
    MeasureReport,
    MeasureValue,
    count_of,
)
from energyplus.measures.patterns import Patterns, matches
from energyplus.models.case_objects import Value
from energyplus.models.draft import DraftObject, ModelDraft

_SPECIFICATION = "DesignSpecification:OutdoorAir"
_VENTILATION = "ZoneVentilation:DesignFlowRate"
_PER_PERSON = "Outdoor Air Flow per Person"
_FLOWS = {
    _SPECIFICATION: (
        _PER_PERSON,
        "Outdoor Air Flow per Zone Floor Area",
        "Outdoor Air Flow per Zone",
        "Outdoor Air Flow Air Changes per Hour",
    ),
    _VENTILATION: ("Design Flow Rate", "Flow Rate per Floor Area", "Flow Rate per Person", "Air Changes per Hour"),
    # written there where a designer did the sums: the specifications do not reach these air loops
    "Controller:OutdoorAir": ("Minimum Outdoor Air Flow Rate",),
    "Sizing:System": ("Design Outdoor Air Flow Rate",),
    # a template's own default stands where nothing is written
    "HVACTemplate:Zone:*": ("Outdoor Air Flow Rate per Person", "Outdoor Air Flow Rate per Zone Floor Area"),
}
_DEFAULT_M3_S_PERSON = 0.00944
"""What the engine takes for a blank flow per person where the method counts persons; m3/s-person."""
_COUNTS_PERSONS = frozenset({"", "flow/person", "sum", "maximum"})


class OutdoorAirArguments(MeasureArguments):
    """What outdoor air is told."""

    specifications: Patterns = Field(
        default=("*",),
        min_length=1,
        description="Names or globs of the DesignSpecification:OutdoorAir objects, in any case. Fixed flows of air"
        " loops are scaled only where it is every one of them.",
    )
    zone_ventilation: bool = Field(
        default=False,
        description="Scale the ZoneVentilation:DesignFlowRate objects as well: fans and windows of zones.",
    )


class OutdoorAirRate(Measure[OutdoorAirArguments]):
    """Multiply the outdoor air that the building is ventilated with by the value.

    Scaled are the flows per person, per floor area, per zone and in air changes of `DesignSpecification:OutdoorAir`;
    a blank flow per person is the engine's 0.00944 m3/s where the method counts persons, and is scaled as that.
    Where a model fixes the flow of an air loop (`Controller:OutdoorAir`, minimum, and `Sizing:System`, design flow),
    it is scaled, too; what is sized from the specifications follows them. Schedules and economizers stay. Exhaust fans,
    infiltration and airflow networks are left alone.

    Source: OpenStudio's measure ReduceVentilationByPercentage, whose reduction of 20 percent is a value of 0.8 here.
    """

    name = "outdoor_air_rate"
    title = "Outdoor air"
    openstudio = "ReduceVentilationByPercentage"
    value = MeasureValue(
        "number", "Factor to all design flows of outdoor air.", "1", minimum=0, maximum=10, example=0.8
    )
    Arguments = OutdoorAirArguments

    @override
    def check(
        self, draft: ModelDraft, arguments: OutdoorAirArguments, context: MeasureContext
    ) -> Iterator[MeasureProblem]:
        names = [entry.name for entry in draft.objects(_SPECIFICATION)]
        if not list(_list_flows(draft, arguments)):
            message = f"Choose another measure: no flow of {_SPECIFICATION} is there to scale."
            yield MeasureProblem("measure", message, None, tuple(names[:20]))
        for position, pattern in enumerate(arguments.specifications):
            if names and not any(matches(name, (pattern,)) for name in names):
                message = f"Write the name of a {_SPECIFICATION} of the model, or a glob of such."
                yield MeasureProblem(f"arguments.specifications[{position}]", message, pattern, tuple(names[:20]))

    @override
    def apply(
        self, draft: ModelDraft, value: Value, arguments: OutdoorAirArguments, context: MeasureContext
    ) -> MeasureReport:
        factor = float(value)
        flows = list(_list_flows(draft, arguments))
        if not flows:
            raise MeasureError(f"The model has no flow of {_SPECIFICATION} to scale.")
        for entry, field, flow in flows:
            entry.set(field, flow * factor)
        objects = len({id(entry) for entry, _, _ in flows})
        return MeasureReport(f"times {factor:.4g} in {count_of(objects, 'object')}", 1.0, factor, "1", objects)


def _list_flows(draft: ModelDraft, arguments: OutdoorAirArguments) -> Iterator[tuple[DraftObject, str, float]]:
    """The fields to scale, with what they say now."""
    is_every = "*" in arguments.specifications
    for class_name in draft.class_names:
        fields = _FLOWS.get("HVACTemplate:Zone:*" if class_name.startswith("HVACTemplate:Zone:") else class_name)
        if fields is None or (class_name == _VENTILATION and not arguments.zone_ventilation):
            continue
        if class_name not in (_SPECIFICATION, _VENTILATION) and not is_every:
            continue
        for entry in draft.objects(class_name):
            if class_name != _SPECIFICATION or matches(entry.name, arguments.specifications):
                yield from _list_fields(entry, fields)


def _list_fields(entry: DraftObject, fields: tuple[str, ...]) -> Iterator[tuple[DraftObject, str, float]]:
    for field in fields:
        if entry.schema.find_field(field) is None:
            continue
        number = entry.number(field)
        if number is None and field == _PER_PERSON and not entry.text(field):
            number = _DEFAULT_M3_S_PERSON if entry.text("Outdoor Air Method").casefold() in _COUNTS_PERSONS else None
        if number:
            yield entry, field, float(number)
