"""Results at their door: a run hands out no file that it did not write in the form it wrote it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from netspatial.errors import BadInput, MissingPart, NetSpatialError
from netspatial.runs.facts import PlanFacts
from netspatial.runs.jobs.run import MANIFEST, Run
from netspatial.runs.kinds.plan_result import PlanRun

READS: dict[str, Callable[[PlanRun], object]] = {
    "cells.parquet": lambda run: run.cells,
    "sites.parquet": lambda run: run.sites,
    "site_change.parquet": lambda run: run.site_change,
    "site_change.json": lambda run: run.site_change,
    "places.parquet": lambda run: run.places,
    "plan.json": lambda run: run.metadata,
    "statistics.nc": lambda run: run.statistics,
    "traffic.nc": lambda run: run.traffic_of([]),
}


@pytest.fixture
def own_run(planned: PlanRun, tmp_path: Path) -> PlanRun:
    """A finished run that a test may spoil."""
    return PlanRun(Run.open(shutil.copytree(planned.run.folder, tmp_path / "planned")))


@pytest.mark.parametrize("name", READS)
def test_other_bytes_of_the_same_size_are_no_result(own_run: PlanRun, name: str) -> None:
    path = own_run.run.path(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is not the file that the run wrote"):
        READS[name](own_run)


@pytest.mark.parametrize("name", READS)
def test_a_file_that_is_gone_is_named(own_run: PlanRun, name: str) -> None:
    own_run.run.path(name).unlink()
    with pytest.raises(NetSpatialError, match=r"\."):
        READS[name](own_run)


def test_what_no_finished_stage_wrote_is_no_result(own_run: PlanRun) -> None:
    path = own_run.run.path(MANIFEST)
    manifest = json.loads(path.read_text())
    manifest["stages"] = {}
    path.write_text(json.dumps(manifest))
    with pytest.raises(MissingPart, match="has not finished its plan; go on with it"):
        _ = PlanRun(Run.open(path.parent)).metadata


def test_a_file_is_read_again_once_it_is_made_again(own_run: PlanRun) -> None:
    path = own_run.run.path("plan.json")
    good = path.read_bytes()
    path.write_bytes(good + b" ")
    with pytest.raises(BadInput):
        _ = own_run.metadata
    path.write_bytes(good)
    assert own_run.metadata == json.loads(good)


@pytest.mark.parametrize("name", sorted(PlanFacts.__required_keys__))
@pytest.mark.parametrize("value", [[None], {"x": 1}])
def test_facts_of_another_type_are_refused(own_run: PlanRun, name: str, value: object) -> None:
    path = own_run.run.path(MANIFEST)
    manifest = json.loads(path.read_text())
    manifest["facts"][name] = value
    path.write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match=f"found out is not valid: {name}"):
        _ = PlanRun(Run.open(path.parent)).facts
