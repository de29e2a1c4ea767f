"""Every utility against its closed form, per sample before averaging."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from netspatial.errors import BadInput, MissingPart
from netspatial.plan import UTILITIES, PlanSettings, Utility, make_plan, own_utility, statistics
from netspatial.plan.catchment import catchment
from netspatial.plan.utilities import UtilityInputs, scored, utility_named
from netspatial.plan.utilities.coverage_gain import demand_of_place
from netspatial.plan.utilities.relief import busy_hour_relief
from tests.plan.made_up import ensemble, made_up_cells, made_up_network, made_up_traffic

HOURS = 168


def inputs(traffic: xr.DataArray, cells=None, stations=None, **settings) -> UtilityInputs:
    cells = made_up_cells(traffic.sizes["cell"], 1) if cells is None else cells
    chosen = PlanSettings(**settings)
    return UtilityInputs(statistics(traffic), catchment(cells, stations, chosen), chosen, traffic)


def waves(mean: float, swing: float) -> np.ndarray:
    """Return daily sine waves: std = swing / √2, peak = mean + swing at 6:00."""
    return mean + swing * np.sin(2 * np.pi * np.arange(HOURS) / 24)


@pytest.fixture
def two_samples() -> UtilityInputs:
    """One cell: mean 10, swing 2 in the first sample; mean 20, swing 4 in the second."""
    cells = made_up_cells(1, 1)
    return inputs(ensemble(np.array([[waves(10, 2), waves(20, 4)]]), cells), cells)


CLOSED = {
    "lsi": (1 / (np.sqrt(2) + 1e-6), 1 / (2 * np.sqrt(2) + 1e-6)),
    "demand": (10, 20),
    "p95": (12 - 2 * (1 - np.cos(np.pi / 12)), 24 - 4 * (1 - np.cos(np.pi / 12))),
    "peak": (12, 24),
    "busy_hour": (12, 24),
    "stable_demand": (10 / (1 + np.sqrt(2) / 10), 20 / (1 + 2 * np.sqrt(2) / 20)),
    "inverse_cv": (10 / (np.sqrt(2) + 1.0), 20 / (2 * np.sqrt(2) + 2.0)),
    "revenue": (7_200, 14_400),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_form_in_each_sample(two_samples, name):
    found = scored(UTILITIES[name], two_samples)
    assert found == pytest.approx(np.array([CLOSED[name]]), rel=1e-5)


def test_every_utility_has_unit_direction_equation_and_meaning():
    for utility in UTILITIES.values():
        assert utility.better == "higher"
        assert utility.equation
        assert utility.meaning
        assert isinstance(utility.unit("GB/h"), str)
    assert "Eq. 6" in UTILITIES["lsi"].equation
    assert UTILITIES["lsi"].unit("GB/h") == "1/(GB/h)"


def test_the_expectation_of_the_index_not_the_index_of_the_expectation():
    # two samples in opposite phase: their mean is constant, with an index of 10^6
    cells = made_up_cells(1, 1)
    opposed = ensemble(np.array([[waves(10, 2), waves(10, -2)]]), cells)
    plan = make_plan(cells, opposed, PlanSettings(sites=1))
    assert plan.cells["utility_mean"].iloc[0] == pytest.approx(1 / (np.sqrt(2) + 1e-6), rel=1e-6)


def test_an_empty_cell_has_the_largest_index_and_no_stable_demand():
    cells = made_up_cells(2, 1)
    empty = inputs(ensemble(np.stack([[0 * waves(1, 1)], [waves(10, 2)]]), cells), cells)
    assert scored(UTILITIES["lsi"], empty)[:, 0] == pytest.approx([1e6, 0.7071], rel=1e-4)
    for name in ("inverse_cv", "stable_demand", "demand"):
        assert scored(UTILITIES[name], empty)[0, 0] == 0


def test_the_inverse_coefficient_of_variation_rises_with_stability():
    cells = made_up_cells(2, 1)
    pair = inputs(ensemble(np.stack([[waves(10, 2)], [waves(10, 4)]]), cells), cells)
    steady, varying = scored(UTILITIES["inverse_cv"], pair)[:, 0]
    assert steady > varying
    assert not {"cv", "demand_lsi"} & set(UTILITIES)


def test_busy_hour_is_in_local_time():
    """Traffic in one local hour a day, before and after a DST change."""
    cells = made_up_cells(1, 1)
    traffic = ensemble(np.zeros((1, 1, 14 * 24)), cells, start="2026-03-22")
    local = traffic.indexes["time"].tz_localize("UTC").tz_convert("Europe/Rome")
    traffic.values[0, 0, local.hour == 8] = 5.0
    kept = statistics(traffic, "Europe/Rome")
    assert float(kept["busy_hour"].item()) == pytest.approx(5.0)
    assert float(statistics(traffic, "UTC")["busy_hour"].item()) < 4.0


def test_revenue_weights_services_by_price_and_share(two_samples):
    priced = UtilityInputs(
        two_samples.statistics,
        two_samples.catchment,
        PlanSettings(prices={"data": 2.0, "calls": 10.0}, mix={"data": 0.9, "calls": 0.1}),
    )
    assert scored(UTILITIES["revenue"], priced)[0, 0] == pytest.approx(10 * 720 * 2.8)
    missing = PlanSettings(prices={"data": 2.0}, mix={"data": 0.9, "calls": 0.1})
    with pytest.raises(BadInput, match="there is no price for 'calls'"):
        scored(
            UTILITIES["revenue"],
            UtilityInputs(two_samples.statistics, two_samples.catchment, missing),
        )


def test_coverage_gain_of_a_single_cell_is_its_share_of_the_catchment():
    cells = made_up_cells(1, 1)
    alone = inputs(ensemble(np.array([[waves(10, 2)]]), cells), cells, radius_m=250)
    part = 100**2 / (np.pi * 250**2)
    assert scored(UTILITIES["coverage_gain"], alone)[0, 0] == pytest.approx(10 * part)


def test_coverage_gain_of_a_uniform_city_is_the_traffic_of_a_station():
    """Far from the edge the weights sum to the catchment area, which returns uniform demand."""
    cells = made_up_cells(21, 21)
    flat = ensemble(np.full((441, 1, 24), 7.0), cells)
    gain = scored(UTILITIES["coverage_gain"], inputs(flat, cells, radius_m=250))[:, 0]
    assert gain[220] == pytest.approx(7.0, rel=0.03)
    assert gain[0] < gain[220] / 2


def test_demand_grows_faster_than_the_traffic_of_one_station():
    """With γ = 1/2 demand goes with the square of traffic; its sum over the cells is kept."""
    cells = made_up_cells(2, 1)
    traffic = ensemble(np.array([[[10.0] * 24], [[30.0] * 24]]), cells)
    part = 100**2 / (np.pi * 250**2)
    for power, shares in ((0.0, (1 / 4, 3 / 4)), (0.5, (1 / 10, 9 / 10))):
        place = demand_of_place(inputs(traffic, cells, densification=power))
        assert place[:, 0] == pytest.approx(40 * part * np.array(shares))
    empty = demand_of_place(inputs(0 * traffic, cells))
    assert (empty == 0).all()


@pytest.fixture
def beside_a_loaded_station() -> UtilityInputs:
    """Five cells in a row between a station at 90 % of its capacity and one at 10 %."""
    cells = made_up_cells(5, 1, side_m=200)
    network = made_up_network((0, 100), (1000, 100), level=(9.0, 1.0))
    asked = inputs(ensemble(np.full((5, 2, 24), 5.0), cells), cells)
    return replace(asked, network=lambda: network)


def test_relief_is_greater_beside_the_loaded_station(beside_a_loaded_station):
    relief = scored(UTILITIES["relief"], beside_a_loaded_station)
    assert relief.shape == (5, 2)
    assert (np.diff(relief[:, 0]) < 0).all()
    taken, weighted = busy_hour_relief(
        beside_a_loaded_station.network(), beside_a_loaded_station.catchment.xy
    )
    assert relief[:, 0] == pytest.approx(weighted)
    assert (taken < 10).all()
    assert (weighted <= 0.9 * taken + 1e-9).all()


def test_a_site_relieves_by_no_more_than_it_carries(beside_a_loaded_station):
    known = beside_a_loaded_station.statistics
    quiet = known.assign(busy_hour=known["busy_hour"] * 1e-3)
    less = replace(beside_a_loaded_station, statistics=quiet)
    taken, weighted = busy_hour_relief(less.network(), less.catchment.xy)
    expected = weighted * 5e-3 / taken
    assert scored(UTILITIES["relief"], less)[:, 0] == pytest.approx(expected, rel=1e-6)


def test_relief_without_loads_of_stations_is_refused_in_one_sentence(beside_a_loaded_station):
    alone = replace(beside_a_loaded_station, network=None)
    for settings in (
        PlanSettings(utility="relief"),
        PlanSettings(utility="blend", weights={"relief": 1, "demand": 1}),
    ):
        utility = utility_named(settings)
        assert utility.needs_network
        with pytest.raises(MissingPart, match="needs existing stations with traffic and capacity"):
            scored(utility, alone)
    assert not utility_named(PlanSettings()).needs_network


def test_a_blend_ranks_by_cells_beaten():
    cells = made_up_cells(4, 1)
    values = np.stack([[waves(mean, swing)] for mean, swing in ((8, 1), (4, 2), (2, 0.5), (1, 0))])
    half = inputs(ensemble(values, cells), cells, utility="blend", weights={"demand": 1, "lsi": 1})
    blended = scored(utility_named(half.settings), half)[:, 0]
    # lower cells by demand: 3, 2, 1, 0 of 3; by stability: 1, 0, 2, 3 of 3
    assert blended == pytest.approx(np.array([4, 2, 3, 3]) / 6)
    with pytest.raises(BadInput, match="no utility 'luck'"):
        utility_named(PlanSettings(utility="blend", weights={"luck": 1}))
    with pytest.raises(BadInput, match="weight above zero"):
        utility_named(PlanSettings(utility="blend"))


def test_a_user_defined_utility_ranks_cells():
    cells = made_up_cells()
    traffic = made_up_traffic(cells)

    def night_traffic(x: xr.DataArray) -> xr.DataArray:
        """Traffic between midnight and five."""
        return x.isel(time=x["time"].dt.hour < 5).mean("time")

    own = own_utility(night_traffic, "GB/h")
    plan = make_plan(cells, traffic, PlanSettings(sites=3, method="top-k"), utility=own)
    expected = night_traffic(traffic).mean("sample").to_series().sort_values(ascending=False)
    assert list(plan.sites["cell_id"]) == list(expected.index[:3])
    assert plan.unit == "GB/h"
    assert "night traffic" in plan.sites["rationale"].iloc[0]
    with pytest.raises(BadInput, match="plan from the traffic itself"):
        make_plan(cells, statistics(traffic), PlanSettings(sites=3), utility=own)


def test_lower_may_be_better():
    cells = made_up_cells()
    traffic = made_up_traffic(cells)
    less = Utility(
        lambda known: known.of("mean"), str, "little", "as little as can be", "μ", better="lower"
    )
    plan = make_plan(cells, traffic, PlanSettings(sites=3, method="top-k"), utility=less)
    assert set(plan.sites["cell_id"]) == set(plan.cells.nsmallest(3, "demand_mean")["cell_id"])
    with pytest.raises(BadInput, match="cannot be covered"):
        make_plan(cells, traffic, PlanSettings(sites=3, method="greedy"), utility=less)


def test_a_utility_that_is_not_finite_is_refused_with_its_cell():
    cells = made_up_cells(3, 1)
    traffic = made_up_traffic(cells)
    traffic_of_second = traffic["cell"] == "c000-001"

    def undefined(x: xr.DataArray) -> xr.DataArray:
        return x.mean("time").where(~traffic_of_second)

    with pytest.raises(BadInput, match="not a number for 1 of 3 cells, the first 'c000-001'"):
        make_plan(cells, traffic, PlanSettings(sites=1), utility=own_utility(undefined))


def test_a_new_utility_is_one_line(monkeypatch):
    cells = made_up_cells()
    spread = Utility(
        lambda known: known.of("peak") - known.of("mean"), str, "headroom", "peak over mean", "p-μ"
    )
    monkeypatch.setitem(UTILITIES, "headroom", spread)
    plan = make_plan(cells, made_up_traffic(cells), PlanSettings(utility="headroom", sites=2))
    assert "headroom" in plan.sites["rationale"].iloc[0]


def test_statistics_of_blocks_join_to_those_of_the_whole():
    cells = made_up_cells(5, 1)
    traffic = made_up_traffic(cells)
    blocks = [
        statistics(traffic.isel(cell=slice(0, 2))),
        statistics(traffic.isel(cell=slice(2, 5))),
    ]
    joined = xr.concat(
        blocks, "cell", data_vars="minimal", coords="minimal", compat="override", join="override"
    )
    xr.testing.assert_allclose(joined, statistics(traffic), rtol=1e-6)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda x: x.rename(cell="place"), "is needed"),
        (lambda x: x.isel(time=slice(0)), "at least one of each"),
        (lambda x: x.where(x["cell"] != "c000-001"), "cell 'c000-001'"),
        (lambda x: -x, "cell 'c000-000'"),
    ],
)
def test_an_ensemble_that_cannot_be_read_is_refused(spoil, said):
    traffic = made_up_traffic(made_up_cells(3, 1))
    with pytest.raises(BadInput, match=said):
        statistics(spoil(traffic))
