"""Parse time stamps to seconds in UTC, also on days of 23 and 25 hours.

Used by the sources of traffic. A stamp without an offset is read on the given clock. When a clock
is put back, one hour occurs twice; the order of rows then decides.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from netspatial.arrays import Indices, Mask
from netspatial.errors import BadInput
from netspatial.timeline import timezone_named

NOWHERE = np.iinfo(np.int64).min
"""Value for a time that does not exist on the clock."""

MAX_KEPT = 200_000
"""Maximum number of parsed stamps in the cache: four years of ten minutes."""

_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


@dataclass
class Clock:
    """Parses stamps on one clock, and keeps the state of doubled hours.

    zone    : IANA name of the clock of stamps without an offset
    pattern : strptime pattern of the stamps, None for ISO 8601 or seconds or ms since 1970
    """

    zone: str
    pattern: str | None = None
    _kind: str | None = None
    _met: Counter[Hashable] = field(default_factory=Counter)
    _read: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise where the zone is unknown."""
        timezone_named(self.zone)

    def seconds(self, stamps: Sequence[str], of: Indices, keys: Sequence[Indices]) -> Indices:
        """Return seconds since 1970 UTC of each row, `NOWHERE` for times that do not exist.

        stamps : the distinct stamps as written
        of     : index of each row's stamp, (n,)
        keys   : other keys of a row (station, service), each (n,); two rows of the same keys
            and stamp in a doubled hour are its first and its second occurrence
        """
        moments, doubled = self._known(stamps)
        rows = moments[of]
        for row in np.flatnonzero(doubled[of]):
            key = (stamps[of[row]], *(int(column[row]) for column in keys))
            if self._met[key]:
                rows[row] += self._later(int(rows[row]))
            self._met[key] += 1
        return rows

    def _known(self, stamps: Sequence[str]) -> tuple[Indices, Mask]:
        """As `_moments`, with a cache of stamps parsed before."""
        new = [stamp for stamp in stamps if stamp not in self._read]
        if len(self._read) + len(new) > MAX_KEPT:
            self._read.clear()
            new = list(stamps)
        if new:
            moments, doubled = self._moments(new)
            self._read.update(
                zip(new, zip(moments.tolist(), doubled.tolist(), strict=True), strict=True)
            )
        known = [self._read[stamp] for stamp in stamps]
        return (
            np.array([moment for moment, _ in known], dtype=np.int64),
            np.array([twice for _, twice in known], dtype=bool),
        )

    def _moments(self, stamps: Sequence[str]) -> tuple[Indices, Mask]:
        """Return seconds of distinct stamps and whether the clock shows them twice."""
        doubled = np.zeros(len(stamps), dtype=bool)
        kinds = {_kind(stamp) for stamp in stamps} | ({self._kind} if self._kind else set())
        if len(kinds) > 1 and self.pattern is None:
            examples = {_kind(stamp): stamp for stamp in stamps}
            raise BadInput(
                f"Some time stamps have an offset from UTC and others do not, such as "
                f"'{next(iter(examples.values()))}'; write all of them the same way."
            )
        self._kind = next(iter(kinds), None)
        if self._kind == "epoch" and self.pattern is None:
            numbers = np.array([int(stamp[:10]) for stamp in stamps], dtype=np.int64)
            return numbers, doubled
        parsed = self._parsed(stamps)
        if parsed.tz is not None:
            return _to_seconds(parsed.tz_convert("UTC").tz_localize(None)), doubled
        first = parsed.tz_localize(
            self.zone, ambiguous=np.ones(len(parsed), bool), nonexistent="NaT"
        )
        second = parsed.tz_localize(
            self.zone, ambiguous=np.zeros(len(parsed), bool), nonexistent="NaT"
        )
        never = np.asarray(first.isna())
        early = _to_seconds(first.tz_convert("UTC").tz_localize(None))
        late = _to_seconds(second.tz_convert("UTC").tz_localize(None))
        return np.where(never, NOWHERE, early), (early != late) & ~never

    def _parsed(self, stamps: Sequence[str]) -> pd.DatetimeIndex:
        aware = self._kind == "offset" and self.pattern is None
        try:
            return pd.DatetimeIndex(
                pd.to_datetime(pd.Index(stamps), format=self.pattern or "ISO8601", utc=aware)
            )
        except (ValueError, TypeError) as error:
            bad = next((stamp for stamp in stamps if not self._reads(stamp)), stamps[0])
            raise BadInput(
                f"'{bad}' is not a time stamp of ISO 8601 (2024-03-31T13:00 or "
                "2024-03-31T13:00+02:00); give another pattern with format=, such as "
                "%d.%m.%Y %H:%M."
            ) from error

    def _reads(self, stamp: str) -> bool:
        try:
            pd.to_datetime(stamp, format=self.pattern or "ISO8601")
        except (ValueError, TypeError):
            return False
        return True

    def _later(self, seconds: int) -> int:
        """Return the seconds by which the clock is put back around this moment."""
        moment = pd.Timestamp(seconds, unit="s", tz="UTC").tz_convert(self.zone)
        naive = moment.tz_localize(None)
        return int(naive.tz_localize(self.zone, ambiguous=False).timestamp()) - seconds


def _kind(stamp: str) -> str:
    if _EPOCH.fullmatch(stamp):
        return "epoch"
    return "offset" if _OFFSET.search(stamp) and len(stamp) > 10 else "naive"


def _to_seconds(times: pd.DatetimeIndex) -> Indices:
    return times.to_numpy().astype("datetime64[s]").astype(np.int64)
