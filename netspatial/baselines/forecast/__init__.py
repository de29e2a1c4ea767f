"""Baseline forecasters. A new one is a file with a builder and one line in a dict here.

Networks use the training loop and the windows of `netspatial.forecast`.
"""

from collections.abc import Callable

from netspatial.baselines.forecast.ast_mtl import build_ast_mtl
from netspatial.baselines.forecast.convlstm import build_convlstm
from netspatial.baselines.forecast.cslsl import build_cslsl
from netspatial.baselines.forecast.dcrnn import build_dcrnn
from netspatial.baselines.forecast.informer import build_informer
from netspatial.baselines.forecast.itransformer import build_itransformer
from netspatial.baselines.forecast.lstm import build_lstm
from netspatial.baselines.forecast.mttc import build_mttc
from netspatial.baselines.forecast.per_task import PerTask
from netspatial.baselines.forecast.staeformer import build_staeformer
from netspatial.baselines.forecast.stgcn import build_stgcn
from netspatial.baselines.forecast.transformer import build_transformer
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Build
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.window_forecaster import WindowForecaster
from netspatial.forecast.windows import WindowSpec

SINGLE_TASK: dict[str, Build] = {
    "lstm": build_lstm,
    "transformer": build_transformer,
    "informer": build_informer,
    "itransformer": build_itransformer,
    "convlstm": build_convlstm,
    "stgcn": build_stgcn,
    "dcrnn": build_dcrnn,
    "staeformer": build_staeformer,
}
"""Networks trained for one task at a time."""

MULTI_TASK: dict[str, Build] = {
    "mttc": build_mttc,
    "ast-mtl": build_ast_mtl,
    "cslsl": build_cslsl,
}
"""Networks trained for all tasks jointly."""

Make = Callable[[WindowSpec, tuple[str, ...], TrainConfig], WindowForecaster]
"""Builds an untrained forecaster from window shape, tasks and training budget."""


def _single(name: str, build: Build) -> Make:
    return lambda shape, tasks, train_config: PerTask(name, build, shape, tasks, train_config)


def _multi(name: str, build: Build) -> Make:
    return lambda shape, tasks, train_config: NetworkForecaster(
        name, build, shape, tasks, train_config
    )


BASELINES: dict[str, Make] = {
    **{name: _single(name, build) for name, build in SINGLE_TASK.items()},
    **{name: _multi(name, build) for name, build in MULTI_TASK.items()},
}
"""From a row's name in the tables to the builder of its forecaster."""

__all__ = ["BASELINES", "MULTI_TASK", "SINGLE_TASK", "Make", "PerTask"]
