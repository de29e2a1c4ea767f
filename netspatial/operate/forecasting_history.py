"""A measured history, checked, mended and laid on the local clock, as every forecaster reads it.

Gaps of up to six hours are bridged by a straight line; with longer ones nobody knows what was. An
hour that the clock skips is bridged too; one that it shows twice is the mean of both, and what is
forecast for it stands twice. So a day is always 24 steps and a week 168.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.timeline import HOURS_PER_WEEK, local_steps, local_times, on_local_clock

Floats = NDArray[np.float64]

LONGEST_GAP_H = 6
LONGEST_H = HOURS_PER_WEEK
"""Hours that are looked ahead at most: beyond a week nothing measured helps any more."""


@dataclass(frozen=True)
class Past:
    """Measured history on the local clock and the hours that are asked for.

    x      : (n, S) traffic, no gaps, in `units`
    week   : (S,) local hour of the week
    times  : (T,) UTC time stamps of the measured hours
    shown  : (T,) at which of the S steps each is
    coming : (H,) UTC time stamps of the asked hours
    ahead  : (A,) local hour of the week of the steps that come
    asked  : (H,) at which of the A steps each asked hour is
    """

    ids: list[str]
    x: Floats
    week: NDArray[np.int64]
    times: pd.DatetimeIndex
    shown: NDArray[np.int64]
    coming: pd.DatetimeIndex
    ahead: NDArray[np.int64]
    asked: NDArray[np.int64]
    timezone: str
    units: str

    def labelled(self) -> xr.DataArray:
        """The mended history as a series."""
        return xr.DataArray(
            self.x[:, self.shown],
            dims=("station", "time"),
            coords={"station": self.ids, "time": self.times},
            attrs={"units": self.units, "timezone": self.timezone},
        )

    def ensemble(self, values: Floats, forecaster: str, seed: int) -> xr.DataArray:
        """Label forecast values (n, samples, A); traffic is never below zero."""
        return xr.DataArray(
            np.maximum(values[:, :, self.asked], 0.0),
            dims=("station", "sample", "time"),
            coords={
                "station": self.ids,
                "sample": np.arange(values.shape[1]),
                "time": self.coming,
            },
            name="traffic",
            attrs={
                "units": self.units,
                "timezone": self.timezone,
                "provenance": "generated",
                "model": forecaster,
                "seed": seed,
            },
        )


def measured(history: xr.DataArray, hours: int, samples: int) -> Past:
    """Check a history (station, time) and what is asked of it."""
    if set(history.dims) != {"station", "time"}:
        raise BadInput(
            f"The history has dimensions {tuple(map(str, history.dims))}; "
            "(station, time) is needed."
        )
    if not 1 <= hours <= LONGEST_H:
        raise BadInput(
            f"A forecast of {hours} hours was asked for; 1 to {LONGEST_H} hours can be looked "
            "ahead at once."
        )
    if samples < 1:
        raise BadInput(f"{samples} samples were asked for; at least one is needed.")
    history = history.transpose("station", "time")
    times = pd.DatetimeIndex(history["time"].to_numpy())
    if len(times) < HOURS_PER_WEEK:
        raise BadInput(
            f"The history is {len(times)} hours long; at least one week (168) is needed."
        )
    if (times[1:] - times[:-1] != pd.Timedelta(hours=1)).any():
        raise BadInput("The history's time stamps are not hourly one after the other.")
    zone = str(local_times(history).tz)
    ids = history["station"].astype(str).to_numpy().tolist()
    every = pd.date_range(times[0], periods=len(times) + hours, freq="h")
    step = local_steps(every, zone)
    first, shown = step[0], step[: len(times)] - step[0]
    laid = on_local_clock(history.to_numpy().astype(np.float64), shown, int(shown.max()) + 1)
    x = np.stack([mended(series, name) for series, name in zip(laid, ids, strict=True)])
    # the second round of a doubled hour is forecast as the hour after it
    asked = np.maximum(step[len(times) :] - first - x.shape[1], 0)
    ahead = first + x.shape[1] + np.arange(int(asked.max()) + 1)
    return Past(
        ids=ids,
        x=x,
        week=(first + np.arange(x.shape[1])) % HOURS_PER_WEEK,
        times=times,
        shown=shown,
        coming=every[len(times) :],
        ahead=ahead % HOURS_PER_WEEK,
        asked=asked,
        timezone=zone,
        units=str(history.attrs.get("units", "not stated")),
    )


def mended(series: NDArray[np.floating], name: str) -> Floats:
    """One station's traffic (T,) with its short gaps bridged."""
    x = np.array(series, dtype=np.float64)
    known = np.isfinite(x)
    if not known.any():
        raise BadInput(f"Nothing was measured at station '{name}'.")
    if (x[known] < 0).any():
        raise BadInput(
            f"Station '{name}' has negative traffic ({x[known].min():g}); traffic is at least zero."
        )
    at = np.flatnonzero(known)
    edges = np.concatenate([[-1], at, [len(x)]])
    gap = int(np.diff(edges).max()) - 1
    if gap > LONGEST_GAP_H:
        raise BadInput(
            f"The history of station '{name}' has a gap of {gap} hours; gaps of up to "
            f"{LONGEST_GAP_H} hours are bridged, longer ones must be filled or the station left "
            "out."
        )
    bridged: Floats = np.interp(np.arange(len(x)), at, x[at])
    return bridged
