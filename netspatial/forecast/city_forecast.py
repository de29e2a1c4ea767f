"""`forecast_traffic`: the hours after a city's last measurement, as a `TrafficForecast`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from netspatial.city.city import City
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.forecast import DEFAULT, FORECASTERS, Forecaster, forecaster_named
from netspatial.forecast.forecaster import LEVELS, SAMPLES
from netspatial.forecast.panel import Panel, from_city
from netspatial.forecast.tables import to_table, write_table
from netspatial.forecast.young_stations import BackfillForecaster
from netspatial.plain_text import in_spreadsheet

if TYPE_CHECKING:  # only figures need plotly and pydeck
    import plotly.graph_objects as go
    import pydeck as pdk

FILES = (".csv", ".parquet", ".nc")


@dataclass(frozen=True, repr=False, eq=False)
class TrafficForecast:
    """A forecast of the hours after a city's last measurement.

    In a notebook it shows the forecast of each service and a map of the stations.

    Attributes
    ----------
    city : City
        The city of the history.
    samples : DataArray (station, sample, service, time)
        Samples in the `units` of each service; UTC.
    quantiles : DataArray (station, quantile, service, time)
        Quantiles in the same units.
    """

    city: City
    samples: xr.DataArray
    quantiles: xr.DataArray

    @property
    def stations(self) -> list[str]:
        """Ids of the stations."""
        return [str(name) for name in self.samples["station"].to_numpy()]

    @property
    def services(self) -> list[str]:
        """Names of the services."""
        return [str(name) for name in self.samples["service"].to_numpy()]

    def of(self, station: str, service: str | None = None) -> xr.DataArray:
        """Return the samples of one station.

        Parameters
        ----------
        station : str
            One of `stations`.
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        xarray.DataArray
            (sample, time), with `units` and `timezone` among its attributes.

        Raises
        ------
        BadInput
            Where the forecast has no such station or service.

        """
        return self.service(service).sel(station=self._known(station, self.stations, "station"))

    def service(self, service: str | None = None) -> xr.DataArray:
        """Return the samples of one service.

        Parameters
        ----------
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        DataArray (station, sample, time)
        """
        name = self._known(service or self.services[0], self.services, "service")
        one = self.samples.sel(service=name)
        units = str(one["units"].item())
        return one.drop_vars(["units", "service"]).assign_attrs(units=units)

    def plot(self, station: str | None = None, service: str | None = None) -> "go.Figure":
        """Return the chart of one station's forecast.

        Parameters
        ----------
        station : str, optional
            One of `stations`; by default the one with the largest mean.
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        plotly.graph_objects.Figure
            Mean and 80 % range of the samples, local time.

        Raises
        ------
        BadInput
            Where the forecast has no such station or service.

        """
        from netspatial.viz.schedule_charts import forecast_chart  # noqa: PLC0415  plotly is heavy

        if station is None:
            means = self.service(service).mean(("sample", "time"))
            station = str(means["station"].to_numpy()[means.to_numpy().argmax()])
        shown = self.of(station, service)
        return forecast_chart(shown, None, str(shown.attrs["units"]))

    def explore(self, service: str | None = None) -> "pdk.Deck":
        """Return an interactive map of the stations, coloured by their mean forecast.

        Parameters
        ----------
        service : str, optional
            One of `services`; the first by default.

        Returns
        -------
        pydeck.Deck
            Loads deck.gl from its public address; ``to_html("map.html", offline=True)`` does not.

        Raises
        ------
        BadInput
            Where the forecast has no such service.

        """
        from netspatial.viz.notebook_forecast import forecast_map  # noqa: PLC0415  pydeck is heavy

        return forecast_map(self, service)

    def to_file(self, path: str | Path) -> Path:
        """Write the forecast and return its path.

        Parameters
        ----------
        path : str or Path
            ``.parquet`` or ``.csv``: median and quantiles, one row per station, hour and service;
            ``.nc``: samples and quantiles.

        Returns
        -------
        Path
            The written file.

        Raises
        ------
        BadInput
            Where the extension is not known.

        """
        target = Path(path)
        if target.suffix.lower() not in FILES:
            raise BadInput(f"'{target.name}' has no known format; use one of {', '.join(FILES)}.")
        if target.suffix.lower() == ".nc":
            both = xr.Dataset({"samples": self.samples, "quantiles": self.quantiles})
            both.attrs = {"city": self.city.name, "attribution": self.attribution}
            with atomic_file(target) as draft:
                draft.write_bytes(both.to_netcdf(engine="h5netcdf"))
            return target
        table = to_table(self.quantiles).assign(
            provenance=str(self.samples.attrs["provenance"]), attribution=self.attribution
        )
        if target.suffix.lower() == ".csv":
            for name in ("place", "task", "unit", "attribution"):
                table[name] = table[name].map(in_spreadsheet)
        write_table(table, target)
        return target

    @property
    def attribution(self) -> str:
        """The attribution of the city's data."""
        return "; ".join(self.city.record.attribution) or "none named"

    def __repr__(self) -> str:
        """Return one line: city, stations, services, steps, samples, model."""
        sizes = self.samples.sizes
        return (
            f"<TrafficForecast of {', '.join(self.services)} at {sizes['station']} stations of "
            f"'{self.city.name}': {sizes['time']} steps from "
            f"{np.datetime_as_string(self.samples['time'].to_numpy()[0], 'm')} UTC, "
            f"{sizes['sample']} samples by {self.samples.attrs['model']}>"
        )

    def _repr_html_(self) -> str:
        from netspatial.viz.notebook_forecast import forecast_html  # noqa: PLC0415  heavy

        return forecast_html(self)

    def _known(self, name: str, known: Sequence[str], what: str) -> str:
        if name not in known:
            more = " and others" if len(known) > 5 else ""
            raise BadInput(
                f"The forecast has no {what} '{name}'; it has {', '.join(known[:5])}{more}."
            )
        return name


def forecast_traffic(
    city: City | str | Path,
    *,
    services: Sequence[str] | None = None,
    stations: Sequence[str] | None = None,
    hours: int = 24,
    forecaster: str = DEFAULT,
    model: str | Path | None = None,
    samples: int = SAMPLES,
    levels: Sequence[float] = LEVELS,
    seed: int = 0,
) -> TrafficForecast:
    """Forecast the hours after a city's last measurement; nothing is written.

    Stations with little history borrow from those that carried similar traffic in the same hours.

    Parameters
    ----------
    city : City or path
        A city with stations and traffic, or its folder.
    services : sequence of str, optional
        Services of its traffic; all by default, or those of `model`.
    stations : sequence of str, optional
        Ids of stations; all by default.
    hours : int
        How far to forecast; most forecasters reach a week.
    forecaster : str
        A key of `netspatial.forecast.FORECASTERS`, such as ``combined`` or ``seasonal-naive``.
    model : path, optional
        Folder written by `netspatial forecast fit`; used instead of `forecaster`.
    samples : int
        Samples per station.
    levels : sequence of float
        Levels of the quantiles, 0.05 to 0.95.
    seed : int
        Seed of the samples.

    Returns
    -------
    TrafficForecast
        Samples and quantiles as xarray; shows itself in a notebook.

    Raises
    ------
    BadInput
        Where a name is unknown, or the history is too short for the forecaster.
    MissingPart
        Where the city has no traffic.

    """
    opened = city if isinstance(city, City) else City.open(city)
    named, fixed = _forecaster(opened, forecaster, model)
    whole = from_city(opened, services or fixed or opened.services)
    panel = whole if stations is None else whole.take(_places(whole, stations))
    chosen = named if model is not None else BackfillForecaster(named, whole)
    steps = hours * panel.steps_per_day // 24
    return TrafficForecast(
        opened,
        chosen.predict(panel, steps, samples, seed),
        chosen.predict_quantiles(panel, steps, levels, seed),
    )


def _forecaster(
    city: City, name: str, model: str | Path | None
) -> tuple[Forecaster, tuple[str, ...] | None]:
    """Return the forecaster, and the services of a trained one."""
    if model is None:
        return forecaster_named(name, city), None
    if name != DEFAULT:
        raise BadInput(
            f"Both forecaster='{name}' and model are given; give one of them. Forecasters are "
            f"{', '.join(FORECASTERS)}."
        )
    from netspatial.forecast.network_forecaster import NetworkForecaster  # noqa: PLC0415  torch

    trained = NetworkForecaster.load(Path(model))
    return trained, tuple(trained.tasks)


def _places(panel: Panel, stations: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    unknown = [name for name in stations if name not in panel.ids]
    if unknown:
        raise BadInput(f"The traffic has no station '{unknown[0]}'.")
    return np.array([panel.ids.index(name) for name in stations], dtype=np.int64)
