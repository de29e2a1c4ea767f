"""Transformer: full attention over steps, all of the horizon forecast at once.

Single task. Vaswani et al. 2017 in the form in which the forecasting papers compare with it: the
decoder is given the last half of the input and empty places for the horizon.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.embedding import Tokens
from netspatial.baselines.forecast.reading import Baseline, Head
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.windows import Batch

WIDTH, HEADS, DROPOUT = 32, 4, 0.0


class Transformer(nn.Module):
    """Forward: a `Batch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tokens = Tokens(spec, WIDTH)
        self.encode = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, activation="gelu", batch_first=True
        )
        self.decode = nn.TransformerDecoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, activation="gelu", batch_first=True
        )
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: Batch) -> Tensor:
        """Encode the input, decode the horizon."""
        known, asked = self.tokens(batch)
        later = nn.Transformer.generate_square_subsequent_mask(asked.shape[1], device=asked.device)
        decoded = self.decode(asked, self.encode(known), tgt_mask=later)
        quantiles: Tensor = self.head(decoded[:, -batch.y.shape[1] :])
        return quantiles


def build_transformer(spec: NetworkSpec) -> nn.Module:
    """Build the network with what all rivals have."""
    return Baseline(Transformer, spec)
