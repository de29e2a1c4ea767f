"""The data that `bench generate` measures on: simulated cities, Beijing, Milan, or a user's file.

Each becomes cases of (learn from, judge on), with real-versus-real floors beside them.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.arrays import Floats32, Indices
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.errors import BadInput
from netspatial.evaluate.realdata import MILAN_SIDE, read_milan
from netspatial.gaps import fill_gaps
from netspatial.generate.city_data import local_weeks, read_city
from netspatial.generate.data import TrainingSet, join, read_npz
from netspatial.randomness import stream
from netspatial.simulate import redrawn_traffic, simulate
from netspatial.simulate.parameters import Family
from netspatial.timeline import HOURS_PER_WEEK

TRAIN_SEEDS = range(1000, 1064)
UNSEEN_SEEDS = range(1, 6)
FOLDS = 5
MILAN_FIRST_SQUARE = 41
"""First row and column of the excerpt in the Milano grid, from one; the order is inferred."""
Report = Callable[[str, float], None]


@dataclass(frozen=True)
class Case:
    """One judgement: learn from `known`, be judged on `asked`.

    again : (n, T) a second real draw of the asked stations' law, for the floor; where the world
            has only one, an equal number of known stations stands in
    law   : (n, samples, T) an ensemble from the law that drew the truth, where it is known: no
            model that looks at places can be better
    """

    name: str
    known: TrainingSet
    asked: TrainingSet
    again: Floats32
    law: Floats32 | None = None


@dataclass(frozen=True)
class TownSize:
    """Side in km, stations and points of interest; both sizes have the same densities."""

    size_km: float
    stations: int
    pois: int


TRAIN_SIZE = TownSize(9, 170, 5_600)
UNSEEN_SIZE = TownSize(12, 300, 10_000)
GSD_M = 5
REDRAWS = 20
"""Other months of an unseen city: one for the floor, the others are the best ensemble there is."""


def simulated_city(work: Path, family: Family, seed: int) -> City:
    """A simulated city, kept in `work` once made."""
    folder = work / family / f"{seed}-0"
    if folder.exists():
        return City.open(folder)
    size = TRAIN_SIZE if family == "train" else UNSEEN_SIZE
    return simulate(
        folder,
        seed,
        family,
        size_km=size.size_km,
        stations=size.stations,
        pois=size.pois,
        gsd_m=GSD_M,
    )


def other_months(seed: int, city: City, like: TrainingSet) -> Floats32:
    """Redraws of an unseen city's traffic for the stations of `like`, (n, REDRAWS, T).

    They follow the very law that drew the truth: levels, rhythms and events anew in the same town.
    """
    weeks = like.x.shape[1] // HOURS_PER_WEEK
    drawn = redrawn_traffic(
        seed, "unseen", UNSEEN_SIZE.size_km, UNSEEN_SIZE.stations, weeks, range(1, 1 + REDRAWS)
    )
    times = pd.DatetimeIndex(city.traffic["time"].to_numpy())
    months = np.stack(
        [local_weeks(month, times, city.record.timezone)[0] for month in drawn], dtype=np.float32
    )
    if drawn.shape[1] != len(like):
        raise BadInput(
            f"{len(like)} of {drawn.shape[1]} stations of unseen city {seed} can be judged; "
            "its folder is not the one that this version simulates."
        )
    return np.moveaxis(fill_gaps(months), 0, 1)


def unseen_cases(
    work: Path, context: ContextModel, train_cities: int, cities: int, report: Report
) -> Iterator[Case]:
    """Simulated cities of the `unseen` family, judged by what was learnt from `train` ones."""
    known = training_cities(work, context, train_cities, report)
    for seed in list(UNSEEN_SEEDS)[:cities]:
        report(f"simulating unseen city {seed}", 0.9)
        city = simulated_city(work, "unseen", seed)
        asked = read_city(city, context)
        months = other_months(seed, city, asked)
        yield Case(f"unseen-{seed}", known, asked, months[:, 0], months[:, 1:])


def training_cities(work: Path, context: ContextModel, cities: int, report: Report) -> TrainingSet:
    """The simulated cities that the shipped model learnt from, the first `cities` of them."""
    seeds = list(TRAIN_SEEDS)[:cities]
    parts = []
    for number, seed in enumerate(seeds):
        report(f"simulating and embedding training city {seed}", 0.9 * number / len(seeds))
        parts.append(read_city(simulated_city(work, "train", seed), context))
    return join(parts)


def fold_cases(name: str, data: TrainingSet, folds: int = FOLDS) -> Iterator[Case]:
    """Each fifth of the stations judged by what was learnt from the other four; `folds` of five."""
    order = stream(0, "folds", name).permutation(len(data))
    for fold in range(folds):
        asked = np.sort(order[fold::FOLDS])
        yield _left_out(f"{name}-{fold}", data, asked)


def each_left_out(name: str, data: TrainingSet) -> Iterator[Case]:
    """Every station judged by what was learnt from all others."""
    for station in range(len(data)):
        yield _left_out(f"{name}-{station}", data, np.array([station]))


def beijing(folder: Path) -> TrainingSet:
    """756 base stations, one week, with the embedding that was published beside them."""
    data = read_npz(folder / "beijing-5g" / "beijing_5g.npz")
    return replace(data, sources=("beijing",), licences=("MIT",))


def milan(folder: Path) -> TrainingSet:
    """25 squares of Milan, four weeks, with log counts of the commonest kinds of POI around them.

    There is no imagery beside this excerpt, so its places are described by points of interest:
    of the ten commonest categories, in the square and in the eight around it.
    """
    measured = read_milan(folder)
    x = measured.traffic[:, : 4 * HOURS_PER_WEEK].astype(np.float32)
    pois = pd.read_parquet(folder / "milan" / "pois.parquet")
    kinds = pois["category"].value_counts().index[:10]
    row, column = np.divmod(np.arange(len(x)), MILAN_SIDE)
    number = 100 * (MILAN_FIRST_SQUARE - 1 + row) + MILAN_FIRST_SQUARE + column
    hours = (measured.first_hour + np.arange(x.shape[1])) % HOURS_PER_WEEK
    around = [
        [
            np.isin(pois.loc[pois["category"] == kind, "cell_id"], _near(cell, reach)).sum()
            for reach in (0, 1)
            for kind in kinds
        ]
        for cell in number
    ]
    context = np.log1p(np.array(around, dtype=np.float32))
    return TrainingSet(
        x=x,
        hours=np.broadcast_to(hours.astype(np.int16), x.shape),
        context=context,
        group=np.zeros(len(x), np.int64),
        unit="proportional to records",
        context_fingerprint="poi-counts-" + hashlib.sha256(context.tobytes()).hexdigest()[:8],
        sources=("milan",),
        licences=("ODbL-1.0",),
    )


def _near(cell: int, reach: int) -> list[int]:
    """Ids of the grid squares within `reach` rows and columns; ids grow eastward, then north."""
    steps = range(-reach, reach + 1)
    return [cell + 100 * row + column for row in steps for column in steps]


def _left_out(name: str, data: TrainingSet, asked: Indices) -> Case:
    rest = np.setdiff1d(np.arange(len(data)), asked)
    known = data.take(rest)
    stand_in = stream(0, "floor", name).permutation(len(known))[: len(asked)]
    return Case(name, known, data.take(asked), known.x[stand_in])
