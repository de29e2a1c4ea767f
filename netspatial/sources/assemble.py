"""Assemble the parts of a city from the data of its sources.

Used by `build`. Each source's data is stored on disk unchanged; here places are merged, stations
made one list, and traffic matched with its stations.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from pyproj import CRS

from netspatial.checked import read_json
from netspatial.city.city import CityDraft, Part
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.geoparquet import read_places
from netspatial.netcdf import load_dataset
from netspatial.sources.contract import Fetched
from netspatial.sources.same_places import merge_places
from netspatial.sources.sites import site_traffic


@dataclass(frozen=True)
class Piece:
    """Data of one source on disk."""

    path: Path
    licence: str
    attribution: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class Whole:
    """All parts of a city in memory or on disk, ready to be written."""

    imagery: Path | None = None
    tables: dict[Part, gpd.GeoDataFrame] = field(default_factory=dict)
    traffic: xr.Dataset | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def start(self) -> datetime | None:
        """First hour of the traffic, UTC."""
        if self.traffic is None:
            return None
        first = pd.Timestamp(self.traffic["time"].to_numpy()[0])
        return first.to_pydatetime().replace(tzinfo=UTC)

    @property
    def units(self) -> dict[str, str]:
        """Unit of each service of the traffic."""
        series = {} if self.traffic is None else self.traffic.data_vars
        return {str(name): str(values.attrs["units"]) for name, values in series.items()}

    def write(self, draft: CityDraft) -> None:
        """Write every available part into a city being written."""
        if self.imagery is not None:
            shutil.copyfile(self.imagery, draft.imagery_path)
        writers = {
            "pois": draft.write_pois,
            "stations": draft.write_stations,
            "landuse": draft.write_landuse,
        }
        for part, table in self.tables.items():
            writers[part](table)
        if self.traffic is not None:
            draft.write_traffic(self.traffic)


@dataclass(frozen=True)
class _Record:
    """JSON record of a piece, in a file next to its data."""

    file: str
    licence: str
    attribution: tuple[str, ...]
    notes: tuple[str, ...]


def write_piece(work: Path, key: str, fetched: Fetched) -> None:
    """Store the data of a source under its key; the record is written last and makes it valid."""
    data = fetched.data
    if isinstance(data, Path):
        name = f"{key}.tif"
        data.replace(work / name)
    elif isinstance(data, gpd.GeoDataFrame):
        name = f"{key}.parquet"
        with atomic_file(work / name) as draft:
            data.to_parquet(draft, index=False)
    else:
        name = f"{key}.nc"
        with atomic_file(work / name) as draft:
            draft.write_bytes(bytes(data.to_netcdf(engine="h5netcdf")))
    record = {
        "file": name,
        "licence": fetched.licence,
        "attribution": fetched.attribution,
        "notes": fetched.notes,
    }
    with atomic_file(work / f"{key}.json") as draft:
        draft.write_text(json.dumps(record, indent=2, ensure_ascii=False))


def read_piece(work: Path, key: str) -> Piece | None:
    """Return the piece stored under a key; None where it has not been fetched."""
    described = work / f"{key}.json"
    if not described.is_file():
        return None
    record = read_json(described, _Record)
    path = work / record.file
    if not path.is_file():
        return None
    return Piece(path, record.licence, record.attribution, record.notes)


def assemble(parts: Mapping[Part, Sequence[Piece]], crs: CRS, attrs: dict[str, str]) -> Whole:
    """Put the parts together.

    crs   : metric CRS in which distances between places are measured
    attrs : added to the attributes of the traffic
    """
    whole = Whole()
    for part, pieces in parts.items():
        if part == "imagery":
            whole.imagery = pieces[0].path
        elif part != "traffic":
            tables = [read_places(piece.path) for piece in pieces]
            whole.tables[part], notes = _joined(part, tables, crs)
            whole.notes += notes
    for piece in parts.get("traffic", ()):
        traffic, summed = site_traffic(load_dataset(piece.path), whole.tables["stations"])
        whole.traffic, notes = _matched(traffic, whole.tables["stations"])
        whole.traffic.attrs |= attrs
        whole.notes += [*summed, *notes]
    if "sector_ids" in whole.tables.get("stations", ()):
        whole.tables["stations"] = _written_out(whole.tables["stations"])
    return whole


def _written_out(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return stations with the list of their sectors as one text each."""
    lists = [
        "; ".join(cells) if isinstance(cells, np.ndarray) else None
        for cells in stations["sector_ids"]
    ]
    return stations.assign(sector_ids=lists)


def _joined(
    part: Part, tables: Sequence[gpd.GeoDataFrame], crs: CRS
) -> tuple[gpd.GeoDataFrame, list[str]]:
    if part == "pois":
        return merge_places(tables, crs)
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs="EPSG:4326")
    if part == "stations" and table["station_id"].duplicated().any():
        twice = table["station_id"][table["station_id"].duplicated()].iloc[0]
        raise BadInput(f"Station '{twice}' is in two sources; station ids must be unique.")
    return table, []


def _matched(traffic: xr.Dataset, stations: gpd.GeoDataFrame) -> tuple[xr.Dataset, list[str]]:
    """Keep the traffic of stations that are in the city; raise where there is none."""
    ids = set(stations["station_id"].astype(str))
    carried = [str(name) for name in traffic["station"].to_numpy()]
    kept = [name for name in carried if name in ids]
    if not kept:
        raise BadInput(
            f"No station of the traffic, such as '{carried[0]}', is among the stations, such as "
            f"'{min(ids)}'; both must use the same ids, and the stations must lie in the area."
        )
    notes = []
    if len(kept) < len(carried):
        notes.append(
            f"Traffic of {len(carried) - len(kept)} stations that are not in the city was left out."
        )
    if len(kept) < len(ids):
        notes.append(f"{len(ids) - len(kept)} stations of the city have no traffic.")
    return traffic.sel(station=kept), notes
