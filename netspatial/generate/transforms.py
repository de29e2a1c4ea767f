"""Transforms of the levels s, d, w, r of Eq. 1, x = s (u + r), to numbers near N(0, I), and back.

Used between `decompose` and the flows, which learn such numbers best.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from netspatial.generate.decompose import daily_targets, repeat, spread_daily, weekly_target
from netspatial.generate.whitening import Whitening
from netspatial.timeline import HOURS_PER_WEEK

EPSILON = 0.02
"""Added before logarithms, as a share of a site's mean, so that log(0) is avoided."""
MIN_RESIDUAL_SCALE = 0.05
"""Lower bound of a site's residual deviation, as a share of the deviation over all sites."""
MONTH_WEEKS = 4
"""Residual scales are converted to what a month of this many weeks would show."""


@dataclass(frozen=True)
class Levels:
    """Levels of a batch of series, standardised and as shapes.

    level    : (n, 1) a site's log mean
    daily    : (n, 48); weekly : (n, 168), empty (n, 0) for one-week data; residual : (n, T)
    residual_scale : (n, 1) standardised logarithm of the residual's standard deviation
    template : (n, T) u = Rep(w), in units of the site's scale
    scale    : (n, 1) s, in the traffic's unit
    """

    level: Tensor
    daily: Tensor
    weekly: Tensor
    residual: Tensor
    residual_scale: Tensor
    template: Tensor
    scale: Tensor

    def window(self, hours: slice) -> "Levels":
        """Return the same sites with the hourly arrays cut to `hours`."""
        return replace(self, residual=self.residual[:, hours], template=self.template[:, hours])

    def repeated(self, times: int) -> "Levels":
        """Return every site `times` times, in consecutive rows."""
        return Levels(**{k: v.repeat_interleave(times, 0) for k, v in vars(self).items()})


class LevelTransform(Protocol):
    """A transform of the levels; everything fitted to data is a buffer.

    heteroscedastic : whether residuals are in units of each site's own residual scale
    """

    bounds: Tensor
    heteroscedastic: bool

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Fit means and scales to training series x (n, T) with hours of the week (n, T)."""

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Set the level and unit of another city; shapes and spreads stay as fitted."""

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Return the levels of series; with `known` (n, T), s, d, w of the known hours alone."""

    def decode_level(self, z: Tensor) -> Tensor:
        """Return a site's scale (n, 1) in the traffic's unit."""

    def decode_daily(self, z: Tensor) -> Tensor:
        """Return daily shapes d (n, 48)."""

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Return a weekly shape w (n, 168) whose mean days are near d."""

    def decode_residual(self, z: Tensor, u: Tensor, residual_scale: Tensor) -> Tensor:
        """Return the residual r (n, T) over u of sites with this residual scale (n, 1)."""

    def template_channel(self, u: Tensor) -> Tensor:
        """Return the residual network's input channel for u (n, T)."""

    def daily_importance(self) -> Tensor:
        """Return the weight of each daily coordinate in the loss, (48,) of mean one."""

    def weekly_importance(self) -> Tensor:
        """Return the weight of each weekly coordinate in the loss, (168,) of mean one."""


class LogRatioTransform(nn.Module):
    """Logarithms of ratios: positive by construction, one spread for busy and quiet hours.

    level = log s; daily = log(d + ε), whitened; weekly = log((w + ε)/(d + ε)), whitened;
    residual = log((x/s + ε)/(u + ε)) / v, so that r = (u + ε)(exp(v z) - 1), with v the site's own
    standard deviation: it differs between sites by a factor of up to ten.
    """

    heteroscedastic = True
    level_stats: Tensor
    residual_stats: Tensor
    residual_scale_stats: Tensor
    template_stats: Tensor
    bounds: Tensor

    def __init__(self, *, one_week: bool) -> None:
        super().__init__()
        self.one_week = one_week
        self.daily = Whitening(48)
        self.weekly = Whitening(0 if one_week else HOURS_PER_WEEK)
        for name in ("level_stats", "residual_stats", "residual_scale_stats", "template_stats"):
            self.register_buffer(name, torch.tensor([0.0, 1.0]))
        self.register_buffer("bounds", torch.full((4,), 10.0))

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Fit to training series; `bounds` are 1.25 times the 99.9 % quantiles."""
        s, d, w, u = self._shapes(x, hours)
        self.level_stats.copy_(_mean_std(s.log()))
        self.daily.fit((d + EPSILON).log())
        if not self.one_week:
            self.weekly.fit(_log_ratio(w, spread_daily(d)))
        self.residual_stats.copy_(_mean_std(_log_ratio(x / s, u)))
        deviation, _ = self._residual_scale(self._raw_residual(x / s, u), None)
        self.residual_scale_stats.copy_(_mean_std(deviation.log()))
        self.template_stats.copy_(_mean_std((u + EPSILON).log()))
        levels = self.encode(x, hours)
        for k, z in enumerate((levels.level, levels.daily, levels.weekly, levels.residual)):
            if z.numel():
                self.bounds[k] = 1.25 * _high_quantile(z.abs())

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Set the mean log level to that of other series."""
        s, _, _, _ = self._shapes(x, hours)
        self.level_stats[0] = s.log().mean()

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Return the levels of series."""
        s, d, w, u = self._shapes(x, hours, known)
        weekly = x.new_zeros(x.shape[0], 0)
        if not self.one_week:
            weekly = self.weekly.encode(_log_ratio(w, spread_daily(d)))
        raw = self._raw_residual(x / s, u)
        deviation, residual_scale = self._residual_scale(raw, known)
        return Levels(
            level=(s.log() - self.level_stats[0]) / self.level_stats[1],
            daily=self.daily.encode((d + EPSILON).log()),
            weekly=weekly,
            residual=raw / deviation,
            residual_scale=residual_scale,
            template=u,
            scale=s,
        )

    def decode_level(self, z: Tensor) -> Tensor:
        """Return a site's mean traffic (n, 1)."""
        return torch.exp(z * self.level_stats[1] + self.level_stats[0])

    def decode_daily(self, z: Tensor) -> Tensor:
        """Return positive daily shapes whose week has mean one."""
        d = (self.daily.decode(z).exp() - EPSILON).clamp_min(0)
        return d / spread_daily(d).mean(1, keepdim=True)

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Return a positive weekly shape; for one-week data the two-day-type template of Eq. 2."""
        template = spread_daily(d)
        if self.one_week:
            return template
        return ((template + EPSILON) * self.weekly.decode(z).exp() - EPSILON).clamp_min(0)

    def decode_residual(self, z: Tensor, u: Tensor, residual_scale: Tensor) -> Tensor:
        """Return r = (u + ε)(exp(v z) - 1)."""
        raw = z * torch.exp(
            residual_scale * self.residual_scale_stats[1] + self.residual_scale_stats[0]
        )
        return (u + EPSILON) * torch.expm1(raw * self.residual_stats[1] + self.residual_stats[0])

    def template_channel(self, u: Tensor) -> Tensor:
        """Return the standardised log u."""
        return ((u + EPSILON).log() - self.template_stats[0]) / self.template_stats[1]

    def daily_importance(self) -> Tensor:
        """Return the importance of the whitened daily coordinates."""
        return self.daily.importance()

    def weekly_importance(self) -> Tensor:
        """Return the importance of the whitened weekly coordinates."""
        return self.weekly.importance()

    def _raw_residual(self, shape: Tensor, u: Tensor) -> Tensor:
        """Return log ratios (n, T) of x/s and template, standardised over all sites."""
        return (_log_ratio(shape, u) - self.residual_stats[0]) / self.residual_stats[1]

    def _residual_scale(self, raw: Tensor, known: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return a site's deviation v (n, 1) over the known whole weeks, and its standardised log.

        Residuals of few weeks are small, because the template is their mean; the variance is
        converted to that of a month. A single week equals its template; such a site gets the mean
        deviation.
        """
        weight = torch.ones_like(raw) if known is None else known
        weeks = weight.sum(1, keepdim=True) / HOURS_PER_WEEK
        variance = (weight * raw.square()).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
        typical = self.residual_scale_stats[0].exp().expand_as(variance)
        if not self.one_week:
            of_month = (MONTH_WEEKS - 1) / MONTH_WEEKS
            variance = variance * of_month * weeks / (weeks - 1).clamp_min(1)
        measured = variance.clamp_min(MIN_RESIDUAL_SCALE**2).sqrt()
        deviation = measured if self.one_week else torch.where(weeks > 1, measured, typical)
        return deviation, (
            deviation.log() - self.residual_scale_stats[0]
        ) / self.residual_scale_stats[1]

    def _shapes(
        self, x: Tensor, hours: Tensor, known: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        w = weekly_target(x, hours, known)
        s = w.mean(1, keepdim=True)
        w = w / s
        d = daily_targets(w)
        if self.one_week:
            w = spread_daily(d)
        return s, d, w, repeat(w, hours)


class AdditiveTransform(nn.Module):
    """The published transform: traffic over its global maximum; d, w and r = x - u unchanged.

    The scale is one number for all sites, so that d, w and r include a site's level.
    """

    heteroscedastic = False
    maximum: Tensor
    bounds: Tensor

    def __init__(self, *, one_week: bool) -> None:
        super().__init__()
        self.one_week = one_week
        self.register_buffer("maximum", torch.ones(1, 1))
        self.register_buffer("bounds", torch.full((4,), 10.0))

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Set the global maximum."""
        del hours
        self.maximum.copy_(x.max().reshape(1, 1))

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Set the global maximum of other series."""
        self.fit(x, hours)

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Return the levels of series."""
        s = self.maximum.expand(x.shape[0], 1)
        w = weekly_target(x / s, hours, known)
        d = daily_targets(w)
        u = repeat(spread_daily(d) if self.one_week else w, hours)
        return Levels(
            level=torch.zeros_like(s),
            daily=d,
            weekly=x.new_zeros(x.shape[0], 0) if self.one_week else w,
            residual=x / s - u,
            residual_scale=torch.zeros_like(s),
            template=u,
            scale=s,
        )

    def decode_level(self, z: Tensor) -> Tensor:
        """Return the global maximum for every site."""
        return self.maximum.expand(z.shape[0], 1)

    def decode_daily(self, z: Tensor) -> Tensor:
        """Return d with negative values clipped to zero."""
        return z.clamp_min(0)

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Return w clipped at zero; for one-week data the two-day-type template of Eq. 2."""
        return spread_daily(d) if self.one_week else z.clamp_min(0)

    def decode_residual(self, z: Tensor, u: Tensor, residual_scale: Tensor) -> Tensor:
        """Return z unchanged."""
        del u, residual_scale
        return z

    def template_channel(self, u: Tensor) -> Tensor:
        """Return the template unchanged."""
        return u

    def daily_importance(self) -> Tensor:
        """Return equal weights."""
        return self.maximum.new_ones(48)

    def weekly_importance(self) -> Tensor:
        """Return equal weights."""
        return self.maximum.new_ones(HOURS_PER_WEEK)


TRANSFORMS: dict[str, type[LogRatioTransform] | type[AdditiveTransform]] = {
    "log": LogRatioTransform,
    "additive": AdditiveTransform,
}


def _log_ratio(x: Tensor, u: Tensor) -> Tensor:
    return ((x + EPSILON) / (u + EPSILON)).log()


def _mean_std(y: Tensor) -> Tensor:
    wide = y.double()
    return torch.stack([wide.mean(), wide.std().clamp_min(1e-6)]).to(y.dtype)


def _high_quantile(y: Tensor) -> float:
    flat = y.flatten()
    return float(flat.kthvalue(max(1, round(0.999 * flat.numel()))).values)
