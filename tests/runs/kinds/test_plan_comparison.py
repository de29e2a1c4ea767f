"""Comparison of two planning runs."""

import math
from pathlib import Path

import pytest

from netspatial.plan.settings import PlanSettings
from netspatial.runs.kinds.plan_comparison import compare
from netspatial.runs.kinds.plan_result import PlanRun


@pytest.fixture(scope="module")
def other(plan_here, tmp_path_factory) -> PlanRun:
    folder: Path = tmp_path_factory.mktemp("runs") / "other"
    return plan_here(folder, settings=PlanSettings(sites=4, utility="demand", spacing_m=200))


def test_a_run_does_not_differ_from_itself(planned: PlanRun) -> None:
    found = compare(planned, planned)
    assert found.asked == []
    assert found.both == len(planned.sites) == len(found.sites)
    assert found.cells == len(planned.cells)
    assert found.agreement == pytest.approx(1)


def test_different_settings_are_listed(planned: PlanRun, other: PlanRun) -> None:
    found = compare(planned, other)
    assert ("utility", "lsi", "demand") in found.asked
    assert ("sites", 3, 4) in found.asked
    assert {name for name, _, _ in found.asked} == {"utility", "sites"}
    assert len(found.sites) == 3 + 4 - found.both
    assert -1 <= found.agreement <= 1
    mirrored = compare(other, planned)
    assert mirrored.agreement == pytest.approx(found.agreement)
    assert set(mirrored.sites["cell_id"]) == set(found.sites["cell_id"])


def test_too_few_common_cells_agree_on_nothing(planned: PlanRun) -> None:
    few = PlanRun(planned.run)
    few.__dict__["cells"] = planned.cells.iloc[:2]
    assert math.isnan(compare(few, planned).agreement)
