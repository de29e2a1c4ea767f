"""The statements of docs/city.md and CONTRIBUTING on sources hold."""

import functools
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import rasterio
import shapely
from pyarrow import fs
from rasterio.transform import from_bounds
from typer.testing import CliRunner

from netspatial.area import Area
from netspatial.cli import app
from netspatial.progress import silent
from netspatial.sources import SOURCES, open_source, overture
from netspatial.sources.build import Order, build_city
from netspatial.sources.contract import Estimate, Fetched, SourceSettings
from netspatial.sources.net import Net
from tests.sources.server import Answer, serving
from tests.sources.test_osm import MAP
from tests.sources.test_overture import bucket
from tests.sources.test_sentinel2 import Catalogue, scene
from tests.sources.test_xyz import tiles

ROOT = Path(__file__).parents[2]
CITY_PAGE = (ROOT / "docs" / "city.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"\| `--(\w+) ([^`]+)` \|", CITY_PAGE)
FAR = ("xyz", "sentinel2", "overpass", "overture")
NEAR = [example for example in EXAMPLES if not example[1].startswith(FAR)]


@pytest.fixture
def folder(files, monkeypatch):
    """A folder with every file of the examples of docs/city.md."""
    here = files.folder
    (here / "places.csv").write_text("name,kind,category,lon,lat\nA,cafe,cafe,9.185,45.455\n")
    (here / "stations.csv").rename(here / "sites.csv")
    (here / "land.parquet").rename(here / "parks.parquet")
    gpd.read_parquet(here / "parks.parquet").to_file(here / "parks.geojson")
    rows = (here / "traffic.csv").read_text().replace("total", "value", 1)
    (here / "traffic.csv").write_text(rows)
    (here / "wide.csv").write_text("time,s0\n2024-01-01T00:00,1\n2024-01-01T01:00,2\n")
    (here / "day.txt").write_text("1\t1383260400000\t39\t0.1\t0.1\t0.1\t0.1\t5.0\n")
    (here / "222.csv").write_text("LTE,222,1,7,11,0,9.185,45.455,1000,5,1,1,2,0\n")
    (here / "map.osm").write_text(MAP)
    with osmium.SimpleWriter(str(here / "milano.osm.pbf")) as extract:
        for found in osmium.FileProcessor(str(here / "map.osm")):
            extract.add(found)
    west, south, east, north = files.area.bounds
    street = shapely.LineString([(west, south), (east, north)])
    gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[street], crs=4326).to_file(
        here / "roads.geojson"
    )
    with rasterio.open(
        here / "cover.tif",
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_bounds(west, south, east, north, 2, 2),
    ) as cover:
        cover.write(np.array([[[2, 10], [12, 41]]], dtype=np.uint8))
    (here / "legend.csv").write_text("value,code\n2,112\n10,141\n12,211\n41,512\n")
    monkeypatch.chdir(here)
    return here


def test_every_source_has_a_row_and_every_row_a_source():
    documented = set()
    for part, asked in EXAMPLES:
        kind = asked.partition("#")[0].partition(":")[0]
        documented.add((part, kind if kind in SOURCES[part] else next(iter(SOURCES[part]))))
    assert documented == {(part, kind) for part, kinds in SOURCES.items() for kind in kinds}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("part", "asked"), NEAR)
def test_every_example_of_a_file_is_fetched(part, asked, files, tmp_path):
    _, source = open_source(part, asked, SourceSettings(files.timezone))
    estimate = source.estimate(files.area)
    assert estimate.megabytes is not None
    assert not estimate.from_net
    assert fetched_well(source.fetch(files.area, tmp_path, silent))


# odc-geo 0.5 still calls what shapely 2.2 has given a new name
@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")
@pytest.mark.parametrize(
    ("part", "asked"), [example for example in EXAMPLES if example not in NEAR]
)
def test_every_example_of_a_web_source_is_fetched_over_the_loopback(
    part, asked, files, tmp_path, monkeypatch
):
    """Each example as it is written, except for its address."""
    catalogue = Catalogue([lambda address: scene("clear", "2024-07-01", 2, address)])
    kind = re.split("[:#]", asked)[0]
    respond = {
        "xyz": lambda path, sent: tiles(path.replace(".jpg", ".png"), sent),
        "sentinel2": catalogue,
        "overpass": lambda _path, _sent: Answer(MAP.encode()),
        "overture": bucket,
    }[kind]
    with serving(respond) as server:
        catalogue.address = server.address
        near = {
            "xyz": asked.replace("https://tiles.example", server.address),
            "sentinel2": f"{asked}&catalogue={server.address}",
            "overpass": f"{asked}:{server.address}",
            "overture": asked,
        }[kind]
        store = functools.partial(
            fs.S3FileSystem, endpoint_override=server.address.partition("//")[2], scheme="http"
        )
        monkeypatch.setattr("overturemaps.core.fs.S3FileSystem", store)
        monkeypatch.setattr(overture, "HOST", server.address)
        net = Net(consent=True, private=True, sleep=lambda _s: None)
        _, source = open_source(part, near, SourceSettings(files.timezone, net))
        estimate = source.estimate(files.area)
        assert estimate.megabytes is not None
        assert estimate.from_net
        assert fetched_well(source.fetch(files.area, tmp_path, silent))
        assert server.asked


def fetched_well(fetched: Fetched) -> bool:
    """Whether the fetched data is not empty."""
    if isinstance(fetched.data, Path):
        with rasterio.open(fetched.data) as image:
            return bool(image.read().any())
    return len(fetched.data) > 0


@pytest.mark.usefixtures("folder")
def test_the_command_of_the_page_shows_what_it_would_fetch():
    (line,) = re.findall(r"\$ (netspatial city build.*?)\n```", CITY_PAGE, re.DOTALL)
    asked = shlex.split(line.replace("\\\n", " "))[1:]
    shown = CliRunner().invoke(app, [*asked, "--dry-run", "--json"])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.count('"from_net": true') == 2
    assert not Path("cities").exists()


def test_the_source_of_contributing_can_be_used_by_name(tmp_path, monkeypatch):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(@dataclass.*?SOURCES\[.*?)```", text, re.DOTALL)
    monkeypatch.setitem(SOURCES, "stations", dict(SOURCES["stations"]))
    names = {
        "dataclass": dataclass,
        "Area": Area,
        "Estimate": Estimate,
        "Fetched": Fetched,
        "Path": Path,
        "Progress": object,
        "gpd": gpd,
        "SOURCES": SOURCES,
        "__name__": __name__,
    }
    exec(example, names)  # noqa: S102  our own example
    area = Area.from_bounds(9.17, 45.45, 9.20, 45.48)
    order = Order("One", area, SourceSettings("Europe/Rome"), {"stations": ["centre:"]})
    city = build_city(order, tmp_path / "one")
    assert city.validate() == []
    assert list(city.stations["station_id"]) == ["centre"]
