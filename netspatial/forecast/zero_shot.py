"""Zero-shot Sim-MSTNet: pre-trained on simulated cities, calibrated on each history.

Network parameters stay fixed. The history sets the correction scale and the interval widths, as in
`pretrained` for short histories.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from netspatial.arrays import Floats
from netspatial.forecast.forecaster import BaseForecaster
from netspatial.forecast.history import History
from netspatial.forecast.network_forecaster import KIND
from netspatial.forecast.panel import Panel
from netspatial.forecast.pretrained import DEFAULT, MIN_PART, NAME, PretrainedForecaster
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.weights import Weights, load_weights

LATEST_DAYS = 21
"""Days of a history that are read, the longest in pre-training."""


@dataclass(frozen=True)
class ZeroShotForecaster(BaseForecaster):
    """The pre-trained network for any services of any stations.

    Attributes
    ----------
    folder : Path
        Output of `netspatial forecast pretrain`; by default the bundled network.
    name : str
        "sim-mstnet".
    """

    folder: Path = DEFAULT
    name: str = field(default=NAME, init=False)

    def origin(self) -> dict[str, str]:
        """Fingerprint of the pre-trained weights, and their training data.

        Returns
        -------
        dict from str to str
        """
        return {
            "model_fingerprint": self._saved.fingerprint,
            "trained_on": " and ".join(self._saved.config["trained_on"]),
        }

    def draw(self, past: History, samples: int, seed: int) -> Floats:
        """Samples of the calibrated network.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        samples : int
            Number of samples.
        seed : int
            Of the ranks of the samples.

        Returns
        -------
        array (R, samples, H)
            In the unit of each row.
        """
        recent = _recent(past)
        return self._calibrated(recent.panel).draw(recent, samples, seed)

    def quantiles(self, past: History, levels: Sequence[float], seed: int) -> Floats:
        """Quantiles of the calibrated network.

        Parameters
        ----------
        past : History
            R rows and the H steps after them.
        levels : sequence of float
            Q quantile levels within `LEVELS`.
        seed : int
            Of the ranks beyond the trained horizon.

        Returns
        -------
        array (R, Q, H)
            In the unit of each row.
        """
        recent = _recent(past)
        return self._calibrated(recent.panel).quantiles(recent, levels, seed)

    @cached_property
    def _saved(self) -> Weights:
        return load_weights(self.folder, KIND)

    def _calibrated(self, panel: Panel) -> PretrainedForecaster:
        """The network for these services, calibrated on four windows a day of the history."""
        shape, day = WindowSpec(**self._saved.config["shape"]), panel.steps_per_day
        windows = Windows.cut(
            [panel],
            shape,
            first=day,
            every=max(1, day // 4),
            least=-(-shape.context_length // MIN_PART),
        )
        made = PretrainedForecaster(NAME, build_sim_mstnet, shape, panel.tasks, start=self.folder)
        return made.begin_pretrained(windows).calibrate(windows)


def _recent(past: History) -> History:
    """The latest days of a history."""
    kept = LATEST_DAYS * past.steps_per_day
    return replace(past, panel=past.panel.span(max(0, len(past.panel.times) - kept)))
