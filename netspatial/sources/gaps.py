"""Rules for missing and incomplete hours: refuse, zero, interpolate, or drop the station.

Used by `hours`. The rule applied is stated in the city's notes.
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
    missing = int((~whole).sum())
    raise BadInput(
        f"{missing:,} of {whole.size:,} hours {'is' if missing == 1 else 'are'} missing or "
        f"incomplete, first {named(station, hour)}; give gaps=zero where no row means no traffic, "
        "gaps=interpolate, or gaps=drop to leave out stations with gaps."
    )


def _zero(sums: Floats, _whole: Mask, _named: Named) -> Filled:
    return np.empty(0, dtype=np.int64), sums


def _interpolate(sums: Floats, whole: Mask, named: Named) -> Filled:
    filled = fill_gaps(np.where(whole, sums, np.nan))
    long = np.argwhere(np.isnan(filled))
    if len(long):
        _, station, hour = long[0]
        raise BadInput(
            f"More than {LONGEST_GAP_H} hours in a row are missing, first {named(station, hour)}; "
            "this is too long to interpolate. Give gaps=drop to leave out stations with gaps."
        )
    return np.empty(0, dtype=np.int64), filled


def _drop(sums: Floats, whole: Mask, _named: Named) -> Filled:
    dropped = np.flatnonzero(~whole.all(axis=(0, 2)))
    if len(dropped) == whole.shape[1]:
        raise BadInput("Every station has missing hours, so gaps=drop would leave no station.")
    return dropped, sums


GAPS: dict[str, Callable[[Floats, Mask, Named], Filled]] = {
    "refuse": _refuse,
    "zero": _zero,
    "interpolate": _interpolate,
    "drop": _drop,
}
"""Rules for hours without all of their rows, by name."""

_GAP_WORDS = {
    "zero": "missing rows count as 0",
    "interpolate": "they were interpolated linearly",
    "drop": "their stations were left out",
}


def gap_note(gaps: str, missing: int, size: int) -> str:
    """Return the note on missing and incomplete hours and the rule applied to them."""
    were = "was" if missing == 1 else "were"
    return f"{missing:,} of {size:,} hours {were} missing or incomplete; {_GAP_WORDS[gaps]}."
