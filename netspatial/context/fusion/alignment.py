"""The paper's ablation of the fusion: CLIP-style alignment of image and POIs, then averaging.

It has the same projections as the masked fusion.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from netspatial.context.fusion.feature_projector import (
    FeatureBatch,
    FeatureProjector,
    Shape,
    Tokens,
)


class Aligned(NamedTuple):
    """z (n, d) with unit length, its tokens and the temperature of the contrastive loss."""

    z: Tensor
    tokens: Tokens
    temperature: Tensor


class Alignment(nn.Module):
    """z = norm(v + p) of the shown modalities; trained by matching v and p of the same place."""

    def __init__(self, shape: Shape) -> None:
        """Build the projections and a learned temperature."""
        super().__init__()
        self.towers = FeatureProjector(shape)
        self.log_temperature = nn.Parameter(torch.tensor(0.07).log())

    def forward(self, batch: FeatureBatch, show_image: Tensor, show_pois: Tensor) -> Aligned:
        """Join the shown modalities, (n,) bool each."""
        tokens = self.towers(batch)
        p = nn.functional.normalize(tokens.p + tokens.n, dim=-1)
        tokens = tokens._replace(p=p)
        joined = tokens.v * show_image[:, None] + p * show_pois[:, None]
        z = nn.functional.normalize(joined, dim=-1)
        return Aligned(z, tokens, self.log_temperature.exp().clamp(0.01, 1.0))
