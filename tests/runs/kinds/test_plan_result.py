"""A plan shows, plots, ranks again and writes itself; station load of the city beside it."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_request import settings_from
from netspatial.runs.kinds.plan_result import PlanRun, _station_load
from netspatial.viz.plan_map import short_id
from tests.ui.plan_runs import write_made_up_run


def with_services(city: City, *names: str, units: str = "MB") -> City:
    """Return the city with these services instead of its own, each ten times the one before."""
    path = city.folder / "traffic.nc"
    with xr.open_dataset(path, engine="h5netcdf") as series:
        total = series.load()["total"]
    xr.Dataset({name: total * 10.0**n for n, name in enumerate(names)}).to_netcdf(
        path, engine="h5netcdf"
    )
    record = json.loads((city.folder / "city.json").read_text())
    record["units"] = dict.fromkeys(names, units)
    (city.folder / "city.json").write_text(json.dumps(record))
    return City.open(city.folder)


@pytest.mark.parametrize(("names", "own"), [(("data", "total"), "total"), (("sms",), "sms")])
def test_station_load_is_that_of_the_plans_service(
    own_city: City, names: tuple[str, ...], own: str
) -> None:
    city = with_services(own_city, *names)
    load = _station_load(city, "MB")
    assert load is not None
    assert load.to_numpy() == pytest.approx(city.traffic[own].mean("time").to_numpy())
    assert _station_load(city, "GB") is None


def test_the_change_on_disk_is_that_of_the_chosen_sites(planned: PlanRun) -> None:
    kept, again = planned.site_change, planned.change_at(planned.sites)
    assert kept.sites["site"].tolist() == planned.sites["cell_id"].tolist()
    assert kept.totals == again.totals
    assert kept.notes == again.notes
    names = [name for name in kept.stations.columns if name != "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(kept.stations[names]), pd.DataFrame(again.stations[names])
    )
    pd.testing.assert_frame_equal(kept.sites, again.sites, check_dtype=False)


def test_a_run_without_the_comparison_says_how_to_add_it(planned: PlanRun, tmp_path) -> None:
    run = PlanRun(Run.open(shutil.copytree(planned.folder, tmp_path / "old")))
    run.run.path("site_change.parquet").unlink()
    with pytest.raises(MissingPart, match="resume it with `netspatial runs resume`"):
        _ = run.site_change


def test_without_capacities_the_change_is_not_known(planned: PlanRun, own_city: City) -> None:
    stations = own_city.stations.drop(columns="capacity")
    stations.to_parquet(own_city.path("stations"))
    run = PlanRun(planned.run)
    run.__dict__["city"] = City.open(own_city.folder)
    found = run.change_at(planned.sites)
    assert len(found.stations) == 0
    assert "have no column 'capacity'" in found.notes[0]


def test_station_load_is_none_if_several_services_are_possible(own_city: City) -> None:
    assert _station_load(with_services(own_city, "call", "sms"), "MB") is None


@pytest.fixture(scope="module")
def plan(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> PlanRun:
    """Return a plan whose traffic comes from a formula."""
    run = write_made_up_run(small_city, tmp_path_factory.mktemp("runs") / "first")
    return PlanRun.open(run.folder)


def test_it_shows_its_sites_and_a_map_without_fetching(plan: PlanRun) -> None:
    page = plan._repr_html_()
    assert all(f">{short_id(cell)}</td>" in page for cell in plan.sites["cell_id"])
    assert 'src="data:image/svg+xml;base64,' in page
    assert "http" not in page
    assert repr(plan).startswith(f"<PlanRun 'first': {len(plan.sites)} sites of")
    assert "Tinytown" in repr(plan)


def test_a_plan_ranked_again_has_the_same_face_and_writes_nothing(
    plan: PlanRun, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in plan.folder.rglob("*")}
    other = plan.rerank(utility="demand", sites=2, spacing_m=100)
    expected = plan.replan(
        plan.request.settings.model_copy(
            update={"utility": "demand", "sites": 2, "spacing_m": 100.0}
        )
    )
    assert other.sites["cell_id"].tolist() == expected.sites["cell_id"].tolist()
    assert other.request.settings.utility == "demand"
    assert other.metadata["utility"]["title"] == expected.utility.title
    assert "2 sites" in other._repr_html_()
    assert len(other.plot().data[0].x) == 2
    assert len(gpd.read_file(other.to_file(tmp_path / "sites.gpkg"))) == 2
    third = other.rerank(sites=1)
    assert third.sites["cell_id"].tolist() == other.sites["cell_id"].tolist()[:1]
    assert before == {path: path.stat().st_mtime_ns for path in plan.folder.rglob("*")}


def test_settings_are_given_once_and_checked(plan: PlanRun) -> None:
    with pytest.raises(BadInput, match=r"Both settings and sites are given; put sites into"):
        plan.rerank(sites=2, settings=PlanSettings())
    with pytest.raises(BadInput, match=r"The plan's sites is not valid"):
        plan.rerank(sites="many")
    complete = PlanSettings(sites=1, method="top-k", min_demand=0)
    assert plan.rerank(settings=complete).request.settings == complete


def test_changes_keep_the_other_settings() -> None:
    base = PlanSettings(sites=4, utility="demand", min_demand=2.0)
    assert settings_from(base, None, sites=None, min_demand=None) == base
    assert settings_from(base, None, sites=3) == base.model_copy(update={"sites": 3})
    assert settings_from(base, None, required=["a"]).required == ("a",)


def test_the_chart_of_the_sites_has_a_bar_for_each(plan: PlanRun) -> None:
    (bars,) = plan.plot().data
    np.testing.assert_allclose(bars.y, plan.sites["utility_mean"])


@pytest.mark.parametrize("chart", ["month", "week", "day", "duration"])
def test_charts_of_a_site(plan: PlanRun, chart: str) -> None:
    drawn = plan.plot_site(1, chart)
    traffic = plan.traffic_of([plan.sites["cell_id"].iloc[0]])
    top = float(traffic.max())
    assert all(np.nanmax(line.y) <= top * (1 + 1e-6) for line in drawn.data)


def test_an_unknown_site_or_chart_is_one_sentence(plan: PlanRun) -> None:
    with pytest.raises(BadInput, match=r"There is no site of rank 99; the ranks are 1"):
        plan.plot_site(99)
    with pytest.raises(BadInput, match="no chart 'year'; there are month"):
        plan.plot_site(1, "year")


def test_the_map_has_every_cell_and_numbers_every_site(plan: PlanRun) -> None:
    layers = {layer.id.partition("-")[0]: layer for layer in plan.explore().layers}
    assert len(layers["cells"].data) == len(plan.cells)
    assert [row["label"] for row in layers["ranks"].data] == [str(n) for n in plan.sites["rank"]]


def test_sites_or_cells_are_written_by_the_extension(plan: PlanRun, tmp_path: Path) -> None:
    assert len(gpd.read_parquet(plan.to_file(tmp_path / "sites.parquet"))) == len(plan.sites)
    cells = plan.to_file(tmp_path / "cells.geojson", table="cells")
    assert len(gpd.read_file(cells)) == len(plan.cells)
    with pytest.raises(BadInput, match="has no known format"):
        plan.to_file(tmp_path / "plan.docx")


def test_a_hostile_name_is_shown_as_text(plan: PlanRun) -> None:
    bad = "<script>alert(1)</script>"
    run = PlanRun(plan.run)
    run.__dict__["facts"] = {
        **plan.facts,
        "city": {**plan.facts["city"], "name": bad},
        "attribution": [bad],
    }
    page = run._repr_html_()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
