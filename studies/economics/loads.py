"""Series of meters in, loads out: the energy of a case by month, day of the week and hour, and its monthly peaks.

With a load, any rate is a sum of products, and the rate may be chosen afterwards. Days of the week and hours are those
of the timestamps, which are the engine's: standard time of the site all year, in a year that fits its days of the week.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from energyplus.outputs import Frequency
from studies.economics.carriers import meter_names
from studies.economics.grids import GRID_SHAPE

JOULES_PER_KWH = 3.6e6
COLUMNS = ["case", "kind", "name", "unit", "frequency", "interval_end_local", "interval_min", "value"]
"""Columns of a batch's series that are read here."""

Numbers = NDArray[np.float64]
Minutes = NDArray[np.int64]

_MINUTES_PER_DAY = 24 * 60
_FIRST_DAY_OF_WEEK = 3  # 1 January 1970 was a Thursday
_SUNDAY = 6


@dataclass(frozen=True)
class SeriesNeed:
    """The series of a meter that a valuation goes by.

    Attributes:
        meter: in today's spelling.
        frequency: at which the cases report it.
        peak_min: length of the intervals whose highest mean power is wanted, min; 0 for no peaks.
    """

    meter: str
    frequency: Frequency
    peak_min: int = 0


@dataclass(frozen=True)
class Load:
    """What one meter of one case reported.

    Attributes:
        energy_kwh: by month, day of the week and hour of the day in which an interval began, (12, 7, 24), float64.
        peaks_kw: highest mean power of an interval by month, (12,), NaN without one; all NaN if none is wanted or the
            series cannot tell.
    """

    energy_kwh: Numbers
    peaks_kw: Numbers = field(default_factory=lambda: np.full(12, np.nan))


@dataclass(frozen=True)
class _Segment:
    case: int
    need: SeriesNeed
    ends: Minutes
    lengths: Minutes
    kwh: Numbers


def read_loads(
    pieces: Iterable[pa.RecordBatch], needs: Iterable[SeriesNeed], holidays: frozenset[tuple[int, int]]
) -> dict[tuple[int, str], Load]:
    """Read the loads of some cases.

    Args:
        pieces: rows of the long table with `COLUMNS`, those of a series next to each other and by time.
        needs: what is wanted; everything else is left out.
        holidays: month and day of those that count as Sundays.

    Returns:
        By case and meter; a meter that a case does not report, or not in J, is not there.
    """
    loads: dict[tuple[int, str], Load] = {}
    for segment in _join(_split(pieces, tuple(needs))):
        starts = segment.ends - segment.lengths
        peaks = find_peaks(starts, segment.lengths, segment.kwh, segment.need.peak_min)
        loads[segment.case, segment.need.meter] = Load(tally_energy(starts, segment.kwh, holidays), peaks)
    return loads


def tally_energy(starts: Minutes, kwh: Numbers, holidays: frozenset[tuple[int, int]] = frozenset()) -> Numbers:
    """Sum energy by month, day of the week and hour.

    Args:
        starts: of the intervals, minutes since 1970 in standard time of the site, (n,), int64.
        kwh: of the intervals, (n,), float64.
        holidays: month and day of those that count as Sundays.

    Returns:
        (12, 7, 24), float64, kWh; NaN where an interval has no number.
    """
    place = _find_places(starts.astype(np.int64).tobytes(), holidays)
    sums: Numbers = np.bincount(place, kwh, minlength=int(np.prod(GRID_SHAPE))).astype(np.float64)
    return sums.reshape(GRID_SHAPE)


@lru_cache(maxsize=8)
def _find_places(starts_bytes: bytes, holidays: frozenset[tuple[int, int]]) -> NDArray[np.int64]:
    """Where in a flat grid intervals belong; kept, as the cases of a batch have the same intervals."""
    starts = np.frombuffer(starts_bytes, np.int64)
    days = starts // _MINUTES_PER_DAY
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    weekdays = (days + _FIRST_DAY_OF_WEEK) % 7
    month_numbers = months.astype(np.int64) % 12
    if holidays:
        of_month = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
        listed = np.array([month * 100 + day for month, day in holidays])
        weekdays[np.isin((month_numbers + 1) * 100 + of_month, listed)] = _SUNDAY
    hours = starts % _MINUTES_PER_DAY // 60
    return np.ravel_multi_index((month_numbers, weekdays, hours), GRID_SHAPE)


def find_peaks(starts: Minutes, lengths: Minutes, kwh: Numbers, interval_min: int) -> Numbers:
    """Return the highest mean power of an interval in each month.

    Args:
        starts: of what was reported, minutes since 1970, (n,), int64.
        lengths: of the same, min.
        kwh: of the same.
        interval_min: length of the intervals, counted from the full hour, min; 0 for none.

    Returns:
        (12,), float64, kW; NaN for months without an interval, all NaN where the steps do not make up intervals.
    """
    peaks = np.full(12, np.nan)
    if not interval_min or not len(starts) or np.any(interval_min % np.maximum(lengths, 1)):
        return peaks
    slots = starts // interval_min
    energy = np.bincount(slots - slots[0], kwh)
    present = np.bincount(slots - slots[0]) > 0
    first_minutes = (np.flatnonzero(present) + slots[0]) * interval_min
    months = (first_minutes // _MINUTES_PER_DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    peaks[np.unique(months)] = -np.inf
    np.maximum.at(peaks, months, energy[present] * 60 / interval_min)
    return peaks


def _split(pieces: Iterable[pa.RecordBatch], needs: tuple[SeriesNeed, ...]) -> Iterator[_Segment]:
    """Yield the wanted rows of each piece, series by series."""
    for piece in pieces:
        which = _find_wanted(piece, needs)
        rows = np.flatnonzero(which >= 0)
        if not len(rows):
            continue
        cases = piece.column("case").to_numpy()[rows]
        ends = piece.column("interval_end_local").cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()[rows] // 60
        lengths = piece.column("interval_min").to_numpy()[rows].astype(np.int64)
        kwh = piece.column("value").to_numpy(zero_copy_only=False)[rows] / JOULES_PER_KWH
        which = which[rows]
        borders = np.flatnonzero((np.diff(cases) != 0) | (np.diff(which) != 0)) + 1
        for part in np.split(np.arange(len(rows)), borders):
            need = needs[which[part[0]]]
            yield _Segment(int(cases[part[0]]), need, ends[part], lengths[part], kwh[part])


def _find_wanted(piece: pa.RecordBatch, needs: tuple[SeriesNeed, ...]) -> NDArray[np.int64]:
    """Tell which need each row answers: (n,), its position, -1 for none."""
    found = np.full(piece.num_rows, -1, np.int64)
    usable = pc.and_(_is_word(piece, "kind", {"meter"}), _is_word(piece, "unit", {"j"}))
    for position, need in enumerate(needs):
        wanted = pc.and_(
            _is_word(piece, "name", set(meter_names(need.meter))), _is_word(piece, "frequency", {need.frequency})
        )
        found[pc.and_(usable, wanted).to_numpy(zero_copy_only=False)] = position
    return found


def _is_word(piece: pa.RecordBatch, column: str, words: set[str]) -> pa.Array:
    coded = piece.column(column)
    codes = [code for code, known in enumerate(coded.dictionary.to_pylist()) if known.casefold() in words]
    return pc.is_in(coded.indices, pa.array(codes, coded.indices.type))


def _join(segments: Iterator[_Segment]) -> Iterator[_Segment]:
    """Yield whole series: those that pieces cut are put together."""
    waiting: list[_Segment] = []
    for segment in segments:
        if waiting and (segment.case, segment.need) != (waiting[0].case, waiting[0].need):
            yield _concatenate(waiting)
            waiting = []
        waiting.append(segment)
    if waiting:
        yield _concatenate(waiting)


def _concatenate(parts: list[_Segment]) -> _Segment:
    if len(parts) == 1:
        return parts[0]
    ends, lengths, kwh = (
        np.concatenate([getattr(part, what) for part in parts]) for what in ("ends", "lengths", "kwh")
    )
    return _Segment(parts[0].case, parts[0].need, ends, lengths, kwh)


def sum_loads(loads: Iterable[Load]) -> Load:
    """Add loads up, hour by hour; their peaks, which need not fall together, are not known."""
    return Load(np.sum([load.energy_kwh for load in loads], axis=0))


def holiday_days(holidays: Iterable[str]) -> frozenset[tuple[int, int]]:
    """Return holidays written MM-DD as month and day."""
    return frozenset((int(day[:2]), int(day[3:])) for day in holidays)


LoadsByCase = Mapping[tuple[int, str], Load]
