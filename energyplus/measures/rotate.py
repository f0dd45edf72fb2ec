"""The measure `rotate`: turns the building on its site."""

from typing_extensions import override

from energyplus.measures.base import Measure, MeasureContext, MeasureReport, MeasureValue, NoArguments
from energyplus.models.case_objects import Value
from energyplus.models.draft import ModelDraft


class Rotate(Measure[NoArguments]):
    """Turn the building."""

    name = "rotate"
    title = "Rotate building"
    openstudio = "RotateBuilding"
    value = MeasureValue("number", "How far to turn it, clockwise seen from above.", unit="deg", example=90)

    @override
    def apply(self, draft: ModelDraft, value: Value, arguments: NoArguments, context: MeasureContext) -> MeasureReport:
        building = draft.objects("Building")[0]
        before = float(building.number("North Axis") or 0.0)
        after = before + float(value)
        building.set("North Axis", after)
        return MeasureReport(f"north axis {before:g} → {after:g} deg", before, after, "deg", 1)
