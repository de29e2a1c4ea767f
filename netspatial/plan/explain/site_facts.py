"""Facts about a selected site: the only input of its rationale, by rules or by a language model."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.spatial import KDTree

from netspatial.arrays import Floats, Floats32, Indices
from netspatial.context.features.categories import KIND_NAMES, KINDS
from netspatial.context.features.neighbourhood import read_pois, tally_kinds
from netspatial.plan.level_range import MeasuredSupport

POI_RADIUS_M = 300.0
STATION_RADIUS_M = 1000.0
KINDS_NAMED = 3


@dataclass(frozen=True)
class Spread:
    """A quantity over the samples.

    Attributes
    ----------
    mean : float
        Mean over the samples.
    p10 : float
        10 % quantile.
    p90 : float
        90 % quantile.
    """

    mean: float
    p10: float
    p90: float


@dataclass(frozen=True)
class Rhythm:
    """Daily and weekly pattern of the traffic in local time.

    Attributes
    ----------
    peak_hour : int
        Busiest hour of the mean day, 0 to 23.
    weekend : float
        Mean of weekends over mean of weekdays; NaN where either is missing.
    """

    peak_hour: int
    weekend: float


@dataclass(frozen=True)
class NearbyStations:
    """Existing stations around a site.

    Attributes
    ----------
    nearest : str
        Id of the nearest one, empty if there is none.
    nearest_m : float
        Distance to it, m.
    load : float
        Its mean traffic; NaN where unknown.
    load_from : str
        Provenance of the load: measured or simulated.
    within : int
        Number of stations within 1 km.
    """

    nearest: str = ""
    nearest_m: float = np.inf
    load: float = np.nan
    load_from: str = "measured"
    within: int = 0


@dataclass(frozen=True)
class SiteFacts:
    """The facts about one selected site.

    Attributes
    ----------
    cell_id : str
        Id of the cell.
    rank : int
        Order of selection, from 1.
    of : int
        Number of selected sites.
    provenance : str
        Of the traffic: measured, simulated or generated.
    utility : str
        Title of the utility.
    utility_unit : str
        Unit of `value`.
    value : Spread
        The utility over the samples.
    demand : Spread
        Mean traffic over the samples.
    demand_unit : str
        Unit of `demand` and `floor`.
    beats : float
        Share of the feasible cells with less demand, 0 to 1.
    rhythm : Rhythm
        Daily and weekly pattern.
    stations : NearbyStations or None
        Existing stations around it; None if unknown.
    pois : tuple of (str, int) or None
        Name and count of the most frequent kinds within 300 m; None if unknown.
    poi_count : int
        Number of points of interest within 300 m.
    selected_in : int
        In how many of `samples` it is selected.
    samples : int
        Number of samples.
    challenger : str
        Id of the cell that would replace it, empty if there is none.
    margin : float
        Lead over the challenger as a share of its own value, NaN without one.
    measured_by : str
        Quantity in which the lead is measured.
    floor : float
        Minimum demand.
    required : bool
        Whether it is one of the required cells.
    measured : MeasuredSupport or None
        Measured stations that its mean load rests on; None where none were used.
    """

    cell_id: str
    rank: int
    of: int
    provenance: str
    utility: str
    utility_unit: str
    value: Spread
    demand: Spread
    demand_unit: str
    beats: float
    rhythm: Rhythm
    stations: NearbyStations | None
    pois: tuple[tuple[str, int], ...] | None
    poi_count: int
    selected_in: int
    samples: int
    challenger: str
    margin: float
    measured_by: str
    floor: float
    required: bool
    measured: MeasuredSupport | None = None


def rhythm(profile: Floats32) -> Rhythm:
    """Return the rhythm of a mean local week.

    Parameters
    ----------
    profile : array (168,)
        Mean of each hour of the week from Monday 00:00; NaN where unknown.

    Returns
    -------
    Rhythm

    Examples
    --------
    >>> day = np.zeros(24)
    >>> day[8] = 1.0
    >>> week = np.concatenate([np.tile(day, 5), 0.5 * np.tile(day, 2)])
    >>> rhythm(week)
    Rhythm(peak_hour=8, weekend=0.5)
    """
    week = np.ma.masked_invalid(profile.astype(np.float64).reshape(7, 24))
    day = week.mean(axis=0).filled(-np.inf)
    weekday, weekend = week[:5].mean(), week[5:].mean()
    known = weekday is not np.ma.masked and weekend is not np.ma.masked and weekday > 0
    return Rhythm(int(day.argmax()), float(weekend / weekday) if known else float("nan"))


def stations_around(
    xy: Floats,
    stations: gpd.GeoDataFrame,
    load: "pd.Series[float] | None",
    load_from: str,
) -> list[NearbyStations]:
    """Return the existing stations around each of these sites.

    Parameters
    ----------
    xy : array (k, 2)
        Positions in the CRS of `stations`, m.
    stations : GeoDataFrame
        Existing stations with `station_id`, in a metric CRS.
    load : Series or None
        Mean traffic by station id, in the unit of the ensemble.
    load_from : str
        Provenance of the load.

    Returns
    -------
    list of NearbyStations
        One for each site.
    """
    if stations.empty:
        return [NearbyStations() for _ in xy]
    points = np.column_stack([stations.geometry.x, stations.geometry.y])
    names = stations["station_id"].astype(str).to_numpy()
    tree = KDTree(points)
    metres, nearest = tree.query(xy)
    within = tree.query_ball_point(xy, STATION_RADIUS_M, return_length=True)
    known = {} if load is None else {str(name): float(value) for name, value in load.items()}
    return [
        NearbyStations(names[i], float(d), known.get(names[i], np.nan), load_from, int(n))
        for i, d, n in zip(nearest, metres, within, strict=True)
    ]


def pois_around(
    xy: Floats, pois: gpd.GeoDataFrame, crs: CRS
) -> list[tuple[tuple[tuple[str, int], ...], int]]:
    """Return the most frequent kinds of places within 300 m of each site, and the total count.

    Parameters
    ----------
    xy : array (k, 2)
        Positions, m.
    pois : GeoDataFrame
        Points of interest with `category`.
    crs : CRS
        Metric CRS of `xy`.

    Returns
    -------
    list of (tuple of (str, int), int)
        One for each site: names and counts of at most three kinds, and the count of all.
    """
    counts = tally_kinds(xy, read_pois(pois, crs), (POI_RADIUS_M,))[:, 0]
    return [(_commonest(row), int(row.sum())) for row in counts]


def _commonest(counts: Indices) -> tuple[tuple[str, int], ...]:
    named: Sequence[int] = [
        int(kind)
        for kind in np.argsort(-counts, kind="stable")
        if counts[kind] > 0 and KIND_NAMES[kind] != "other"
    ]
    return tuple(
        (
            KINDS[KIND_NAMES[kind]].one if counts[kind] == 1 else KINDS[KIND_NAMES[kind]].many,
            int(counts[kind]),
        )
        for kind in named[:KINDS_NAMED]
    )
