"""Sectors and cells of one operator that stand together become one site.

Under every source of stations. Lists of cells name each sector and each carrier; a planner counts
masts.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

SITE_M = 50.0


def merge_sectors(
    cells: gpd.GeoDataFrame, crs: CRS, site_m: float = SITE_M
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Merge cells of one operator that are linked by steps of at most `site_m` metres.

    cells : station_id and point in EPSG:4326, and where known operator, technology, capacity,
        tier and samples (how often a cell was seen; its weight in the site's place)
    crs   : metric CRS in which distances are measured

    A site is named after the first of its cells in alphabetical order, stands at their weighted
    mean, adds up their capacities and lists their technologies.
    """
    site = _site_of(cells, crs, site_m)
    weight = cells["samples"].clip(lower=1) if "samples" in cells else pd.Series(1.0, cells.index)
    points = cells.geometry.to_crs(crs)
    total = weight.groupby(site).sum()
    x, y = ((axis * weight).groupby(site).sum() / total for axis in (points.x, points.y))
    table: dict[str, pd.Series] = {
        "station_id": cells["station_id"].astype(str).groupby(site).min()
    }
    for name, told in (("operator", "first"), ("tier", "first")):
        if name in cells:
            table[name] = cells[name].groupby(site).agg(told)
    if "technology" in cells:
        table["technology"] = cells["technology"].groupby(site).agg(_listed)
    if "capacity" in cells:
        table["capacity"] = cells["capacity"].groupby(site).sum()
    table["sectors"] = site.groupby(site).size()
    sites = gpd.GeoDataFrame(
        pd.DataFrame(table), geometry=shapely.points(x.to_numpy(), y.to_numpy()), crs=crs
    )
    sites = sites.sort_values("station_id").reset_index(drop=True).to_crs("EPSG:4326")
    if len(sites) == len(cells):
        return sites, []
    return sites, [
        (
            f"{len(cells)} sectors were merged into {len(sites)} sites: one operator, steps of at "
            f"most {site_m:g} m."
        )
    ]


def _site_of(cells: gpd.GeoDataFrame, crs: CRS, site_m: float) -> pd.Series:
    """Return the number of the site of each cell."""
    points = cells.geometry.to_crs(crs)
    near = cKDTree(np.column_stack([points.x, points.y])).query_pairs(site_m, output_type="ndarray")
    if "operator" in cells:
        operator: NDArray[np.int64] = pd.factorize(cells["operator"])[0]
        near = near[operator[near[:, 0]] == operator[near[:, 1]]]
    ones = np.ones(len(near), dtype=bool)
    links = coo_matrix((ones, (near[:, 0], near[:, 1])), shape=(len(cells), len(cells)))
    return pd.Series(connected_components(links, directed=False)[1], index=cells.index)


def _listed(words: pd.Series) -> str:
    return " ".join(sorted({str(word) for word in words.dropna() if str(word)}))
