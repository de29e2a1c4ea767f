"""`netspatial city`, `area` and `grid` print the results of the library, as text and JSON."""

import json
import subprocess
import sys

import geopandas as gpd
import pytest

from netspatial import __version__
from netspatial.area import Area
from netspatial.cli import main
from netspatial.feasibility import feasibility
from netspatial.grid import h3_grid, make_grid

AROUND = ["--around=9.19,45.46", "--side-m=500"]


@pytest.fixture
def netspatial(monkeypatch, capsys):
    """Run the command line in this process: (exit code, what it printed)."""

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["netspatial", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return ended.value.code, printed.out

    return run


def test_the_version(netspatial):
    assert netspatial("--version") == (0, f"netspatial {__version__}\n")


def test_without_a_command_it_prints_help(netspatial):
    code, printed = netspatial()
    assert code == 0
    for command in ("city", "area", "grid"):
        assert command in printed


def test_start_up_imports_no_heavy_library():
    code = "import sys, netspatial.cli; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    heavy = {"geopandas", "pandas", "rasterio", "xarray", "torch", "streamlit", "scipy"}
    assert heavy.intersection(loaded) == set()


def test_city_describe(netspatial, small_city):
    code, printed = netspatial("city", "describe", small_city.folder, "--json")
    assert code == 0
    assert json.loads(printed) == json.loads(json.dumps(small_city.describe()))
    code, printed = netspatial("city", "describe", small_city.folder)
    assert code == 0
    for words in ("Tinytown", "parts.stations.count", "simulated", "EPSG:32632"):
        assert words in printed


def test_city_validate(netspatial, small_city):
    code, printed = netspatial("city", "validate", small_city.folder)
    assert code == 0
    assert "Tinytown is valid: imagery, pois, stations, traffic, landuse." in printed
    code, printed = netspatial("city", "validate", small_city.folder, "--json")
    assert (code, json.loads(printed)["problems"]) == (0, [])


def test_city_validate_with_problems(netspatial, own_city):
    own_city.path("traffic").write_text("x")
    code, printed = netspatial("city", "validate", own_city.folder)
    assert code == 1
    assert "traffic.nc is not a NetCDF file" in printed
    code, printed = netspatial("city", "validate", own_city.folder, "--json")
    assert (code, len(json.loads(printed)["problems"])) == (1, 1)


def test_area_as_json_is_geojson_that_can_be_read_again(netspatial, tmp_path):
    code, printed = netspatial("area", *AROUND, "--json")
    assert code == 0
    assert Area.from_geojson(printed).area_km2 == pytest.approx(0.25, rel=1e-6)
    drawn = tmp_path / "drawn.geojson"
    drawn.write_text(printed)
    code, again = netspatial("area", "--file", drawn)
    assert code == 0
    assert again.startswith("0.2500 km2, centred on 9.19")


@pytest.mark.parametrize("ending", ["geojson", "parquet"])
def test_area_writes_a_file_that_can_be_read_again(netspatial, tmp_path, ending):
    out = tmp_path / f"area.{ending}"
    code, _ = netspatial("area", "--bbox", "-3.71,40.41,-3.70,40.42", "--out", out)
    assert code == 0
    assert Area.from_file(out).bounds == pytest.approx((-3.71, 40.41, -3.70, 40.42))


def test_area_reports_a_repair(netspatial, tmp_path):
    ring = [[9.1, 45.4], [9.16, 45.4], [9.16, 45.44], [9.1, 45.44], [9.1001, 45.3999], [9.1, 45.4]]
    (tmp_path / "drawn.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    _, printed = netspatial("area", "--file", tmp_path / "drawn.geojson")
    assert "The area crossed itself" in printed


def test_grid_counts_and_writes_cells(netspatial, tmp_path):
    out = tmp_path / "cells.parquet"
    code, printed = netspatial("grid", *AROUND, "--cell-m", 50, "--out", out, "--json")
    cells = make_grid(Area.around(9.19, 45.46, 500), 50)
    summary = json.loads(printed)
    assert code == 0
    assert (summary["cells"], summary["crs"]) == (len(cells), "EPSG:32632")
    written = gpd.read_parquet(out)
    assert written.crs.to_epsg() == 4326
    assert list(written["cell_id"]) == list(cells["cell_id"])


def test_grid_of_hexagons(netspatial):
    _, printed = netspatial("grid", *AROUND, "--h3", 10, "--json")
    assert json.loads(printed)["cells"] == len(h3_grid(Area.around(9.19, 45.46, 500), 10))


def test_grid_in_a_city_reports_feasibility(netspatial, small_city, tmp_path):
    out = tmp_path / "cells.geojson"
    code, printed = netspatial("grid", "--city", small_city.folder, "--out", out, "--json")
    cells = make_grid(Area.from_bounds(*small_city.record.bounds), 100, small_city.crs)
    judged = feasibility(cells, small_city)
    summary = json.loads(printed)
    assert code == 0
    assert summary["feasible"] == judged["feasible"].value_counts().to_dict()
    assert list(gpd.read_file(out)["reason"].fillna("")) == list(judged["reason"])


def test_grid_with_skipped_masks(netspatial, small_city):
    def feasible(*words: str) -> int:
        _, printed = netspatial("grid", "--city", small_city.folder, "--json", *words)
        return json.loads(printed)["feasible"]["yes"]

    assert feasible("--skip-mask=water", "--skip-mask=protected") > feasible()
    assert feasible("--station-distance-m=100") > feasible()


def test_grid_prints_a_table(netspatial, small_city):
    _, printed = netspatial("grid", "--city", small_city.folder)
    assert "feasible.yes" in printed
    assert "reasons.edge" in printed
