"""Weighing a schedule: other policies on the same forecast, and the run's own among them."""

from dataclasses import asdict
from pathlib import Path

import pytest

from netspatial.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.operate.pareto import KNOBS
from netspatial.runs.kinds import carry_on
from netspatial.runs.operating_request import ask as ask_operating
from netspatial.runs.operating_request import make_request
from netspatial.runs.operating_result import OperateRun
from netspatial.runs.run import Run
from netspatial.runs.weighing import Weighed, ask, folder_of, read_weighed
from tests.ui.operate_runs import QUICK, write_schedule


@pytest.fixture(scope="module")
def operated(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> OperateRun:
    folder = tmp_path_factory.mktemp("weighed") / "operate-town"
    return OperateRun.open(write_schedule(small_city, folder).folder)


@pytest.fixture(scope="module")
def weighed(operated: OperateRun) -> list[Weighed]:
    run = ask(operated.run, ("always-on", "threshold"))
    carry_on(run)
    return read_weighed(run)


def test_the_runs_own_policy_comes_out_as_in_the_run(
    operated: OperateRun, weighed: list[Weighed]
) -> None:
    (own,) = [one for one in weighed if one.policy == "greedy" and not one.knob]
    told = {name: operated.summary[name] for name in asdict(own.figures)}
    assert asdict(own.figures) == pytest.approx(told)


def test_always_on_saves_nothing_and_every_value_of_the_knob_is_tried(
    weighed: list[Weighed],
) -> None:
    by = {one.policy: one.figures for one in weighed if not one.knob}
    assert set(by) == {"always-on", "threshold", "greedy"}
    assert by["always-on"].saved_kwh == 0
    knob, values = KNOBS["greedy"]
    assert [(one.knob, one.value) for one in weighed if one.knob] == [(knob, v) for v in values]


@pytest.mark.usefixtures("weighed")
def test_asking_the_same_opens_what_is_there_and_other_policies_begin_anew(
    operated: OperateRun,
) -> None:
    assert ask(operated.run, ("always-on", "threshold")).progress().state == "finished"
    other = ask(operated.run, ("always-on",))
    assert other.folder == folder_of(operated.run)
    assert other.progress().state == "waiting"
    with pytest.raises(MissingPart, match="has no comparison of policies yet"):
        read_weighed(other)


def test_an_unknown_policy_and_an_unfinished_run_are_refused(
    operated: OperateRun, small_city: City, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="no policy 'magic'"):
        ask(operated.run, ("magic",))
    waiting: Run = ask_operating(make_request(small_city, "all", **QUICK), tmp_path / "waiting")
    with pytest.raises(MissingPart, match="no schedule yet"):
        ask(waiting)
