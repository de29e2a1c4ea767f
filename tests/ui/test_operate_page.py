"""The operation page without a browser: its states, its settings, its address."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.runs.kinds import policy_comparison
from netspatial.runs.kinds.operating_request import OperateRequest, make_request, submit
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.runs.kinds.registry import resume
from netspatial.ui.components.scenarios import save_scenario
from tests.scenario.made_up_scenarios import scenario_of
from tests.ui import pages
from tests.ui.operate_runs import QUICK, write_schedule
from tests.ui.pages import numbers, text

opened = partial(pages.opened, "operate")


@pytest.fixture(scope="session")
def scheduled(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_schedule(small_city, tmp_path_factory.mktemp("schedules") / "operate-tinytown")


@pytest.fixture
def town(small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """The app's folders: the small city, and a runs folder without any run."""
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    return small_city


@pytest.fixture
def kept(town: City, scheduled: Run, tmp_path: Path) -> Run:  # noqa: ARG001  sets the folders
    """The same folders with a finished schedule."""
    shutil.copytree(scheduled.folder, tmp_path / "runs" / scheduled.name)
    return Run.open(tmp_path / "runs" / scheduled.name)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Run folders that a worker was requested for; none is started."""
    folders: list[Path] = []
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", folders.append)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    return folders


def test_without_a_city_the_page_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(tmp_path))
    app = opened()
    assert app.title[0].value == "No city yet"


@pytest.mark.usefixtures("town")
def test_without_a_run_the_stations_of_a_district_are_selected() -> None:
    app = opened()
    assert app.multiselect(key="op-list").value == [f"s{n}" for n in range(6)]
    assert numbers(app) == {"Stations": "6", "May sleep at most": "3"}
    assert not app.error


@pytest.mark.usefixtures("town")
def test_schedule_submits_the_settings(started: list[Path]) -> None:
    app = opened()
    app.multiselect(key="op-list").set_value(["s1", "s2"]).run()
    app.selectbox(key="op-policy").select("threshold").run()
    app.selectbox(key="op-forecaster").select("hour-of-week").run()
    app.button(key="op-go").click().run()
    assert not app.exception
    (run,) = list_runs()
    assert started[:1] == [run.folder]
    asked = OperateRequest.of(run)
    assert asked.stations == ("s1", "s2")
    assert (asked.policy, asked.forecaster) == ("threshold", "hour-of-week")
    assert app.query_params["run"] == run.name


@pytest.mark.usefixtures("town")
def test_schedule_assumes_the_selected_scenario(started: list[Path]) -> None:
    closed = {"change": "switch_off", "station_id": "s1"}
    save_scenario(scenario_of(closed, name="Without s1"))
    app = opened()
    app.selectbox(key="op-scenario").select("Without s1").run()
    app.selectbox(key="op-forecaster").select("hour-of-week").run()
    app.button(key="op-go").click().run()
    assert not app.exception
    assert not app.error
    (run,) = list_runs()
    assert started[:1] == [run.folder]
    asked = OperateRequest.of(run)
    assert asked.scenario.name == "Without s1"
    assert asked.stations == ("s0", "s2", "s3", "s4", "s5")


@pytest.mark.usefixtures("town")
def test_without_stations_schedule_is_disabled(started: list[Path]) -> None:
    app = opened()
    app.selectbox(key="op-hours").select(168).run()
    app.multiselect(key="op-list").set_value([]).run()
    assert app.button(key="op-go").disabled
    assert not started


def test_a_finished_schedule_is_shown_with_its_figures(kept: Run) -> None:
    app = opened(run=kept.name)
    summary = OperateRun.open(kept.folder).summary
    assert app.title[0].value == "Network operation (what-to-do)"
    assert set(numbers(app)) == {
        "Energy",
        "Saved",
        "Traffic served",
        "Asleep",
        "Activations",
        "Overloaded",
    }
    assert numbers(app)["Traffic served"] == f"{100 * summary['qoe']:.2f} %"
    assert "simulated" in text(app)
    assert "lie within P10–P90" in text(app)
    assert not app.error


def test_the_address_names_run_and_station(kept: Run) -> None:
    app = opened(run=kept.name, station="s4")
    assert app.selectbox(key="op-station-s4").value == "s4"


@pytest.mark.parametrize("station", ["nobody", "<script>"])
def test_an_unknown_station_is_reported_and_another_one_shown(kept: Run, station: str) -> None:
    app = opened(run=kept.name, station=station)
    assert f"no station '{in_markdown(station)}'" in app.warning[0].value
    assert not app.error


@pytest.mark.parametrize("name", ["gone", "../etc", "tiny<b>"])
@pytest.mark.usefixtures("town")
def test_an_unknown_run_is_reported(name: str) -> None:
    app = opened(run=name)
    assert in_markdown(f"There is no run '{name}' here") in app.warning[0].value
    assert not app.error


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("failed", "no capacity above zero"),
        ("cancelled", "was cancelled"),
        ("interrupted", "ended"),
    ],
)
def test_a_run_without_a_result_shows_the_reason_and_can_be_resumed(
    town: City, tmp_path: Path, state: str, says: str
) -> None:
    run = submit(make_request(town, "all", **QUICK), tmp_path / "runs" / "operate-bad")
    error = f"Station s1 has {says}." if state != "cancelled" else None
    run.write_progress(RunProgress(state=state, error=error))
    app = opened(run=run.name)
    assert says in text(app)
    assert app.button(key="resume")


def test_an_unfinished_run_can_be_cancelled(
    town: City, tmp_path: Path, started: list[Path]
) -> None:
    run = submit(make_request(town, "all", **QUICK), tmp_path / "runs" / "operate-now")
    app = opened(run=run.name)
    assert app.button(key="cancel")
    assert not app.error
    assert started == []


def test_policies_are_compared_on_demand(kept: Run, started: list[Path]) -> None:
    app = opened(run=kept.name)
    app.pills(key="op-beside").set_value(["always-on", "threshold"]).run()
    app.button(key="op-weigh").click().run()
    assert not app.exception
    assert started == [policy_comparison.folder_of(kept)]
    resume(Run.open(started[0]))
    app = opened(run=kept.name)
    rows = app.dataframe[0].value
    assert set(rows["Policy"]) == {"Always on", "Threshold on load", "Greedy (energy-aware)"}
    assert rows.set_index("Policy")["Saved"]["Always on"] == 0


@pytest.mark.parametrize("part", ["traffic", "stations"])
def test_a_city_without_a_required_part_is_reported(
    own_city: City, monkeypatch: pytest.MonkeyPatch, part
) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", str(own_city.folder.parent))
    own_city.path(part).unlink()
    app = opened()
    assert f"has no {part} yet" in text(app)
    assert not app.error


def test_upcoming_hours_are_labelled_generated_and_have_no_measured_traffic(
    town: City, tmp_path: Path
) -> None:
    run = write_schedule(town, tmp_path / "runs" / "operate-ahead", mode="forecast")
    app = opened(run=run.name)
    said = text(app)
    assert "generated" in said
    assert "These are upcoming hours: there is no measured traffic to compare with." in said
    low, high = OperateRun.open(run.folder).summary["ranges"]["saving_pct"]
    assert f"80 % ranges: saved {low:.1f} to {high:.1f} %" in said
    assert not app.error
