"""A city's measured stations, ready to correct what the generator draws elsewhere.

Joins the three packages that this needs: embeddings of the stations (`context`), the generator's
expectation there, and the regression on both (`kriging`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from scipy.spatial import KDTree

from netspatial.arrays import AnyFloats, Floats, Floats32, Indices, Mask
from netspatial.city.city import City
from netspatial.context.embed import Context, ContextModel
from netspatial.context.features.existing_site_features import existing_site_features
from netspatial.context.features.neighbourhood import Pois, read_pois, tally_kinds
from netspatial.context.features.places import positions
from netspatial.errors import MissingPart
from netspatial.generate.calendar import DEFAULT_START, calendar, hours_of_days, weeks_from
from netspatial.generate.city_data import holidays_of
from netspatial.generate.decompose import DAY
from netspatial.generate.dependence import load_dependence
from netspatial.generate.generator import Generator
from netspatial.generate.spatial_noise import SharedNoise
from netspatial.kriging.conditioning import Correction, FittedFields, fit_fields
from netspatial.kriging.gaussian_process import Prior
from netspatial.kriging.joint_posterior import level_scores
from netspatial.kriging.kernels import Places
from netspatial.kriging.learned_correction import LearnedCorrection
from netspatial.kriging.priors import load_priors
from netspatial.kriging.series import (
    EPSILON,
    MOMENT_SAMPLES,
    Moments,
    Parts,
    known_weekly_mean,
)
from netspatial.kriging.stations import MeasuredStations, measured_stations, without_far
from netspatial.progress import Progress, silent
from netspatial.timeline import HOURS_PER_WEEK

MOMENT_SEED = 0
MOMENT_WEEKS = 4
RADII_M = (300.0, 600.0, 1000.0, 2000.0)
"""Radii within which places of interest are counted."""
COVERAGE = "coverage"
CELLS_AT_ONCE = 64
MAX_NAMED = 3
"""Stations that are named for a cell."""


@dataclass(frozen=True)
class MeasuredCity:
    """The fitted fields of a city, with what it takes to apply them to cells.

    Attributes
    ----------
    generator : Generator
        Generator whose ensembles are corrected.
    context_model : ContextModel
        Context that embeds the places.
    city : City
        The city.
    fields : FittedFields
        Fields of level, shape and scatter.
    dependence : mapping of str to SharedNoise
        What neighbours share, by level of the generator; the residual's is fitted to the stations.
    """

    generator: Generator
    context_model: ContextModel
    city: City
    fields: FittedFields
    dependence: Mapping[str, SharedNoise] = field(default_factory=lambda: load_dependence().levels)

    @property
    def stations(self) -> MeasuredStations:
        """The stations that are used."""
        return self.fields.stations

    @property
    def correction_weight(self) -> float | None:
        """Weight of the learned correction in this city, 0 to 1; None where there is none."""
        return None if self.fields.learned is None else self.fields.learned.weight

    @property
    def unit(self) -> str:
        """Unit of the corrected traffic: the stations'."""
        return self.stations.unit

    def places(self, table: gpd.GeoDataFrame, context: Context) -> Places:
        """Return places as the kernels read them.

        Parameters
        ----------
        table : geopandas.GeoDataFrame
            The m places.
        context : Context
            Their embeddings, in the same order.

        Returns
        -------
        Places
            Coordinates, zero-shot level and features.
        """
        return read_places(self.city, table, context, self.context_model, self.generator)

    def sample(
        self,
        table: gpd.GeoDataFrame,
        context: Context,
        samples: int = 16,
        seed: int = 0,
        weeks: int = 4,
        start: str = DEFAULT_START,
        progress: Progress = silent,
    ) -> xr.DataArray:
        """Generate hourly traffic (cell, sample, time) of cells, corrected by the stations.

        Parameters
        ----------
        table : geopandas.GeoDataFrame
            The cells, in the order of `context`.
        context : Context
            Embeddings of the cells.
        samples : int
            Samples per cell.
        seed : int
            Seed; a cell's samples depend on it and the cell's id alone.
        weeks : int
            Whole weeks, 1 to 520.
        start : str
            First hour, local time of the city.
        progress : callable
            Called after each block of cells.

        Returns
        -------
        xarray.DataArray
            Traffic (cell, sample, time) in the unit of the stations.

        Raises
        ------
        BadInput
            As in `Generator.sample`.
        """
        zone = self.city.record.timezone
        places, hours = self.places(table, context), hours_from(start, weeks, zone)
        count = max(samples, MOMENT_SAMPLES)
        drawn = self.generator.sample(
            context,
            count,
            seed,
            weeks,
            start,
            zone,
            progress=progress,
            dependence=self.dependence,
            level_scores=level_scores(self.fields, places, context.ids.tolist(), count, seed),
        )
        correction = self.fields.at(places)
        blocks = [
            self.correct(
                drawn[rows].to_numpy(), hours, places.take(rows), correction.take(rows), samples
            )
            for rows in (
                slice(at, at + CELLS_AT_ONCE) for at in range(0, len(places), CELLS_AT_ONCE)
            )
        ]
        x = np.concatenate(blocks)
        attrs = {
            "units": self.unit,
            "measured_stations": len(self.stations),
            "measured_city": self.city.name,
        }
        if self.correction_weight is not None:
            attrs["correction_weight"] = self.correction_weight
        return drawn.isel(sample=slice(0, samples)).copy(data=x).assign_attrs(attrs)

    def support(
        self, table: gpd.GeoDataFrame, places: Places, correction: Correction
    ) -> pd.DataFrame:
        """Return what each cell's estimate rests on: level_sd, and the stations of most weight.

        Parameters
        ----------
        table : geopandas.GeoDataFrame
            The cells.
        places : Places
            The cells as the kernels read them.
        correction : Correction
            Correction at the cells.

        Returns
        -------
        pandas.DataFrame
            cell_id, level_sd (deviation of the log level), level_sd_far (the same far from all
            stations), measured_m (distance to the nearest station, m), and station_k, weight_k,
            distance_k (m) for k from 1 to 3.
        """
        rows = {"cell_id": table["cell_id"].to_numpy()}
        rows["level_sd"] = np.sqrt(correction.level.variance)
        rows["level_sd_far"] = np.maximum(self.fields.level_sd_far(places), rows["level_sd"])
        rows["measured_m"] = KDTree(self.stations.places.xy).query(places.xy)[0]
        named = self.fields.influence(places, MAX_NAMED)
        for at in range(min(MAX_NAMED, len(self.stations))):
            for part, name in enumerate(("station", "weight", "distance")):
                rows[f"{name}_{at + 1}"] = np.array([one[at][part] for one in named])
        return pd.DataFrame(rows)

    def correct(
        self, x: AnyFloats, hours: Indices, places: Places, correction: Correction, samples: int
    ) -> Floats32:
        """Correct an ensemble x (m, S, T) of places; its first samples give the moments.

        Parameters
        ----------
        x : ndarray of float, (m, S, T)
            Generated traffic in the model's unit.
        hours : ndarray of int, (T,)
            Hour of the week.
        places : Places
            The m places.
        correction : Correction
            Correction at these places.
        samples : int
            Samples that are returned.

        Returns
        -------
        ndarray of float32, (m, samples, T)
            Traffic in the unit of the stations.
        """
        moments = moments_of(x[:, :MOMENT_SAMPLES], hours, places)
        return correction.apply(x, hours, moments, samples)


def measure_city(
    city: City,
    context_model: ContextModel,
    generator: Generator,
    service: str = "total",
    priors: Mapping[str, Prior] | None = None,
    correction: LearnedCorrection | None = None,
) -> MeasuredCity:
    """Read a city's measured stations and fit the fields.

    Parameters
    ----------
    city : City
        City with stations and traffic.
    context_model : ContextModel
        Context that embeds the stations.
    generator : Generator
        Generator whose expectation is corrected.
    service : str
        Traffic service.
    priors : mapping of str to Prior, optional
        Priors of the kernel weights; by default the bundled ones.
    correction : LearnedCorrection, optional
        Correction of the kriged level; kriging alone by default.

    Returns
    -------
    MeasuredCity
        The fitted fields.

    Raises
    ------
    MissingPart
        If the city has no stations with measured traffic.
    BadInput
        If the service is missing or no station can be used.
    """
    if correction is not None:
        correction.check_encoder(context_model.fingerprint)
    stations = read_stations(city, context_model, generator, service)
    same_unit = stations.unit == generator.facts.unit
    fields = fit_fields(stations, priors or load_priors(), same_unit=same_unit, learned=correction)
    dependence = load_dependence().for_city(*measured_residuals(city, service)).levels
    return MeasuredCity(generator, context_model, city, fields, dependence)


def measured_residuals(city: City, service: str = "total") -> tuple[Floats, Floats]:
    """Return log residuals over their deviation (n, T), and metres (n, 2), of measured stations.

    Of those whose whole week was measured, for two weeks or more; NaN where nothing was measured.
    """
    traffic = city.measured(service)[service]
    hours = _hours_of_week(city, traffic)
    x = traffic.to_numpy().astype(np.float64)
    week, seen = known_weekly_mean(x, hours)
    mean = week.mean(axis=1)
    long = np.isfinite(x).sum(axis=1) >= 2 * HOURS_PER_WEEK
    kept = np.flatnonzero(long & seen.all(axis=1) & (mean > 0))
    share, usual = x[kept] / mean[kept, None], week[kept] / mean[kept, None]
    residual = np.log(share + EPSILON) - np.log(usual + EPSILON)[:, hours]
    known = np.isfinite(residual)
    variance = np.where(known, np.square(residual), 0).sum(axis=1) / np.maximum(known.sum(1), 1)
    table = city.stations.set_index(city.stations["station_id"].astype(str), drop=False)
    places = table.loc[traffic["station"].astype(str).to_numpy()[kept]]
    return residual / np.sqrt(np.maximum(variance, 1e-12))[:, None], positions(places, city.crs)


def hours_from(start: str, weeks: int, timezone: str) -> Indices:
    """Hour of the week of each hour of whole weeks from a local start, (168 * weeks,)."""
    wanted = weeks_from(start, weeks, timezone)
    days = int(wanted.steps.max()) // DAY + 1
    return hours_of_days(wanted.first_day, days)[wanted.steps]


def read_stations(
    city: City, context_model: ContextModel, generator: Generator, service: str = "total"
) -> MeasuredStations:
    """Summarise the measured traffic of a city's stations beside the zero-shot expectation."""
    if not (city.has("stations") and city.has("traffic")):
        raise MissingPart(f"The city '{city.name}' has no stations with measured traffic.")
    traffic = city.measured(service)[service]
    hours = _hours_of_week(city, traffic)
    ids = traffic["station"].astype(str).to_numpy()
    table = city.stations.set_index(city.stations["station_id"].astype(str), drop=False)
    table = table.loc[ids]
    context = context_model.embed(city, table)
    places = read_places(city, table, context, context_model, generator)
    drawn = generator.sample(
        context, MOMENT_SAMPLES, MOMENT_SEED, MOMENT_WEEKS, timezone=city.record.timezone
    )
    drawn_hours = np.arange(drawn.sizes["time"]) % HOURS_PER_WEEK
    moments = moments_of(drawn.to_numpy(), drawn_hours, places)
    unit = city.record.units.get(service, str(traffic.attrs.get("units", "not stated")))
    return without_far(
        measured_stations(tuple(ids.tolist()), places, moments, traffic.to_numpy(), hours, unit)
    )


def _hours_of_week(city: City, traffic: xr.DataArray) -> Indices:
    """Hour of the local week of each hour of the city's traffic, holidays as Sundays, (T,)."""
    days = calendar(pd.DatetimeIndex(traffic["time"].to_numpy()), city.record.timezone)
    count = int(days.steps.max()) // DAY + 1
    return hours_of_days(days.first_day, count, holidays_of(city))[days.steps]


def moments_of(x: AnyFloats, hours: Indices, places: Places) -> Moments:
    """Return zero-shot moments of places from some samples x (n, S, T) of each.

    Where the generator says mean and deviation of the log level itself, those are taken.
    """
    parts = Parts.of(x, hours)
    spread = np.sqrt(parts.level.var(axis=1, ddof=1).mean()) if x.shape[1] > 1 else 0.5
    known = np.isfinite(places.level_sd)
    return Moments(
        np.where(known, places.level, parts.level.mean(axis=1)),
        np.maximum(np.where(known, places.level_sd, spread), 1e-3),
        parts.shape.mean(axis=1),
        parts.scatter.mean(axis=1),
    )


def read_places(
    city: City,
    table: gpd.GeoDataFrame,
    context: Context,
    context_model: ContextModel,
    generator: Generator,
) -> Places:
    """Return places with the features that the kernels read; parts a city lacks have no columns."""
    xy = positions(table, city.crs)
    level, level_sd = generator.level_moments(context)
    features = {
        "embedding": context.embedding.astype(np.float64),
        "counts": read_counts(city, xy),
        "image": _image(city, xy, context, context_model),
        "network": existing_site_features(city.stations, table, city.crs),
    }
    return Places(xy, _covers(table), level, level_sd, features)


def read_counts(city: City, xy: Floats) -> Floats:
    """Log counts of each kind of place of interest within the radii, (n, radii * kinds)."""
    if not city.has("pois"):
        return np.zeros((len(xy), 0))
    pois: Pois = read_pois(city.pois, city.crs)
    counts = np.cumsum(tally_kinds(xy, pois, RADII_M), axis=1)
    return np.log1p(counts.reshape(len(xy), -1).astype(np.float64))


def _image(city: City, xy: Floats, context: Context, context_model: ContextModel) -> Floats:
    """Frozen features of the picture, (n, p); read again where the context was stored in a file."""
    if not city.has("imagery"):
        return np.zeros((len(xy), 0))
    images = context.images
    if images is None:
        images = context_model.extractor.images(city, xy)
    return images.astype(np.float64)


def _covers(table: gpd.GeoDataFrame) -> Mask:
    if "tier" not in table.columns:
        return np.zeros(len(table), dtype=bool)
    return np.asarray(table["tier"].astype(str) == COVERAGE)
