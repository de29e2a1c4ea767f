"""Fine-tuning a model of months on single weeks, and a model of single weeks on months."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netspatial.generate.data import TrainingSet
from netspatial.generate.generator import Generator
from netspatial.generate.pipelines import ONE_WEEK, SINGLE_WEEKS, finetune
from netspatial.generate.presets import Preset
from netspatial.generate.training import train
from tests.generate.made_up_stations import TINY, made_up_places, made_up_stations

TRAINABLE = ("scale.", "daily.", "daily_given.", "context.project.0.", "context.project.1.")
"""Name prefixes of the weights that a single week informs."""


@pytest.fixture(scope="module")
def weekly_generator(make_model: Callable[[Preset, int], Generator]) -> Generator:
    """A model of single weeks."""
    return make_model(replace(TINY, name="tiny-week"), 1)


def later(data: TrainingSet, hours: int) -> TrainingSet:
    """Return the same stations with their days shifted by `hours`."""
    return replace(data, x=np.roll(data.x, hours, axis=1))


def test_one_week_changes_only_the_weights_of_level_and_days(
    tiny_generator: Generator, tmp_path: Path
) -> None:
    own = replace(made_up_stations(50, weeks=1, seed=8), unit="kB/h")
    made = finetune(tmp_path / "own", tiny_generator, own, steps=4, validate_every=4)
    before = dict(tiny_generator.model.named_parameters())
    changed = {
        name for name, now in made.model.named_parameters() if not torch.equal(now, before[name])
    }
    assert changed
    assert all(name.startswith(TRAINABLE) for name in changed)
    assert {name.split(".")[0] for name in changed} >= {"scale", "daily", "context"}
    assert not made.model.one_week
    assert made.facts.notes == (ONE_WEEK,)
    assert ONE_WEEK in (tmp_path / "own" / "card.md").read_text()


def test_weeks_of_a_month_still_differ_after_fine_tuning_on_one(
    tiny_generator: Generator, tmp_path: Path
) -> None:
    own = made_up_stations(50, weeks=1, seed=8)
    made = finetune(tmp_path / "own", tiny_generator, own, steps=4, validate_every=4)

    def week_to_week_variation(generator: Generator) -> float:
        drawn = generator.sample(made_up_places(8), samples=8).to_numpy()
        weeks = drawn.reshape(8, 8, 4, 168)
        return float((weeks.std(2) / weeks.mean((2, 3), keepdims=True)[:, :, 0]).mean())

    expected = week_to_week_variation(tiny_generator)
    assert week_to_week_variation(made) == pytest.approx(expected, rel=0.3)


def test_one_week_is_enough_to_adapt_the_peak_hour() -> None:
    # the peaks of the base model are six hours earlier
    longer = replace(TINY, steps=250, learning_rate=5e-3, batch=64)
    base = train(made_up_stations(120, weeks=2), longer, validate_every=125).model
    own = later(made_up_stations(120, weeks=1, seed=5), 6)
    before = train(own, replace(longer, steps=1), begin=base, validate_every=1)
    after = train(own, longer, begin=base, validate_every=125)
    assert after.validation["crps"] < 0.8 * before.validation["crps"]


def test_a_killed_fine_tuning_on_one_week_resumes_to_the_same_weights(
    tiny_generator: Generator, tmp_path: Path
) -> None:
    own, base = made_up_stations(50, weeks=1, seed=8), tiny_generator.model

    class Killed(Exception):
        pass

    def kill(progress) -> None:
        if progress.step == 4:
            raise Killed

    whole = train(own, TINY, begin=base, validate_every=4).model.state_dict()
    options = {"begin": base, "validate_every": 4, "state_folder": tmp_path / "state"}
    with pytest.raises(Killed):
        train(own, TINY, on_progress=kill, **options)
    resumed = train(own, TINY, **options).model.state_dict()
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


def test_a_model_of_single_weeks_is_trained_on_months_week_by_week(
    weekly_generator: Generator, tmp_path: Path
) -> None:
    own = made_up_stations(50, weeks=4, seed=8)
    made = finetune(tmp_path / "own", weekly_generator, own, steps=4, validate_every=4)
    assert made.model.one_week
    assert made.facts.notes == (SINGLE_WEEKS,)
    assert made.facts.scores["held_out"] == 5
    before = dict(weekly_generator.model.named_parameters())
    assert any(not torch.equal(now, before[name]) for name, now in made.model.named_parameters())
    drawn = made.sample(made_up_places(4), samples=2, weeks=2)
    assert drawn.sizes["time"] == 336
    assert np.isfinite(drawn).all()


def test_a_series_is_cut_into_its_weeks_in_order() -> None:
    months = made_up_stations(5, weeks=3)
    weeks = months.in_weeks()
    assert weeks.one_week
    assert weeks.x.shape == (15, 168)
    np.testing.assert_array_equal(weeks.x.reshape(months.x.shape), months.x)
    np.testing.assert_array_equal(weeks.hours.reshape(months.hours.shape), months.hours)
    np.testing.assert_array_equal(weeks.context[::3], months.context)
    np.testing.assert_array_equal(weeks.context[2::3], months.context)
    assert len(weeks.group) == 15


def test_a_week_without_traffic_is_left_out() -> None:
    months = made_up_stations(5, weeks=3)
    x = months.x.copy()
    x[1, 168:336] = 0
    weeks = replace(months, x=x).in_weeks()
    assert len(weeks) == 14
    assert weeks.x.any(axis=1).all()
