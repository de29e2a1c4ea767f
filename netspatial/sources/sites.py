"""Merge co-located sectors and cells of one operator into sites, and sum their traffic.

Used by every source of stations: lists of cells have one row per sector and carrier, plans one per
site.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from pyproj import CRS
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from netspatial.arrays import Indices

SITE_M = 50.0


def merge_sectors(
    cells: gpd.GeoDataFrame, crs: CRS, site_m: float = SITE_M
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Merge cells of one operator that are connected by distances of at most `site_m` metres.

    A site has the id of the first of its cells in alphabetical order, their weighted mean place,
    the sum of their capacities and a list of their technologies; `sector_ids` lists its cells, so
    that `site_traffic` can sum their traffic.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        station_id and point in EPSG:4326, and where known operator, technology, capacity, tier
        and samples (number of measurements of a cell; its weight in the site's place).
    crs : pyproj.CRS
        Metric CRS in which distances are measured.
    site_m : float
        Largest distance between connected cells, m.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and list of str
        Sites in EPSG:4326, and a note where cells were merged.
    """
    site = _site_of(cells, crs, site_m)
    weight = cells["samples"].clip(lower=1) if "samples" in cells else pd.Series(1.0, cells.index)
    points = cells.geometry.to_crs(crs)
    total = weight.groupby(site).sum()
    x, y = ((axis * weight).groupby(site).sum() / total for axis in (points.x, points.y))
    ids = cells["station_id"].astype(str).groupby(site)
    table: dict[str, pd.Series] = {"station_id": ids.min()}
    for name in ("operator", "tier"):
        if name in cells:
            table[name] = cells[name].groupby(site).agg("first")
    if "technology" in cells:
        table["technology"] = cells["technology"].groupby(site).agg(_listed)
    if "capacity" in cells:
        table["capacity"] = cells["capacity"].groupby(site).sum()
    table["sectors"] = site.groupby(site).size()
    table["sector_ids"] = ids.agg(sorted)
    sites = gpd.GeoDataFrame(
        pd.DataFrame(table), geometry=shapely.points(x.to_numpy(), y.to_numpy()), crs=crs
    )
    sites = sites.sort_values("station_id").reset_index(drop=True).to_crs("EPSG:4326")
    if len(sites) == len(cells):
        return sites, []
    return sites, [
        (
            f"{len(cells)} sectors were merged into {len(sites)} sites: one operator, distances of "
            f"at most {site_m:g} m."
        )
    ]


def site_traffic(traffic: xr.Dataset, sites: gpd.GeoDataFrame) -> tuple[xr.Dataset, list[str]]:
    """Sum the traffic of sectors that were merged into one site.

    Parameters
    ----------
    traffic : xarray.Dataset
        (station, time) of each service, by station or by sector.
    sites : geopandas.GeoDataFrame
        Stations, and for merged ones `sector_ids`; without that column nothing changes.

    Returns
    -------
    tuple of xarray.Dataset and list of str
        Traffic by site, and notes.
    """
    if "sector_ids" not in sites:
        return traffic, []
    merged = {
        name: list(cells)
        for name, cells in zip(sites["station_id"], sites["sector_ids"], strict=True)
        if isinstance(cells, (list, np.ndarray)) and len(cells) > 1
    }
    site_of = {cell: name for name, cells in merged.items() for cell in cells}
    carried = [str(name) for name in traffic["station"].to_numpy()]
    owners = [site_of.get(name, name) for name in carried]
    if owners == carried:
        return traffic, []
    summed = traffic.assign_coords(station=owners).groupby("station").sum()
    for name, series in traffic.data_vars.items():
        summed[name] = summed[name].transpose(*series.dims).assign_attrs(series.attrs)
    summed_to = [site_of[name] for name in carried if name in site_of]
    silent = sum(len(merged[name]) for name in set(summed_to)) - len(summed_to)
    notes = [f"The traffic of {len(summed_to)} sectors was summed to {len(set(summed_to))} sites."]
    if silent:
        notes.append(f"{silent} sectors of these sites have no traffic.")
    return summed.assign_attrs(traffic.attrs), notes


def _site_of(cells: gpd.GeoDataFrame, crs: CRS, site_m: float) -> pd.Series:
    """Return the number of the site of each cell."""
    points = cells.geometry.to_crs(crs)
    near = cKDTree(np.column_stack([points.x, points.y])).query_pairs(site_m, output_type="ndarray")
    if "operator" in cells:
        operator: Indices = pd.factorize(cells["operator"])[0]
        near = near[operator[near[:, 0]] == operator[near[:, 1]]]
    ones = np.ones(len(near), dtype=bool)
    links = coo_matrix((ones, (near[:, 0], near[:, 1])), shape=(len(cells), len(cells)))
    return pd.Series(connected_components(links, directed=False)[1], index=cells.index)


def _listed(words: pd.Series) -> str:
    return " ".join(sorted({str(word) for word in words.dropna() if str(word)}))
