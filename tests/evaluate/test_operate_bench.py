"""`bench operate`: its rows, its targets, and the networks that it times."""

import json
from dataclasses import replace

import numpy as np
import pytest

from netspatial.cli.bench_operate import _kept
from netspatial.errors import BadInput
from netspatial.evaluate import operate
from netspatial.evaluate.forecast_rolling import ForecastRow
from netspatial.evaluate.operate_report import PolicyRow
from netspatial.evaluate.operate_scale import ScaleRow, merged_network, timed
from netspatial.evaluate.operate_targets import targets
from netspatial.forecast import RULES
from netspatial.operate.dispatch.dispatch import dispatch
from netspatial.operate.stations import stations_of

ROW = PolicyRow("1-0", "greedy", "earth-macro", 6.0, 0.999, 0.99, 0.0, 0.5, 2.0, 1.0, 0, 0.0, 0.0)
ROWS = [
    ROW,
    replace(ROW, policy="threshold", saving_pct=5.0, qoe=0.98),
    replace(ROW, policy="paper", saving_pct=1.7, qoe=0.832, traffic_reduction_ratio=0.168),
]
FORECAST = [
    ForecastRow("1-0", "combined", 24, 1.0, 1.5, 2.0, 0.9),
    ForecastRow("1-0", "seasonal-naive", 24, 1.4, 1.9, 2.5, 0.9),
    ForecastRow("1-0", "hour-of-week", 24, 1.1, 1.6, 2.1, 0.9),
]
SCALE = [
    ScaleRow(50, 1_000, 168, 8.0),
    ScaleRow(300, 6_000, 24, 5.0),
    ScaleRow(600, 12_000, 24, 10.0),
    ScaleRow(1_200, 24_000, 24, 20.0),
]


@pytest.fixture(scope="module")
def report(small_city):
    with pytest.MonkeyPatch.context() as patched:
        mean, naive = RULES["hour-of-week"], RULES["seasonal-naive"]
        simple = {"combined": mean, "seasonal-naive": naive, "hour-of-week": mean}
        built = {name: lambda *_, one=one: one for name, one in simple.items()}
        patched.setattr(operate, "FORECASTERS", built)
        patched.setattr(operate, "simulated_city", lambda *_: small_city)
        size = operate.OperateBenchSize(
            cities=1,
            stations=6,
            hours=24,
            powers=("earth-macro",),
            policies=("greedy", "threshold", "paper", "oracle"),
            scale=False,
        )
        reports = []
        found = operate.bench_operate(small_city.folder, size, lambda *one: reports.append(one))
        assert [share for _, share in reports] == sorted(share for _, share in reports)
        return found


def test_every_policy_has_a_row_with_its_gap_to_perfect_information(report):
    rows = {row.policy: row for row in report.rows}
    assert list(rows) == ["greedy", "threshold", "paper", "oracle"]
    assert rows["oracle"].bound_gap_pp >= -1e-6
    assert rows["greedy"].bound_gap_pp >= rows["oracle"].bound_gap_pp - 1e-6
    assert rows["paper"].traffic_reduction_ratio == pytest.approx(0.168, abs=1e-3)


def test_the_json_has_the_documented_fields(report):
    record = json.loads(json.dumps(report.record()))
    assert set(record["rows"][0]) == {
        "city",
        "policy",
        "power",
        "saving_pct",
        "qoe",
        "worst_hour",
        "traffic_reduction_ratio",
        "wakeups_per_cell_day",
        "seconds",
        "bound_gap_pp",
        "hours_above",
        "kwh_above",
        "debt_kwh",
    }
    assert {"city", "model", "crps", "mae", "cov90"} <= set(record["forecast"][0])
    assert [row["model"] for row in record["forecast"]] == [
        "combined",
        "seasonal-naive",
        "hour-of-week",
    ]


def test_equal_forecasts_miss_the_target_of_a_lower_crps(report):
    missed = {target.name for target in report.targets if not target.met}
    assert "CRPS of the forecast below hour-of-week" in missed


def test_all_targets_are_met_by_sufficient_numbers():
    assert all(target.met for target in targets(ROWS, FORECAST, SCALE))


@pytest.mark.parametrize(
    ("place", "change", "missed"),
    [
        (0, {"bound_gap_pp": 1.6}, "perfect information"),
        (0, {"qoe": 0.994}, "perfect information"),
        (0, {"saving_pct": 4.9}, "threshold"),
        (1, {"qoe": 0.9995}, "threshold"),
        (2, {"traffic_reduction_ratio": 0.15}, "paper's point"),
        (2, {"qoe": 0.79}, "paper's point"),
    ],
)
def test_an_insufficient_policy_misses_its_target(place, change, missed):
    rows = [replace(row, **change) if n == place else row for n, row in enumerate(ROWS)]
    names = [target.name for target in targets(rows, FORECAST, SCALE) if not target.met]
    assert len(names) == 1
    assert missed in names[0]


@pytest.mark.parametrize(
    ("place", "change", "missed"),
    [
        (0, {"seconds": 11.0}, "50 stations"),
        (3, {"seconds": 61.0}, "1,000 stations"),
        (3, {"stations": 900}, "1,000 stations"),
        (3, {"seconds": 59.0}, "no faster"),
    ],
)
def test_an_insufficient_speed_misses_its_target(place, change, missed):
    rows = [replace(row, **change) if n == place else row for n, row in enumerate(SCALE)]
    names = [target.name for target in targets(ROWS, FORECAST, rows) if not target.met]
    assert any(missed in name for name in names)


def test_merged_networks_have_the_loads_of_each_alone(small_city):
    part = stations_of(small_city)
    whole, traffic = merged_network([part, part])
    alone, _ = merged_network([part])
    demand = traffic.to_numpy()[:, :24]
    awake = np.zeros(demand.shape, dtype=bool)
    both = dispatch(whole, demand, awake)
    one = dispatch(alone, demand[:6], awake[:6])
    assert np.allclose(both.load, np.vstack([one.load, one.load]))
    assert len(whole.service_graph.server) == 2 * len(alone.service_graph.server)


def test_the_row_of_a_timed_network_has_its_size(small_city):
    row = timed([stations_of(small_city)] * 2, 24)
    assert (row.stations, row.hours) == (12, 24)
    assert row.seconds > 0


def test_only_policies_that_no_target_needs_can_be_left_out():
    assert _kept(("greedy", "chance", "oracle"), ["chance"]) == ("greedy", "oracle")
    with pytest.raises(BadInput, match="'oracle' cannot be left out"):
        _kept(("greedy", "chance", "oracle"), ["oracle"])
