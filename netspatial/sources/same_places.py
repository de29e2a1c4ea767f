"""Merge places that several sources list.

Two places are the same when they have the same name and lie within 50 m. Within one source only
exact duplicates are removed, since both sides of a street may have a stop of the same name.
"""

import re
import unicodedata
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.spatial import cKDTree

SAME_M = 50.0
COLUMNS = ("name", "category", "category_original", "address", "source")


def merge_places(
    tables: Sequence[gpd.GeoDataFrame], crs: CRS, same_m: float = SAME_M
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Merge tables of places; of the same place the first source's row is kept.

    The kept row lists both sources, and takes the other's address where it has none.

    Parameters
    ----------
    tables : sequence of geopandas.GeoDataFrame
        Points with name, category, address and source.
    crs : pyproj.CRS
        Metric CRS in which distances are measured.
    same_m : float
        Places of one name within this many metres are the same.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and list of str
        Places in EPSG:4326, and notes on merged ones.
    """
    repeated = merged = 0
    kept = tables[0].iloc[:0]
    for table in _by_source(tables):
        once = table[~_repeats(table)].reset_index(drop=True)
        repeated += len(table) - len(once)
        twin = _twins(once, kept, crs, same_m)
        kept = _merged(kept, once, twin)
        merged += int((twin >= 0).sum())
        kept = pd.concat([kept, once[twin < 0]], ignore_index=True)
    notes = []
    if repeated:
        notes.append(f"{repeated} exact duplicates of places within a source were left out.")
    if merged:
        notes.append(
            f"{merged} places of the same name in two sources within {same_m:g} m were merged."
        )
    return gpd.GeoDataFrame(kept, geometry="geometry", crs="EPSG:4326"), notes


def name_key(name: str) -> str:
    """Return a name without case, accents and punctuation: 'Café  Zoë!' is 'cafe zoe'."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters))


def _by_source(tables: Sequence[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    """Return one table per source, in the order given; a file may hold several sources."""
    return [
        part.reset_index(drop=True)
        for table in tables
        for _, part in table.groupby("source", sort=False)
    ]


def _repeats(table: gpd.GeoDataFrame) -> pd.Series:
    """Return which rows repeat an earlier row."""
    rows = pd.DataFrame(
        {
            "name": table["name"],
            "category": table["category"],
            "x": table.geometry.x,
            "y": table.geometry.y,
        }
    )
    return rows.duplicated()


def _twins(
    table: gpd.GeoDataFrame, kept: gpd.GeoDataFrame, crs: CRS, same_m: float
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return for each row the nearest kept row of its name within reach, or -1."""
    twin = np.full(len(table), -1, dtype=np.int64)
    if not len(kept) or not len(table):
        return twin
    near = cKDTree(_metres(kept, crs))
    keys = [name_key(name) for name in kept["name"]]
    places = _metres(table, crs)
    for row, (key, place) in enumerate(zip(map(name_key, table["name"]), places, strict=True)):
        same = [at for at in near.query_ball_point(place, same_m) if key and keys[at] == key]
        if same:
            twin[row] = min(same, key=lambda at: float(np.hypot(*(near.data[at] - places[row]))))
    return twin


def _merged(
    kept: gpd.GeoDataFrame,
    table: gpd.GeoDataFrame,
    twin: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> gpd.GeoDataFrame:
    """Add the source of its twin to each kept row, and the twin's address where it has none."""
    kept = kept.copy()
    sources, addresses = list(kept["source"]), list(kept["address"])
    for row in np.flatnonzero(twin >= 0):
        at = twin[row]
        listed, source = sources[at].split("; "), table["source"].iloc[row]
        sources[at] = sources[at] if source in listed else f"{sources[at]}; {source}"
        addresses[at] = addresses[at] or table["address"].iloc[row]
    kept["source"], kept["address"] = sources, addresses
    return kept


def _metres(table: gpd.GeoDataFrame, crs: CRS) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = table.geometry.to_crs(crs)
    return np.column_stack([points.x, points.y])
