"""Colour scales of all maps and their legends.

Plasma (dark violet, red, yellow) is perceptually uniform, keeps its order in grey print and with
colour vision deficiency, and contrasts with fields and roofs. Ratios around one are blue below and
red above a pale middle.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from plotly.colors import diverging, sequential, unlabel_rgb, validate_colors

from netspatial.arrays import Floats


def _stops(colours: list[str]) -> Floats:
    return np.array([unlabel_rgb(colour) for colour in validate_colors(colours, "rgb")])


RAMP = _stops(sequential.Plasma)
"""(stops, 3): red, green and blue, 0 to 255, at equal steps of the scale."""
RATIO_RAMP = _stops(diverging.RdBu_r)
"""The same from blue over white to red."""

UNKNOWN = (138, 143, 146)
"""Grey, for missing values."""


@dataclass(frozen=True)
class Scale:
    """A logarithmic colour scale from `low` to `high` in `unit`; values outside are clipped.

    ratio : whether the colours diverge from the middle, for ratios around one
    """

    low: float
    high: float
    unit: str
    ratio: bool = False

    @classmethod
    def over(cls, values: ArrayLike, unit: str) -> "Scale":
        """Return the scale over the middle 96 % of the positive values, without outliers."""
        known = np.asarray(values, float)
        known = known[np.isfinite(known) & (known > 0)]
        if known.size == 0:
            return cls(1.0, 10.0, unit)
        low, high = np.quantile(known, [0.02, 0.98])
        return cls(float(low), float(max(high, low * 1.01)), unit)

    @classmethod
    def around_one(cls, farthest: float, unit: str) -> "Scale":
        """Return the scale of ratios from 1/farthest to `farthest`."""
        return cls(1 / farthest, farthest, unit, ratio=True)

    def position(self, values: ArrayLike) -> Floats:
        """Return the positions of the values on the scale, 0 to 1; NaN stays NaN."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.log(np.asarray(values, float) / self.low) / np.log(self.high / self.low)
        clipped: Floats = np.clip(share, 0.0, 1.0)
        return clipped

    def colours(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Return (n, 3) red, green, blue of n values; grey for NaN."""
        share = np.atleast_1d(self.position(values))
        ramp = RATIO_RAMP if self.ratio else RAMP
        stops = np.linspace(0.0, 1.0, len(ramp))
        rgb = np.stack([np.interp(share, stops, ramp[:, band]) for band in range(3)], axis=-1)
        rgb[np.isnan(share)] = UNKNOWN
        return np.rint(rgb).astype(np.uint8)

    def ticks(self) -> list[float]:
        """Return round numbers on the scale: 1, 2, 5 per decade, even steps on a short scale."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for steps in ("125", "123468"):
            ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            if len(ticks) > 3:
                return ticks
        rough = (self.high - self.low) / 5
        step = 10.0 ** math.floor(math.log10(rough))
        step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        ticks = [float(f"{number * step:.6g}") for number in range(first, last + 1)]
        return [tick for tick in ticks if self.low <= tick <= self.high]

    def gradient(self, steps: int = 16) -> str:
        """Return the scale as a CSS gradient from left to right."""
        values = self.low * (self.high / self.low) ** np.linspace(0.0, 1.0, steps)
        return f"linear-gradient(to right, {', '.join(map(css, self.colours(values)))})"


def css(rgb: Iterable[int]) -> str:
    """Return a colour as a CSS string."""
    return f"rgb({', '.join(str(int(band)) for band in rgb)})"
