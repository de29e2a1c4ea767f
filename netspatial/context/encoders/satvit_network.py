"""The network of SatViT, our small Vision Transformer for satellite patches.

`satvit_training` trains it and `encoders.satvit` is the frozen encoder. A convolutional stem
replaces the linear patch projection, because it needs far fewer training images (Xiao et al. 2021,
"Early convolutions help transformers see better").
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class SatVitConfig:
    """Shape of the network. `patch` is fixed at 8 by the stem's three halvings."""

    side: int = 64
    """Pixels along each side of an input image."""
    gsd_m: float = 10.0
    """Metres per pixel of the training images."""
    width: int = 128
    depth: int = 4
    heads: int = 4
    stem: int = 64

    def __post_init__(self) -> None:
        """Check the sizes."""
        if min(self.side // 8, self.width, self.depth, self.heads, self.stem) < 1:
            raise ValueError("every size must be positive, and side 8 at least")
        if self.width % self.heads or not self.gsd_m > 0:
            raise ValueError("width must be a multiple of heads, and gsd_m positive")

    @property
    def tokens(self) -> int:
        """Tokens per image: one per 8 x 8 pixels."""
        return (self.side // 8) ** 2

    @property
    def dim(self) -> int:
        """Length of an embedding: means of the middle and of the last layer, and their spread."""
        return 3 * self.width


class VitBlock(nn.Module):
    """A depthwise convolution over neighbours, then pre-norm attention and MLP."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.neighbours = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (n, t, width) to tokens of the same shape."""
        n, t, width = x.shape
        side = math.isqrt(t)
        field = x.transpose(1, 2).reshape(n, width, side, side)
        x = x + self.neighbours(field).flatten(2).transpose(1, 2)
        qkv = self.qkv(self.norm_attention(x)).view(n, t, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, width))
        expanded: Tensor = self.mlp(self.norm_mlp(x))
        return x + expanded


class SatVit(nn.Module):
    """Network from images (n, 3, side, side) in [-1, 1] to embeddings (n, dim)."""

    def __init__(self, config: SatVitConfig) -> None:
        super().__init__()
        self.config = config
        stem, width = config.stem, config.width
        self.stem = nn.Sequential(
            _halving(3, stem),
            _halving(stem, 2 * stem),
            _halving(2 * stem, width),
            nn.Conv2d(width, width, 1),
        )
        self.place = nn.Parameter(0.02 * torch.randn(1, config.tokens, width))
        self.blocks = nn.ModuleList(VitBlock(width, config.heads) for _ in range(config.depth))
        self.norm_middle = nn.LayerNorm(width)
        self.norm = nn.LayerNorm(width)

    def forward(self, images: Tensor) -> Tensor:
        """Return [mean of the middle layer, mean and standard deviation of the last], (n, dim)."""
        x = self.stem(images).flatten(2).transpose(1, 2) + self.place
        middle = x
        for depth, block in enumerate(self.blocks, start=1):
            x = block(x)
            if depth == len(self.blocks) // 2:
                middle = x
        middle, last = self.norm_middle(middle), self.norm(x)
        spread = (last.var(dim=1, unbiased=False) + 1e-6).sqrt()
        return torch.cat([middle.mean(dim=1), last.mean(dim=1), spread], dim=1)


def _halving(channels_in: int, channels_out: int) -> nn.Sequential:
    """Return a layer that halves the resolution, with GroupNorm: independent of the batch."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
        nn.GroupNorm(8, channels_out),
        nn.GELU(),
    )
