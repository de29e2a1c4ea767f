"""Tables of a run: GeoParquet in EPSG:4326 with provenance in the metadata under `netspatial`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
from scipy.spatial import KDTree

from netspatial.city.city import City
from netspatial.context.embed import Context
from netspatial.disk import atomic_file

METADATA = b"netspatial"


def describe_cells(cells: gpd.GeoDataFrame, context: Context, city: City) -> gpd.GeoDataFrame:
    """Return the cells with their surroundings, for display.

    Adds `pois` and `poi_KIND` (counts within the context's radius), `image_share` (of the patch
    that has data), and, if the city has stations, `nearest_station` and its distance
    `nearest_station_m` in metres.
    """
    around = context.summary.loc[cells["cell_id"]]
    kept = {
        name if name in ("pois", "image_share") else f"poi_{name}": around[name].to_numpy()
        for name in map(str, around.columns)
    }
    described = cells.assign(**kept)
    if not city.has("stations") or city.stations.empty:
        return described
    points = city.stations.to_crs(cells.crs).geometry
    metres, nearest = KDTree(np.column_stack([points.x, points.y])).query(cells[["x", "y"]])
    return described.assign(
        nearest_station=city.stations["station_id"].astype(str).to_numpy()[nearest],
        nearest_station_m=np.round(metres, 1),
    )


def write_table(table: gpd.GeoDataFrame, path: Path, metadata: Mapping[str, Any]) -> None:
    """Write a table of places as GeoParquet in EPSG:4326, with `metadata` in its metadata."""
    with atomic_file(path) as draft:
        table.to_crs("EPSG:4326").to_parquet(draft, index=False)
        plain = pq.read_table(draft)
        encoded = json.dumps(dict(metadata), sort_keys=True).encode()
        known = {**(plain.schema.metadata or {}), METADATA: encoded}
        pq.write_table(plain.replace_schema_metadata(known), draft)


def provenance(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the provenance that every file of a run states, from the facts of its manifest."""
    wanted = (
        "city",
        "scenario",
        "provenance",
        "attribution",
        "licences",
        "context",
        "generator",
        "seed",
    )
    return {name: facts[name] for name in wanted if name in facts}
