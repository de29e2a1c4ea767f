"""Windows: the input of networks, without values after the origin."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.window_index import CALENDAR
from netspatial.forecast.windows import FLOOR, Windows, WindowSpec

SHAPE = WindowSpec(24, 12)


def test_batches_have_the_stated_shapes(windows: Windows):
    batch = windows.batch(np.arange(7))
    sizes = {name: tuple(getattr(batch, name).shape) for name in batch.__dataclass_fields__}
    assert sizes == {
        "x": (7, 24, 5, 5, 2),
        "seen": (7, 24, 5, 5, 2),
        "calendar": (7, 36, CALENDAR),
        "hour": (7, 36),
        "clock": (7, 36),
        "seasonal_means": (7, 36, 2, 2),
        "seasonal_counts": (7, 36, 2, 2),
        "y": (7, 12, 2),
        "centre": (7, 2),
        "scale": (7, 2),
        "level": (7, 2),
        "row": (7,),
    }


def test_input_and_target_return_to_the_measured_values(windows: Windows, panel: Panel):
    rows = np.array([3, 50, 120])
    batch = windows.batch(rows)
    for at, row in enumerate(rows):
        series = panel.values[windows.place[row]]
        origin = windows.origin[row]
        np.testing.assert_allclose(
            batch.real(batch.own)[at], series[origin - 24 : origin], rtol=1e-4
        )
        np.testing.assert_allclose(batch.real(batch.y)[at], series[origin : origin + 12], rtol=1e-4)
    np.testing.assert_array_equal(windows.truth()[rows], windows.take(rows).truth())
    assert windows.past().shape == (len(windows), 24, 2)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(24, 200))
def test_values_after_the_origin_do_not_change_the_input(make_panel, seed, origin):
    panel = make_panel()
    values = panel.values.copy()
    values[:, origin:] = np.random.default_rng(seed).uniform(0, 1000, values[:, origin:].shape)
    changed = _like(panel, values)
    one, other = (
        Windows.cut([each], SHAPE, first=origin, last=origin + 12) for each in (panel, changed)
    )
    before, after = (windows.batch(np.arange(len(windows))) for windows in (one, other))
    for name in before.__dataclass_fields__:
        if name != "y":
            assert torch.equal(getattr(before, name), getattr(after, name)), name


@given(st.floats(0.01, 1e6))
@settings(max_examples=15)
def test_the_unit_does_not_change_the_batch(make_panel, factor):
    panel = make_panel()
    scaled = _like(panel, panel.values * np.float32(factor))
    one, other = (
        Windows.cut([each], SHAPE, every=40).batch(np.arange(5)) for each in (panel, scaled)
    )
    for name in ("x", "y", "seasonal_means"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-3, atol=1e-3)


def test_input_is_centred_with_a_mean_absolute_deviation_of_one(windows: Windows):
    own = windows.batch(np.arange(len(windows))).own
    torch.testing.assert_close(own.mean(dim=1), torch.zeros(len(windows), 2), atol=1e-4, rtol=0)
    torch.testing.assert_close(own.abs().mean(dim=1), torch.ones(len(windows), 2))


def test_the_square_holds_neighbours_and_holes_are_unknown(panel: Panel):
    windows = Windows.cut([panel], SHAPE, first=24, last=36)
    place = panel.ids.index("r1c2")  # the hole is to its west
    batch = windows.batch(np.array([place]))
    assert not batch.seen[0, :, 2, 1].any()
    assert (batch.x[0, :, 2, 1] == 0).all()
    east = windows.batch(np.array([panel.ids.index("r1c3")]))
    torch.testing.assert_close(batch.x[0, :, 2, 3], east.own[0])


def test_seasonal_means_are_over_earlier_weeks_and_days_of_the_same_kind(make_panel):
    panel = make_panel(days=17)
    origin = 15 * 24  # Tuesday of the third week
    windows = Windows.cut([panel], SHAPE, first=origin, last=origin + 12)
    batch = windows.batch(np.array([0]))
    at = 24 + 5  # five hours after the origin
    means = batch.centre[:, :, None] + batch.scale[:, :, None] * batch.seasonal_means[:, at]
    series = panel.values[0]
    weekly = series[[origin + 5 - 168, origin + 5 - 336]].mean(axis=0)
    weekdays = [day for day in range(15) if day % 7 < 5]
    daily = series[[24 * day + 5 for day in weekdays]].mean(axis=0)
    np.testing.assert_allclose(means[0, :, 0], weekly, rtol=1e-4)
    np.testing.assert_allclose(means[0, :, 1], daily, rtol=1e-4)
    assert batch.seasonal_counts[0, at].tolist() == [[2, 11], [2, 11]]


def test_the_second_day_ahead_uses_no_later_values_than_the_first(make_panel):
    panel = make_panel(days=6)
    windows = Windows.cut([panel], WindowSpec(24, 48), first=4 * 24)
    batch = windows.batch(np.arange(len(windows)))
    # Friday, of four weekdays before, and Saturday, of no weekend day
    assert (batch.seasonal_counts[:, 24 : 24 + 24, :, 1] == 4).all()
    assert (batch.seasonal_counts[:, 48:, :, 1] == 0).all()
    assert (batch.seasonal_means[:, 48:, :, 1] == 0).all()


def test_the_calendar_is_that_of_the_local_clock(panel: Panel):
    tokyo = from_grid(
        panel.values, *np.divmod(np.arange(11), 4), panel.times, "Asia/Tokyo", panel.tasks
    )
    utc, local = (
        Windows.cut([each], SHAPE, first=24, last=36).batch(np.array([0]))
        for each in (panel, tokyo)
    )
    assert ((utc.hour + 9) % 168 == local.hour).all()


def test_ten_minute_steps_have_the_hours_of_their_clock(make_panel):
    panel = make_panel(days=3, step_minutes=10)
    batch = Windows.cut([panel], WindowSpec(144, 36), every=50).batch(np.array([0]))
    assert batch.hour[0, :13].tolist() == [0] * 6 + [1] * 6 + [2]
    assert (batch.seasonal_counts[0, 144:, 0, 1] == 1).all()


def test_only_windows_with_measured_input_and_horizon_are_kept(panel: Panel):
    values = panel.values.copy()
    values[0, 100:140] = np.nan  # a long gap in both tasks
    windows = Windows.cut([_like(panel, values)], SHAPE)
    origins = set(windows.origin[windows.place == 0])
    everywhere = set(range(24, 229))
    # the whole horizon lies in the gap from 100 to 128, the whole input from 124 to 140
    assert everywhere - origins == set(range(100, 129)) | set(range(124, 141))
    assert set(windows.origin[windows.place == 1]) == everywhere


def test_a_gap_is_masked_in_input_and_target(panel: Panel):
    values = panel.values.copy()
    values[0, 30:34, 0] = np.nan
    windows = Windows.cut([_like(panel, values)], SHAPE, first=36, last=48)
    batch = windows.batch(np.array([0]))
    hidden = ~batch.own_seen[0]
    assert hidden[:, 0].sum() == 4
    assert not hidden[:, 1].any()
    assert (batch.own[0][hidden] == 0).all()
    assert np.isnan(
        Windows.cut([_like(panel, values)], SHAPE, first=26, last=38).truth()[0, 4:8, 0]
    ).all()


def test_a_place_that_is_always_zero_has_the_minimum_scale(panel: Panel):
    values = panel.values.copy()
    values[2] = 0
    windows = Windows.cut([_like(panel, values)], SHAPE, first=24, last=36)
    batch = windows.batch(np.arange(len(windows)))
    at = int(np.flatnonzero(windows.place == 2)[0])
    assert (batch.centre[at] == 0).all()
    torch.testing.assert_close(batch.scale[at], FLOOR * batch.level[at])
    assert torch.isfinite(batch.x).all()
    assert torch.isfinite(batch.y).all()


def test_a_task_without_input_at_a_place_has_the_level_of_the_others(panel: Panel):
    values = panel.values.copy()
    values[2, :30, 0] = np.nan
    batch = Windows.cut([_like(panel, values)], SHAPE, first=24, last=36).batch(np.arange(11))
    torch.testing.assert_close(batch.centre[2, 0], batch.level[2, 0])
    assert batch.centre[2, 0] == pytest.approx(np.nanmean(values[:, :24, 0]), rel=1e-4)


def test_windows_may_begin_before_the_history_with_least(panel: Panel):
    windows = Windows.cut([panel], SHAPE, last=24, least=6)
    assert windows.origin.min() == 6
    batch = windows.batch(np.flatnonzero(windows.origin == 6))
    assert not batch.seen[:, :18].any()
    assert batch.own_seen[:, 18:].all()


def test_latest_windows_begin_at_the_end(panel: Panel):
    windows = Windows.latest([panel], SHAPE)
    assert len(windows) == 11
    assert np.isnan(windows.truth()).all()
    hours = windows.batch(np.array([0])).hour[0]
    assert hours[24] == (pd.Timestamp(panel.coming(1)[0]).day_of_week * 24)


def test_joined_windows_are_those_of_both(panel: Panel, make_panel):
    a = Windows.cut([panel], SHAPE, every=30)
    b = Windows.cut([make_panel(days=4), make_panel(days=5)], SHAPE, every=30, config=[7, 8])
    both = Windows.join(a, b)
    np.testing.assert_array_equal(both.truth(), np.concatenate([a.truth(), b.truth()]))
    assert set(both.config) == {-1, 7, 8}
    rows = np.arange(len(a), len(both))
    for name in ("x", "seasonal_means", "level", "hour"):
        one = getattr(both.batch(rows), name)
        assert torch.equal(one, getattr(b.batch(rows - len(a)), name)), name


def test_windows_of_one_task_are_the_same_windows(windows: Windows):
    alone = windows.with_tasks(("data",))
    np.testing.assert_array_equal(alone.truth()[..., 0], windows.truth()[..., 1])


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (1, r"has 24 steps \(1.0 days\); an input of 24 steps and a horizon of 12 needs 36"),
    ],
)
def test_an_error_on_a_short_history_names_the_needed_length(make_panel, days, problem):
    with pytest.raises(BadInput, match=problem):
        Windows.cut([make_panel(days=days)], SHAPE)
    with pytest.raises(BadInput, match=r"an input of 48 steps needs 48 \(2.0 days\)"):
        Windows.latest([make_panel(days=days)], WindowSpec(48, 12))


def test_histories_of_other_tasks_or_steps_are_refused(panel: Panel, make_panel):
    with pytest.raises(BadInput, match="same tasks"):
        Windows.cut([panel, panel.with_tasks(("data",))], SHAPE)
    with pytest.raises(BadInput, match="same step"):
        Windows.cut([panel, make_panel(days=3, step_minutes=30)], SHAPE)
    with pytest.raises(BadInput, match="cannot be joined"):
        Windows.join(Windows.cut([panel], SHAPE), Windows.cut([panel], WindowSpec(24, 6)))


def test_empty_windows_are_refused():
    with pytest.raises(BadInput, match="at least one step of input"):
        WindowSpec(0, 3)


def _like(panel: Panel, values: np.ndarray) -> Panel:
    cells = np.delete(np.arange(12), 5)
    return from_grid(values, *np.divmod(cells, 4), panel.times, "UTC", panel.tasks)
