"""Sampling traffic from a trained hierarchy: Algorithm 2, level by level.

Deterministic given the noise: `site_noise` derives a place's own from (seed, cell, sample), and
`spatial_noise` adds what it shares with others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspatial.arrays import Floats, Floats32
from netspatial.generate.decompose import project_residual, project_weekly, repeat
from netspatial.generate.flow import SOLVERS, Velocity, unchanged
from netspatial.generate.hierarchy import DAILY_DIM, HierarchicalFlow, Place, residual_channels
from netspatial.generate.spatial_noise import NoiseFields, SpatialNoise, mixed_noise
from netspatial.generate.transforms import Levels
from netspatial.randomness import stream
from netspatial.timeline import HOURS_PER_WEEK

Flow = Callable[[Place], Velocity]

RESIDUAL_SCALE_BOUND = 3.0
"""Standard deviations at which a sampled residual scale is clipped: it is exponentiated twice."""
SEQUENCES_AT_ONCE = 128
"""Series per batch; this many fit into the cache of a CPU core."""


@dataclass(frozen=True)
class Noise:
    """Samples from N(0, I).

    level : (n, 2), or normal scores (n, 1); residual_scale : (n, 2); daily : (n, 48);
    weekly : (n, 168); residual : (n, T)
    """

    level: Tensor
    residual_scale: Tensor
    daily: Tensor
    weekly: Tensor
    residual: Tensor


@dataclass(frozen=True)
class Sampler:
    """Settings of the solver: its name, steps per level, guidance (1 is none)."""

    solver: str
    steps: tuple[int, int, int]
    residual_noise_std: float
    """Standard deviation of x_0 at level 3."""
    clip_every_step: float | None = None
    guidance: float = 1.0

    @classmethod
    def of(cls, model: HierarchicalFlow, guidance: float = 1.0) -> "Sampler":
        """Return the sampler of the model's preset."""
        preset = model.preset
        return cls(
            solver=preset.solver,
            steps=preset.solver_steps,
            residual_noise_std=preset.sampling_prior_scale,
            clip_every_step=preset.clip_every_step,
            guidance=guidance,
        )


def site_noise(seed: int, ids: Sequence[str], samples: int, length: int) -> dict[str, Floats32]:
    """Return noise (cells, samples, ·) by level; it depends on seed, cell and sample alone.

    The samples of a cell come from one stream per level, so that sample k does not depend on the
    number of samples.
    """
    sizes = {
        "level": 2,
        "residual_scale": 2,
        "daily": DAILY_DIM,
        "weekly": HOURS_PER_WEEK,
        "residual": length,
    }
    return {
        name: np.stack(
            [
                stream(seed, "generate", cell, name).standard_normal(
                    (samples, size), dtype=np.float32
                )
                for cell in ids
            ]
        )
        for name, size in sizes.items()
    }


def draw(
    model: HierarchicalFlow,
    context: Floats32,
    hours: NDArray[np.integer],
    ids: Sequence[str],
    samples: int,
    seed: int,
    guidance: float = 1.0,
    at_once: int = SEQUENCES_AT_ONCE,
    spatial: SpatialNoise | None = None,
    level_scores: Floats | None = None,
) -> Iterator[tuple[slice, Floats32]]:
    """Sample ensembles for embeddings (n, D) and hours of the week (n, T), block by block.

    spatial      : where the places are and what they share; None draws each on its own
    level_scores : (n, samples) normal scores of the level, instead of noise of its own

    Yields the slice of places and their traffic (places, samples, T).
    """
    fields = NoiseFields(seed, "generate")
    device = next(model.parameters()).device
    sampler = Sampler.of(model, guidance)
    at_once = max(1, at_once // samples)

    def repeated(values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.repeat(values, samples, axis=0)).to(device)

    for first in range(0, len(context), at_once):
        places = slice(first, min(first + at_once, len(context)))
        own = site_noise(seed, ids[places], samples, hours.shape[1])
        drawn = mixed_noise(own, fields, None if spatial is None else spatial.take(places))
        if level_scores is not None:
            drawn["level"] = level_scores[places, :, None].astype(np.float32)
        noise = Noise(**{k: torch.from_numpy(v).flatten(0, 1).to(device) for k, v in drawn.items()})
        with torch.inference_mode():
            x = generate(
                model,
                repeated(context[places]),
                repeated(hours[places].astype(np.int64)),
                noise,
                sampler,
            )
        yield places, x.view(-1, samples, hours.shape[1]).cpu().numpy()


def generate(
    model: HierarchicalFlow, context: Tensor, hours: Tensor, noise: Noise, sampler: Sampler
) -> Tensor:
    """Return traffic (n, T) for embeddings (n, D) and hours of the week (n, T), T whole weeks.

    With a consistent preset and at least two weeks, the mean days equal d and the mean week equals
    w (projections of w and r); a single week's residual has no such constraint.
    """
    transform, consistent = model.transform, model.preset.consistent
    places = _places(model, context, sampler)
    certain = context.new_zeros(context.shape[0], 1)
    bounds = transform.bounds

    level = _clip(model.scale.sample(noise.level, places[0].scale), bounds[0])
    z_1 = _solve(
        places,
        lambda place: model.daily_flow(place, level),
        model.temperature * noise.daily,
        0,
        sampler,
        bounds[1],
    )
    d = transform.decode_daily(z_1)
    if model.one_week:
        w = transform.decode_weekly(noise.weekly[:, :0], d)
    else:
        z_2 = _solve(
            places,
            lambda place: model.weekly_flow(place, level, z_1, certain),
            model.temperature * noise.weekly,
            1,
            sampler,
            bounds[2],
        )
        w = transform.decode_weekly(z_2, d)
    if consistent:
        w = project_weekly(w, d)
    u = repeat(w, hours)
    channels = residual_channels(transform.template_channel(u))
    residual_scale = torch.zeros_like(level)
    if transform.heteroscedastic:
        residual_scale = model.residual_scale.sample(
            noise.residual_scale, model.residual_scale_condition(places[0], level)
        )
        residual_scale = residual_scale.clamp(-RESIDUAL_SCALE_BOUND, RESIDUAL_SCALE_BOUND)
    r = _residual(model, places, level, residual_scale, u, hours, channels, noise.residual, sampler)
    if consistent and not model.one_week:
        r = project_residual(r, hours)
    return transform.decode_level(level) * (u + r).clamp_min(0)


def continue_history(
    model: HierarchicalFlow,
    context: Tensor,
    levels: Levels,
    hours: Tensor,
    known: Tensor,
    noise: Tensor,
    sampler: Sampler,
    *,
    condition_on_recent_residuals: bool,
) -> Tensor:
    """Return traffic (n, T) with the measured periodic part (Eqs. 2-3) and a generated residual.

    levels : of the measured series, encoded from the known hours; known : (n, T), one where
    measured; noise : (n, T). With `condition_on_recent_residuals` the residual network also reads
    the measured residuals as an input channel, as in training; without, the residual is sampled as
    for an unmeasured site (the published method).
    """
    places = _places(model, context, sampler)
    level = _clip(levels.level, model.transform.bounds[0])
    channel = model.transform.template_channel(levels.template)
    measured = (levels.residual, known) if condition_on_recent_residuals else None
    channels = residual_channels(channel, measured)
    r = _residual(
        model,
        places,
        level,
        levels.residual_scale,
        levels.template,
        hours,
        channels,
        noise,
        sampler,
    )
    return levels.scale * (levels.template + r).clamp_min(0)


def _residual(
    model: HierarchicalFlow,
    places: list[Place],
    level: Tensor,
    residual_scale: Tensor,
    u: Tensor,
    hours: Tensor,
    channels: Tensor,
    noise: Tensor,
    sampler: Sampler,
) -> Tensor:
    certain = torch.zeros_like(level)
    z_3 = _solve(
        places,
        lambda place: model.residual_flow(
            place, level, residual_scale, model.peak_weights(place), channels, hours, certain
        ),
        sampler.residual_noise_std * noise,
        2,
        sampler,
        model.transform.bounds[3],
    )
    return model.transform.decode_residual(z_3, u, residual_scale)


def _places(model: HierarchicalFlow, context: Tensor, sampler: Sampler) -> list[Place]:
    """Return the conditions, and with guidance also the unconditional ones."""
    places = [model.place(context)]
    if sampler.guidance != 1.0:
        places.append(model.place(context, context.new_zeros(context.shape[0], 1)))
    return places


def _solve(
    places: list[Place],
    flow: Flow,
    x_0: Tensor,
    level: int,
    sampler: Sampler,
    bound: Tensor,
) -> Tensor:
    velocities = [flow(place) for place in places]

    def velocity(x_t: Tensor, t: Tensor) -> Tensor:
        v = velocities[0](x_t, t)
        if len(velocities) == 1:
            return v
        withheld = velocities[1](x_t, t)
        return withheld + sampler.guidance * (v - withheld)

    b = sampler.clip_every_step
    after_step = unchanged if b is None else lambda x: x.clamp(-b, b)
    x_1 = SOLVERS[sampler.solver](velocity, x_0, sampler.steps[level], after_step)
    return x_1 if b is not None else _clip(x_1, bound)


def _clip(z: Tensor, bound: Tensor) -> Tensor:
    """Clip symmetrically, once, far in the tail: z is exponentiated afterwards."""
    return torch.maximum(torch.minimum(z, bound), -bound)
