"""`Generator`: a trained hierarchy that turns context embeddings into ensembles of traffic.

The same network generates traffic of unmeasured places (`sample`) and forecasts that of measured
stations (`forecast`).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import torch
import xarray as xr
from numpy.typing import NDArray

from netspatial.arrays import Floats, Floats32
from netspatial.bundled_weights import bundled
from netspatial.context.embed import Context
from netspatial.disk import atomic_file
from netspatial.errors import BadInput
from netspatial.generate.calendar import DEFAULT_START, calendar, hours_of_days, weeks_from
from netspatial.generate.decompose import DAY, latest_whole_weeks
from netspatial.generate.dependence import load_dependence
from netspatial.generate.distributed import device_named
from netspatial.generate.hierarchy import HierarchicalFlow
from netspatial.generate.history import measured, noise_ahead
from netspatial.generate.presets import preset_from
from netspatial.generate.sampling import Sampler, continue_history, draw
from netspatial.generate.spatial_noise import NoiseFields, SharedNoise, SpatialNoise
from netspatial.generate.transforms import LogRatioTransform
from netspatial.progress import Progress, count, silent
from netspatial.timeline import HOURS_PER_WEEK
from netspatial.weights import arrays, built, load_weights, save_weights

KIND = "generator"
DEFAULT = bundled("models", "small")
FEWEST_WEEKS = 4
"""At least a month is sampled and then cut, because residuals are relative to a month's mean."""
HISTORY_HOURS = 4 * HOURS_PER_WEEK
"""Most recent hours of a history that are used; older weekly profiles differ from next week's."""
INDEPENDENT: Mapping[str, SharedNoise] = {}
"""Nothing is shared: every place is drawn on its own."""
RESIDUAL_HISTORY_DAYS = 6
"""Days of measured residuals that the network reads."""


@dataclass(frozen=True)
class TrainingFacts:
    """Facts about a model's training data and scores, stored beside its settings.

    Attributes
    ----------
    unit : str
        Unit of the traffic.
    context_fingerprint : str
        Fingerprint of the context that embedded the places.
    sources, licences : tuple of str
        Names of the training data, and their licences.
    trained_on : str
        Provenance of the training traffic: measured or simulated.
    scores : dict of float
        CRPS and coverage on held-out stations.
    notes : tuple of str
        Stations left out of the training data, and limits of what could be trained.
    """

    unit: str
    context_fingerprint: str
    sources: tuple[str, ...]
    licences: tuple[str, ...]
    trained_on: str
    scores: dict[str, float | int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GeneratorSettings:
    """The contents of a generator's config.json."""

    preset: dict[str, Any]
    context_dim: int
    one_week: bool
    facts: TrainingFacts
    relative_dim: int = 0


@dataclass(frozen=True)
class Generator:
    """A trained hierarchy and the facts of its training.

    Attributes
    ----------
    model : HierarchicalFlow
        Networks of the site scale and of the daily, weekly and residual level.
    facts : TrainingFacts
        Facts of the training.
    fingerprint : str
        Hash of the weights and settings.
    source : str
        Folder that they were loaded from.
    """

    model: HierarchicalFlow
    facts: TrainingFacts
    fingerprint: str
    source: str

    @classmethod
    def load(cls, folder: str | Path | None = None, device: str = "cpu") -> "Generator":
        """Load a model from its folder; by default the built-in one.

        Parameters
        ----------
        folder : str or Path, optional
            Folder of a generator.
        device : str
            For example "cpu" or "cuda".

        Returns
        -------
        Generator
            The model, ready to sample.

        Raises
        ------
        BadInput
            If the folder holds no generator, or this machine has no such device.
        """
        path = DEFAULT if folder is None else Path(folder)
        weights = load_weights(path, KIND)
        settings = weights.settings(GeneratorSettings)
        preset = preset_from(settings.preset, weights.source)
        model = built(
            lambda: HierarchicalFlow(
                preset,
                settings.context_dim,
                one_week=settings.one_week,
                relative_dim=settings.relative_dim,
            ),
            weights.tensors,
            str(path),
        )
        return cls(
            model.to(device_named(device)).eval(), settings.facts, weights.fingerprint, str(path)
        )

    def save(self, folder: Path, card: str) -> "Generator":
        """Write the model's folder and return the generator loaded from it.

        Parameters
        ----------
        folder : Path
            Folder to write.
        card : str
            Model card, Markdown.

        Returns
        -------
        Generator
            The same model, loaded from `folder`.
        """
        config = {
            "preset": asdict(self.model.preset),
            "context_dim": self.model.context_dim,
            "relative_dim": self.model.relative_dim,
            "one_week": self.model.one_week,
            "facts": asdict(self.facts),
        }
        save_weights(folder, KIND, arrays(self.model), config, card)
        return Generator.load(folder)

    def sample(
        self,
        context: Context,
        samples: int = 16,
        seed: int = 0,
        weeks: int = 4,
        start: str = DEFAULT_START,
        timezone: str = "UTC",
        holidays: Sequence[date] = (),
        guidance: float = 1.0,
        progress: Progress = silent,
        dependence: Mapping[str, SharedNoise] | None = None,
        level_scores: Floats | None = None,
    ) -> xr.DataArray:
        """Generate hourly traffic (cell, sample, time) for each place of `context`.

        Parameters
        ----------
        context : Context
            Embeddings of n places.
        samples : int
            Samples per place.
        seed : int
            Seed; a place's samples depend on it and the place's id alone.
        weeks : int
            Whole weeks, 1 to 520.
        start : str
            First hour, local time in `timezone`.
        timezone : str
            IANA name of the local clock.
        holidays : sequence of date
            Local days with the traffic of a Sunday.
        guidance : float
            Classifier-free guidance scale; above one, ensembles become too narrow.
        progress : callable
            Called after each block of cells.
        dependence : mapping of str to SharedNoise, optional
            What neighbours share, by level; the bundled values by default, `INDEPENDENT` for none.
        level_scores : array (n, samples), optional
            Normal scores of the mean load, instead of noise.

        Returns
        -------
        xarray.DataArray
            Traffic (cell, sample, time) in the model's unit; time stamps are UTC without zone.

        Raises
        ------
        BadInput
            If the embeddings come from another context, or a number is out of range.

        Notes
        -----
        Solves dx/dt = v(x_t, t | C) from noise at t = 0 to t = 1 (Eqs. 13-14, Algorithm 2) level
        by level: mean load, daily shape, weekly shape, residual.

        Sample k of all places belongs together, so that sums over places have the right spread.
        Places without positions are drawn independently; the attribute `dependence` says so.
        """
        chunks = self.sample_batches(
            context,
            samples,
            seed,
            weeks,
            start,
            timezone,
            holidays,
            guidance,
            progress,
            dependence,
            level_scores,
        )
        blocks = [block for _, block in chunks]
        times = weeks_from(start, weeks, timezone).times
        empty = np.empty((0, samples, len(times)), dtype=np.float32)
        values = np.concatenate(blocks) if blocks else empty
        traffic = self._labelled(values, "cell", context.ids, times, timezone, seed)
        shared = context.lonlat is not None and dependence != INDEPENDENT
        return traffic.assign_attrs(dependence="spatial" if shared else "independent")

    def sample_batches(
        self,
        context: Context,
        samples: int = 16,
        seed: int = 0,
        weeks: int = 4,
        start: str = DEFAULT_START,
        timezone: str = "UTC",
        holidays: Sequence[date] = (),
        guidance: float = 1.0,
        progress: Progress = silent,
        dependence: Mapping[str, SharedNoise] | None = None,
        level_scores: Floats | None = None,
    ) -> Iterator[tuple[slice, Floats32]]:
        """Generate as `sample` does, block by block, with constant memory.

        Parameters
        ----------
        context : Context
            Embeddings of n places.
        samples : int
            As in `sample`.
        seed : int
            As in `sample`.
        weeks : int
            As in `sample`.
        start : str
            As in `sample`.
        timezone : str
            As in `sample`.
        holidays : sequence of date
            As in `sample`.
        guidance : float
            As in `sample`.
        progress : callable
            As in `sample`.
        dependence : mapping of str to SharedNoise, optional
            As in `sample`.
        level_scores : array (n, samples), optional
            As in `sample`.

        Yields
        ------
        tuple of slice and ndarray of float32
            The cells of the block, and their traffic (cells, samples, 168 * weeks).

        Raises
        ------
        BadInput
            As in `sample`.
        """
        z = self._conditions(context)
        if samples < 1:
            raise BadInput(f"{samples} samples were asked for; at least one is needed.")
        wanted = weeks_from(start, weeks, timezone)
        # the residual network needs whole local days: sample from the midnight before and cut
        drawn = weeks if self.model.one_week else max(weeks, FEWEST_WEEKS)
        drawn += bool(wanted.steps[0] > 0)
        length = max(drawn, int(wanted.steps.max()) // HOURS_PER_WEEK + 1) * HOURS_PER_WEEK
        hours = hours_of_days(wanted.first_day, length // DAY, holidays)
        along = np.broadcast_to(hours, (len(z), length))
        ids, spatial = context.ids.tolist(), self._spatial(context, dependence)
        blocks = draw(
            self.model,
            z,
            along,
            ids,
            samples,
            seed,
            guidance,
            spatial=spatial,
            level_scores=level_scores,
        )
        for cells, x in blocks:
            yield cells, x[..., wanted.steps]
            count(progress, cells.stop, len(z), "cells")

    def level_moments(self, context: Context) -> tuple[Floats, Floats]:
        """Return mean and deviation of each place's log mean traffic, (n,); NaN where it has none.

        In closed form, without sampling. Of the published transform the level is part of the shape.

        Parameters
        ----------
        context : Context
            Embeddings of n places.

        Returns
        -------
        tuple of ndarray of float64, (n,)
            Mean and standard deviation of the natural logarithm.

        Raises
        ------
        BadInput
            If the embeddings come from another context.
        """
        z = self._conditions(context)
        transform = self.model.transform
        if not isinstance(transform, LogRatioTransform):
            unknown = np.full(len(z), np.nan)
            return unknown, unknown
        with torch.inference_mode():
            moments = self.model.scale.moments(self.model.place(self._tensor(z)).scale)
        mean, deviation = (part[:, 0].cpu().double().numpy() for part in moments)
        offset, scale = transform.level_stats.cpu().double().numpy()
        return mean * scale + offset, deviation * scale

    def forecast(
        self,
        history: xr.DataArray,
        context: Context,
        hours: int = 24,
        samples: int = 16,
        seed: int = 0,
        timezone: str | None = None,
        holidays: Sequence[date] = (),
        *,
        condition_on_recent_residuals: bool = True,
        dependence: Mapping[str, SharedNoise] | None = None,
    ) -> xr.DataArray:
        """Forecast the next `hours` of measured stations, (station, sample, time).

        Parameters
        ----------
        history : xarray.DataArray
            Hourly traffic (station, time) of at least a week, gaps of at most six hours;
            stations in the order of `context`.
        context : Context
            Embeddings of the n stations.
        hours : int
            Hours to forecast.
        samples : int
            Samples per station.
        seed : int
            Seed of the samples.
        timezone : str, optional
            IANA name; by default the attribute `timezone` of the history.
        holidays : sequence of date
            Local days with the traffic of a Sunday.
        condition_on_recent_residuals : bool
            Whether the network reads the measured residuals of the last six days as an input
            channel, as in training; False is as published.

        dependence : mapping of str to SharedNoise, optional
            What neighbours share, as in `sample`.

        Returns
        -------
        xarray.DataArray
            Traffic (station, sample, time) in the model's unit.

        Raises
        ------
        BadInput
            If the history is too short, has long gaps, or the embeddings come from another context.

        Notes
        -----
        The periodic part is the mean week of the latest whole weeks, at most four, of `history`
        (Eqs. 2-3); the residual is generated.
        """
        z = self._conditions(context)
        x, times, zone = measured(history, len(z), timezone)
        if hours < 1:
            raise BadInput(f"A forecast of {hours} hours was asked for; at least one is needed.")
        span = calendar(pd.date_range(times[0], periods=len(times) + hours, freq="h"), zone)
        begin = int(span.steps[0]) + max(0, x.shape[1] - HISTORY_HOURS)
        x = x[:, -HISTORY_HOURS:]
        n, past = x.shape
        # tokens are local days: the window starts at a midnight and ends with a whole day
        opening = max(0, past - RESIDUAL_HISTORY_DAYS * DAY)
        opening += -(begin + opening) % DAY
        wanted = span.steps[len(times) :] - begin
        end = opening - (opening - 1 - int(wanted.max())) // DAY * DAY
        padded = self._tensor(np.pad(x, ((0, 0), (0, end - past))))
        known = torch.zeros_like(padded)
        known[:, :past] = 1
        days = (begin + end) // DAY
        of_week = hours_of_days(span.first_day, days, holidays)[begin:]
        hours_all = self._tensor(of_week).expand(n, -1)
        window = slice(opening, None)
        noise = noise_ahead(seed, context.ids, samples, known.shape[1] - opening, times[-1])
        spatial = self._spatial(context, dependence)
        if spatial is not None:
            fields = NoiseFields(seed, "forecast", times[-1].isoformat())
            noise = fields.mix("residual", noise, spatial)
        with torch.inference_mode():
            levels = self.model.transform.encode(padded, hours_all, latest_whole_weeks(known))
            drawn = continue_history(
                self.model,
                self._tensor(z).repeat_interleave(samples, 0),
                levels.window(window).repeated(samples),
                hours_all[:, window].repeat_interleave(samples, 0),
                known[:, window].repeat_interleave(samples, 0),
                self._tensor(noise).flatten(0, 1),
                Sampler.of(self.model),
                condition_on_recent_residuals=condition_on_recent_residuals,
            )
        values = drawn.view(n, samples, -1).cpu().numpy()[..., wanted - opening]
        coming = span.times[len(times) :]
        return self._labelled(values, "station", context.ids, coming, zone, seed)

    def _conditions(self, context: Context) -> Floats32:
        z = context.embedding
        if z.ndim != 2 or z.shape[1] != self.model.context_dim:
            raise BadInput(
                f"The embeddings have shape {z.shape}; the model in '{self.source}' needs "
                f"(n, {self.model.context_dim})."
            )
        if context.fingerprint != self.facts.context_fingerprint:
            raise BadInput(
                f"The embeddings come from encoder {context.fingerprint}, and the model in "
                f"'{self.source}' was trained on {self.facts.context_fingerprint}; embed the "
                "places with that one or train on this one."
            )
        if not np.isfinite(z).all():
            raise BadInput("The embeddings hold NaN or infinity; every value must be a number.")
        return np.concatenate([z, self._relative(context)], axis=1)

    @staticmethod
    def _spatial(
        context: Context, dependence: Mapping[str, SharedNoise] | None
    ) -> SpatialNoise | None:
        """Return what the places share; None where their positions are not known."""
        if context.lonlat is None:
            return None
        levels = load_dependence().levels if dependence is None else dependence
        return SpatialNoise(context.lonlat, levels)

    def _relative(self, context: Context) -> Floats32:
        """Return the comparison of places with their city, (n, k), NaN where there is none."""
        shape = (len(context.embedding), self.model.relative_dim)
        if context.relative is None or not self.model.relative_dim:
            return np.full(shape, np.nan, np.float32)
        if context.relative.shape != shape:
            raise BadInput(
                f"The comparison with the city has shape {context.relative.shape}; the model in "
                f"'{self.source}' needs {shape}."
            )
        return context.relative

    def _tensor(self, values: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(
            next(self.model.parameters()).device
        )

    def _labelled(
        self,
        values: Floats32,
        place: str,
        ids: NDArray[np.str_],
        times: pd.DatetimeIndex,
        timezone: str,
        seed: int,
    ) -> xr.DataArray:
        """Return the values with dimensions, coordinates and provenance."""
        return xr.DataArray(
            values,
            dims=(place, "sample", "time"),
            coords={place: ids, "sample": np.arange(values.shape[1]), "time": times},
            name="traffic",
            attrs={
                "units": self.facts.unit,
                "timezone": timezone,
                "provenance": "generated",
                "trained_on": self.facts.trained_on,
                "model": self.model.preset.name,
                "model_fingerprint": self.fingerprint,
                "context_fingerprint": self.facts.context_fingerprint,
                "seed": seed,
            },
        )


def write_traffic(
    traffic: xr.DataArray, cells: gpd.GeoDataFrame, attribution: Sequence[str], out: Path
) -> None:
    """Write generated traffic as NetCDF, with the position of each cell and the attribution.

    Encoded in memory first, because the HDF5 library crashes the process on a full disk.

    Parameters
    ----------
    traffic : xarray.DataArray
        Traffic (cell, sample, time) of `Generator.sample`.
    cells : geopandas.GeoDataFrame
        Cells in the same order, with lon and lat in degrees.
    attribution : sequence of str
        Lines that must be shown with the data.
    out : Path
        File to write.
    """
    placed = traffic.assign_coords(
        lon=("cell", cells["lon"].to_numpy()), lat=("cell", cells["lat"].to_numpy())
    )
    placed.attrs["attribution"] = "; ".join(attribution)
    encoding: dict[Hashable, dict[str, Any]] = {
        "traffic": {"zlib": True, "complevel": 1, "shuffle": True}
    }
    with atomic_file(out) as draft:
        draft.write_bytes(placed.to_netcdf(engine="h5netcdf", encoding=encoding))
