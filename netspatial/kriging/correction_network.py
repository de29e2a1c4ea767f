"""Attention of a place over its support stations: moves the kriged level and its deviation.

The last layer starts at zero, so that an untrained network changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from netspatial.arrays import Floats, Floats32
from netspatial.errors import BadInput
from netspatial.kriging.network_inputs import FIELD_SIZE, READ_GROUPS, TOKEN_SIZE, Inputs

MAX_MOVE, MAX_LOG_WIDENING = 2.0, 0.7
"""Bounds on the moved mean, in deviations, and on the change of the log deviation."""
FARTHEST_FEATURE = 5.0
WIDEST = 0.3
"""Initial slope of the distance bias of the heads, per unit of log distance, is up to this."""


@dataclass(frozen=True)
class NetworkSettings:
    """Sizes of the network; features : columns of each group that is read."""

    features: dict[str, int]
    width: int = 48
    heads: int = 4
    layers: int = 2
    dropout: float = 0.1


class CrossAttention(nn.Module):
    """Attention of each place over its tokens, with a bias from what is known of the pair."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        width = settings.width
        self.heads = settings.heads
        self.query, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.bias = nn.Sequential(
            nn.Linear(TOKEN_SIZE, 16), nn.GELU(), nn.Linear(16, settings.heads)
        )
        self.norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(2 * width, width),
        )

    def forward(self, place: Tensor, token: Tensor, pair: Tensor, known: Tensor) -> Tensor:
        """Return places (m, width) after reading tokens (m, K, width).

        pair : (m, K, TOKEN_SIZE); known : (m, K)
        """
        m, count, width = token.shape
        size = width // self.heads
        query = self.query(self.norm(place)).view(m, self.heads, 1, size)
        keys, values = (
            part.view(m, count, self.heads, size).transpose(1, 2)
            for part in self.key_value(token).chunk(2, dim=-1)
        )
        bias = self.bias(pair).permute(0, 2, 1)[:, :, None]
        bias = bias.masked_fill(~known[:, None, None], -1e9)
        seen = nn.functional.scaled_dot_product_attention(query, keys, values, attn_mask=bias)
        place = place + self.out(seen.reshape(m, width))
        found: Tensor = place + self.mlp(self.mlp_norm(place))
        return found


class CorrectionNetwork(nn.Module):
    """Returns the move of the mean, in deviations, and of the log deviation, both (m,)."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        width, count = settings.width, sum(settings.features.values())
        self.scale = nn.Parameter(torch.ones(count), requires_grad=False)
        """One over the deviation of each feature inside a city."""
        self.encode = nn.Sequential(
            nn.Dropout(settings.dropout),
            nn.Linear(count, width),
            nn.GELU(),
            nn.Linear(width, width),
        )
        self.place = nn.Linear(width + FIELD_SIZE, width)
        self.of_station, self.of_place = nn.Linear(width, width), nn.Linear(width, width)
        self.of_pair = nn.Linear(TOKEN_SIZE, width)
        self.token = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.LayerNorm(width))
        self.blocks = nn.ModuleList(CrossAttention(settings) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 2)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Return the moves for places with tokens as `network_inputs` makes them."""
        known = torch.from_numpy(inputs.known)
        pair = torch.from_numpy(inputs.tokens)
        encoded = self.encode(self._features(inputs.places))
        stations = self.of_station(self.encode(self._features(inputs.stations)))
        place = self.place(torch.cat([encoded, torch.from_numpy(inputs.field)], dim=1))
        index = torch.from_numpy(inputs.index)
        token = self.token(stations[index] + self.of_place(encoded)[:, None] + self.of_pair(pair))
        for block in self.blocks:
            place = block(place, token, pair, known)
        move, widening = self.head(self.norm(place)).unbind(dim=1)
        return (
            MAX_MOVE * torch.tanh(move / MAX_MOVE),
            MAX_LOG_WIDENING * torch.tanh(widening / MAX_LOG_WIDENING),
        )

    def _features(self, groups: Mapping[str, Floats32]) -> Tensor:
        """Return standardised features (n, p); a group without information is zero."""
        found = []
        for name in READ_GROUPS:
            values, size = groups[name], self.settings.features[name]
            if values.shape[1] not in (0, size):
                raise BadInput(
                    f"The learned correction reads {size} features of the group '{name}'; there "
                    f"are {values.shape[1]}."
                )
            found.append(values if values.shape[1] else np.zeros((len(values), size), np.float32))
        x = torch.from_numpy(np.concatenate(found, axis=1)) * self.scale
        return x.clamp(-FARTHEST_FEATURE, FARTHEST_FEATURE)


def moves(network: CorrectionNetwork, inputs: Inputs) -> tuple[Floats, Floats]:
    """Return the moves of mean and log deviation without gradients, (m,)."""
    with torch.inference_mode():
        move, widening = network(inputs)
    return move.double().numpy(), widening.double().numpy()
