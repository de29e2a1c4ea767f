"""Metric cells over an area: squares on the fixed lattice of a coordinate system, or H3 hexagons.

The id of a cell depends on its place alone, so that runs over different areas can be compared cell
by cell.
"""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from netspatial.area import Area
from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput

SMALLEST_M, LARGEST_M = 10.0, 5_000.0
MAX_CELLS = 1_000_000
MIN_SHARE = 1e-9
"""Minimum share of a cell inside the area; less is rounding error."""
MAX_DISTORTED = 0.01
"""Maximum relative difference of surfaces in the metric CRS from the ellipsoid."""
H3_RESOLUTIONS = range(6, 13)
"""Hexagons with edges of about 3.7 km down to 11 m."""

_BLOCK = 8
"""Cells along the side of a block that is cut together."""
_STEP_DEG = 0.005
"""Spacing of added vertices, about 500 m: straight lines in lon/lat are curved in metres."""
_BOX_DEG = 0.02
"""Side of the boxes in which hexagons are looked up."""

Geometries = NDArray[np.object_]


def make_grid(area: Area, cell_m: float = 100.0, crs: CRS | None = None) -> gpd.GeoDataFrame:
    """Cut an area into square cells of `cell_m` metres on the lattice of `crs`.

    A cell is a whole square whose corner is a multiple of `cell_m` in `crs`; it is kept
    if it overlaps the area. Its id, for example 32632-100-5143-50321, consists of
    the CRS, the size, the column and the row of the square.

    Parameters
    ----------
    area : Area
        The area to cover.
    cell_m : float
        Side of a cell, 10 to 5000 m.
    crs : pyproj.CRS, optional
        A metric CRS, usually the city's; by default the UTM zone of the area's centroid.

    Returns
    -------
    geopandas.GeoDataFrame
        cell_id, x and y (centre, metres), lon and lat (centre, degrees), inside (share of the
        cell inside the area, in (0, 1]), geometry in `crs`; sorted by row, then column.

    Raises
    ------
    BadInput
        If the size is out of range, `crs` distorts surfaces there by more than 1 %, or there
        would be more than a million cells.

    Examples
    --------
    >>> cells = make_grid(Area.around(9.19, 45.464, side_m=500), cell_m=250)
    >>> list(cells.columns)
    ['cell_id', 'x', 'y', 'lon', 'lat', 'inside', 'geometry']
    >>> round(float((cells["inside"] * 250**2).sum()) / 1e6, 2)
    0.25
    """
    if not SMALLEST_M <= cell_m <= LARGEST_M:
        raise BadInput(
            f"Cells of {cell_m:g} m cannot be made; "
            f"give a size from {SMALLEST_M:g} m to {LARGEST_M:g} m."
        )
    crs = crs or utm_zone(area)
    zone = crs_code(crs)
    shape = project(area, crs)
    _refuse_too_many(area.area_km2 * 1e6 / cell_m**2, f"{cell_m:g} m")
    columns, rows = _lattice(shape, cell_m)
    squares = _squares(columns, rows, cell_m)
    shares = share_inside(squares, shape)
    kept = np.flatnonzero(shares > MIN_SHARE)
    kept = kept[np.lexsort((columns[kept], rows[kept]))]
    names = [
        f"{zone}-{cell_m:g}-{column}-{row}"
        for column, row in zip(columns[kept].tolist(), rows[kept].tolist(), strict=True)
    ]
    centres = (np.column_stack([columns[kept], rows[kept]]) + 0.5) * cell_m
    return _table(names, centres, shares[kept], squares[kept], crs)


def h3_grid(area: Area, resolution: float = 9, crs: CRS | None = None) -> gpd.GeoDataFrame:
    """Cover an area with the H3 hexagons of a resolution; columns as in `make_grid`.

    The id is that of H3. A hexagon is kept whole if it overlaps the area; hexagons fit together
    without gaps, but their size varies over the globe.

    Parameters
    ----------
    area : Area
        The area to cover.
    resolution : float
        H3 resolution, 6 to 12: edges of about 3.7 km down to 11 m.
    crs : pyproj.CRS, optional
        A metric CRS; by default the UTM zone of the area's centroid.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per hexagon, columns as in `make_grid`, sorted by id.

    Raises
    ------
    BadInput
        If the resolution is out of range; else as in `make_grid`.
    """
    if resolution not in H3_RESOLUTIONS:
        raise BadInput(
            f"The H3 resolution {resolution:g} cannot be used; "
            f"give one from {H3_RESOLUTIONS[0]} to {H3_RESOLUTIONS[-1]}."
        )
    resolution = int(resolution)
    crs = crs or utm_zone(area)
    shape = project(area, crs)
    _refuse_too_many(
        area.area_km2 / h3.average_hexagon_area(resolution, "km^2"), f"resolution {resolution}"
    )
    names = np.array(_hexagons_near(area.geometry, resolution))
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    hexagons = _hexagons(names.tolist(), to_metric)
    shares = share_inside(hexagons, shape)
    kept = shares > MIN_SHARE
    latlng = np.array([h3.cell_to_latlng(name) for name in names[kept].tolist()])
    centres = np.column_stack(to_metric.transform(latlng[:, 1], latlng[:, 0]))
    return _table(names[kept].tolist(), centres, shares[kept], hexagons[kept], crs)


GRIDS: dict[str, Callable[[Area, float, CRS | None], gpd.GeoDataFrame]] = {
    "square": make_grid,
    "h3": h3_grid,
}
"""Builder of each grid by name, called with (area, size or resolution, crs)."""


def utm_zone(area: Area) -> CRS:
    """Return the UTM zone (WGS 84) of the area's centroid.

    Parameters
    ----------
    area : Area
        The area.

    Returns
    -------
    pyproj.CRS
        The metric CRS of the zone.

    Examples
    --------
    >>> utm_zone(Area.around(9.19, 45.464, side_m=500)).to_string()
    'EPSG:32632'
    """
    lon, lat = area.centroid.x, area.centroid.y
    number = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + number)


def crs_code(crs: CRS) -> str:
    """Return the short name of a metric CRS in cell ids, such as 32632 or ESRI102003."""
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        raise BadInput(f"Cells need a metric coordinate system, and '{crs.name}' has no metres.")
    authority = crs.to_authority()
    if authority is None:
        raise BadInput(
            f"The coordinate system '{crs.name}' has no authority code to name cells after; "
            "use a UTM zone such as EPSG:32632."
        )
    return authority[1] if authority[0] == "EPSG" else "".join(authority)


def project(area: Area, crs: CRS) -> BaseGeometry:
    """Return the area's geometry in a metric CRS; raise where that CRS distorts surfaces."""
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    fine = shapely.segmentize(area.geometry, _STEP_DEG)
    shape = shapely.transform(
        fine, lambda xy: np.column_stack(to_metric.transform(xy[:, 0], xy[:, 1]))
    )
    finite = bool(np.isfinite(shapely.get_coordinates(shape)).all())
    distortion = abs(shape.area / 1e6 / area.area_km2 - 1) if finite else np.inf
    if distortion > MAX_DISTORTED:
        raise BadInput(
            f"The area cannot be measured in '{crs.name}', which distorts surfaces there by "
            f"{distortion:.0%}; use {utm_zone(area).to_string()} or draw nearer to the city."
        )
    return shape if shape.is_valid else shape.buffer(0)


def share_inside(cells: Geometries, shape: BaseGeometry) -> Floats:
    """Return the share of each cell's surface that lies inside `shape`, (n,) in [0, 1].

    Parameters
    ----------
    cells : array of shapely geometries, (n,)
        The cells.
    shape : shapely geometry
        A surface in the same metric CRS.

    Returns
    -------
    ndarray of float64, (n,)
        0 outside, 1 inside.

    Notes
    -----
    Only cells on the edge are cut, in blocks, with the piece of `shape` near them: cutting each
    with a coastline of thousands of vertices would take minutes.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    >>> share_inside(squares, shapely.box(0.5, 0, 2, 1)).tolist()
    [0.5, 0.0]
    """
    shapely.prepare(shape)
    shares = np.zeros(len(cells))
    touching = np.flatnonzero(shapely.intersects(shape, cells))
    covered = shapely.covers(shape, cells[touching])
    shares[touching[covered]] = 1.0
    edge = touching[~covered]
    for block in _blocks(cells[edge]):
        near = edge[block]
        piece = shapely.intersection(shape, shapely.box(*shapely.total_bounds(cells[near])))
        cut = shapely.area(shapely.intersection(piece, cells[near]))
        shares[near] = np.minimum(cut / shapely.area(cells[near]), 1.0)
    return shares


def _blocks(cells: Geometries) -> list[NDArray[np.intp]]:
    """Group cells into square blocks of about `_BLOCK` cells a side, by their lower left corner."""
    if len(cells) == 0:
        return []
    left, bottom, right, _ = shapely.bounds(cells).T
    side = _BLOCK * float(np.median(right - left))
    corners = np.column_stack([left // side, bottom // side])
    _, block = np.unique(corners, axis=0, return_inverse=True)
    order = np.argsort(block, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(block[order])) + 1)


def _lattice(shape: BaseGeometry, cell_m: float) -> tuple[Indices, Indices]:
    """Return columns and rows of the squares that may touch `shape`, (n,) each.

    By quadtree from one square over everything down to the cells: the space between distant parts
    costs nothing.
    """
    shapely.prepare(shape)
    left, bottom, right, top = shape.bounds
    levels = max(0, int(np.ceil(np.log2(max(right - left, top - bottom) / cell_m + 1))))
    size = cell_m * 2**levels
    columns, rows = (
        grid.ravel().astype(np.int64)
        for grid in np.meshgrid(
            np.arange(np.floor(left / size), np.floor(right / size) + 1),
            np.arange(np.floor(bottom / size), np.floor(top / size) + 1),
        )
    )
    for level in range(levels + 1):
        size = cell_m * 2 ** (levels - level)
        touched = shapely.intersects(shape, _squares(columns, rows, size))
        columns, rows = columns[touched], rows[touched]
        _refuse_too_many(len(columns), f"{size:g} m")
        if level < levels:
            columns = (2 * columns[:, None] + np.array([0, 1, 0, 1])).ravel()
            rows = (2 * rows[:, None] + np.array([0, 0, 1, 1])).ravel()
    return columns, rows


def _squares(columns: Indices, rows: Indices, side: float) -> Geometries:
    left, bottom = columns * side, rows * side
    squares: Any = shapely.box(left, bottom, left + side, bottom + side)
    return np.asarray(squares, dtype=object)


def _hexagons_near(geometry: BaseGeometry, resolution: int) -> list[str]:
    """Return ids of at least all hexagons that touch a lon/lat geometry, sorted.

    Looked up box by box, since H3 is slow for shapes with many vertices.
    """
    columns, rows = _lattice(geometry, _BOX_DEG)
    found: set[str] = set()
    for box in _squares(columns, rows, _BOX_DEG):
        shape = h3.geo_to_h3shape(box)
        found.update(h3.polygon_to_cells_experimental(shape, resolution, contain="bbox_overlap"))
    return sorted(found)


def _hexagons(names: list[str], to_metric: Transformer) -> Geometries:
    boundaries = [h3.cell_to_boundary(name) for name in names]
    latlng = np.array([corner for boundary in boundaries for corner in boundary])
    corners = np.column_stack(to_metric.transform(latlng[:, 1], latlng[:, 0]))
    cell = np.repeat(np.arange(len(names)), [len(boundary) for boundary in boundaries])
    rings: Any = shapely.linearrings(corners, indices=cell)
    return np.asarray(shapely.polygons(rings), dtype=object)


def _refuse_too_many(count: float, size: str) -> None:
    if count > MAX_CELLS:
        raise BadInput(
            f"The area would need about {count:,.0f} cells of {size}, more than {MAX_CELLS:,}; "
            "use larger cells or a smaller area."
        )


def _table(
    names: list[str],
    centres: NDArray[Any],
    inside: Floats,
    cells: Geometries,
    crs: CRS,
) -> gpd.GeoDataFrame:
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*centres.T)
    columns = {
        "cell_id": names,
        "x": centres[:, 0],
        "y": centres[:, 1],
        "lon": lon,
        "lat": lat,
        "inside": inside,
    }
    return gpd.GeoDataFrame(columns, geometry=cells, crs=crs)
