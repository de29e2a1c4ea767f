"""Milan's 25 measured squares as a city folder: positions, points of interest, traffic."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from netspatial.city.city import City, make_record, write_city
from netspatial.evaluate.realdata import MILAN_FIRST_SQUARE, MILAN_SIDE, read_milan

CRS = "EPSG:32632"
START = pd.Timestamp("2013-11-01", tz="Europe/Rome")
"""Inferred, as in `read_milan`."""
MARGIN_M = 3000.0
"""Points of interest are kept so far around the squares."""


def milan_city(data: Path, folder: Path) -> City:
    """Write the city folder, or open the one that was written."""
    if folder.exists():
        return City.open(folder)
    measured = read_milan(data)
    row, column = np.divmod(np.arange(MILAN_SIDE**2), MILAN_SIDE)
    numbers = 100 * (MILAN_FIRST_SQUARE - 1 + row) + MILAN_FIRST_SQUARE + column
    grid = gpd.read_file(data / "milan" / "milano-grid.geojson").to_crs(CRS)
    squares = grid.set_index("cellId").loc[numbers]
    centres = squares.geometry.centroid
    ids = [str(number) for number in numbers]
    stations = gpd.GeoDataFrame({"station_id": ids}, geometry=list(centres), crs=CRS)
    near = centres.union_all().envelope.buffer(MARGIN_M)
    table = pd.read_parquet(data / "milan" / "pois.parquet")
    points = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    pois = gpd.GeoDataFrame(table[["name", "category", "source"]], geometry=points)
    pois = pois[pois.to_crs(CRS).within(near)].assign(address="")
    first = START.tz_convert("UTC").tz_localize(None)
    times = pd.date_range(first, periods=measured.traffic.shape[1], freq="h")
    unit = "proportional to records"
    traffic = xr.Dataset(
        {"total": (("station", "time"), measured.traffic.astype(np.float32), {"units": unit})},
        coords={"station": ids, "time": times},
        attrs={"timezone": "Europe/Rome", "provenance": "measured"},
    )
    bounds = gpd.GeoSeries([near], crs=CRS).to_crs("EPSG:4326").total_bounds
    record = make_record(
        name="milan",
        crs=CRS,
        bounds=tuple(float(value) for value in bounds),
        timezone="Europe/Rome",
        start=START.tz_convert("UTC").to_pydatetime(),
        provenance="measured",
        units={"total": unit},
        licences={"traffic": "ODbL-1.0", "pois": "ODbL-1.0", "stations": "ODbL-1.0"},
        attribution=["Telecom Italia, Big Data Challenge, ODbL 1.0", "OpenStreetMap contributors"],
    )
    with write_city(folder, record) as draft:
        draft.write_pois(pois)
        draft.write_stations(stations)
        draft.write_traffic(traffic)
    return City.open(folder)
