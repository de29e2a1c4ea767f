"""iTransformer: every series is one token, with attention among series.

Single task. Liu et al. 2024. The series are those of the places in the square, and of the calendar
features, which include the horizon; empty positions are masked.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import BaselineNetwork, Head, present
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, HEADS, DROPOUT, LAYERS = 48, 4, 0.0, 2


class ITransformer(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tasks, self.horizon = spec.tasks, spec.horizon
        self.series = nn.Linear(2 * spec.context_length * spec.tasks, WIDTH)
        self.calendar = nn.Linear(spec.context_length + spec.horizon, WIDTH)
        self.place = nn.Parameter(0.02 * torch.randn(spec.side**2, WIDTH))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, 2 * WIDTH, DROPOUT, activation="gelu", batch_first=True
            )
            for _ in range(LAYERS)
        )
        self.head = Head(WIDTH, spec.horizon * spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Attention among series, then the head on the token of the target place."""
        places = present(batch)
        series = torch.cat([batch.x, batch.seen.to(batch.x.dtype)], dim=1).permute(0, 2, 3, 1, 4)
        tokens = self.series(series.flatten(3).flatten(1, 2)) + self.place
        tokens = torch.cat([tokens, self.calendar(batch.calendar.transpose(1, 2))], dim=1)
        masked = nn.functional.pad(~places, (0, tokens.shape[1] - places.shape[1]))
        for layer in self.layers:
            tokens = layer(tokens, src_key_padding_mask=masked)
        quantiles = self.head(tokens[:, places.shape[1] // 2])
        return torch.unflatten(quantiles, 1, (self.horizon, self.tasks))


def build_itransformer(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(ITransformer, spec)
