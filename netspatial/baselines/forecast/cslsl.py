"""CSLSL: a chain of tasks, each reading the hidden states of the previous one.

Multi task. After Huang et al. 2022, who forecast when, what and where in this order from long and
short history; here the chain follows the order of the tasks, and the short history is the last day.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import BaselineNetwork, Head, ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH = 32


class CSLSL(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        features = 2 * spec.tasks + spec.calendar
        self.recent = spec.steps_per_day
        self.long = nn.GRU(features, WIDTH, batch_first=True)
        self.short = nn.GRU(features, WIDTH, batch_first=True)
        self.join = nn.Linear(2 * WIDTH, WIDTH)
        self.links = nn.ModuleList(
            nn.GRU(spec.calendar + (WIDTH if task else 0), WIDTH, batch_first=True)
            for task in range(spec.tasks)
        )
        self.heads = nn.ModuleList(Head(WIDTH, 1) for _ in range(spec.tasks))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode long and short history, then decode along the chain."""
        steps = own_steps(batch)
        _, long = self.long(steps)
        _, short = self.short(steps[:, -self.recent :])
        memory = torch.tanh(self.join(torch.cat([long, short], dim=-1)))
        calendar = ahead(batch)
        read, found = calendar, []
        for link, head in zip(self.links, self.heads, strict=True):
            hidden, _ = link(read, memory)
            found.append(head(hidden))
            read = torch.cat([calendar, hidden], dim=-1)
        return torch.cat(found, dim=2)


def build_cslsl(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(CSLSL, spec)
