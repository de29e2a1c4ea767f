"""AST-MTL: graph convolution and recurrent network shared by tasks, attention per task.

Multi task. After Buroni, Lebichot and Bontempi 2021: shared are a fully connected layer, a graph
convolution over the square of neighbours and gated recurrent units over time; every task attends to
the shared states with several heads and has its own fully connected layers.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import (
    BaselineNetwork,
    Head,
    ahead,
    near,
    patch_features,
    patches_around,
    present,
)
from netspatial.forecast.attention import Attention
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, HEADS = 32, 4


class OfTask(nn.Module):
    """Attention of the horizon to the shared states, and fully connected layers."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.ask = nn.Linear(spec.calendar + WIDTH, WIDTH)
        self.attend = Attention(WIDTH, HEADS)
        self.fully = nn.Linear(2 * WIDTH, WIDTH)
        self.head = Head(WIDTH, 1)

    def forward(self, states: Tensor, calendar: Tensor) -> Tensor:
        """Quantiles (B, H, 1, Q) from states (B, P, WIDTH) and calendar (B, H, C)."""
        last = states[:, -1:].expand(-1, calendar.shape[1], -1)
        query = torch.relu(self.ask(torch.cat([last, calendar], dim=-1)))
        found = torch.cat([query, self.attend(query, states)], dim=-1)
        quantiles: Tensor = self.head(torch.relu(self.fully(found)))
        return quantiles


class ASTMTL(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    near: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.embed = nn.Linear(patch_features(spec), WIDTH)
        self.mix = nn.Linear(2 * WIDTH, WIDTH)
        self.in_time = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.of_task = nn.ModuleList(OfTask(spec) for _ in range(spec.tasks))
        self.register_buffer("near", near(spec.side))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Shared spatial and temporal layers, then attention per task."""
        x = torch.relu(self.embed(patches_around(batch)))
        middle = x.shape[2] // 2
        weights = self.near[middle] * present(batch)
        weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-12)
        around = torch.einsum("bn,bpnd->bpd", weights, x)
        states, _ = self.in_time(torch.relu(self.mix(torch.cat([x[:, :, middle], around], -1))))
        calendar = ahead(batch)
        return torch.cat([task(states, calendar) for task in self.of_task], dim=2)


def build_ast_mtl(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(ASTMTL, spec)
