"""What README and CONTRIBUTING say of sources is true: examples open, every source is told."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

from netspatial.area import Area
from netspatial.cli import app
from netspatial.sources import SOURCES, open_source
from netspatial.sources.build import Order, build_city
from netspatial.sources.contract import Estimate, Fetched, Settings, silent

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Real cities")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"\| `--(\w+) ([^`]+)` \|", SECTION)
MAP = '<osm version="0.6"><node id="1" version="1" lat="45.455" lon="9.19">{}</node></osm>'


@pytest.fixture
def folder(files, monkeypatch):
    """A folder with every file that the README's examples name."""
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
    park = '<tag k="amenity" v="cafe"/>'
    (here / "map.osm").write_text(MAP.format(park))
    monkeypatch.chdir(here)
    return here


def test_every_source_has_a_row_and_every_row_a_source():
    told = set()
    for part, asked in EXAMPLES:
        kind = asked.partition("#")[0].partition(":")[0]
        told.add((part, kind if kind in SOURCES[part] else next(iter(SOURCES[part]))))
    assert told == {(part, kind) for part, kinds in SOURCES.items() for kind in kinds}


@pytest.mark.parametrize(("part", "asked"), EXAMPLES)
def test_every_example_opens_and_what_is_near_is_fetched(part, asked, folder, files):
    if "osm.pbf" in asked:
        (folder / "milano.osm.pbf").write_bytes(b"")
    _, source = open_source(part, asked, Settings(files.timezone))
    estimate = source.estimate(files.area)
    assert estimate.megabytes is not None
    far = asked.startswith(("xyz", "sentinel2", "overpass", "overture"))
    assert estimate.from_net == far
    if not far and "osm.pbf" not in asked:
        assert source.fetch(files.area, folder, silent).data is not None


@pytest.mark.usefixtures("folder")
def test_the_command_of_the_readme_shows_what_it_would_fetch():
    (line,) = re.findall(r"\$ (netspatial city build.*?)\n```", SECTION, re.DOTALL)
    asked = shlex.split(line.replace("\\\n", " "))[1:]
    shown = CliRunner().invoke(app, [*asked, "--dry-run", "--json"])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.count('"from_net": true') == 2
    assert not Path("cities").exists()


def test_the_source_of_contributing_is_known_by_its_name(tmp_path, monkeypatch):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(@dataclass.*?SOURCES\[.*?)```", text, re.DOTALL)
    monkeypatch.setitem(SOURCES, "stations", dict(SOURCES["stations"]))
    names = {"dataclass": dataclass, "Area": Area, "Estimate": Estimate, "Fetched": Fetched,
             "Path": Path, "Progress": object, "gpd": gpd, "SOURCES": SOURCES,
             "__name__": __name__}  # fmt: skip
    exec(example, names)  # noqa: S102  our own example
    area = Area.from_bounds(9.17, 45.45, 9.20, 45.48)
    order = Order("One", area, Settings("Europe/Rome"), {"stations": ["centre:"]})
    city = build_city(order, tmp_path / "one")
    assert city.validate() == []
    assert list(city.stations["station_id"]) == ["centre"]
