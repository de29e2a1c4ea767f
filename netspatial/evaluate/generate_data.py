"""Data of `bench generate`: cases of training and test stations, with real data for comparison.

From simulated cities, Beijing, Milan, or a user's file.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from netspatial.arrays import Floats32, Indices
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.errors import BadInput
from netspatial.evaluate.realdata import MILAN_FIRST_SQUARE, MILAN_SIDE, read_milan
from netspatial.gaps import fill_gaps
from netspatial.generate.city_data import local_weeks, read_city
from netspatial.generate.data import TrainingSet, join, read_npz
from netspatial.progress import Progress
from netspatial.randomness import stream
from netspatial.simulate import redrawn_traffic, simulate
from netspatial.simulate.parameters import Family
from netspatial.timeline import HOURS_PER_WEEK

TRAIN_SEEDS = range(1000, 1064)
UNSEEN_SEEDS = range(1, 6)
FOLDS = 5


@dataclass(frozen=True)
class GenerateCase:
    """One case: training stations `known` and test stations `test`.

    again : (n, T) a second sample of the test stations' true distribution, for the real-vs-real
            distance; for measured data, an equal number of training stations
    law   : (n, samples, T) an ensemble of the true distribution, where it is known: the best
            possible ensemble given the place
    """

    name: str
    known: TrainingSet
    test: TrainingSet
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
"""Redrawn months of an unseen city: one for the real-vs-real distance, the others as ensemble."""


def simulated_city(work: Path, family: Family, seed: int) -> City:
    """Return a simulated city, which is kept in `work`."""
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
    """Return redraws of an unseen city's traffic for the stations of `like`, (n, REDRAWS, T).

    They have the distribution of the truth: new levels, profiles and events in the same town.
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
            f"{len(like)} of {drawn.shape[1]} stations of unseen city {seed} have traffic; its "
            "folder differs from the city that this version simulates. Remove it."
        )
    return np.moveaxis(fill_gaps(months), 0, 1)


def unseen_cases(
    work: Path, context: ContextModel, train_cities: int, cities: int, report: Progress
) -> Iterator[GenerateCase]:
    """Yield cases with simulated `train` cities for training and an `unseen` one for tests."""
    known = training_cities(work, context, train_cities, report)
    for seed in list(UNSEEN_SEEDS)[:cities]:
        report(f"simulating unseen city {seed}", 0.9)
        city = simulated_city(work, "unseen", seed)
        test = read_city(city, context)
        months = other_months(seed, city, test)
        yield GenerateCase(f"unseen-{seed}", known, test, months[:, 0], months[:, 1:])


def training_cities(
    work: Path, context: ContextModel, cities: int, report: Progress
) -> TrainingSet:
    """Return the first `cities` simulated cities that the bundled model was trained on."""
    seeds = list(TRAIN_SEEDS)[:cities]
    parts = []
    for number, seed in enumerate(seeds):
        report(f"simulating and embedding training city {seed}", 0.9 * number / len(seeds))
        parts.append(read_city(simulated_city(work, "train", seed), context))
    return join(parts)


def fold_cases(name: str, data: TrainingSet, folds: int = FOLDS) -> Iterator[GenerateCase]:
    """Yield the first `folds` cases of five-fold cross-validation over stations."""
    order = stream(0, "folds", name).permutation(len(data))
    for fold in range(folds):
        test = np.sort(order[fold::FOLDS])
        yield _left_out(f"{name}-{fold}", data, test)


def each_left_out(name: str, data: TrainingSet) -> Iterator[GenerateCase]:
    """Yield the cases of leave-one-out cross-validation over stations."""
    for station in range(len(data)):
        yield _left_out(f"{name}-{station}", data, np.array([station]))


def beijing(folder: Path) -> TrainingSet:
    """Return 756 base stations of Beijing, one week, with the published embeddings."""
    data = read_npz(folder / "beijing-5g" / "beijing_5g.npz")
    return replace(data, sources=("beijing",), licences=("MIT",))


def milan(folder: Path) -> TrainingSet:
    """Return 25 squares of Milan, four weeks, with log counts of POIs as context.

    Without imagery, the context is made of POIs of the ten most frequent categories, in the square
    and in the 3 x 3 squares around it.
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
            np.isin(pois.loc[pois["category"] == kind, "cell_id"], _near(cell, distance)).sum()
            for distance in (0, 1)
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


def _near(cell: int, distance: int) -> list[int]:
    """Return ids of squares within `distance` rows and columns; ids grow eastward, then north."""
    steps = range(-distance, distance + 1)
    return [cell + 100 * row + column for row in steps for column in steps]


def _left_out(name: str, data: TrainingSet, test: Indices) -> GenerateCase:
    rest = np.setdiff1d(np.arange(len(data)), test)
    known = data.take(rest)
    stand_in = stream(0, "floor", name).permutation(len(known))[: len(test)]
    return GenerateCase(name, known, data.take(test), known.x[stand_in])
