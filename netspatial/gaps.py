"""Fill short gaps of measured series: by interpolation, or causally with the last value."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from netspatial.arrays import AnyFloats, Indices, Mask

Float = TypeVar("Float", bound=np.floating)

LONGEST_GAP_H = 6
"""The longest gap that is filled, in hours; longer ones would hide the daily profile."""


def fill_gaps(series: NDArray[Float], longest: int = LONGEST_GAP_H) -> NDArray[Float]:
    """Fill gaps of up to `longest` steps of series (..., T); longer ones stay NaN.

    Between two measured values linearly; before the first and after the last with that value.
    """
    return _filled(series, longest, np.interp)


def hold_gaps(series: NDArray[Float], longest: int = LONGEST_GAP_H) -> NDArray[Float]:
    """Fill the same gaps with the last value before each, without use of later values.

    For decisions made hour by hour: interpolation would use values after the gap. Hours before the
    first measured value get that value.
    """
    return _filled(series, longest, _held)


def _held(at: Indices, known: Indices, values: AnyFloats) -> AnyFloats:
    """The last of the known values at or before each position; the first before all."""
    held: AnyFloats = values[np.maximum(np.searchsorted(known, at, side="right") - 1, 0)]
    return held


def _filled(series: NDArray[Float], longest: int, fill: Callable[..., AnyFloats]) -> NDArray[Float]:
    filled = np.ascontiguousarray(series).copy()
    for row in filled.reshape(-1, series.shape[-1]):
        missing = ~np.isfinite(row)
        if not missing.any() or missing.all():
            continue
        short = missing & (_run_lengths(missing) <= longest)
        at = np.arange(len(row))
        row[short] = fill(at[short], at[~missing], row[~missing])
    return filled


def longest_gap(series: AnyFloats) -> int:
    """Steps of the longest gap in series (..., T)."""
    rows = ~np.isfinite(series).reshape(-1, series.shape[-1])
    return max((int(_run_lengths(row).max(initial=0)) for row in rows if row.any()), default=0)


def long_gap(name: str, hours: float) -> str:
    """Return the error message for a history with a gap too long to be filled."""
    return (
        f"The history of station '{name}' has a gap of {hours:g} hours; gaps of up to "
        f"{LONGEST_GAP_H} hours are filled, longer ones must be filled or the station left out."
    )


def _run_lengths(flags: Mask) -> Indices:
    """Length of the run of True that each position (T,) lies in, 0 where False."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    begins, ends = edges[::2], edges[1::2]
    lengths = np.zeros(len(flags), dtype=np.int64)
    lengths[flags] = np.repeat(ends - begins, ends - begins)
    return lengths
