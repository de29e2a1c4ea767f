"""Validation in the made-up city as a run: from Python, resumed, and refused."""

from pathlib import Path

import numpy as np
import pytest

import netspatial
from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.evaluate import in_city
from netspatial.runs.jobs import loaded_models
from netspatial.runs.jobs.run import Cancelled, Run
from netspatial.runs.kinds import validation_result
from netspatial.runs.kinds.registry import resume
from netspatial.runs.kinds.validating import PART, make_request, submit, validate_city
from netspatial.runs.kinds.validation_result import ValidationRun
from netspatial.viz import validation_charts
from tests.runs.made_up_context import fusion

CHOICES = {"folds": 2, "block_km": 0.5}


@pytest.fixture(autouse=True)
def made_up_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_models, "warm_context", lambda folder=None: fusion(folder))


@pytest.fixture(scope="module")
def validated(
    small_city: City, model_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> ValidationRun:
    out = tmp_path_factory.mktemp("validated") / "run"
    with pytest.MonkeyPatch.context() as patched:  # module fixtures precede those of a test
        patched.setattr(loaded_models, "warm_context", lambda folder=None: fusion(folder))
        return validate_city(small_city, model=model_folder, out=out, **CHOICES)


def test_python_returns_the_table_and_the_stations(
    validated: ValidationRun, small_city: City
) -> None:
    assert netspatial.validate_city is validate_city
    table = validated.table
    assert set(table["split"]) == {"random", "blocks"}
    assert table.groupby("split")["crps"].is_monotonic_increasing.all()
    stations = validated.stations
    ids = sorted(small_city.stations["station_id"])
    for _, rows in stations.groupby(["split", "model"]):
        assert sorted(rows["station_id"]) == ids
    places = small_city.stations.set_index("station_id").geometry
    assert stations.geometry.to_numpy().tolist() == places.loc[stations["station_id"]].tolist()
    np.testing.assert_allclose(
        stations["log_error"], np.log(stations["estimated"] / stations["measured"]), atol=1e-6
    )
    assert validated.coverage["observed"].between(0, 1).all()
    assert validated.advice["verdict"] in ("use measured", "too few stations")
    assert validated.facts["stations"] == len(ids)
    assert set(validated.record()) == {"run", "rows", "coverage", "stations", "advice"}


def test_the_same_call_reads_the_finished_run(
    validated: ValidationRun,
    small_city: City,
    model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_city, "city_data", lambda *_: pytest.fail("computed again"))
    again = validate_city(small_city, model=model_folder, out=validated.run.folder, **CHOICES)
    assert again.table.equals(validated.table)
    with pytest.raises(BadInput, match="give the same city and settings"):
        validate_city(small_city, model=model_folder, out=validated.run.folder, folds=3)


def test_a_cancelled_validation_resumes_after_its_finished_split(
    validated: ValidationRun, small_city: City, model_folder: Path, tmp_path: Path
) -> None:
    run = submit(make_request(small_city, model=model_folder, **CHOICES), tmp_path / "run")

    def stop(progress) -> None:
        if "blocks" in progress.detail:
            run.path("cancel").touch()

    with pytest.raises(Cancelled):
        resume(run, stop)
    assert run.path(PART).is_file()
    seen: list[str] = []
    resume(run, lambda progress: seen.append(progress.detail))
    assert not any("random" in detail for detail in seen)
    assert not run.path(PART).exists()
    assert ValidationRun.open(run.folder).table.equals(validated.table)


def test_what_cannot_be_validated_is_refused_before_a_run_exists(
    own_city: City, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="traffic of 6 stations; 5 folds need 10"):
        make_request(own_city)
    with pytest.raises(BadInput, match="The support is 0 stations only"):
        make_request(own_city, folds=2, support=(0,))
    with pytest.raises(BadInput, match="In the validation request, folds"):
        make_request(own_city, folds=1)
    with pytest.raises(BadInput, match="no service 'video'"):
        make_request(own_city, folds=2, service="video")
    own_city.path("traffic").unlink()
    with pytest.raises(MissingPart, match="traffic"):
        make_request(City.open(own_city.folder), folds=2)
    other = Run.create(tmp_path / "other", "finetune", {"steps": 1})
    with pytest.raises(BadInput, match="is no validation"):
        ValidationRun.open(other.folder)


def test_the_names_of_our_models_are_the_same_everywhere() -> None:
    assert validation_result.OURS == in_city.OURS
    assert validation_result.ZERO_SHOT == in_city.ZERO_SHOT
    assert in_city.OWN_RESIDUALS in validation_charts.MODELS
