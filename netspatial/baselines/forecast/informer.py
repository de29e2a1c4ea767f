"""Informer: ProbSparse attention, an encoder that halves its length, a decoder in one go.

Single task. Zhou et al. 2021. The keys that a query is measured on come from a seeded generator, so
that the same input always gives the same forecast; the public version draws them anew each time.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.embedding import Tokens
from netspatial.baselines.forecast.reading import Baseline, Head
from netspatial.forecast.attention import Attention, feed_forward
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.windows import Batch

WIDTH, HEADS, DROPOUT = 32, 4, 0.1


class EncoderLayer(nn.Module):
    """ProbSparse self-attention and a feed-forward layer, each with residual and norm."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = Attention(WIDTH, HEADS, sparse=True)
        self.feed = feed_forward(WIDTH, DROPOUT)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) to (B, L, d)."""
        x = self.norms[0](x + self.attend(x, x))
        passed: Tensor = self.norms[1](x + self.feed(x))
        return passed


class Distil(nn.Module):
    """Convolution and maximum over pairs of steps: half the length, the strongest features."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.norm = nn.BatchNorm1d(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) to (B, ceil(L / 2), d)."""
        mixed = nn.functional.elu(self.norm(self.mix(x.transpose(1, 2))))
        halved = nn.functional.max_pool1d(mixed, 2, ceil_mode=True)
        return halved.transpose(1, 2)


class Informer(nn.Module):
    """Forward: a `Batch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tokens = Tokens(spec, WIDTH)
        self.encode = nn.Sequential(EncoderLayer(), Distil(), EncoderLayer())
        self.own = Attention(WIDTH, HEADS, sparse=True, masked=True)
        self.cross = Attention(WIDTH, HEADS)
        self.feed = feed_forward(WIDTH, DROPOUT)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: Batch) -> Tensor:
        """Encode the input, decode the horizon."""
        known, x = self.tokens(batch)
        memory = self.encode(known)
        x = self.norms[0](x + self.own(x, x))
        x = self.norms[1](x + self.cross(x, memory))
        x = self.norms[2](x + self.feed(x))
        quantiles: Tensor = self.head(x[:, -batch.y.shape[1] :])
        return quantiles


def build_informer(spec: NetworkSpec) -> nn.Module:
    """Build the network with what all rivals have."""
    return Baseline(Informer, spec)
