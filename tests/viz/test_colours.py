import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.viz.colours import RAMP, RATIO_RAMP, UNKNOWN, Scale, css

traffic = st.floats(min_value=1e-3, max_value=1e6)
SCALE = Scale(0.1, 50.0, "GB/h")


def luminance(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(rgb, float) @ [0.2126, 0.7152, 0.0722]


@given(traffic, traffic)
def test_more_traffic_is_never_darker(one: float, other: float) -> None:
    dark, light = luminance(SCALE.colours([min(one, other), max(one, other)]))
    assert dark <= light + 1.0  # rounding may change a band by one


@given(st.lists(traffic, min_size=1, max_size=40))
def test_a_scale_over_values_is_not_empty_and_colours_each_of_them(values: list[float]) -> None:
    scale = Scale.over(values, "GB/h")
    assert 0 < scale.low < scale.high
    assert scale.colours(values).shape == (len(values), 3)


@given(st.lists(traffic, min_size=1, max_size=40))
def test_ticks_are_on_the_scale_and_sorted(values: list[float]) -> None:
    scale = Scale.over(values, "GB/h")
    assert len(scale.ticks()) > 1
    assert scale.ticks() == sorted(scale.ticks())
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks())


def test_ticks_are_one_two_five() -> None:
    assert SCALE.ticks() == [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
    assert Scale(3.5, 25, "GB/h").ticks() == [4, 6, 8, 10, 20]
    assert Scale(51, 64, "%").ticks() == [55, 60]


def test_values_outside_the_scale_are_clipped() -> None:
    assert SCALE.colours([0.0, 1e9]).tolist() == RAMP[[0, -1]].astype(int).tolist()


@given(st.floats(1.0, 10.0))
def test_a_ratio_and_its_inverse_are_on_opposite_sides_of_the_middle(ratio: float) -> None:
    scale = Scale.around_one(3.0, "estimated ÷ measured")
    there, back = scale.position([ratio, 1 / ratio])
    assert there + back == pytest.approx(1.0)
    (one,) = scale.colours([1.0]).tolist()
    assert one == RATIO_RAMP[len(RATIO_RAMP) // 2].astype(int).tolist()
    low, high = scale.colours([1 / 3, 3.0]).astype(int)
    assert low[2] > low[0]  # too little is blue
    assert high[0] > high[2]  # too much is red


def test_nan_is_grey() -> None:
    assert SCALE.colours([np.nan]).tolist() == [list(UNKNOWN)]


def test_a_scale_over_no_positive_value_is_valid() -> None:
    assert Scale.over([np.nan, 0.0], "GB/h").colours([np.nan]).tolist() == [list(UNKNOWN)]


def test_the_gradient_ends_in_the_colours_of_the_scale() -> None:
    ends = SCALE.colours([SCALE.low, SCALE.high])
    assert SCALE.gradient().startswith(f"linear-gradient(to right, {css(ends[0])}")
    assert SCALE.gradient().endswith(f"{css(ends[1])})")
