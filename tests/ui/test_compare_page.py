"""The compare page without a browser: its states, its tables and its address."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.scenario.scenario import Scenario
from netspatial.ui.compare.plans import changes, compare
from netspatial.ui.compare.run_choice import differences
from tests.scenario.made_up_scenarios import scenario_of
from tests.ui import pages
from tests.ui.operate_runs import write_schedule
from tests.ui.plan_runs import write_made_up_run

opened = partial(pages.opened, "compare")


@pytest.fixture(scope="session")
def saved(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two plans with different numbers of sites, and two schedules with different policies."""
    runs = tmp_path_factory.mktemp("saved")
    write_made_up_run(small_city, runs / "three", k=3)
    write_made_up_run(small_city, runs / "five", k=5)
    write_schedule(small_city, runs / "greedy")
    write_schedule(small_city, runs / "always", policy="always-on")
    return runs


@pytest.fixture
def folders(small_city: City, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runs = tmp_path / "runs"
    shutil.copytree(saved, runs)
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(runs))
    return runs


def test_with_fewer_than_two_runs_the_page_explains_what_to_do(
    folders: Path,
) -> None:
    for name in ("three", "five"):
        Run.open(folders / name).delete()
    (message,) = [info.value for info in opened().info]
    assert message.startswith("There is no finished run of this kind; two are needed.")
    assert [info.value for info in opened(kind="Schedules").info] == []


def test_a_scenario_is_one_of_the_different_settings() -> None:
    closed = scenario_of({"change": "switch_off", "station_id": "s1"}, name="Without <s1>")
    records = [it.model_dump(mode="json") for it in (Scenario(), closed)]
    said = str(differences([("scenario", *records)]))
    assert "Scenario" in said
    assert "none" in said
    assert "Without &lt;s1&gt;: Station" in said
    assert "is switched off." in said


@pytest.mark.usefixtures("folders")
def test_two_plans_are_compared() -> None:
    app = opened(a="three", b="five")
    assert [box.value for box in app.selectbox] == ["three", "five"]
    rows = app.dataframe[0].value
    assert (rows["Rank, first"] != "–").sum() == 3
    assert (rows["Rank, second"] != "–").sum() == 5
    assert "generated" in " ".join(box.value for box in app.markdown)
    assert set(rows["Change"]) <= {"same", "only in first", "only in second", "up 1", "down 1"}
    assert not app.error


def test_every_site_of_either_plan_is_in_the_table_once(folders: Path) -> None:
    one, other = (PlanRun.open(folders / name) for name in ("three", "five"))
    found = compare(one, other)
    table = changes(found)
    assert len(table) == len({*one.sites["cell_id"], *other.sites["cell_id"]})
    assert (table["Change"] == "only in second").sum() == 5 - found.both
    assert (table["Change"] == "only in first").sum() == 3 - found.both


@pytest.mark.usefixtures("folders")
def test_a_run_does_not_differ_from_itself() -> None:
    app = opened(a="three", b="three")
    assert set(app.dataframe[0].value["Change"]) == {"same"}
    assert (app.dataframe[0].value["Difference"] == 0).all()


@pytest.mark.usefixtures("folders")
def test_two_schedules_are_compared() -> None:
    app = opened(kind="Schedules", a="greedy", b="always")
    assert [box.value for box in app.selectbox] == ["greedy", "always"]
    figures = app.dataframe[0].value.set_index("Figure")
    assert figures.loc["Saved, kWh", "Second"] == 0
    assert figures.loc["Energy, kWh", "Difference"] == pytest.approx(
        figures.loc["Saved, kWh", "First"]
    )
    assert not app.error


@pytest.mark.parametrize("name", ["gone", "../three", "<b>"])
@pytest.mark.usefixtures("folders")
def test_an_unknown_run_is_reported_and_another_one_selected(name: str) -> None:
    app = opened(a=name, b="five")
    assert in_markdown(f"There is no run '{name}' here") in app.warning[0].value
    assert not app.error
