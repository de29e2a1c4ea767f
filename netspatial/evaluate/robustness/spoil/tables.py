"""Tables of places and of numbers in Parquet, spoilt column by column and shape by shape."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil, one_of

VALUES: tuple[Any, ...] = (
    None,
    np.nan,
    np.inf,
    -1.0,
    1e308,
    "",
    "x",
    "[/]",
    "x" * 5000,
    True,
    pd.Timestamp("2024-01-01"),
    b"\xff",
    "<b>x</b>",
    10**18,
)
SYSTEMS = (
    "EPSG:3857",
    "EPSG:4979",
    "EPSG:5773",
    "EPSG:4978",
    "EPSG:2056",
    "OGC:CRS84",
    "EPSG:9518",
)
"""Web Mercator, three dimensions, heights alone, geocentric, Swiss, lon/lat, compound."""

Change = Callable[[pd.DataFrame, Chance], pd.DataFrame]


def _shapes() -> tuple[Any, ...]:
    """Return geometries that no place has."""
    with np.errstate(invalid="ignore"):
        return (
            None,
            shapely.Point(),
            shapely.Point(np.nan, np.nan),
            shapely.Point(np.inf, 0),
            shapely.Point(1e300, 1e300),
            shapely.Point(9, 45, 3),
            shapely.LineString([(9, 45), (9, 45)]),
            shapely.Polygon(),
            shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
            shapely.GeometryCollection([shapely.Point(9, 45)]),
            shapely.MultiPoint([(9, 45), (200, 100)]),
            shapely.Polygon([(9, 45), (9, np.nan), (10, 45)]),
        )


def _table(change: Change) -> Callable[[Path, Chance], None]:
    """Make of a change of a table one of a file; a table without geometry is a plain one."""

    def work(path: Path, chance: Chance) -> None:
        try:
            table: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:
            table = pd.read_parquet(path)
        change(table, chance).to_parquet(path, index=False)

    return work


def _column_of(table: pd.DataFrame, chance: Chance) -> str:
    names = [str(name) for name in table.columns if name != "geometry"]
    return names[int(chance.integers(len(names)))] if names else "geometry"


def _other_column(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    value = one_of(chance, VALUES)
    return table.assign(**{_column_of(table, chance): pd.Series([value] * len(table))})


def _other_cell(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    name, value = _column_of(table, chance), one_of(chance, VALUES[:4])
    column = table[name].astype(object).copy()
    column.iloc[int(chance.integers(len(column)))] = value
    return table.assign(**{name: column.convert_dtypes()})


def _no_column(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    return table.drop(columns=_column_of(table, chance))


def _other_shapes(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    if not isinstance(table, gpd.GeoDataFrame):
        return _other_column(table, chance)
    shapes = table.geometry.to_numpy().copy()
    many = int(one_of(chance, (1, len(shapes))))  # type: ignore[call-overload]
    shapes[:many] = np.array([one_of(chance, _shapes())] * many, dtype=object)
    changed: pd.DataFrame = table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))
    return changed


def _other_system(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    code = str(one_of(chance, (*SYSTEMS, "")))
    changed: pd.DataFrame = table.set_crs(code or None, allow_override=True)
    return changed


def _plain(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    del chance
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))


def _no_rows(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    del chance
    return table.iloc[:0]


def _rows_twice(table: pd.DataFrame, chance: Chance) -> pd.DataFrame:
    first = int(chance.integers(len(table)))
    return pd.concat([table, table.iloc[first:]], ignore_index=True)


TABLES = (
    Spoil("a column of one value", _table(_other_column)),
    Spoil("another cell", _table(_other_cell)),
    Spoil("a column gone", _table(_no_column)),
    Spoil("other shapes", _table(_other_shapes)),
    Spoil("another coordinate system", _table(_other_system)),
    Spoil("no geometry", _table(_plain)),
    Spoil("no rows", _table(_no_rows)),
    Spoil("rows twice", _table(_rows_twice)),
)
