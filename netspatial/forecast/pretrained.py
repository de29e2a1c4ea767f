"""Network pre-trained on many cities, for any place and any services.

The weights are bundled, or made by `netspatial forecast pretrain`. One decoder serves all tasks, so
that their names and number do not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from netspatial.arrays import AnyFloats
from netspatial.bundled_weights import bundled
from netspatial.errors import BadInput
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import ADAPTING, adapt
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

NAME = "sim-mstnet"
TIED: Mapping[str, Option] = {"tied": True}
DEFAULT = bundled("forecast", "default")
PRETRAINING = TrainConfig(steps=3000, lr=2.5e-3, evaluate_every=250, patience=10)
SPANS = 3
"""Histories cut from each city, of different length."""
SPAN_DAYS = (3, 5, 8, 14, 21)
EVERY = 7
"""Steps from one window to the next; no divisor of a day, so that windows begin at every hour."""
MIN_PART = 4
"""At least one in this many input steps lies within the history of every window."""
VALIDATION_EVERY = 8
"""Every eighth city belongs to the validation set."""
FEW_DAYS = 20
"""With fewer days, parameters stay fixed to avoid overfitting; only the correction scale and the
interval widths are fitted."""


@dataclass(eq=False)
class PretrainedForecaster(NetworkForecaster):
    """Sim-MSTNet from pre-trained weights; short histories only calibrate it.

    Further attributes are those of `NetworkForecaster`.

    Attributes
    ----------
    train_config : TrainConfig
        Of fine-tuning on long histories.
    interval_shrinkage : float
        Exponent of the interval factors; 0.5, because errors within a day are correlated.
    start : Path or None
        Folder of a network from `pretrain`; None for the bundled one.
    """

    train_config: TrainConfig = ADAPTING
    interval_shrinkage: float = 0.5
    start: Path | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Load the pre-trained weights; fine-tune on the history if it is long enough.

        Parameters
        ----------
        windows : Windows
            Training windows; below `FEW_DAYS` days they only calibrate.
        validation : Windows
            For early stopping and interval calibration.
        seed : int
            Of the order of windows and of dropout.
        progress : Progress
            Called during training.
        window_weights : array, optional
            Not supported after pre-training.

        Returns
        -------
        PretrainedForecaster
            Itself.

        Raises
        ------
        BadInput
            If window weights are given, or the pre-trained network is for windows of another shape.
        """
        if window_weights is not None:
            raise BadInput("Window weights are not supported after pre-training; leave them out.")
        self.begin_pretrained(windows, seed)
        days = windows.origin.max() / windows.panels[0].steps_per_day
        if days < FEW_DAYS:
            # training windows are unused, so they may calibrate too, not the last day's alone
            return self.calibrate(Windows.join(_after_a_day(windows), validation))
        adapt(self, windows, validation, self.train_config, seed, progress)
        return self

    def begin_pretrained(self, windows: Windows, seed: int = 0) -> Self:
        """Build the network for windows of this shape with the pre-trained parameters.

        Parameters
        ----------
        windows : Windows
            Windows of the history.
        seed : int
            Of the initial parameters, which the pre-trained ones replace.

        Returns
        -------
        PretrainedForecaster
            Itself.

        Raises
        ------
        BadInput
            If the pre-trained network is for windows of another shape, step or square.
        """
        pretrained = NetworkForecaster.load(self.start or DEFAULT)
        self._check_alike(pretrained, windows)
        self.options = pretrained.options
        network = self.begin(windows, seed)
        if pretrained.network is None:
            raise BadInput("The pre-trained network has no weights.")
        network.load_state_dict(pretrained.network.state_dict())
        self.trained_on = pretrained.trained_on
        return self

    def _check_alike(self, pretrained: NetworkForecaster, windows: Windows) -> None:
        """Raise an error for windows of another shape, step or square than in pre-training."""
        spec, panel = pretrained.spec, windows.panels[0]
        if spec is None or not spec.options.get("tied"):
            raise BadInput("The start network must come from `netspatial forecast pretrain`.")
        known = (spec.context_length, spec.horizon, spec.steps_per_day, spec.side)
        given = (self.shape.context_length, self.shape.horizon, panel.steps_per_day, panel.side)
        if known != given:
            raise BadInput(
                f"The pre-trained network has context length {known[0]}, horizon {known[1]}, "
                f"{known[2]} steps per day and squares of side {known[3]}; {given[0]}, {given[1]}, "
                f"{given[2]} and {given[3]} were requested. Initialise from 'simulation' or "
                "'scratch' instead, or pre-train another."
            )


def pretrain(
    cities: Sequence[Panel],
    shape: WindowSpec,
    *,
    train_config: TrainConfig = PRETRAINING,
    options: Mapping[str, Option] | None = None,
    task_weights: str = "equal",
    seed: int = 0,
    progress: Progress = silent,
) -> NetworkForecaster:
    """Pre-train a network for any tasks on the histories of many cities.

    Parameters
    ----------
    cities : sequence of Panel
        Histories with the same tasks, at least two; every eighth is for validation.
    shape : WindowSpec
        Context length and horizon, steps.
    train_config : TrainConfig
        Steps, batch size and learning rate.
    options : mapping from str to value, optional
        Options of the network, see `Options` of Sim-MSTNet; one decoder always serves all tasks.
    task_weights : str
        Weighting of the task losses, a key of `LOSS_WEIGHTS`.
    seed : int
        Of the spans, the initial parameters and the training.
    progress : Progress
        Called during training.

    Returns
    -------
    NetworkForecaster
        Trained, not calibrated: each place calibrates on its own windows.

    Raises
    ------
    BadInput
        If fewer than two cities are given.
    """
    if len(cities) < 2:
        raise BadInput("At least two cities are needed, one for training and one for validation.")
    spans = [_spans(city, number, seed) for number, city in enumerate(cities)]
    least = -(-shape.context_length // MIN_PART)
    windows, validation = (
        Windows.cut(
            [
                span
                for number, of in enumerate(spans)
                if (number % VALIDATION_EVERY == 0) is held
                for span in of
            ],
            shape,
            every=EVERY,
            least=least,
        )
        for held in (False, True)
    )
    made = NetworkForecaster(
        NAME,
        build_sim_mstnet,
        shape,
        cities[0].tasks,
        train_config,
        {**(options or {}), **TIED},
        task_weights,
        calibrated=False,  # each place calibrates on its own windows
    )
    return made.fit(windows, validation, seed, progress)


def _after_a_day(windows: Windows) -> Windows:
    """Windows with at least a day of history that begin at four hours of the day."""
    day = windows.panels[0].steps_per_day
    late = (windows.origin >= day) & (windows.origin % max(1, day // 4) == 0)
    return windows.take(np.flatnonzero(late))


def _spans(city: Panel, number: int, seed: int) -> list[Panel]:
    """Random spans of different length from one city's history."""
    random = stream(seed, "spans", number)
    per_day, steps = city.steps_per_day, len(city.times)
    spans = []
    for _ in range(SPANS):
        length = min(int(random.choice(SPAN_DAYS)) * per_day, steps)
        first = int(random.integers(0, steps - length + 1))
        spans.append(city.span(first, first + length))
    return spans
