"""Sim-MSTNet: joint forecast of several services from time, space and task interaction.

A temporal and a spatial encoder (Eqs. 9 and 10), attention among tasks (Eq. 11), one decoder per
task (Eq. 12). Extensions of the paper: quantiles, patches of hours as tokens, and correction of a
seasonal baseline; each can be switched off.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from statistics import NormalDist

import torch
from torch import Tensor, nn

from netspatial.errors import BadInput
from netspatial.forecast.attention import DecoderLayer, EncoderLayer, Interaction
from netspatial.forecast.forecaster import LEVELS, MEDIAN
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.seasonal_baseline import SeasonalBaseline, candidates
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.window_index import SEASONAL_MEANS

FIRST_SPREAD = 0.4
"""Standard deviation of the initial quantiles, normalised."""

CORRECTION_SCALES = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
"""Scales of the correction of the seasonal baseline, in order of preference for equal errors."""


@dataclass(frozen=True)
class Options:
    """Settings of the network.

    Attributes
    ----------
    d : int
        Width of every attention.
    heads : int
        Heads of every attention.
    layers : int
        Layers of encoders and decoders.
    dropout : float
        Dropout of every attention.
    patch_hours : float
        Hours of input per token; 0 for one step per token.
    stride : int
        Of the CNN on the square; 2 gives 9 tokens from 25 places.
    interaction : bool
        Whether tasks attend to each other.
    space : bool
        Whether neighbours are read; no benefit for the pre-trained network.
    template : bool
        Whether seasonal means are read and the seasonal baseline is corrected.
    tied : bool
        Whether one MLP and one decoder serve all tasks, which then may be any; else each task has
        its own (Eqs. 11, 12).
    """

    d: int = 32
    heads: int = 4
    layers: int = 1
    dropout: float = 0.1
    patch_hours: float = 4
    stride: int = 2
    interaction: bool = True
    space: bool = False
    template: bool = True
    tied: bool = False


class SimMSTNet(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec, options: Options) -> None:
        super().__init__()
        self.spec, self.options = replace(spec, options=asdict(options)), options
        d, K = options.d, spec.tasks
        per_hour = spec.steps_per_day / 24
        patch = max(1, min(round(options.patch_hours * per_hour), spec.context_length))
        self.time = TemporalEncoder(spec, options, patch)
        self.space = SpatialEncoder(spec, options) if options.space else None
        if options.interaction:
            self.tasks_in_time = Interaction(d, options.heads, options.dropout)
            self.tasks_in_space = Interaction(d, options.heads, options.dropout)
        joined = 2 * d if options.space else d
        own = 1 if options.tied else K
        self.join = nn.ModuleList(
            nn.Sequential(nn.Linear(joined, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
            for _ in range(own)
        )
        self.template = SeasonalBaseline(own, spec.steps_per_day) if options.template else None
        self.decoders = nn.ModuleList(Decoder(spec, options) for _ in range(own))
        self.correction_scale: Tensor
        self.register_buffer("correction_scale", torch.ones(K), persistent=False)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Quantiles (B, H, K, Q)."""
        in_time = self.time(batch)  # (B, K, P, d)
        in_space = self.space(batch) if self.space is not None else None  # (B, K, S, d)
        if self.options.interaction:
            in_time = among_tasks(self.tasks_in_time, in_time)
            if in_space is not None:
                in_space = among_tasks(self.tasks_in_space, in_space)
        if in_space is not None:
            here = in_space.mean(dim=2, keepdim=True).expand_as(in_time)
            in_time = torch.cat([in_time, here], dim=-1)
        memory = each_task(self.join, in_time)
        K, L = self.spec.tasks, self.spec.context_length
        query = batch.calendar[:, None, L:].expand(-1, K, -1, -1)
        if self.template is None:
            return each_task(self.decoders, query, memory).transpose(1, 2)
        baseline, mixed = self.template(batch)
        query = torch.cat([query, mixed.transpose(1, 2)], dim=-1)
        correction = each_task(self.decoders, query, memory).transpose(1, 2)
        removed = (1 - self.correction_scale[:, None]) * correction[..., MEDIAN : MEDIAN + 1]
        quantiles: Tensor = baseline[..., None] + correction - removed
        return quantiles

    @torch.no_grad()
    def fit_correction_scale(self, batches: Iterable[WindowBatch]) -> None:
        """Set each task's correction scale to the one with the lowest median error."""
        if self.template is None:
            return
        self.correction_scale.fill_(1.0)
        errors = torch.zeros(len(CORRECTION_SCALES), self.spec.tasks)
        for batch in batches:
            baseline, _ = self.template(batch)
            known, y = ~batch.y.isnan(), batch.y.nan_to_num()
            correction = self(batch)[..., MEDIAN] - baseline
            unit = (batch.scale / batch.level)[:, None]
            for number, scale in enumerate(CORRECTION_SCALES):
                off = (y - baseline - scale * correction).abs() * unit
                errors[number] += torch.where(known, off, 0.0).sum(dim=(0, 1)).cpu()
        self.correction_scale.copy_(torch.tensor(CORRECTION_SCALES)[errors.argmin(dim=0)])


class TemporalEncoder(nn.Module):
    """Value, calendar and positional embedding of the target's input, then attention; Eq. 9."""

    def __init__(self, spec: NetworkSpec, options: Options, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.tokens = -(-spec.context_length // patch)
        self.value = nn.Linear(2 * patch, options.d)
        seasonal = options.template
        self.unlike = _inert(nn.Linear(patch * SEASONAL_MEANS, options.d)) if seasonal else None
        self.calendar = _inert(nn.Linear(spec.calendar, options.d))
        self.position = nn.Parameter(0.02 * torch.randn(self.tokens, options.d))
        # zero at first, so that a new task starts like the others
        self.task = nn.Parameter(torch.zeros(1 if options.tied else spec.tasks, 1, options.d))
        self.layers = nn.ModuleList(
            EncoderLayer(options.d, options.heads, options.dropout) for _ in range(options.layers)
        )

    def forward(self, batch: WindowBatch) -> Tensor:
        """Features (B, K, P, d) of P patches of each task."""
        B, L, K = batch.own.shape
        value = self.value(self._patches(torch.stack([batch.own, batch.own_seen.float()], dim=-1)))
        if self.unlike is not None:
            value = value + self.unlike(self._patches(seasonal_deviation(batch)))
        calendar = _front_padded(batch.calendar[:, :L], self.tokens * self.patch)
        calendar = self.calendar(calendar.reshape(B, self.tokens, self.patch, -1).mean(dim=2))
        x = (value + calendar[:, None] + self.position + self.task).flatten(0, 1)
        for layer in self.layers:
            x = layer(x)
        features: Tensor = x.reshape(B, K, self.tokens, -1)
        return features

    def _patches(self, steps: Tensor) -> Tensor:
        """(B, L, K, F) to (B, K, P, patch F)."""
        padded = _front_padded(steps, self.tokens * self.patch)
        shape = (len(steps), self.tokens, self.patch, *steps.shape[2:3])
        patches: Tensor = padded.reshape(*shape, -1).permute(0, 3, 1, 2, 4).flatten(3)
        return patches


class SpatialEncoder(nn.Module):
    """The square around the target through a CNN, then attention among its places; Eq. 10."""

    def __init__(self, spec: NetworkSpec, options: Options) -> None:
        super().__init__()
        d = options.d
        self.history = nn.Conv2d(2 * spec.context_length, d, 1)
        self.near = nn.Conv2d(d, d, 3, stride=options.stride, padding=1)
        self.tokens = (1 + (spec.side - 1) // options.stride) ** 2
        self.position = nn.Parameter(0.02 * torch.randn(self.tokens, d))
        self.task = nn.Parameter(torch.zeros(1 if options.tied else spec.tasks, 1, d))
        self.layers = nn.ModuleList(
            EncoderLayer(d, options.heads, options.dropout) for _ in range(options.layers)
        )

    def forward(self, batch: WindowBatch) -> Tensor:
        """Features (B, K, S, d) of S parts of the square, of each task."""
        B, _, _, _, K = batch.x.shape
        seen = batch.seen.float()
        maps = torch.cat([batch.x, seen], dim=1).permute(0, 4, 1, 2, 3).flatten(0, 1)
        x = nn.functional.gelu(self.near(nn.functional.gelu(self.history(maps))))
        tokens = x.flatten(2).transpose(1, 2).reshape(B, K, self.tokens, -1)
        tokens = (tokens + self.position + self.task).flatten(0, 1)
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens.reshape(B, K, self.tokens, -1)


class Decoder(nn.Module):
    """From encoder output to the quantiles of one task; Eq. 12."""

    def __init__(self, spec: NetworkSpec, options: Options) -> None:
        super().__init__()
        mixed = 2 * candidates(spec.context_length, spec.steps_per_day) if options.template else 0
        self.asked = _inert(nn.Linear(spec.calendar + mixed, options.d))
        self.position = nn.Parameter(0.02 * torch.randn(spec.horizon, options.d))
        self.layers = nn.ModuleList(
            DecoderLayer(options.d, options.heads, options.dropout) for _ in range(options.layers)
        )
        self.out = nn.Linear(options.d, spec.levels)
        normal = [FIRST_SPREAD * NormalDist().inv_cdf(level) for level in LEVELS]
        with torch.no_grad():
            self.out.weight.zero_()
            self.out.bias.copy_(torch.tensor(normal))

    def forward(self, query: Tensor, memory: Tensor) -> Tensor:
        """Quantiles (B, H, Q) from features of the horizon and encoder output (B, P, d)."""
        x = self.asked(query) + self.position
        for layer in self.layers:
            x = layer(x, memory)
        quantiles: Tensor = self.out(x)
        return quantiles


def seasonal_deviation(batch: WindowBatch) -> Tensor:
    """Input less each seasonal mean, (B, L, K, SEASONAL_MEANS); 0 if unknown."""
    L = batch.own.shape[1]
    known = batch.own_seen[..., None] & (batch.seasonal_counts[:, :L] > 0)
    return torch.where(known, batch.own[..., None] - batch.seasonal_means[:, :L], 0.0)


def among_tasks(attend: nn.Module, features: Tensor) -> Tensor:
    """Features (B, K, P, d) after attention among all tasks."""
    mixed: Tensor = attend(features.flatten(1, 2))
    return mixed.reshape(features.shape)


def each_task(modules: nn.ModuleList, *features: Tensor) -> Tensor:
    """Features (B, K, ...) after the module of each task, or after the only module for all."""
    if len(modules) == 1:
        passed: Tensor = modules[0](*(part.flatten(0, 1) for part in features))
        return passed.reshape(*features[0].shape[:2], *passed.shape[1:])
    return torch.stack(
        [module(*(part[:, task] for part in features)) for task, module in enumerate(modules)],
        dim=1,
    )


def build_sim_mstnet(spec: NetworkSpec) -> SimMSTNet:
    """Build the network; its options are those of `Options`.

    Parameters
    ----------
    spec : NetworkSpec
        Sizes and options.

    Returns
    -------
    SimMSTNet

    Raises
    ------
    BadInput
        If it has no such option.
    """
    known = {field.name for field in fields(Options)}
    unknown = sorted(set(spec.options) - known)
    if unknown:
        raise BadInput(
            f"Sim-MSTNet has no option '{unknown[0]}'; it has {', '.join(sorted(known))}."
        )
    return SimMSTNet(spec, Options(**spec.options))  # type: ignore[arg-type]


def _inert(layer: nn.Linear) -> nn.Linear:
    """Layer with zero weights: features absent from training, such as weekends, have no effect."""
    nn.init.zeros_(layer.weight)
    return layer


def _front_padded(x: Tensor, steps: int) -> Tensor:
    """(B, L, ...) padded with zeros in front to (B, steps, ...)."""
    missing = steps - x.shape[1]
    if missing == 0:
        return x
    return torch.cat([x.new_zeros(x.shape[0], missing, *x.shape[2:]), x], dim=1)
