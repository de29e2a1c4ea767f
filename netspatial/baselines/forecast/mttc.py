"""MTTC: one recurrent encoder shared by all tasks, one decoder branch per task.

Multi task. After Rago et al. 2020, who share the encoder of a sequence-to-sequence autoencoder
among tasks at the mobile edge; the published tables give only the acronym, so this is our
interpretation. Their reconstruction of the input is left out, because all methods share one loss.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import BaselineNetwork, Head, ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

SHARED, OWN = 48, 24


class MTTC(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.encode = nn.GRU(2 * spec.tasks + spec.calendar, SHARED, batch_first=True)
        self.begin = nn.ModuleList(nn.Linear(SHARED, OWN) for _ in range(spec.tasks))
        self.decode = nn.ModuleList(
            nn.GRU(spec.calendar, OWN, batch_first=True) for _ in range(spec.tasks)
        )
        self.heads = nn.ModuleList(Head(OWN, 1) for _ in range(spec.tasks))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode once, decode each task."""
        _, shared = self.encode(own_steps(batch))
        calendar = ahead(batch)
        found = []
        for begin, decode, head in zip(self.begin, self.decode, self.heads, strict=True):
            hidden, _ = decode(calendar, torch.tanh(begin(shared)))
            found.append(head(hidden))
        return torch.cat(found, dim=2)


def build_mttc(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(MTTC, spec)
