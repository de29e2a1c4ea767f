"""Training lowers the loss, stops early, resumes after a kill to the same weights, fine-tunes."""

import copy
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.generate import calibration, training
from netspatial.generate.checkpoint import ValidationScores
from netspatial.generate.data import join
from netspatial.generate.generator import Generator
from netspatial.generate.pipelines import finetune, make_generator
from netspatial.generate.training import split, train
from tests.generate.made_up_stations import TINY, made_up_places, made_up_stations


class Killed(Exception):
    """Raised to simulate a killed process."""


def test_a_killed_training_resumes_to_the_same_weights(tmp_path: Path) -> None:
    data = made_up_stations()
    whole = train(data, TINY, validate_every=4).model.state_dict()

    def kill(progress: ValidationScores) -> None:
        if progress.step == 4:
            raise Killed

    folder = tmp_path / "state"
    with pytest.raises(Killed):
        train(data, TINY, validate_every=4, state_folder=folder, on_progress=kill)
    resumed = train(data, TINY, validate_every=4, state_folder=folder)
    assert [entry.step for entry in resumed.log] == [4, 8, 12]
    for name, tensor in resumed.model.state_dict().items():
        assert torch.equal(tensor, whole[name]), name


def test_the_same_seed_trains_the_same_weights_and_another_does_not() -> None:
    a, b, c = (
        train(made_up_stations(), TINY, seed=seed, validate_every=12).model.state_dict()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not all(torch.equal(a[name], c[name]) for name in a)


def test_training_does_not_change_the_global_random_state() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    train(made_up_stations(), replace(TINY, steps=2), validate_every=2)
    assert torch.equal(before, torch.get_rng_state())


def test_training_stops_when_held_out_scores_stop_improving(monkeypatch) -> None:
    scores = iter([(1.0, 0.9), (0.5, 0.9), (0.6, 0.9), (0.7, 0.9), (0.5, 0.9)])
    monkeypatch.setattr(training, "validation_scores", lambda *_: next(scores))
    monkeypatch.setattr(training, "calibrate_temperature", lambda *_: None)
    trained = train(made_up_stations(), replace(TINY, steps=99, patience=2), validate_every=1)
    assert [entry.crps for entry in trained.log] == [1.0, 0.5, 0.6, 0.7]


def test_diverged_training_is_reported(monkeypatch) -> None:
    monkeypatch.setattr(training, "validation_scores", lambda *_: (math.nan, 0.0))
    with pytest.raises(BadInput, match="diverged by step 2"):
        train(made_up_stations(), TINY, validate_every=2)


def test_too_few_stations_are_refused() -> None:
    with pytest.raises(BadInput, match="7 stations are too few"):
        train(made_up_stations(7), TINY)


def test_whole_cities_are_held_out_where_there_are_several() -> None:
    data = join([made_up_stations(10, seed=i) for i in range(6)])
    fitted, held = split(data, seed=0)
    assert not set(fitted.group) & set(held.group)
    assert len(fitted) + len(held) == len(data)


def test_training_lowers_the_crps() -> None:
    data = made_up_stations(200, weeks=2)
    longer = replace(TINY, steps=250, batch=64, learning_rate=5e-3)
    trained = train(data, longer, validate_every=125)
    untrained = train(data, replace(TINY, steps=1), validate_every=1)
    assert trained.validation["crps"] < 0.75 * untrained.validation["crps"]


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    train(made_up_stations(), TINY, validate_every=12, state_folder=folder)
    with pytest.raises(BadInput, match="other settings"):
        train(made_up_stations(), replace(TINY, dropout=0.3), state_folder=folder)


def test_a_model_is_written_with_a_card_and_its_checkpoint_removed(tmp_path: Path) -> None:
    made = make_generator(tmp_path / "model", made_up_stations(), TINY, validate_every=12)
    card = (tmp_path / "model" / "card.md").read_text()
    for words in ("simulated", "CC0-1.0", "Madeup", "CRPS", "date:", "made-up-encoder"):
        assert words in card
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    assert made.facts.scores["held_out"] == 4


def test_a_killed_training_is_not_resumed_with_other_data(tmp_path: Path) -> None:
    one, other = made_up_stations(), made_up_stations(seed=3)

    def kill(_: ValidationScores) -> None:
        raise Killed

    with pytest.raises(Killed):
        make_generator(tmp_path / "model", one, TINY, validate_every=12, on_progress=kill)
    made = make_generator(tmp_path / "model", other, TINY, validate_every=12)
    fresh = make_generator(tmp_path / "fresh", other, TINY, validate_every=12)
    assert made.fingerprint == fresh.fingerprint
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fresh", "model"]


def test_fine_tuning_adopts_the_citys_unit(tiny_generator: Generator, tmp_path: Path) -> None:
    own = made_up_stations(50, seed=8)
    own = replace(own, x=1e6 * own.x, unit="kB/h")
    made = finetune(tmp_path / "own", tiny_generator, own, steps=4, validate_every=4)
    assert made.facts.unit == "kB/h"
    drawn = made.sample(made_up_places(20), samples=4)
    assert 0.2 < float(drawn.mean()) / float(own.x.mean()) < 5
    assert tiny_generator.fingerprint in (tmp_path / "own" / "card.md").read_text()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (replace(made_up_stations(), context_fingerprint="other"), "embedded by other"),
        (replace(made_up_stations(), relative_dim=2), "compare places with their city in 2"),
    ],
)
def test_fine_tuning_on_unsuitable_data_is_refused(
    tiny_generator: Generator, tmp_path: Path, data, words
) -> None:
    with pytest.raises(BadInput, match=words):
        finetune(tmp_path / "own", tiny_generator, data)


def test_calibration_widens_an_overconfident_head() -> None:
    data = made_up_stations(200, seed=5)
    model = train(data, replace(TINY, steps=2), validate_every=2).model
    rng = np.random.default_rng(0)
    noisy = replace(data, x=data.x * rng.lognormal(0, 2, (len(data), 1)).astype(np.float32))
    calibration.calibrate_scale(model, data)
    before = float(model.scale.spread)
    calibration.calibrate_scale(model, noisy)
    assert float(model.scale.spread) > before


def test_the_temperature_gives_the_best_coverage_of_held_out_hours(
    tiny_generator: Generator, monkeypatch
) -> None:
    model = copy.deepcopy(tiny_generator.model)
    monkeypatch.setattr(
        calibration,
        "validation_scores",
        lambda tried, *_: (1.0, 0.9 - 0.5 * abs(float(tried.temperature) - 1.05)),
    )
    calibration.calibrate_temperature(model, made_up_stations(), seed=0)
    assert float(model.temperature) == pytest.approx(1.05)


def test_a_higher_temperature_increases_the_coverage(tiny_generator: Generator) -> None:
    model, data = copy.deepcopy(tiny_generator.model), made_up_stations(60, seed=4)
    covered = []
    for temperature in (0.5, 1.0, 2.0):
        model.temperature.fill_(temperature)
        covered.append(calibration.validation_scores(model, data, seed=0)[1])
    assert covered == sorted(covered)


def test_the_scale_head_is_that_of_the_best_likelihood(monkeypatch) -> None:
    seen = []
    likelihoods = iter([3.0, 1.0, 2.0])

    def likelihood(model, _):
        seen.append(copy.deepcopy(model.scale.state_dict()))
        return next(likelihoods, 0.0)

    monkeypatch.setattr(training, "scale_likelihood", likelihood)
    monkeypatch.setattr(training, "calibrate_scale", lambda *_: None)
    trained = train(made_up_stations(), replace(TINY, steps=3), validate_every=1)
    kept = trained.model.scale.state_dict()
    last = trained.log.index(min(trained.log, key=lambda entry: entry.crps))
    assert all(torch.equal(kept[name], seen[min(last, 1)][name]) for name in kept)
