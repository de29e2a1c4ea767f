"""Import of histories and export of forecasts as long tables: place, time, task, value."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats32, Indices
from netspatial.disk import atomic_file
from netspatial.errors import BadInput, reason
from netspatial.forecast.forecaster import LEVELS, Forecaster
from netspatial.forecast.panel import Panel
from netspatial.forecast.spatial_grid import SIDE, alone, around_stations
from netspatial.geoparquet import read_frame

COLUMNS = ("place", "time", "task", "value")
POSITION = ("x", "y")
MAX_VALUES = 200_000_000
"""Maximum number of steps times places times tasks, which are held in memory."""


def from_table(
    table: pd.DataFrame,
    timezone: str = "UTC",
    side: int = SIDE,
    asked: Sequence[str] | None = None,
) -> Panel:
    """Panel from a long table with the columns place, time, task, value.

    Times carry their offset or are UTC. Optional columns x and y are positions in metres and define
    spatial neighbours. Missing rows are not measured; an optional column `unit` is the unit of a
    task.

    Parameters
    ----------
    table : DataFrame
        One row for each place, time and task.
    timezone : str
        Of the local clock.
    side : int
        Side length of the square of neighbours, odd.
    asked : sequence of str, optional
        Tasks to read, in this order; by default all.

    Returns
    -------
    Panel

    Raises
    ------
    BadInput
        If a column or task is missing, times are not at even steps, a row occurs twice, or a value
        is no number or negative.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "place": "a",
    ...     "time": pd.date_range("2024-01-01", periods=3, freq="h"),
    ...     "task": "data",
    ...     "value": [1.0, 2.0, 3.0],
    ... })
    >>> from_table(table).values[0, :, 0].tolist()
    [1.0, 2.0, 3.0]
    """
    for column in COLUMNS:
        if column not in table.columns:
            raise BadInput(
                f"The table has no column '{column}'; it needs {', '.join(COLUMNS)} and has "
                f"{', '.join(map(str, table.columns))}."
            )
    if not len(table):
        raise BadInput("The table has no rows.")
    if asked is not None:
        table = _asked(table, asked)
    time, value = _times(table["time"]), _numbers(table["value"])
    place, ids = pd.factorize(table["place"].astype(str), sort=True)
    task, tasks = pd.factorize(table["task"].astype(str))
    times = _even_steps(time, task, list(tasks))
    if len(ids) * len(times) * len(tasks) > MAX_VALUES:
        raise BadInput(
            f"The table spans {len(times):,} steps of {len(ids):,} places, more than "
            f"{MAX_VALUES:,} values; check its times."
        )
    step = times.get_indexer(time)
    _refuse_duplicates(table, place, step, task)
    values = np.full((len(ids), len(times), len(tasks)), np.nan, dtype=np.float32)
    values[place, step, task] = value
    return Panel(
        values=values,
        times=times,
        timezone=timezone,
        ids=tuple(map(str, ids)),
        tasks=tuple(map(str, tasks)),
        units=_units(table, list(tasks)),
        around=_squares(table, place, list(ids), side),
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a long table from a Parquet or CSV file.

    Parameters
    ----------
    path : Path
        A file with the suffix .parquet, or a CSV.

    Returns
    -------
    DataFrame

    Raises
    ------
    BadInput
        If there is no such file, or it is not a table.
    """
    if not path.is_file():
        raise BadInput(f"There is no file '{path}'.")
    if path.suffix == ".parquet":
        return read_frame(path)
    try:
        return pd.read_csv(path.absolute())
    except (ValueError, OSError, EOFError, OverflowError, zlib.error) as error:
        raise BadInput(
            f"'{path}' is not a table that can be read ({reason(error)}); give Parquet or CSV with "
            f"the columns {', '.join(COLUMNS)}."
        ) from error


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV if the path ends in .csv, else as Parquet.

    Parameters
    ----------
    table : DataFrame
        Any table.
    path : Path
        File to write; written whole or not at all.
    """
    with atomic_file(path) as draft:
        if path.suffix == ".csv":
            table.to_csv(draft, index=False)
        else:
            table.to_parquet(draft, index=False)


def predict_df(
    forecaster: Forecaster,
    table: pd.DataFrame,
    horizon: int,
    timezone: str = "UTC",
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Forecast of a long table of place, time, task, value, in the form of `to_table`.

    Parameters
    ----------
    forecaster : Forecaster
        Any forecaster; one with fixed tasks reads only those.
    table : DataFrame
        As in `from_table`.
    horizon : int
        Number of steps to forecast.
    timezone : str
        Of the local clock.
    levels : sequence of float
        Quantile levels.

    Returns
    -------
    DataFrame
        One row for each place, time and task.

    Raises
    ------
    BadInput
        If the table or the horizon is not valid.

    Examples
    --------
    >>> from netspatial.forecast import forecaster_named
    >>> table = pd.DataFrame({
    ...     "place": "a",
    ...     "time": pd.date_range("2024-01-01", periods=48, freq="h"),
    ...     "task": "data",
    ...     "value": np.tile(np.arange(24.0), 2),
    ... })
    >>> found = predict_df(forecaster_named("seasonal-naive"), table, 2, levels=(0.1, 0.5))
    >>> list(found.columns), found["forecast"].tolist()
    (['place', 'time', 'task', 'unit', 'forecast', 'q0.1', 'q0.5'], [0.0, 1.0])
    """
    panel = from_table(table, timezone, asked=getattr(forecaster, "tasks", None))
    return to_table(forecaster.predict_quantiles(panel, horizon, levels))


def to_table(quantiles: xr.DataArray) -> pd.DataFrame:
    """Table of quantiles, one row for each place, time and task.

    Parameters
    ----------
    quantiles : DataArray (station, quantile, service, time)
        Of `Forecaster.predict_quantiles` for a panel.

    Returns
    -------
    DataFrame
        Columns `place`, `time` (UTC), `task`, `unit`; `forecast`, the median, if it is among the
        levels; and the quantiles `q0.05` and so on, in the unit of the task.
    """
    rows = quantiles.transpose("station", "time", "service", "quantile")
    n, H, K, _ = rows.shape
    values = rows.to_numpy()
    table = pd.DataFrame(
        {
            "place": np.repeat(rows["station"].to_numpy(), H * K),
            "time": np.tile(np.repeat(rows["time"].to_numpy(), K), n),
            "task": np.tile(rows["service"].to_numpy(), n * H),
            "unit": np.tile(rows["units"].to_numpy(), n * H),
        }
    )
    table["time"] = table["time"].dt.tz_localize("UTC")
    levels = rows["quantile"].to_numpy().tolist()
    if 0.5 in levels:
        table["forecast"] = values[..., levels.index(0.5)].ravel()
    for at, level in enumerate(levels):
        table[f"q{level:g}"] = values[..., at].ravel()
    return table


def _asked(table: pd.DataFrame, tasks: Sequence[str]) -> pd.DataFrame:
    """The rows of these tasks, in their order."""
    name = table["task"].astype(str)
    for task in tasks:
        if not (name == task).any():
            there = ", ".join(sorted(name.unique()))
            raise BadInput(f"The table has no task '{task}'; it has {there}.")
    kept = table[name.isin(list(tasks))]
    order = {task: number for number, task in enumerate(tasks)}
    return kept.sort_values("task", key=lambda column: column.astype(str).map(order), kind="stable")


def _times(column: pd.Series) -> pd.DatetimeIndex:
    try:
        read = pd.to_datetime(column, utc=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(
            f"The column 'time' holds a value that is not a time: {reason(error)}."
        ) from error
    if read.isna().any():
        raise BadInput(f"Row {int(np.flatnonzero(read.isna())[0])} of the table has no time.")
    return pd.DatetimeIndex(read).tz_localize(None).as_unit("ns")


def _numbers(column: pd.Series) -> Floats32:
    try:
        return column.to_numpy(dtype=np.float32, na_value=np.nan)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput("The column 'value' holds a value that is not a number.") from error


def _even_steps(
    time: pd.DatetimeIndex, task: NDArray[np.intp], names: list[str]
) -> pd.DatetimeIndex:
    """The steps of the history; all tasks must share them."""
    grids = {name: _grid(time[task == number], name) for number, name in enumerate(names)}
    first = names[0]
    start, step = grids[first]
    for name in names[1:]:
        other_start, other_step = grids[name]
        if other_step != step or (other_start - start) % step != pd.Timedelta(0):
            raise BadInput(
                f"'{first}' has a value every {_plain(step)} from {start} and '{name}' every "
                f"{_plain(other_step)} from {other_start}; resample the tasks to the same steps."
            )
    if (time.max() - time.min()) / step > MAX_VALUES:
        raise BadInput(f"There are too many steps of {step} from {time.min()} to {time.max()}.")
    return pd.date_range(time.min(), time.max(), freq=step)


def _grid(times: pd.DatetimeIndex, name: str) -> tuple[pd.Timestamp, pd.Timedelta]:
    """First time and step of one task."""
    unique = times.unique().sort_values()
    if len(unique) < 2:
        raise BadInput(f"'{name}' has a single time; a history needs at least two.")
    steps = np.diff(unique.to_numpy())
    step = pd.Timedelta(steps.min())
    off = steps % step.to_timedelta64() != np.timedelta64(0)
    if off.any():
        raise BadInput(
            f"The times of '{name}' are not at regular steps: most are {_plain(step)} apart, but "
            f"{unique[np.flatnonzero(off)[0]]} is followed by "
            f"{unique[np.flatnonzero(off)[0] + 1]}."
        )
    return unique[0], step


def _refuse_duplicates(
    table: pd.DataFrame, place: NDArray[np.intp], step: NDArray[np.intp], task: NDArray[np.intp]
) -> None:
    number = np.ravel_multi_index((place, step, task), (place.max() + 1, step.max() + 1, 10_000))
    _, first, times = np.unique(number, return_index=True, return_counts=True)
    if (times > 1).any():
        row = table.iloc[int(first[times > 1][0])]
        raise BadInput(
            f"The table has '{row['task']}' of place '{row['place']}' at {row['time']} more than "
            "once."
        )


def _units(table: pd.DataFrame, tasks: list[str]) -> tuple[str, ...]:
    if "unit" not in table.columns:
        return ("",) * len(tasks)
    units = table.groupby(table["task"].astype(str))["unit"]
    several = units.nunique()
    if (several > 1).any():
        task = several.index[several > 1][0]
        one, other = units.get_group(task).dropna().astype(str).unique()[:2]
        raise BadInput(
            f"The task '{task}' has values in '{one}' and in '{other}'; convert it to one unit."
        )
    known = units.first()
    return tuple(str(known[name]) for name in tasks)


def _squares(table: pd.DataFrame, place: NDArray[np.intp], ids: list[str], side: int) -> Indices:
    if not set(POSITION) <= set(table.columns):
        return alone(len(ids), side)
    try:
        of_rows = table[list(POSITION)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise BadInput("The columns 'x' and 'y' hold a value that is not a number.") from error
    xy = np.full((len(ids), 2), np.nan)
    xy[place] = of_rows
    moved = np.flatnonzero((xy[place] != of_rows).any(axis=1))
    if len(moved):
        raise BadInput(
            f"The place '{ids[place[moved[0]]]}' has several positions, or none in some rows."
        )
    if not np.isfinite(xy).all():
        raise BadInput("A position in the columns 'x' and 'y' is infinite; give metres.")
    return around_stations(xy, side)


def _plain(step: pd.Timedelta) -> str:
    minutes = step / pd.Timedelta(minutes=1)
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
