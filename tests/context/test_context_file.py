"""Embeddings are read as they were written, with the positions of the places."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from netspatial.area import Area
from netspatial.city.city import City
from netspatial.context.context_file import read_context, write_context
from netspatial.context.embed import load_context
from netspatial.grid import make_grid
from tests.generate.made_up_stations import made_up_places


def test_positions_are_kept(tmp_path: Path) -> None:
    lonlat = np.array([[9.19, 45.46], [-3.7, 40.4]])
    context = replace(made_up_places(2), lonlat=lonlat)
    write_context(context, tmp_path / "z.parquet", "a city", "simulated")
    found = read_context(tmp_path / "z.parquet")
    np.testing.assert_array_equal(found.lonlat, lonlat)
    assert found.summary.columns.tolist() == context.summary.columns.tolist()
    assert read_context_without_positions(tmp_path).lonlat is None


def read_context_without_positions(folder: Path):
    write_context(made_up_places(2), folder / "nowhere.parquet", "a city", "simulated")
    return read_context(folder / "nowhere.parquet")


def test_an_embedded_cell_knows_where_it_is(small_city: City) -> None:
    west, south, east, north = small_city.record.bounds
    cells = make_grid(Area.around((west + east) / 2, (south + north) / 2, 200), 100, small_city.crs)
    context = load_context().embed(small_city, cells)
    np.testing.assert_allclose(context.lonlat, cells[["lon", "lat"]], atol=1e-9)
    some = context.take([1, 0])
    np.testing.assert_array_equal(some.lonlat, context.lonlat[[1, 0]])
