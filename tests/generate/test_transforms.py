"""Transforms of the levels are invertible and standardised."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.generate.decompose import repeat
from netspatial.generate.transforms import TRANSFORMS, LogRatioTransform
from netspatial.randomness import stream


def made_up(seed: int, n: int = 40, weeks: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    rng = stream(seed, "made up")
    hours = np.arange(168 * weeks) % 168
    shape = 1.1 + np.sin((hours % 24 - rng.uniform(6, 18, (n, 1))) / 24 * 2 * np.pi)
    x = rng.lognormal(size=(n, 1)) * shape * rng.lognormal(0, 0.3, (n, len(hours)))
    return torch.from_numpy(x).float(), torch.from_numpy(hours).expand(n, -1)


@pytest.mark.parametrize("name", list(TRANSFORMS))
@pytest.mark.parametrize("weeks", [1, 3])
@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_decoding_the_levels_gives_the_series(name: str, weeks: int, seed: int) -> None:
    x, hours = made_up(seed, weeks=weeks)
    transform = TRANSFORMS[name](one_week=weeks == 1)
    transform.fit(x, hours)
    levels = transform.encode(x, hours)
    d = transform.decode_daily(levels.daily)
    u = repeat(transform.decode_weekly(levels.weekly, d), hours)
    r = transform.decode_residual(levels.residual, u, levels.residual_scale)
    again = transform.decode_level(levels.level) * (u + r)
    assert torch.allclose(u, levels.template, atol=2e-3)
    assert torch.allclose(again, x, rtol=2e-2, atol=2e-2 * float(x.mean()))


def test_log_ratios_are_standardised_and_independent_of_the_unit() -> None:
    x, hours = made_up(0, n=400, weeks=4)
    transform = LogRatioTransform(one_week=False)
    transform.fit(x, hours)
    levels = transform.encode(x, hours)
    for z in (levels.level, levels.residual, levels.residual_scale):
        assert float(z.mean()) == pytest.approx(0, abs=1e-3)
        assert float(z.std()) == pytest.approx(1, abs=1e-2)
    assert torch.cov(levels.daily.T).diagonal().max() < 1.05
    other = LogRatioTransform(one_week=False)
    other.fit(1e6 * x, hours)
    assert torch.allclose(other.encode(1e6 * x, hours).residual, levels.residual, atol=1e-2)


def test_decoded_daily_shapes_are_positive_with_mean_one() -> None:
    x, hours = made_up(1)
    transform = LogRatioTransform(one_week=True)
    transform.fit(x, hours)
    drawn = torch.from_numpy(stream(0, "z").normal(size=(50, 48))).float() * 3
    d = transform.decode_daily(drawn)
    assert bool((d >= 0).all())
    week = transform.decode_weekly(torch.zeros(50, 0), d)
    assert torch.allclose(week.mean(1), torch.ones(50), atol=1e-5)


def test_recentring_changes_the_level_alone() -> None:
    x, hours = made_up(2)
    transform = LogRatioTransform(one_week=False)
    transform.fit(x, hours)
    before = transform.encode(x, hours)
    transform.recentre(1000 * x, hours)
    after = transform.encode(1000 * x, hours)
    assert torch.allclose(before.level, after.level, atol=1e-4)
    assert torch.allclose(before.residual, after.residual, atol=1e-4)


def test_residuals_have_unit_variance_in_units_of_the_sites_residual_scale() -> None:
    x, hours = made_up(3, n=200, weeks=4)
    transform = LogRatioTransform(one_week=False)
    transform.fit(x, hours)
    levels = transform.encode(x, hours)
    assert torch.allclose(levels.residual.square().mean(1), torch.ones(200), atol=1e-3)
    r_small, r_large = (
        transform.decode_residual(levels.residual, levels.template, levels.residual_scale + more)
        for more in (0.0, 1.0)
    )
    assert bool((r_large.std(1) > r_small.std(1)).all())


def test_the_residual_scale_of_two_weeks_is_that_of_a_month_and_one_week_gives_the_mean() -> None:
    x, hours = made_up(4, n=600, weeks=4)
    transform = LogRatioTransform(one_week=False)
    transform.fit(x, hours)
    whole = transform.encode(x, hours).residual_scale
    known = torch.zeros_like(x)
    known[:, -2 * 168 :] = 1
    assert transform.encode(x, hours, known).residual_scale.mean() == pytest.approx(
        float(whole.mean()), abs=0.25
    )
    known[:, :-168] = 0
    assert torch.allclose(
        transform.encode(x, hours, known).residual_scale, torch.zeros(600, 1), atol=1e-4
    )
