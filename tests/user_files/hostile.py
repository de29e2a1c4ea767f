"""Files that attack whoever reads them; every one is small and written in a moment."""

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from rasterio.transform import from_origin

TREASURE = "treasure"
"""The name of a place in a file that nobody gave."""
BOX = shapely.box(9.0, 45.0, 9.01, 45.01)


def secret_of(folder: Path) -> Path:
    """A file beside the upload, whose content must never come back."""
    path = folder / "secret.csv"
    path.write_text(f"name,category,lon,lat\n{TREASURE},cafe,9.005,45.005\n")
    return path


def vector_vrt(folder: Path) -> bytes:
    return (
        "<OGRVRTDataSource><OGRVRTLayer name='secret'>"
        f"<SrcDataSource>{secret_of(folder)}</SrcDataSource><LayerSRS>EPSG:4326</LayerSRS>"
        "<GeometryType>wkbPoint</GeometryType>"
        "<GeometryField encoding='PointFromColumns' x='lon' y='lat'/>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def algorithm(folder: Path) -> bytes:
    """A JSON by which GDAL reads another file through a pipeline."""
    words = f"gdal vector pipeline ! read {secret_of(folder)} ! write stream"
    return json.dumps({"type": "gdal_streamed_alg", "command_line": words}).encode()


def zipped(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "p.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


def named(name: str, make: Callable[[Path], bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(make(folder))
        return folder / name

    return write


LEADS_ELSEWHERE: dict[str, Callable[[Path], Path]] = {
    "VRT as JSON": named("p.json", vector_vrt),
    "VRT as GeoJSON": named("p.geojson", vector_vrt),
    "VRT as GeoPackage": named("p.gpkg", vector_vrt),
    "VRT as Parquet": named("p.parquet", vector_vrt),
    "VRT as shapefile": named("p.shp", vector_vrt),
    "pipeline as JSON": named("p.json", algorithm),
    "pipeline as GeoJSON": named("p.geojson", algorithm),
    "VRT alone in a zip": lambda folder: zipped(folder, "p.vrt", vector_vrt(folder)),
    "VRT as shapefile in a zip": lambda folder: zipped(folder, "p.shp", vector_vrt(folder)),
    "VRT as XML in a zip": lambda folder: zipped(folder, "p.xml", vector_vrt(folder)),
    "VRT as GeoJSON in a zip": lambda folder: zipped(folder, "p.geojson", vector_vrt(folder)),
}
"""Files that have GDAL read the secret in their place."""


def nested(folder: Path, deep: int = 20_000) -> Path:
    """Collections inside each other, deeper than the stack of a process."""
    wkb = struct.pack("<BII", 1, 7, 1) * deep + struct.pack("<BIdd", 1, 1, 9.005, 45.005)
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    table = pa.table(
        {
            "name": ["a"],
            "category": ["cafe"],
            "station_id": ["a"],
            "use": ["park"],
            "geometry": [wkb],
        }
    )
    path = folder / "nested.parquet"
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def many_rows(folder: Path, millions: int = 20) -> Path:
    """A table that is the same row again and again: some kilobytes packed."""
    one = pd.DataFrame({"name": "a", "category": "cafe", "lon": 9.005, "lat": 45.005}, [0])
    rows = pa.Table.from_pandas(one.loc[[0] * 1_000_000], preserve_index=False)
    path = folder / "rows.parquet"
    with pq.ParquetWriter(path, rows.schema, compression="zstd") as writer:
        for _ in range(millions):
            writer.write_table(rows, row_group_size=1_000_000)
    return path


def many_columns(folder: Path) -> Path:
    path = folder / "columns.csv"
    path.write_text(",".join(f"c{n}" for n in range(100_000)) + "\n")
    return path


def recursive_view(folder: Path) -> Path:
    """A GeoPackage whose layer is computed without end."""
    path = folder / "view.gpkg"
    table = {"name": ["a"], "category": ["cafe"]}
    gpd.GeoDataFrame(table, geometry=[BOX.centroid], crs=4326).to_file(path, layer="p")
    database = sqlite3.connect(path)
    database.execute(
        "CREATE VIEW v AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
        "SELECT n AS fid, 'a' AS name, 'cafe' AS category, (SELECT geom FROM p) AS geom FROM r"
    )
    database.execute("UPDATE gpkg_contents SET table_name = 'v', identifier = 'v'")
    database.execute("UPDATE gpkg_geometry_columns SET table_name = 'v'")
    database.commit()
    database.close()
    return path


def computed_column(folder: Path) -> Path:
    path = folder / "computed.gpkg"
    table = {"name": ["a"], "category": ["cafe"]}
    gpd.GeoDataFrame(table, geometry=[BOX.centroid], crs=4326).to_file(path, layer="p")
    database = sqlite3.connect(path)
    database.execute("ALTER TABLE p ADD COLUMN large AS (hex(zeroblob(100000000)))")
    database.commit()
    database.close()
    return path


def deep_json(folder: Path) -> Path:
    path = folder / "deep.geojson"
    path.write_text('{"type":"FeatureCollection","features":' + "[" * 100_000)
    return path


def laughs(folder: Path) -> Path:
    """XML that grows by the power of its entities."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    path = folder / "laughs.kml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY e0 "ha">{entities}]><kml>&e9;</kml>'
    )
    return path


def star(folder: Path) -> Path:
    """A polygon of 9,991 corners that crosses itself fifty million times."""
    angles = np.arange(9_991) * 4_995 * 2 * np.pi / 9_991
    ring = np.column_stack([9.005 + np.cos(angles) / 500, 45.005 + np.sin(angles) / 500])
    path = folder / "star.geojson"
    shape = shapely.geometry.mapping(shapely.Polygon(ring))
    feature = {"type": "Feature", "properties": {"use": "park"}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def image(path: Path, size: int, **profile: object) -> Path:
    """An image of 10 x 10 km at the most, of which no pixel is written."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=3,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(9.0, 45.1, 0.1 / size, 0.1 / size),
        SPARSE_OK=True,
        BIGTIFF="YES",
        **profile,
    ):
        return path


def sparse_image(folder: Path) -> Path:
    return image(folder / "sparse.tif", 100_000, tiled=True, blockxsize=1024, blockysize=1024)


def one_tile(folder: Path) -> Path:
    return image(
        folder / "tile.tif",
        16_000,
        tiled=True,
        blockxsize=16_000,
        blockysize=16_000,
        compress="deflate",
    )


def foreign_overview(folder: Path) -> Path:
    """A GeoTIFF whose overview is another file: GDAL opens what it names by any driver."""
    image(folder / "secret.tif", 20)
    path = image(folder / "overview.tif", 200)
    with rasterio.open(path, "r+") as written:
        written.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(folder / "secret.tif"))
    return path


def long_span(folder: Path) -> Path:
    """A megabyte of traffic that spans more hours of more stations than memory holds."""
    path = folder / "span.csv"
    rows = [f"s{n},2020-01-01T00:00:00Z,1\n" for n in range(50_000)]
    path.write_text("station,time,value\n" + "".join(rows) + "s0,2024-06-01T00:00:00Z,1\n")
    return path
