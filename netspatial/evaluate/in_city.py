"""How well the traffic of unmeasured places is generated inside a city, against its stations.

Stations are held out by random folds or by spatial blocks; the others, or some of them, are the
support. Behind `netspatial validate` and `netspatial bench generate --city`.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netspatial.arrays import Floats32, Indices
from netspatial.baselines.generate.hierarchy import drawing_from
from netspatial.baselines.in_city import BASELINES, CitySites
from netspatial.checked import as_kind, read_json
from netspatial.city.city import City
from netspatial.context.embed import ContextModel
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.evaluate.in_city_stations import (
    CoverageRow,
    StationRow,
    coverage_rows,
    station_rows,
)
from netspatial.evaluate.metrics import js_distance, shared_edges, shares, weekly_correlation
from netspatial.generate.city_data import conditions, load_series
from netspatial.generate.generator import Generator
from netspatial.generate.measured import moments_of, read_places
from netspatial.kriging.conditioning import fit_fields
from netspatial.kriging.kernels import Places
from netspatial.kriging.priors import load_priors
from netspatial.kriging.series import Moments, Parts
from netspatial.kriging.shared_residuals import share_residuals
from netspatial.kriging.stations import MeasuredStations, measured_stations
from netspatial.progress import Progress, silent
from netspatial.randomness import stream
from netspatial.scores import coverage, crps
from netspatial.timeline import HOURS_PER_WEEK

SAMPLES = 19
OURS, ZERO_SHOT = "ours", "ours without measured"
OWN_RESIDUALS = "ours, own residuals"
BY_STATION = (OURS, ZERO_SHOT)
"""Models whose errors are kept for every station."""
Split = Literal["random", "blocks"]
Protocol = Literal["same", "coming"]


@dataclass(frozen=True)
class InCityRow:
    """One model in one city; errors over the 99.9 % quantile of its traffic.

    support : stations that were read; all of the other folds where it says "all"
    """

    data: str
    protocol: str
    split: str
    support: str
    model: str
    crps: float
    cov90: float | None
    level_r2: float
    weekly_r: float
    js: float
    js_diff: float

    def record(self) -> dict[str, Any]:
        """Return the row for JSON; cov90 is null where an ensemble has no 90 % range."""
        return asdict(self)


@dataclass(frozen=True)
class CityScores:
    """Scores of every model, the coverage of its ranges, and the errors of ours by station."""

    rows: list[InCityRow] = field(default_factory=list)
    coverage: list[CoverageRow] = field(default_factory=list)
    stations: list[StationRow] = field(default_factory=list)

    def __add__(self, other: "CityScores") -> "CityScores":
        """Return both."""
        return CityScores(
            self.rows + other.rows, self.coverage + other.coverage, self.stations + other.stations
        )


@dataclass(frozen=True)
class InCityData:
    """A city's stations with complete series, and what the generator alone draws for them.

    drawn : (n, SAMPLES, T) along the same hours; moments : of those; notes : on stations left out
    """

    name: str
    sites: CitySites
    places: Places
    ids: tuple[str, ...]
    drawn: Floats32
    moments: Moments
    unit: str
    same_unit: bool
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of stations."""
        return len(self.ids)

    @property
    def fingerprint(self) -> str:
        """Changes with the series and with what the generator draws."""
        digest = hashlib.blake2b(digest_size=8)
        for values in (self.sites.x, self.drawn, self.places.xy):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    @property
    def weeks(self) -> int:
        """Whole weeks of the series."""
        return len(self.sites.hours) // HOURS_PER_WEEK


def city_data(
    city: City, context_model: ContextModel, generator: Generator, service: str = "total"
) -> InCityData:
    """Read the complete series of a city, embed its stations and draw without measurements."""
    loaded = load_series(city, service)
    context = context_model.embed(city, loaded.stations)
    places = read_places(city, loaded.stations, context, context_model, generator)
    hours = np.asarray(loaded.hours, dtype=np.int64)
    along = np.broadcast_to(hours.astype(np.int16), loaded.x.shape)
    drawn = drawing_from(generator.model)(conditions(context), along, SAMPLES, 0)
    raw = np.concatenate([places.features["counts"], places.features["network"]], axis=1)
    sites = CitySites(loaded.x, hours, places.xy, places.features["embedding"], raw)
    ids = tuple(loaded.stations["station_id"].astype(str))
    moments = moments_of(drawn, hours, places)
    return InCityData(
        city.name,
        sites,
        places,
        ids,
        drawn,
        moments,
        loaded.unit,
        loaded.unit == generator.facts.unit,
        loaded.notes,
    )


def score_city(
    data: InCityData,
    *,
    folds: int = 5,
    block_km: float = 2.0,
    supports: Sequence[int | None] = (None,),
    splits: Sequence[Split] = ("random", "blocks"),
    protocol: Protocol = "same",
    seed: int = 0,
    results: Path | None = None,
    progress: Progress = silent,
) -> CityScores:
    """Cross-validate ours and every baseline.

    supports : stations that are read, None for all
    results  : file in which finished parts are kept; a call with the same settings goes on with it
    """
    if len(data) < 2 * folds:
        raise BadInput(
            f"'{data.name}' has {len(data)} stations that can be scored; {folds} folds need "
            f"{2 * folds}. Use fewer folds or measure more stations."
        )
    if protocol == "coming" and data.weeks < 2:
        raise BadInput(f"The protocol 'coming' needs two weeks; '{data.name}' has {data.weeks}.")
    settings = f"{data.fingerprint} {folds} {block_km:g} {protocol} {seed}"
    done = _read(results, settings)
    found = CityScores()
    jobs = [(split, support) for split in splits for support in supports]
    for number, (split, support) in enumerate(jobs):
        key = f"{split} {support}"
        if key in done:
            found += done[key]
            continue
        fold = _folds(data, split, folds, block_km, seed)
        scores: dict[str, list[Floats32]] = {}
        truth = []
        for at in range(folds):
            share = (number + at / folds) / len(jobs)
            progress(f"{data.name}: {split}, {support or 'all'} stations", share)
            asked, known = np.flatnonzero(fold == at), np.flatnonzero(fold != at)
            if support is not None:
                order = stream(seed, "support", at).permutation(len(known))
                known = np.sort(known[order[:support]])
            if not len(asked):
                continue
            truth.append(asked)
            for name, samples in _drawn(data, known, asked, protocol, seed):
                scores.setdefault(name, []).append(samples)
        asked = np.concatenate(truth)
        part = CityScores()
        for name, parts in scores.items():
            part += _scored(data, name, np.concatenate(parts), asked, protocol, split, support)
        found += part
        done[key] = part
        _write(results, settings, done)
    return found


def _read(results: Path | None, settings: str) -> dict[str, CityScores]:
    """Return the finished parts of the same settings, by split and support."""
    if results is None or not results.is_file():
        return {}
    kept = read_json(results, dict[str, Any])
    if kept.get("settings") != settings:
        return {}
    return as_kind(kept.get("parts"), dict[str, CityScores], f"The parts of '{results}'")


def _write(results: Path | None, settings: str, done: dict[str, CityScores]) -> None:
    if results is not None:
        parts = {key: asdict(part) for key, part in done.items()}
        with atomic_file(results) as draft:
            draft.write_text(json.dumps({"settings": settings, "parts": parts}) + "\n")


def _drawn(
    data: InCityData, known: Indices, asked: Indices, protocol: Protocol, seed: int
) -> Iterator[tuple[str, Floats32]]:
    """Every model's ensemble for the asked stations, along the scored hours."""
    learnt, scored = _hours(data, protocol)
    yield ZERO_SHOT, data.drawn[asked][..., scored]
    if not len(known):
        return
    sites = data.sites
    stations = _stations(data, known, learnt)
    fields = fit_fields(stations, load_priors(), same_unit=data.same_unit)
    places, moments = data.places.take(asked), data.moments.take(asked)
    correction = fields.at(places)
    drawn, hours = data.drawn[asked][..., scored], sites.hours[scored]
    shared = None
    if protocol == "same":
        residual = Parts.of(sites.x[known][:, learnt], hours).residual
        shared = share_residuals(fields.kernels, data.places.take(known), residual, places)
    yield OURS, correction.apply(drawn, hours, moments, shared=shared)
    if shared is not None:
        yield OWN_RESIDUALS, correction.apply(drawn, hours, moments)
    # baselines read whole series: on coming weeks the last measured ones are repeated
    measured = replace(sites.take(known), x=sites.x[known][:, learnt], hours=sites.hours[learnt])
    wanted = replace(sites.take(asked), hours=hours)
    for name, draw in BASELINES.items():
        samples = draw(measured, wanted, SAMPLES, seed)
        turned = _along(sites.hours[learnt], hours)
        yield name, samples[..., turned]


def _hours(data: InCityData, protocol: Protocol) -> tuple[slice, slice]:
    """Hours that are learnt from and hours that are scored."""
    if protocol == "same":
        return slice(None), slice(None)
    half = (data.weeks // 2) * HOURS_PER_WEEK
    return slice(0, half), slice(half, 2 * half)


def _along(known: Indices, wanted: Indices) -> Indices:
    """Position in the known hours for each wanted one, by the same hour of the week in order."""
    begin = int(np.flatnonzero(known == wanted[0])[0]) if (known == wanted[0]).any() else 0
    return (begin + np.arange(len(wanted))) % len(known)


def _stations(data: InCityData, known: Indices, learnt: slice) -> MeasuredStations:
    sites = data.sites
    return measured_stations(
        tuple(data.ids[row] for row in known),
        data.places.take(known),
        data.moments.take(known),
        sites.x[known][:, learnt],
        sites.hours[learnt],
        data.unit,
    )


def _folds(data: InCityData, split: Split, folds: int, block_km: float, seed: int) -> Indices:
    random = stream(seed, "folds", split)
    if split == "random":
        return random.permutation(len(data)) % folds
    xy = data.places.xy
    corner = xy.min(axis=0) - random.uniform(0, 1000 * block_km, 2)
    block = np.floor((xy - corner) / (1000 * block_km)).astype(np.int64)
    _, number = np.unique(block, axis=0, return_inverse=True)
    if number.max() == 0:
        raise BadInput(
            f"All stations of '{data.name}' lie in one block of {block_km:g} km; use smaller "
            "blocks."
        )
    of_block = random.permutation(int(number.max()) + 1) % folds
    found: Indices = of_block[number.ravel()]
    return found


def _scored(
    data: InCityData,
    name: str,
    samples: Floats32,
    asked: Indices,
    protocol: Protocol,
    split: Split,
    support: int | None,
) -> CityScores:
    """Score one model's ensemble (n, S, T) of the asked stations."""
    _, scored = _hours(data, protocol)
    truth, hours = data.sites.x[asked][:, scored], data.sites.hours[scored]
    unit = float(np.quantile(data.sites.x, 0.999))
    level = Parts.of(truth, hours).level
    expected = Parts.of(samples, hours).level.mean(axis=1)
    edges, steps = shared_edges(truth), shared_edges(np.diff(truth))
    spread = max(float(np.square(level - level.mean()).sum()), 1e-12)
    missed = float(np.square(expected - level).sum()) / spread
    covers = samples.shape[1] == SAMPLES
    along = np.broadcast_to(hours, truth.shape)
    read = "all" if support is None else str(support)
    ids = [data.ids[row] for row in asked]
    row = InCityRow(
        data.name,
        protocol,
        split,
        read,
        name,
        crps=float(crps(samples / unit, truth / unit).mean()),
        cov90=float(coverage(samples, truth).mean()) if covers else None,
        level_r2=1 - missed,
        weekly_r=float(weekly_correlation(samples.mean(axis=1), truth, along)),
        js=js_distance(shares(samples, edges), shares(truth, edges)),
        js_diff=js_distance(shares(np.diff(samples), steps), shares(np.diff(truth), steps)),
    )
    return CityScores(
        [row],
        coverage_rows(split, read, name, samples, truth) if covers else [],
        station_rows(split, read, name, ids, samples, truth, level, expected)
        if name in BY_STATION
        else [],
    )
