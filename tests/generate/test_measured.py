"""A city's own stations correct what the generator draws in its cells."""

import numpy as np
import pytest

from netspatial.area import Area
from netspatial.context.embed import load_context
from netspatial.errors import BadInput, MissingPart
from netspatial.generate.cells import generate_traffic
from netspatial.generate.generator import Generator
from netspatial.generate.measured import measure_city, measured_residuals, read_stations
from netspatial.grid import make_grid


@pytest.fixture(scope="module")
def models():
    return load_context(), Generator.load()


@pytest.fixture(scope="module")
def measured(small_city, models):
    return measure_city(small_city, *models)


@pytest.fixture(scope="module")
def cells(small_city):
    west, south, east, north = small_city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, 500)
    return make_grid(area, 100.0, small_city.crs)


def test_cells_are_drawn_at_the_level_of_the_stations(small_city, measured, cells, models) -> None:
    context = models[0].embed(small_city, cells)
    found = measured.sample(cells, context, 3, seed=1, weeks=1)
    assert found.dims == ("cell", "sample", "time")
    assert found.shape == (len(cells), 3, 168)
    assert found.attrs["units"] == small_city.record.units["total"]
    assert found.attrs["measured_stations"] == len(small_city.stations)
    traffic = small_city.traffic["total"]
    level = float(np.log(found.mean("time")).mean())
    stations = np.log(traffic.mean("time"))
    assert float(stations.min()) - 1 < level < float(stations.max()) + 1
    assert np.array_equal(found, measured.sample(cells, context, 3, seed=1, weeks=1))


def test_a_cell_has_the_same_traffic_alone_and_in_the_area(
    small_city, measured, cells, models
) -> None:
    context = models[0].embed(small_city, cells)
    rows = [7, 3]
    whole = measured.sample(cells, context, 2, seed=5, weeks=1)
    some = measured.sample(cells.iloc[rows], context.take(rows), 2, seed=5, weeks=1)
    np.testing.assert_allclose(some, whole[rows], rtol=2e-3, atol=1e-4)


def test_residuals_of_measured_stations_are_standardised(small_city) -> None:
    residual, xy = measured_residuals(small_city)
    assert residual.shape == (6, 14 * 24)
    assert xy.shape == (6, 2)
    np.testing.assert_allclose(np.square(residual).mean(axis=1), 1.0, rtol=1e-6)


def test_what_an_estimate_rests_on_is_named(small_city, measured, cells, models) -> None:
    places = measured.places(cells, models[0].embed(small_city, cells))
    support = measured.support(cells, places, measured.fields.at(places))
    assert support["cell_id"].tolist() == cells["cell_id"].tolist()
    assert (support["level_sd"] > 0).all()
    assert (support["level_sd_far"] >= support["level_sd"]).all()
    stations = small_city.stations.to_crs(small_city.crs).geometry
    nearest = [stations.distance(point).min() for point in cells.geometry.centroid]
    np.testing.assert_allclose(support["measured_m"], nearest, atol=1.0)
    assert set(support["station_1"]) <= set(small_city.stations["station_id"].astype(str))


def test_a_city_without_traffic_and_an_unknown_service_are_refused(own_city, models) -> None:
    with pytest.raises(BadInput, match="has no service 'video'"):
        read_stations(own_city, *models, service="video")
    own_city.path("traffic").unlink()
    with pytest.raises(MissingPart, match="no stations with measured traffic"):
        read_stations(type(own_city).open(own_city.folder), *models)


def test_traffic_that_cannot_be_unpacked_is_refused_with_its_file(own_city, models) -> None:
    path = own_city.folder / "traffic.nc"
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"traffic\.nc"):
        measured_residuals(own_city)
    with pytest.raises(BadInput, match=r"traffic\.nc"):
        read_stations(own_city, *models)


def test_one_call_generates_an_area_with_and_without_measured_stations(small_city) -> None:
    west, south, east, north = small_city.record.bounds
    area = Area.around((west + east) / 2, (south + north) / 2, 300)
    sharper, alone = (
        generate_traffic(small_city, area, samples=2, weeks=1, measured=measured)
        for measured in (True, False)
    )
    assert sharper.dims == alone.dims == ("cell", "sample", "time")
    assert sharper.attrs["measured_stations"] == len(small_city.stations)
    assert "measured_stations" not in alone.attrs
    assert (sharper["lon"] > west).all()
    assert (sharper["lat"] < north).all()
    assert not np.allclose(sharper, alone)
