"""Simulation and fine-tuning as runs: atomic, cancellable, with progress."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pytest
import xarray as xr

from netspatial.city.city import City
from netspatial.context.embed import Context
from netspatial.errors import BadInput
from netspatial.runs.jobs import loaded_models
from netspatial.runs.jobs.run import Cancelled, Run
from netspatial.runs.kinds import finetuning, simulating
from netspatial.runs.kinds.registry import resume
from netspatial.simulate import simulate
from tests.runs.made_up_context import embed

TOWN = simulating.CityParameters(
    seed=4, family="train", size_km=2.0, stations=24, pois=40, gsd_m=20.0, weeks=2
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A simulated city of two kilometres."""
    folder = tmp_path_factory.mktemp("towns") / "town"
    return simulate(folder, seed=4, size_km=2.0, stations=24, pois=40, gsd_m=20.0, weeks=2)


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def test_a_simulated_city_depends_on_its_seed_alone(town: City, tmp_path: Path) -> None:
    run = simulating.submit(tmp_path / "cities" / "again", TOWN)
    shares = []
    resume(run, lambda progress: shares.append(progress.share))
    made = City.open(tmp_path / "cities" / "again")
    assert made.stations.equals(town.stations)
    assert made.path("traffic").read_bytes() == town.path("traffic").read_bytes()
    assert shares == sorted(shares)
    assert run.progress().state == "finished"


def test_a_cancelled_simulation_leaves_no_city(tmp_path: Path) -> None:
    run = simulating.submit(tmp_path / "cities" / "never", TOWN)

    def stop(progress) -> None:
        if progress.stage_share:
            run.path("cancel").touch()

    with pytest.raises(Cancelled):
        resume(run, stop)
    assert not (tmp_path / "cities" / "never").exists()
    assert run.progress().state == "cancelled"


@pytest.mark.parametrize(
    ("change", "says"), [({"size_km": 400.0}, "size_km is 400"), ({"weeks": 0}, "weeks is 0")]
)
def test_wrong_arguments_of_a_simulation_are_errors_before_writing(
    tmp_path: Path, runs: Path, change: dict, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        simulating.submit(tmp_path / "city", simulating.CityParameters(**{**vars(TOWN), **change}))
    assert not runs.exists()


def by_station(city: City, stations: gpd.GeoDataFrame) -> Context:
    """Return embeddings that depend on station ids alone."""
    return embed(city, stations.rename(columns={"station_id": "cell_id"}), lambda *_: None)


def test_a_fine_tuned_model_is_in_its_run_and_is_found(
    town: City, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded_models, "warm_context", lambda _: SimpleNamespace(embed=by_station))
    run = finetuning.submit(town, steps=4, model=model_folder)
    resume(run)
    facts = run.manifest.facts
    assert facts["city"]["provenance"] == "simulated"
    assert finetuning.finished_models(run.folder.parent) == [run]
    assert finetuning.model_of(run) == run.path("model")
    assert loaded_models.warm_generator(str(run.path("model"))).fingerprint == facts["fingerprint"]
    run.path("model/weights.safetensors").unlink()
    assert finetuning.finished_models(run.folder.parent) == []


def test_a_city_with_one_week_adapts_a_model_of_months(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded_models, "warm_context", lambda _: SimpleNamespace(embed=by_station))
    town = simulate(tmp_path / "town", **{**vars(TOWN), "weeks": 1})
    run = finetuning.submit(town, steps=2, model=model_folder)
    resume(run)
    assert "One week of traffic" in run.manifest.facts["notes"][-1]
    assert not loaded_models.warm_generator(str(run.path("model"))).model.one_week


def test_a_model_is_fine_tuned_again_when_the_traffic_of_its_city_changes(
    town: City, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded_models, "warm_context", lambda _: SimpleNamespace(embed=by_station))
    own = City.open(shutil.copytree(town.folder, tmp_path / "town"))
    run = finetuning.submit(own, steps=2, model=model_folder)

    def made() -> str:
        resume(run)
        return run.manifest.facts["fingerprint"]

    first = made()
    assert made() == first
    with xr.open_dataset(own.path("traffic"), engine="h5netcdf") as series:
        other = 2 * series.load()
    own.path("traffic").unlink()  # it may be open still
    other.to_netcdf(own.folder / "traffic.nc", engine="h5netcdf")
    assert made() != first


@pytest.mark.parametrize("kind", ["simulate", "finetune"])
def test_a_run_of_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    run = Run.create(tmp_path / "other", "plan", {})
    reads = {"simulate": simulating.SimulateRequest.of, "finetune": finetuning.FinetuneRequest.of}
    with pytest.raises(BadInput, match="is a run of 'plan'"):
        reads[kind](run)


@pytest.mark.parametrize("kind", [simulating, finetuning])
def test_an_unreadable_request_is_one_sentence(kind, tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", kind.KIND, {"city": "somewhere", "sted": 3})
    request = {simulating: simulating.SimulateRequest, finetuning: finetuning.FinetuneRequest}[kind]
    with pytest.raises(BadInput, match="In the request, sted"):
        request.of(run)
    other = Run.create(tmp_path / "other", "plan", {})
    with pytest.raises(BadInput, match="is a run of 'plan'"):
        request.of(other)
