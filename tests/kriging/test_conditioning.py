"""Measured stations make ensembles sharper, whatever their unit and history."""

from dataclasses import replace

import numpy as np
import pytest

from netspatial.errors import BadInput
from netspatial.kriging import conditioning
from netspatial.kriging.conditioning import (
    FittedFields,
    fit_fields,
    fit_own_fields,
    nearest,
    without_other_units,
)
from netspatial.kriging.kernels import NAMES, Kernels, Places
from netspatial.kriging.priors import load_priors
from netspatial.kriging.series import Moments, Parts
from netspatial.kriging.shared_residuals import share_residuals
from netspatial.kriging.stations import MeasuredStations, measured_stations, without_far
from netspatial.randomness import stream
from netspatial.scores import crps
from tests.kriging.made_up_field import (
    HOURS,
    made_up_level,
    made_up_places,
    made_up_series,
    zero_shot,
)


def stations_of(places: Places, factor: float = 1.0, hours: int = len(HOURS)) -> MeasuredStations:
    x = factor * made_up_series(made_up_level(places))
    x[:, hours:] = np.nan
    ids = tuple(f"s{i}" for i in range(len(places)))
    return measured_stations(ids, places, zero_shot(places), x, HOURS, "GB/h")


def ensemble(places: Places, samples: int = 19) -> np.ndarray:
    """Zero-shot draws: the zero-shot level with its deviation."""
    random = stream(4, "ensemble")
    level = places.level[:, None] + places.level_sd[:, None] * random.standard_normal(
        (len(places), samples)
    )
    return np.stack([made_up_series(one, seed) for seed, one in enumerate(level)])


KNOWN, ASKED = made_up_places(80, 1), made_up_places(30, 2)


def fitted(stations: MeasuredStations, *, same_unit: bool = True) -> FittedFields:
    return fit_fields(stations, load_priors(), same_unit=same_unit)


def error(x: np.ndarray, factor: float = 1.0) -> float:
    truth = factor * made_up_series(made_up_level(ASKED), 9)
    return float(crps(x / factor, truth / factor).mean())


def test_measured_stations_sharpen_the_ensemble() -> None:
    x = ensemble(ASKED)
    sharper = fitted(stations_of(KNOWN)).at(ASKED).apply(x, HOURS, zero_shot(ASKED))
    assert error(sharper) < 0.8 * error(x)
    spread = [Parts.of(e, HOURS).level.std(axis=1).mean() for e in (x, sharper)]
    assert spread[1] < spread[0]


def test_more_stations_make_narrower_ranges() -> None:
    widths = [
        np.sqrt(fitted(stations_of(KNOWN.take(slice(0, n)))).at(ASKED).level.variance).mean()
        for n in (5, 20, 80)
    ]
    assert widths[0] > widths[1] > widths[2]


def test_the_range_is_widest_far_from_all_stations() -> None:
    fields = fitted(stations_of(KNOWN))
    far = fields.level_sd_far(ASKED)
    near = np.sqrt(fields.at(ASKED).level.variance)
    assert far.mean() > near.mean()
    away = replace(ASKED, xy=ASKED.xy + 1e6)
    np.testing.assert_allclose(np.sqrt(fields.at(away).level.variance), far)
    np.testing.assert_allclose(fields.level_sd_far(away), far)


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_the_unit_does_not_matter(factor: float) -> None:
    x = ensemble(ASKED)
    fields = fitted(stations_of(KNOWN, factor), same_unit=False)
    corrected = fields.at(ASKED).apply(x, HOURS, zero_shot(ASKED))
    assert error(corrected, factor) < 0.8 * error(x)


def test_samples_are_the_same_however_many_are_returned() -> None:
    correction = fitted(stations_of(KNOWN)).at(ASKED)
    x, moments = ensemble(ASKED), zero_shot(ASKED)
    assert np.array_equal(
        correction.apply(x, HOURS, moments, 4), correction.apply(x, HOURS, moments)[:, :4]
    )


def test_some_days_of_history_are_enough_for_the_level() -> None:
    x = ensemble(ASKED)
    short = stations_of(KNOWN, hours=72)
    assert not len(short.with_shape)
    corrected = fitted(short).at(ASKED).apply(x, HOURS, zero_shot(ASKED))
    assert error(corrected) < 0.9 * error(x)


def test_one_station_and_stations_at_one_point_work() -> None:
    one = stations_of(KNOWN.take(slice(0, 1)))
    heap = replace(KNOWN, xy=np.zeros_like(KNOWN.xy))
    for stations in (one, stations_of(heap)):
        found = fitted(stations).at(ASKED)
        assert np.isfinite(found.level.mean).all()
        assert (found.level.variance > 0).all()


def test_no_station_and_some_coordinates_are_refused() -> None:
    none = stations_of(KNOWN).take(np.arange(0))
    with pytest.raises(BadInput, match="No station of the city was measured"):
        fitted(none)
    with pytest.raises(BadInput, match="No station of the city was measured"):
        fit_own_fields(none, load_priors())
    xy = KNOWN.xy.copy()
    xy[3] = np.nan
    with pytest.raises(BadInput, match=r"1 of 80 measured stations have no coordinates.*'s3'"):
        fitted(replace(stations_of(KNOWN), places=replace(KNOWN, xy=xy)))


def test_without_any_coordinates_only_the_features_count() -> None:
    nowhere, asked = (
        replace(places, xy=np.full_like(places.xy, np.nan)) for places in (KNOWN, ASKED)
    )
    x = ensemble(ASKED)
    stations = replace(stations_of(KNOWN), places=nowhere)
    found = fitted(stations).at(asked).apply(x, HOURS, zero_shot(ASKED))
    assert error(found) < 0.9 * error(x)
    kernels = Kernels.of(nowhere)
    distances = [at for at, name in enumerate(NAMES) if name.startswith("distance")]
    assert not kernels.between(asked, nowhere)[distances].any()
    assert not kernels.diagonal(asked)[distances].any()


def test_two_stations_at_one_place_and_constant_series_work() -> None:
    twice = KNOWN.take(np.array([0, 0, 1, 2, 3, 4]))
    x = made_up_series(made_up_level(twice))
    x[4] = 3.0
    ids = tuple(f"s{i}" for i in range(len(twice)))
    stations = measured_stations(ids, twice, zero_shot(twice), x, HOURS, "GB/h")
    found = fitted(stations).at(ASKED).apply(ensemble(ASKED), HOURS, zero_shot(ASKED))
    assert np.isfinite(found).all()
    assert (found >= 0).all()


def test_a_station_in_another_city_is_left_out_with_a_note() -> None:
    xy = KNOWN.xy.copy()
    xy[5] += 400_000
    kept = without_far(stations_of(replace(KNOWN, xy=xy)))
    assert "s5" not in kept.ids
    assert len(kept) == len(KNOWN) - 1
    assert "'s5'" in kept.notes[-1]
    assert "another city" in kept.notes[-1]
    assert without_far(stations_of(KNOWN)).notes == ()


def test_an_unknown_unit_widens_no_range() -> None:
    stations = stations_of(KNOWN)
    known, unknown = (
        fitted(stations, same_unit=same_unit).at(ASKED).level.variance
        for same_unit in (True, False)
    )
    assert np.allclose(unknown, known, rtol=0.2)


def test_a_hundred_thousand_stations_are_used_near_the_places_alone(monkeypatch) -> None:
    monkeypatch.setattr(conditioning, "MAX_USED", 100)
    n = 100_000
    many = made_up_places(n, 6)
    moments = Moments(many.level, many.level_sd, np.zeros((n, 168)), np.zeros(n))
    stations = MeasuredStations(
        ids=tuple(map(str, range(n))),
        places=many,
        zero_shot=moments,
        level=made_up_level(many),
        level_error=np.full(n, 0.01),
        shape=np.full((n, 168), np.nan),
        scatter=np.full(n, np.nan),
        unit="GB/h",
    )
    found = fitted(stations).at(ASKED)
    truth = made_up_level(ASKED) - ASKED.level
    assert np.corrcoef(found.level.mean[:, 0], truth)[0, 1] > 0.8


def test_a_station_in_another_unit_is_found_and_left_out() -> None:
    x = made_up_series(made_up_level(KNOWN))
    x[7] *= 1000
    ids = tuple(f"s{i}" for i in range(len(KNOWN)))
    stations = measured_stations(ids, KNOWN, zero_shot(KNOWN), x, HOURS, "GB/h")
    kept = without_other_units(stations)
    assert "s7" not in kept.ids
    assert len(kept) == len(KNOWN) - 1
    assert "'s7'" in kept.notes[-1]
    assert "another unit" in kept.notes[-1]


def test_idle_and_hardly_measured_stations_are_left_out_with_a_note() -> None:
    x = made_up_series(made_up_level(KNOWN))
    x[0], x[1, 5:] = 0, np.nan
    ids = tuple(f"s{i}" for i in range(len(KNOWN)))
    stations = measured_stations(ids, KNOWN, zero_shot(KNOWN), x, HOURS, "GB/h")
    assert not {"s0", "s1"} & set(stations.ids)
    assert any("no traffic" in note for note in stations.notes)
    assert any("fewer than 24" in note for note in stations.notes)
    x[2, 0] = -1
    with pytest.raises(BadInput, match="'s2' has negative traffic"):
        measured_stations(ids, KNOWN, zero_shot(KNOWN), x, HOURS, "GB/h")


def test_the_estimate_names_the_stations_that_it_rests_on() -> None:
    fields = fitted(stations_of(KNOWN))
    beside = replace(ASKED.take(slice(0, 1)), xy=KNOWN.xy[:1] + 1.0)
    (named,) = fields.influence(beside)
    assert "s0" in [name for name, _, _ in named]
    weights = [abs(weight) for _, weight, _ in named]
    assert weights == sorted(weights, reverse=True)


def test_of_very_many_stations_the_nearest_are_used() -> None:
    stations = stations_of(KNOWN)
    kept = nearest(stations, ASKED.take(slice(0, 1)), most=10)
    apart = np.hypot(*(stations.places.xy - ASKED.xy[0]).T)
    assert sorted(kept.ids) == sorted(stations.ids[at] for at in np.argsort(apart)[:10])


def test_residuals_of_the_same_hours_are_shared_by_near_places() -> None:
    random = stream(2, "event")
    common = random.standard_normal(len(HOURS))
    residual = common + 0.3 * random.standard_normal((len(KNOWN), len(HOURS)))
    fields = fitted(stations_of(KNOWN))
    shared = share_residuals(fields.kernels, KNOWN, residual, ASKED)
    assert np.corrcoef(shared.mean[0], common)[0, 1] > 0.9
    own = random.standard_normal((len(ASKED), 3, len(HOURS)))
    assert np.corrcoef(shared.apply(own)[0, 0], common)[0, 1] > 0.7


def test_every_kernel_has_a_bundled_prior() -> None:
    assert all(len(prior.mean) == len(NAMES) + 1 for prior in load_priors().values())
