"""Good files of every kind that a command reads: what the bench spoils.

All of them come from one small simulated city, so that every command ends well on them in a second
or two.
"""

import gzip
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from netspatial.bundled_weights import bundled
from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.randomness import stream
from netspatial.simulate import simulate

STATIONS = 24
WEEKS = 2
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
{nodes}
</osm>
"""

Run = Callable[[list[str], Path], None]
"""Runs the command line with these words in a folder."""


class NotGood(NetSpatialError):
    """A command that must end well on good files did not; the bench cannot begin."""


def write_material(folder: Path, run: Run) -> None:
    """Write all good files into `folder`; `run` makes those that a command makes."""
    city = simulate(
        folder / "city", seed=11, size_km=1.5, stations=STATIONS, pois=150, gsd_m=10, weeks=WEEKS
    )
    _areas(city, folder)
    _places(city, folder)
    _traffic(city, folder)
    _series(folder)
    for room, name in (("models", "small"), ("context", "default")):
        shutil.copytree(bundled(room, name), folder / room)
    commands: Mapping[str, list[str]] = {
        "places.parquet": ["grid", "--city", "city", "--file", "area.geojson", "--cell-m", "200"],
        "plan": [
            "plan",
            "city",
            "--area",
            "area.geojson",
            "--cell-m",
            "200",
            "--samples",
            "2",
            "--weeks",
            "1",
            "--sites",
            "2",
        ],
        "operate": [
            "operate",
            "city",
            "--hours",
            "3",
            "--samples",
            "2",
            "--forecaster",
            "seasonal-naive",
        ],
        "trained": ["train", "--data", "series.npz", "--steps", "2"],
        "forecaster": [
            "forecast",
            "fit",
            "table.csv",
            "--tasks",
            "call,data",
            "--input",
            "24",
            "--horizon",
            "12",
            "--init",
            "scratch",
            "--steps",
            "2",
        ],
    }
    for out, words in commands.items():
        run([*words, "--out", out], folder)


def _areas(city: City, folder: Path) -> None:
    """The middle of the city as every kind of area file."""
    west, south, east, north = city.record.bounds
    box = shapely.affinity.scale(shapely.box(west, south, east, north), 0.5, 0.5)
    table = gpd.GeoDataFrame({"name": ["middle"]}, geometry=[box], crs="EPSG:4326")
    _in_all_forms(table, folder, "area")
    whole = gpd.GeoDataFrame(geometry=[shapely.box(west, south, east, north)], crs="EPSG:4326")
    (folder / "whole.geojson").write_text(whole.to_json(drop_id=True))
    table.to_file(folder / "area.kml", driver="KML", engine="pyogrio")


def _places(city: City, folder: Path) -> None:
    """Points of interest, stations, land use and buildings as users bring them."""
    for name, table in (("pois", city.pois), ("stations", city.stations), ("use", city.landuse)):
        plain = gpd.GeoDataFrame(table.head(60), crs=table.crs)
        _in_all_forms(plain, folder, name)
        plain.to_file(folder / f"{name}.gpkg", driver="GPKG", engine="pyogrio")
        if plain.geom_type.eq("Point").all():
            flat = pd.DataFrame(plain.drop(columns="geometry"))
            flat["lon"], flat["lat"] = plain.geometry.x, plain.geometry.y
            flat.to_csv(folder / f"{name}.csv", index=False)
            _gzip(folder / f"{name}.csv")
    points = city.stations.geometry
    nodes = "\n".join(
        f'<node id="{number}" lat="{point.y:.6f}" lon="{point.x:.6f}" version="1">'
        f'<tag k="amenity" v="cafe"/><tag k="name" v="Cafe {number}"/></node>'
        for number, point in enumerate(points, start=1)
    )
    (folder / "extract.osm").write_text(OSM.format(nodes=nodes))
    cells = pd.DataFrame(
        {
            "radio": "LTE",
            "mcc": 262,
            "net": 1,
            "area": 7,
            "cell": range(len(points)),
            "unit": 0,
            "lon": points.x,
            "lat": points.y,
            "range": 1000,
            "samples": 5,
            "changeable": 1,
            "created": 1_500_000_000,
            "updated": 1_500_000_000,
            "averageSignal": 0,
        }
    )
    cells.to_csv(folder / "cells.csv", index=False)
    _gzip(folder / "cells.csv")
    shutil.copyfile(city.path("imagery"), folder / "image.tif")
    (folder / "power.csv").write_text("load,watts\n0,100\n0.5,160\n1,200\nasleep,20\n")


def _traffic(city: City, folder: Path) -> None:
    """Two measured weeks of the stations in the forms that are read."""
    series = city.traffic["total"].transpose("time", "station")
    total = pd.DataFrame(
        series.to_numpy(),
        index=pd.DatetimeIndex(series["time"].to_numpy()),
        columns=series["station"].to_numpy().astype(str),
    )
    wide = total.rename_axis("time").reset_index()
    wide.to_csv(folder / "wide.csv", index=False)
    tidy = wide.melt(id_vars="time", var_name="station", value_name="value")
    tidy.to_csv(folder / "tidy.csv", index=False)
    tidy.to_parquet(folder / "tidy.parquet", index=False)
    _gzip(folder / "tidy.csv")
    day = tidy[tidy["time"] < tidy["time"].min() + pd.Timedelta(days=1)]
    ids = {name: number for number, name in enumerate(total.columns, start=1)}
    rows = (
        f"{ids[station]}\t{time.value // 1_000_000}\t39\t{value:.3f}\t\t{value:.3f}\t\t{value:.3f}"
        for time, station, value in day.itertuples(index=False)
    )
    pd.read_csv(folder / "stations.csv").assign(
        station_id=lambda rows: rows["station_id"].astype(str).map(ids)
    ).to_csv(folder / "squares.csv", index=False)
    (folder / "telecom.txt").write_text("\n".join(rows) + "\n")
    places = tidy.rename(columns={"station": "place"})
    calls = places.assign(task="call", unit="calls")
    data = places.assign(task="data", unit="MB", value=5 * places["value"])
    table = pd.concat([calls, data])
    few = table[table["place"].isin(sorted(table["place"].unique())[:4])]
    few.to_csv(folder / "table.csv", index=False)
    few.to_parquet(folder / "table.parquet", index=False)
    _gzip(folder / "table.csv")


def _series(folder: Path) -> None:
    """Series beside the embeddings of their places, of the width that the bundled context has."""
    chance = stream(11, "robustness", "series")
    hours = np.arange(168 * WEEKS)
    traffic = chance.lognormal(0, 0.3, (STATIONS, hours.size)) * (
        1.2 + np.sin(2 * np.pi * hours / 24)
    )
    np.savez(
        folder / "series.npz",
        traffic=traffic.astype(np.float32),
        embedding=chance.normal(size=(STATIONS, 8)).astype(np.float32),
    )


def _in_all_forms(table: gpd.GeoDataFrame, folder: Path, name: str) -> None:
    """Write a table as GeoJSON, GeoParquet and zipped shapefile."""
    (folder / f"{name}.geojson").write_text(table.to_json(drop_id=True))
    table.to_parquet(folder / f"{name}.parquet", index=False)
    parts = folder / f"{name}-shapefile"
    parts.mkdir()
    shorter: dict[Any, Any] = {column: str(column)[:10] for column in table.columns}
    table.rename(columns=shorter).to_file(parts / f"{name}.shp", engine="pyogrio")
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(parts.iterdir()):
            archive.write(part, part.name)
    shutil.rmtree(parts)


def _gzip(path: Path) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
