"""An area is one valid surface in lon/lat for any input."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import event, given
from hypothesis import strategies as st
from pyproj import Geod

from netspatial.area import Area
from netspatial.errors import BadInput

TRIANGLE = shapely.Polygon([(9.10, 45.40), (9.16, 45.40), (9.13, 45.44)])
GEOD = Geod(ellps="WGS84")

longitudes = st.floats(-170, 170)
latitudes = st.floats(-70, 75)
sides = st.floats(20, 19_000)


@given(longitudes, latitudes, sides)
def test_a_square_around_a_point_has_the_given_side(lon, lat, side_m):
    area = Area.around(lon, lat, side_m)
    assert area.area_km2 == pytest.approx(side_m**2 / 1e6, rel=1e-3)
    assert GEOD.inv(lon, lat, area.centroid.x, area.centroid.y)[2] < 1 + side_m**2 / 1e6
    assert area.notes == ()


@given(longitudes, latitudes, st.floats(0.001, 0.1), st.floats(0.001, 0.1))
def test_every_way_of_giving_a_box_gives_the_same_area(west, south, width, height):
    bounds = (west, south, west + width, south + height)
    box = shapely.box(*bounds)
    geometry = shapely.geometry.mapping(box)
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    given_as = [
        Area.from_bounds(*bounds),
        Area.from_geometry(box),
        Area.from_geojson(geometry),
        Area.from_geojson(feature),
        Area.from_geojson(json.dumps({"type": "FeatureCollection", "features": [feature]})),
        Area.from_geojson({"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]}),
    ]
    for area in given_as:
        assert area.geometry.normalize() == given_as[0].geometry.normalize()
        assert area.bounds == pytest.approx(bounds)


@given(longitudes, latitudes, sides)
def test_geojson_round_trips(lon, lat, side_m):
    area = Area.around(lon, lat, side_m)
    again = Area.from_geojson(json.dumps(area.to_geojson()))
    assert again.geometry.normalize() == area.geometry.normalize()


def test_the_surface_is_geodesic_and_leaves_holes_out():
    hole = shapely.box(9.12, 45.41, 9.14, 45.42)
    whole = Area.from_geometry(shapely.box(9.10, 45.40, 9.16, 45.44))
    hollow = Area.from_geometry(whole.geometry.difference(hole))
    assert hollow.area_km2 == pytest.approx(
        whole.area_km2 - Area.from_geometry(hole).area_km2, rel=1e-9
    )
    # one degree of the equator by one degree, WGS 84: 12,308.8 km2
    degree = Area.from_bounds(0, 0, 1, 1, limit_km2=20_000)
    assert degree.area_km2 == pytest.approx(12_308.8, rel=1e-4)


def test_features_that_overlap_count_once():
    boxes = [shapely.box(9.10, 45.40, 9.14, 45.44), shapely.box(9.12, 45.40, 9.16, 45.44)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(box)}
        for box in boxes
    ]
    area = Area.from_geojson({"type": "FeatureCollection", "features": features})
    assert area.geometry.equals(shapely.box(9.10, 45.40, 9.16, 45.44))


def test_a_small_crossing_is_repaired_with_a_note():
    # the last corner lies slightly beyond the first edge
    crossed = shapely.Polygon(
        [(9.10, 45.40), (9.16, 45.40), (9.16, 45.44), (9.10, 45.44), (9.1001, 45.3999)]
    )
    assert not crossed.is_valid
    area = Area.from_geometry(crossed)
    assert area.geometry.is_valid
    assert len(area.notes) == 1
    assert "its repair changed the surface by" in area.notes[0]
    assert area.geometry.area == pytest.approx(crossed.area, rel=0.01)


@given(st.lists(st.tuples(st.floats(9.0, 9.1), st.floats(45.0, 45.1)), min_size=3, max_size=12))
def test_any_ring_becomes_a_valid_area_or_is_refused(corners):
    try:
        area = Area.from_geometry(shapely.Polygon(corners))
    except BadInput:
        event("refused")
    else:
        event("repaired" if area.notes else "valid")
        assert area.geometry.is_valid
        assert area.area_km2 > 0


def test_the_third_dimension_is_dropped():
    raised = shapely.force_3d(TRIANGLE, 120.0)
    assert not Area.from_geometry(raised).geometry.has_z


def test_old_geojson_with_a_metric_crs_is_transformed_to_lonlat():
    metric = gpd.GeoSeries([TRIANGLE], crs=4326).to_crs(32632)
    geojson = json.loads(metric.to_json())
    geojson["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    area = Area.from_geojson(geojson)
    assert area.geometry.symmetric_difference(TRIANGLE).area < 1e-9


@pytest.fixture(params=["geojson", "parquet", "kml", "zip"])
def area_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The triangle in each kind of file; where the format allows, in a metric CRS."""
    return _write(TRIANGLE, request.param, tmp_path)


def _write(shape: shapely.Polygon, kind: str, folder: Path) -> Path:
    table = gpd.GeoDataFrame({"Name": ["here"]}, geometry=[shape], crs=4326)
    path = folder / f"area.{kind}"
    if kind == "geojson":
        path.write_text(table.to_json())
    elif kind == "parquet":
        table.to_crs(3035).to_parquet(path)
    elif kind == "kml":
        table.to_file(path, driver="KML")
    else:
        table.to_crs(32632).to_file(folder / "area.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.glob("area.*"):
                if part != path:
                    archive.write(part, part.name)
    return path


def test_every_kind_of_file_gives_the_same_area(area_file):
    area = Area.from_file(area_file)
    assert area.geometry.symmetric_difference(TRIANGLE).area < 1e-8 * TRIANGLE.area + 1e-9


def test_all_folders_of_a_kml_are_read(tmp_path):
    places = "".join(
        f"<Folder><name>f{n}</name><Placemark><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{9 + n},45 {9.01 + n},45 {9.01 + n},45.01 {9 + n},45</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>"
        for n in range(2)
    )
    path = tmp_path / "two.kml"
    path.write_text(
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"{places}</Document></kml>"
    )
    assert len(shapely.get_parts(Area.from_file(path).geometry)) == 2


def test_an_area_within_the_imagery_passes():
    area = Area.from_geometry(TRIANGLE)
    area.check_within((9.0, 45.0, 10.0, 46.0))
    area.check_within(area.bounds)


def test_the_error_for_an_area_beyond_the_imagery_has_the_share_outside():
    area = Area.from_bounds(9.0, 45.0, 9.1, 45.1)
    with pytest.raises(BadInput, match=r"50\.0% of the area lies outside"):
        area.check_within((9.05, 45.0, 10.0, 46.0))


@given(st.integers(3, 200))
def test_vertices_are_counted_before_slow_operations(count):
    angles = np.linspace(0, 2 * np.pi, 10_001 + count)
    circle = shapely.Polygon(np.column_stack([9 + np.cos(angles) / 20, 45 + np.sin(angles) / 20]))
    with pytest.raises(BadInput, match=r"10,\d{3} vertices, more than 10,000"):
        Area.from_geometry(circle)


def test_it_shows_its_size_and_outline_without_fetching():
    area = Area.from_geometry(TRIANGLE)
    page = area._repr_html_()
    assert f"{area.area_km2:.4g} km²" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "http" not in page
    assert repr(area) == (
        f"<Area of {area.area_km2:.4g} km², west 9.10000, south 45.40000, east 9.16000, "
        "north 45.44000>"
    )


def test_its_chart_is_the_outline_with_holes():
    hollow = TRIANGLE.difference(shapely.Point(9.13, 45.415).buffer(0.003))
    rings = Area.from_geometry(hollow).plot().data
    assert len(rings) == 2
    assert set(rings[0].x) == {9.10, 9.16, 9.13}


def test_its_interactive_map_has_the_outline():
    page = Area.from_geometry(TRIANGLE).explore().get_root().render()
    assert "45.44" in page


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "kml", "parquet"])
def test_a_written_area_is_read_again(tmp_path, suffix):
    area = Area.from_geometry(TRIANGLE)
    path = area.to_file(tmp_path / f"area.{suffix}")
    again = gpd.read_parquet(path) if suffix == "parquet" else gpd.read_file(path)
    assert again.geometry.iloc[0].normalize().equals_exact(TRIANGLE.normalize(), 1e-7)
    if suffix in ("geojson", "parquet", "kml"):
        assert Area.from_file(path).geometry.equals_exact(area.geometry, 1e-7) or suffix == "kml"
