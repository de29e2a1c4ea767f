"""LSTM: one recurrent network encodes the input, a second one decodes from its state.

Single task. Hochreiter and Schmidhuber 1997 as encoder and decoder. The decoder does not read its
own forecasts, so that training and inference are the same.

LSTM, Transformer, Informer and iTransformer are implemented here although neuralforecast has them:
its import takes 9 s of CPU and 1 GB of memory and brings 22 packages (Ray, Lightning, Optuna; 249
MB), and its Informer samples other random keys at every forecast.
"""

from torch import Tensor, nn

from netspatial.baselines.forecast.inputs import BaselineNetwork, Head, ahead, own_steps
from netspatial.forecast.network_spec import NetworkSpec
from netspatial.forecast.window_batch import WindowBatch

WIDTH = 48


class LSTM(nn.Module):
    """Forward: a `WindowBatch` to normalised quantiles (B, H, K, Q)."""

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        features = 2 * spec.tasks + spec.calendar
        self.encode = nn.LSTM(features, WIDTH, batch_first=True)
        self.decode = nn.LSTM(spec.calendar, WIDTH, batch_first=True)
        self.head = Head(WIDTH, spec.tasks)

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode the input, decode the horizon."""
        _, state = self.encode(own_steps(batch))
        hidden, _ = self.decode(ahead(batch), state)
        quantiles: Tensor = self.head(hidden)
        return quantiles


def build_lstm(spec: NetworkSpec) -> nn.Module:
    """Build the network with the inputs shared by all baselines."""
    return BaselineNetwork(LSTM, spec)
