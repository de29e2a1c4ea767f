"""The plan page without a browser: its states, its settings, its address."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from netspatial.city.city import City
from netspatial.content import file_sha256
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.manifest import RunProgress, StageRecord
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.runs.kinds.plan_request import PlanRequest, submit
from netspatial.runs.kinds.plan_result import SUPPORT, TRAFFIC, PlanRun
from netspatial.viz.plan_map import short_id
from tests.scenario.made_up_scenarios import middle
from tests.ui.pages import numbers, opened, text
from tests.ui.plan_runs import small_request


def table(app: AppTest) -> list[str]:
    return app.dataframe[0].value["Cell"].tolist()


def names(run: Run, column: str = "cell_id") -> list[str]:
    return [short_id(name) for name in PlanRun.open(run.folder).sites[column]]


@pytest.mark.usefixtures("shown_town")
def test_a_first_visit_shows_the_ranked_example(planned: Run) -> None:
    app = opened()
    assert app.title[0].value == "Site planning (what-if)"
    assert table(app) == names(planned)
    assert set(numbers(app)) == {"Demand", "Utility", "Peak", "Selected"}
    assert numbers(app)["Selected"].endswith("of 4")
    said = text(app)
    assert "simulated" in said
    assert "generated" in said
    assert not app.error


@pytest.mark.usefixtures("shown_town")
def test_another_utility_changes_the_ranking_at_once(planned: Run) -> None:
    app = opened()
    before = table(app)
    app.selectbox(key="utility").select("demand").run()
    assert not app.exception
    assert table(app) != before
    cells = PlanRun.open(planned.folder).cells
    cells = cells[cells["feasible"] != "no"]
    assert table(app)[0] == short_id(cells.loc[cells["demand_mean"].idxmax(), "cell_id"])
    assert app.query_params["utility"] == "demand"


@pytest.mark.usefixtures("shown_town")
def test_fewer_sites_are_the_best_of_more() -> None:
    app = opened()
    three = table(app)
    app.number_input(key="sites").set_value(2).run()
    assert table(app) == three[:2]


@pytest.mark.usefixtures("shown_town")
def test_without_a_minimum_demand_all_feasible_cells_compete() -> None:
    app = opened()
    assert "Minimum demand: mean of at least" in text(app)
    app.selectbox(key="demand_floor").select("none").run()
    assert "every feasible cell is a candidate" in text(app)


@pytest.mark.usefixtures("shown_town")
def test_an_impossible_minimum_demand_is_reported() -> None:
    app = opened(demand_floor="own", min_demand="100000")
    (sentence,) = [error.value for error in app.error]
    assert "No feasible cell reaches the minimum demand" in sentence


@pytest.mark.usefixtures("shown_town")
def test_the_address_is_the_view(planned: Run) -> None:
    cell = PlanRun.open(planned.folder).cells["cell_id"].iloc[0]
    app = opened(run=planned.name, cell=cell, utility="p95", sites="2", look="raised", paint="week")
    assert app.selectbox(key="utility").value == "p95"
    assert len(table(app)) == 2
    assert app.select_slider[0].value in range(168)
    assert any(short_id(cell) in caption.value for caption in app.caption)


@pytest.mark.usefixtures("shown_town")
def test_the_uncertainty_is_a_map_where_measured_stations_are_used(planned: Run) -> None:
    app = opened(run=planned.name, paint="uncertainty")
    assert app.segmented_control(key="paint").value == "uncertainty"
    assert "range of the mean load, estimated from the measured stations." in text(app)
    page = " ".join(box.body for box in app.html)
    assert "80 % range of the mean load ±" in page
    assert 'class="ns-measured"' in page
    assert "far from any station ±" in page


@pytest.mark.usefixtures("shown_town")
def test_without_measured_stations_the_page_says_why_there_is_no_such_map(
    planned: Run, shown_town: Path
) -> None:
    folder = shutil.copytree(planned.folder, shown_town / "plan-alone")
    run = Run.open(folder)
    pd.read_parquet(run.path(SUPPORT))[["cell_id"]].to_parquet(run.path(SUPPORT), index=False)
    written = {name: file_sha256(run.path(name)) for name in (TRAFFIC, SUPPORT)}
    run.record_stage("traffic", StageRecord(key="made up", seconds=0.5, outputs=written), {})
    app = opened(run=run.name, paint="uncertainty")
    assert app.segmented_control(key="paint").value == "utility"
    assert "There is no map of the uncertainty" in text(app)
    run.delete()


@pytest.mark.parametrize("name", ["nobody", "../runs", "/etc", ".queue", "<b>"])
@pytest.mark.usefixtures("shown_town")
def test_an_unknown_run_is_reported_and_the_example_shown(name: str, planned: Run) -> None:
    app = opened(run=name)
    assert any(in_markdown(f"There is no run '{name}'") in warning.value for warning in app.warning)
    assert table(app) == names(planned)


@pytest.mark.usefixtures("shown_town")
def test_an_unknown_cell_is_reported() -> None:
    app = opened(cell="<script>")
    assert f"has no cell '{in_markdown('<script>')}'" in app.warning[0].value
    assert numbers(app)


@pytest.mark.usefixtures("shown_town")
def test_a_run_submitted_elsewhere_may_exceed_the_limits_of_the_page(
    small_city: City, shown_town: Path
) -> None:
    larger = {"samples": 100, "seed": 2**40, "cell_m": 20.0}
    request = small_request(small_city).model_copy(update=larger)
    run = submit(request, shown_town / "plan-larger")
    run.cancel()
    app = opened(run="plan-larger")
    assert [app.number_input(key=name).value for name in larger] == list(larger.values())
    run.delete()


@pytest.mark.usefixtures("shown_town")
def test_generation_settings_take_effect_with_the_next_run() -> None:
    app = opened()
    app.number_input(key="samples").set_value(6).run()
    assert "You changed: samples." in text(app)
    assert not app.exception


def test_a_city_without_an_example_opens_on_the_area(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path))
    app = opened()
    assert "No area yet" in text(app)
    app.button(key="here").click().run()
    assert not app.exception
    assert numbers(app)["Cells"] != "0"
    assert float(numbers(app)["Area"].split()[0]) == pytest.approx(1.3**2, rel=0.02)
    app.button(key="undo").click().run()
    assert "No area yet" in text(app)
    app.segmented_control(key="view").set_value("result").run()
    assert "Nothing is generated yet" in text(app)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("9.18,45.45,9.19,45.40", "south"),
        ("hello", "not made of numbers"),
        ("0,0,1,1", "limit"),
        ("10.0,45.0,10.01,45.01", "outside the city 'Tinytown'"),
    ],
)
@pytest.mark.usefixtures("shown_town")
def test_an_invalid_area_in_the_address_is_reported(address: str, said: str) -> None:
    app = opened(area=address)
    app.segmented_control(key="view").set_value("area").run()
    assert not app.exception
    assert said in text(app)


@pytest.mark.usefixtures("shown_town")
def test_the_area_of_the_example_is_selected() -> None:
    app = opened()
    app.segmented_control(key="view").set_value("area").run()
    assert not app.exception
    assert int(numbers(app)["Cells"]) >= 36
    assert "4 samples" in text(app)
    assert "from earlier runs here" in text(app)


@pytest.mark.usefixtures("shown_town")
def test_the_next_run_assumes_the_edited_scenario(
    small_city: City, shown_town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", lambda _: None)
    before = {run.name for run in list_runs(shown_town)}
    app = opened()
    app.segmented_control(key="view").set_value("area").run()
    here = middle(small_city)
    app.session_state["clicked"] = (here["lon"], here["lat"])
    app.selectbox(key="scenario-change").select("switch_off").run()
    app.button(key="scenario-add").click().run()
    assert not app.exception
    assert "is switched off" in text(app)
    app.button(key="generate").click().run()
    (run,) = [run for run in list_runs(shown_town) if run.name not in before]
    (change,) = PlanRequest.of(run).scenario.changes
    assert change.change == "switch_off"
    run.delete()


@pytest.mark.usefixtures("shown_town")
def test_a_failed_run_shows_its_reason_and_can_be_resumed(
    small_city: City, shown_town: Path
) -> None:
    run = submit(small_request(small_city, k=2), shown_town / "plan-failed")
    run.write_progress(RunProgress(state="failed", error="The disk is full; make room."))
    app = opened(run="plan-failed")
    assert [error.value for error in app.error] == ["The disk is full; make room."]
    assert app.button(key="resume")
    app.button(key="leave").click().run()
    assert not app.error
    assert len(table(app)) == 3
    run.delete()


@pytest.mark.usefixtures("shown_town")
def test_a_cancelled_run_can_be_resumed(small_city: City, shown_town: Path) -> None:
    run = submit(small_request(small_city, k=2), shown_town / "plan-cancelled")
    run.cancel()
    app = opened(run="plan-cancelled")
    assert "was cancelled" in text(app)
    assert app.button(key="resume")
    run.delete()


@pytest.mark.usefixtures("shown_town")
def test_a_crashed_worker_is_reported_with_its_stage(small_city: City, shown_town: Path) -> None:
    run = submit(small_request(small_city, k=2), shown_town / "plan-crashed")
    run.write_progress(RunProgress(state="running", message="Generating traffic", number=3, of=6))
    app = opened(run="plan-crashed")
    assert "stopped during 'Generating traffic'" in app.error[0].value
    run.delete()


@pytest.mark.usefixtures("shown_town")
def test_generate_submits_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", asked.append)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    app = opened(samples="2", utility="demand", sites="4")
    app.segmented_control(key="view").set_value("area").run()
    app.button(key="generate").click().run()
    assert not app.exception
    (folder,) = asked
    request = json.loads((folder / "manifest.json").read_text())["request"]
    assert (request["samples"], request["settings"]["utility"]) == (2, "demand")
    assert request["settings"]["sites"] == 4
    assert app.query_params["run"] == folder.name
    Run.open(folder).delete()


@pytest.mark.parametrize("look", ["flat", "raised"])
@pytest.mark.parametrize("paint", ["utility", "week", "load"])
@pytest.mark.usefixtures("shown_town")
def test_every_view_can_be_shown(look: str, paint: str) -> None:
    app = opened(look=look, paint=paint)
    assert not app.error
