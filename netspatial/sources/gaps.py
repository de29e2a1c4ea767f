"""Hours that lack rows: refused, taken as they are, interpolated, or left out with their station.

Under `hours`. Each rule is stated in the city's notes, and the first of such hours is named.
"""

from collections.abc import Callable

import numpy as np

from netspatial.arrays import Floats, Indices, Mask
from netspatial.errors import BadInput
from netspatial.gaps import LONGEST_GAP_H, fill_gaps

Named = Callable[[int, int], str]
Filled = tuple[Indices, Floats]
"""Numbers of stations to drop, and the values."""


def _refuse(sums: Floats, whole: Mask, named: Named) -> Filled:
    if whole.all():
        return np.empty(0, dtype=np.int64), sums
    _, station, hour = np.argwhere(~whole)[0]
    raise BadInput(
        f"{int((~whole).sum()):,} of {whole.size:,} hours lack rows, first {named(station, hour)}; "
        "give gaps=zero where no row means no traffic, gaps=interpolate, or gaps=drop to leave "
        "out stations with gaps."
    )


def _zero(sums: Floats, _whole: Mask, _named: Named) -> Filled:
    return np.empty(0, dtype=np.int64), sums


def _interpolate(sums: Floats, whole: Mask, named: Named) -> Filled:
    filled = fill_gaps(np.where(whole, sums, np.nan))
    long = np.argwhere(np.isnan(filled))
    if len(long):
        _, station, hour = long[0]
        raise BadInput(
            f"More than {LONGEST_GAP_H} hours in a row lack rows, first {named(station, hour)}; "
            "interpolation would invent a rhythm. Give gaps=drop to leave out stations with gaps."
        )
    return np.empty(0, dtype=np.int64), filled


def _drop(sums: Floats, whole: Mask, _named: Named) -> Filled:
    dropped = np.flatnonzero(~whole.all(axis=(0, 2)))
    if len(dropped) == whole.shape[1]:
        raise BadInput("Every station has hours that lack rows, so none would be left.")
    return dropped, sums


GAPS: dict[str, Callable[[Floats, Mask, Named], Filled]] = {
    "refuse": _refuse,
    "zero": _zero,
    "interpolate": _interpolate,
    "drop": _drop,
}
"""What hours without all of their rows become."""

_GAP_WORDS = {
    "zero": "were taken as they are, without rows as 0",
    "interpolate": "were interpolated linearly",
    "drop": "made us leave out their stations",
}


def gap_note(gaps: str, missing: int, size: int) -> str:
    """Say how many hours lacked rows and what became of them."""
    return f"{missing:,} of {size:,} hours lacked rows and {_GAP_WORDS[gaps]}."
