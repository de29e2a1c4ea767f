"""Measured data sets as tasks of generation inside a city: Milan, the UoMo tiles and Beijing.

None has what the bundled generator reads, and nothing is trained on them.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from netspatial.arrays import AnyFloats, Floats, Indices
from netspatial.baselines.in_city import CitySites
from netspatial.evaluate import generate_data
from netspatial.evaluate.in_city_data import InCityData, Split
from netspatial.evaluate.realdata import MILAN_SIDE, MILAN_SQUARE_M, read_beijing, read_uomo
from netspatial.kriging.kernels import GROUPS, Places
from netspatial.timeline import HOURS_PER_WEEK

BLOCK_SIDE = 3
"""Rows and columns of squares of Milan that are held out together."""
UOMO_CELL_M = 235.0
"""Side of a cell of the tiles; the set does not state it."""
TILE_GROUPS = 5
"""Groups of whole tiles that are held out together."""
APART_M = 1e7
"""Between tiles, whose position is not published: so far that they share nothing by distance."""


def milan(folder: Path) -> list[InCityData]:
    """Return 25 squares of Milan with log counts of POIs: each, or each 3 x 3 block, left out."""
    data = generate_data.milan(folder)
    row, column = np.divmod(np.arange(len(data)), MILAN_SIDE)
    xy = MILAN_SQUARE_M * np.column_stack([column, row])
    firsts = range(MILAN_SIDE - BLOCK_SIDE + 1)
    blocks = tuple(
        np.flatnonzero(
            (row >= top)
            & (row < top + BLOCK_SIDE)
            & (column >= left)
            & (column < left + BLOCK_SIDE)
        )
        for top in firsts
        for left in firsts
    )
    each = tuple(np.array([square]) for square in range(len(data)))
    return [
        task(
            "milan",
            data.x,
            data.hours[0],
            xy,
            data.unit,
            counts=data.context,
            square_m=MILAN_SQUARE_M,
            held_out={"random": each, "blocks": blocks},
        )
    ]


def uomo(folder: Path) -> list[InCityData]:
    """Return the cells with traffic of the tiles of two towns; its blocks are every fifth tile."""
    found = []
    for town, tiles in read_uomo(folder).items():
        n, _, side, _ = tiles.traffic.shape
        x = tiles.traffic.transpose(0, 2, 3, 1).reshape(n * side * side, -1)
        counts = tiles.poi.transpose(0, 2, 3, 1).reshape(n * side * side, -1)
        number, cell = np.divmod(np.arange(len(x)), side * side)
        row, column = np.divmod(cell, side)
        xy = UOMO_CELL_M * np.column_stack([column, row]) + APART_M * number[:, None]
        used = np.flatnonzero(x.sum(axis=1) > 0)
        hours = (tiles.first_hour + np.arange(x.shape[1])) % HOURS_PER_WEEK
        tile = number[used]
        found.append(
            task(
                f"uomo-{town}",
                x[used],
                hours,
                xy[used],
                "not stated",
                counts=np.log1p(counts[used]),
                square_m=UOMO_CELL_M,
                held_out={
                    "blocks": tuple(
                        np.flatnonzero(tile % TILE_GROUPS == group) for group in range(TILE_GROUPS)
                    )
                },
            )
        )
    return found


def beijing(folder: Path) -> list[InCityData]:
    """Return 756 stations of Beijing with published embeddings and no coordinates."""
    first_hour = read_beijing(folder).first_hour
    data = generate_data.beijing(folder)
    hours = (first_hour + np.arange(data.x.shape[1])) % HOURS_PER_WEEK
    nowhere = np.full((len(data), 2), np.nan)
    return [
        task("beijing", data.x, hours, nowhere, data.unit, embedding=data.context),
    ]


SETS: dict[str, Callable[[Path], list[InCityData]]] = {
    "milan": milan,
    "uomo": uomo,
    "beijing": beijing,
}
"""Measured data sets by name."""


def task(
    name: str,
    x: AnyFloats,
    hours: AnyFloats | Indices,
    xy: Floats,
    unit: str,
    *,
    embedding: AnyFloats | None = None,
    counts: AnyFloats | None = None,
    square_m: float = 0.0,
    held_out: dict[Split, tuple[Indices, ...]] | None = None,
) -> InCityData:
    """Return a task of places without a generator.

    embedding, counts : (n, p) features, of which one at least is given; baselines read either
    square_m          : as in `Places`
    """
    n = len(x)
    features = {group: np.zeros((n, 0)) for group in GROUPS}
    for group, values in (("embedding", embedding), ("counts", counts)):
        if values is not None:
            features[group] = np.asarray(values, dtype=np.float64)
    raw = features["counts"] if embedding is None else features["embedding"]
    along = np.asarray(hours, dtype=np.int64)
    unknown = np.full(n, np.nan)
    return InCityData(
        name,
        CitySites(np.asarray(x, dtype=np.float32), along, xy, raw, raw),
        Places(xy, np.zeros(n, dtype=bool), unknown, unknown, features, square_m),
        tuple(f"{name}-{row}" for row in range(n)),
        unit,
        held_out=held_out or {},
    )
