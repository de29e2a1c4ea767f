"""The paper's ablation: image and POIs aligned as in CLIP, and averaged, in place of the fusion.

Beside `fusion`, with the same towers, so that only the way of joining differs.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from netspatial.context.fusion.feature_projector import Batch, FeatureProjector, Shape, Tokens


class Aligned(NamedTuple):
    """z (n, d) with unit length, its tokens and the temperature of the contrast."""

    z: Tensor
    tokens: Tokens
    temperature: Tensor


class Alignment(nn.Module):
    """z = norm(v + p) of what is shown; trained by matching v and p of the same place."""

    def __init__(self, shape: Shape) -> None:
        """Set up the towers and a learned temperature."""
        super().__init__()
        self.towers = FeatureProjector(shape)
        self.log_temperature = nn.Parameter(torch.tensor(0.07).log())

    def forward(self, batch: Batch, show_image: Tensor, show_pois: Tensor) -> Aligned:
        """Join what is shown, (n,) bool each."""
        tokens = self.towers(batch)
        p = nn.functional.normalize(tokens.p + tokens.n, dim=-1)
        tokens = tokens._replace(p=p)
        joined = tokens.v * show_image[:, None] + p * show_pois[:, None]
        z = nn.functional.normalize(joined, dim=-1)
        return Aligned(z, tokens, self.log_temperature.exp().clamp(0.01, 1.0))
