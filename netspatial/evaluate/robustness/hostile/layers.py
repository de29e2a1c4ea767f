"""Layers and images that are small and mean to be large, endless or bottomless."""

import io
import json
import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from rasterio.transform import from_origin

from netspatial.randomness import stream

NESTED = 20_000
"""Depth that overflows the stack of a reader that descends into each collection."""
MANY_ROWS, PARTS = 20_000_000, 20
WIDE = 100_000
ORIGIN = from_origin(514_000, 5_034_500, 5, 5)
ENDLESS = (
    "CREATE VIEW x AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
    "SELECT r.n AS fid, kept.geom AS geom, kept.name AS name, kept.category AS category "
    "FROM r, kept"
)


def crossing_ring() -> bytes:
    """A ring whose every edge crosses most others: millions of crossings to mend."""
    corner = np.array([9.18, 45.45])
    ring = corner + stream(1, "robustness", "crossing").uniform(0, 0.02, (9_990, 2))
    whole = [*ring.tolist(), ring[0].tolist()]
    return json.dumps({"type": "Polygon", "coordinates": [whole]}).encode()


def nested_wkb() -> bytes:
    """A point within a collection within a collection, and so on."""
    head = b"\x01" + struct.pack("<II", 7, 1)
    return head * NESTED + b"\x01" + struct.pack("<Idd", 1, 9.19, 45.46)


def nested_parquet() -> bytes:
    """GeoParquet of one such point."""
    column = {"encoding": "WKB", "geometry_types": []}
    metadata = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table({"name": ["x"], "category": ["x"], "geometry": [nested_wkb()]})
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(metadata).encode()}), out)
    return out.getvalue()


def many_rows() -> bytes:
    """Twenty million equal rows, packed to next to nothing."""
    once = MANY_ROWS // PARTS
    same = np.zeros(once, np.int32)
    part = pa.table(
        {
            "name": pa.DictionaryArray.from_arrays(same, ["x"]),
            "category": pa.DictionaryArray.from_arrays(same, ["cafe"]),
            "lon": np.full(once, 9.19),
            "lat": np.full(once, 45.46),
        }
    )
    out = io.BytesIO()
    with pq.ParquetWriter(out, part.schema, compression="zstd") as writer:
        for _ in range(PARTS):
            writer.write_table(part)
    return out.getvalue()


def image(side: int, bands: int, kind: str, block: int) -> bytes:
    """An image of this many pixels a side of which none is stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sparse.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=side,
            height=side,
            count=bands,
            dtype=kind,
            crs="EPSG:32632",
            transform=ORIGIN,
            tiled=True,
            blockxsize=block,
            blockysize=block,
            compress="deflate",
            sparse_ok=True,
            bigtiff="YES",
            interleave="band",
        ):
            pass
        return path.read_bytes()


def looping_image() -> bytes:
    """A TIFF whose only directory names itself as the next."""
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)


def geopackage(*statements: str, shape: bytes | None = None) -> bytes:
    """A GeoPackage of one point whose table was renamed `kept` and put behind other statements.

    shape : WKB in the place of the point
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        points = gpd.GeoDataFrame(
            {"name": ["x"], "category": ["cafe"]},
            geometry=[shapely.Point(9.19, 45.46)],
            crs="EPSG:4326",
        )
        points.to_file(path, layer="x", driver="GPKG", engine="pyogrio", SPATIAL_INDEX="NO")
        with closing(sqlite3.connect(path)) as base, base:
            for (name,) in base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                base.execute(f'DROP TRIGGER "{name}"')
            if shape is not None:
                head = b"GP\x00\x01" + struct.pack("<i", 4326)
                base.execute("UPDATE x SET geom = ?", (head + shape,))
            if statements:
                base.execute("ALTER TABLE x RENAME TO kept")
            for statement in statements:
                base.execute(statement)
        return path.read_bytes()


def wide_csv() -> bytes:
    """A table of one row and very many columns."""
    names = ",".join(f"c{number}" for number in range(WIDE))
    return f"name,category,lon,lat,{names}\nx,cafe,9.19,45.46{',1' * WIDE}\n".encode()
