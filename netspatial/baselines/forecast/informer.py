"""Informer: ProbSparse attention, an encoder that halves its length, a one-pass decoder.

Single task. Zhou et al. 2021. The keys on which queries are scored come from a seeded generator, so
that the same input always gives the same forecast; the public version samples them at each call.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.embedding import TokenEmbedding
from netspatial.baselines.forecast.inputs import BaselineNetwork, Head
from netspatial.forecast.attention import Attention, feed_forward
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, HEADS, DROPOUT = 32, 4, 0.1


class InformerLayer(nn.Module):
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
    """Convolution and max pooling over pairs of steps, which halves the length."""

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
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tokens = TokenEmbedding(spec, WIDTH)
        self.encode = nn.Sequential(InformerLayer(), Distil(), InformerLayer())
        self.own = Attention(WIDTH, HEADS, sparse=True, masked=True)
        self.cross = Attention(WIDTH, HEADS)
        self.feed = feed_forward(WIDTH, DROPOUT)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode the input, decode the horizon."""
        known, x = self.tokens(batch)
        memory = self.encode(known)
        x = self.norms[0](x + self.own(x, x))
        x = self.norms[1](x + self.cross(x, memory))
        x = self.norms[2](x + self.feed(x))
        quantiles: Tensor = self.head(x[:, -batch.y.shape[1] :])
        return quantiles


def build_informer(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(Informer, spec)
