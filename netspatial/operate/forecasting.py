"""What running stations will carry next: one contract for the generator and its simple rivals.

The first half of what-to-do. A forecaster reads measured history and gives an ensemble of the
coming hours; policies decide on that, never on the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.city import City
from netspatial.errors import BadInput
from netspatial.operate.forecasting_history import measured
from netspatial.operate.forecasting_joint import in_common_order
from netspatial.operate.forecasting_seasonal import hour_of_week_mean, seasonal_naive
from netspatial.operate.forecasting_smoothing import exponential_smoothing

if TYPE_CHECKING:
    from netspatial.context.embed import Context
    from netspatial.generate.generator import Generator


class Forecaster(Protocol):
    """Whatever goes on from measured history."""

    def __call__(self, history: xr.DataArray, hours: int, samples: int, seed: int) -> xr.DataArray:
        """Forecast the next `hours` of each station, (station, sample, time), not negative.

        history : (station, time), hourly, UTC time stamps, with a `timezone` attribute; at least
                  a week, gaps of at most six hours
        """
        ...


@dataclass(frozen=True)
class GeneratorForecaster:
    """The trained generator, gone on from history: Eqs. 2-3 and a generated residual.

    It draws each station on its own; its samples are then put in an order that stations share.

    context : of the stations, in any order
    """

    generator: "Generator"
    context: "Context"
    holidays: tuple[date, ...] = ()

    def __call__(self, history: xr.DataArray, hours: int, samples: int, seed: int) -> xr.DataArray:
        """Forecast with the generator; see `Forecaster`."""
        past = measured(history, hours, samples)
        place = {str(name): number for number, name in enumerate(self.context.ids)}
        rows = [place[name] for name in past.ids if name in place]
        if len(rows) < len(past.ids):
            unknown = next(name for name in past.ids if name not in place)
            raise BadInput(f"Nothing is known of the surroundings of station '{unknown}'.")
        drawn = self.generator.forecast(
            past.labelled(),
            self.context.take(rows),
            hours,
            samples,
            seed,
            past.timezone,
            self.holidays,
        )
        return in_common_order(drawn, history, seed)


@dataclass(frozen=True)
class CombinedForecaster:
    """The generator's ensemble, its hourly means moved half-way to the mean of the weeks.

    Two forecasts that err differently err less in the middle; equal weights need no fitting. The
    spread stays the generator's, scaled with the level.
    """

    generated: Forecaster

    def __call__(self, history: xr.DataArray, hours: int, samples: int, seed: int) -> xr.DataArray:
        """Forecast with both; see `Forecaster`."""
        drawn = self.generated(history, hours, samples, seed)
        means = hour_of_week_mean(history, hours, samples, seed).mean("sample")
        ours = drawn.mean("sample").to_numpy()
        half = 0.5 * (ours + means.to_numpy())
        moved: xr.DataArray = drawn.copy(
            data=drawn.to_numpy()
            * np.divide(half, ours, where=ours > 0, out=np.ones_like(half))[:, None]
        )
        return moved.assign_attrs(model=f"{drawn.attrs['model']}, combined")


def combined_forecaster(city: City, stations: gpd.GeoDataFrame) -> CombinedForecaster:
    """The shipped generator combined with the mean of the weeks."""
    return CombinedForecaster(generator_forecaster(city, stations))


def generator_forecaster(city: City, stations: gpd.GeoDataFrame) -> GeneratorForecaster:
    """Load the shipped generator and embed the surroundings of `stations`."""
    from netspatial.context.embed import load_context  # noqa: PLC0415  torch is heavy
    from netspatial.generate.city_data import holidays_of  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415

    embedded = load_context().embed(city, stations)
    return GeneratorForecaster(Generator.load(), embedded, holidays_of(city))


LOOK_H = 24
"""Hours after which the coming ones are forecast anew."""
HORIZON_H = 48
"""Hours that one such look reaches: a plan made late in a day still sees the next night."""

Builder = Callable[[City, gpd.GeoDataFrame], Forecaster]

DEFAULT = "combined"
FORECASTERS: dict[str, Builder] = {
    DEFAULT: combined_forecaster,
    "generator": generator_forecaster,
    "seasonal-naive": lambda *_: seasonal_naive,
    "hour-of-week": lambda *_: hour_of_week_mean,
    "exponential-smoothing": lambda *_: exponential_smoothing,
}


def forecaster_named(name: str, city: City, stations: gpd.GeoDataFrame) -> Forecaster:
    """Build a forecaster by its name for these stations of a city."""
    if name not in FORECASTERS:
        raise BadInput(f"There is no forecaster '{name}'; there are {', '.join(FORECASTERS)}.")
    return FORECASTERS[name](city, stations)


def weights_of(name: str) -> tuple[Path, ...]:
    """Return the folders of trained weights that the forecaster of this name reads."""
    if name not in (DEFAULT, "generator"):
        return ()
    from netspatial.context import embed  # noqa: PLC0415  torch is heavy
    from netspatial.generate import generator  # noqa: PLC0415

    return embed.DEFAULT, generator.DEFAULT


def forecast_looks(
    forecaster: Forecaster,
    traffic: xr.DataArray,
    first: pd.Timestamp,
    hours: int,
    samples: int,
    seed: int,
    *,
    every_h: int = LOOK_H,
    horizon_h: int = HORIZON_H,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[xr.DataArray]:
    """Look ahead again every `every_h` hours, each time from all that is known by then.

    traffic : (station, time), the measured past and, for later looks, what came after it
    Returns a forecast (station, sample, time) for each look, of `horizon_h` hours or up to the end
    of the `hours` from `first` on.
    """
    if hours < 1 or every_h < 1 or horizon_h < every_h:
        raise BadInput(
            "Looking ahead needs at least one hour, and each look must reach to the next."
        )
    times = pd.DatetimeIndex(traffic["time"].to_numpy())
    begin = int(times.searchsorted(first))
    looks = range(0, hours, every_h)
    if begin + looks[-1] > len(times) or (begin < len(times) and times[begin] != first):
        raise BadInput(
            f"The traffic runs from {times[0]} to {times[-1]}; looking ahead from {first}, and "
            f"every {every_h} hours for {hours} hours, needs more of it."
        )
    made = []
    for start in looks:
        known = traffic.isel(time=slice(0, begin + start))
        made.append(forecaster(known, min(horizon_h, hours - start), samples, seed))
        progress(min(start + every_h, hours), hours)
    return made


def split_looks(
    forecast: xr.DataArray, every_h: int = LOOK_H, horizon_h: int = HORIZON_H
) -> list[xr.DataArray]:
    """Cut one long look into shorter ones, for policies that decide day by day."""
    hours = forecast.sizes["time"]
    return [
        forecast.isel(time=slice(start, start + horizon_h)) for start in range(0, hours, every_h)
    ]


def latest_of(looks: list[xr.DataArray]) -> xr.DataArray:
    """Each hour as the latest look before it saw it, (station, sample, time)."""
    starts = [look["time"].to_numpy()[0] for look in looks[1:]]
    parts = [
        look.isel(time=slice(0, int(np.searchsorted(look["time"].to_numpy(), start))))
        for look, start in zip(looks[:-1], starts, strict=True)
    ]
    joined: xr.DataArray = xr.concat(
        [*parts, looks[-1]], dim="time", join="override", combine_attrs="override"
    )
    return joined.transpose("station", "sample", "time")
