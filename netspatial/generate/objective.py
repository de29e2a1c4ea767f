"""The training objective, Eq. 15: three flows, the scales, the peak hour, auxiliary terms.

Only the published preset has the auxiliary terms, evaluated on a full sample. Ours has none: one
step along the straight path gives a conditional mean and no sample, and such terms did not improve
held-out scores.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netspatial.generate import losses
from netspatial.generate.decompose import DAY, latest_whole_weeks, peak_hour, repeat
from netspatial.generate.flow import draw_time, straight_path
from netspatial.generate.hierarchy import HierarchicalFlow, Place, residual_channels
from netspatial.generate.sampling import Noise, Sampler, generate
from netspatial.generate.transforms import Levels
from netspatial.timeline import HOURS_PER_WEEK


@dataclass(frozen=True)
class Batch:
    """x (n, T) in the traffic's unit; hours (n, T) of the week; context (n, D)."""

    x: Tensor
    hours: Tensor
    context: Tensor


@dataclass(frozen=True)
class TrainingRng:
    """Random numbers of one training step, made on the CPU to be equal on all devices."""

    generator: torch.Generator
    device: torch.device

    def normal(self, *shape: int) -> Tensor:
        """Sample from N(0, 1)."""
        return torch.randn(*shape, generator=self.generator).to(self.device)

    def uniform(self, *shape: int) -> Tensor:
        """Sample from U(0, 1)."""
        return torch.rand(*shape, generator=self.generator).to(self.device)

    def happens(self, share: float) -> bool:
        """Return True with this probability."""
        return float(torch.rand(1, generator=self.generator)) < share

    def integer(self, low: int, high: int) -> int:
        """Sample an integer in [low, high)."""
        return int(torch.randint(low, high, (1,), generator=self.generator))


def objective(model: HierarchicalFlow, batch: Batch, rng: TrainingRng) -> dict[str, Tensor]:
    """Return the weighted terms of one training step, each a scalar; their sum is minimised.

    On single weeks a model of months is trained on the level and the mean days alone: a single
    week equals its own template, so that its residual is zero.
    """
    preset, n = model.preset, batch.x.shape[0]
    keep = (rng.uniform(n, 1) >= preset.condition_dropout).to(batch.x.dtype)
    levels = model.transform.encode(batch.x, batch.hours)
    withheld = (rng.uniform(n, 1) < preset.condition_dropout).to(batch.x.dtype)
    place = model.place(model.without_relative(batch.context, withheld), keep)
    terms = {"daily": _daily(model, place, levels, rng)}
    if preset.transform != "additive":
        terms["scale"] = model.scale.negative_log_likelihood(levels.level, place.scale)
    if batch.x.shape[1] == HOURS_PER_WEEK and not model.one_week:
        return terms
    logits = model.position.logits(place.residual)
    true_peak = peak_hour(batch.x, batch.hours)
    terms["peak"] = 0.1 * nn.functional.cross_entropy(logits, true_peak)
    terms["residual"] = _residual(model, batch, place, levels, true_peak, rng)
    if model.transform.heteroscedastic:
        condition = model.residual_scale_condition(place, levels.level)
        terms["residual_scale"] = model.residual_scale.negative_log_likelihood(
            levels.residual_scale, condition
        )
    if not model.one_week:
        terms["weekly"] = _weekly(model, place, levels, rng)
    if preset.auxiliary_weight > 0:
        terms["auxiliary"] = preset.auxiliary_weight * _rollout(model, batch, rng)
    return terms


def _daily(model: HierarchicalFlow, place: Place, levels: Levels, rng: TrainingRng) -> Tensor:
    n, dim = levels.daily.shape
    t = draw_time(n, model.preset.time_law, rng.generator).to(rng.device)
    path = straight_path(rng.normal(n, dim), levels.daily, t)
    velocity = model.daily_flow(place, levels.level)(path.x_t, path.t)
    return losses.flow_matching(velocity, path.dx_t, model.transform.daily_importance())


def _weekly(model: HierarchicalFlow, place: Place, levels: Levels, rng: TrainingRng) -> Tensor:
    """Return the loss of G2, trained with noisy daily shapes, as it will get generated ones."""
    n, dim = levels.weekly.shape
    t = draw_time(n, model.preset.time_law, rng.generator).to(rng.device)
    conditioning_noise_std = model.preset.augmentation * rng.uniform(n, 1)
    daily = levels.daily + conditioning_noise_std * rng.normal(*levels.daily.shape)
    path = straight_path(rng.normal(n, dim), levels.weekly, t)
    velocity = model.weekly_flow(place, levels.level, daily, conditioning_noise_std)(
        path.x_t, path.t
    )
    return losses.flow_matching(velocity, path.dx_t, model.transform.weekly_importance())


def _residual(
    model: HierarchicalFlow,
    batch: Batch,
    place: Place,
    levels: Levels,
    true_peak: Tensor,
    rng: TrainingRng,
) -> Tensor:
    """Return the loss of G3; in a share of the steps it continues a measured history."""
    preset, transform = model.preset, model.transform
    n, length = batch.x.shape
    measured = None
    if length >= 2 * HOURS_PER_WEEK and rng.happens(preset.history_share):
        known = _history_mask(batch.x, rng)
        levels = transform.encode(batch.x, batch.hours, latest_whole_weeks(known))
        measured = (levels.residual, known)
    z_3 = torch.maximum(torch.minimum(levels.residual, transform.bounds[3]), -transform.bounds[3])
    conditioning_noise_std = preset.augmentation * rng.uniform(n, 1)
    smear = repeat(rng.normal(n, HOURS_PER_WEEK), batch.hours)
    channel = transform.template_channel(levels.template) + conditioning_noise_std * smear
    peak = model.peak_weights(place)
    if rng.happens(preset.teacher_forcing_prob):
        peak = nn.functional.one_hot(true_peak, DAY).to(peak.dtype)

    t = draw_time(n, preset.time_law, rng.generator).to(rng.device)
    path = straight_path(preset.prior_scale * rng.normal(n, length), z_3, t)
    flow = model.residual_flow(
        place,
        levels.level,
        levels.residual_scale,
        peak,
        residual_channels(channel, measured),
        batch.hours,
        conditioning_noise_std,
    )
    velocity = flow(path.x_t, path.t)
    return losses.flow_matching(velocity, path.dx_t)


def _rollout(model: HierarchicalFlow, batch: Batch, rng: TrainingRng) -> Tensor:
    """Return the published auxiliary terms of a full sample, with gradients through the solver."""
    n, length = batch.x.shape
    preset = model.preset
    noise = Noise(
        level=rng.normal(n, 2),
        residual_scale=rng.normal(n, 2),
        daily=rng.normal(n, 2 * DAY),
        weekly=rng.normal(n, HOURS_PER_WEEK),
        residual=rng.normal(n, length),
    )
    sampler = Sampler(
        solver=preset.solver,
        steps=(preset.rollout_steps,) * 3,
        residual_noise_std=preset.prior_scale,
        clip_every_step=preset.clip_every_step,
    )
    unit = batch.x.max()
    x_hat, x = generate(model, batch.context, batch.hours, noise, sampler) / unit, batch.x / unit
    each = (
        losses.boundary(x_hat, x.max())
        + losses.temporal(x_hat, x)
        + losses.periodic(x_hat, x, batch.hours)
        + losses.bias(x_hat, x)
        + losses.correlation(x_hat, x, batch.hours)
    )
    return each.mean()


def _history_mask(x: Tensor, rng: TrainingRng) -> Tensor:
    """Return a mask (n, T) of a measured beginning: at least a week, at most all but a day."""
    cut = rng.integer(HOURS_PER_WEEK, x.shape[1] - DAY + 1)
    known = torch.zeros_like(x)
    known[:, :cut] = 1
    return known
