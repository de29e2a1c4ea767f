"""Transformer: full attention over steps, the whole horizon forecast in one pass.

Single task. Vaswani et al. 2017 in the form used in forecasting papers: the decoder reads the last
half of the input and zeros for the horizon.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.embedding import TokenEmbedding
from netspatial.baselines.forecast.inputs import BaselineNetwork, Head
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH, HEADS, DROPOUT = 32, 4, 0.0


class Transformer(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.tokens = TokenEmbedding(spec, WIDTH)
        self.encode = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, activation="gelu", batch_first=True
        )
        self.decode = nn.TransformerDecoderLayer(
            WIDTH, HEADS, 2 * WIDTH, DROPOUT, activation="gelu", batch_first=True
        )
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode the input, decode the horizon."""
        known, query = self.tokens(batch)
        later = nn.Transformer.generate_square_subsequent_mask(query.shape[1], device=query.device)
        decoded = self.decode(query, self.encode(known), tgt_mask=later)
        quantiles: Tensor = self.head(decoded[:, -batch.y.shape[1] :])
        return quantiles


def build_transformer(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(Transformer, spec)
