"""Cross-validation inside a city: what is held out, read and scored, with and without generator."""

from dataclasses import replace

import numpy as np
import pytest

from netspatial.baselines import in_city as baselines
from netspatial.errors import BadInput
from netspatial.evaluate.in_city import OURS, OWN_RESIDUALS, ZERO_SHOT, score_city
from netspatial.evaluate.in_city_data import SAMPLES, InCityData, ZeroShot
from netspatial.evaluate.in_city_sets import task
from netspatial.kriging.series import Moments
from netspatial.randomness import stream
from tests.kriging.made_up_field import (
    HOURS,
    made_up_level,
    made_up_places,
    made_up_series,
    zero_shot,
)

KEYS = {
    "data",
    "protocol",
    "split",
    "support",
    "model",
    "crps",
    "cov90",
    "level_r2",
    "weekly_r",
    "js",
    "js_diff",
}
PLACES = made_up_places(40, 3)
X = made_up_series(made_up_level(PLACES))


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch) -> None:
    monkeypatch.setattr(baselines, "TREES", 5)


def without_generator(weeks: int = 2, *, located: bool = True) -> InCityData:
    xy = PLACES.xy if located else np.full_like(PLACES.xy, np.nan)
    hours = 168 * weeks
    embedding = PLACES.features["embedding"]
    return task("made up", X[:, :hours], HOURS[:hours], xy, "kB", embedding=embedding)


def with_generator() -> InCityData:
    data = without_generator()
    moments: Moments = zero_shot(PLACES)
    random = stream(1, "drawn")
    level = PLACES.level + 0.6 * random.standard_normal((SAMPLES, len(PLACES)))
    drawn = np.stack([made_up_series(one, seed) for seed, one in enumerate(level)], axis=1)
    return replace(
        data, places=PLACES, zero_shot=ZeroShot(drawn.astype(np.float32), moments, same_unit=True)
    )


def models(rows, split="random", support="all") -> dict:
    return {row.model: row for row in rows if (row.split, row.support) == (split, support)}


def test_rows_have_the_keys_of_the_json_and_ours_is_better_than_the_generator_alone() -> None:
    rows = score_city(with_generator(), supports=[0, 8, None], splits=["random"]).rows
    assert all(set(row.record()) == KEYS for row in rows)
    assert all(np.isfinite(row.js_diff) and row.js_diff >= 0 for row in rows)
    everything = models(rows)
    assert {OURS, OWN_RESIDUALS, ZERO_SHOT, *baselines.BASELINES} == set(everything)
    assert everything[OURS].crps < everything[ZERO_SHOT].crps
    assert everything[OURS].crps < models(rows, support="8")[OURS].crps
    assert set(models(rows, support="0")) == {ZERO_SHOT}


def test_without_a_generator_every_row_is_from_the_stations() -> None:
    rows = score_city(without_generator(), supports=[0, 5, None], splits=["random"]).rows
    found = models(rows)
    assert {OURS, OWN_RESIDUALS, *baselines.BASELINES} == set(found)
    assert found[OURS].crps < found["nearest 19"].crps
    assert found[OURS].cov90 > 0.75
    assert not models(rows, support="0")


def test_without_coordinates_there_are_no_blocks_and_no_distances() -> None:
    rows = score_city(without_generator(1, located=False)).rows
    assert {row.split for row in rows} == {"random"}
    assert {row.model for row in rows} == {OURS, *baselines.WITHOUT_MAP}


def test_coming_weeks_are_scored_from_earlier_ones_and_need_two() -> None:
    rows = score_city(without_generator(), splits=["random"], protocol="coming").rows
    assert {row.protocol for row in rows} == {"coming"}
    assert OWN_RESIDUALS not in models(rows)
    with pytest.raises(BadInput, match="needs two weeks"):
        score_city(without_generator(1), protocol="coming")


def test_what_a_data_set_holds_out_is_held_out() -> None:
    parts = (np.arange(3), np.arange(2, 5))
    data = replace(without_generator(), held_out={"random": parts})
    assert data.parts("random", 5, 2.0, 0) == parts
    assert len(data.parts("blocks", 5, 2.0, 0)) <= 5
    held = np.sort(np.concatenate(data.parts("blocks", 5, 2.0, 0)))
    assert np.array_equal(held, np.arange(len(data)))


def test_too_few_stations_and_supports_beyond_them() -> None:
    few = without_generator()
    few = replace(few, sites=few.sites.take(np.arange(6)), ids=few.ids[:6])
    with pytest.raises(BadInput, match="6 stations that can be scored; 5 folds need 10"):
        score_city(few)
    rows = score_city(without_generator(), supports=[5, 500], splits=["random"]).rows
    assert {row.support for row in rows} == {"5"}


def test_finished_parts_are_kept_and_gone_on_with(tmp_path, monkeypatch) -> None:
    kept = tmp_path / "kept.json"
    first = score_city(without_generator(1), splits=["random"], results=kept).rows
    monkeypatch.setattr("netspatial.evaluate.in_city._drawn", None)
    assert score_city(without_generator(1), splits=["random"], results=kept).rows == first


def test_a_generator_trained_on_the_stations_is_a_baseline() -> None:
    rows = score_city(without_generator(1), splits=["random"], folds=2, generator_steps=2).rows
    assert "generator trained on the stations" in models(rows)
