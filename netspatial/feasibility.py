"""Feasibility of cells for a site: masks over cells, each with its reason.

A cell that no mask removes is feasible only where the data of every mask is available; otherwise it
is unknown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from netspatial.arrays import Floats
from netspatial.city.city import City, Part
from netspatial.errors import BadInput
from netspatial.grid import share_inside
from netspatial.valid_surface import first_tangled

Verdict = NDArray[np.bool_]

PROTECTED_USES = ("park", "protected")
ANSWERS = ("yes", "no", "unknown")
MAX_TANGLES = 10_000
"""Maximum crossings of the land-use shapes near an area that are repaired."""


@dataclass(frozen=True)
class Rules:
    """Thresholds of the masks.

    Attributes
    ----------
    station_distance_m : float
        Minimum distance of a site to existing stations, m.
    least_inside : float
        Minimum share of a cell inside the area, 0 to 1.
    most_covered : float
        Maximum share of a cell covered by water (or protected land), 0 to 1.
    """

    station_distance_m: float = 200.0
    least_inside: float = 0.5
    most_covered: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.station_distance_m < np.inf:
            raise BadInput(
                f"The minimum distance to a station is {self.station_distance_m:g} m; "
                "give zero or more metres."
            )
        for name in ("least_inside", "most_covered"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise BadInput(f"The share {name} is {share:g}; give a number from 0 to 1.")


@dataclass(frozen=True)
class Mask:
    """One reason to remove cells: the function, and the part of the city that it reads."""

    removes: Callable[[gpd.GeoDataFrame, City, Rules], Verdict]
    needs: Part | None = None


def in_water(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:
    """Cells that lie mostly in water."""
    return _share_of(cells, city, ("water",)) > rules.most_covered


def is_protected(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:
    """Cells that lie mostly in a park or another protected place."""
    return _share_of(cells, city, PROTECTED_USES) > rules.most_covered


def on_road(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:
    """Cells that lie mostly on the surface of roads."""
    return _share_of(cells, city, ("road",)) > rules.most_covered


def on_airport(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:
    """Cells that lie mostly on an airport, where no tall structure is allowed."""
    return _share_of(cells, city, ("airport",)) > rules.most_covered


def near_station(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:
    """Cells whose centre is nearer to an existing station than allowed."""
    points = city.stations.to_crs(cells.crs).geometry
    if points.empty:
        return np.zeros(len(cells), dtype=bool)
    stations = KDTree(np.column_stack([points.x, points.y]))
    distance, _ = stations.query(cells[["x", "y"]].to_numpy())
    return np.asarray(distance < rules.station_distance_m)


def on_edge(cells: gpd.GeoDataFrame, city: City, rules: Rules) -> Verdict:  # noqa: ARG001  contract
    """Cells of which too little lies inside the area."""
    return np.asarray(cells["inside"].to_numpy() < rules.least_inside)


MASKS: dict[str, Mask] = {
    "water": Mask(in_water, needs="landuse"),
    "protected": Mask(is_protected, needs="landuse"),
    "near_station": Mask(near_station, needs="stations"),
    "edge": Mask(on_edge),
    "road": Mask(on_road, needs="landuse"),
    "airport": Mask(on_airport, needs="landuse"),
}
"""Masks by name."""


def feasibility(
    cells: gpd.GeoDataFrame,
    city: City,
    masks: Sequence[str] = tuple(MASKS),
    rules: Rules | None = None,
) -> gpd.GeoDataFrame:
    """Return the cells with `feasible` (yes, no, unknown) and `reason` for each.

    A cell is "no" as soon as one mask removes it, even if other masks are unknown; "unknown" where
    the part that a mask reads is absent or the cell's centre lies outside the city's bounds; "yes"
    otherwise. The reason lists the masks that removed the cell, or the absent parts.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        Cells of `make_grid` or `h3_grid`.
    city : City
        The city whose land use and stations the masks read.
    masks : sequence of str
        Names of the masks to use: water, protected, near_station, edge, road, airport.
    rules : Rules, optional
        Thresholds of the masks.

    Returns
    -------
    geopandas.GeoDataFrame
        The cells with the columns `feasible` and `reason`.

    Raises
    ------
    BadInput
        If a mask is unknown, or the land use crosses itself too often.
    """
    rules = rules or Rules()
    removed = np.zeros(len(cells), dtype=bool)
    unknown = np.zeros(len(cells), dtype=bool)
    removal = np.full(len(cells), "", dtype=object)
    absence = np.full(len(cells), "", dtype=object)
    within = _within(cells, city)
    for name in masks:
        mask = _mask(name)
        absent = np.zeros(len(cells), dtype=bool)
        if mask.needs is not None and not city.has(mask.needs):
            absent[:] = True
            _append(absence, absent, f"no {mask.needs}")
        elif mask.needs is not None:
            absent = ~within
            _append(absence, absent, "outside the city")
        verdict = np.zeros(len(cells), dtype=bool)
        if not absent.all():
            verdict = mask.removes(cells, city, rules) & ~absent
        _append(removal, verdict, name)
        removed |= verdict
        unknown |= absent
    answer = np.select([removed, unknown], ["no", "unknown"], default="yes")
    return cells.assign(
        feasible=pd.Categorical(answer, categories=ANSWERS),
        reason=np.where(removed, removal, np.where(unknown, absence, "")),
    )


def _mask(name: str) -> Mask:
    if name not in MASKS:
        raise BadInput(f"There is no mask '{name}'; the masks are {', '.join(MASKS)}.")
    return MASKS[name]


def _append(reasons: NDArray[np.object_], where: Verdict, reason: str) -> None:
    """Append a reason to those of some cells, once."""
    for cell in np.flatnonzero(where):
        named = reasons[cell].split(", ") if reasons[cell] else []
        if reason not in named:
            reasons[cell] = ", ".join([*named, reason])


def _within(cells: gpd.GeoDataFrame, city: City) -> Verdict:
    west, south, east, north = city.record.bounds
    lon, lat = cells["lon"].to_numpy(), cells["lat"].to_numpy()
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _share_of(cells: gpd.GeoDataFrame, city: City, uses: Sequence[str]) -> Floats:
    """Return the share of each cell covered by land of these uses, overlaps counted once."""
    polygons = city.landuse[city.landuse["use"].isin(uses)]
    # only nearby polygons: the roads of a whole city take long to unite
    here = polygons.sindex.query(shapely.box(*cells.to_crs(polygons.crs).total_bounds))
    polygons = polygons.iloc[np.sort(here)].to_crs(cells.crs)
    shapes = polygons.geometry.to_numpy()
    if first_tangled(shapes, MAX_TANGLES) is not None:
        raise BadInput(
            "The city's land use crosses itself too often to be repaired; draw landuse.parquet "
            "without crossing lines."
        )
    covered = shapely.union_all(shapely.make_valid(shapes))
    return share_inside(cells.geometry.to_numpy(), covered)
