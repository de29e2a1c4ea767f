"""ConvLSTM: a recurrent network whose states are maps and whose gates are convolutions.

Single task. Shi et al. 2015: one network encodes the maps of the square, a second one decodes the
horizon from its state. A map covers a patch of some hours, see `reading`; the forecast is that of
the middle of the square.
"""

import torch
from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import (
    BaselineNetwork,
    Head,
    patch_features,
    patches_ahead,
    patches_around,
    steps_a_patch,
)
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH = 24


class ConvLSTMCell(nn.Module):
    """One step of a convolutional LSTM without peepholes, as usual."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.gates = nn.Conv2d(features + WIDTH, 4 * WIDTH, 3, padding=1)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Hidden and cell maps (B, WIDTH, s, s) after input (B, features, s, s)."""
        hidden, cell = state
        i, f, o, g = self.gates(torch.cat([x, hidden], dim=1)).chunk(4, dim=1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class ConvLSTM(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.side, self.tasks = spec.side, spec.tasks
        self.encode = ConvLSTMCell(patch_features(spec))
        self.decode = ConvLSTMCell(spec.calendar)
        self.head = Head(WIDTH, steps_a_patch(spec.context_length) * spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode and decode patch by patch."""
        maps = torch.unflatten(patches_around(batch).transpose(2, 3), 3, (self.side, self.side))
        B = len(maps)
        state = (maps.new_zeros(B, WIDTH, self.side, self.side),) * 2
        for span in maps.unbind(dim=1):
            state = self.encode(span, state)
        middle = self.side // 2
        found = []
        for calendar in patches_ahead(batch).unbind(dim=1):
            everywhere = calendar[:, :, None, None].expand(-1, -1, self.side, self.side)
            state = self.decode(everywhere, state)
            found.append(self.head(state[0][:, :, middle, middle]))
        quantiles = torch.unflatten(torch.stack(found, dim=1), 2, (-1, self.tasks)).flatten(1, 2)
        return quantiles[:, : batch.y.shape[1]]


def build_convlstm(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(ConvLSTM, spec)
