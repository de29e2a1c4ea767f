import json

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from netspatial.runs.kinds.validation_result import OURS
from netspatial.viz.validation_charts import (
    MODELS,
    SPLITS,
    error_layer,
    error_scale,
    ratio_words,
    reliability_chart,
    reliability_words,
    scores_table,
)

LEVELS = np.arange(1, 10) / 10
COVERAGE = pd.DataFrame(
    [
        {"split": split, "model": model, "nominal": level, "observed": level * factor}
        for split, factor in (("random", 1.0), ("blocks", 0.9))
        for model in (OURS, "ours without measured")
        for level in LEVELS
    ]
)
TABLE = pd.DataFrame(
    {
        "split": ["blocks", "blocks", "random"],
        "model": ["nearest 4", OURS, OURS],
        "crps": [0.05, 0.04, 0.03],
        "cov90": [np.nan, 0.88, 0.9],
        "level_r2": [0.1, 0.5, 0.6],
        "weekly_r": [0.8, 0.9, 0.9],
    }
)
STATIONS = pd.DataFrame(
    {
        "station_id": ["<s0>", "s1"],
        "lon": [9.1, 9.2],
        "lat": [45.1, 45.2],
        "measured": [10.0, 20.0],
        "estimated": [20.0, 10.0],
        "log_error": [np.log(2), -np.log(2)],
        "cov90": [0.5, 1.0],
    }
)


def test_the_scores_of_one_split_are_sorted_and_in_words() -> None:
    table = scores_table(TABLE, "blocks")
    assert table["Model"].tolist() == [MODELS[OURS], "Nearest 4"]
    assert table["90 % range"].tolist() == ["88", "–"]


def test_the_reliability_has_a_line_per_split_around_the_diagonal() -> None:
    diagonal, *lines = reliability_chart(COVERAGE).data
    assert list(diagonal.x) == list(diagonal.y)
    assert [line.name for line in lines] == list(SPLITS.values())
    blocks, random = lines
    np.testing.assert_allclose(blocks.x, 100 * LEVELS)
    assert (np.asarray(blocks.y) < np.asarray(blocks.x)).all()
    np.testing.assert_allclose(random.y, random.x)
    assert sum(size > 5 for size in blocks.marker.size) == 3


def test_a_split_that_was_not_validated_has_no_line() -> None:
    only = COVERAGE[COVERAGE["split"] == "random"]
    assert [line.name for line in reliability_chart(only).data] == ["Right", "Random folds"]
    assert "Spatial" not in reliability_words(only)


def test_the_reliability_in_words_names_the_marked_ranges() -> None:
    said = reliability_words(COVERAGE)
    assert "Spatial blocks: the 90 % range contains 81 % of hours" in said
    assert said.count("range contains") == 6


def test_stations_are_coloured_by_the_ratio_and_say_it() -> None:
    rows = pd.DataFrame(error_layer(STATIONS, "MB").data)
    assert rows["colour"].tolist() == error_scale().colours([2.0, 0.5]).tolist()
    assert rows["detail"].iloc[0].startswith("estimated 20.0 MB, measured 10.0 MB: 100 % too high")
    assert "50 % of the hours in the 90 % range" in rows["detail"].iloc[0]
    assert "50 % too low" in rows["detail"].iloc[1]
    assert "http" not in json.dumps(rows.to_dict("list"))


@given(st.floats(0.01, 100))
def test_a_ratio_in_words_has_the_right_side(ratio: float) -> None:
    said = ratio_words(ratio)
    assert ("high" in said) == (round(100 * ratio) > 100)
    assert ("low" in said) == (round(100 * ratio) < 100)
