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

POI_RADIUS_M = 300.0
STATION_RADIUS_M = 1000.0
KINDS_NAMED = 3


@dataclass(frozen=True)
class Spread:
    """A quantity over the samples: mean, 10th and 90th percentile."""

    mean: float
    p10: float
    p90: float


@dataclass(frozen=True)
class Rhythm:
    """Daily and weekly pattern of the traffic in local time.

    peak_hour : busiest hour of the mean day, 0 to 23
    weekend   : mean of weekends over mean of weekdays; NaN where either is missing
    """

    peak_hour: int
    weekend: float


@dataclass(frozen=True)
class NearbyStations:
    """Existing stations around a site.

    nearest   : id of the nearest one, empty if there is none
    nearest_m : distance to it, metres
    load      : its mean traffic; NaN where unknown
    load_from : provenance of the load: measured or simulated
    within    : number of stations within 1 km
    """

    nearest: str = ""
    nearest_m: float = np.inf
    load: float = np.nan
    load_from: str = "measured"
    within: int = 0


@dataclass(frozen=True)
class SiteFacts:
    """The facts about one selected site.

    provenance  : of the traffic: measured, simulated or generated
    beats       : share of the feasible cells with less demand, 0 to 1
    pois        : (name, count) of the most frequent kinds within 300 m; None if unknown
    selected_in : samples in which it is selected, of `samples`
    challenger  : id of the cell that would replace it, empty if there is none
    margin      : lead over the challenger as a share of its own value, NaN without one
    required    : it is one of the required cells
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


def rhythm(profile: Floats32) -> Rhythm:
    """Return the rhythm of a mean local week, (168,) from Monday 00:00; NaN where unknown."""
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

    xy   : (k, 2) metres in the CRS of `stations`
    load : mean traffic by station id, in the unit of the ensemble; load_from is its provenance
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
    """Return the most frequent kinds of places within 300 m of each site, and the total count."""
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
