"""Tokens of the baselines with attention over steps: value, calendar and position embeddings."""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch


class TokenEmbedding(nn.Module):
    """Input steps and, for a decoder, the last half of them followed by the steps to forecast."""

    waves: Tensor

    def __init__(self, spec: NetworkSpec, width: int) -> None:
        super().__init__()
        self.label = max(1, spec.context_length // 2)
        self.features = 2 * spec.tasks
        self.value = nn.Linear(self.features, width)
        self.calendar = nn.Linear(spec.calendar, width)
        self.register_buffer("waves", waves(spec.context_length + spec.horizon, width))

    def forward(self, batch: WindowBatch) -> tuple[Tensor, Tensor]:
        """(B, L, width) for the encoder and (B, label + H, width) for the decoder."""
        L, H = batch.x.shape[1], batch.y.shape[1]
        steps = own_steps(batch)
        known, calendar = steps[..., : self.features], batch.calendar
        begin = L - self.label
        coming = known.new_zeros(len(known), H, self.features)
        horizon = torch.cat([known[:, begin:], coming], dim=1)
        when = torch.cat([calendar[:, begin:L], ahead(batch)], dim=1)
        encoder = self.value(known) + self.calendar(calendar[:, :L]) + self.waves[:L]
        decoder = self.value(horizon) + self.calendar(when) + self.waves[begin:]
        return encoder, decoder


def waves(steps: int, width: int) -> Tensor:
    """Sinusoidal positions (steps, width) of Vaswani et al. 2017."""
    place = torch.arange(steps).float()[:, None]
    angle = place * torch.exp(-torch.arange(0, width, 2) * (torch.tensor(1e4).log() / width))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
