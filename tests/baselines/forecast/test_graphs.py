"""Graph operators of the baselines on the square around a place."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from netspatial.baselines.forecast.dcrnn import diffused, random_walk
from netspatial.baselines.forecast.inputs import near, patches_ahead, patches_around
from netspatial.baselines.forecast.stgcn import scaled_laplacian
from netspatial.forecast.windows import Windows, WindowSpec
from tests.baselines.made_up_history import made_up_history

places = arrays.arrays(bool, (2, 25))


def test_adjacency_is_symmetric_and_within_two_places() -> None:
    weights = near(5)
    assert torch.equal(weights, weights.T)
    assert (weights.diagonal() == 0).all()
    assert (weights[12] > 0).sum() == 12  # 8 around and 4 at distance two
    assert weights[12, 11] > weights[12, 6] > weights[12, 10] > 0


@given(places)
def test_a_random_walk_stays_on_present_positions(there: np.ndarray) -> None:
    present = torch.from_numpy(there)
    walk = random_walk(near(5), present)
    assert (walk >= 0).all()
    assert (walk[~present] == 0).all()
    assert (walk.transpose(1, 2)[~present] == 0).all()
    out = walk.sum(dim=-1)
    assert (torch.isclose(out, torch.ones(())) | (out == 0)).all()


@given(places)
def test_the_spectrum_of_the_scaled_laplacian_is_within_one(there: np.ndarray) -> None:
    spectrum = torch.linalg.eigvalsh(scaled_laplacian(near(5), torch.from_numpy(there)))
    assert spectrum.abs().max() <= 1 + 1e-5


def test_diffusion_applies_powers_of_the_walk_to_the_input() -> None:
    walk = torch.tensor([[[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]])
    x = torch.tensor([[[1.0], [2.0], [4.0]]])
    expected = torch.tensor([[1.0, 2.0, 2.5], [2.0, 2.5, 2.0], [4.0, 2.0, 2.5]])
    assert torch.equal(diffused(x, walk)[0], expected)


@given(st.sampled_from([12, 30, 48, 49]), st.sampled_from([3, 7, 24]))
def test_patches_hold_every_step_once(steps: int, horizon: int) -> None:
    windows = Windows.cut([made_up_history(days=5)], WindowSpec(steps, horizon), first=96)
    batch = windows.batch(np.arange(4))
    patches = patches_around(batch)
    p = -(-steps // 12)
    assert patches.shape == (4, 12, 9, 4 * p + batch.calendar.shape[-1])
    values = patches[..., : 4 * p].reshape(4, 12, 9, p, 4).transpose(2, 3).reshape(4, -1, 9, 4)
    assert torch.equal(values[:, -steps:, :, :2], batch.x.reshape(4, steps, 9, 2))
    assert (values[:, : 12 * p - steps] == 0).all()
    assert patches_ahead(batch).shape[1] == -(-horizon // p)
