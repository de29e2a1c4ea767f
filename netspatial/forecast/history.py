"""Measured history and forecast steps, converted from series or panels to rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel
from netspatial.forecast.spatial_grid import alone
from netspatial.gaps import LONGEST_GAP_H, fill_gaps, long_gap, longest_gap
from netspatial.timeline import HOURS_PER_WEEK, local_steps, local_times, on_local_clock

Series = xr.DataArray | Panel
"""A history: (station, [service,] time) with a `timezone` attribute, UTC time stamps at even
steps and NaN where nothing was measured; or a `Panel`, which also holds spatial neighbours."""

LONGEST_H = HOURS_PER_WEEK
"""Maximum hours per operation run: measurements have no skill beyond a week."""
MAX_LEAD_H = 24
"""Maximum measurement delay, hours; rules and generator forecast that much further."""


@dataclass(frozen=True, eq=False)
class History:
    """A history of n stations and K services as R = n K rows, and the H steps after it.

    Rules compute on the local clock, where every day has the same number of steps: a step that the
    clock skips is unknown, a repeated one is the mean of both, and its forecast is used twice.

    Attributes
    ----------
    panel : Panel
        The history.
    horizon : int
        Number of steps H to forecast.
    by_service : bool
        Whether forecasts have a service dimension.
    """

    panel: Panel
    horizon: int
    by_service: bool

    @property
    def steps_per_day(self) -> int:
        """24 where steps are hours."""
        return self.panel.steps_per_day

    @property
    def steps_per_week(self) -> int:
        """168 where steps are hours."""
        return 7 * self.panel.steps_per_day

    @cached_property
    def measured(self) -> Floats:
        """Values (R, T), the services of a station in turn; NaN where not measured."""
        n, T, K = self.panel.values.shape
        rows: Floats = self.panel.values.transpose(0, 2, 1).reshape(n * K, T).astype(np.float64)
        return rows

    @cached_property
    def x(self) -> Floats:
        """The same on the local clock, (R, S)."""
        shown = self._steps[: len(self.panel.times)]
        return on_local_clock(self.measured, shown, int(shown.max()) + 1)

    @cached_property
    def slot(self) -> Indices:
        """Step of the week of each step of the local clock, (S,)."""
        return (self._first + np.arange(self.x.shape[1])) % self.steps_per_week

    @cached_property
    def asked(self) -> Indices:
        """Index of each forecast step in the coming steps of the local clock, (H,)."""
        # the second pass of a repeated hour is forecast as the hour after it
        coming: Indices = self._steps[len(self.panel.times) :] - self.x.shape[1]
        return np.maximum(coming, 0)

    @cached_property
    def ahead(self) -> Indices:
        """Step of the week of each coming step of the local clock, (A,)."""
        count = int(self.asked.max()) + 1
        ahead: Indices = (self._first + self.x.shape[1] + np.arange(count)) % self.steps_per_week
        return ahead

    @cached_property
    def names(self) -> list[str]:
        """Name of each row, (R,)."""
        if not self.by_service:
            return list(self.panel.ids)
        return [f"{name}/{task}" for name in self.panel.ids for task in self.panel.tasks]

    def label(
        self, values: Floats, dim: str, along: Sequence[float] | NDArray[np.integer], model: str
    ) -> xr.DataArray:
        """Forecast rows as a labelled series, never negative.

        Parameters
        ----------
        values : array (R, L, H)
            Forecast of each row.
        dim : str
            Name of the second dimension: "sample" or "quantile".
        along : sequence of float or int (L,)
            Its coordinates.
        model : str
            Name of the forecaster.

        Returns
        -------
        DataArray (station, dim, [service,] time)
        """
        n, K = len(self.panel.ids), len(self.panel.tasks)
        units = self.panel.units
        by_station = np.maximum(values, 0.0).reshape(n, K, *values.shape[1:]).swapaxes(1, 2)
        labelled = xr.DataArray(
            by_station,
            dims=("station", dim, "service", "time"),
            coords={
                "station": list(self.panel.ids),
                dim: np.asarray(along),
                "service": list(self.panel.tasks),
                "units": ("service", list(units)),
                "time": self.panel.coming(self.horizon),
            },
            name="traffic",
            attrs={
                "timezone": self.panel.timezone,
                "provenance": "generated",
                "model": model,
            },
        )
        if self.by_service:
            return labelled
        alone = labelled.isel(service=0, drop=True)
        return alone.drop_vars("units", errors="ignore").assign_attrs(units=units[0])

    def filled(self, rows: Floats) -> Floats:
        """Rows with short gaps filled.

        Parameters
        ----------
        rows : array (R, T)
            NaN where not measured.

        Returns
        -------
        array (R, T)

        Raises
        ------
        BadInput
            If a gap is longer than six hours.
        """
        longest = LONGEST_GAP_H * self.steps_per_day // 24
        x = fill_gaps(rows, longest)
        for name, row in zip(self.names, x, strict=True):
            if np.isnan(row).any():
                raise BadInput(long_gap(name, longest_gap(row) * 24 / self.steps_per_day))
        return x

    def require_measured(self) -> None:
        """Raise an error for rows without measurements.

        Raises
        ------
        BadInput
            If nothing was measured in a row.
        """
        silent = np.flatnonzero(np.isnan(self.measured).all(axis=1))
        if len(silent):
            raise BadInput(f"Nothing was measured at station '{self.names[silent[0]]}'.")

    def require_days(self, days: int, who: str) -> None:
        """Raise an error for a history of fewer days.

        Parameters
        ----------
        days : int
            Number of days needed.
        who : str
            What needs them, for the message.

        Raises
        ------
        BadInput
            If the history is shorter.
        """
        steps = len(self.panel.times)
        if steps < days * self.steps_per_day:
            raise BadInput(
                f"The history is {steps} steps long ({steps / self.steps_per_day:.1f} days); "
                f"{who} needs {days} days at least."
            )

    @cached_property
    def _local(self) -> Indices:
        """Number of each step on the local clock, measured and forecast, (T + H,)."""
        panel = self.panel
        every = pd.DatetimeIndex(panel.times.append(panel.coming(self.horizon)))
        return local_steps(every, panel.timezone, panel.steps_per_day)

    @property
    def _first(self) -> int:
        return int(self._local[0])

    @property
    def _steps(self) -> Indices:
        return self._local - self._first


def read_history(history: Series, horizon: int, samples: int = 1) -> History:
    """Return the checked history with its horizon.

    Parameters
    ----------
    history : DataArray (station, [service,] time) or Panel
        Measured traffic at even steps, NaN where not measured.
    horizon : int
        Number of steps to forecast, at least 1.
    samples : int
        Number of samples, at least 1.

    Returns
    -------
    History

    Raises
    ------
    BadInput
        If horizon or samples are below 1, or the history is not valid.
    """
    if horizon < 1:
        raise BadInput(f"The horizon is {horizon} steps; at least one is needed.")
    if samples < 1:
        raise BadInput(f"The number of samples is {samples}; at least one is needed.")
    if isinstance(history, Panel):
        return History(history, horizon, by_service=True)
    return History(from_series(history), horizon, by_service="service" in history.dims)


def from_series(series: xr.DataArray) -> Panel:
    """A series as a panel without spatial neighbours.

    Parameters
    ----------
    series : DataArray (station, [service,] time)
        UTC time stamps at even steps, with the attribute `timezone`.

    Returns
    -------
    Panel

    Raises
    ------
    BadInput
        If the dimensions differ or the values are not valid.
    """
    if set(series.dims) - {"service"} != {"station", "time"}:
        raise BadInput(
            f"The history has dimensions {tuple(map(str, series.dims))}; (station, time) or "
            "(station, service, time) is needed."
        )
    by_service = series if "service" in series.dims else series.expand_dims("service", -1)
    by_service = by_service.transpose("station", "time", "service")
    ids = tuple(map(str, by_service["station"].to_numpy()))
    named = by_service["service"].to_numpy() if "service" in series.dims else [series.name]
    tasks = tuple(str(name or "traffic") for name in named)
    default = series.attrs.get("units", "not stated")
    units = (
        by_service["units"].to_numpy() if "units" in by_service.coords else [default] * len(tasks)
    )
    return Panel(
        values=by_service.to_numpy().astype(np.float32),
        times=pd.DatetimeIndex(by_service["time"].to_numpy()),
        timezone=str(local_times(series).tz),
        ids=ids,
        tasks=tasks,
        units=tuple(map(str, units)),
        around=alone(len(ids)),
        provenance=str(series.attrs.get("provenance", "measured")),
    )
