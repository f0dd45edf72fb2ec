"""A document in, a valuation out, or every problem in it at once; called where one is stored or sent along."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from studies.checks.pieces import read_fields
from studies.definition import StudyPart
from studies.economics.carriers import CARRIERS, ELECTRICITY
from studies.economics.currencies import CURRENCIES
from studies.economics.definition import (
    RATE_KINDS,
    DemandCharge,
    EmissionFactor,
    LifeCycle,
    Rate,
    RateWindow,
    Tariff,
    Valuation,
)
from studies.economics.grids import find_gaps, find_overlaps
from studies.problems import Problem, list_names, make_problem, nearest_name, nearest_names

_APART = {"export", "demand_charge", "time_of_use"}
_RATE_EXAMPLE = "{flat: 0.30}, {monthly: [12 amounts]} or {time_of_use: [windows]}"
MAX_TOLD = 4
"""Gaps of a time-of-use rate that a message names."""


class InvalidValuation(ValueError):  # noqa: N818 - reads as what it is
    """A valuation that is refused, with every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.path or 'valuation'}: {problem.message}" for problem in self.problems))


def read_valuation(document: Any) -> Valuation:
    """Read a valuation.

    Args:
        document: as plain data.

    Raises:
        InvalidValuation: with every problem.
    """
    document = drop_blanks(document)
    problems: list[Problem] = []
    if not isinstance(document, Mapping):
        message = "Write a valuation as a mapping with `currency`, `tariffs` and `emission_factors`."
        raise InvalidValuation([make_problem("", message, document, list(Valuation.model_fields))])
    _check_whole(document, problems)
    _check_carriers(document, "tariffs", Tariff, problems)
    _check_carriers(document, "emission_factors", EmissionFactor, problems)
    if "life_cycle" in document:
        _read_mapping(LifeCycle, document["life_cycle"], "life_cycle", problems)
    if problems:
        raise InvalidValuation(problems)
    try:
        return Valuation.model_validate(document)
    except ValidationError as error:  # what the checks do not know; none is known
        raise InvalidValuation([make_problem("", "Write a valuation.", str(error), None)]) from error


def drop_blanks(document: Any) -> Any:
    """Return a document without keys that hold nothing: a key without a value counts as not written."""
    if isinstance(document, Mapping):
        return {str(key): drop_blanks(value) for key, value in document.items() if value is not None}
    return [drop_blanks(entry) for entry in document] if isinstance(document, list | tuple) else document


def _check_whole(document: Mapping[str, Any], problems: list[Problem]) -> None:
    fields = read_fields(
        Valuation, document, "", problems, apart={"tariffs", "emission_factors", "life_cycle"}, needed=frozenset()
    )
    currency = fields.get("currency")
    if currency is not None and currency not in CURRENCIES:
        near = nearest_names(currency, sorted(CURRENCIES))
        problems.append(make_problem("currency", "Write the ISO 4217 code of a currency.", currency, near))
    if document.get("tariffs") and "currency" not in document:
        message = "Write the `currency` of the tariffs, by its ISO 4217 code."
        problems.append(make_problem("currency", message, None, "EUR, USD, …"))
    if not document.get("tariffs") and not document.get("emission_factors"):
        message = "Write at least one tariff or one emission factor."
        problems.append(make_problem("", message, sorted(document), ["tariffs", "emission_factors"]))


def _check_carriers(document: Mapping[str, Any], key: str, part: type[Rate], problems: list[Problem]) -> None:
    raw = document.get(key, {})
    if not isinstance(raw, Mapping):
        message = f"Write `{key}` as a mapping of energy carriers."
        problems.append(make_problem(key, message, raw, "{electricity: {flat: 0.30}, natural_gas: {flat: 0.08}}"))
        return
    for name, entry in raw.items():
        path = f"{key}.{name}"
        if name not in CARRIERS:
            nearest = nearest_name(name, CARRIERS)
            message = f"There is no energy carrier `{name}`" + (f"; did you mean `{nearest}`?" if nearest else ".")
            problems.append(make_problem(path, message, name, list(CARRIERS)))
        _check_rate(part, entry, path, problems)
        _check_carrier(name, entry, path, problems)
    _check_heat(raw, key, problems)


def _check_carrier(name: str, raw: Any, path: str, problems: list[Problem]) -> None:
    if isinstance(raw, Mapping) and "export" in raw:
        if name == ELECTRICITY:
            _check_rate(Rate, raw["export"], f"{path}.export", problems)
        else:
            message = "Leave `export` out: only electricity is sold."
            problems.append(make_problem(f"{path}.export", message, raw["export"], "no export"))


def _check_heat(raw: Mapping[str, Any], key: str, problems: list[Problem]) -> None:
    parts = [fuel for fuel in CARRIERS["district_heating"].fuels if fuel in raw]
    if "district_heating" in raw and parts:
        message = f"Leave out `district_heating` or {list_names(parts)}: the same heat would count twice."
        problems.append(make_problem(f"{key}.{parts[0]}", message, ["district_heating", *parts], "one of them"))


def _check_rate(part: type[Rate], raw: Any, path: str, problems: list[Problem]) -> None:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        problems.append(make_problem(path, f"Write {{flat: {raw}}}.", raw, _RATE_EXAMPLE))
        return
    if not isinstance(raw, Mapping):
        problems.append(make_problem(path, "Write it as a mapping that says what a kWh is worth.", raw, _RATE_EXAMPLE))
        return
    found: list[Problem] = []
    read_fields(part, raw, path, found, apart=_APART & _keys_of(part))
    problems.extend(problem for problem in found if not _is_false_count(problem, raw, path))
    kinds = [kind for kind in RATE_KINDS if kind in raw]
    if len(kinds) != 1:
        message = "Write one of the three: `flat`, `monthly` or `time_of_use`."
        problems.append(make_problem(path, message, kinds or sorted(raw), list(RATE_KINDS)))
    if "demand_charge" in raw and "demand_charge" in part.model_fields:
        _read_mapping(DemandCharge, raw["demand_charge"], f"{path}.demand_charge", problems)
    if "time_of_use" in raw:
        _check_windows(raw["time_of_use"], f"{path}.time_of_use", problems)


def _is_false_count(problem: Problem, raw: Mapping[str, Any], path: str) -> bool:
    """Whether twelve amounts are said to be too few, as pydantic does where one of them is wrong."""
    monthly = raw.get("monthly")
    return problem.path == f"{path}.monthly" and isinstance(monthly, list) and len(monthly) == 12


def _keys_of(part: type[Rate]) -> set[str]:
    return set(part.model_fields)


def _read_mapping(part: type[StudyPart], raw: Any, path: str, problems: list[Problem]) -> bool:
    """Whether a part is well formed; what is not is among the problems."""
    before = len(problems)
    if isinstance(raw, Mapping):
        read_fields(part, raw, path, problems)
    else:
        keys = [info.alias or name for name, info in part.model_fields.items()]
        problems.append(make_problem(path, "Write it as a mapping.", raw, keys))
    return len(problems) == before


def _check_windows(raw: Any, path: str, problems: list[Problem]) -> None:
    if not isinstance(raw, list) or not raw:
        message = "Write a list of windows: [{rate: 0.30, days: weekdays, from: 7, to: 22}, …]."
        problems.append(make_problem(path, message, raw, "a list of windows"))
        return
    read = [_read_window(entry, f"{path}[{position}]", problems) for position, entry in enumerate(raw)]
    windows = [window for window in read if window is not None]
    if len(windows) == len(raw):  # of windows that are not understood nobody can say what they cover
        problems.extend(_check_cover(windows, path))


def _read_window(raw: Any, path: str, problems: list[Problem]) -> RateWindow | None:
    if not _read_mapping(RateWindow, raw, path, problems):
        return None
    window = RateWindow.model_validate(raw)
    if window.from_hour == window.to_hour:
        message = "Begin and end at different hours; leave both out for the whole day."
        problems.append(make_problem(path, message, f"{window.from_hour} to {window.to_hour}", "from 0 to 24"))
        return None
    return window


def _check_cover(windows: Sequence[RateWindow], path: str) -> Iterator[Problem]:
    gaps = find_gaps(windows)
    if gaps:
        message = f"Cover every hour: none of the windows holds {list_names(gaps, MAX_TOLD)}."
        yield make_problem(path, message, gaps, "every hour of the year once")
    for first, second, shared in find_overlaps(windows):
        message = f"Cover every hour once: `{path}[{first}]` holds {list_names(shared, MAX_TOLD)} as well."
        yield make_problem(f"{path}[{second}]", message, shared, "every hour of the year once")
