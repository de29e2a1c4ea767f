"""Cross-validation inside a made-up city whose level is a field of place and features."""

from pathlib import Path

import numpy as np
import pytest

from netspatial.baselines.in_city import BASELINES, CitySites
from netspatial.errors import BadInput
from netspatial.evaluate import in_city
from netspatial.evaluate.in_city import (
    OURS,
    OWN_RESIDUALS,
    ZERO_SHOT,
    CityScores,
    InCityRow,
    score_city,
)
from netspatial.evaluate.in_city_advice import RULE, advise
from netspatial.evaluate.in_city_data import InCityData, ZeroShot
from netspatial.randomness import stream
from tests.kriging.made_up_field import (
    HOURS,
    made_up_level,
    made_up_places,
    made_up_series,
    zero_shot,
)

N = 60
IDS = tuple(f"s{number}" for number in range(N))
FOLDS = 3


def made_up_city(n: int = N) -> InCityData:
    places = made_up_places(n, 5)
    raw = np.concatenate([places.features["counts"], places.features["network"]], axis=1)
    x = made_up_series(made_up_level(places)).astype(np.float32)
    shift = places.level_sd[:, None] * stream(6, "drawn").standard_normal((n, in_city.SAMPLES))
    levels = (places.level[:, None] + shift).ravel()
    drawn = made_up_series(levels, 7).reshape(n, in_city.SAMPLES, -1).astype(np.float32)
    sites = CitySites(x, HOURS, places.xy, places.features["embedding"], raw)
    moments = zero_shot(places)
    zero = ZeroShot(drawn, moments, same_unit=True)
    return InCityData("Madeup", sites, places, IDS[:n], "GB/h", zero)


@pytest.fixture(scope="module")
def scores() -> CityScores:
    return score_city(made_up_city(), folds=FOLDS)


def test_every_model_is_scored_in_both_splits(scores: CityScores) -> None:
    models = {ZERO_SHOT, OURS, OWN_RESIDUALS, *BASELINES}
    for split in ("random", "blocks"):
        assert {row.model for row in scores.rows if row.split == split} == models
    by_model = {row.model: row for row in scores.rows if row.split == "random"}
    assert by_model[OURS].crps < by_model[ZERO_SHOT].crps


def test_every_station_is_held_out_once(scores: CityScores) -> None:
    for split in ("random", "blocks"):
        for model in (OURS, ZERO_SHOT):
            rows = [row for row in scores.stations if (row.split, row.model) == (split, model)]
            assert sorted(row.station_id for row in rows) == sorted(IDS)


def test_the_errors_of_the_stations_are_those_of_the_model(scores: CityScores) -> None:
    city = made_up_city()
    means = dict(zip(IDS, city.sites.x.mean(axis=1), strict=True))
    rows = [row for row in scores.stations if (row.split, row.model) == ("blocks", OURS)]
    for row in rows:
        assert row.measured == pytest.approx(float(means[row.station_id]), rel=1e-4)
        assert row.log_error == pytest.approx(np.log(row.estimated / row.measured))
    (scored,) = [row for row in scores.rows if (row.split, row.model) == ("blocks", OURS)]
    unit = float(np.quantile(city.sites.x, 0.999))
    assert np.mean([row.crps for row in rows]) / unit == pytest.approx(scored.crps, rel=1e-4)
    assert np.mean([row.cov90 for row in rows]) == pytest.approx(scored.cov90)


def test_wider_ranges_contain_more_and_the_90_percent_range_is_that_of_the_scores(
    scores: CityScores,
) -> None:
    rows = [row for row in scores.coverage if (row.split, row.model) == ("random", OURS)]
    assert [row.nominal for row in rows] == [pytest.approx(k / 10) for k in range(1, 10)]
    observed = [row.observed for row in rows]
    assert observed == sorted(observed)
    (scored,) = [row for row in scores.rows if (row.split, row.model) == ("random", OURS)]
    assert observed[-1] == pytest.approx(scored.cov90)


def test_finished_splits_are_read_and_not_computed_again(
    scores: CityScores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept.json"
    first = score_city(made_up_city(), folds=FOLDS, splits=("random",), results=kept)
    whole = score_city(made_up_city(), folds=FOLDS, results=kept)
    assert whole == scores
    monkeypatch.setattr(in_city, "_drawn", lambda *_: pytest.fail("computed again"))
    assert score_city(made_up_city(), folds=FOLDS, splits=("random",), results=kept) == first


def test_a_city_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(BadInput, match="has 5 stations that can be scored; 3 folds need 6"):
        score_city(made_up_city(5), folds=3)
    with pytest.raises(BadInput, match="lie in one block of 1000 km; use smaller blocks"):
        score_city(made_up_city(), folds=2, block_km=1000, splits=("blocks",))


def row(model: str, crps: float, split: str = "blocks", cov90: float = 0.9) -> InCityRow:
    return InCityRow("Madeup", "same", split, "all", model, crps, cov90, 0.5, 0.9, 0.1, 0.1)


@pytest.mark.parametrize(
    ("ours", "alone", "baseline", "stations", "verdict", "said"),
    [
        (0.8, 1.0, 0.9, 80, "use measured", "by 20 % against the model alone and by 11 % against"),
        (0.8, 1.0, 0.79, 80, "use measured", "are as good as the best baseline, 'kriging'"),
        (
            0.8,
            1.0,
            0.7,
            80,
            "fine-tune",
            "Fine-tune the generator on this city: 'kriging' has",
        ),
        (0.8, 1.0, 0.7, 30, "too few stations", "30 are too few to fine-tune"),
        (0.99, 1.0, 1.1, 30, "too few stations", "the 30 measured ones hardly change the error"),
        (1.2, 1.0, 1.3, 30, "too few stations", "of the model alone by 20 %."),
    ],
)
def test_the_advice_follows_the_rule(ours, alone, baseline, stations, verdict, said) -> None:
    rows = [row(OURS, ours), row(ZERO_SHOT, alone), row("kriging", baseline)]
    # random folds say the opposite and do not count beside blocks
    rows += [row(OURS, 1, "random"), row(ZERO_SHOT, 1, "random"), row("kriging", 1, "random")]
    advice = advise(rows, stations)
    assert advice.verdict == verdict
    assert said in advice.sentence
    assert advice.sentence.count(".") == 1
    assert advice.rule == RULE


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (0.9, "as they should"),
        (0.8, "80 % of the measured hours: they are too narrow"),
        (0.97, "they are too wide"),
    ],
)
def test_the_ranges_are_judged(held: float, said: str) -> None:
    rows = [row(OURS, 0.5, cov90=held), row(ZERO_SHOT, 1.0), row("kriging", 1.0)]
    assert said in advise(rows, 60).ranges
