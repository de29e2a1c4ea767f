"""Rolling forecasts: each uses the measurements available then, and the latest one counts."""

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.forecast import RULES
from netspatial.forecast.rolling import latest_of, rolling_forecasts, split_forecast
from netspatial.forecast.smoothing import ExponentialSmoothing
from tests.forecast.made_up_traffic import series

MEAN, NAIVE = RULES["hour-of-week"], RULES["seasonal-naive"]


def test_a_forecast_uses_only_available_measurements() -> None:
    whole = series(weeks=5)
    first = pd.Timestamp(whole["time"].to_numpy()[4 * 168])
    last = RULES["persistence"]
    seen = rolling_forecasts(last, whole, first, 48, 3, 0)
    assert [one.sizes["time"] for one in seen] == [48, 24]
    again = whole.copy()
    again[:, 4 * 168 + 24 :] = 999.0
    for one, same in zip(seen, rolling_forecasts(last, again, first, 48, 3, 0), strict=True):
        assert np.array_equal(one, same)
    again[:, 4 * 168 :] = 999.0
    one, two = rolling_forecasts(last, again, first, 48, 3, 0)
    assert np.array_equal(one, seen[0])
    assert not np.array_equal(two, seen[1])


def test_a_gap_at_the_origin_is_not_filled_from_later_values() -> None:
    whole = series(weeks=5)
    origin = 4 * 168
    first = pd.Timestamp(whole["time"].to_numpy()[origin])
    whole[:, origin - 3 : origin + 2] = np.nan
    other = whole.copy()
    other[:, origin + 2 :] = 999.0
    smoothing = ExponentialSmoothing()
    (one,), (same,) = (rolling_forecasts(smoothing, x, first, 24, 3, 0) for x in (whole, other))
    assert np.array_equal(one, same)


@pytest.mark.parametrize("lead", [1, 5])
def test_delayed_measurements_are_not_used(lead: int) -> None:
    whole = series(weeks=5)
    origin = 4 * 168
    first = pd.Timestamp(whole["time"].to_numpy()[origin])
    seen = rolling_forecasts(NAIVE, whole, first, 60, 3, 0, lead_h=lead)
    for one, start in zip(seen, (0, 24, 48), strict=True):
        known = whole[:, : origin + start - lead]
        again = NAIVE.predict(known, lead + one.sizes["time"], 3, 0)
        assert np.array_equal(one, again[..., lead:])
        assert one["time"].to_numpy()[0] == whole["time"].to_numpy()[origin + start]


def test_a_week_can_be_forecast_with_a_measurement_delay_of_a_day() -> None:
    whole = series(weeks=2)
    end = pd.Timestamp(whole["time"].to_numpy()[-1]) + pd.Timedelta(hours=1)
    (one,) = rolling_forecasts(MEAN, whole, end, 168, 3, 0, every_h=168, horizon_h=168, lead_h=24)
    assert one.sizes["time"] == 168


def test_the_latest_forecast_counts() -> None:
    whole = series(weeks=5)
    first = pd.Timestamp(whole["time"].to_numpy()[4 * 168])
    seen = rolling_forecasts(MEAN, whole, first, 60, 3, 0)
    latest = latest_of(seen)
    assert latest.sizes["time"] == 60
    assert np.array_equal(latest[..., :24], seen[0][..., :24])
    assert np.array_equal(latest[..., 24:48], seen[1][..., :24])
    assert np.array_equal(latest[..., 48:], seen[2])


def test_one_long_forecast_is_split_into_days() -> None:
    long = MEAN.predict(series(), 100, 2, 0)
    parts = split_forecast(long)
    assert [part.sizes["time"] for part in parts] == [48, 48, 48, 28, 4]
    assert np.array_equal(latest_of(parts), long)


def test_forecasts_may_end_beyond_the_measured_hours_by_one() -> None:
    whole = series(weeks=2)
    end = pd.Timestamp(whole["time"].to_numpy()[-1]) + pd.Timedelta(hours=1)
    assert rolling_forecasts(NAIVE, whole, end, 24, 2, 0)[0].sizes["time"] == 24
    with pytest.raises(BadInput, match="is too short for forecasts"):
        rolling_forecasts(NAIVE, whole, end, 48, 2, 0)
