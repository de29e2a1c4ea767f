"""Planning runs: complete files, and the same bytes after any interruption."""

import errno
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr

from netspatial.area import Area
from netspatial.errors import BadInput, CannotWrite, MissingPart
from netspatial.plan.settings import PlanSettings
from netspatial.plan.utilities import own_utility
from netspatial.runs.jobs.manifest import RunProgress
from netspatial.runs.jobs.run import Cancelled, Run
from netspatial.runs.kinds import ensemble, plan_request, planning
from netspatial.runs.kinds.plan_request import PlanRequest, make_request, submit
from netspatial.runs.kinds.plan_result import PlanRun
from tests.runs.conftest import SETTINGS, SMALL

COMPARED = ("cells.parquet", "sites.parquet", "traffic.nc", "statistics.nc", "context.parquet")


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in COMPARED}


def test_a_run_has_all_its_files_and_facts(planned: PlanRun) -> None:
    cells, sites = gpd.read_parquet(planned.folder / "cells.parquet"), planned.sites
    assert cells.crs.to_epsg() == 4326
    needed = {"pois", "poi_food", "nearest_station_m", "feasible", "reason", "rank"}
    needed |= {
        f"{what}_{part}" for what in ("demand", "utility") for part in ("mean", "p10", "p90")
    }
    assert needed <= set(cells.columns)
    assert sites["rank"].tolist() == [1, 2, 3]
    assert set(sites["cell_id"]) == set(cells.loc[cells["rank"].notna(), "cell_id"])
    assert (sites["rationale"].str.len() > 50).all()
    facts = planned.run.manifest.facts
    assert facts["provenance"] == "generated"
    assert facts["attribution"] == ["made up for tests"]
    assert facts["licences"]["pois"] == "CC0-1.0"
    assert len(facts["generator"]["fingerprint"]) > 8
    assert list(planned.run.manifest.stages) == STAGES
    assert planned.run.progress().state == "finished"


def test_the_ensemble_has_its_metadata_and_agrees_with_the_table(planned: PlanRun) -> None:
    with xr.open_dataarray(planned.folder / "traffic.nc", engine="h5netcdf") as traffic:
        assert traffic.dims == ("cell", "sample", "time")
        assert traffic.sizes["sample"] == 3
        assert traffic.sizes["time"] == 168
        assert str(traffic["time"].to_numpy()[0]) == "2026-01-04T23:00:00.000000000"
        assert traffic.attrs["provenance"] == "generated"
        assert traffic.attrs["attribution"] == "made up for tests"
        assert (traffic["cell"].to_numpy() == planned.cells["cell_id"].to_numpy()).all()
        np.testing.assert_allclose(traffic["lon"], planned.cells["lon"])
        np.testing.assert_allclose(
            traffic.mean(("sample", "time")), planned.cells["demand_mean"], rtol=1e-4
        )


def test_without_measured_stations_the_ensemble_is_that_of_the_generator(
    plan_here, tmp_path
) -> None:
    alone = plan_here(tmp_path / "alone", measured=False)
    generator = planning.warm_generator(alone.request.model)
    context = planning.read_context(alone.folder / "context.parquet")
    drawn = generator.sample(context, 3, 0, 1, timezone="Europe/Rome").to_numpy()
    kept = alone.traffic_of(context.ids.tolist()).to_numpy()
    np.testing.assert_allclose(kept, drawn, rtol=2.0**-12, atol=1e-6)
    assert alone.facts["measured"]["stations"] == 0
    assert "ignored" in alone.facts["measured"]["note"]


def test_measured_stations_are_used_and_named(planned: PlanRun, small_city) -> None:
    assert planned.facts["measured"] == {"stations": 6, "note": "6 measured stations are used."}
    assert planned.facts["units"] == small_city.record.units["total"]
    assert set(planned.cells["station_1"]) <= set(small_city.stations["station_id"])
    assert (planned.cells["level_sd"] > 0).all()


STAGES = ["cells", "context", "traffic", "statistics", "plan", "site_change", "report"]


IN_BATCHES = ("context", "traffic")


@pytest.mark.parametrize("half_way", [False, True])
def test_interrupted_in_each_stage_it_resumes_to_the_same_bytes(
    plan_here, planned, tmp_path, half_way
) -> None:
    struck: list[str] = []

    begun: list[str] = []

    def strike(progress: RunProgress) -> None:
        stage = progress.stage
        if stage == "" or stage in struck:
            return
        within = stage in begun and (progress.stage_share >= 0.49 or stage not in IN_BATCHES)
        begun.append(stage)
        if within or not half_way:
            struck.append(stage)
            raise KeyboardInterrupt

    for _ in range(len(STAGES) + 1):
        with suppress(KeyboardInterrupt):
            plan_here(tmp_path / "run", progress=strike)
    assert struck == STAGES
    assert contents(tmp_path / "run") == contents(planned.folder)


def test_a_stage_interrupted_before_its_record_is_repeated(
    plan_here, planned, tmp_path, monkeypatch
) -> None:
    struck: list[str] = []
    record = Run.record_stage

    def strike(run: Run, name: str, *rest: object) -> None:
        if name not in struck:
            struck.append(name)
            raise KeyboardInterrupt
        record(run, name, *rest)

    monkeypatch.setattr(Run, "record_stage", strike)
    for _ in range(len(STAGES)):
        with pytest.raises(KeyboardInterrupt):
            plan_here(tmp_path / "run")
        assert Run.open(tmp_path / "run").progress().state == "interrupted"
    plan_here(tmp_path / "run")
    assert struck == STAGES
    assert contents(tmp_path / "run") == contents(planned.folder)
    assert not list((tmp_path / "run").glob(".traffic*"))


def test_killed_while_generating_it_resumes_and_samples_the_rest(
    planned: PlanRun, plan_here, small_city, small_area, model_folder, tmp_path, monkeypatch
) -> None:
    request = make_request(small_city, small_area, settings=SETTINGS, model=model_folder, **SMALL)
    run = submit(request, tmp_path / "run")
    killed = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "tests.runs.made_up_context", str(run.folder), "64"],
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert killed.returncode == -signal.SIGKILL
    assert run.progress().state == "interrupted"
    drawn = []
    whole = planning.Generator.sample_batches

    def counted(self, context, *rest, **options):
        drawn.append(len(context))
        return whole(self, context, *rest, **options)

    monkeypatch.setattr(planning.Generator, "sample_batches", counted)
    plan_here(run.folder)
    assert sum(drawn) == len(planned.cells) - 64 + len(small_city.stations)
    assert contents(run.folder) == contents(planned.folder)


def test_cancelled_between_batches_it_stops_and_can_be_resumed(
    plan_here, planned, tmp_path
) -> None:
    out = tmp_path / "run"

    def cancel(progress) -> None:
        if progress.stage == "traffic" and progress.stage_share:
            Run.open(out).cancel()

    with pytest.raises(Cancelled, match="resume it to continue"):
        plan_here(out, progress=cancel)
    assert Run.open(out).progress().state == "cancelled"
    assert not (out / "traffic.nc").exists()
    with pytest.raises(MissingPart, match="has no plan yet, it is cancelled"):
        PlanRun.open(out)
    plan_here(out)
    assert contents(out) == contents(planned.folder)


def test_a_finished_run_is_read_and_not_repeated(plan_here, planned: PlanRun) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in planned.folder.glob("*.parquet")}
    reports = []
    again = plan_here(planned.folder, progress=reports.append)
    assert {p.stage for p in reports} == {""}
    assert again.sites.equals(planned.sites)
    assert before == {path.name: path.stat().st_mtime_ns for path in planned.folder.glob("*.pa*")}


def test_a_run_with_another_request_is_refused(plan_here, planned: PlanRun) -> None:
    with pytest.raises(BadInput, match="has another request"):
        plan_here(planned.folder, seed=1)


def test_a_failed_run_goes_on_with_a_mended_request(plan_here, tmp_path) -> None:
    out = tmp_path / "run"
    with pytest.raises(BadInput, match="No feasible cell reaches the minimum demand"):
        plan_here(out, settings=SETTINGS.model_copy(update={"min_demand": 1e6}))
    drawn = (out / "traffic.nc").stat().st_mtime_ns
    mended = plan_here(out)
    assert (out / "traffic.nc").stat().st_mtime_ns == drawn
    assert mended.request.settings == SETTINGS
    assert len(mended.sites)


def test_ranking_again_needs_no_generating_and_writes_nothing(planned: PlanRun) -> None:
    files = {path: path.stat().st_mtime_ns for path in planned.folder.iterdir()}
    same = planned.replan(SETTINGS)
    assert same.sites["cell_id"].tolist() == planned.sites["cell_id"].tolist()
    other = planned.replan(PlanSettings(sites=5, utility="demand", method="top-k", min_demand=0))
    feasible = planned.cells[planned.cells["feasible"] != "no"]
    best = feasible.sort_values("demand_mean", ascending=False)["cell_id"][:5]
    assert other.sites["cell_id"].tolist() == best.tolist()
    assert files == {path: path.stat().st_mtime_ns for path in planned.folder.iterdir()}


def test_a_user_defined_utility_ranks_a_run(planned: PlanRun) -> None:
    def smallest_hour(traffic: xr.DataArray) -> xr.DataArray:
        """The least hour."""
        return traffic.min("time")

    plan = planned.replan(
        PlanSettings(sites=1, method="top-k", min_demand=0), own_utility(smallest_hour, "GB/h")
    )
    best = plan.sites["cell_id"].iloc[0]
    least = planned.traffic_of(planned.cells["cell_id"].tolist()).min("time").mean("sample")
    may = planned.cells["feasible"].to_numpy() != "no"
    assert float(least.sel(cell=best)) == pytest.approx(float(least.to_numpy()[may].max()))


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"settings": PlanSettings(sites=5000)}, "5000 sites are requested, but only"),
        ({"settings": PlanSettings(utility="beauty")}, "no utility 'beauty'"),
        ({"settings": PlanSettings(method="dice")}, "no selection method 'dice'"),
        ({"masks": ("swamp",)}, "no mask 'swamp'"),
        ({"samples": 0}, "samples: Input should be greater than or equal to 1"),
        ({"cell_m": 1.0}, "Cells of 1 m cannot be made"),
        ({"start": "tomorrowish"}, "is not a local time"),
        ({"settings": PlanSettings(required=("x",))}, "There is no cell 'x'"),
        ({"station_distance_m": 9999.0}, "near_station removed"),
        ({"cell_size": 5}, "cell_size: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_leaves_nothing(
    small_city, small_area, choices, sentence
) -> None:
    with pytest.raises(BadInput, match=sentence):
        make_request(small_city, small_area, **{"settings": SETTINGS, **choices})


def test_an_area_outside_the_city_is_refused(small_city, own_city) -> None:
    elsewhere = Area.around(2.0, 48.0, 500)
    with pytest.raises(BadInput, match="outside the city's imagery"):
        make_request(small_city, elsewhere)
    (own_city.folder / "imagery.tif").unlink()
    with pytest.raises(BadInput, match="outside the city 'Tinytown'"):
        make_request(own_city, elsewhere)


def test_a_request_survives_its_json(small_city, small_area) -> None:
    request = make_request(small_city, small_area, settings=SETTINGS)
    assert PlanRequest.read(request.model_dump(mode="json")) == request


def test_a_full_disk_is_an_error_and_nothing_is_lost(
    plan_here, planned, tmp_path, monkeypatch
) -> None:
    full = os.statvfs_result((4096, 4096, 1000, 0, 0, 0, 0, 0, 0, 255))
    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", lambda _path: full)
        with pytest.raises(BadInput, match="the disk has 0 MB"):
            plan_here(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    plan_here(tmp_path / "run")
    assert contents(tmp_path / "run") == contents(planned.folder)


def test_a_disk_that_fills_while_sampling_is_an_error(plan_here, tmp_path, monkeypatch) -> None:
    def refuse(_descriptor) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(ensemble.os, "fsync", refuse)
        with pytest.raises(CannotWrite):
            plan_here(tmp_path / "run")
    assert list(tmp_path.glob(".run*")) == []


def test_cells_are_created_and_checked_once(
    own_city, small_area, model_folder, tmp_path, monkeypatch
):
    called: list[str] = []
    for name in ("make_grid", "feasibility"):
        done = getattr(plan_request, name)

        def noted(*given, done=done, name=name):
            called.append(name)
            return done(*given)

        monkeypatch.setattr(plan_request, name, noted)
    choices = {"settings": SETTINGS, "model": model_folder, **SMALL}
    planning.plan_sites(own_city, small_area, out=tmp_path / "run", seed=99, **choices)
    assert called == ["make_grid", "feasibility"]


@pytest.mark.usefixtures("plan_here")
def test_a_changed_city_is_read_again(own_city, small_area, model_folder, tmp_path) -> None:
    def plan() -> PlanRun:
        choices = {"settings": SETTINGS, "model": model_folder, **SMALL}
        return planning.plan_sites(own_city.folder, small_area, out=tmp_path / "run", **choices)

    assert plan().cells["reason"].str.contains("protected").any()
    (own_city.folder / "landuse.parquet").unlink()
    assert not plan().cells["reason"].str.contains("protected").any()


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 3.4e7, 1e-20])
def test_rounding_keeps_twelve_bits(value: float) -> None:
    kept = ensemble.rounded(np.array([value], dtype=np.float32))
    assert kept[0] == pytest.approx(np.float32(value), rel=2.0**-12, abs=0)
    assert not (kept.view(np.uint32) & 0xFFF).any()
