"""Baselines that read a city's stations."""

import numpy as np
import pytest

from netspatial.baselines.in_city import BASELINES, CitySites, baselines_for, nearest
from tests.kriging.made_up_field import HOURS, made_up_level, made_up_places, made_up_series

PLACES = made_up_places(30, 5)
SITES = CitySites(
    made_up_series(made_up_level(PLACES)).astype(np.float32),
    HOURS,
    PLACES.xy,
    PLACES.features["embedding"],
    PLACES.features["counts"],
)
KNOWN, ASKED = SITES.take(np.arange(24)), SITES.take(np.arange(24, 30))


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "random forest"])
def test_every_baseline_draws_as_many_samples_as_asked(name: str) -> None:
    drawn = BASELINES[name](KNOWN, ASKED, 19, 0)
    assert drawn.shape == (6, 19, len(HOURS))
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()


def test_the_nearest_stations_are_repeated_to_the_number_of_samples() -> None:
    drawn = nearest(4)(KNOWN, ASKED, 19, 0)
    apart = np.hypot(*(KNOWN.xy - ASKED.xy[0]).T)
    assert np.array_equal(drawn[0, :4], KNOWN.x[np.argsort(apart)[:4]])
    assert np.array_equal(drawn[0, 4:8], drawn[0, :4])


def test_without_coordinates_no_baseline_reads_them() -> None:
    nowhere = [
        CitySites(part.x, part.hours, np.full_like(part.xy, np.nan), part.embedding, part.raw)
        for part in (KNOWN, ASKED)
    ]
    for name, draw in baselines_for(located=False).items():
        if name != "random forest":
            assert np.isfinite(draw(*nowhere, 5, 0)).all()
