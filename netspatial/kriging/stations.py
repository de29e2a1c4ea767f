"""Measured stations as kriging reads them: level, shape and scatter, whatever their history.

Series may have gaps and different lengths. A station needs a measured hour for its level, every
hour of the week for its shape and two weeks for its scatter.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from netspatial.arrays import AnyFloats, Floats, Indices, Mask
from netspatial.errors import BadInput
from netspatial.kriging.kernels import Places
from netspatial.kriging.series import (
    EPSILON,
    MIN_SCATTER,
    Moments,
    known_weekly_mean,
)
from netspatial.timeline import HOURS_PER_WEEK

USUAL_WEEKLY_VARIANCE = 0.02
"""Variance of a station's log mean from week to week, where no station has two weeks."""
MIN_HOURS = 24
"""Measured hours below which a station says nothing."""
MAX_FROM_MIDDLE_M = 100_000.0
UNIT_FACTOR = 100.0
"""A station this many times above or below all others like it is in another unit."""


@dataclass(frozen=True)
class MeasuredStations:
    """What was measured at n stations.

    Attributes
    ----------
    ids : tuple of str, (n,)
        Station ids.
    places : Places
        The n places.
    zero_shot : Moments
        What the model alone expects there.
    level : ndarray of float64, (n,)
        Log mean traffic.
    level_error : ndarray of float64, (n,)
        Variance of its measurement.
    shape : ndarray of float64, (n, 168)
        Log weekly shape, NaN where a part of the week was not measured.
    scatter : ndarray of float64, (n,)
        Log deviation of the log residual, NaN below two weeks.
    unit : str
        Unit of the traffic.
    notes : tuple of str
        What was left out and why.
    """

    ids: tuple[str, ...]
    places: Places
    zero_shot: Moments
    level: Floats
    level_error: Floats
    shape: Floats
    scatter: Floats
    unit: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of stations."""
        return len(self.ids)

    @cached_property
    def with_shape(self) -> Indices:
        """Rows of the stations whose whole week was measured."""
        return np.flatnonzero(np.isfinite(self.shape).all(axis=1))

    @cached_property
    def with_scatter(self) -> Indices:
        """Rows of the stations that were measured for two weeks or more."""
        return np.flatnonzero(np.isfinite(self.scatter))

    def take(self, rows: Indices) -> "MeasuredStations":
        """Return some stations.

        Parameters
        ----------
        rows : ndarray of int
            Rows to return.

        Returns
        -------
        MeasuredStations
            These stations.
        """
        return MeasuredStations(
            tuple(self.ids[row] for row in rows),
            self.places.take(rows),
            self.zero_shot.take(rows),
            self.level[rows],
            self.level_error[rows],
            self.shape[rows],
            self.scatter[rows],
            self.unit,
            self.notes,
        )


def measured_stations(
    ids: tuple[str, ...],
    places: Places,
    zero_shot: Moments,
    x: AnyFloats,
    hours: Indices,
    unit: str,
) -> MeasuredStations:
    """Summarise series x (n, T) with NaN along hours of the week (T,).

    Stations that were measured for less than a day or carried nothing are left out, with a note.

    Parameters
    ----------
    ids : tuple of str, (n,)
        Station ids.
    places : Places
        The n places.
    zero_shot : Moments
        What the model alone expects there.
    x : ndarray of float, (n, T)
        Hourly traffic in `unit`, NaN where nothing was measured.
    hours : ndarray of int, (T,)
        Hour of the week.
    unit : str
        Unit of `x`.

    Returns
    -------
    MeasuredStations
        The usable stations.

    Raises
    ------
    BadInput
        If some traffic is negative.
    """
    series: Floats = np.asarray(x, dtype=np.float64)
    if (series < 0).any():
        first = int(np.argwhere((series < 0).any(axis=1))[0, 0])
        raise BadInput(f"Station '{ids[first]}' has negative traffic; it must be zero or more.")
    known: Mask = np.isfinite(series)
    counts = known.sum(axis=1)
    total = np.where(known, series, 0.0).sum(axis=1)
    short, idle = counts < MIN_HOURS, (total <= 0) & (counts >= MIN_HOURS)
    kept = np.flatnonzero(~short & ~idle)
    notes = [
        f"{int(left.sum())} stations {why} and are not used."
        for left, why in (
            (short, f"have fewer than {MIN_HOURS} measured hours"),
            (idle, "carried no traffic"),
        )
        if left.any()
    ]
    series, known = series[kept], known[kept]
    week, seen = known_weekly_mean(series, hours)
    whole: Mask = np.asarray(seen.all(axis=1))
    typical = _typical_week(week, whole)
    level = np.log(_mean_level(series, known, week, whole, typical, hours))
    mean = np.exp(level)[:, None]
    shape = np.where(whole[:, None], np.log(week / mean + EPSILON), np.nan)
    weeks = counts[kept] / HOURS_PER_WEEK
    return MeasuredStations(
        tuple(ids[row] for row in kept),
        places.take(kept),
        zero_shot.take(kept),
        level,
        _weekly_variance(series, weeks) / np.maximum(weeks, 1 / 7),
        shape,
        _scatter(series / mean, week / mean, hours, whole & (weeks >= 2)),
        unit,
        tuple(notes),
    )


def without_far(stations: MeasuredStations) -> MeasuredStations:
    """Leave out stations that are so far from the middle of all that they are in another city."""
    middle = np.median(stations.places.xy, axis=0)
    metres = np.hypot(*(stations.places.xy - middle).T)
    far = metres > MAX_FROM_MIDDLE_M
    if not far.any():
        return stations
    worst = int(metres.argmax())
    note = (
        f"{int(far.sum())} stations are over {MAX_FROM_MIDDLE_M / 1000:.0f} km from the middle of "
        f"all, '{stations.ids[worst]}' {metres[worst] / 1000:,.0f} km, as in another city; they "
        "are not used."
    )
    kept = stations.take(np.flatnonzero(~far))
    return replace(kept, notes=(*stations.notes, note))


def about_the_mean(stations: MeasuredStations) -> MeasuredStations:
    """Return the stations beside the mean of all of them instead of a generator's expectation.

    Only what a station's level is measured worse than the best one's stays its error: the rest
    befalls the traffic of any place over as many weeks.
    """
    n, level = len(stations), stations.level
    shape, scatter = stations.shape[stations.with_shape], stations.scatter[stations.with_scatter]
    mean_shape = shape.mean(axis=0) if len(shape) else np.full(HOURS_PER_WEEK, np.log(1 + EPSILON))
    own = Moments(
        np.full(n, level.mean()),
        np.full(n, level.std() if n > 1 else 1.0),
        np.tile(mean_shape, (n, 1)),
        np.full(n, scatter.mean() if len(scatter) else np.log(MIN_SCATTER)),
    )
    return replace(
        stations, zero_shot=own, level_error=stations.level_error - stations.level_error.min()
    )


def _typical_week(week: Floats, whole: Mask) -> Floats:
    """Mean weekly shape (168,) of the stations whose week is whole; flat where there is none."""
    if not whole.any():
        return np.ones(HOURS_PER_WEEK)
    shares = week[whole] / week[whole].mean(axis=1, keepdims=True)
    typical: Floats = np.maximum(shares.mean(axis=0), EPSILON)
    return typical


def _mean_level(
    x: Floats, known: Mask, week: Floats, whole: Mask, typical: Floats, hours: Indices
) -> Floats:
    """Mean traffic (n,): of the mean week, or of the measured hours over what is typical there."""
    typical_sum = (known * typical[hours]).sum(axis=1)
    ratio = np.where(known, x, 0.0).sum(axis=1) / typical_sum
    level: Floats = np.maximum(np.where(whole, week.mean(axis=1), ratio), 1e-12)
    return level


def _weekly_variance(x: Floats, weeks: Floats) -> float:
    """Median over stations of the variance of the log weekly mean."""
    count = x.shape[1] // HOURS_PER_WEEK
    long = weeks >= 2
    if count < 2 or not long.any():
        return USUAL_WEEKLY_VARIANCE
    by_week = x[long, : count * HOURS_PER_WEEK].reshape(-1, count, HOURS_PER_WEEK)
    known = np.isfinite(by_week).mean(axis=2) > 0.5
    sums = np.where(np.isfinite(by_week), by_week, 0.0).sum(axis=2)
    means = sums / np.maximum(np.isfinite(by_week).sum(axis=2), 1)
    logs = np.where(known & (means > 0), np.log(np.maximum(means, 1e-12)), np.nan)
    enough = np.isfinite(logs).sum(axis=1) >= 2
    if not enough.any():
        return USUAL_WEEKLY_VARIANCE
    return float(np.median(np.nanvar(logs[enough], axis=1, ddof=1)))


def _scatter(share: Floats, week: Floats, hours: Indices, enough: Mask) -> Floats:
    """Log deviation of the log ratio to the mean week, (n,); NaN where not `enough`."""
    found = np.full(len(share), np.nan)
    if enough.any():
        residual = np.log(share[enough] + EPSILON) - np.log(week[enough][:, hours] + EPSILON)
        found[enough] = np.log(np.maximum(np.nanstd(residual, axis=1), MIN_SCATTER))
    return found
