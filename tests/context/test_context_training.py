import json

import numpy as np
import pytest
import torch

from netspatial.context.training.fusion_training import (
    FusionTrainConfig,
    evaluate,
    thin_pois,
    train,
)
from netspatial.errors import BadInput
from netspatial.randomness import stream
from netspatial.weights import arrays
from tests.context.made_up_features import made_up_features

QUICK = FusionTrainConfig(d=16, epochs=4, batch=32)


class Killed(Exception):
    pass


def same(one, other):
    one, other = arrays(one), arrays(other)
    assert one.keys() == other.keys()
    return all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def data():
    return made_up_features(128), made_up_features(48, seed=1)


def test_training_lowers_the_held_out_loss(data):
    recipe = FusionTrainConfig(d=16, epochs=12, batch=32)
    trained = train(*data, recipe)
    history = trained.progress.losses
    assert history[-1]["held_out"] < 0.9 * history[0]["held_out"]
    assert trained.progress.best.loss == min(entry["held_out"] for entry in history)
    assert evaluate(trained.model, data[1], recipe) == pytest.approx(trained.progress.best.loss)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(data):
    torch.manual_seed(1)
    one = train(*data, QUICK)
    torch.manual_seed(2)
    assert same(one.model, train(*data, QUICK).model)
    other = train(*data, FusionTrainConfig(d=16, epochs=4, batch=32, seed=1))
    assert not same(one.model, other.model)


@pytest.mark.parametrize("design", ["fusion", "clip"])
def test_a_killed_training_resumes_to_the_same_weights(data, tmp_path, design):
    recipe = FusionTrainConfig(design=design, d=16, epochs=4, batch=32)

    def kill(progress, _):
        if progress.epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        train(*data, recipe, tmp_path / "checkpoint", kill)
    epochs = []
    resumed = train(*data, recipe, tmp_path / "checkpoint", lambda now, _: epochs.append(now.epoch))
    assert epochs == [3, 4]
    assert same(resumed.model, train(*data, recipe).model)
    assert not (tmp_path / "checkpoint").exists()


def test_a_checkpoint_of_another_training_is_refused(data, tmp_path):
    def kill(*_):
        raise Killed

    with pytest.raises(Killed):
        train(*data, QUICK, tmp_path / "checkpoint", kill)
    with pytest.raises(BadInput, match="another training"):
        train(*data, FusionTrainConfig(d=16, epochs=5, batch=32), tmp_path / "checkpoint")
    assert json.loads((tmp_path / "checkpoint" / "config.json").read_text())["training"]


def test_training_stops_when_the_held_out_loss_stops_falling(data):
    recipe = FusionTrainConfig(d=16, epochs=50, batch=32, patience=2, learning_rate=0.3)
    progress = train(*data, recipe).progress
    assert progress.epoch < 50
    assert progress.epoch - progress.best.at == 2


def test_thinning_removes_prompts_and_counts_alike(data):
    features = data[0]
    thin = thin_pois(features, 1.0, stream(0, "thin"))
    assert (thin.tally <= features.tally).all()
    assert thin.tally.sum() < 0.8 * features.tally.sum()
    for before, after in zip(features.nearest, thin.nearest, strict=True):
        kept = after[after >= 0]
        assert (after[len(kept) :] == -1).all()
        assert set(kept) <= set(before)
    same_as_before = thin_pois(features, 0.0, stream(0, "thin"))
    np.testing.assert_array_equal(same_as_before.nearest, features.nearest)
    np.testing.assert_array_equal(same_as_before.tally, features.tally)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"design": "magic"}, "no design 'magic'; the known ones are fusion, clip"),
        ({"objective": "magic"}, "no objective 'magic'; the known ones are guarded, paper"),
        ({"epochs": 0}, "at least 1"),
        ({"batch": 2}, "batch at least 8"),
    ],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(BadInput, match=words):
        FusionTrainConfig(**settings)


def test_too_few_places_are_refused(data):
    with pytest.raises(BadInput, match="3 places are too few"):
        train(data[0].take(np.arange(3)), data[1], QUICK)
