"""The coordinates in which each level is generated, and the way back to traffic.

Between `decompose` and the flows. The levels stay those of Eq. 1, x = s (u + r); what is chosen
here is how s, d, w and r are written as numbers near N(0, I), which is what a flow learns well.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from netspatial.generate.decompose import daily_targets, repeat, spread_daily, weekly_target
from netspatial.generate.whitening import Whitening
from netspatial.timeline import HOURS_PER_WEEK

EPSILON = 0.02
"""Added before logarithms, as a share of a site's mean: traffic of zero stays finite."""


@dataclass(frozen=True)
class Levels:
    """One batch of series at every level, in standardised coordinates and as shapes.

    level    : (n, 1) a site's log mean
    daily    : (n, 48); weekly : (n, 168), empty (n, 0) for one-week data; residual : (n, T)
    template : (n, T) u = Rep(w), in units of the site's scale
    scale    : (n, 1) s, in the traffic's unit
    """

    level: Tensor
    daily: Tensor
    weekly: Tensor
    residual: Tensor
    template: Tensor
    scale: Tensor

    def window(self, hours: slice) -> "Levels":
        """The same sites, with what is said hour by hour cut to `hours`."""
        return replace(self, residual=self.residual[:, hours], template=self.template[:, hours])

    def repeated(self, times: int) -> "Levels":
        """Every site `times` over, one after the other."""
        return Levels(**{k: v.repeat_interleave(times, 0) for k, v in vars(self).items()})


class Coordinates(Protocol):
    """What the hierarchy asks of its coordinates; everything learned from data is a buffer."""

    bounds: Tensor

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Learn means and scales from training series x (n, T) with calendar `hours` (n, T)."""

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Move to another city's level and unit; shapes and spreads stay as learnt."""

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Take series apart; with `known` (n, T), by what the known hours alone tell of s, d, w."""

    def decode_level(self, z: Tensor) -> Tensor:
        """A site's scale (n, 1) in the traffic's unit."""

    def decode_daily(self, z: Tensor) -> Tensor:
        """Daily shapes d (n, 48)."""

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Weekly shape w (n, 168) whose days are near d."""

    def decode_residual(self, z: Tensor, u: Tensor) -> Tensor:
        """Residual r (n, T) over the template u."""

    def template_channel(self, u: Tensor) -> Tensor:
        """How the residual network sees u (n, T)."""

    def daily_importance(self) -> Tensor:
        """Weight of each daily coordinate in the flow-matching loss, (48,) of mean one."""

    def weekly_importance(self) -> Tensor:
        """The same for the weekly coordinates, (168,)."""


class LogCoordinates(nn.Module):
    """Ratios as logarithms: positive by construction, one spread for busy and quiet hours.

    level = log s; daily = log(d + ε), whitened; weekly = log((w + ε)/(d + ε)), whitened;
    residual = log((x/s + ε)/(u + ε)), so that r = (u + ε)(exp z - 1).
    """

    level_stats: Tensor
    residual_stats: Tensor
    template_stats: Tensor
    bounds: Tensor

    def __init__(self, *, one_week: bool) -> None:
        super().__init__()
        self.one_week = one_week
        self.daily = Whitening(48)
        self.weekly = Whitening(0 if one_week else HOURS_PER_WEEK)
        for name in ("level_stats", "residual_stats", "template_stats"):
            self.register_buffer(name, torch.tensor([0.0, 1.0]))
        self.register_buffer("bounds", torch.full((4,), 10.0))

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Learn from training series; `bounds` lie a quarter beyond the 99.9 % quantiles."""
        s, d, w, u = self._shapes(x, hours)
        self.level_stats.copy_(_mean_std(s.log()))
        self.daily.fit((d + EPSILON).log())
        if not self.one_week:
            self.weekly.fit(_log_ratio(w, spread_daily(d)))
        self.residual_stats.copy_(_mean_std(_log_ratio(x / s, u)))
        self.template_stats.copy_(_mean_std((u + EPSILON).log()))
        levels = self.encode(x, hours)
        for k, z in enumerate((levels.level, levels.daily, levels.weekly, levels.residual)):
            if z.numel():
                self.bounds[k] = 1.25 * _high_quantile(z.abs())

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Take the mean log level from other series."""
        s, _, _, _ = self._shapes(x, hours)
        self.level_stats[0] = s.log().mean()

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Take series apart."""
        s, d, w, u = self._shapes(x, hours, known)
        weekly = x.new_zeros(x.shape[0], 0)
        if not self.one_week:
            weekly = self.weekly.encode(_log_ratio(w, spread_daily(d)))
        return Levels(
            level=(s.log() - self.level_stats[0]) / self.level_stats[1],
            daily=self.daily.encode((d + EPSILON).log()),
            weekly=weekly,
            residual=(_log_ratio(x / s, u) - self.residual_stats[0]) / self.residual_stats[1],
            template=u,
            scale=s,
        )

    def decode_level(self, z: Tensor) -> Tensor:
        """A site's mean traffic (n, 1)."""
        return torch.exp(z * self.level_stats[1] + self.level_stats[0])

    def decode_daily(self, z: Tensor) -> Tensor:
        """Positive daily shapes whose week has mean one."""
        d = (self.daily.decode(z).exp() - EPSILON).clamp_min(0)
        return d / spread_daily(d).mean(1, keepdim=True)

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Positive weekly shape; for one-week data the two-day-type template of Eq. 2."""
        template = spread_daily(d)
        if self.one_week:
            return template
        return ((template + EPSILON) * self.weekly.decode(z).exp() - EPSILON).clamp_min(0)

    def decode_residual(self, z: Tensor, u: Tensor) -> Tensor:
        """R = (u + ε)(exp z - 1)."""
        return (u + EPSILON) * torch.expm1(z * self.residual_stats[1] + self.residual_stats[0])

    def template_channel(self, u: Tensor) -> Tensor:
        """Standardised log u."""
        return ((u + EPSILON).log() - self.template_stats[0]) / self.template_stats[1]

    def daily_importance(self) -> Tensor:
        """Common ways for days to differ count more."""
        return self.daily.importance()

    def weekly_importance(self) -> Tensor:
        """Common ways for weeks to differ count more."""
        return self.weekly.importance()

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


class AdditiveCoordinates(nn.Module):
    """As published: traffic over its global maximum; d, w and r = x - u as they are.

    The scale is one number for all sites, so that levels 1-3 carry the level of a site too.
    """

    maximum: Tensor
    bounds: Tensor

    def __init__(self, *, one_week: bool) -> None:
        super().__init__()
        self.one_week = one_week
        self.register_buffer("maximum", torch.ones(1, 1))
        self.register_buffer("bounds", torch.full((4,), 10.0))

    def fit(self, x: Tensor, hours: Tensor) -> None:
        """Learn the global maximum."""
        del hours
        self.maximum.copy_(x.max().reshape(1, 1))

    def recentre(self, x: Tensor, hours: Tensor) -> None:
        """Take the global maximum from other series."""
        self.fit(x, hours)

    def encode(self, x: Tensor, hours: Tensor, known: Tensor | None = None) -> Levels:
        """Take series apart."""
        s = self.maximum.expand(x.shape[0], 1)
        w = weekly_target(x / s, hours, known)
        d = daily_targets(w)
        u = repeat(spread_daily(d) if self.one_week else w, hours)
        return Levels(
            level=torch.zeros_like(s),
            daily=d,
            weekly=x.new_zeros(x.shape[0], 0) if self.one_week else w,
            residual=x / s - u,
            template=u,
            scale=s,
        )

    def decode_level(self, z: Tensor) -> Tensor:
        """The global maximum, for every site."""
        return self.maximum.expand(z.shape[0], 1)

    def decode_daily(self, z: Tensor) -> Tensor:
        """Clippos: negative parts are cut."""
        return z.clamp_min(0)

    def decode_weekly(self, z: Tensor, d: Tensor) -> Tensor:
        """Clippos; for one-week data the two-day-type template of Eq. 2."""
        return spread_daily(d) if self.one_week else z.clamp_min(0)

    def decode_residual(self, z: Tensor, u: Tensor) -> Tensor:
        """The residual is what was generated."""
        del u
        return z

    def template_channel(self, u: Tensor) -> Tensor:
        """The template as it is."""
        return u

    def daily_importance(self) -> Tensor:
        """Every hour counts alike."""
        return self.maximum.new_ones(48)

    def weekly_importance(self) -> Tensor:
        """Every hour counts alike."""
        return self.maximum.new_ones(HOURS_PER_WEEK)


COORDINATES: dict[str, type[LogCoordinates] | type[AdditiveCoordinates]] = {
    "log": LogCoordinates,
    "additive": AdditiveCoordinates,
}


def _log_ratio(x: Tensor, u: Tensor) -> Tensor:
    return ((x + EPSILON) / (u + EPSILON)).log()


def _mean_std(y: Tensor) -> Tensor:
    wide = y.double()
    return torch.stack([wide.mean(), wide.std().clamp_min(1e-6)]).to(y.dtype)


def _high_quantile(y: Tensor) -> float:
    flat = y.flatten()
    return float(flat.kthvalue(max(1, round(0.999 * flat.numel()))).values)
