"""Meta-weighting on a problem whose wrong examples are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from netspatial.errors import BadInput
from netspatial.forecast.meta_weight import MetaWeight, WeightNetwork, meta_weight, weights_of
from tests.forecast.toy import SIMULATED, make_toy

HOW = MetaWeight(steps=300, lr=1e-2, every=1)


@pytest.fixture(scope="module")
def toy():
    return make_toy(0)


@pytest.fixture(scope="module")
def found(toy):
    return meta_weight(toy.problem, toy.phi, HOW, seed=0)


def test_wrong_examples_are_found(toy, found):
    weights = weights_of(found, toy.problem)
    assert weights.shape == (SIMULATED,)
    assert ((weights > 0) & (weights < 1)).all()
    assert roc_auc_score(toy.clean, weights) > 0.8


def test_training_with_weights_is_better_than_without(toy, found):
    even = replace(HOW, weight_lr=0.0)
    plain = meta_weight(toy.problem, toy.phi, even, seed=0)
    assert toy.error(found.phi) < 0.5 * toy.error(plain.phi)


def test_the_result_depends_on_the_seed_only(toy):
    short = replace(HOW, steps=5)
    one, other = (meta_weight(toy.problem, toy.phi, short, seed=4) for _ in range(2))
    assert torch.equal(one.phi, other.phi)
    assert torch.equal(weights_of(one, toy.problem), weights_of(other, toy.problem))


def test_wrong_configurations_are_detected_by_their_index(toy):
    # five configurations of clean examples, five of wrong ones; without other parameters
    config = np.where(toy.clean, 0, 5) + np.arange(SIMULATED) % 5
    problem = replace(toy.problem, config=config, parameters=torch.zeros(10, 0))
    found = meta_weight(problem, toy.phi, replace(HOW, steps=200, hidden=1), seed=0)
    a = found.weights.a.detach()
    assert a[:5].min() > a[5:].max()


def test_a_weight_depends_on_configuration_and_loss():
    torch.manual_seed(0)
    network = WeightNetwork(2, 1, 8)
    parameters, usual = torch.tensor([[-1.0], [1.0]]), torch.tensor(1.0)
    config, loss = torch.tensor([0, 1, 0]), torch.tensor([1.0, 1.0, 3.0])
    w = network(config, parameters, loss, usual)
    assert len(set(w.tolist())) == 3
    # only the loss relative to the usual one counts
    assert torch.allclose(w, network(config, parameters, 7 * loss, 7 * usual))


def test_at_least_one_step_is_needed(toy):
    with pytest.raises(BadInput, match="at least one step"):
        meta_weight(toy.problem, toy.phi, replace(HOW, steps=0), seed=0)
