"""The page Validate without a browser: its states, its settings, its result."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Run, list_runs
from netspatial.runs.kinds.validating import ValidateRequest, make_request, submit
from netspatial.ui.cities.validation import finished_runs, title_of
from tests.ui import pages
from tests.ui.pages import numbers, text
from tests.ui.validation_runs import write_made_up_validation

opened = partial(pages.opened, "validate")


@pytest.fixture(scope="session")
def validated(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_made_up_validation(small_city, tmp_path_factory.mktemp("made") / "validate-town")


@pytest.fixture
def town(small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """The app's folders: the small city, and a runs folder without any run."""
    monkeypatch.setenv("NETSPATIAL_CITIES", str(small_city.folder.parent))
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    return small_city


@pytest.fixture
def kept(town: City, validated: Run, tmp_path: Path) -> Run:  # noqa: ARG001  sets the folders
    """The same folders with a finished validation."""
    shutil.copytree(validated.folder, tmp_path / "runs" / validated.name)
    return Run.open(tmp_path / "runs" / validated.name)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Run folders that a worker was requested for; none is started."""
    folders: list[Path] = []
    monkeypatch.setattr("netspatial.runs.jobs.worker.start", folders.append)
    monkeypatch.setattr("netspatial.runs.jobs.worker.keep_working", lambda *_: None)
    return folders


@pytest.mark.usefixtures("kept")
def test_the_newest_validation_of_the_city_is_shown_with_advice_scores_and_rule() -> None:
    app = opened()
    (advice,) = [box.value for box in app.success]
    assert "Use the measured stations: they lower the error (CRPS) by 20 %" in advice
    assert numbers(app) == {
        "Error against the model alone": "-20 %",
        "Error against the best baseline": "-11 %",
        "Hours in the 90 % range": "88 %",
        "Level R²": "0.50",
    }
    blocks, folds = (frame.value for frame in app.dataframe)
    assert blocks["Model"].tolist() == folds["Model"].tolist()
    assert blocks["Model"].iloc[0] == "Measured stations used"
    assert (blocks["CRPS"] > folds["CRPS"]).all()
    assert "Rule, by the CRPS of spatial blocks" in text(app)
    assert not app.error


def test_the_switches_of_the_map_are_in_the_address(kept: Run) -> None:
    app = opened(run=kept.name, split="random", of="ours without measured")
    assert app.segmented_control(key="split").value == "random"
    assert app.segmented_control(key="of").value == "ours without measured"


@pytest.mark.usefixtures("town")
def test_validate_submits_the_settings(started: list[Path]) -> None:
    app = opened()
    assert "Nothing is validated yet" in text(app)
    app.number_input(key="folds").set_value(3).run()
    app.number_input(key="block_m").set_value(500).run()
    app.selectbox(key="protocol").select("coming").run()
    app.button(key="validate").click().run()
    assert not app.exception
    (run,) = list_runs()
    assert started == [run.folder]
    asked = ValidateRequest.of(run)
    assert (asked.folds, asked.block_km, asked.protocol) == (3, 0.5, "coming")
    assert asked.service == "total"
    assert app.query_params["run"] == run.name


@pytest.mark.usefixtures("town")
def test_too_few_stations_for_the_folds_are_reported(started: list[Path]) -> None:
    app = opened()
    app.button(key="validate").click().run()
    (sentence,) = [error.value for error in app.error]
    assert "traffic of 6 stations; 5 folds need 10" in sentence
    assert not started
    assert list_runs() == []


@pytest.mark.parametrize("part", ["traffic", "stations"])
def test_a_city_without_stations_or_traffic_gets_one_sentence(
    own_city: City, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    own_city.path(part).unlink()
    monkeypatch.setenv("NETSPATIAL_CITIES", str(own_city.folder.parent))
    app = opened()
    (sentence,) = [box.value for box in app.info]
    assert f"has no {part} yet" in sentence
    assert not app.button


def test_a_failed_validation_shows_its_reason_and_can_be_resumed(
    town: City, tmp_path: Path
) -> None:
    run = submit(make_request(town, folds=2), tmp_path / "runs" / "validate-failed")
    run.write_progress(RunProgress(state="failed", error="The disk is full; make room."))
    app = opened(run=run.name)
    assert [error.value for error in app.error] == ["The disk is full; make room."]
    assert app.button(key="resume")
    app.button(key="leave").click().run()
    assert not app.error
    assert finished_runs(town.folder) == []


def test_a_run_of_another_kind_is_reported(kept: Run) -> None:
    Run.create(kept.folder.with_name("other"), "finetune", {"steps": 1})
    app = opened(run="other")
    assert "is a run of 'finetune', not of 'validate'" in app.warning[0].value


def test_a_list_names_what_differs(kept: Run) -> None:
    assert "2 folds, blocks of 2 km, measured weeks, total traffic" in title_of(kept)
