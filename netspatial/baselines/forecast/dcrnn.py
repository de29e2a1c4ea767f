"""DCRNN: a recurrent network whose gates are diffusion convolutions on the graph.

Single task. Li et al. 2018: an encoder and a decoder of gated recurrent units. The square around a
place is an undirected graph, on which both random walks of the paper coincide. Each power of the
random walk is applied to the input; the public version applies them incorrectly from the second on.
Windows do not hold the neighbours' horizon, so the decoder uses only its state and the calendar.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import (
    BaselineNetwork,
    Head,
    near,
    patch_features,
    patches_ahead,
    patches_around,
    present,
    steps_a_patch,
)
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, STEPS = 24, 2


class DCGRUCell(nn.Module):
    """A gated recurrent unit on the graph; x, P x, P^2 x are the input of every gate."""

    def __init__(self, features: int) -> None:
        super().__init__()
        joined = (STEPS + 1) * (features + WIDTH)
        self.gates = nn.Linear(joined, 2 * WIDTH)
        self.candidate = nn.Linear(joined, WIDTH)
        nn.init.ones_(self.gates.bias)

    def forward(self, x: Tensor, hidden: Tensor, walk: Tensor) -> Tensor:
        """State (B, N, WIDTH) after input (B, N, features)."""
        both = diffused(torch.cat([x, hidden], dim=-1), walk)
        reset, keep = torch.sigmoid(self.gates(both)).chunk(2, dim=-1)
        fresh = torch.tanh(self.candidate(diffused(torch.cat([x, reset * hidden], dim=-1), walk)))
        return keep * hidden + (1 - keep) * fresh


class DCRNN(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    near: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tasks = spec.tasks
        self.encode = DCGRUCell(patch_features(spec))
        self.decode = DCGRUCell(spec.calendar)
        self.head = Head(WIDTH, steps_a_patch(spec.context_length) * spec.tasks)
        self.register_buffer("near", near(spec.side))

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode and decode patch by patch."""
        walk = random_walk(self.near, present(batch))
        spans = patches_around(batch)
        B, _, N, _ = spans.shape
        hidden = spans.new_zeros(B, N, WIDTH)
        for span in spans.unbind(dim=1):
            hidden = self.encode(span, hidden, walk)
        found = []
        for calendar in patches_ahead(batch).unbind(dim=1):
            hidden = self.decode(calendar[:, None].expand(-1, N, -1), hidden, walk)
            found.append(self.head(hidden[:, N // 2]))
        quantiles = torch.unflatten(torch.stack(found, dim=1), 2, (-1, self.tasks)).flatten(1, 2)
        return quantiles[:, : batch.y.shape[1]]


def random_walk(near: Tensor, present: Tensor) -> Tensor:
    """Random walk matrix D^-1 W (B, N, N) among the present positions; other rows are zero."""
    W = near * present[:, :, None] * present[:, None]
    return W / W.sum(dim=-1, keepdim=True).clamp(min=1e-12)


def diffused(x: Tensor, walk: Tensor) -> Tensor:
    """Concatenation of x, P x, ..., P^STEPS x, (B, N, (STEPS + 1) features)."""
    terms = [x]
    for _ in range(STEPS):
        terms.append(walk @ terms[-1])
    return torch.cat(terms, dim=-1)


def build_dcrnn(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(DCRNN, spec)
