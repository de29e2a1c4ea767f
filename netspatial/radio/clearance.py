"""Move users and antennas out of buildings: a ray tracer finds no paths from inside one.

Indoor users are traced from outside the nearest wall; `Radio.penetration_db` is the wall's loss.
"""

import geopandas as gpd
import numpy as np
import shapely

from netspatial.arrays import Floats, Mask

WALL_M = 1.0
"""Distance from the wall to which points inside a building are moved."""
ROOF_M = 3.0
"""Height over the roof of an antenna that stands on it."""


def outdoors(places: Floats, buildings: gpd.GeoDataFrame) -> Floats:
    """Places with those inside or close to a building moved outside its wall.

    Parameters
    ----------
    places : array (n, 2)
        Positions, m.
    buildings : GeoDataFrame
        Polygons in the same CRS.

    Returns
    -------
    array (n, 2)
        m; those inside a building or within 1 m of one are moved 1 m outside its wall.
    """
    taken = shapely.union_all(shapely.buffer(buildings.geometry.array, WALL_M, join_style="mitre"))
    bodies = shapely.get_parts(taken)
    row, body = shapely.STRtree(bodies).query(shapely.points(places), predicate="within")
    way_out = shapely.shortest_line(shapely.points(places[row]), shapely.boundary(bodies[body]))
    moved = places.copy()
    moved[row] = shapely.get_coordinates(shapely.get_point(way_out, -1))
    return moved


def roof_m(places: Floats, buildings: gpd.GeoDataFrame) -> Floats:
    """Height of the highest roof over places, m.

    Parameters
    ----------
    places : array (n, 2)
        Positions, m.
    buildings : GeoDataFrame
        Polygons in the same CRS with `height_m`.

    Returns
    -------
    array (n,)
        m; 0 where nothing is built.
    """
    tree = shapely.STRtree(buildings.geometry.array)
    row, found = tree.query(shapely.points(places), predicate="intersects")
    roof = np.zeros(len(places))
    np.maximum.at(roof, row, buildings["height_m"].to_numpy(dtype=np.float64)[found])
    return roof


def clear_antennas(
    places: Floats, height_m: Floats, rooftop: Mask, buildings: gpd.GeoDataFrame
) -> Floats:
    """Antennas outside of what is built where they stand.

    Parameters
    ----------
    places : array (n, 2)
        Positions, m.
    height_m : array (n,)
        Height above ground, m.
    rooftop : array (n,) of bool
        Antennas lifted to 3 m over the roof, as macro antennas are; others below the roof are
        moved outside the nearest wall.
    buildings : GeoDataFrame
        Polygons in the same CRS with `height_m`.

    Returns
    -------
    array (n, 3)
        m.
    """
    roof = roof_m(places, buildings)
    least = np.where((roof > 0) & (rooftop | (height_m >= roof)), roof + ROOF_M, 0.0)
    lifted = np.maximum(height_m, least)
    low = lifted < roof
    where = places.copy()
    where[low] = outdoors(places[low], buildings)
    return np.column_stack([where, lifted])
