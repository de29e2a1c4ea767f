"""Exports: readable by other tools, with provenance, and with escaped text."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio

from netspatial.errors import BadInput
from netspatial.runs.exports import EXPORTS, ExportRequest, export
from netspatial.runs.kinds.plan_result import PlanRun

NAMED = ("generated", "Tinytown", "made up for tests")
KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def written(planned: PlanRun, tmp_path_factory) -> dict[str, Path]:
    """Return the files of all formats, with all cells."""
    folder = tmp_path_factory.mktemp("exports")
    return {
        name: export(planned, folder / f"plan{known.suffix}") for name, known in EXPORTS.items()
    }


@pytest.fixture
def hostile(planned: PlanRun) -> PlanRun:
    """Return a result with hostile texts."""
    run = PlanRun(planned.run)
    bad = "=HYPERLINK(1)<script>alert(1)</script>&"
    run.__dict__["sites"] = planned.sites.assign(rationale=bad, nearest_station=bad, poi_mix=bad)
    run.__dict__["cells"] = planned.cells.assign(nearest_station=bad)
    city = {**planned.facts["city"], "name": bad}
    run.__dict__["facts"] = {**planned.facts, "city": city, "attribution": [bad]}
    return run


def test_geoparquet_is_the_table_with_provenance(planned, written) -> None:
    assert gpd.read_parquet(written["geoparquet"]).equals(planned.cells)
    metadata = json.loads(pq.read_schema(written["geoparquet"]).metadata[b"netspatial"])
    assert metadata["provenance"] == "generated"
    assert metadata["attribution"] == ["made up for tests"]
    assert metadata["units"]["demand"] == planned.facts["units"]
    assert metadata["generator"]["fingerprint"] == planned.facts["generator"]["fingerprint"]


def test_geopackage_is_read_by_geopandas_with_provenance(planned, written) -> None:
    table = gpd.read_file(written["geopackage"])
    assert table["cell_id"].tolist() == planned.cells["cell_id"].tolist()
    said = pyogrio.read_info(written["geopackage"])["dataset_metadata"]
    assert all(word in said["note"] + said["attribution"] for word in NAMED)
    assert json.loads(said["netspatial"])["units"]["demand"] == planned.facts["units"]


def test_geojson_is_read_by_geopandas_with_provenance(planned, written) -> None:
    table = gpd.read_file(written["geojson"])
    assert table["cell_id"].tolist() == planned.cells["cell_id"].tolist()
    metadata = json.loads(written["geojson"].read_text())
    assert "crs" not in metadata
    assert all(word in metadata["note"] + metadata["attribution"] for word in NAMED)


def test_csv_has_its_provenance_in_every_row(planned, written) -> None:
    rows = pd.read_csv(written["csv"])
    np.testing.assert_allclose(rows["demand_mean"], planned.cells["demand_mean"])
    for word in NAMED:
        assert (rows["note"] + rows["attribution"]).str.contains(word).all()


def test_kml_shows_every_cell_and_the_ranks(planned, written) -> None:
    document = ET.parse(written["kml"]).getroot()[0]  # noqa: S314  we wrote it
    marks = document.findall(f"{KML}Placemark")
    assert len(marks) == len(planned.cells)
    names = {mark.findtext(f"{KML}name") for mark in marks}
    assert f"1. {planned.sites['cell_id'].iloc[0]}" in names
    assert all(word in document.findtext(f"{KML}description") for word in NAMED)
    assert len(gpd.read_file(written["kml"])) == len(planned.cells)


def test_a_pixel_of_the_geotiff_is_its_cell(planned, written, tmp_path) -> None:
    asked = ExportRequest(column="demand_mean")
    export(planned, tmp_path / "demand.tif", asked)
    with rasterio.open(tmp_path / "demand.tif") as raster:
        assert raster.crs.to_epsg() == 32632
        found = [value[0] for value in raster.sample(planned.cells[["x", "y"]].to_numpy())]
        assert raster.tags()["NETSPATIAL"]
        assert "Tinytown" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    np.testing.assert_allclose(found, planned.cells["demand_mean"], rtol=1e-6)
    with rasterio.open(written["geotiff"]) as raster:
        assert raster.descriptions == ("utility_mean",)


def test_only_the_sites_on_request(planned, tmp_path) -> None:
    export(planned, tmp_path / "s.csv", ExportRequest(table="sites"))
    assert len(pd.read_csv(tmp_path / "s.csv")) == 3


def test_the_change_at_stations_is_one_line_per_site_and_station(planned, tmp_path) -> None:
    known = planned.site_change.stations
    assert len(known) > 0
    asked = ExportRequest(table="site_change")
    for suffix in (".parquet", ".geojson", ".csv"):
        export(planned, tmp_path / f"lines{suffix}", asked)
    lines = gpd.read_file(tmp_path / "lines.geojson")
    assert set(lines.geom_type) == {"LineString"}
    assert lines["station"].tolist() == known["station"].tolist()
    table = pd.read_csv(tmp_path / "lines.csv")
    np.testing.assert_allclose(table["load_after_p90"], known["load_after_p90"])
    metadata = pq.read_schema(tmp_path / "lines.parquet").metadata[b"netspatial"]
    assert json.loads(metadata)["provenance"] == "generated"
    with pytest.raises(BadInput, match=r"no \.kml format; use one of the extensions \.parquet"):
        export(planned, tmp_path / "lines.kml", asked)


def test_an_unknown_format_or_column_is_one_sentence(planned, tmp_path) -> None:
    with pytest.raises(BadInput, match=r"'plan\.docx' has no known format; use one of"):
        export(planned, tmp_path / "plan.docx")
    with pytest.raises(BadInput, match="no numeric column 'reason'"):
        export(planned, tmp_path / "x.tif", ExportRequest(column="reason"))
    assert list(tmp_path.iterdir()) == []


def test_hostile_texts_are_escaped(hostile: PlanRun, tmp_path) -> None:
    for name in ("csv", "kml", "html"):
        export(hostile, tmp_path / f"x{EXPORTS[name].suffix}", ExportRequest(table="sites"))
    with (tmp_path / "x.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith("=") for cell in cells)
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert "<script" not in (tmp_path / "x.kml").read_text()
    ET.parse(tmp_path / "x.kml")  # noqa: S314  we wrote it
    assert "<script" not in (tmp_path / "x.html").read_text()
    assert "&lt;script" in (tmp_path / "x.html").read_text()


LIMITED = """
import json, resource, sys
from pathlib import Path
from netspatial.errors import CannotWrite
from netspatial.runs.exports import export
from netspatial.runs.kinds.plan_result import PlanRun
run = PlanRun.open(sys.argv[1])
for whole in map(Path, sys.argv[3:]):
    limit = whole.stat().st_size // 3
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        export(run, Path(sys.argv[2]) / whole.name)
    except CannotWrite as error:
        print(error)
    else:
        print("written", whole)
"""


def test_an_export_on_a_full_disk_is_an_error(planned: PlanRun, written, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", LIMITED, planned.folder, tmp_path, *written.values()],
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert len(said) == len(EXPORTS)
    assert all("was not written: it would outgrow" in line for line in said), done.stdout
    assert list(tmp_path.iterdir()) == []
