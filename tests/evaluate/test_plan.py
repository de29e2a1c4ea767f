"""`bench plan` scores plans by the true unserved demand; its oracle is an upper bound."""

import json

import numpy as np
import pytest
import shapely

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.evaluate.plan import NO_FLOOR, PlanReport, score_plans
from netspatial.evaluate.plan_scale import stages_at
from netspatial.evaluate.plan_truth import Truth, truth_of
from netspatial.feasibility import feasibility
from netspatial.grid import make_grid
from netspatial.plan import METHODS, UTILITIES, statistics
from netspatial.simulate import simulate
from tests.plan.made_up import ensemble, made_up_cells

K = 3


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "city"
    return simulate(folder, 5, "unseen", size_km=2, stations=10, pois=200, gsd_m=20, weeks=1)


@pytest.fixture(scope="module")
def cells(city):
    west, south, east, north = city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, 1500)
    return feasibility(make_grid(area, 150, city.crs), city)


@pytest.fixture(scope="module")
def truth(city, cells):
    return truth_of(city, cells)


@pytest.fixture(scope="module")
def rows(city, cells, truth):
    """Rows with a perfect generator: the traffic of each cell is its true demand."""
    near = np.hypot(*(cells[["x", "y"]].to_numpy()[:, None] - truth.xy[None]).T).argmin(axis=0)
    level = truth.demand[near][:, None, None]
    day = 1 + 0.5 * np.sin(np.arange(24) / 24 * 2 * np.pi)
    known = statistics(ensemble(level * np.ones((1, 2, 1)) * day, cells))
    return score_plans("tiny", city, cells, known, K)


def test_captured_demand_in_closed_form():
    """Two blocks of demand 3 and 1, the second half served; sites at one, the other, and both."""
    far = np.array([[0.0, 0.0], [9000.0, 0.0]])
    truth = Truth(far, np.array([3.0, 1.0]), np.array([0.0, 0.5]), 300.0)
    assert truth.unserved == 3.5
    assert truth.captured(far[:1]) == pytest.approx(3 / 3.5)
    assert truth.captured(far[1:]) == pytest.approx(0.5 / 3.5)
    assert truth.captured(far) == pytest.approx(1)
    beside = np.array([[300.0, 0.0], [400.0, 0.0]])
    # the better of two sites serves a block; the other has no effect
    assert truth.captured(beside) == pytest.approx(3 * np.exp(-1) / 3.5)


def test_the_truth_has_demand_and_service_of_the_simulated_city(city, cells, truth):
    west, south, east, north = cells.total_bounds
    assert (truth.xy > [west, south]).all()
    assert (truth.xy < [east, north]).all()
    assert (truth.demand > 0).all()
    stations = city.stations.to_crs(city.crs).geometry
    near = np.array([stations.distance(p).min() for p in shapely.points(truth.xy)])
    assert truth.served[near < 100].min() > 0.8
    assert truth.served[near.argmax()] < 0.5
    assert np.all((truth.served >= 0) & (truth.served <= 1))


def test_the_truth_of_a_measured_city_is_not_known(small_city):
    with pytest.raises(BadInput, match="not simulated"):
        truth_of(small_city, made_up_cells())


def test_all_methods_and_utilities_random_plans_poi_counts_and_the_oracle_have_a_row(rows):
    found = {(row.method, row.utility) for row in rows}
    assert {(method, utility) for method in METHODS for utility in UTILITIES} <= found
    assert {("top-k", NO_FLOOR), ("random", "none"), ("exclusion", "poi_count")} <= found
    assert len(found) == len(rows)


def test_the_oracle_is_an_upper_bound_and_regret_is_relative_to_it(rows):
    oracle = next(row for row in rows if row.utility == "true unserved demand")
    assert oracle.regret_pct == 0
    for row in rows:
        assert row.captured_pct <= oracle.captured_pct + 0.1
        assert row.regret_pct == pytest.approx(100 * (1 - row.captured_pct / oracle.captured_pct))


def test_a_perfect_generator_gives_plans_near_the_oracle(rows):
    found = {(row.method, row.utility): row.regret_pct for row in rows}
    assert found["greedy", "coverage_gain"] < 15
    assert found["greedy", "coverage_gain"] < found["random", "none"]
    assert found["top-k", NO_FLOOR] > found["greedy", "coverage_gain"]


def test_each_stage_is_timed_at_each_size(rows):
    stages = stages_at(36)
    assert [stage.stage.split(",")[0] for stage in stages] == ["statistics"] + ["plan"] * len(
        METHODS
    )
    assert all(stage.cells == 36 and stage.seconds >= 0 for stage in stages)
    record = json.loads(json.dumps(PlanReport(rows, stages).record()))
    assert set(record["rows"][0]) == {"city", "method", "utility", "captured_pct", "regret_pct"}
    assert set(record["scale"][0]) == {"cells", "stage", "seconds", "peak_mb"}
