"""Files from outside a run count by content: a stage is repeated when their bytes change."""

import os
from pathlib import Path

import geopandas as gpd
import pytest

import netspatial
from netspatial.city.city import City
from netspatial.forecast import weights_of
from netspatial.plan.settings import PlanSettings
from netspatial.runs.jobs.run import Run
from netspatial.runs.jobs.stages import Stage, run_stages, stage_keys
from netspatial.runs.kinds import forecasting, operating, planning, policy_comparison
from netspatial.runs.kinds.operating_request import OperateRequest, make_request, submit
from netspatial.runs.kinds.plan_request import PlanRequest
from netspatial.runs.kinds.plan_request import make_request as make_plan_request
from netspatial.runs.kinds.plan_request import submit as ask_plan
from tests.runs.conftest import SETTINGS, SMALL
from tests.ui.operate_runs import QUICK

POWER = "load,watts\n0,{idle}\n1,1350\nasleep,450\n"


def rewrite(path: Path, content: bytes) -> None:
    """Replace the content of a file, keeping its time."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def spoil(path: Path) -> None:
    """Change one bit of a file, but not its size or time."""
    content = path.read_bytes()
    rewrite(path, content[:-1] + bytes([content[-1] ^ 1]))


def changed(stages: list[Stage], again: list[Stage], before: dict[str, str]) -> list[str]:
    """Return the names of the stages whose keys have changed."""
    assert [stage.name for stage in stages] == [stage.name for stage in again]
    return [name for name, key in stage_keys(again).items() if key != before[name]]


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_stage_is_repeated_when_a_file_changes(tmp_path, is_folder) -> None:
    run = Run.create(tmp_path / "run", "toy", {})
    outside = tmp_path / "outside"
    file = outside / "deep" / "file" if is_folder else outside
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"one")
    log: list[str] = []

    def work(progress):
        progress("", 0.0)
        log.append(file.read_text())
        return {}

    def stages() -> list[Stage]:
        return [Stage("only", "Reading", {"user": [outside]}, (), work)]

    for content in (b"one", b"one", b"two"):
        rewrite(file, content)
        run_stages(run, stages)
    assert log == ["one", "two"]


def test_an_input_without_a_hash_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot read a set"):
        stage_keys([Stage("only", "Reading", {1, 2}, (), lambda _: {})])


@pytest.fixture
def power(tmp_path: Path) -> Path:
    path = tmp_path / "macro.csv"
    path.write_text(POWER.format(idle=780))
    return path


def test_another_power_table_under_the_same_path_is_another_schedule(
    small_city: City, power: Path, tmp_path: Path
) -> None:
    def energy() -> float:
        run = netspatial.schedule_sleep(small_city, out=tmp_path / "run", power=str(power), **QUICK)
        return float(run.summary["energy_kwh"])

    first = energy()
    assert energy() == first
    rewrite(power, POWER.format(idle=480).encode())
    assert energy() < first


@pytest.mark.parametrize(
    ("name", "redone"),
    [
        ("city", ["stations", "forecast", "schedule", "flows"]),
        ("buildings", ["stations", "forecast", "schedule", "flows"]),
        ("weights", ["forecast", "schedule", "flows"]),
        ("power", ["schedule", "flows"]),
        ("small_power", ["schedule", "flows"]),
    ],
)
def test_operating_repeats_the_stages_that_read_a_file(
    own_city: City, power: Path, tmp_path: Path, monkeypatch, name: str, redone: list[str]
) -> None:
    small, homes, weights = (tmp_path / each for each in ("small.csv", "homes.geojson", "weights"))
    small.write_bytes(power.read_bytes())
    weights.write_bytes(b"1234")
    table = own_city.stations.to_crs(own_city.crs)
    walls = gpd.GeoDataFrame(geometry=table.geometry.buffer(20).envelope, crs=table.crs)
    walls.assign(height_m=12.0).to_file(homes)
    monkeypatch.setattr(operating, "weights_of", lambda _: (weights,))
    asked = make_request(
        own_city, power=str(power), small_power=str(small), buildings=homes, **QUICK
    )
    run = submit(asked, tmp_path / "run")

    def stages() -> list[Stage]:
        return operating._Work(run, OperateRequest.of(run)).stages()

    files = {"city": own_city.path("traffic"), "power": power, "small_power": small}
    files |= {"buildings": homes, "weights": weights}
    stages_before = stages()
    before = stage_keys(stages_before)
    spoil(files[name])
    assert changed(stages_before, stages(), before) == redone


def test_trained_forecasters_read_the_generator_and_its_context() -> None:
    read = weights_of("combined")
    assert read == weights_of("generator")
    assert {path.parent.name for path in read} == {"models", "context"}
    assert all((path / "weights.safetensors").is_file() for path in read)
    assert weights_of("hour-of-week") == ()


@pytest.mark.parametrize("name", ["schedule.nc", "forecast.nc", "power", "city"])
def test_a_policy_comparison_is_repeated_when_its_inputs_change(
    own_city: City, power: Path, tmp_path: Path, name: str
) -> None:
    operated = netspatial.schedule_sleep(
        own_city, out=tmp_path / "operated", power=str(power), **QUICK
    )
    run = policy_comparison.submit(operated.run, ("always-on",))

    def stages() -> list[Stage]:
        return policy_comparison._Work(run, policy_comparison.ComparisonRequest.of(run)).stages()

    files = {"power": power, "city": own_city.path("stations")}
    first = stages()
    before = stage_keys(first)
    assert changed(first, stages(), before) == []
    spoil(files.get(name, operated.folder / name))
    assert changed(first, stages(), before) == ["compare_policies"]


@pytest.mark.parametrize(
    ("name", "begins_at"), [("city", "cells"), ("generator", "traffic"), ("narrator", "plan")]
)
def test_planning_repeats_the_stages_that_read_a_file(
    own_city: City, small_area, tmp_path: Path, monkeypatch, name: str, begins_at: str
) -> None:
    narrator, generator = tmp_path / "llm", tmp_path / "generator"
    narrator.mkdir()
    for path in (narrator / "model.safetensors", generator):
        path.write_bytes(b"1234")

    class Model:
        @property
        def fingerprint(self) -> str:
            return generator.read_text()

    monkeypatch.setattr(planning, "warm_generator", lambda *_: Model())
    settings = PlanSettings(**{**SETTINGS.model_dump(), "explain": f"llm:{narrator}"})
    run = ask_plan(
        make_plan_request(own_city, small_area, settings=settings, **SMALL), tmp_path / "run"
    )

    def stages() -> list[Stage]:
        return planning._Work(run, PlanRequest.of(run)).stages()

    files = {"city": own_city.path("landuse"), "generator": generator}
    first = stages()
    before = stage_keys(first)
    assert changed(first, stages(), before) == []
    spoil(files.get(name, narrator / "model.safetensors"))
    names = list(before)
    assert changed(first, stages(), before) == names[names.index(begins_at) :]


@pytest.mark.parametrize(("init", "reads_weights"), [("pretrained", True), ("scratch", False)])
def test_forecasting_reads_the_bundled_weights_only_if_pretrained(
    small_city: City, tmp_path: Path, monkeypatch, init: str, *, reads_weights: bool
) -> None:
    monkeypatch.setenv("NETSPATIAL_RUNS", str(tmp_path / "runs"))
    weights = tmp_path / "weights"
    weights.write_bytes(b"1234")
    monkeypatch.setattr("netspatial.forecast.pretrained.DEFAULT", weights)
    run = forecasting.submit(small_city, ["total"], init=init)

    def stages() -> list[Stage]:
        return forecasting._Work(run, forecasting.ForecastRequest.of(run)).stages()

    first = stages()
    before = stage_keys(first)
    spoil(weights)
    assert changed(first, stages(), before) == (["learn", "forecast"] if reads_weights else [])
