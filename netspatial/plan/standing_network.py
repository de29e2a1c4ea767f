"""The stations that stand, with their measured traffic, capacity and service area."""

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from pyproj import CRS

from netspatial.arrays import Floats, Indices, Mask
from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.radio.service_area import ServiceArea, service_area
from netspatial.radio.sites import COVERAGE, Radio, sites_of
from netspatial.timeline import HOURS_PER_DAY, HOURS_PER_WEEK, local_steps, on_local_clock

WHOLE_WEEK = 0.5
"""A week counts as measured if at least this part of its hours has traffic."""


@dataclass(frozen=True)
class StandingNetwork:
    """Existing stations of a city, n in one order; service area and statistics on first use.

    Attributes
    ----------
    stations : GeoDataFrame (n rows)
        `station_id` and, where known, `tier` and `height_m`, in a metric CRS.
    traffic : DataArray (station, time)
        Measured hourly traffic in the same order, NaN where nothing was measured; attributes
        `units` and `timezone`.
    capacity : array (n,)
        Traffic per hour in the unit of `traffic`; NaN where unknown.
    pois : array (k, 2) or None
        Points of interest in the same CRS, m; demand is higher near them.
    known : tuple of array (c, 2) and array (c,), or None
        Positions in the same CRS, m, and demand of cells in any unit, where it is known better
        than by points of interest.
    radio : Radio
        Radio parameters.
    """

    stations: gpd.GeoDataFrame
    traffic: xr.DataArray
    capacity: Floats
    pois: Floats | None = None
    known: tuple[Floats, Floats] | None = None
    radio: Radio = field(default_factory=Radio)

    @property
    def units(self) -> str:
        """The unit of the traffic."""
        return str(self.traffic.attrs["units"])

    @cached_property
    def service_area(self) -> ServiceArea:
        """Places of demand, and the part of each station's traffic that arises there."""
        sites = sites_of(self.stations, self.radio)
        return service_area(sites, self.radio, self.pois, self.known)

    @cached_property
    def weeks(self) -> Floats:
        """Measured weeks on the local clock, (n, weeks, 168); NaN for stations without traffic.

        A missing hour is filled with the mean of that hour of the week, or of all hours.
        """
        times = pd.DatetimeIndex(self.traffic["time"].to_numpy())
        steps = local_steps(times, str(self.traffic.attrs["timezone"]))
        count = HOURS_PER_WEEK * (int(steps.max()) // HOURS_PER_WEEK + 1)
        x = self.traffic.transpose("station", "time").to_numpy().astype(np.float64)
        local = on_local_clock(x, steps, count).reshape(len(x), -1, HOURS_PER_WEEK)
        known = np.isfinite(local)
        whole = known.mean(axis=(0, 2)) >= WHOLE_WEEK * known.any(axis=(1, 2)).mean()
        if whole.any():
            local, known = local[:, whole], known[:, whole]
        usual = _mean(local, known, 1)
        level = _mean(local.reshape(len(x), -1), known.reshape(len(x), -1), 1)
        usual = np.where(np.isfinite(usual), usual, level[:, None])
        return np.where(known, local, usual[:, None])

    @cached_property
    def busy_hour(self) -> Floats:
        """Mean traffic of the busiest local hour of the day, (n,); NaN without traffic."""
        days = self.weeks.mean(axis=1).reshape(len(self.stations), -1, HOURS_PER_DAY)
        return np.asarray(days.mean(axis=1).max(axis=1))

    @property
    def load(self) -> Floats:
        """Busy-hour traffic over capacity, (n,); NaN where either is unknown."""
        return np.asarray(self.busy_hour / self.capacity)

    @property
    def measured(self) -> Mask:
        """Stations with measured traffic, (n,)."""
        return np.isfinite(self.busy_hour)

    @property
    def site_capacity(self) -> float:
        """Capacity that a new site is given: the median of the capacity tier."""
        known = np.isfinite(self.capacity)
        small = known
        if "tier" in self.stations.columns:
            small = known & (self.stations["tier"] != COVERAGE).to_numpy()
        return float(np.median(self.capacity[small if small.any() else known]))

    def drawn_weeks(
        self, rows: Indices, times: pd.DatetimeIndex, random: np.random.Generator
    ) -> Floats:
        """Traffic of some stations at coming hours: measured weeks drawn for each coming week.

        All stations get the same weeks, so that they stay correlated.

        Parameters
        ----------
        rows : array (m,) of int
            Positions of the stations.
        times : DatetimeIndex (H,)
            Coming hours, UTC without a zone.
        random : numpy.random.Generator
            Of the draws.

        Returns
        -------
        array (m, H)
            In the unit of the traffic.
        """
        steps = local_steps(times, str(self.traffic.attrs["timezone"]))
        week, hour = np.divmod(steps, HOURS_PER_WEEK)
        drawn = random.integers(0, self.weeks.shape[1], int(week.max()) + 1)
        found: Floats = self.weeks[rows[:, None], drawn[week], hour]
        return found


def standing_network(
    city: City,
    unit: str,
    crs: CRS | None = None,
    known: tuple[Floats, Floats] | None = None,
) -> StandingNetwork:
    """Existing stations of a city, where it has traffic and capacities in one unit.

    Parameters
    ----------
    city : City
        With stations, their capacities and measured traffic.
    unit : str
        Unit of the traffic, that of the generated traffic.
    crs : CRS, optional
        Metric; by default that of the city.
    known : tuple of array (c, 2) and array (c,), optional
        Positions, m, and demand of cells, for example `generated_demand`.

    Returns
    -------
    StandingNetwork

    Raises
    ------
    MissingPart
        If stations, traffic or capacities are missing.
    BadInput
        If no single service is in this unit, or capacities are in another one.
    """
    check_network(city)
    service = service_in_unit(city, unit)
    if service is None:
        raise BadInput(
            f"No single service of the city '{city.name}' is measured in {unit}, the unit of the "
            "generated traffic; what changes at existing stations is not known."
        )
    table = city.stations.to_crs(crs or city.crs).reset_index(drop=True)
    capacity = pd.to_numeric(table["capacity"], errors="coerce").to_numpy(dtype=np.float64)
    if "capacity_unit" in table.columns:
        other = [str(one) for one in table["capacity_unit"].dropna() if not _same(str(one), unit)]
        if other:
            raise BadInput(
                f"Capacities are in '{other[0]}' and the traffic is in '{unit}'; use one unit."
            )
    ids = table["station_id"].astype(str).to_numpy()
    series = city.measured(service)[service].transpose("station", "time")
    series = series.assign_coords(station=series["station"].astype(str)).reindex(station=ids).load()
    measured = np.where(series.to_numpy() >= 0, series.to_numpy(), np.nan)
    return StandingNetwork(
        stations=table,
        traffic=series.copy(data=measured).assign_attrs(units=unit, timezone=city.record.timezone),
        capacity=np.where(capacity > 0, capacity, np.nan),
        pois=shapely.get_coordinates(city.pois.to_crs(table.crs).geometry.centroid)
        if city.has("pois")
        else None,
        known=known,
    )


def generated_demand(
    cells: gpd.GeoDataFrame, statistics: xr.Dataset, densification: float
) -> tuple[Floats, Floats]:
    """Positions and demand of cells from their generated traffic.

    Parameters
    ----------
    cells : GeoDataFrame (c rows)
        `cell_id`, and `x` and `y` in a metric CRS.
    statistics : Dataset
        Statistics of their traffic, see `netspatial.plan.statistics`.
    densification : float
        Power of demand that the density of stations follows, as in `PlanSettings`.

    Returns
    -------
    places : array (c, 2)
        m.
    demand : array (c,)
        Relative: mean traffic ^ (1 / (1 - densification)), as in the utility coverage gain.
    """
    mean = statistics["mean"].sel(cell=cells["cell_id"].astype(str).to_numpy())
    traffic = mean.transpose("cell", "sample").to_numpy().astype(np.float64).mean(axis=1)
    return cells[["x", "y"]].to_numpy(dtype=np.float64), traffic ** (1 / (1 - densification))


def check_network(city: City) -> None:
    """Raise MissingPart where a city lacks what is needed to say how loaded its stations are.

    Parameters
    ----------
    city : City
        Any city.

    Raises
    ------
    MissingPart
        If stations, traffic or capacities are missing.
    """
    missing = [part for part in ("stations", "traffic") if not city.has(part)]
    if missing:
        raise MissingPart(
            f"The city '{city.name}' has no {missing[0]}; the load of existing stations is not "
            "known."
        )
    known = city.stations.get("capacity")
    if known is None or not (pd.to_numeric(known, errors="coerce") > 0).any():
        raise MissingPart(
            f"The stations of the city '{city.name}' have no column 'capacity' with the traffic "
            "per hour that each can carry; their load is not known."
        )


def service_in_unit(city: City, unit: str) -> str | None:
    """Return the service that is measured in a unit: 'total', or the only one; else None.

    Parameters
    ----------
    city : City
        With traffic.
    unit : str
        Unit of the traffic.

    Returns
    -------
    str or None
    """
    known = [name for name in city.services if city.record.units.get(name) == unit]
    if "total" in known:
        return "total"
    return known[0] if len(known) == 1 else None


def _mean(values: Floats, known: Mask, axis: int) -> Floats:
    """Mean of the known values along an axis; NaN where there are none."""
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _same(capacity_unit: str, unit: str) -> bool:
    """Whether a capacity 'GB/h' belongs to hourly traffic in 'GB' or 'GB/h'."""
    return capacity_unit.removesuffix("/h") == unit.removesuffix("/h")
