"""Contract of the baseline generators."""

import numpy as np
import pytest

from netspatial.baselines.generate import BASELINES
from netspatial.baselines.generate.contract import on_calendar
from netspatial.baselines.generate.hierarchy import trained
from netspatial.baselines.generate.retrieval import retrieval
from netspatial.baselines.generate.ridge import ridge
from netspatial.errors import BadInput
from netspatial.scores import crps
from tests.generate.made_up_stations import TINY, made_up_stations

KNOWN, ASKED = made_up_stations(60, weeks=2), made_up_stations(5, weeks=2, seed=1)
ALL = {**BASELINES, "tiny": trained(TINY)}


@pytest.mark.parametrize("name", list(ALL))
def test_a_baseline_samples_non_negative_reproducible_ensembles(name: str) -> None:
    draw = ALL[name](KNOWN)
    first, again = (draw(ASKED.context, ASKED.hours, 3, seed=2) for _ in range(2))
    assert first.shape == (5, 3, 336)
    assert (first >= 0).all()
    assert np.array_equal(first, again)


@pytest.mark.parametrize("name", ["random-draw", "ridge", "tiny"])
def test_random_baselines_depend_on_the_seed(name: str) -> None:
    draw = ALL[name](KNOWN)
    a, b = (draw(ASKED.context, ASKED.hours, 3, seed=s) for s in (0, 1))
    assert not np.array_equal(a, b)


def test_retrieval_returns_the_series_of_the_same_place() -> None:
    drawn = retrieval(KNOWN)(KNOWN.context[7:9], KNOWN.hours[7:9], 1, seed=0)
    assert np.array_equal(drawn[:, 0], KNOWN.x[7:9])


def test_retrieval_of_more_neighbours_than_stations_is_refused() -> None:
    with pytest.raises(BadInput, match="61 samples need as many neighbours; there are 60"):
        retrieval(KNOWN)(ASKED.context, ASKED.hours, 61, seed=0)


def test_the_mean_week_is_the_same_for_all_and_repeats() -> None:
    drawn = BASELINES["mean-week"](KNOWN)(ASKED.context, ASKED.hours, 2, seed=0)
    assert np.ptp(drawn, axis=(0, 1)).max() == 0
    assert np.array_equal(drawn[..., :168], drawn[..., 168:])
    assert drawn[0, 0].mean() == pytest.approx(KNOWN.x.mean(), rel=1e-5)


def test_a_random_draw_holds_measured_series_only() -> None:
    drawn = BASELINES["random-draw"](KNOWN)(ASKED.context, ASKED.hours, 4, seed=0)
    assert all((KNOWN.x == series).all(1).any() for series in drawn.reshape(-1, 336))


def test_ridge_beats_a_random_draw_where_traffic_follows_the_embedding() -> None:
    scores = [
        crps(baseline(KNOWN)(ASKED.context, ASKED.hours, 19, 0), ASKED.x).mean()
        for baseline in (ridge, BASELINES["random-draw"])
    ]
    assert scores[0] < scores[1]


def test_series_are_rotated_to_the_given_weekday() -> None:
    hours = (np.arange(336) + 50) % 168
    turned = on_calendar(KNOWN, hours.astype(np.int16))
    assert np.array_equal(turned[:, 0], KNOWN.x[:, 50])
    assert np.array_equal(turned[:, -50:], KNOWN.x[:, :50])
