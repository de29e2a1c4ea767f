"""LSTM: one recurrent network reads the input, a second one goes on from its state.

Single task. Hochreiter and Schmidhuber 1997 as an encoder and decoder. The decoder is not fed its
own forecasts, so that nothing differs between training and use.

This rival and the Transformer, Informer and iTransformer stand here, although neuralforecast has
them: its import takes 9 s of CPU and 1 GB of memory and brings 22 packages (Ray, Lightning, Optuna;
249 MB), and its Informer draws other random keys at every forecast.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.reading import Baseline, Head, ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.windows import Batch

WIDTH = 48


class LSTM(nn.Module):
    """Forward: a `Batch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        features = 2 * spec.tasks + spec.calendar
        self.encode = nn.LSTM(features, WIDTH, batch_first=True)
        self.decode = nn.LSTM(spec.calendar, WIDTH, batch_first=True)
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: Batch) -> Tensor:
        """Read the input, then the horizon."""
        _, state = self.encode(own_steps(batch))
        hidden, _ = self.decode(ahead(batch), state)
        quantiles: Tensor = self.head(hidden)
        return quantiles


def build_lstm(spec: NetworkSpec) -> nn.Module:
    """Build the network with what all rivals have."""
    return Baseline(LSTM, spec)
