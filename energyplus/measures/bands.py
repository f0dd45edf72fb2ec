"""Finds the room for a band of windows in a wall: outline, doors and an area in, rectangles of just that area out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from energyplus.measures.geometry import Interval, PlanePoint, Rectangle, free_intervals, subtract

MARGIN_M = 0.0254
"""From a window to the edge of its wall: OpenStudio's one inch, less in walls that are smaller than 2.54 m."""

_LARGEST_MARGIN_SHARE = 0.01  # of a wall's smaller measure
_NARROWEST_SHARE = 0.1  # of the widest free part; what is narrower gets no window of its own
_MOST_STEPS = 500
_SAMPLES = 40
_PRECISION = 1e-12


@dataclass(frozen=True)
class Band:
    """Where windows go: a horizontal band and its parts between the doors, m in the wall's plane."""

    bottom: float
    top: float
    parts: tuple[Interval, ...]

    @property
    def width(self) -> float:
        """Of all parts together, m."""
        return sum(right - left for left, right in self.parts)


class WallRoom:
    """The room for windows in a wall.

    Attributes:
        outline: of the wall, in its plane.
        doors: rectangles in which no window may lie.
        window_count: how many windows there are to place; None for as many as there are parts.
        frame_m: width of the frames around them.
    """

    def __init__(
        self,
        outline: Sequence[PlanePoint],
        doors: Sequence[Rectangle] = (),
        window_count: int | None = None,
        frame_m: float = 0.0,
    ) -> None:
        self.outline = outline
        self.doors = doors
        self.window_count = window_count
        self.frame_m = frame_m
        bounds = Rectangle.around(outline)
        margin = min(MARGIN_M, _LARGEST_MARGIN_SHARE * min(bounds.width, bounds.height))
        self._margin = margin
        self._lowest, self._highest = bounds.bottom + margin + frame_m, bounds.top - margin - frame_m

    def find_band(self, area_m2: float, sill_m: float) -> Band | None:
        """The band for an area, its lower edge as near to a height as can be.

        Args:
            area_m2: of all windows together.
            sill_m: height of the lower edge above the lowest point of the wall.

        Returns:
            None where no band is large enough; of the parts' area what exceeds `area_m2` is none.
        """
        wanted = max(sill_m, self._lowest)
        for bottom in self._bottoms(area_m2, wanted):
            band = self._grow(area_m2, bottom)
            if band is not None:
                return band
        return None

    def largest_area(self) -> float:
        """The area of the largest band that there is room for, to about a hundredth; m2."""
        step = (self._highest - self._lowest) / _SAMPLES
        if step <= 0:
            return 0.0
        levels = [self._lowest + n * step for n in range(_SAMPLES + 1)]
        levels += [door.top for door in self.doors if self._lowest < door.top < self._highest]
        pairs = ((low, high) for low in levels for high in levels if high > low)
        return max((self._glass_width(self._parts(low, high)) * (high - low) for low, high in pairs), default=0.0)

    def _bottoms(self, area_m2: float, wanted: float) -> Iterator[float]:
        yield wanted
        width = self._glass_width(self._parts(wanted, wanted))
        if width > 0:
            yield max(self._lowest, min(wanted, self._highest - area_m2 / width))
        step = (self._highest - self._lowest) / _SAMPLES
        others = [self._lowest + n * step for n in range(_SAMPLES)] + [door.top for door in self.doors]
        yield from sorted((b for b in others if self._lowest <= b < self._highest), key=lambda b: abs(b - wanted))

    def _grow(self, area_m2: float, bottom: float) -> Band | None:
        """The lowest band from a bottom that is large enough: the less of its height is free, the higher it is.

        The width never grows with the height, so heights come nearer to the least one from below.
        """
        height = 0.0
        for _ in range(_MOST_STEPS):
            if bottom + height > self._highest + _PRECISION:
                return None
            parts = self._parts(bottom, bottom + height)
            width = self._glass_width(parts)
            if width <= 0:
                return None
            needed = area_m2 / width
            if needed - height <= _PRECISION * max(1.0, needed):
                return Band(bottom, bottom + needed, parts) if bottom + needed <= self._highest + 1e-9 else None
            height = needed
        return None

    def _parts(self, bottom: float, top: float) -> tuple[Interval, ...]:
        """The widest parts that are free over a height, as many as there are windows for, from left to right."""
        frame = self.frame_m
        low, high = bottom - frame, max(top, bottom + 1e-6) + frame
        free = [(left + self._margin, right - self._margin) for left, right in free_intervals(self.outline, low, high)]
        for door in self.doors:
            if door.bottom < high - 1e-9 and door.top > low + 1e-9:
                free = subtract(free, door.left, door.right)
        widest = sorted((part for part in free if part[1] > part[0]), key=lambda part: part[0] - part[1])
        if widest:
            narrowest = _NARROWEST_SHARE * (widest[0][1] - widest[0][0])
            widest = [part for part in widest[: self.window_count] if part[1] - part[0] >= narrowest]
        return tuple(sorted(widest))

    def _glass_width(self, parts: Sequence[Interval]) -> float:
        count = self.window_count or len(parts)
        return sum(right - left for left, right in parts) - 2 * self.frame_m * count


def share_out(parts: Sequence[Interval], count: int) -> list[int]:
    """How many of a number of windows go into each part: one at least, the others by width.

    Args:
        parts: not more than `count`.
        count: windows.
    """
    shares = [1] * len(parts)
    for _ in range(count - len(parts)):
        widths = [(right - left) / share for (left, right), share in zip(parts, shares, strict=True)]
        shares[widths.index(max(widths))] += 1
    return shares


def cut_windows(band: Band, area_m2: float, count: int, frame_m: float = 0.0) -> list[Rectangle]:
    """Cut a band into windows of one height that have an area together.

    Args:
        band: the room.
        area_m2: of all windows, without frames.
        count: how many windows.
        frame_m: width of the frame around each, left free.
    """
    height = band.top - band.bottom
    glass = band.width - 2 * frame_m * count
    shrink = area_m2 / (glass * height)  # 1 but for the last digits
    windows = []
    for (left, right), share in zip(band.parts, share_out(band.parts, count), strict=True):
        cell = (right - left) / share
        for n in range(share):
            middle = left + (n + 0.5) * cell
            half = (cell / 2 - frame_m) * shrink
            windows.append(Rectangle(middle - half, band.bottom, middle + half, band.top))
    return windows
