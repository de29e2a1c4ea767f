"""The stations that a place reads are near, alike or drawn at random, each once."""

import numpy as np
from scipy.spatial.distance import cdist

from netspatial.kriging.support_tokens import ALIKE, ANYWHERE, NEAR, choose_tokens
from tests.kriging.made_up_field import made_up_places

STATIONS, PLACES = made_up_places(60, 1), made_up_places(7, 2)
NONE = np.zeros((7, 0), dtype=np.int64)


def chosen(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    stations = STATIONS.take(rows)
    distance = cdist(PLACES.xy, stations.xy)
    unlike = cdist(PLACES.features["embedding"], stations.features["embedding"])
    index, known = choose_tokens(stations, PLACES, distance, unlike, NONE)
    return rows[index], known


def test_the_nearest_and_the_most_alike_are_read_and_none_twice() -> None:
    index, known = chosen(np.arange(60))
    assert index.shape == (7, NEAR + ALIKE + ANYWHERE)
    assert known.all()
    distance = cdist(PLACES.xy, STATIONS.xy)
    for row, order in zip(index, np.argsort(distance, axis=1), strict=True):
        assert set(order[:NEAR]) == set(row[:NEAR])
        assert len(set(row)) == len(row)


def test_the_order_of_the_stations_does_not_matter() -> None:
    index, _ = chosen(np.arange(60))
    turned, _ = chosen(np.arange(60)[::-1])
    assert np.array_equal(np.sort(index, axis=1), np.sort(turned, axis=1))


def test_of_few_stations_all_are_read_once() -> None:
    index, known = chosen(np.arange(5))
    for row, there in zip(index, known, strict=True):
        assert sorted(row[there]) == list(range(5))


def test_a_station_does_not_read_itself() -> None:
    own = np.arange(60)[:, None]
    distance = cdist(STATIONS.xy, STATIONS.xy)
    index, known = choose_tokens(STATIONS, STATIONS, distance, distance, own)
    assert known.all()
    assert not (index == own).any()
