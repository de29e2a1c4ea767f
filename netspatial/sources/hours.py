"""Aggregate measurements of any regular step to hours: sums and counts per service and station.

Used by every source of traffic. Rows are added in any order and in pieces, and only the hours stay
in memory; missing and duplicate rows are handled at the end, by the given rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.sources.gaps import GAPS, Named, gap_note
from netspatial.user_files.limits import COMMAND_LINE, Limits

HOUR_S = 3600
MAX_HOURS = 24 * 366 * 5
"""Five years; a longer span is a wrong time stamp."""


@dataclass(frozen=True)
class HourRules:
    """Rules for aggregating rows to hours.

    aggregate  : 'sum' for amounts such as MB, 'mean' for rates such as Mbit/s and shares
    gaps       : rule for hours without all of their rows, a name in `GAPS`
    duplicates : 'refuse', or 'sum' where several rows of one time are parts of one station
    """

    aggregate: Literal["sum", "mean"] = "sum"
    gaps: str = "refuse"
    duplicates: Literal["refuse", "sum"] = "refuse"


class HourGrid:
    """Sums and counts per (service, station, hour), extended as rows are added.

    8 + 4 bytes for each: 10,000 stations, 2 months and 3 services take 0.54 GB.
    """

    def __init__(
        self, services: Sequence[str], timezone: str, limits: Limits = COMMAND_LINE
    ) -> None:
        self.services = list(services)
        self.limits = limits
        self.timezone = timezone
        self._stations: dict[str, int] = {}
        self._first: int | None = None
        self._shift = 0
        self._phases: set[int] = set()
        self._sums = np.zeros((len(self.services), 0, 0))
        self._counts = np.zeros((len(self.services), 0, 0), dtype=np.uint32)

    def codes(self, stations: Sequence[str]) -> Indices:
        """Return the number of each station; new stations get the next numbers."""
        known = self._stations
        return np.array([known.setdefault(name, len(known)) for name in stations], dtype=np.int64)

    def add(self, service: int, station: Indices, seconds: Indices, values: Floats) -> None:
        """Add rows (n,) of one service.

        station : as `codes` numbers them
        seconds : since 1970 UTC, begin of each measurement
        values  : NaN counts as absent
        """
        there = ~np.isnan(values)
        if not there.all():
            station, seconds, values = station[there], seconds[there], values[there]
        if not len(values):
            return
        self._check(station, values)
        hours = self._hours(seconds)
        _, rows, columns = self._sums.shape
        flat = (service * rows + station) * columns + hours - (self._first or 0)
        np.add.at(self._sums.reshape(-1), flat, values)
        np.add.at(self._counts.reshape(-1), flat, 1)

    def add_table(self, service: int, station: Indices, seconds: Indices, values: Floats) -> None:
        """Add a table of one service, all its stations at each time: as `add`, in fewer steps.

        station : as `codes` numbers them, each once, (s,)
        seconds : since 1970 UTC, begin of each measurement, (t,)
        values  : (s, t); NaN counts as absent
        """
        if not values.size:
            return
        counts = None
        if not np.isfinite(values.min()):
            there = ~np.isnan(values)
            measured = there.any(axis=0)
            if not measured.all():
                self.add_table(service, station, seconds[measured], values[:, measured])
                return
            values, counts = np.where(there, values, 0.0), there.astype(np.uint32)
        if values.min() < 0 or not np.isfinite(values.max()):
            row, column = np.argwhere((values < 0) | np.isinf(values))[0]
            self._check(station[row : row + 1], values[row, column : column + 1])
        hours = self._hours(seconds)
        if (np.diff(hours) < 0).any():
            order = np.argsort(hours, kind="stable")
            hours, values = hours[order], values[:, order]
            counts = None if counts is None else counts[:, order]
        begin = np.flatnonzero(np.diff(hours, prepend=hours[0] - 1))
        at = np.ix_(station, hours[begin] - (self._first or 0))
        self._sums[service][at] += np.add.reduceat(values, begin, axis=1)
        if counts is None:
            self._counts[service][at] += np.diff(begin, append=len(hours)).astype(np.uint32)
        else:
            self._counts[service][at] += np.add.reduceat(counts, begin, axis=1)

    def traffic(self, rules: HourRules, unit: str) -> tuple[xr.Dataset, list[str]]:
        """Return hourly traffic (station, time) of each service, and notes on the rules applied."""
        if self._first is None:
            raise BadInput("The traffic has no values.")
        stations = len(self._stations)
        counts = self._counts[:, :stations]
        if rules.duplicates == "sum":
            whole, notes = counts > 0, [f"Rows of an hour were aggregated by {rules.aggregate}."]
        else:
            steps = self._steps()
            self._refuse_duplicates(counts, steps)
            whole = counts == steps
            notes = [f"{steps} rows an hour were aggregated by {rules.aggregate}."] * (steps > 1)
        kept = np.flatnonzero(whole.any(axis=(0, 1)))
        if not len(kept):
            raise BadInput("No hour of the traffic is complete; each needs all of its rows.")
        span = slice(int(kept[0]), int(kept[-1]) + 1)
        whole = whole[:, :, span]
        sums = self._sums[:, :stations, span]
        if rules.aggregate == "mean":
            sums = sums / np.maximum(counts[:, :, span], 1)
        used = [at for at in range(len(self.services)) if whole[at].any()]
        dropped, filled = GAPS[rules.gaps](sums[used], whole[used], self._named(span))
        if len(dropped) or (~whole[used]).any():
            notes.append(gap_note(rules.gaps, int((~whole[used]).sum()), whole[used].size))
        names = np.array(list(self._stations), dtype=object)
        keep = ~np.isin(np.arange(stations), dropped)
        times = self._times(span)
        notes += _clock_notes(times, self.timezone)
        order = np.argsort(names[keep].astype(str))
        return xr.Dataset(
            {
                self.services[at]: (
                    ("station", "time"),
                    filled[row][keep][order].astype(np.float32),
                    {"units": unit},
                )
                for row, at in enumerate(used)
            },
            coords={"station": names[keep][order].astype(str), "time": times},
            attrs={"timezone": self.timezone},
        ), notes

    def _hours(self, seconds: Indices) -> Indices:
        """Return the hours of times; grow the arrays and record the minutes of the hour."""
        if self._first is None:
            # local hours begin at half past in some zones
            first = pd.DatetimeIndex([pd.Timestamp(int(seconds[0]), unit="s")])
            self._shift = int(_ahead_s(first, self.timezone)[0]) % HOUR_S
        local = seconds + self._shift
        hours = local // HOUR_S
        met = np.bincount(local - hours * HOUR_S, minlength=HOUR_S)
        self._phases |= set(np.flatnonzero(met).tolist())
        self._make_room(int(hours.min()), int(hours.max()))
        return hours

    def _check(self, station: Indices, values: Floats) -> None:
        wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
        if len(wrong):
            name = list(self._stations)[int(station[wrong[0]])]
            raise BadInput(
                f"Station '{name}' has traffic {values[wrong[0]]:g}; it must be 0 or more."
            )

    def _make_room(self, low: int, high: int) -> None:
        """Grow the arrays so that all stations and the hours low..high fit."""
        _, rows, columns = self._sums.shape
        first = low if self._first is None else min(self._first, low)
        last = high if self._first is None else max(self._first + columns - 1, high)
        if last - first >= MAX_HOURS:
            moments = [pd.Timestamp(hour * HOUR_S, unit="s") for hour in (first, last)]
            raise BadInput(
                f"The traffic runs from {moments[0]:%Y-%m-%d} to {moments[1]:%Y-%m-%d}, more than "
                "five years; check the time stamps."
            )
        need_rows = len(self._stations)
        self.limits.check(
            "traffic_values",
            len(self.services) * need_rows * (last - first + 1),
            "The traffic",
            "values (services, stations and hours)",
            "give a shorter span or fewer stations",
        )
        if (
            need_rows <= rows
            and self._first is not None
            and (first == self._first and last < self._first + columns)
        ):
            return
        more_rows = rows if need_rows <= rows else max(need_rows, rows + rows // 4)
        more = last - first + 1
        if self._first is not None and last >= self._first + columns:
            more = max(more, min(columns + columns // 4, MAX_HOURS))
        at = 0 if self._first is None else self._first - first
        for name in ("_sums", "_counts"):
            old = getattr(self, name)
            new = np.zeros((len(self.services), more_rows, more), dtype=old.dtype)
            new[:, :rows, at : at + columns] = old
            setattr(self, name, new)
        self._first = first

    def _steps(self) -> int:
        """Return the number of rows per hour; raise where time stamps have no regular step."""
        phases = np.array(sorted(self._phases))
        step = HOUR_S / len(phases)
        if not np.array_equal(phases - phases[0], np.arange(len(phases)) * step):
            raise BadInput(
                f"The time stamps have no regular step: minutes {_minutes(phases)} of the hour "
                "occur; the step must divide one hour."
            )
        return len(phases)

    def _refuse_duplicates(self, counts: NDArray[np.uint32], steps: int) -> None:
        twice = np.argwhere(counts > steps)
        if len(twice):
            _, station, hour = twice[0]
            name = list(self._stations)[station]
            raise BadInput(
                f"{len(twice):,} hours have more rows than {steps}, first of station '{name}' at "
                f"{self._times(slice(hour, hour + 1))[0]} UTC; remove the duplicates, or give "
                "duplicates=sum to add them up."
            )

    def _times(self, span: slice) -> pd.DatetimeIndex:
        first = (self._first or 0) + span.start
        seconds = np.arange(first, first + span.stop - span.start) * HOUR_S - self._shift
        return pd.DatetimeIndex(seconds.astype("datetime64[s]").astype("datetime64[ns]"))

    def _named(self, span: slice) -> Named:
        def name(station: int, hour: int) -> str:
            return f"station '{list(self._stations)[station]}' at {self._times(span)[hour]} UTC"

        return name


def _clock_notes(times: pd.DatetimeIndex, timezone: str) -> list[str]:
    """Return a note on the days of 23 or 25 hours within the traffic."""
    change = np.flatnonzero(np.diff(_ahead_s(times, timezone)))
    if not len(change):
        return []
    local = times[change].tz_localize("UTC").tz_convert(timezone)
    days = ", ".join(f"{day:%Y-%m-%d}" for day in local)
    return [
        (
            f"Hours are counted in UTC: on {days} the clock of {timezone} changes, and the day has "
            "23 or 25 hours."
        )
    ]


def _ahead_s(times: pd.DatetimeIndex, timezone: str) -> Indices:
    """Return the seconds by which the local clock is ahead of the UTC `times`."""
    local = times.tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    ahead = local.to_numpy() - times.to_numpy()
    return ahead.astype("timedelta64[s]").astype(np.int64)


def _minutes(phases: Indices) -> str:
    shown = ", ".join(f"{phase / 60:g}" for phase in phases[:5])
    return shown if len(phases) <= 5 else f"{shown}, ..."
