import io
import json
import zipfile

import geopandas as gpd
import pytest
import shapely

from netspatial.errors import BadInput
from netspatial.ui.plan.area_upload import area_of_upload
from netspatial.user_files.limits import UPLOAD

BOX = shapely.box(9.0, 45.0, 9.01, 45.01)
GEOJSON = json.dumps(BOX.__geo_interface__).encode()


def packed(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(
    "name", ["area.geojson", "AREA.JSON", "../../etc/passwd.geojson", "C:\\x\\a.geojson", "/a.json"]
)
def test_geojson_is_read_whatever_the_path_in_its_name(name: str) -> None:
    assert area_of_upload(name, GEOJSON).geometry.equals(BOX)


def test_geoparquet_is_read() -> None:
    written = io.BytesIO()
    gpd.GeoDataFrame(geometry=[BOX], crs="EPSG:4326").to_parquet(written)
    assert area_of_upload("area.parquet", written.getvalue()).geometry.equals(BOX)


def test_a_zipped_shapefile_is_read(tmp_path) -> None:
    gpd.GeoDataFrame({"n": [1]}, geometry=[BOX], crs="EPSG:4326").to_file(tmp_path / "area.shp")
    parts = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert area_of_upload("area.zip", packed(**parts)).area_km2 == pytest.approx(0.87, rel=0.02)


@pytest.mark.parametrize("name", ["area.exe", "area", "area.pkl", "area.geojson.gz", ""])
def test_another_type_of_file_is_rejected(name: str) -> None:
    with pytest.raises(BadInput, match="holds no area"):
        area_of_upload(name, GEOJSON)


def test_a_too_large_file_is_rejected() -> None:
    with pytest.raises(BadInput, match="more than 20 MB"):
        area_of_upload("area.geojson", bytes(20_000_001))


def test_an_archive_bomb_is_rejected() -> None:
    bomb = packed(**{"a.shp": bytes(UPLOAD.unpacked_mb * 1_000_000 + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(BadInput, match="unpacked, more than the limit"):
        area_of_upload("area.zip", bomb)


@pytest.mark.parametrize("inside", ["../a.shp", "/a.shp", "a/../../b.shp", "..\\a.shp", "C:/a.shp"])
def test_a_path_that_leaves_the_archive_is_rejected(inside: str) -> None:
    with pytest.raises(BadInput, match="leads out of it"):
        area_of_upload("area.zip", packed(**{inside: b"x"}))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("a.vrt", "a file of the kind '.vrt'"),
        ("a.zip", "a file of the kind '.zip'"),
        ("a.py", "a file of the kind '.py'"),
        ("a.gpkg", "holds something else"),
    ],
)
def test_other_files_in_an_archive_are_rejected(inside: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        area_of_upload("area.zip", packed(**{"a.shp": b"x", inside: b"x"}))


def test_too_many_members_and_broken_archives_are_rejected() -> None:
    with pytest.raises(BadInput, match="more than the limit of 64"):
        area_of_upload("a.zip", packed(**{f"{n}.shp": b"" for n in range(UPLOAD.members + 1)}))
    with pytest.raises(BadInput, match="holds something else"):
        area_of_upload("a.zip", b"PK nothing")


@pytest.mark.parametrize("name", ["area.kml", "area.geojson"])
def test_a_file_that_refers_to_other_files_is_rejected(name: str) -> None:
    elsewhere = b"<OGRVRTDataSource><!-- <kml --><SrcDataSource>/etc</SrcDataSource>"
    with pytest.raises(BadInput, match="holds something else"):
        area_of_upload(name, elsewhere)


def test_invalid_json_is_rejected() -> None:
    with pytest.raises(BadInput, match="is not JSON"):
        area_of_upload("area.geojson", b"{")
