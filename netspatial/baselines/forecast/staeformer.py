"""STAEformer: attention over time, then over places, with a trained spatio-temporal embedding.

Single task. Liu et al. 2023. The adaptive embedding is per patch and position in the square,
because windows do not identify their place; empty positions are masked.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import (
    PATCHES,
    BaselineNetwork,
    Head,
    ahead,
    patch_features,
    patches_around,
    present,
    steps_a_patch,
)
from netspatial.forecast.attention import feed_forward
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

VALUE, HOUR, WEEKDAY, ADAPTIVE, HEADS, DROPOUT = 12, 6, 6, 8, 4, 0.0
WIDTH = VALUE + HOUR + WEEKDAY + ADAPTIVE
READ = 4
"""Features per patch that are kept for the forecast."""


class STAEformer(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        places = spec.side**2
        self.value = nn.Linear(patch_features(spec), VALUE)
        self.hour, self.weekday = nn.Embedding(24, HOUR), nn.Embedding(7, WEEKDAY)
        self.adaptive = nn.Parameter(0.1 * torch.randn(PATCHES, places, ADAPTIVE))
        self.in_time = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, batch_first=True
        )
        self.in_space = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.feed = feed_forward(WIDTH, DROPOUT)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
        self.read = nn.Linear(WIDTH, READ)
        self.fully = nn.Linear(READ * PATCHES + spec.calendar, WIDTH)
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Embedding, attention over time and places, and head for each step of the horizon."""
        spans = patches_around(batch)
        B, P, N, _ = spans.shape
        L = batch.x.shape[1]
        p = steps_a_patch(L)
        begins = (L - p * torch.arange(P, 0, -1, device=spans.device)).clamp(min=0)
        hour = batch.hour[:, begins]
        when = torch.cat([self.hour(hour % 24), self.weekday(hour // 24)], dim=-1)
        when = when[:, :, None].expand(-1, -1, N, -1)
        adaptive = self.adaptive.expand(B, -1, -1, -1)
        x = torch.cat([self.value(spans), when, adaptive], dim=-1)  # (B, P, N, WIDTH)

        x = self.in_time(x.transpose(1, 2).flatten(0, 1)).reshape(B, N, P, WIDTH).transpose(1, 2)
        absent = ~present(batch)[:, None].expand(-1, P, -1).flatten(0, 1)
        # only the middle is read out, so only its query is needed
        around = x.flatten(0, 1)
        here = around[:, N // 2 : N // 2 + 1]
        attended, _ = self.in_space(here, around, around, absent, need_weights=False)
        here = self.norms[0](here + attended)
        here = self.norms[1](here + self.feed(here)).reshape(B, P, 1, WIDTH)

        here = self.read(here).flatten(1)
        calendar = ahead(batch)
        here = here[:, None].expand(-1, calendar.shape[1], -1)
        hidden = torch.relu(self.fully(torch.cat([here, calendar], dim=-1)))
        quantiles: Tensor = self.head(hidden)
        return quantiles


def build_staeformer(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(STAEformer, spec)
