"""Tables of places in every format: the rows and their origin can be read back."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from netspatial.errors import BadInput
from netspatial.place_files import write_places

ORIGIN = {"note": "simulated <b>", "attribution": "made up"}
SUFFIXES = [".csv", ".geojson", ".gpkg", ".kml", ".parquet"]


@pytest.fixture
def places() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["=1+1", "<script>"], "load": [1.5, None]},
        geometry=[shapely.box(9, 45, 9.1, 45.1), shapely.box(9.1, 45, 9.2, 45.1)],
        crs="EPSG:4326",
    )


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".kml"])
def test_gis_reads_the_places(places: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    path = write_places(places.to_crs("EPSG:32632"), tmp_path / f"p{suffix}", ORIGIN)
    again = gpd.read_file(path)
    assert again.rename(columns=str.lower)["name"].tolist() == ["=1+1", "<script>"]
    assert again.crs.to_epsg() == 4326
    assert shapely.equals_exact(
        shapely.normalize(again.geometry.to_numpy()),
        shapely.normalize(places.geometry.to_numpy()),
        tolerance=1e-6,
    ).all()


def test_the_origin_is_in_every_format(places: gpd.GeoDataFrame, tmp_path: Path) -> None:
    paths = {end: write_places(places, tmp_path / f"p{end}", ORIGIN) for end in SUFFIXES}
    assert json.loads(paths[".geojson"].read_text())["note"] == "simulated <b>"
    assert pyogrio.read_info(paths[".gpkg"])["dataset_metadata"] == ORIGIN
    assert set(gpd.read_parquet(paths[".parquet"])["attribution"]) == {"made up"}
    assert "simulated &lt;b&gt;" in paths[".kml"].read_text()
    rows = pd.read_csv(paths[".csv"])
    assert set(rows["note"]) == {"simulated <b>"}
    assert rows["name"].tolist() == ["'=1+1", "<script>"]
    assert rows["lon"].tolist() == pytest.approx([9.05, 9.15])


def test_another_extension_is_one_sentence(places: gpd.GeoDataFrame, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"'p\.xls' is not a kind of file for places; give one of"):
        write_places(places, tmp_path / "p.xls")
    assert list(tmp_path.iterdir()) == []
