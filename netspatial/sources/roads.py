"""Polygons of lines: roads with the width of their class, or with a given width.

Used by `landuse_table`. Polygons that touch are united in squares, so that a crossing counts once
and no polygon is the network of a whole city.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from netspatial.arrays import Floats

WIDTHS_M: dict[float, str] = {
    13.0: "motorway trunk 0",
    10.0: "primary motorway_link trunk_link 1 2",
    8.0: "secondary primary_link 3",
    7.0: "tertiary secondary_link tertiary_link 4 5",
    6.0: "residential unclassified road 6",
    5.0: "living_street pedestrian 7",
    4.0: "service busway 8",
    3.0: "track",
    2.0: "path footway cycleway bridleway steps",
}
"""Usual widths of a carriageway, m, with `highway` of OpenStreetMap and functional road classes.

A line is one carriageway: motorways are drawn as two.
"""
OTHER_M = 4.0
"""Width of a road of unknown class, m."""
SQUARE_M = 1000.0
QUARTER = 2
"""Segments per quarter circle of a buffer."""

_WIDTH = {word: width for width, words in WIDTHS_M.items() for word in words.split()}


def widths_m(classes: Sequence[str]) -> tuple[Floats, list[str]]:
    """Return the width of each road, m, by its class, and notes on unknown classes.

    Parameters
    ----------
    classes : sequence of str
        Values of `highway`, or functional road classes.

    Returns
    -------
    tuple of ndarray of float64, (n,), and list of str
        Widths in m, and notes.

    Examples
    --------
    >>> widths_m(["motorway", "Footway"])[0].tolist()
    [13.0, 2.0]
    """
    words = [word.strip().lower() for word in classes]
    strange = sorted({word for word in words if word not in _WIDTH})
    widths = np.array([_WIDTH.get(word, OTHER_M) for word in words])
    notes = ["Roads have the usual width of their class."] if len(strange) < len(set(words)) else []
    if strange:
        count = sum(word not in _WIDTH for word in words)
        named = ", ".join(word or "none" for word in strange[:5]) + (", ..." if strange[5:] else "")
        notes.append(f"{count} roads of unknown class ({named}) were taken as {OTHER_M:g} m wide.")
    return widths, notes


def surfaces(lines: gpd.GeoDataFrame, width_m: Floats, crs: CRS) -> gpd.GeoDataFrame:
    """Return the polygons of lines, united by use.

    lines   : use and lines in EPSG:4326
    width_m : of each line, m
    crs     : metric CRS in which widths are measured
    """
    metric = lines.geometry.to_crs(crs).to_numpy()
    strips = shapely.buffer(metric, width_m / 2, cap_style="flat", quad_segs=QUARTER)
    parts = []
    for use, rows in lines.groupby("use", sort=True).indices.items():
        united = _united(strips[rows])
        parts.append(gpd.GeoDataFrame({"use": [use] * len(united)}, geometry=united, crs=crs))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs).to_crs("EPSG:4326")


def _united(strips: NDArray[np.object_]) -> NDArray[np.object_]:
    """Unite polygons in squares of `SQUARE_M`; the results do not overlap."""
    left, bottom, right, top = shapely.total_bounds(strips) // SQUARE_M * SQUARE_M
    x, y = np.meshgrid(np.arange(left, right + 1, SQUARE_M), np.arange(bottom, top + 1, SQUARE_M))
    squares = shapely.box(x.ravel(), y.ravel(), x.ravel() + SQUARE_M, y.ravel() + SQUARE_M)
    at, which = shapely.STRtree(strips).query(squares)
    hit, begin = np.unique(at, return_index=True)
    united = [shapely.union_all(strips[near]) for near in np.split(which, begin[1:])]
    pieces = shapely.get_parts(shapely.intersection(np.array(united, dtype=object), squares[hit]))
    return np.asarray(pieces[shapely.get_dimensions(pieces) == 2])
