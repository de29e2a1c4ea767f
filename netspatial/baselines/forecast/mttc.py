"""MTTC: one recurrent encoder that all tasks share, one branch for each, and the input rebuilt.

Multi task. After Rago et al. 2020, who share the encoder of a sequence-to-sequence autoencoder
among tasks at the mobile edge; the published tables name it by these letters alone, so that this is
our reading of them. Rebuilding is an output of theirs; here one loss serves all methods, and the
branches' own is what is left of it.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.reading import Baseline, Head, ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.windows import Batch

SHARED, OWN = 48, 24


class MTTC(nn.Module):
    """Forward: a `Batch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.encode = nn.GRU(2 * spec.tasks + spec.calendar, SHARED, batch_first=True)
        self.begin = nn.ModuleList(nn.Linear(SHARED, OWN) for _ in range(spec.tasks))
        self.decode = nn.ModuleList(
            nn.GRU(spec.calendar, OWN, batch_first=True) for _ in range(spec.tasks)
        )
        self.heads = nn.ModuleList(Head(OWN, 1) for _ in range(spec.tasks))

    def forward(self, batch: Batch) -> Tensor:
        """Encode once, decode each task."""
        _, shared = self.encode(own_steps(batch))
        calendar = ahead(batch)
        found = []
        for begin, decode, head in zip(self.begin, self.decode, self.heads, strict=True):
            hidden, _ = decode(calendar, torch.tanh(begin(shared)))
            found.append(head(hidden))
        return torch.cat(found, dim=2)


def build_mttc(spec: NetworkSpec) -> nn.Module:
    """Build the network with what all rivals have."""
    return Baseline(MTTC, spec)
