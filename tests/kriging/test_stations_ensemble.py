"""Ensembles from measured stations alone."""

from dataclasses import replace

import numpy as np
import pytest

from netspatial.kriging.conditioning import fit_own_fields
from netspatial.kriging.kernels import Places
from netspatial.kriging.priors import SQUARES, load_priors
from netspatial.kriging.series import Moments, Parts
from netspatial.kriging.shared_residuals import share_residuals, unshared_residuals
from netspatial.kriging.stations import MeasuredStations, measured_stations
from netspatial.kriging.stations_ensemble import sample_from_stations
from netspatial.randomness import stream
from netspatial.scores import coverage, crps
from tests.kriging.made_up_field import HOURS, made_up_level, made_up_places, made_up_series

KNOWN, ASKED = made_up_places(80, 1), made_up_places(30, 2)


def stations_of(places: Places, x: np.ndarray) -> MeasuredStations:
    n = len(places)
    ids = tuple(f"s{i}" for i in range(n))
    return measured_stations(ids, places, Moments.unknown(n), x, HOURS[: x.shape[1]], "not stated")


def sampled(x: np.ndarray, count: int, hours: int = len(HOURS)) -> np.ndarray:
    some, along = KNOWN.take(slice(0, count)), HOURS[:hours]
    fields = fit_own_fields(stations_of(some, x[:count, :hours]), load_priors())
    residual = Parts.of(x[:count, :hours], along).residual
    alone = unshared_residuals(residual, len(ASKED))
    return sample_from_stations(fields, alone, ASKED, along, 19, 3)


@pytest.mark.parametrize("hours", [168, 336])
@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_the_ensemble_is_near_the_truth_and_covers_it(hours: int, unit: float) -> None:
    x = unit * made_up_series(made_up_level(KNOWN))
    truth = unit * made_up_series(made_up_level(ASKED), 9)[:, :hours]
    found = sampled(x, 80, hours)
    assert found.shape == (len(ASKED), 19, hours)
    anywhere = np.repeat(x[None, :19, :hours], len(ASKED), axis=0)
    assert crps(found, truth).mean() < 0.7 * crps(anywhere, truth).mean()
    assert 0.8 < coverage(found, truth).mean() <= 1


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_stations_make_wide_but_finite_ensembles(count: int) -> None:
    x = made_up_series(made_up_level(KNOWN))
    found = sampled(x, count)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    if count == 5:
        wide, sharp = (np.log(e.mean(axis=2)).std(axis=1).mean() for e in (found, sampled(x, 80)))
        assert sharp < wide


def test_stations_without_a_whole_week_lend_the_errors_of_others() -> None:
    x = made_up_series(made_up_level(KNOWN))
    holed = x.copy()
    holed[:40, 48:] = np.nan
    fields = fit_own_fields(stations_of(KNOWN, holed), load_priors())
    alone = unshared_residuals(Parts.of(x, HOURS).residual, len(ASKED))
    assert np.isfinite(sample_from_stations(fields, alone, ASKED, HOURS, 19)).all()


def test_squares_share_the_events_of_the_very_same_hours() -> None:
    xy = 235.0 * np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2)
    squares = replace(made_up_places(36, 4), xy=xy, square_m=235.0)
    event = stream(5, "event").standard_normal(len(HOURS))
    x = made_up_series(np.zeros(36)) * np.exp(0.3 * event)
    known, asked = squares.take(np.arange(1, 36)), squares.take(np.array([0]))
    fields = fit_own_fields(stations_of(known, x[1:]), load_priors(SQUARES))
    residual = Parts.of(x[1:], HOURS).residual
    together, alone = (
        sample_from_stations(fields, shared, asked, HOURS, 19)
        for shared in (
            share_residuals(fields.kernels, known, residual, asked),
            unshared_residuals(stream(6, "own").standard_normal(residual.shape), 1),
        )
    )
    assert crps(together, x[:1]).mean() < 0.7 * crps(alone, x[:1]).mean()
