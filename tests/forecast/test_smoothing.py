"""Exponential smoothing: periodic series are continued, and missing parts are errors."""

import sys

import numpy as np
import pytest

from netspatial.errors import BadInput, MissingPart
from netspatial.forecast.smoothing import ExponentialSmoothing
from tests.forecast.made_up_traffic import series


def test_a_periodic_series_is_continued() -> None:
    whole = series(weeks=4, noise=0.0)
    drawn = ExponentialSmoothing().predict(whole.isel(time=slice(0, 3 * 168)), 168, 3, 0)
    truth = whole.isel(time=slice(3 * 168, None)).to_numpy()
    assert np.allclose(drawn, truth[:, None], atol=1e-3 * truth.max())


def test_smoothing_needs_two_weeks() -> None:
    with pytest.raises(BadInput, match="needs 14 days"):
        ExponentialSmoothing().predict(series(weeks=1), 24, 2)


def test_short_gaps_are_filled_and_long_ones_are_errors() -> None:
    history = series()
    history[0, 100:106] = np.nan
    assert np.isfinite(ExponentialSmoothing().predict(history, 24, 2)).all()
    history[0, 100:107] = np.nan
    with pytest.raises(BadInput, match="'s0' has a gap of 7 hours"):
        ExponentialSmoothing().predict(history, 24, 2)


def test_without_statsmodels_the_error_names_the_install_command(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.holtwinters", None)
    with pytest.raises(MissingPart, match=r"netspatial\[bench\]"):
        ExponentialSmoothing().predict(series(), 24, 2)
