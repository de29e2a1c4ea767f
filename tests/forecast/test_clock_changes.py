"""After a clock change, seasonal means and baselines still match the local hour."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.baselines.forecast.inputs import BaselineNetwork
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.panel import Panel, from_grid
from netspatial.forecast.seasonal_baseline import SeasonalBaseline
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.windows import Windows, WindowSpec

SPRING, AUTUMN = "2025-03-30", "2025-10-26"
LOCAL_DAYS = 3


def peaked(change: str, zone: str = "Europe/Rome", step: str = "h") -> Panel:
    """Two weeks before and one after the change, with a peak from 08:00 to 09:00.

    The level also depends on the day of the week and the hour.
    """
    first = pd.Timestamp(change, tz=zone) - pd.DateOffset(days=14)
    last = pd.Timestamp(change, tz=zone) + pd.DateOffset(days=8)
    times = pd.date_range(
        first.tz_convert("UTC").ceil("h"), last.tz_convert("UTC"), freq=step, inclusive="left"
    ).tz_localize(None)
    values = np.broadcast_to(profile(times, zone), (2, len(times)))[..., None]
    place = np.arange(2)
    return from_grid(values.astype(np.float32), 0 * place, place, times, zone, ("data",))


def profile(times: pd.DatetimeIndex, zone: str) -> np.ndarray:
    local = times.tz_localize("UTC").tz_convert(zone)
    day = 10.0 + local.hour + np.where(local.day_of_week >= 5, 3.0, 0.0)
    return np.where(local.hour == 8, 100.0, day)


def after(panel: Panel, shape: WindowSpec, change: str) -> Windows:
    """Windows whose horizon begins in the days after the change."""
    begun = panel.times.tz_localize("UTC").tz_convert(panel.timezone) >= pd.Timestamp(
        change, tz=panel.timezone
    )
    first = int(np.flatnonzero(begun)[0])
    every = panel.steps_per_day // 24
    last = first + LOCAL_DAYS * panel.steps_per_day + shape.horizon
    return Windows.cut([panel], shape, first=first, last=last, every=every)


def regular_hours(batch: WindowBatch) -> torch.Tensor:
    """Hours (B, H) that occur once on every day: not those around the change."""
    L = batch.x.shape[1]
    return (batch.hour[:, L:] % 24 > 4) & (batch.hour[:, L:] % 24 < 23)


CASES = [
    (change, zone, step)
    for change, zone in [
        (SPRING, "Europe/Rome"),
        (AUTUMN, "Europe/Rome"),
        ("2025-11-02", "America/St_Johns"),
    ]
    for step in ("h", "30min", "10min")
]


@pytest.mark.parametrize(("change", "zone", "step"), CASES)
def test_seasonal_means_keep_the_peak_at_its_local_hour(change, zone, step):
    panel = peaked(change, zone, step)
    per_day = panel.steps_per_day
    batch = after(panel, WindowSpec(2 * per_day, per_day), change).batch(np.arange(40))
    L = batch.x.shape[1]
    hour = batch.hour[:, L:] % 24
    for kind in range(2):
        mean = batch.real(batch.seasonal_means[:, L:, :, kind])[..., 0]
        known = (batch.seasonal_counts[:, L:, 0, kind] > 0) & regular_hours(batch)
        assert ((mean > 60) == (hour == 8))[known].all()
        assert known.any()


@pytest.mark.parametrize(("change", "zone", "step"), CASES)
@pytest.mark.parametrize("days", [2, 7])
def test_baselines_keep_the_peak_at_its_local_hour(change, zone, step, days):
    panel = peaked(change, zone, step)
    per_day = panel.steps_per_day
    batch = after(panel, WindowSpec(days * per_day, per_day), change).batch(np.arange(40))
    hour, regular = batch.hour[:, days * per_day :] % 24, regular_hours(batch)
    spec = NetworkSpec(
        tasks=1,
        context_length=days * per_day,
        horizon=per_day,
        steps_per_day=per_day,
        side=panel.side,
    )
    earlier = BaselineNetwork(lambda _: torch.nn.Identity(), spec).earlier(batch)[:, :, 0]
    for number in range(days):
        value = batch.real(earlier[..., number : number + 1])[..., 0]
        _, inside = batch.ago((number + 1) * per_day, per_day)
        assert ((value > 60) == (hour == 8))[regular & inside].all()


@pytest.mark.parametrize(("change", "zone", "step"), CASES)
def test_the_seasonal_baseline_keeps_the_peak_at_its_local_hour(change, zone, step):
    panel = peaked(change, zone, step)
    per_day = panel.steps_per_day
    batch = after(panel, WindowSpec(2 * per_day, per_day), change).batch(np.arange(40))
    baseline = batch.real(SeasonalBaseline(1, per_day)(batch)[0].detach())[..., 0]
    hour = batch.hour[:, 2 * per_day :] % 24
    assert ((baseline > 55) == (hour == 8))[regular_hours(batch)].all()


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([SPRING, AUTUMN]),
    st.sampled_from(["h", "30min"]),
    st.integers(-60, 60),
    st.integers(0, 9999),
)
def test_around_a_change_no_value_after_the_origin_is_used(change, step, shift, seed):
    panel = peaked(change, step=step)
    noon = np.flatnonzero(panel.times >= pd.Timestamp(change))[0]
    origin = int(noon) + shift
    values = panel.values.copy()
    values[:, origin:] = np.random.default_rng(seed).uniform(0, 999, values[:, origin:].shape)
    shape = WindowSpec(2 * panel.steps_per_day, 2 * panel.steps_per_day)
    cuts = [
        Windows.cut([each], shape, first=origin, last=origin + shape.horizon)
        for each in (
            panel,
            from_grid(values, [0, 0], [0, 1], panel.times, panel.timezone, ("data",)),
        )
    ]
    before, changed = (windows.batch(np.arange(len(windows))) for windows in cuts)
    for name in before.__dataclass_fields__:
        if name != "y":
            assert torch.equal(getattr(before, name), getattr(changed, name)), name


def test_both_values_of_a_repeated_hour_count_and_a_skipped_hour_has_none():
    for change, counts in ((AUTUMN, (3, 4)), (SPRING, (3, 2))):
        panel = peaked(change)
        origin = int(np.flatnonzero(panel.times >= pd.Timestamp(change) + pd.Timedelta(days=7))[0])
        batch = Windows.cut([panel], WindowSpec(24, 12), first=origin, last=origin + 12).batch([0])
        hour = batch.hour[0, 24:]
        count = batch.seasonal_counts[0, 24:, 0, 0]
        sunday = (hour >= 144) & count.bool()
        usual, special = (count[sunday & (hour == 144 + h)] for h in (5, 2))
        assert (float(usual[0]), float(special[0])) == counts


def test_before_a_change_a_clock_equals_one_without_changes():
    panel = peaked(AUTUMN)
    early = panel.span(0, 12 * 24)
    fixed = from_grid(early.values, [0, 0], [0, 1], early.times, "Etc/GMT-2", ("data",))
    one, other = (
        Windows.cut([each], WindowSpec(48, 24), every=5).batch(np.arange(30))
        for each in (early, fixed)
    )
    for name in one.__dataclass_fields__:
        assert torch.equal(getattr(one, name), getattr(other, name)), name
