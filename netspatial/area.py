"""A drawn area: a checked surface in lon/lat, from GeoJSON, a box, a centre with a side, or a file.

Any input becomes one valid polygon or multipolygon, or an error that says what is wrong with it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from netspatial.coordinate_systems import crs_of
from netspatial.errors import BadInput
from netspatial.user_files.json_text import parse_json
from netspatial.user_files.limits import COMMAND_LINE, Limits
from netspatial.valid_surface import MAX_CROSSINGS, crossings, first_tangled, repair

if TYPE_CHECKING:  # only figures need plotly and folium
    import folium
    import plotly.graph_objects as go

LonLatBounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

LIMIT_KM2 = 400.0
MAX_VERTICES = 10_000
MAX_CHANGED = 0.01
"""Maximum relative change of the surface by a repair."""
MAX_OVERLAPS = 20_000
"""Maximum number of crossings between parts; more take long to unite."""
NORTHMOST, SOUTHMOST = 84.0, -80.0
"""Limits of the UTM zones, degrees."""

_ELLIPSOID = Geod(ellps="WGS84")
_LONLAT = CRS.from_epsg(4326)
_SURFACES = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, repr=False)
class Area:
    """A checked surface in lon/lat (EPSG:4326). Make one with `around` or a `from_...` constructor.

    In a notebook it shows its size and outline.

    Attributes
    ----------
    geometry : shapely.Polygon or shapely.MultiPolygon
        The surface, longitude first.
    notes : tuple of str
        One sentence per repair; usually empty.

    Examples
    --------
    >>> Area.around(9.19, 45.464, side_m=2000)
    <Area of 4 km², west 9.17721, south 45.45500, east 9.20279, north 45.47300>

    """

    geometry: Polygon | MultiPolygon
    notes: tuple[str, ...] = ()

    @classmethod
    def from_geometry(cls, geometry: BaseGeometry, *, limit_km2: float = LIMIT_KM2) -> "Area":
        """Check a shapely geometry in lon/lat and make it an area.

        Parameters
        ----------
        geometry : shapely geometry
            A Polygon, a MultiPolygon, or a GeometryCollection of these, in degrees.
        limit_km2 : float
            Largest surface, km2.

        Returns
        -------
        Area
            The surface, repaired where it crosses itself a little; `notes` says so.

        Raises
        ------
        BadInput
            If it is no surface, too large, or needs a repair of more than 1 % of its surface.
        """
        surface, notes = _checked(geometry)
        area = cls(surface, notes)
        _check_size(area.area_km2, limit_km2)
        return area

    @classmethod
    def from_geojson(
        cls, source: str | bytes | Mapping[str, Any], *, limit_km2: float = LIMIT_KM2
    ) -> "Area":
        """Read a Feature, FeatureCollection, Polygon or MultiPolygon, as text or parsed.

        Longitude comes first (RFC 7946); the older member `crs` is used where present.

        Parameters
        ----------
        source : str, bytes or mapping
            GeoJSON.
        limit_km2 : float
            Largest surface, km2.

        Returns
        -------
        Area
            All polygons united.

        Raises
        ------
        BadInput
            If the text is no GeoJSON of a surface; else as in `from_geometry`.

        Examples
        --------
        >>> square = shapely.box(9.18, 45.46, 9.20, 45.47)
        >>> Area.from_geojson(shapely.to_geojson(square)).geometry.equals(square)
        True
        """
        if isinstance(source, str | bytes):
            source = parse_json(source, COMMAND_LINE, "The area")
        geometry = _from_json(source)
        named = _crs_member(source) if isinstance(source, Mapping) else None
        if named is not None and not named.equals(_LONLAT, ignore_axis_order=True):
            geometry = _to_lonlat(geometry, named)
        return cls.from_geometry(geometry, limit_km2=limit_km2)

    @classmethod
    def from_bounds(
        cls, west: float, south: float, east: float, north: float, *, limit_km2: float = LIMIT_KM2
    ) -> "Area":
        """Make the area between two meridians and two parallels, in degrees.

        Parameters
        ----------
        west, south, east, north : float
            The sides of the box, degrees.
        limit_km2 : float
            Largest surface, km2.

        Returns
        -------
        Area
            The box.

        Raises
        ------
        BadInput
            If the sides are not in order, or the box crosses the antimeridian.

        Examples
        --------
        >>> Area.from_bounds(9.18, 45.46, 9.20, 45.47).bounds
        (9.18, 45.46, 9.2, 45.47)
        """
        if not all(map(math.isfinite, (west, south, east, north))):
            raise BadInput("The box has a corner that is not a finite number; give four degrees.")
        if south >= north:
            raise BadInput(
                f"The box's south ({south:g}) is not below its north ({north:g}); "
                "the order is west, south, east, north."
            )
        if west >= east:
            raise BadInput(
                f"The box's west ({west:g}) is not below its east ({east:g}); the order is west, "
                "south, east, north, and a box across the antimeridian must be cut in two."
            )
        return cls.from_geometry(shapely.box(west, south, east, north), limit_km2=limit_km2)

    @classmethod
    def around(
        cls, lon: float, lat: float, side_m: float, *, limit_km2: float = LIMIT_KM2
    ) -> "Area":
        """Make the square with side `side_m` metres and centre (lon, lat), north up.

        Parameters
        ----------
        lon, lat : float
            The centre, degrees.
        side_m : float
            Side of the square, metres.
        limit_km2 : float
            Largest surface, km2.

        Returns
        -------
        Area
            The square.

        Raises
        ------
        BadInput
            If the side is not positive or the centre is not in degrees.
        """
        if not (math.isfinite(side_m) and side_m > 0):
            raise BadInput(f"The side of the area is {side_m:g} m; a positive length is needed.")
        _checked_coordinates(np.array([[lon, lat]], dtype=float))
        _check_size(side_m**2 / 1e6, limit_km2)
        flat = CRS.from_proj4(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m")
        half = side_m / 2
        square = _to_lonlat(shapely.box(-half, -half, half, half), flat)
        return cls(*_checked(square))

    @classmethod
    def from_file(
        cls, path: str | Path, *, limit_km2: float = LIMIT_KM2, limits: Limits = COMMAND_LINE
    ) -> "Area":
        """Read GeoJSON, GeoParquet, KML or a zipped shapefile, in any coordinate system.

        Parameters
        ----------
        path : str or Path
            The file.
        limit_km2 : float
            Largest surface, km2.
        limits : Limits
            Limits of the file's content; it is read in a separate process.

        Returns
        -------
        Area
            All polygons of all layers united.

        Raises
        ------
        BadInput
            If the file is missing, of another kind, or holds no surface.
        """
        from netspatial.area_files import read_area_file  # noqa: PLC0415  builds areas itself

        feature = read_area_file(Path(path), limit_km2, limits)
        surface = _solid(shapely.geometry.shape(feature["geometry"]))
        return cls(surface, tuple(feature["properties"]["notes"]))

    @cached_property
    def area_km2(self) -> float:
        """Surface on the WGS 84 ellipsoid, in km2."""
        parts = shapely.get_parts(self.geometry)
        surfaces = (_ELLIPSOID.geometry_area_perimeter(orient(part))[0] for part in parts)
        return float(sum(surfaces)) / 1e6

    @property
    def bounds(self) -> LonLatBounds:
        """West, south, east, north in degrees."""
        west, south, east, north = self.geometry.bounds
        return west, south, east, north

    @property
    def centroid(self) -> Point:
        """The centroid in lon/lat; it may lie outside a hollow area."""
        return self.geometry.centroid

    def to_geojson(self) -> dict[str, Any]:
        """Return the area as a GeoJSON Feature.

        Returns
        -------
        dict
            The Feature, with `area_km2` and `notes` as properties.
        """
        return {
            "type": "Feature",
            "properties": {"area_km2": round(self.area_km2, 6), "notes": list(self.notes)},
            "geometry": shapely.geometry.mapping(self.geometry),
        }

    def plot(self) -> "go.Figure":
        """Return the chart of the outline, in degrees.

        Returns
        -------
        plotly.graph_objects.Figure
            North is up, and distances are in proportion.

        """
        from netspatial.viz.notebook_area import area_chart  # noqa: PLC0415  plotly is heavy

        return area_chart(self)

    def explore(self) -> "folium.Map":
        """Return an interactive map of the area on OpenStreetMap.

        Returns
        -------
        folium.Map
            It loads map tiles and Leaflet from their public addresses.

        """
        from netspatial.viz.notebook_area import area_map  # noqa: PLC0415  folium is heavy

        return area_map(self)

    def to_file(self, path: str | Path) -> Path:
        """Write the area as one feature and return its path.

        Parameters
        ----------
        path : str or Path
            ``.geojson``, ``.gpkg``, ``.kml``, ``.parquet`` or ``.csv``.

        Returns
        -------
        Path
            The written file; `from_file` reads all but ``.csv``.

        Raises
        ------
        BadInput
            Where the extension is not known.

        """
        import geopandas as gpd  # noqa: PLC0415  heavy

        from netspatial.place_files import write_places  # noqa: PLC0415  heavy

        row = {"area_km2": [self.area_km2], "notes": [" ".join(self.notes)]}
        return write_places(gpd.GeoDataFrame(row, geometry=[self.geometry], crs="EPSG:4326"), path)

    def __repr__(self) -> str:
        """Return one line: surface and bounds."""
        west, south, east, north = self.bounds
        return (
            f"<Area of {self.area_km2:.4g} km², west {west:.5f}, south {south:.5f}, "
            f"east {east:.5f}, north {north:.5f}>"
        )

    def _repr_html_(self) -> str:
        from netspatial.viz.notebook_area import area_html  # noqa: PLC0415  heavy

        return area_html(self)

    def check_within(self, bounds: LonLatBounds) -> None:
        """Raise unless the whole area lies in `bounds`: the extent of the city's imagery.

        Parameters
        ----------
        bounds : tuple of float
            West, south, east, north, degrees.

        Raises
        ------
        BadInput
            If some of the area lies outside, or its coordinates look swapped.
        """
        extent = shapely.box(*bounds)
        if extent.covers(self.geometry):
            return
        where = "west {:.5f}, south {:.5f}, east {:.5f}, north {:.5f}".format(*bounds)
        swapped = shapely.transform(self.geometry, lambda xy: xy[:, ::-1])
        if extent.covers(swapped):
            raise BadInput(
                "The area's coordinates look swapped: read as latitude, longitude it would lie in "
                "the city; give longitude first."
            )
        if not extent.intersects(self.geometry):
            raise BadInput(f"The area lies outside the city's imagery; draw it within {where}.")
        outside = 1 - extent.intersection(self.geometry).area / self.geometry.area
        raise BadInput(
            f"{max(outside, 0.001):.1%} of the area lies outside the city's imagery; "
            f"draw it within {where}."
        )


def _check_size(area_km2: float, limit_km2: float) -> None:
    if not limit_km2 > 0:
        raise BadInput(f"The limit of an area is {limit_km2:g} km2; a positive size is needed.")
    if area_km2 > limit_km2:
        raise BadInput(
            f"The area measures {area_km2:,.1f} km2, more than the limit of {limit_km2:,g} km2; "
            "draw a smaller one."
        )


def _from_json(source: Any) -> BaseGeometry:
    """Build the geometry of parsed GeoJSON; several features become one collection."""
    if not isinstance(source, Mapping) or "type" not in source:
        raise BadInput("The area is not GeoJSON: it has no member 'type'.")
    if source["type"] == "FeatureCollection":
        features = source.get("features")
        if not isinstance(features, list | tuple) or not features:
            raise BadInput("The area is empty: its FeatureCollection holds no features.")
        if any(isinstance(one, Mapping) and one.get("type") == source["type"] for one in features):
            raise BadInput("The area holds a FeatureCollection inside another; write it flat.")
        return shapely.GeometryCollection([_from_json(feature) for feature in features])
    if source["type"] == "Feature":
        if source.get("geometry") is None:
            raise BadInput("The area is empty: its Feature has no geometry.")
        return _from_json(source["geometry"])
    if source["type"] not in _SURFACES:
        raise BadInput(
            f"The area is a {source['type']!s:.40}; a Polygon or MultiPolygon is needed."
        )
    try:
        with np.errstate(invalid="ignore"):  # NaN is reported with the coordinates below
            return shapely.geometry.shape(dict(source))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadInput(
            f"The area's {source['type']} cannot be built: every ring needs at least four "
            "positions of two numbers, the last equal to the first."
        ) from error


def _crs_member(source: Mapping[str, Any]) -> CRS | None:
    """Return the coordinate system of GeoJSON older than RFC 7946, or None."""
    if source.get("crs") is None:
        return None
    try:
        named = source["crs"]["properties"]["name"]
    except (KeyError, TypeError) as error:
        raise BadInput(
            "The area's member 'crs' has no name of a coordinate system; leave it out for lon/lat."
        ) from error
    return crs_of(named, "The area's member 'crs'")


def _to_lonlat(geometry: BaseGeometry, crs: CRS) -> BaseGeometry:
    to_lonlat = Transformer.from_crs(crs, _LONLAT, always_xy=True)
    flat = shapely.force_2d(geometry)
    return shapely.transform(
        flat, lambda xy: np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1]))
    )


def _checked(geometry: BaseGeometry) -> tuple[Polygon | MultiPolygon, tuple[str, ...]]:
    """Return one valid surface, and notes on its repairs."""
    parts = _surfaces(geometry)
    if not parts:
        raise BadInput("The area is empty; draw a polygon.")
    vertices = int(shapely.get_num_coordinates(parts).sum())
    if vertices > MAX_VERTICES:
        raise BadInput(
            f"The area has {vertices:,} vertices, more than {MAX_VERTICES:,}; simplify it first."
        )
    _checked_coordinates(shapely.get_coordinates(parts))
    _check_tangles(np.array(parts, dtype=object))
    repaired = [_repaired(part) for part in parts]
    surface = _solid(shapely.union_all([part for part, _ in repaired]))
    notes = tuple(dict.fromkeys(note for _, part_notes in repaired for note in part_notes))
    return surface, notes


def _check_tangles(parts: np.ndarray[Any, np.dtype[np.object_]]) -> None:
    """Raise where polygons cross themselves or each other too often to be repaired and united."""
    if first_tangled(parts) is not None:
        raise BadInput(
            f"The area crosses itself more than {MAX_CROSSINGS} times; draw it again without "
            "crossing lines."
        )
    together = shapely.GeometryCollection(list(parts))
    if len(parts) > 1 and crossings(together, MAX_OVERLAPS) > MAX_OVERLAPS:
        raise BadInput("The area consists of parts that overlap too often; unite them first.")


def _surfaces(geometry: BaseGeometry) -> list[Polygon]:
    """Return all polygons of a geometry, flat; raise for anything that is not a surface."""
    if geometry.geom_type == "GeometryCollection":
        return [p for member in shapely.get_parts(geometry) for p in _surfaces(member)]
    if geometry.geom_type not in _SURFACES:
        raise BadInput(f"The area is a {geometry.geom_type}; a Polygon or MultiPolygon is needed.")
    flat = shapely.get_parts(shapely.force_2d(geometry))
    return [polygon for polygon in flat if not polygon.is_empty]


def _checked_coordinates(lonlat: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    """Raise unless all (n, 2) positions are degrees, longitude first, on one side of 180."""
    if not np.isfinite(lonlat).all():
        raise BadInput("The area has a coordinate that is not a finite number (NaN or infinite).")
    lon, lat = lonlat.T
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    if max(abs(south), abs(north)) > 90:
        if max(abs(south), abs(north)) <= 180 and max(abs(west), abs(east)) <= 90:
            raise BadInput(
                f"The area's coordinates look swapped: {_first_beyond(lat, 90):g} is not a "
                "latitude; give longitude first."
            )
        raise BadInput(
            f"The area's coordinates are not degrees: {_first_beyond(lat, 90):g} is not a "
            "latitude; name their coordinate system or give lon/lat."
        )
    if east - west > 180 or (max(abs(west), abs(east)) > 180 and west < 180 and east > -180):
        raise BadInput(
            "The area crosses the antimeridian; cut it in two there and draw one side at a time."
        )
    if max(abs(west), abs(east)) > 180:
        raise BadInput(
            f"The area has the longitude {_first_beyond(lon, 180):g}; "
            "longitudes run from -180 to 180."
        )
    if north > NORTHMOST or south < SOUTHMOST:
        raise BadInput(
            f"The area reaches the latitude {north if north > NORTHMOST else south:g}; "
            "metric cells exist between 80 degrees south and 84 degrees north."
        )


def _solid(surface: BaseGeometry) -> Polygon | MultiPolygon:
    if not isinstance(surface, Polygon | MultiPolygon) or surface.area == 0:
        raise BadInput("The area has no surface: its vertices lie on one line.")
    return surface


def _first_beyond(values: np.ndarray[Any, np.dtype[np.float64]], limit: float) -> float:
    return float(values[np.abs(values) > limit][0])


def _repaired(polygon: Polygon) -> tuple[BaseGeometry, tuple[str, ...]]:
    """Return a valid polygon, repaired only where the surface stays within `MAX_CHANGED`."""
    if polygon.is_valid:
        return polygon, ()
    reason = shapely.is_valid_reason(polygon).split("[")[0].lower()
    surface = repair(polygon)
    change = abs(surface.area - polygon.area) / max(polygon.area, surface.area, 1e-300)
    if surface.area > 0 and change > MAX_CHANGED:
        raise BadInput(
            f"The area crosses itself ({reason}), and a repair would change its surface by "
            f"{change:.0%}; draw it again without crossing lines."
        )
    return surface, (
        f"The area crossed itself ({reason}); its repair changed the surface by {change:.2%}.",
    )
