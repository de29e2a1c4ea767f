"""Networks of the hierarchy, all conditioned on the place, for series of any length.

Velocity networks for the three flows of Eq. 13, the mixture-density heads and the position encoder
of the peak hour. Sizes come from the preset.
"""

import math

import torch
from torch import Tensor, nn

from netspatial.generate.decompose import DAY

TIME_FEATURES = 64
SERIES_CHANNELS = 4
"""Input channels per hour of the residual network: x_t, template, measured residual, its mask."""
BISECTIONS = 48
"""Halvings of the interval in which a quantile of a mixture is sought."""
TOKEN_REACH = 3
"""Days to each side in the kernel of one layer of the residual network: seven days in all."""


def time_features(t: Tensor) -> Tensor:
    """Return sines and cosines of the flow time t (n,) in [0, 1], (n, 64)."""
    frequency = torch.exp(
        torch.linspace(0, math.log(200), TIME_FEATURES // 2, device=t.device, dtype=t.dtype)
    )
    angle = t.unsqueeze(-1) * frequency
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


class Conditions(nn.Module):
    """Layers from an embedding C (n, D) to each level's condition c_l (n, width).

    C is standardised with the training mean and deviation and clipped at five deviations. Unknown
    (NaN) or dropped values are zero, the training mean.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, dim: int, width: int, levels: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("deviation", torch.ones(dim))
        self.project = nn.ModuleList(
            nn.Sequential(
                nn.Dropout(dropout), nn.Linear(dim, width), nn.SiLU(), nn.Dropout(dropout)
            )
            for _ in range(levels)
        )

    def fit(self, context: Tensor) -> None:
        """Fit the standardisation to training embeddings (n, D)."""
        mean = context.nanmean(0).nan_to_num(0.0)
        variance = (context - mean).square().nanmean(0).nan_to_num(1.0)
        self.mean.copy_(mean)
        self.deviation.copy_(variance.sqrt().clamp_min(1e-6))

    def standardised(self, context: Tensor) -> Tensor:
        """Return standardised places (n, D), zero where unknown."""
        return ((context - self.mean) / self.deviation).clamp(-5, 5).nan_to_num(0.0)

    def read(self, seen: list[Tensor]) -> list[Tensor]:
        """Return c_l (n, width) of each level from its inputs, each (n, D)."""
        return [project(z) for project, z in zip(self.project, seen, strict=True)]


class VectorVelocity(nn.Module):
    """Velocity of a vector-valued flow (levels 1 and 2): a residual MLP with FiLM.

    A gated skip connection α(c, t) x_t leads to the output, so that a small network need not
    reproduce its input.
    """

    def __init__(self, dim: int, condition: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.in_proj = nn.Linear(dim, width)
        self.describe = nn.Sequential(nn.Linear(condition + TIME_FEATURES, width), nn.SiLU())
        self.film = nn.Linear(width, depth * 2 * width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, width))
            for _ in range(depth)
        )
        self.out_proj = nn.Linear(width, dim)
        self.gate = nn.Linear(width, dim)
        _zero(self.film, self.out_proj, self.gate)

    def forward(self, x_t: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Return the velocity (n, dim) for x_t (n, dim), t (n,), condition (n, condition)."""
        about = self.describe(torch.cat([condition, time_features(t)], dim=-1))
        h = self.in_proj(x_t) + about
        for block, film in zip(
            self.blocks, self.film(about).chunk(len(self.blocks), -1), strict=True
        ):
            scale, shift = film.chunk(2, -1)
            h = h + block(h * (1 + scale) + shift)
        out: Tensor = self.out_proj(nn.functional.silu(h)) + self.gate(about) * x_t
        return out


class SeriesVelocity(nn.Module):
    """Velocity of the residual flow (level 3) over days as tokens, any number of days.

    Depthwise convolution over days mixes within a week, an MLP mixes within a day, and mean pooling
    over all days gives global context, such as the volatility. The day of the week is the only
    position encoding, so that a model trained on months samples any length.
    """

    def __init__(self, condition: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.in_proj = nn.Linear(SERIES_CHANNELS * DAY, width)
        self.weekday = nn.Embedding(7, width)
        self.describe = nn.Sequential(nn.Linear(condition + TIME_FEATURES, width), nn.SiLU())
        self.film = nn.Linear(width, depth * 3 * width)
        self.mix = nn.ModuleList(
            nn.Conv1d(width, width, 2 * TOKEN_REACH + 1, padding=TOKEN_REACH, groups=width)
            for _ in range(depth)
        )
        self.global_pool = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.mlp = nn.ModuleList(
            nn.Sequential(
                nn.Linear(width, 2 * width),
                nn.SiLU(),
                nn.Dropout(dropout),
                nn.Linear(2 * width, width),
            )
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.out_proj = nn.Linear(width, DAY)
        self.gate = nn.Linear(width, DAY)
        _zero(self.film, self.out_proj, self.gate)

    def forward(
        self, x_t: Tensor, t: Tensor, condition: Tensor, channels: Tensor, weekday: Tensor
    ) -> Tensor:
        """Return the velocity (n, T); channels (n, 3, T), weekday (n, T/24)."""
        n, length = x_t.shape
        days = length // DAY
        tokens = torch.cat([x_t.unsqueeze(1), channels], dim=1)
        tokens = tokens.reshape(n, SERIES_CHANNELS, days, DAY).transpose(1, 2).flatten(2)
        about = self.describe(torch.cat([condition, time_features(t)], dim=-1))
        h = self.in_proj(tokens) + self.weekday(weekday) + about.unsqueeze(1)
        films = self.film(about).unsqueeze(1).chunk(len(self.mix), -1)
        layers = zip(self.mix, self.global_pool, self.mlp, films, strict=True)
        for mix, global_pool, mlp, film in layers:
            scale, shift, gate = film.chunk(3, -1)
            around = mix(h.transpose(1, 2)).transpose(1, 2)
            mixed = self.norm(h + around + global_pool(h.mean(1, keepdim=True)))
            h = h + (1 + gate) * mlp(mixed * (1 + scale) + shift)
        direct = self.gate(about).unsqueeze(1) * x_t.view(n, days, DAY)
        out: Tensor = self.out_proj(self.norm(h)) + direct
        return out.view(n, length)


class MixtureDensityHead(nn.Module):
    """Mixture of Gaussians for a standardised scale of a site given its condition.

    The place does not determine a site's load; the mixture represents the remaining uncertainty.
    `spread` scales its width and is calibrated on held-out sites.
    """

    spread: Tensor

    def __init__(self, condition: int, components: int, dropout: float) -> None:
        super().__init__()
        self.mixture = nn.Sequential(
            nn.Linear(condition, condition),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(condition, 3 * components),
        )
        self.register_buffer("spread", torch.ones(1))

    def parts(self, condition: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return log weights, means and deviations of the mixture, each (n, components)."""
        logits, mean, log_deviation = self.mixture(condition).chunk(3, -1)
        centre = (logits.softmax(-1) * mean).sum(-1, keepdim=True)
        mean = centre + self.spread * (mean - centre)
        return logits.log_softmax(-1), mean, self.spread * log_deviation.clamp(-3, 2).exp()

    def moments(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation of the mixture, each (n, 1)."""
        log_weight, mean, deviation = self.parts(condition)
        weight = log_weight.exp()
        middle = (weight * mean).sum(-1, keepdim=True)
        square = (weight * (deviation.square() + mean.square())).sum(-1, keepdim=True)
        return middle, (square - middle.square()).clamp_min(1e-8).sqrt()

    def negative_log_likelihood(self, z: Tensor, condition: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of z (n, 1)."""
        log_weight, mean, deviation = self.parts(condition)
        log_density = -0.5 * ((z - mean) / deviation) ** 2 - deviation.log()
        return -torch.logsumexp(log_weight + log_density, -1).mean() + 0.5 * math.log(2 * math.pi)

    def sample(self, noise: Tensor, condition: Tensor) -> Tensor:
        """Turn noise (n, 2) from N(0, I) into z (n, 1): one picks the component, one its value.

        Noise (n, 1) is a normal score: z is the quantile of that rank, and grows with it.
        """
        log_weight, mean, deviation = self.parts(condition)
        if noise.shape[1] == 1:
            return _mixture_quantile(noise, log_weight.exp(), mean, deviation)
        pick = torch.special.ndtr(noise[:, :1])
        part = (pick > log_weight.exp().cumsum(-1)).sum(-1, keepdim=True)
        part = part.clamp_max(mean.shape[-1] - 1)
        return mean.gather(1, part) + deviation.gather(1, part) * noise[:, 1:]


def _mixture_quantile(score: Tensor, weight: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """Value at which the mixture has the rank of a normal score (n, 1), by bisection."""
    rank = torch.special.ndtr(score.double())
    reach = (score.abs() + 1) * deviation
    low = (mean - reach).amin(-1, keepdim=True).double()
    high = (mean + reach).amax(-1, keepdim=True).double()
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = (weight * torch.special.ndtr((middle - mean) / deviation)).sum(-1, keepdim=True)
        low = torch.where(below < rank, middle, low)
        high = torch.where(below < rank, high, middle)
    return ((low + high) / 2).to(score.dtype)


class PositionEncoder(nn.Module):
    """Position encoder: peak hour q = softmax(W_C c), and an embedding of the chosen hour h*."""

    def __init__(self, condition: int) -> None:
        super().__init__()
        self.classify = nn.Linear(condition, DAY)
        self.embed = nn.Embedding(DAY, condition)

    def logits(self, condition: Tensor) -> Tensor:
        """Return the logits of the 24 hours (n, 24)."""
        scores: Tensor = self.classify(condition)
        return scores


def _zero(*layers: nn.Linear) -> None:
    """Initialise layers with zeros, so that training starts at the zero velocity."""
    for layer in layers:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
