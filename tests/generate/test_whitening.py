"""Whitening is invertible, gives unit variance, and returns the importance of directions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.generate.whitening import Whitening
from netspatial.randomness import stream


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_whitening_gives_unit_variance_and_is_invertible(seed: int) -> None:
    rng = stream(seed, "white")
    y = torch.from_numpy(rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5)) + 3).float()
    white = Whitening(5)
    white.fit(y)
    z = white.encode(y)
    assert torch.allclose(white.decode(z), y, atol=1e-3)
    assert torch.cov(z.T).diagonal().max() < 1.01


def test_directions_of_larger_variance_are_more_important() -> None:
    spread = torch.tensor([4.0, 1.0, 0.5])
    y = torch.from_numpy(stream(0, "spread").normal(size=(5000, 3))).float() * spread
    white = Whitening(3)
    white.fit(y)
    importance = white.importance().sort(descending=True).values
    assert float(importance.mean()) == pytest.approx(1)
    assert torch.allclose(importance, spread / spread.mean(), rtol=0.05)


def test_directions_without_variance_are_not_amplified() -> None:
    y = torch.from_numpy(stream(0, "flat").normal(size=(20, 40))).float()
    white = Whitening(40)
    white.fit(y)
    assert bool(torch.isfinite(white.encode(y)).all())
    assert torch.allclose(white.decode(white.encode(y)), y, atol=1e-3)
