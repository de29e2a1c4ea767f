"""The generator's network: three conditional flows G1, G2, G3 (Eq. 13), scale heads, peak hour.

Defines what each level is conditioned on; `objective` trains it, `sampling` samples from it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netspatial.generate.decompose import DAY
from netspatial.generate.flow import Velocity
from netspatial.generate.networks import (
    Conditions,
    MixtureDensityHead,
    PositionEncoder,
    SeriesVelocity,
    VectorVelocity,
)
from netspatial.generate.presets import Preset
from netspatial.generate.transforms import TRANSFORMS, LevelTransform
from netspatial.timeline import HOURS_PER_WEEK

DAILY_DIM = 2 * DAY


@dataclass(frozen=True)
class Place:
    """Conditions of a place for each level: c for the scale, c_1, c_2, c_3, each (n, width)."""

    scale: Tensor
    daily: Tensor
    weekly: Tensor
    residual: Tensor


class HierarchicalFlow(nn.Module):
    """Site scale, daily shape, weekly shape and residual, each conditioned on the ones before.

    With one week of training data the weekly shape is the two-day-type template (Eq. 2) and there
    is no second flow. `temperature` multiplies the noise x_0 of daily and weekly shapes; it is one
    in training and then calibrated so that 90 % intervals cover 90 % of held-out hours. The
    residual's noise is not scaled: the training data determine its spread well.

    The condition is an embedding of `context_dim` numbers followed by `relative_dim` numbers that
    compare the place with its city; NaN stands for unknown. Shapes depend on both. The scale
    depends on the comparison alone where that is known, because cities differ in how densely they
    are built and mapped.
    """

    temperature: Tensor

    def __init__(
        self, preset: Preset, context_dim: int, *, one_week: bool, relative_dim: int = 0
    ) -> None:
        super().__init__()
        self.preset, self.one_week = preset, one_week
        self.context_dim, self.relative_dim = context_dim, relative_dim
        width, dropout = preset.condition_width, preset.dropout
        self.register_buffer("temperature", torch.ones(1))
        self.transform: LevelTransform = TRANSFORMS[preset.transform](one_week=one_week)
        self.context = Conditions(context_dim + relative_dim, width, levels=4, dropout=dropout)
        self.scale = MixtureDensityHead(width, preset.scale_components, dropout)
        self.residual_scale = MixtureDensityHead(width, preset.scale_components, dropout)
        self.position = PositionEncoder(width)
        # every flow is conditioned on the site level; G2, G3 also on the noise of the levels above
        self.daily_given = nn.Linear(1, width)
        self.weekly_given = nn.Linear(2 + DAILY_DIM, width)
        self.residual_scale_given = nn.Linear(1, width)
        self.residual_given = nn.Linear(3, width)
        vector = (width, preset.vector_width, preset.vector_depth, dropout)
        self.daily = VectorVelocity(DAILY_DIM, *vector)
        self.weekly = None if one_week else VectorVelocity(HOURS_PER_WEEK, *vector)
        self.residual = SeriesVelocity(width, preset.series_width, preset.series_depth, dropout)

    def fit_statistics(self, x: Tensor, hours: Tensor, context: Tensor) -> None:
        """Set the means and scales of transform and conditions from the training series."""
        self.transform.fit(x, hours)
        self.context.fit(context)

    def freeze_week_to_week(self) -> None:
        """Freeze the parameters that a single measured week does not inform.

        Trainable are the scale head and G1 (daily shapes) with their condition layers.
        """
        kept = (
            self.weekly,
            self.weekly_given,
            self.residual,
            self.residual_given,
            self.residual_scale,
            self.residual_scale_given,
            self.position,
            *self.context.project[2:],
        )
        for part in kept:
            if part is not None:
                part.requires_grad_(requires_grad=False)

    def place(self, context: Tensor, keep: Tensor | None = None) -> Place:
        """Return conditions of places (n, D + k); `keep` (n, 1) is zero where they are dropped."""
        if keep is None:
            keep = context.new_ones(context.shape[0], 1)
        if not self.preset.use_condition:
            keep = torch.zeros_like(keep)
        if not self.preset.use_relative:
            context = self.without_relative(context, context.new_ones(context.shape[0], 1))
        z = self.context.standardised(context) * keep
        compares = self._compares(context)
        known = (~context.isnan() & compares).any(1, keepdim=True)
        compared = z.masked_fill(known & ~compares, 0.0)
        return Place(*self.context.read([compared, z, z, z]))

    def without_relative(self, context: Tensor, withheld: Tensor) -> Tensor:
        """Return the places with the comparison set to NaN where `withheld` (n, 1) is one."""
        return context.masked_fill(self._compares(context) & withheld.bool(), torch.nan)

    def _compares(self, context: Tensor) -> Tensor:
        """Return the mask (D + k,) of the columns that compare a place with its city."""
        return torch.arange(context.shape[1], device=context.device) >= self.context_dim

    def take_levels(self, other: "HierarchicalFlow") -> None:
        """Copy the scale head and its condition layer from another model of this design."""
        self.scale.load_state_dict(other.scale.state_dict())
        self.context.project[0].load_state_dict(other.context.project[0].state_dict())

    def peak_weights(self, place: Place) -> Tensor:
        """Return the classifier's most likely peak hour h* as one-hot weights (n, 24)."""
        best = self.position.logits(place.residual).argmax(-1)
        return torch.nn.functional.one_hot(best, DAY).to(place.residual.dtype)

    def residual_scale_condition(self, place: Place, level: Tensor) -> Tensor:
        """Return the condition of the residual scale: the place and its level (n, 1)."""
        condition: Tensor = place.residual + self.residual_scale_given(level)
        return condition

    def daily_flow(self, place: Place, level: Tensor) -> Velocity:
        """Return G1: velocity of the daily shape given the place and the site's level (n, 1)."""
        condition = place.daily + self.daily_given(level)
        return lambda x_t, t: self.daily(x_t, t, condition)

    def weekly_flow(
        self, place: Place, level: Tensor, daily: Tensor, conditioning_noise_std: Tensor
    ) -> Velocity:
        """Return G2: velocity of the weekly shape, given also d (n, 48) with noise of this std."""
        weekly = self.weekly
        if weekly is None:
            raise ValueError("a model of one-week data has no weekly flow")
        condition = place.weekly + self.weekly_given(
            torch.cat([level, conditioning_noise_std, daily], -1)
        )
        return lambda x_t, t: weekly(x_t, t, condition)

    def residual_flow(
        self,
        place: Place,
        level: Tensor,
        residual_scale: Tensor,
        peak: Tensor,
        channels: Tensor,
        hours: Tensor,
        conditioning_noise_std: Tensor,
    ) -> Velocity:
        """Return G3: velocity of the residual given also its scale (n, 1) and h* weights (n, 24).

        channels : (n, 3, T) template channel, measured residual, whether measured
        hours    : (n, T) of the week, whole local days from a midnight on
        """
        condition = place.residual + self.residual_given(
            torch.cat([level, conditioning_noise_std, residual_scale], -1)
        )
        if self.preset.peak_hour:
            condition = condition + peak @ self.position.embed.weight
        weekday = hours[:, DAY // 2 :: DAY] // DAY
        return lambda x_t, t: self.residual(x_t, t, condition, channels, weekday)


def residual_channels(template: Tensor, measured: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """Stack the hourly input channels of the residual network, (n, 3, T).

    template : (n, T) the template's channel; measured : residuals and where they are known
    """
    residual, known = measured or (torch.zeros_like(template), torch.zeros_like(template))
    return torch.stack([template, residual * known, known], dim=1)
