"""The decomposition is consistent: its levels add up to the series."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.generate.decompose import (
    daily_targets,
    latest_whole_weeks,
    peak_hour,
    project_residual,
    project_weekly,
    repeat,
    spread_daily,
    weekly_target,
)
from netspatial.randomness import stream


def series(seed: int, n: int, weeks: int, offset: int) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.from_numpy(stream(seed, "x").gamma(2.0, size=(n, 168 * weeks)))
    hours = torch.from_numpy((np.arange(168 * weeks) + offset) % 168).expand(n, -1)
    return x, hours


seeds, offsets = st.integers(0, 10_000), st.integers(0, 167)


@given(seeds, st.integers(1, 5), offsets)
def test_a_series_is_its_mean_week_plus_a_residual_without_a_weekly_mean(
    seed: int, weeks: int, offset: int
) -> None:
    x, hours = series(seed, 3, weeks, offset)
    w = weekly_target(x, hours)
    r = x - repeat(w, hours)
    assert torch.allclose(weekly_target(r, hours), torch.zeros_like(w), atol=1e-12)
    assert torch.allclose(project_residual(r, hours), r, atol=1e-12)


@given(seeds, offsets)
def test_projecting_a_residual_is_idempotent(seed: int, offset: int) -> None:
    r, hours = series(seed, 2, 4, offset)
    once = project_residual(r, hours)
    assert torch.allclose(project_residual(once, hours), once, atol=1e-12)
    assert weekly_target(once, hours).abs().max() < 1e-12


@given(seeds)
def test_a_projected_week_has_the_days_it_was_given_and_stays_positive(seed: int) -> None:
    rng = stream(seed, "w")
    w = torch.from_numpy(rng.gamma(2.0, size=(3, 168)) + 0.01)
    d = torch.from_numpy(rng.gamma(2.0, size=(3, 48)))
    projected = project_weekly(w, d)
    assert torch.allclose(daily_targets(projected), d, atol=1e-9)
    assert bool((projected >= 0).all())


@given(seeds)
def test_two_day_types_spread_over_a_week_are_read_back(seed: int) -> None:
    d = torch.from_numpy(stream(seed, "d").gamma(2.0, size=(2, 48)))
    assert torch.allclose(daily_targets(spread_daily(d)), d)


@given(offsets)
def test_the_weekday_comes_from_the_calendar_and_not_from_the_first_hour(offset: int) -> None:
    hours = torch.from_numpy((np.arange(336) + offset) % 168).unsqueeze(0)
    monday_nine = (hours == 9).double()
    assert torch.equal(weekly_target(monday_nine, hours)[0].nonzero().flatten(), torch.tensor([9]))


def test_the_peak_is_the_hour_of_the_local_day() -> None:
    hours = torch.arange(168).roll(-5).unsqueeze(0)
    x = (hours % 24 == 19).double()
    assert peak_hour(x, hours).tolist() == [19]


def test_unknown_hours_are_not_used() -> None:
    x, hours = series(0, 2, 3, 0)
    known = torch.zeros_like(x)
    known[:, :168] = 1
    assert torch.allclose(weekly_target(x, hours, known), x[:, :168])


def test_a_weekday_that_does_not_occur_gets_the_mean_of_the_other_days() -> None:
    x, hours = series(0, 2, 1, 0)
    tuesday = (hours // 24 == 1).clone()
    moved = torch.where(tuesday, hours % 24 + 6 * 24, hours)
    w = weekly_target(x, moved)
    assert torch.allclose(w[:, 24:48], x.reshape(2, 7, 24).mean(1))
    assert torch.allclose(w[:, :24], x[:, :24])


def test_a_series_without_every_hour_of_the_day_is_refused() -> None:
    x, hours = series(0, 1, 1, 0)
    with pytest.raises(BadInput, match="every hour of the day"):
        weekly_target(x[:, :20], hours[:, :20])


@given(st.integers(168, 672))
def test_periodic_means_are_taken_over_the_latest_whole_weeks(cut: int) -> None:
    known = torch.zeros(2, 672)
    known[:, :cut] = 1
    weeks = latest_whole_weeks(known)
    assert weeks[0].sum() % 168 == 0
    assert weeks[0, cut - 1] == 1
    assert cut - weeks[0].sum() < 168
    assert bool((weeks <= known).all())
