"""What a study's parameters are to a building: they go in with the models they change, inputs of a surrogate come out.

The thickness of a material becomes what its layer lets through, a turn of the building an angle, an efficiency its
reciprocal, a weather file its climate; how much glass there is and what it lets through are told apart, so that their
product enters. Whatever is not recognised enters as it is. Called by `datasets`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batches.plans import Input
from energyplus.climate import describe_climate
from energyplus.models.draft import DraftObject, ModelDraft
from library.selectors import read_description
from library.storage import hold_content
from studies.definition import Parameter
from studies.definition.parameter import Target
from surrogates.emulator.inputs import InputColumn, Kind, Role

ROLES_OF_MEASURES: dict[str, Role] = {
    "window_to_wall_ratio": "glazing_share",
    "window_u_factor": "glazing_transmittance",
    "window_shgc": "glazing_shgc",
}
ROLES_OF_FIELDS: dict[tuple[str, str], Role] = {
    ("windowmaterial:simpleglazingsystem", "u-factor"): "glazing_transmittance",
    ("windowmaterial:simpleglazingsystem", "solar heat gain coefficient"): "glazing_shgc",
}
RECIPROCAL_MEASURES = frozenset({"chiller_cop", "cooling_coil_cop", "boiler_efficiency", "heating_coil_efficiency"})
EFFICIENT = ("cop", "efficiency", "coefficient of performance")  # how such fields are called, somewhere in their name
UNIT_CONDUCTIVITY = 1.0  # of a resistance: a metre of a material of 1 W/m-K resists by 1 m2-K/W


@dataclass(frozen=True)
class Meaning:
    """How a parameter's column enters, before its values are known.

    Attributes:
        kind: how its numbers enter.
        conductivity_w_mk: of a thickness, see `InputColumn`.
        role: see `InputColumn`.
    """

    kind: Kind = "number"
    conductivity_w_mk: float | None = None
    role: Role | None = None


def describe_parameter(
    parameter: Parameter, unit: str | None, values: NDArray[Any], models: Sequence[Input]
) -> InputColumn:
    """Return what a parameter is to a surrogate.

    Args:
        parameter: of the study.
        unit: of its values.
        values: (rows,) that it took: float64, or texts.
        models: that it changes; none where a declared program runs.
    """
    if values.dtype.kind not in "fiu":
        return InputColumn(parameter.name, "category")
    meaning = find_meaning(parameter, (read_description(model.sha256) for model in models))
    if not can_enter(meaning.kind, values):
        meaning = replace(meaning, kind="number", conductivity_w_mk=None)
    return InputColumn(
        parameter.name,
        meaning.kind,
        unit or "1",
        conductivity_w_mk=meaning.conductivity_w_mk,
        role=meaning.role,
    )


def can_enter(kind: Kind, values: NDArray[Any]) -> bool:
    """Return whether values are such that a kind of input can be made of them."""
    if kind in ("logarithm", "reciprocal"):
        return bool((values > 0).all())
    return kind != "thickness" or bool((values >= 0).all())


def find_meaning(parameter: Parameter, descriptions: Iterable[Any]) -> Meaning:
    """Return how a parameter enters, by its measure or its targets in the models, which are read only for layers."""
    if parameter.measure is not None:
        return find_meaning_of_measure(parameter)
    usual = Meaning("logarithm" if parameter.loguniform is not None else "number")
    meanings = [find_meaning_of_target(parameter, target, usual) for target in parameter.targets]
    if not meanings or len({(meaning.kind, meaning.role) for meaning in meanings}) > 1:
        return usual
    if meanings[0].kind != "thickness":
        return meanings[0]
    drafts = [ModelDraft(description) for description in descriptions]
    conductivity = find_conductivity(parameter, drafts)
    return usual if conductivity is None else replace(meanings[0], conductivity_w_mk=conductivity)


def find_meaning_of_measure(parameter: Parameter) -> Meaning:
    """Return how the value of a measure enters."""
    name = parameter.measure or ""
    if name == "rotate":
        return Meaning("angle")
    if name == "insulation_r_value":
        return Meaning("thickness", UNIT_CONDUCTIVITY)
    if name in RECIPROCAL_MEASURES:
        return Meaning("reciprocal")
    return Meaning("logarithm" if parameter.loguniform is not None else "number", role=ROLES_OF_MEASURES.get(name))


def find_meaning_of_target(parameter: Parameter, target: Target, usual: Meaning) -> Meaning:
    """Return how what is written to a field enters."""
    change = target.change or parameter.change
    place = (target.class_name.lower(), str(target.field).lower())
    if change in ("set", "scale") and place in RESISTING:
        return Meaning("thickness")
    if change in ("set", "add") and place == ("building", "north axis"):
        return Meaning("angle")
    if change in ("set", "scale") and any(word in place[1] for word in EFFICIENT):
        return Meaning("reciprocal")
    return replace(usual, role=ROLES_OF_FIELDS.get(place))


def _conductivity_of_layer(layer: DraftObject, change: str) -> float | None:
    """A layer's conductivity, W/m-K; where it is scaled, that over its thickness, which a factor of 1 stands for."""
    conductivity, thickness = layer.number("Conductivity"), layer.number("Thickness")
    if not conductivity or not thickness:
        return None
    return float(conductivity if change == "set" else conductivity / thickness)


def _conductivity_of_resistance(layer: DraftObject, change: str) -> float | None:
    """What makes a thickness of a resistance, 1 W/m-K; where it is scaled, that over the one of a factor of 1."""
    resistance = layer.number("Thermal Resistance")
    if not resistance:
        return None
    return float(UNIT_CONDUCTIVITY if change == "set" else UNIT_CONDUCTIVITY / resistance)


RESISTING: dict[tuple[str, str], Callable[[DraftObject, str], float | None]] = {
    ("material", "thickness"): _conductivity_of_layer,
    ("material:nomass", "thermal resistance"): _conductivity_of_resistance,
}


def find_conductivity(parameter: Parameter, drafts: Sequence[ModelDraft]) -> float | None:
    """Return the conductivity by which a parameter's layers resist, of several their geometric mean; None of none."""
    found = [
        read(layer, target.change or parameter.change)
        for draft in drafts
        for target in parameter.targets
        for read in [RESISTING[target.class_name.lower(), str(target.field).lower()]]
        for layer in draft.objects(target.class_name)
        if any(fnmatchcase(layer.name.lower(), pattern.lower()) for pattern in target.patterns)
    ]
    known = [conductivity for conductivity in found if conductivity]
    return float(np.exp(np.mean(np.log(known)))) if known else None


def describe_weather(weathers: Mapping[str, Input]) -> InputColumn:
    """Return the input that weather files are, with their climates.

    Raises:
        energyplus.errors.WeatherError: a file lacks what a climate is told by.
        OSError: the file store does not answer.
    """
    climates = {}
    for ref, weather in weathers.items():
        with hold_content(weather.sha256) as path:
            climates[ref] = describe_climate(path).features
    return InputColumn("weather", "weather", climates=climates)
