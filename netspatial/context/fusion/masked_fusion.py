"""Masked fusion of image and POIs into one context embedding z, Eqs. 10 to 12 of the paper.

A modality that is masked in training or missing in use is replaced by its mask token, so that one
network embeds places with either or both.
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


class Fused(NamedTuple):
    """z (n, d) with unit length, the tokens, and the reconstructions by the heads."""

    z: Tensor
    tokens: Tokens
    v_hat: Tensor
    p_hat: Tensor
    image_hat: Tensor
    counts_hat: Tensor


class MaskedFusion(nn.Module):
    """A light Transformer over [t_F; v; p; n], read at t_F; z = norm(W_z h_F), Eq. 11.

    v_hat, p_hat reconstruct the tokens (Eq. 12); image_hat, counts_hat the frozen inputs.
    """

    def __init__(self, shape: Shape, layers: int = 2, heads: int = 4) -> None:
        """Build projections, mask tokens, Transformer and linear heads."""
        super().__init__()
        d = shape.d
        self.towers = FeatureProjector(shape)
        self.t_F = nn.Parameter(torch.randn(d) / d**0.5)
        self.v_mask = nn.Parameter(torch.randn(d) / d**0.5)
        self.p_mask = nn.Parameter(torch.randn(d) / d**0.5)
        self.n_mask = nn.Parameter(torch.randn(d) / d**0.5)
        self.place = nn.Parameter(0.02 * torch.randn(4, d))
        self.transformer = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.W_z = nn.Linear(d, d)
        self.v_head, self.p_head = nn.Linear(d, d), nn.Linear(d, d)
        self.image_head = nn.Linear(d, shape.image_kept)
        self.counts_head = nn.Linear(d, shape.tally_width)

    def forward(self, batch: FeatureBatch, show_image: Tensor, show_pois: Tensor) -> Fused:
        """Fuse the shown modalities ((n,) bool each); hidden ones get their mask token, Eq. 10."""
        tokens = self.towers(batch)
        d = self.t_F.shape[0]
        sequence = d**0.5 * torch.stack(
            [
                self.t_F.expand_as(tokens.v),
                torch.where(show_image[:, None], tokens.v, self.v_mask),
                torch.where(show_pois[:, None], tokens.p, self.p_mask),
                torch.where(show_pois[:, None], tokens.n, self.n_mask),
            ],
            dim=1,
        )
        h = sequence + self.place
        for block in self.transformer:
            h = block(h)
        z = nn.functional.normalize(self.W_z(h[:, 0]), dim=-1)
        seen = d**0.5 * z
        return Fused(
            z,
            tokens,
            self.v_head(seen),
            self.p_head(seen),
            self.image_head(seen),
            self.counts_head(seen),
        )


class Block(nn.Module):
    """One pre-norm Transformer layer over a few tokens, (n, tokens, d)."""

    def __init__(self, d: int, heads: int) -> None:
        """Build attention with `heads` heads and a feed-forward network twice as wide."""
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.feed = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, h: Tensor) -> Tensor:
        """Return the tokens after attention and feed-forward network."""
        n, tokens, d = h.shape
        q, k, v = (
            part.reshape(n, tokens, self.heads, d // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm_1(h)).chunk(3, dim=-1)
        )
        attended = nn.functional.scaled_dot_product_attention(q, k, v)
        h = h + self.out(attended.transpose(1, 2).reshape(n, tokens, d))
        fed: Tensor = h + self.feed(self.norm_2(h))
        return fed
