"""How well the traffic of unmeasured places is generated inside a city, against its stations.

Stations are held out by random folds or by spatial blocks; the others, or some of them, are the
support. Behind `netspatial validate` and `netspatial bench generate --city`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from netspatial.arrays import Floats32, Indices
from netspatial.baselines.in_city import baselines_for
from netspatial.checked import as_kind, read_json
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.evaluate.in_city_data import (
    SAMPLES,
    InCityData,
    Protocol,
    Split,
    ZeroShot,
    city_data,
)
from netspatial.evaluate.in_city_stations import (
    CoverageRow,
    StationRow,
    coverage_rows,
    station_rows,
)
from netspatial.evaluate.metrics import js_distance, shared_edges, shares, weekly_correlation
from netspatial.kriging.conditioning import fit_fields, fit_own_fields
from netspatial.kriging.learned_correction import LearnedCorrection
from netspatial.kriging.priors import SQUARES, load_priors
from netspatial.kriging.series import Moments, Parts
from netspatial.kriging.shared_residuals import SharedResiduals, share_residuals, unshared_residuals
from netspatial.kriging.stations import MeasuredStations, measured_stations
from netspatial.kriging.stations_ensemble import sample_from_stations
from netspatial.progress import Progress, silent
from netspatial.randomness import stream
from netspatial.scores import coverage, crps
from netspatial.timeline import HOURS_PER_WEEK

__all__ = ["InCityData", "city_data", "score_city"]

OURS, ZERO_SHOT = "ours", "ours without measured"
OWN_RESIDUALS = "ours, own residuals"
LAYER_1 = "ours without layer 2"
"""Kriging alone, where a learned correction of the level is given."""
BY_STATION = (OURS, ZERO_SHOT)
"""Models whose errors are kept for every station."""


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


def score_city(
    data: InCityData,
    *,
    folds: int = 5,
    block_km: float = 2.0,
    supports: Sequence[int | None] = (None,),
    splits: Sequence[Split] | None = None,
    protocol: Protocol = "same",
    seed: int = 0,
    generator_steps: int = 0,
    learned: LearnedCorrection | None = None,
    results: Path | None = None,
    progress: Progress = silent,
) -> CityScores:
    """Cross-validate ours and every baseline.

    supports : stations that are read, None for all; numbers beyond what is there are left out
    splits   : all that the data allow by default
    generator_steps : training steps of a generator trained on the measured stations, a baseline
        where all are read; 0 leaves it out
    learned  : correction of the kriged level; kriging alone without it
    results  : file in which finished parts are kept; a call with the same settings goes on with it
    """
    if protocol == "coming" and data.weeks < 2:
        raise BadInput(f"The protocol 'coming' needs two weeks; '{data.name}' has {data.weeks}.")
    settings = f"{data.fingerprint} {folds} {block_km:g} {protocol} {seed}"
    if generator_steps:
        settings += f" {generator_steps}"
    if learned is not None:
        settings += f" {learned.fingerprint}"
    done = _read(results, settings)
    found = CityScores()
    held_out = {
        split: data.parts(split, folds, block_km, seed) for split in splits or data.splits()
    }
    jobs = [
        (split, support)
        for split, parts in held_out.items()
        for support in supports
        if _enough(data, parts, support)
    ]
    for number, (split, support) in enumerate(jobs):
        key = f"{split} {support}"
        if key in done:
            found += done[key]
            continue
        parts = held_out[split]
        scores: dict[str, list[Floats32]] = {}
        for at, asked in enumerate(parts):
            share = (number + at / len(parts)) / len(jobs)
            progress(f"{data.name}: {split}, {support or 'all'} stations", share)
            known = np.setdiff1d(np.arange(len(data)), asked)
            if support is not None:
                order = stream(seed, "support", at).permutation(len(known))
                known = np.sort(known[order[:support]])
            steps = generator_steps if support is None else 0
            for name, samples in _drawn(data, known, asked, protocol, seed, steps, learned):
                scores.setdefault(name, []).append(samples)
        asked = np.concatenate(parts)
        part = CityScores()
        for name, drawn in scores.items():
            part += _scored(data, name, np.concatenate(drawn), asked, protocol, split, support)
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


def _enough(data: InCityData, parts: Sequence[Indices], support: int | None) -> bool:
    """Whether as many stations are left when a part is held out, and can say anything."""
    if support is None:
        return True
    if support == 0:
        return data.zero_shot is not None
    return support < len(data) - max(len(part) for part in parts)


def _drawn(
    data: InCityData,
    known: Indices,
    asked: Indices,
    protocol: Protocol,
    seed: int,
    generator_steps: int,
    learned: LearnedCorrection | None,
) -> Iterator[tuple[str, Floats32]]:
    """Every model's ensemble for the asked stations, along the scored hours."""
    learnt, scored = _hours(data, protocol)
    if data.zero_shot is not None:
        yield ZERO_SHOT, data.zero_shot.drawn[asked][..., scored]
    if not len(known):
        return
    if data.zero_shot is not None:
        yield from _corrected(data, data.zero_shot, known, asked, protocol, learned)
    else:
        yield from _from_stations(data, known, asked, protocol, seed)
    # baselines read whole series: on coming weeks the last measured ones are repeated
    sites = data.sites
    measured = replace(sites.take(known), x=sites.x[known][:, learnt], hours=sites.hours[learnt])
    wanted = replace(sites.take(asked), hours=sites.hours[scored])
    turned = _along(sites.hours[learnt], sites.hours[scored])
    for name, draw in baselines_for(data.located, generator_steps).items():
        yield name, draw(measured, wanted, SAMPLES, seed)[..., turned]


def _corrected(
    data: InCityData,
    zero_shot: ZeroShot,
    known: Indices,
    asked: Indices,
    protocol: Protocol,
    learned: LearnedCorrection | None,
) -> Iterator[tuple[str, Floats32]]:
    """Ours: the generator's ensemble, corrected by the stations."""
    learnt, scored = _hours(data, protocol)
    stations = _stations(data, zero_shot.moments, known, learnt)
    fields = fit_fields(stations, load_priors(), same_unit=zero_shot.same_unit, learned=learned)
    places, moments = data.places.take(asked), zero_shot.moments.take(asked)
    correction = fields.at(places)
    drawn, hours = zero_shot.drawn[asked][..., scored], data.sites.hours[scored]
    shared = None
    if protocol == "same":
        residual = Parts.of(data.sites.x[known][:, learnt], hours).residual
        shared = share_residuals(fields.kernels, data.places.take(known), residual, places)
        yield OURS, correction.apply(drawn, hours, moments, shared=shared)
    if learned is not None:
        layer_1 = replace(fields, learned=None).at(places)
        yield LAYER_1, layer_1.apply(drawn, hours, moments, shared=shared)
    own = OURS if protocol == "coming" else OWN_RESIDUALS
    yield own, correction.apply(drawn, hours, moments)


def _from_stations(
    data: InCityData, known: Indices, asked: Indices, protocol: Protocol, seed: int
) -> Iterator[tuple[str, Floats32]]:
    """Ours without a generator: kriging around the city's means, with the stations' own errors."""
    learnt, scored = _hours(data, protocol)
    stations = _stations(data, Moments.unknown(len(data)), known, learnt)
    priors = load_priors(SQUARES if data.places.square_m > 0 else None)
    fields = fit_own_fields(stations, priors)
    used = known[np.isin([data.ids[row] for row in known], fields.stations.ids)]
    places, hours = data.places.take(asked), data.sites.hours[scored]
    turned = _along(data.sites.hours[learnt], hours)
    residual = Parts.of(data.sites.x[used][:, learnt], data.sites.hours[learnt]).residual[:, turned]

    def draw(shared: SharedResiduals) -> Floats32:
        return sample_from_stations(fields, shared, places, hours, SAMPLES, seed)

    alone = unshared_residuals(residual, len(asked))
    if protocol == "coming" or data.weeks < 2:  # one week has no residuals
        yield OURS, draw(alone)
        return
    yield OURS, draw(share_residuals(fields.kernels, data.places.take(used), residual, places))
    yield OWN_RESIDUALS, draw(alone)


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


def _stations(
    data: InCityData, moments: Moments, known: Indices, learnt: slice
) -> MeasuredStations:
    sites = data.sites
    return measured_stations(
        tuple(data.ids[row] for row in known),
        data.places.take(known),
        moments.take(known),
        sites.x[known][:, learnt],
        sites.hours[learnt],
        data.unit,
    )


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
