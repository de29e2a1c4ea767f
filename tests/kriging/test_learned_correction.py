"""The learned correction: nothing while untrained, bounded by its gate, free of unit and order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput
from netspatial.kriging.conditioning import FittedFields, fit_fields
from netspatial.kriging.correction_network import CorrectionNetwork, NetworkSettings, moves
from netspatial.kriging.gaussian_process import Posterior
from netspatial.kriging.learned_correction import (
    CorrectionConfig,
    GatedCorrection,
    LearnedCorrection,
    gate,
    gaussian_crps,
    moved,
    save_correction,
)
from netspatial.kriging.network_inputs import inputs_at
from netspatial.kriging.priors import load_priors
from netspatial.randomness import stream
from tests.kriging.made_up_field import made_up_places
from tests.kriging.test_conditioning import stations_of

FEATURES = {"embedding": 6, "counts": 4, "network": 3}
KNOWN, ASKED = made_up_places(40, 1), made_up_places(12, 2)


def network(seed: int = 0, *, trained: bool = True) -> CorrectionNetwork:
    torch.manual_seed(seed)
    made = CorrectionNetwork(NetworkSettings(FEATURES, width=16, heads=2, layers=2))
    if trained:
        torch.nn.init.normal_(made.head.weight, std=0.3)
    return made.eval()


def learned(*, trained: bool = True) -> LearnedCorrection:
    return LearnedCorrection(network(trained=trained), "encoder", "made up")


def fields(
    weight: float, factor: float = 1.0, order: np.ndarray | None = None, *, trained: bool = True
) -> FittedFields:
    stations = stations_of(KNOWN, factor)
    if order is not None:
        stations = stations.take(order)
    found = fit_fields(stations, load_priors(), same_unit=False)
    return replace(found, learned=GatedCorrection(learned(trained=trained), weight))


def test_untrained_it_is_layer_1_exactly() -> None:
    layer_1 = replace(fields(1.0), learned=None).at(ASKED).level
    untrained = fields(1.0, trained=False).at(ASKED).level
    assert np.array_equal(untrained.mean, layer_1.mean)
    assert np.array_equal(untrained.variance, layer_1.variance)


def test_with_weight_zero_it_is_layer_1_and_with_one_it_is_not() -> None:
    layer_1 = replace(fields(1.0), learned=None).at(ASKED).level
    assert np.array_equal(fields(0.0).at(ASKED).level.mean, layer_1.mean)
    assert not np.allclose(fields(1.0).at(ASKED).level.mean, layer_1.mean, atol=1e-3)


def test_the_order_of_the_stations_does_not_matter() -> None:
    order = stream(0, "order").permutation(len(KNOWN))
    one, other = fields(1.0).at(ASKED).level, fields(1.0, order=order).at(ASKED).level
    assert np.allclose(one.mean, other.mean, atol=2e-3)
    assert np.allclose(one.variance, other.variance, rtol=1e-2)


@pytest.mark.parametrize("factor", [1e-5, 1e5])
def test_traffic_in_another_unit_moves_the_level_by_its_factor(factor: float) -> None:
    one, other = fields(1.0).at(ASKED).level, fields(1.0, factor).at(ASKED).level
    assert np.allclose(one.mean + np.log(factor), other.mean, atol=2e-2)
    assert np.allclose(one.variance, other.variance, rtol=5e-2)


def test_the_same_input_gives_the_same_numbers() -> None:
    one, other = fields(1.0).at(ASKED).level, fields(1.0).at(ASKED).level
    assert np.array_equal(one.mean, other.mean)


def test_a_place_has_the_same_estimate_alone_and_among_others() -> None:
    city = fields(1.0)
    alone = city.at(ASKED.take(slice(3, 4))).level
    assert np.allclose(alone.mean, city.at(ASKED).level.mean[3:4], atol=1e-5)


@given(st.integers(0, 10_000), st.integers(5, 60))
@settings(max_examples=30)
def test_the_gate_is_between_the_layers_and_closed_for_a_harmful_correction(
    seed: int, n: int
) -> None:
    random = stream(seed, "gate")
    y = random.standard_normal(n)
    left_out = Posterior(np.zeros((n, 1)), np.ones(n), np.ones(n))
    weight = gate(y, left_out, random.normal(0, 1, n), random.normal(0, 0.2, n))
    assert 0 <= weight <= n / (n + 20)
    assert gate(y, left_out, -y, np.zeros(n)) == 0
    assert gate(y, left_out, y, np.full(n, -0.5)) == pytest.approx(n / (n + 20))


def test_few_stations_close_the_gate() -> None:
    found = fit_fields(
        stations_of(KNOWN.take(slice(0, 4))), load_priors(), same_unit=True, learned=learned()
    )
    assert found.learned is not None
    assert found.learned.weight == 0


def test_a_city_never_gets_the_whole_weight() -> None:
    found = fit_fields(stations_of(KNOWN), load_priors(), same_unit=True, learned=learned())
    assert found.learned is not None
    assert 0 <= found.learned.weight < 1


def test_a_wider_prediction_of_the_truth_scores_worse() -> None:
    y = np.zeros(3)
    narrow, wide = (
        gaussian_crps(y, Posterior(np.zeros((3, 1)), np.full(3, v), np.ones(3))) for v in (0.1, 1.0)
    )
    assert (narrow < wide).all()
    assert gaussian_crps(y, Posterior(np.zeros((3, 1)), np.ones(3), np.ones(3)))[0] == (
        pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi))
    )


def test_half_the_weight_moves_half_as_far() -> None:
    posterior = Posterior(np.zeros((2, 1)), np.ones(2), np.ones(2))
    move = np.array([1.0, -1.0])
    half = moved(posterior, move, np.zeros(2), 0.5)
    assert np.allclose(half.mean[:, 0], 0.5 * move)
    assert np.array_equal(half.variance, posterior.variance)


def test_saved_weights_are_loaded_again(tmp_path: Path) -> None:
    made = network()
    config = CorrectionConfig(made.settings, "encoder", ("a city",), {"random": 0.99})
    save_correction(made, tmp_path / "correction", config, "# Card")
    loaded = LearnedCorrection.load(tmp_path / "correction")
    city = fields(1.0)
    support_fields = replace(city, learned=None)
    posterior = support_fields.at(ASKED).level
    inputs = inputs_at(city.level_support, ASKED, posterior)
    assert np.array_equal(moves(loaded.network, inputs)[0], moves(made, inputs)[0])
    assert loaded.context_fingerprint == "encoder"
    other = CorrectionConfig(replace(made.settings, width=32), "encoder", (), {})
    with pytest.raises(BadInput, match="differ from its network's"):
        save_correction(made, tmp_path / "other", other, "# Card")


def test_features_of_another_size_are_refused_and_missing_ones_are_zero() -> None:
    city = fields(1.0)
    without = replace(ASKED, features={**ASKED.features, "counts": np.zeros((len(ASKED), 0))})
    wider = replace(ASKED, features={**ASKED.features, "counts": np.zeros((len(ASKED), 9))})
    inputs = inputs_at(city.level_support, ASKED, city.at(ASKED).level)
    missing = {**inputs.places, "counts": np.zeros((len(without), 0), np.float32)}
    assert np.isfinite(moves(network(), replace(inputs, places=missing))[0]).all()
    other = {**inputs.places, "counts": np.zeros((len(wider), 9), np.float32)}
    with pytest.raises(BadInput, match="reads 4 features of the group 'counts'; there are 9"):
        moves(network(), replace(inputs, places=other))
