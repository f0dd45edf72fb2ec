"""Construction sets as they are sent in: plain data in, constructions out, or every problem of it at once.

A layer has all of its numbers or it is refused: nothing that is missing is made up. Only cost, embodied carbon and
service life may be left out, and are unknown then; and a window's visible transmittance, as in the engine. Called by
`library.construction_services`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from energyplus.measures.constructions import (
    CONSTRUCTION_KINDS,
    GLAZING_NUMBERS,
    LAYER_KINDS,
    LAYER_NUMBERS,
    MOST_LAYERS,
    ROUGHNESSES,
    Construction,
    construction_from_json,
)
from library.errors import LibraryError
from studies.economics.currencies import CURRENCIES
from studies.problems import Problem, make_problem, nearest_names

MOST_CONSTRUCTIONS = 300
LONGEST_NAME = 100  # the engine's own limit
LONGEST_SET_NAME = 80
LONGEST_TEXT = 500
AS_IS = "as_is"
_IDF_SIGNS = ",;!"


@dataclass(frozen=True)
class _Limits:
    """What a number has to lie between; the upper end is there to catch another unit."""

    low: float
    high: float
    unit: str = ""
    excludes_low: bool = True
    excludes_high: bool = False

    def hold(self, value: float) -> bool:
        above = value > self.low if self.excludes_low else value >= self.low
        return above and (value < self.high if self.excludes_high else value <= self.high)

    def __str__(self) -> str:
        low = f"{'above' if self.excludes_low else 'from'} {self.low:g}"
        high = f"{'below' if self.excludes_high else 'to'} {self.high:g}"
        return f"a number {low} {high} {self.unit}".strip()


_NUMBERS: Mapping[str, _Limits] = {
    "thickness_m": _Limits(0, 3, "m"),
    "conductivity_w_mk": _Limits(0, 500, "W/m-K"),
    "density_kg_m3": _Limits(0, 25_000, "kg/m3"),
    "specific_heat_j_kgk": _Limits(100, 15_000, "J/kg-K", excludes_low=False),
    "resistance_m2k_w": _Limits(0.001, 100, "m2-K/W", excludes_low=False),
    "thermal_absorptance": _Limits(0, 0.99999),
    "solar_absorptance": _Limits(0, 1, excludes_low=False),
    "visible_absorptance": _Limits(0, 1, excludes_low=False),
    "u_factor_w_m2k": _Limits(0, 7, "W/m2-K"),
    "shgc": _Limits(0, 1, excludes_high=True),
    "visible_transmittance": _Limits(0, 1, excludes_high=True),
    "cost_per_m2": _Limits(0, 1e9, excludes_low=False),
    "embodied_carbon_kgco2e_m2": _Limits(-1e5, 1e5, "kgCO2e/m2", excludes_low=False),
    "service_life_years": _Limits(1, 1000, "years", excludes_low=False),
}
"""Limits of the engine's schema, with ends beyond which only a mistaken unit leads."""
UNKNOWN_NUMBERS = ("cost_per_m2", "embodied_carbon_kgco2e_m2", "service_life_years")
"""Numbers that may be left out."""
OPTIONAL_GLAZING = "visible_transmittance"
"""May be left out as well: then the engine takes what it reckons of the solar radiation."""
CONSTRUCTION_KEYS = ("name", "kind", "layers", "glazing", *UNKNOWN_NUMBERS, "source")
SHOWN_KEY = "u_factor"
"""Is reckoned where a construction is shown; what was shown may be sent back."""


class ConstructionSetError(LibraryError):
    """A construction set is not what it should be.

    Attributes:
        problems: everything that is wrong with it.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


def read_constructions(document: Any, path: str = "constructions") -> tuple[Construction, ...]:
    """Return the constructions that a document means.

    Args:
        document: a list of mappings, as `construction_to_json` gives them.
        path: where the list stands.

    Raises:
        ConstructionSetError: with everything that is wrong.
    """
    reader = _Reader()
    entries = reader.read_list(document, path, MOST_CONSTRUCTIONS, "construction")
    read = [reader.read_construction(entry, f"{path}[{position}]") for position, entry in enumerate(entries)]
    reader.refuse_doubles([entry.get("name") for entry in read], path)
    if reader.problems:
        raise ConstructionSetError(reader.problems)
    return tuple(construction_from_json(entry) for entry in read)


def check_heading(name: Any, currency: Any, description: Any) -> list[Problem]:
    """Return what is wrong with the name, the currency and the description of a set."""
    reader = _Reader()
    reader.read_name({"name": name}, "", LONGEST_SET_NAME)
    if not isinstance(currency, str) or currency not in CURRENCIES:
        near = nearest_names(currency, sorted(CURRENCIES)) if isinstance(currency, str) else ["EUR", "USD", "GBP"]
        reader.add("currency", "Write the currency of the costs as its three letters by ISO 4217.", currency, near)
    reader.read_text({"description": description}, "description", "", 10 * LONGEST_TEXT)
    return reader.problems


class _Reader:
    """Reads parts of a set; what is wrong with each is collected."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, path: str, message: str, found: Any, accepted: Any) -> None:
        self.problems.append(make_problem(path, message, found, accepted))

    def read_list(self, value: Any, path: str, most: int, what: str) -> list[Any]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= most:
            found = f"{len(value)} {what}s" if isinstance(value, list | tuple) else value
            self.add(path, f"Write a list of {what}s.", found, f"1 to {most} {what}s")
            return []
        return list(value)

    def read_construction(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.add(path, "Write a construction as a mapping of keys to values.", value, list(CONSTRUCTION_KEYS))
            return {}
        self.refuse_keys(value, (*CONSTRUCTION_KEYS, SHOWN_KEY), path)
        kind = self.read_word(value, "kind", path, CONSTRUCTION_KINDS)
        read: dict[str, Any] = {"name": self.read_name(value, path), "kind": kind}
        if str(read["name"]).casefold() == AS_IS:
            self.add(_at(path, "name"), "Choose another name: this one means the model's own.", AS_IS, "another name")
        for key in UNKNOWN_NUMBERS:
            read[key] = self.read_number(value, key, path) if value.get(key) is not None else None
        read["source"] = self.read_text(value, "source", path, LONGEST_TEXT)
        if kind == "window":
            read["glazing"] = self.read_glazing(value, path)
        elif kind is not None:
            read["layers"] = self.read_layers(value, path)
        return read

    def read_glazing(self, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        glazing, at = value.get("glazing"), _at(path, "glazing")
        if value.get("layers"):
            self.add(_at(path, "layers"), "Leave the layers out: a window has `glazing`.", value["layers"], "glazing")
        if not isinstance(glazing, Mapping):
            self.add(at, "Write the glazing of the window: all of these.", glazing, list(GLAZING_NUMBERS))
            return {}
        self.refuse_keys(glazing, GLAZING_NUMBERS, at)
        needed = [key for key in GLAZING_NUMBERS if key != OPTIONAL_GLAZING or glazing.get(key) is not None]
        return {key: self.read_number(glazing, key, at) for key in needed}

    def read_layers(self, value: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
        if value.get("glazing") is not None:
            self.add(_at(path, "glazing"), "Leave the glazing out: only a window has it.", value["glazing"], "layers")
        at = _at(path, "layers")
        entries = self.read_list(value.get("layers"), at, MOST_LAYERS, "layer")
        layers = [self.read_layer(entry, f"{at}[{position}]") for position, entry in enumerate(entries)]
        for position in {0, len(layers) - 1} if layers else ():
            if layers[position].get("kind") == "air_gap":
                message = "Put the air gap between two other layers: the engine takes none at the surface."
                self.add(f"{at}[{position}]", message, "air_gap", "a layer of another kind first and last")
        return layers

    def read_layer(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.add(path, "Write a layer as a mapping of keys to values.", value, ["name", "kind"])
            return {}
        kind = self.read_word(value, "kind", path, LAYER_KINDS)
        read: dict[str, Any] = {"name": self.read_name(value, path), "kind": kind}
        if kind is None:
            return read
        numbers = next(keys for known, keys in LAYER_NUMBERS.items() if known == kind)
        rough = ("roughness",) if kind != "air_gap" else ()
        self.refuse_keys(value, ("name", "kind", *rough, *numbers), path)
        for key in rough:
            read[key] = self.read_word(value, key, path, ROUGHNESSES)
        return {**read, **{key: self.read_number(value, key, path) for key in numbers}}

    def read_name(self, value: Mapping[str, Any], path: str, longest: int = LONGEST_NAME) -> str | None:
        name, at = value.get("name"), _at(path, "name")
        if not isinstance(name, str) or not name.strip():
            self.add(at, "Write a name.", name, f"a text of at most {longest} characters")
            return None
        name = name.strip()
        if len(name) > longest or not name.isprintable() or any(sign in name for sign in _IDF_SIGNS):
            message = "Write a shorter name, without line breaks and the signs that a model file cannot hold."
            self.add(at, message, name, f"at most {longest} characters, none of , ; !")
            return None
        return name

    def read_text(self, value: Mapping[str, Any], key: str, path: str, longest: int) -> str:
        text = value.get(key)
        if text is None:
            return ""
        if not isinstance(text, str) or len(text) > longest or "\0" in text:
            self.add(_at(path, key), "Write a text, and not too long a one.", text, f"at most {longest} characters")
            return ""
        return text.strip()

    def read_word(self, value: Mapping[str, Any], key: str, path: str, words: Sequence[str]) -> str | None:
        word = value.get(key)
        known = {entry.casefold(): entry for entry in words}
        found = known.get(word.strip().casefold()) if isinstance(word, str) else None
        if found is None:
            self.add(_at(path, key), f"Write the {key.replace('_', ' ')}: one of these words.", word, list(words))
        return found

    def read_number(self, value: Mapping[str, Any], key: str, path: str) -> float | None:
        number, limits = value.get(key), _NUMBERS[key]
        if number is None:
            message = f"Write `{key}`: it is missing, and nothing is made up for it."
            self.add(_at(path, key), message, None, str(limits))
            return None
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number:  # noqa: PLR0124 - nan
            self.add(_at(path, key), "Write a number.", number, str(limits))
            return None
        if not limits.hold(number):
            self.add(_at(path, key), "Check the number and its unit: it is out of range.", number, str(limits))
            return None
        return float(number)

    def refuse_keys(self, value: Mapping[str, Any], keys: Sequence[str], path: str) -> None:
        for key in (key for key in value if key not in keys and value[key] is not None):
            message = "Leave it out: it means nothing here."
            self.add(_at(path, str(key)), message, value[key], nearest_names(str(key), keys) or list(keys))

    def refuse_doubles(self, names: Iterable[Any], path: str) -> None:
        seen: dict[str, int] = {}
        for position, name in enumerate(names):
            if not isinstance(name, str):
                continue
            first = seen.setdefault(name.casefold(), position)
            if first != position:
                message = f"Give it a name of its own: {path}[{first}] has this one."
                self.add(f"{path}[{position}].name", message, name, "each name once")


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
