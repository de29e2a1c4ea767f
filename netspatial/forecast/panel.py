"""Measured history of several tasks at many places: the input of every forecast.

Tasks are services such as calls, messages and data, or traffic and users. Missing values stay NaN;
networks read a mask. Built from a city, a grid or a long table, with checks of the input.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from netspatial.arrays import AnyFloats, Floats32, Indices
from netspatial.city.city import City
from netspatial.errors import BadInput
from netspatial.forecast.spatial_grid import SIDE, alone, around_stations, on_grid
from netspatial.timeline import timezone_named

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Panel:
    """History of K tasks at n places over T even steps.

    Attributes
    ----------
    values : array (n, T, K) of float32
        Zero or more, in the unit of each task; NaN where not measured.
    times : DatetimeIndex (T,)
        Time stamps, UTC without a zone.
    timezone : str
        Of the local clock.
    ids : tuple of str
        Ids of the places.
    tasks : tuple of str
        Names of the tasks.
    units : tuple of str
        Unit of each task.
    around : array (n, s, s) of int
        The place at each position of the square around each place, itself in the middle, -1 where
        there is none; rows go north, or down a grid.
    provenance : str
        measured, simulated or generated.

    Raises
    ------
    BadInput
        If shapes differ, steps are not even, a value is negative or infinite, or a task has no
        measurement.
    """

    values: Floats32
    times: pd.DatetimeIndex
    timezone: str
    ids: tuple[str, ...]
    tasks: tuple[str, ...]
    units: tuple[str, ...]
    around: Indices
    provenance: str = "measured"

    def __post_init__(self) -> None:
        """Raise an error for inconsistent or invalid data."""
        if self.values.shape != (len(self.ids), len(self.times), len(self.tasks)):
            raise BadInput(
                f"The history has shape {self.values.shape}; {len(self.ids)} places, "
                f"{len(self.times)} steps and {len(self.tasks)} tasks are needed."
            )
        if len(self.units) != len(self.tasks) or len(self.around) != len(self.ids):
            raise BadInput(
                "A history needs one unit per task and one square of neighbours per place."
            )
        _check_steps(self.times)
        timezone_named(self.timezone)
        self._check_values()

    @property
    def step(self) -> pd.Timedelta:
        """Time from one step to the next."""
        return pd.Timedelta(self.times[1] - self.times[0])

    @property
    def steps_per_day(self) -> int:
        """Steps per day: 24 for hours, 144 for ten minutes."""
        return DAY // self.step

    @property
    def side(self) -> int:
        """Side length of the square around each place, in places."""
        side: int = self.around.shape[1]
        return side

    def span(self, first: int = 0, last: int | None = None) -> "Panel":
        """Panel of the steps from `first` up to but excluding `last`.

        Parameters
        ----------
        first : int
            Index of the first step.
        last : int, optional
            Index after the last step; by default the end.

        Returns
        -------
        Panel
        """
        return replace(self, values=self.values[:, first:last], times=self.times[first:last])

    def followed_by(self, values: Floats32) -> "Panel":
        """Panel with further steps appended.

        Parameters
        ----------
        values : array (n, t, K)
            Values of the steps after the last.

        Returns
        -------
        Panel
        """
        return replace(
            self,
            values=np.concatenate([self.values, values], axis=1),
            times=pd.DatetimeIndex(self.times.append(self.coming(values.shape[1]))),
        )

    def take(self, places: Indices) -> "Panel":
        """Panel of these places only; removed places are no neighbours any more.

        Parameters
        ----------
        places : array of int
            Indices of the places.

        Returns
        -------
        Panel
        """
        number = np.full(len(self.ids) + 1, -1, dtype=np.int64)  # the last stands for holes
        number[places] = np.arange(len(places))
        return replace(
            self,
            values=self.values[places],
            ids=tuple(self.ids[place] for place in places),
            around=number[self.around[places]],
        )

    def with_tasks(self, names: Sequence[str]) -> "Panel":
        """Panel of these tasks only, in this order.

        Parameters
        ----------
        names : sequence of str
            Names of the tasks.

        Returns
        -------
        Panel

        Raises
        ------
        BadInput
            If there is no such task.
        """
        for name in names:
            if name not in self.tasks:
                raise BadInput(f"There is no task '{name}'; there are {', '.join(self.tasks)}.")
        at = [self.tasks.index(name) for name in names]
        return replace(
            self,
            values=np.ascontiguousarray(self.values[:, :, at]),
            tasks=tuple(names),
            units=tuple(self.units[task] for task in at),
        )

    def coming(self, steps: int) -> pd.DatetimeIndex:
        """Time stamps of the steps after the last.

        Parameters
        ----------
        steps : int
            Number of steps.

        Returns
        -------
        DatetimeIndex (steps,)
            UTC without a zone.
        """
        return pd.date_range(self.times[-1] + self.step, periods=steps, freq=self.step)

    def _check_values(self) -> None:
        wrong = np.argwhere((self.values < 0) | np.isinf(self.values))
        if len(wrong):
            place, time, task = wrong[0]
            raise BadInput(
                f"'{self.tasks[task]}' of place '{self.ids[place]}' is "
                f"{self.values[place, time, task]:g} at {self.times[time]}; values must be finite "
                "and at least 0, or missing."
            )
        for task, name in enumerate(self.tasks):
            if np.isnan(self.values[:, :, task]).all():
                raise BadInput(
                    f"The task '{name}' has no measurement between {self.times[0]} and "
                    f"{self.times[-1]}; leave it out or give a history with values."
                )


def from_city(city: City, services: Sequence[str], side: int = SIDE) -> Panel:
    """Panel of these services at the stations of a city; missing hours are NaN.

    Parameters
    ----------
    city : City
        With measured traffic; without station positions there are no neighbours.
    services : sequence of str
        Services of the city's traffic.
    side : int
        Side length of the square of neighbours, odd.

    Returns
    -------
    Panel

    Raises
    ------
    BadInput
        If the time stamps are not at even steps, or a station has traffic but no position.
    """
    series = city.measured(*services)
    times = pd.DatetimeIndex(series["time"].to_numpy())
    hours = pd.date_range(times[0], times[-1], freq=_smallest_step(times))
    values = np.stack([series[name].to_numpy() for name in services], axis=2)
    ids = tuple(map(str, series["station"].to_numpy()))
    return Panel(
        values=_on_grid_of(values, times, hours),
        times=hours,
        timezone=city.record.timezone,
        ids=ids,
        tasks=tuple(services),
        units=tuple(city.record.units.get(name, "") for name in services),
        around=_city_squares(city, ids, side),
        provenance=str(city.record.provenance),
    )


def from_grid(
    values: AnyFloats,
    row: Indices,
    col: Indices,
    times: pd.DatetimeIndex,
    timezone: str,
    tasks: Sequence[str],
    units: Sequence[str] | None = None,
    ids: Sequence[str] | None = None,
    side: int = SIDE,
    provenance: str = "measured",
) -> Panel:
    """Panel of the cells of a grid, which may have holes.

    Parameters
    ----------
    values : array (n, T, K)
        Zero or more, NaN where not measured.
    row : array (n,) of int
        Row of each cell.
    col : array (n,) of int
        Column of each cell.
    times : DatetimeIndex (T,)
        Time stamps, UTC without a zone.
    timezone : str
        Of the local clock.
    tasks : sequence of str
        Names of the K tasks.
    units : sequence of str, optional
        Unit of each task; by default empty.
    ids : sequence of str, optional
        Ids of the cells; by default from row and column.
    side : int
        Side length of the square of neighbours, odd.
    provenance : str
        measured, simulated or generated.

    Returns
    -------
    Panel

    Raises
    ------
    BadInput
        If the sizes differ, two cells have the same position, or the values are not valid.

    Examples
    --------
    >>> hours = pd.date_range("2024-01-01", periods=2, freq="h")
    >>> cells = np.array([0, 0]), np.array([0, 1])
    >>> panel = from_grid(np.ones((2, 2, 1)), *cells, hours, "UTC", ["data"], side=3)
    >>> panel.ids, panel.around[0].tolist()
    (('r0c0', 'r0c1'), [[-1, -1, -1], [-1, 0, 1], [-1, -1, -1]])
    """
    if not len(row) == len(col) == len(values):
        raise BadInput(f"{len(values)} cells have {len(row)} row and {len(col)} column indices.")
    row, col = np.asarray(row, dtype=np.int64), np.asarray(col, dtype=np.int64)
    return Panel(
        values=np.asarray(values, dtype=np.float32),
        times=times,
        timezone=timezone,
        ids=tuple(ids or (f"r{r}c{c}" for r, c in zip(row, col, strict=True))),
        tasks=tuple(tasks),
        units=tuple(units or [""] * len(tasks)),
        around=on_grid(row, col, side),
        provenance=provenance,
    )


def _city_squares(city: City, ids: Sequence[str], side: int) -> Indices:
    if not city.has("stations"):
        return alone(len(ids), side)
    stations = city.stations.set_index(city.stations["station_id"].astype(str))
    unknown = [name for name in ids if name not in stations.index]
    if unknown:
        raise BadInput(f"The station '{unknown[0]}' has traffic but no position.")
    points = stations.loc[list(ids)].to_crs(city.crs).geometry
    return around_stations(np.column_stack([points.x, points.y]), side)


def _on_grid_of(values: AnyFloats, times: pd.DatetimeIndex, steps: pd.DatetimeIndex) -> Floats32:
    """Values (n, t, K) on even steps; missing steps are NaN."""
    spread = np.full((len(values), len(steps), values.shape[2]), np.nan, dtype=np.float32)
    at = steps.get_indexer(times)
    if (at < 0).any():
        raise BadInput(
            f"The time stamp {times[np.flatnonzero(at < 0)[0]]} is not on the grid of "
            f"{steps[1] - steps[0]} steps from {steps[0]}; use even steps."
        )
    spread[:, at] = values
    return spread


def _smallest_step(times: pd.DatetimeIndex) -> pd.Timedelta:
    if len(times) < 2:
        raise BadInput("A history needs at least two time stamps.")
    return pd.Timedelta(np.diff(times.to_numpy()).min())


def _check_steps(times: pd.DatetimeIndex) -> None:
    if len(times) < 2:
        raise BadInput("A history needs at least two time stamps.")
    if times.tz is not None:
        raise BadInput("Time stamps of a history must be UTC without a time zone.")
    steps = np.diff(times.to_numpy())
    step = pd.Timedelta(steps[0])
    if (steps != steps[0]).any() or step <= pd.Timedelta(0):
        raise BadInput(f"The time stamps from {times[0]} on are not at even steps.")
    if DAY % step != pd.Timedelta(0):
        raise BadInput(f"A step of {step} does not divide a day; use e.g. an hour or ten minutes.")
