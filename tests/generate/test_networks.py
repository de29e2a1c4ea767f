"""The mixture of a place's level is sampled by component, or by the rank of a normal score."""

import numpy as np
import torch
from scipy.stats import ks_2samp

from netspatial.generate.networks import MixtureDensityHead

CONDITION = 4


def head(components: int) -> MixtureDensityHead:
    torch.manual_seed(1)
    return MixtureDensityHead(CONDITION, components, 0.0).eval()


def test_the_score_of_a_single_normal_is_its_standardised_value() -> None:
    one, condition = head(1), torch.ones(7, CONDITION)
    score = torch.linspace(-4, 4, 7)[:, None]
    with torch.inference_mode():
        mean, deviation = one.moments(condition)
        drawn = one.sample(score, condition)
    np.testing.assert_allclose(drawn, mean + deviation * score, atol=1e-3)


def test_scores_give_the_distribution_that_components_give() -> None:
    mixture = head(3)
    with torch.no_grad():
        mixture.mixture[-1].bias.copy_(torch.tensor([0.0, 0.5, -0.5, -2.0, 1.0, 3.0, 0, -1, 0.5]))
    condition = torch.zeros(4000, CONDITION)
    noise = torch.randn(4000, 2, generator=torch.Generator().manual_seed(2))
    score = torch.randn(4000, 1, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        by_component, by_score = (mixture.sample(one, condition)[:, 0] for one in (noise, score))
    assert ks_2samp(by_component, by_score).pvalue > 1e-3
    order = score[:, 0].argsort()
    assert bool((by_score[order].diff() >= -1e-5).all())
