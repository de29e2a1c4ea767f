"""Attention: ProbSparse equals full attention where all queries are kept, and is deterministic."""

import math

import pytest
import torch
from torch import nn

from netspatial.forecast.attention import Attention, prob_sparse_attention, sample_keys


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("length", [5, 12, 20])
@pytest.mark.parametrize("masked", [False, True])
def test_up_to_twenty_steps_it_is_full_attention(length: int, masked: bool):
    # c ceil(ln 20) = 15 is less than 20, with the c = 7 of this call all are kept
    q, k, v = (_drawn(2, 3, length, 8, seed=seed) for seed in range(3))
    full = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=masked)
    sparse = prob_sparse_attention(q, k, v, masked=masked, factor=7)
    torch.testing.assert_close(sparse, full)


def test_the_best_queries_attend_and_the_others_get_the_mean():
    q, k, v = (_drawn(1, 1, 40, 4, seed=seed) for seed in range(3))
    sparse = prob_sparse_attention(q, k, v, factor=2)
    full = nn.functional.scaled_dot_product_attention(q, k, v)
    mean = v.mean(dim=2, keepdim=True).expand_as(v)
    attending = torch.isclose(sparse, full, atol=1e-5).all(dim=-1)
    idle = torch.isclose(sparse, mean, atol=1e-5).all(dim=-1)
    kept = 2 * math.ceil(math.log(40))
    assert attending.sum() == kept
    assert idle.sum() == 40 - kept


def test_a_masked_query_never_attends_to_a_later_key():
    q, k, v = (_drawn(1, 2, 40, 4, seed=seed) for seed in range(3))
    later = v.clone()
    later[:, :, 25:] += 100
    one, other = (
        prob_sparse_attention(q, k, values, masked=True, factor=2) for values in (v, later)
    )
    torch.testing.assert_close(one[:, :, :25], other[:, :, :25])
    assert not torch.allclose(one[:, :, 25:], other[:, :, 25:])


def test_the_sample_of_keys_depends_on_the_lengths_alone():
    torch.manual_seed(1)
    one = sample_keys(30, 200, 20)
    torch.manual_seed(2)
    assert torch.equal(one, sample_keys(30, 200, 20))
    assert 0 <= one.min() <= one.max() < 200


def test_attention_is_deterministic():
    layer = Attention(8, 2, sparse=True)
    x, memory = _drawn(2, 30, 8), _drawn(2, 90, 8, seed=1)
    assert torch.equal(layer(x, memory), layer(x, memory))
