"""A whole plan: ranks, minimum demand, samples, and clear errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.feasibility import feasibility
from netspatial.grid import make_grid
from netspatial.plan import (
    METHODS,
    UTILITIES,
    PlanSettings,
    Surroundings,
    make_plan,
    statistics,
)
from tests.plan.made_up import (
    ensemble,
    made_up_cells,
    made_up_network,
    made_up_pois,
    made_up_stations,
    made_up_traffic,
)

CELLS = made_up_cells()
TRAFFIC = made_up_traffic(CELLS)
STATISTICS = statistics(TRAFFIC)
NETWORK = made_up_network((50, 50), (450, 500), level=(6.0, 9.0))
AROUND = Surroundings(
    stations=made_up_stations((50, 50)), pois=made_up_pois((300, 300)), network=lambda: NETWORK
)


def judged(**reasons: str) -> pd.DataFrame:
    """Return the cells with some of them removed, by cell id with - written as _."""
    cells = made_up_cells()
    for name, reason in reasons.items():
        at = cells["cell_id"] == name.replace("_", "-")
        cells.loc[at, "reason"] = reason
        cells.loc[at, "feasible"] = "no"
    return cells


@settings(max_examples=15)
@given(st.permutations(range(36)), st.sampled_from(list(METHODS)), st.sampled_from(list(UTILITIES)))
def test_a_plan_does_not_depend_on_the_order_of_cells(order, method, utility):
    asked = PlanSettings(method=method, utility=utility, sites=4)
    plan = make_plan(CELLS, STATISTICS, asked, AROUND)
    mixed = make_plan(CELLS.iloc[order], TRAFFIC[::-1], asked, AROUND)
    assert list(mixed.sites["cell_id"]) == list(plan.sites["cell_id"])
    assert list(mixed.sites["rationale"]) == list(plan.sites["rationale"])
    assert list(mixed.cells["cell_id"]) == list(CELLS["cell_id"].iloc[order])
    pd.testing.assert_frame_equal(
        pd.DataFrame(mixed.cells.sort_values("cell_id", ignore_index=True)),
        pd.DataFrame(plan.cells),
    )


def test_every_cell_has_statistics_status_and_rank():
    plan = make_plan(CELLS, TRAFFIC, PlanSettings(sites=4), AROUND)
    for name, column in (("demand", "mean"), ("utility", "std")):
        low, mid, high = (plan.cells[f"{name}_{q}"] for q in ("p10", "p50", "p90"))
        assert (low <= mid).all()
        assert (mid <= high).all()
        found = TRAFFIC.mean("time") if column == "mean" else 1 / (TRAFFIC.std("time") + 1e-6)
        assert plan.cells[f"{name}_mean"].to_numpy() == pytest.approx(
            found.mean("sample").to_numpy(), rel=1e-4
        )
    chosen = plan.cells.dropna(subset=["rank"]).sort_values("rank")
    assert list(chosen["cell_id"]) == list(plan.sites["cell_id"])
    assert list(plan.sites["rank"]) == [1, 2, 3, 4]
    passing = plan.cells[plan.cells["status"] == "candidate"].sort_values("utility_rank")
    assert passing["utility_mean"].is_monotonic_decreasing
    assert plan.cells.loc[plan.cells["status"] != "candidate", "utility_rank"].isna().all()
    assert (plan.unit, plan.demand_unit) == ("1/(GB/h)", "GB/h")


def test_the_default_minimum_demand_is_the_median_of_the_feasible_cells():
    cells = judged(c000_000="water", c001_001="water, edge")
    plan = make_plan(cells, TRAFFIC, PlanSettings(sites=3))
    open_to_sites = plan.cells[plan.cells["feasible"] != "no"]
    assert plan.demand_floor.floor == pytest.approx(open_to_sites["demand_mean"].median())
    assert (plan.demand_floor.kept, plan.demand_floor.removed) == (17, 17)
    below = plan.cells["status"] == "below minimum demand"
    assert below.sum() == 17
    assert (plan.cells.loc[below, "demand_mean"] < plan.demand_floor.floor).all()
    assert "17 of 34 feasible cells pass" in plan.demand_floor.sentence
    assert (plan.sites["demand_mean"] >= plan.demand_floor.floor).all()


def test_without_a_minimum_demand_eq_6_applies_as_published():
    plan = make_plan(CELLS, TRAFFIC, PlanSettings(sites=3, min_demand=0, method="top-k"))
    index = (1 / (TRAFFIC.std("time") + 1e-6)).mean("sample").to_series()
    assert set(plan.sites["cell_id"]) == set(index.nlargest(3).index)
    assert plan.demand_floor.removed == 0
    guarded = make_plan(CELLS, TRAFFIC, PlanSettings(sites=3, method="top-k"))
    assert guarded.demand_floor.excluded == 3
    assert guarded.sites["demand_mean"].min() > plan.sites["demand_mean"].max()


def test_utilities_that_reward_traffic_have_no_default_minimum_demand_but_accept_one():
    free = make_plan(CELLS, STATISTICS, PlanSettings(sites=3, utility="demand"))
    assert free.demand_floor.floor == 0
    held = make_plan(CELLS, STATISTICS, PlanSettings(sites=3, utility="demand", min_demand=10.0))
    assert held.demand_floor.removed > 0
    assert (held.cells.loc[held.cells["status"] == "candidate", "demand_mean"] >= 10).all()


def test_selected_in_counts_the_samples_that_agree():
    """Two samples: the cells swap places in the second, a third is best in neither."""
    cells = made_up_cells(3, 1)
    values = np.ones((3, 2, 24)) * np.array([[9.0, 1.0], [2.0, 8.0], [3.0, 3.0]])[..., None]
    plan = make_plan(cells, ensemble(values, cells), PlanSettings(utility="demand", sites=1))
    assert list(plan.cells["selected_in"]) == [1, 1, 0]
    assert plan.samples == 2
    assert "Selected in 1 of 2 samples" in plan.sites["rationale"].iloc[0]
    # by the mean, one of the first two; by a low quantile, the steady third
    cautious = make_plan(
        cells, ensemble(values, cells), PlanSettings(utility="demand", sites=1, risk=0.1)
    )
    assert list(plan.sites["cell_id"]) == ["c000-000"]
    assert list(cautious.sites["cell_id"]) == ["c000-002"]


@pytest.mark.parametrize("method", list(METHODS))
def test_required_cells_are_in_and_excluded_cells_out(method):
    asked = PlanSettings(method=method, sites=3, utility="demand")
    best = make_plan(CELLS, STATISTICS, asked).sites["cell_id"].iloc[0]
    poorest = STATISTICS["mean"].mean("sample").to_series().idxmin()
    changed = asked.model_copy(update={"required": (poorest,), "excluded": (best,)})
    plan = make_plan(CELLS, STATISTICS, changed)
    assert poorest in set(plan.sites["cell_id"])
    assert best not in set(plan.sites["cell_id"])
    verdict = plan.cells.set_index("cell_id")["status"]
    assert verdict[poorest] == "required"
    assert verdict[best] == "excluded"
    text = plan.sites.set_index("cell_id")["rationale"][poorest]
    assert text.startswith("Required site:")


def test_existing_stations_are_not_cannibalised():
    """All demand is in two distant cells; a station already serves the larger one."""
    cells = made_up_cells(20, 1)
    level = np.full(20, 0.01)
    level[[0, 19]] = 10.0, 6.0
    traffic = ensemble(np.broadcast_to(level[:, None, None], (20, 1, 24)), cells)
    asked = PlanSettings(utility="coverage_gain", method="greedy", sites=1)

    def chosen(stations):
        return make_plan(cells, traffic, asked, Surroundings(stations)).sites["cell_id"].iloc[0]

    assert chosen(made_up_stations()) == "c000-000"
    assert chosen(made_up_stations((50, 50))) == "c000-019"
    # a station of the coverage tier has a larger radius
    far = made_up_stations((450, 50))
    gains = [
        make_plan(cells, traffic, asked, Surroundings(known)).cells["utility_mean"].iloc[0]
        for known in (far, far.assign(tier="coverage"))
    ]
    assert gains[1] < gains[0]


def test_cells_of_a_real_grid_are_planned_with_their_masks(small_city):
    west, south, east, north = small_city.record.bounds
    cells = make_grid(Area.from_bounds(west, south, east, north), 150, small_city.crs)
    cells = feasibility(cells, small_city)
    around = Surroundings(small_city.stations, pois=small_city.pois)
    plan = make_plan(cells, made_up_traffic(cells, 2, 48), PlanSettings(sites=3), around)
    assert set(plan.sites["feasible"]) == {"yes"}
    assert (plan.sites["nearest_station_m"] >= 200).all()
    assert (plan.cells.loc[plan.cells["feasible"] == "no", "status"] == "not feasible").all()


def test_missing_data_are_noted():
    cells = made_up_cells()
    cells["feasible"] = pd.Categorical(["unknown"] * 36, categories=("yes", "no", "unknown"))
    cells["reason"] = "no landuse"
    notes = " ".join(make_plan(cells, STATISTICS, PlanSettings(sites=3)).notes)
    assert "unknown for 36 of 36 cells (no landuse)" in notes
    assert "all demand counts as unserved" in notes


def test_too_large_a_spacing_places_fewer_sites_and_notes_it():
    plan = make_plan(CELLS, STATISTICS, PlanSettings(sites=9, spacing_m=400))
    assert len(plan.sites) < 9
    assert f"Only {len(plan.sites)} of 9 sites fit with a minimum spacing of 400 m" in plan.notes[0]


EVERY = {f"c{r:03d}_{c:03d}": "water" for r in range(6) for c in range(6)}


@pytest.mark.parametrize(
    ("cells", "asked", "said"),
    [
        (judged(**EVERY), {}, "None of the 36 cells is feasible: water removed 36"),
        (judged(**EVERY | {"c000_000": "edge"}), {}, "water removed 35, edge removed 1"),
        (CELLS, {"sites": 37}, "37 sites are requested, but only 36 of 36 cells"),
        (CELLS, {"sites": 20}, "only 18 of 36 feasible cells reach the minimum demand"),
        (CELLS, {"min_demand": 1e9}, "No feasible cell reaches the minimum demand of 1e\\+09 GB/h"),
        (CELLS, {"required": ("nowhere",)}, "no cell 'nowhere' \\(listed as required\\)"),
        (CELLS, {"excluded": ("nowhere",)}, "no cell 'nowhere' \\(listed as excluded\\)"),
        (
            judged(c001_001="water"),
            {"required": ("c001-001",)},
            "'c001-001' is required but not feasible \\(water\\)",
        ),
        (
            CELLS,
            {"sites": 1, "required": ("c000-000", "c000-001")},
            "2 cells are required but only 1",
        ),
        (CELLS, {"utility": "luck"}, "no utility 'luck'; the utilities are lsi, demand"),
        (CELLS, {"method": "luck"}, "no selection method 'luck'; the methods are top-k"),
        (CELLS, {"explain": "magic"}, "cannot be explained by 'magic'"),
        (CELLS.drop(columns="feasible"), {}, "no column 'feasible'"),
        (CELLS.iloc[:0], {}, "no cells to plan on"),
        (pd.concat([CELLS, CELLS.iloc[:1]]), {}, "'c000-000' occurs twice"),
        (made_up_cells(7, 6), {}, "lacks 6 of 42 cells, the first 'c000-006'"),
    ],
)
def test_a_plan_that_cannot_be_made_raises_a_clear_error(cells, asked, said):
    with pytest.raises(BadInput, match=said):
        make_plan(cells, STATISTICS, PlanSettings(**asked))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"sites": 0}, "plan requests 0 sites"),
        ({"sites": "many"}, "plan's sites is not valid"),
        ({"luck": 1}, "plan's luck is not valid"),
        ({"min_demand": -1}, "min_demand is -1"),
        ({"spacing_m": float("inf")}, "spacing_m is inf"),
        ({"radius_m": 0}, "radius_m is 0"),
        ({"risk": 1.5}, "risk is 1.5"),
        ({"densification": 1.0}, "densification is 1"),
        ({"prices": {"data": -2}}, "prices of 'data' is -2"),
        ({"required": ["a"], "excluded": ["a"]}, "'a' is both required and excluded"),
    ],
)
def test_settings_are_checked_when_they_are_made(record, said):
    with pytest.raises(BadInput, match=said):
        PlanSettings.read(record)


def test_settings_survive_their_json():
    kept = PlanSettings(sites=3, required=("a",), risk=0.1, weights={"lsi": 1.0})
    assert PlanSettings.read(kept.model_dump(mode="json")) == kept
