"""Joint training changes the fusion; encoders and feature settings stay unchanged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netspatial.city.city import City
from netspatial.context.embed import load_context
from netspatial.errors import BadInput
from netspatial.generate.city_data import read_city
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.joint_training import (
    JointTrainConfig,
    Pair,
    PairedStations,
    read_stations,
    train_context_jointly,
    train_jointly,
)
from tests.generate.made_up_stations import TINY

SHORT = JointTrainConfig(steps=12)


@pytest.fixture(scope="module")
def stations(small_city: City) -> PairedStations:
    """The stations of the tiny city, repeated to fill a batch."""
    once = read_stations([small_city], load_context())
    rows = np.tile(np.arange(len(once.data)), -(-32 // len(once.data)))
    return once.take(rows)


def test_an_untrained_pair_gives_the_conditions_of_the_embedding(small_city: City) -> None:
    base = load_context()
    read = read_stations([small_city], base)
    pair = Pair(base.network, HierarchicalFlow(TINY, base.d, one_week=False))
    with torch.no_grad():
        context = pair.context(read, pair.city_means(read)).numpy()
    assert np.isnan(context).sum() == np.isnan(read.data.context).sum()
    np.testing.assert_allclose(context, read.data.context, atol=2e-5)


def test_the_fusion_changes_and_the_statistics_of_the_frozen_encoders_do_not(
    stations: PairedStations,
) -> None:
    base = load_context()
    before = {name: value.clone() for name, value in base.network.state_dict().items()}
    learned, result = train_jointly(stations, base, TINY, SHORT)
    after = learned.state_dict()
    assert all(torch.equal(before[name], value) for name, value in base.network.named_buffers())
    assert all(torch.equal(before[name], value) for name, value in learned.named_buffers())
    parameters = [name for name, _ in learned.named_parameters()]
    changed = [name for name in parameters if not after[name].equal(before[name])]
    assert any(name.startswith("W_z") for name in changed)
    assert 0 < result["steps"] <= SHORT.steps
    assert np.isfinite(result["held_out_loss"])


def test_the_same_seed_trains_the_same_weights(stations: PairedStations) -> None:
    base = load_context()
    one, _ = train_jointly(stations, base, TINY, SHORT)
    two, _ = train_jointly(stations, base, TINY, SHORT)
    other, _ = train_jointly(stations, base, TINY, replace(SHORT, seed=1))
    assert torch.equal(one.get_parameter("W_z.weight"), two.get_parameter("W_z.weight"))
    assert not torch.equal(one.get_parameter("W_z.weight"), other.get_parameter("W_z.weight"))


def test_a_generator_can_be_trained_on_the_new_context(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspatial.generate.joint_training.BLOCK", 4)
    base = load_context()
    learned = train_context_jointly(tmp_path / "learned", [small_city], TINY, SHORT)
    assert learned.fingerprint != base.fingerprint
    facts = learned.weights.config["facts"]
    assert facts["begun_from"] == base.fingerprint
    assert facts["traffic"]["cities"] == [small_city.name]
    assert "saw no traffic" not in (tmp_path / "learned" / "card.md").read_text()
    z = read_city(small_city, learned).context[:, : learned.d]
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1, atol=1e-5)


def test_only_a_fusion_can_be_trained_jointly(small_city: City, tmp_path: Path) -> None:
    base = load_context()
    recipe = {**base.weights.config["recipe"], "design": "clip"}
    weights = replace(base.weights, config={**base.weights.config, "recipe": recipe})
    with pytest.raises(BadInput, match="only the design 'fusion'"):
        train_context_jointly(
            tmp_path / "x", [small_city], TINY, SHORT, begin=replace(base, weights=weights)
        )
