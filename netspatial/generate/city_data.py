"""Training data of city folders: each station's series and the embedding of its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from netspatial.arrays import AnyFloats, Floats32, Indices
from netspatial.city.city import City
from netspatial.context.embed import Context, ContextModel, load_context
from netspatial.errors import BadInput
from netspatial.generate.calendar import calendar, hours_of_days
from netspatial.generate.data import TrainingSet, filter_series, join
from netspatial.progress import Progress, silent
from netspatial.timeline import HOURS_PER_DAY, HOURS_PER_WEEK, on_local_clock


def read_cities(
    cities: Sequence[City],
    context: ContextModel | None = None,
    service: str = "total",
    report: Progress = silent,
) -> TrainingSet:
    """Read and embed the stations of several cities.

    Parameters
    ----------
    cities : sequence of City
        Cities with stations and traffic.
    context : ContextModel, optional
        Trained context; by default the built-in one.
    service : str
        Traffic service.
    report : callable
        Called with a text and the share done.

    Returns
    -------
    TrainingSet
        The usable stations of all cities.

    Raises
    ------
    BadInput
        If the traffic is not hourly, its stations are unknown, or the units differ.
    """
    model = context or load_context()
    parts = []
    for number, city in enumerate(cities):
        report(f"embedding the stations of {city.name}", number / len(cities))
        parts.append(read_city(city, model, service))
    return join(parts)


@dataclass(frozen=True)
class LoadedSeries:
    """The usable stations of a city and their series with filled gaps, in the same order.

    x : (n, T) float32, T whole weeks of local days from a midnight on; hours : (T,) hour of the
    week; unit : of x
    """

    stations: gpd.GeoDataFrame
    x: Floats32
    hours: Indices
    unit: str
    notes: tuple[str, ...]


def load_series(city: City, service: str = "total") -> LoadedSeries:
    """Read the measured series of one service and leave out unusable ones."""
    traffic = city.measured(service)[service]
    times = pd.DatetimeIndex(traffic["time"].to_numpy())
    if (times[1:] - times[:-1] != pd.Timedelta(hours=1)).any():
        raise BadInput(f"The traffic of '{city.name}' is not hourly; every hour must be present.")
    names = traffic["station"].to_numpy()
    stations = city.stations.set_index(city.stations["station_id"].astype(str), drop=False)
    unknown = [name for name in names if name not in stations.index]
    if unknown:
        raise BadInput(
            f"Station '{unknown[0]}' of the traffic of '{city.name}' is not among its stations."
        )
    zone, holidays = city.record.timezone, holidays_of(city)
    laid, hours = local_weeks(traffic.to_numpy(), times, zone, holidays)
    x, index, notes = filter_series(laid, list(names), city.name)
    return LoadedSeries(
        stations=stations.loc[names[index]],
        x=x,
        hours=hours,
        unit=city.record.units.get(service, str(traffic.attrs.get("units", "not stated"))),
        notes=notes,
    )


def local_weeks(
    x: AnyFloats,
    times: pd.DatetimeIndex,
    timezone: str,
    holidays: Sequence[date] = (),
) -> tuple[AnyFloats, Indices]:
    """Return hourly series (n, T) as whole weeks of local days from a midnight on.

    Returns the series (n, 168 W) with NaN where the clock skips an hour, and their hours of the
    week. W is the number of weeks in T: if cutting the hours before the first midnight would cost
    a week, they are moved to the end, where they complete the last day.
    """
    days = calendar(times, timezone)
    length = max(1, len(times) // HOURS_PER_WEEK) * HOURS_PER_WEEK
    first = int(days.steps[0])
    lead = -first % HOURS_PER_DAY
    shown = int(days.steps.max()) + 1 - first
    put_back = max(0, len(times) - shown)
    late = shown + put_back - lead >= length
    laid = on_local_clock(x, days.steps - first - (lead if late else 0), length)
    hours = hours_of_days(days.first_day, (first + lead + length) // HOURS_PER_DAY, holidays)
    return laid if late else np.roll(laid, -lead, axis=1), hours[first + lead :]


def read_city(city: City, context: ContextModel, service: str = "total") -> TrainingSet:
    """Read one service of a city's measured traffic and the embeddings of its stations."""
    return with_embeddings(city, load_series(city, service), context)


def with_embeddings(city: City, found: LoadedSeries, context: ContextModel) -> TrainingSet:
    """Return the training set of a city: its usable series and the embeddings of its stations."""
    embedded = context.embed(city, found.stations)
    read = conditions(embedded)
    return TrainingSet(
        x=found.x,
        hours=np.broadcast_to(found.hours.astype(np.int16), found.x.shape),
        context=read,
        relative_dim=read.shape[1] - embedded.embedding.shape[1],
        group=np.zeros(len(found.x), dtype=np.int64),
        unit=found.unit,
        context_fingerprint=embedded.fingerprint,
        sources=(city.name,),
        provenance=city.record.provenance,
        licences=(city.record.licences.get("traffic", "not stated"),),
        notes=found.notes,
    )


def conditions(context: Context) -> Floats32:
    """Return the generator's conditions (n, D + k): embeddings and comparisons with the city."""
    if context.relative is None:
        return context.embedding
    return np.concatenate([context.embedding, context.relative], axis=1)


def holidays_of(city: City) -> tuple[date, ...]:
    """Return the holidays of a simulated city; measured cities have none."""
    named = city.record.parameters.get("holidays", ())
    return tuple(date.fromisoformat(str(day)) for day in named)
