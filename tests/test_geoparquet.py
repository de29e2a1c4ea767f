"""Tables of places: damaged files and invalid shapes are refused."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from netspatial.errors import BadInput
from netspatial.evaluate.robustness.spoil.raw import RAW
from netspatial.geoparquet import check_shapes, in_lonlat, read_frame, read_places
from netspatial.randomness import stream

POINTS = gpd.GeoDataFrame(
    {"name": ["a", "b"]}, geometry=gpd.points_from_xy([9.1, 9.2], [45.4, 45.5]), crs="EPSG:4326"
)
with np.errstate(invalid="ignore"):
    NOWHERE = shapely.Point(np.nan, np.nan)


def written(path: Path, table: pd.DataFrame = POINTS) -> Path:
    table.to_parquet(path, index=False)
    return path


def with_shape(shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    shapes = np.array([POINTS.geometry.iloc[0], shape], dtype=object)
    return POINTS.set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4326"))


def test_a_good_table_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet")
    table = in_lonlat(read_places(path, ["name"]), path)
    check_shapes(table, ["Point"], path)
    assert list(table["name"]) == ["a", "b"]
    assert list(read_frame(path, ["name"])["name"]) == ["a", "b"]


@pytest.mark.parametrize("spoil", RAW, ids=lambda spoil: spoil.name)
@pytest.mark.parametrize("number", range(4))
def test_damaged_files_are_read_or_refused(spoil, number, tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet")
    written(tmp_path / "y.parquet", pd.DataFrame({"name": ["no place"]}))
    spoil.work(path, stream(number, spoil.name))
    try:
        table = in_lonlat(read_places(path, ["name"]), path)
    except BadInput as refused:
        assert str(refused).endswith(".")  # noqa: PT017  either of the two is right
    else:
        assert {"name", "geometry"} <= set(table)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, "no geometry in 1 of its 2 rows, first in row 1"),
        (shapely.Point(), "no geometry"),
        (shapely.LineString([(9, 45), (10, 45)]), "not a Point"),
        (NOWHERE, "not on Earth"),
        (shapely.Point(9, 95), "not on Earth"),
        (shapely.Point(1e300, 0), "not on Earth"),
    ],
)
def test_an_invalid_row_is_reported(shape, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        check_shapes(with_shape(shape), ["Point"], tmp_path / "x.parquet")


def test_columns_and_a_coordinate_system_are_needed(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet")
    with pytest.raises(BadInput, match="no column 'use'; it has name, geometry"):
        read_places(path, ["use"])
    with pytest.raises(BadInput, match="has no coordinate system"):
        read_places(written(path, POINTS.set_crs(None, allow_override=True)))
    with pytest.raises(BadInput, match="is not horizontal"):
        in_lonlat(POINTS.set_crs("EPSG:5773", allow_override=True), path)
