"""Series are taken apart and put together again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.kriging.series import Parts, known_weekly_mean, put_together, weekly_mean
from netspatial.randomness import stream
from tests.kriging.made_up_field import HOURS, made_up_series


@given(st.integers(0, 1000), st.floats(-8, 8))
@settings(max_examples=20)
def test_parts_put_together_are_the_series(seed: int, level: float) -> None:
    x = made_up_series(np.array([level, level + 1]), seed)
    parts = Parts.of(x, HOURS)
    again = put_together(parts.level, parts.shape, parts.residual, HOURS)
    assert np.allclose(again, x, rtol=1e-6)


@given(st.integers(0, 1000), st.floats(-3, 3))
@settings(max_examples=20)
def test_a_moved_level_moves_the_mean_week_exactly(seed: int, move: float) -> None:
    x = made_up_series(np.zeros(3), seed)
    parts = Parts.of(x, HOURS)
    moved = put_together(parts.level + move, parts.shape, 1.3 * parts.residual, HOURS)
    assert np.allclose(Parts.of(moved, HOURS).level, parts.level + move)


def test_known_hours_alone_make_the_mean_week() -> None:
    x = made_up_series(np.zeros(2), 1)
    holed = x.copy()
    holed[0, 5] = np.nan
    mean, known = known_weekly_mean(holed, HOURS)
    assert known.all()
    assert mean[0, 5] == x[0, 5 + 168]
    assert np.allclose(mean[1], weekly_mean(x, HOURS)[1])


def test_silence_has_no_infinite_parts() -> None:
    parts = Parts.of(np.zeros((1, len(HOURS))), HOURS)
    assert np.isfinite(parts.shape).all()
    assert np.isfinite(parts.residual).all()
    drawn = stream(0, "x").random((1, len(HOURS)))
    assert np.isfinite(
        put_together(*(np.asarray(p) for p in (parts.level, parts.shape)), drawn, HOURS)
    ).all()
