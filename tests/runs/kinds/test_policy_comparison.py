"""Comparison of policies on the same forecast, including that of the run."""

from dataclasses import asdict
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.errors import BadInput, MissingPart
from netspatial.operate.pareto import POLICY_PARAMS
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.operating_request import make_request
from netspatial.runs.kinds.operating_request import submit as ask_operating
from netspatial.runs.kinds.operating_result import OperateRun
from netspatial.runs.kinds.policy_comparison import PolicyResult, folder_of, read_comparison, submit
from netspatial.runs.kinds.registry import resume
from tests.ui.operate_runs import QUICK, write_schedule


@pytest.fixture(scope="module")
def operated(small_city: City, tmp_path_factory: pytest.TempPathFactory) -> OperateRun:
    folder = tmp_path_factory.mktemp("compared") / "operate-town"
    return OperateRun.open(write_schedule(small_city, folder).folder)


@pytest.fixture(scope="module")
def compared(operated: OperateRun) -> list[PolicyResult]:
    run = submit(operated.run, ("always-on", "threshold"))
    resume(run)
    return read_comparison(run)


def test_the_runs_own_policy_has_the_same_metrics_as_in_the_run(
    operated: OperateRun, compared: list[PolicyResult]
) -> None:
    (own,) = [one for one in compared if one.policy == "greedy" and not one.policy_param]
    expected = {name: operated.summary[name] for name in asdict(own.figures)}
    assert asdict(own.figures) == pytest.approx(expected)


def test_always_on_saves_nothing_and_every_value_of_the_parameter_is_tried(
    compared: list[PolicyResult],
) -> None:
    by = {one.policy: one.figures for one in compared if not one.policy_param}
    assert set(by) == {"always-on", "threshold", "greedy"}
    assert by["always-on"].saved_kwh == 0
    policy_param, values = POLICY_PARAMS["greedy"]
    assert [(one.policy_param, one.value) for one in compared if one.policy_param] == [
        (policy_param, v) for v in values
    ]


@pytest.mark.usefixtures("compared")
def test_the_same_policies_open_the_existing_run_and_others_replace_it(
    operated: OperateRun,
) -> None:
    assert submit(operated.run, ("always-on", "threshold")).progress().state == "finished"
    other = submit(operated.run, ("always-on",))
    assert other.folder == folder_of(operated.run)
    assert other.progress().state == "waiting"
    with pytest.raises(MissingPart, match="has no comparison of policies yet"):
        read_comparison(other)


def test_an_unknown_policy_and_an_unfinished_run_are_refused(
    operated: OperateRun, small_city: City, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="no policy 'magic'"):
        submit(operated.run, ("magic",))
    waiting: Run = ask_operating(make_request(small_city, "all", **QUICK), tmp_path / "waiting")
    with pytest.raises(MissingPart, match="no schedule yet"):
        submit(waiting)
