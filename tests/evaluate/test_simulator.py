import numpy as np
import pytest

from netspatial.evaluate import simulator
from netspatial.evaluate.realdata import MeasuredDataSet
from netspatial.evaluate.simulator import bench_simulator, compare, median_features

DAY = 1 + 0.5 * np.cos(2 * np.pi * np.arange(672) / 24)


def made_up(name, *, places=True, weeks=4):
    noise = np.random.default_rng(len(name)).uniform(0.9, 1.1, (12, 168 * weeks))
    traffic = noise * DAY[: 168 * weeks] * np.arange(1, 13)[:, None]
    where = np.column_stack([np.arange(12) * 250.0, np.zeros(12)])
    return MeasuredDataSet(name, traffic, 0, where if places else None, "CC0-1.0")


def test_undefined_metrics_of_a_set_are_left_out():
    one_week = median_features([made_up("beijing", places=False, weeks=1)])
    assert "acf168" not in one_week
    assert not any(metric.startswith("neighbour") for metric in one_week)
    month = median_features([made_up("milan")])
    assert {"acf168", "neighbour_200_400m", "profile_00h", "profile_23h"} <= set(month)


def test_the_accepted_range_is_that_of_the_measured_medians_widened():
    rows = compare(
        {"simulated-train": {"cv": 0.5, "acf168": 0.9}},
        {
            "beijing": {"cv": 0.6},
            "milan": {"cv": 0.3, "acf168": 0.7},
        },
        [{"cv": 0.4}, {"cv": 0.5}, {"cv": 0.6}, {"cv": 0.7}],
    )
    measured = {row.data: row.percentile for row in rows if row.metric == "cv" and not row.verdict}
    assert measured == {"beijing": 62.5, "milan": 0.0}
    assert (
        next(row for row in rows if row.metric == "acf168" and not row.verdict).percentile is None
    )
    verdicts = {row.metric: row for row in rows if row.verdict}
    assert (verdicts["cv"].low, verdicts["cv"].high) == pytest.approx((0.25, 0.65))
    assert verdicts["cv"].verdict == "in range"
    assert verdicts["acf168"].verdict == "out of range"
    assert {row.data for row in rows if row.metric == "acf168"} == {"simulated-train", "milan"}


def test_verdicts_name_known_reasons_and_missing_measured_sets():
    rows = compare(
        {"simulated-train": {"log_mean_sd": 0.8, "cv": 0.5}},
        {
            "milan": {"log_mean_sd": 0.4},
        },
        [],
    )
    verdicts = {row.metric: row.verdict for row in rows if row.verdict}
    assert verdicts["log_mean_sd"].startswith("out of range: Beijing's means")
    assert verdicts["cv"] == "no measured set shows this"


def test_the_report_has_the_documented_fields(monkeypatch, tmp_path):
    monkeypatch.setattr(simulator, "time_one_city", lambda: (12.0, 800.0))
    monkeypatch.setattr(simulator, "SIZE_KM", 3.0)
    monkeypatch.setattr(simulator, "STATIONS", 30)
    shares = []
    report = bench_simulator(tmp_path, 1, lambda _what, share: shares.append(share))
    record = report.record()
    assert set(record) == {"rows", "seconds", "peak_mb"}
    assert {row["data"] for row in record["rows"]} == {"simulated-train", "simulated-unseen"}
    assert all({"data", "metric", "value"} <= set(row) for row in record["rows"])
    assert all(np.isfinite(row["value"]) for row in record["rows"])
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
