"""A network taught once on many cities, that goes on in any place and with any services.

Before the real history, as `from_simulation` is, but learnt beforehand: the weights are shipped, or
made by `netspatial forecast teach`. One decoder serves all tasks, so that nothing depends on what
they are called or how many there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from netspatial.arrays import AnyFloats
from netspatial.bundled_weights import bundled
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import Progress
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_spec import Option
from netspatial.forecast.panel import Panel
from netspatial.forecast.sim_mstnet import build_sim_mstnet
from netspatial.forecast.training import TrainConfig
from netspatial.forecast.transfer import ADAPTING, adapt
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.randomness import stream

NAME = "sim-mstnet"
TIED: Mapping[str, Option] = {"tied": True}
DEFAULT = bundled("forecast", "default")
PRETRAINING = TrainConfig(steps=3000, lr=2.5e-3, evaluate_every=250, patience=10)
SPANS = 3
"""Histories that are cut from each city, so that memory is long in some and short in others."""
SPAN_DAYS = (3, 5, 8, 14, 21)
EVERY = 7
"""Steps from one window to the next; no part of a day, so that windows begin at every hour."""
LEAST_PART = 4
"""One in so many input steps lies within the history of every window."""
JUDGE = 8
"""Every eighth city says when to stop, and nothing is learnt from it."""
FEW_DAYS = 20
"""Fewer days to learn from change no parameter: they tell a network mostly about themselves. They
settle how far it is trusted and how wide intervals are."""


@dataclass(eq=False)
class PretrainedForecaster(NetworkForecaster):
    """Sim-MSTNet that starts from what was taught; few days only settle how far to trust it.

    budget   : for going on with long histories
    interval_shrinkage : half: errors of one day go together, and days differ
    start    : folder of a network that `pretrain` made, else the shipped one
    """

    budget: TrainConfig = ADAPTING
    interval_shrinkage: float = 0.5
    start: Path | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Begin as taught; go on with the history where it is long enough to learn from."""
        if window_weights is not None:
            raise BadInput("Windows that follow what was taught all weigh the same.")
        self.begin_as_taught(windows, seed)
        days = windows.origin.max() / windows.panels[0].steps_per_day
        if days < FEW_DAYS:
            # of windows that nothing is learnt from, all may settle trust, not the last day's alone
            return self.calibrate(Windows.join(_after_a_day(windows), validation))
        adapt(self, windows, validation, self.budget, seed, progress)
        return self

    def begin_as_taught(self, windows: Windows, seed: int = 0) -> Self:
        """Build the network for windows of this kind with the parameters that were taught."""
        pretrained = NetworkForecaster.load(self.start or DEFAULT)
        self._check_alike(pretrained, windows)
        self.options = pretrained.options
        network = self.begin(windows, seed)
        if pretrained.network is None:
            raise BadInput("The taught network has no weights.")
        network.load_state_dict(pretrained.network.state_dict())
        self.learnt_from = pretrained.learnt_from
        return self

    def _check_alike(self, pretrained: NetworkForecaster, windows: Windows) -> None:
        """Refuse windows of another shape, step or square than were taught."""
        spec, panel = pretrained.spec, windows.panels[0]
        if spec is None or not spec.options.get("tied"):
            raise BadInput("Only a network that `teach` made can be started from.")
        known = (spec.context_length, spec.horizon, spec.steps_per_day, spec.side)
        given = (self.shape.context_length, self.shape.horizon, panel.steps_per_day, panel.side)
        if known != given:
            raise BadInput(
                f"What was taught goes from {known[0]} steps to {known[1]}, {known[2]} a day, on "
                f"squares of {known[3]} places, and {given[0]} to {given[1]}, {given[2]} a day, "
                f"on {given[3]} was asked for; learn from simulation or from history instead, or "
                "teach another."
            )


def pretrain(
    cities: Sequence[Panel],
    shape: WindowSpec,
    *,
    budget: TrainConfig = PRETRAINING,
    options: Mapping[str, Option] | None = None,
    task_weights: str = "equal",
    seed: int = 0,
    progress: Progress | None = None,
) -> NetworkForecaster:
    """Teach a network on the histories of many cities; it serves any tasks afterwards.

    options : of the network, see `Options` of Sim-MSTNet; one decoder always serves all tasks
    """
    if len(cities) < 2:
        raise BadInput("One city to learn from and another to judge by are needed at least.")
    spans = [_spans(city, number, seed) for number, city in enumerate(cities)]
    least = -(-shape.context_length // LEAST_PART)
    windows, judged = (
        Windows.cut(
            [
                span
                for number, of in enumerate(spans)
                if (number % JUDGE == 0) is held
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
        budget,
        {**(options or {}), **TIED},
        task_weights,
        calibrated=False,  # each place settles this on its own windows
    )
    return made.fit(windows, judged, seed, progress)


def _after_a_day(windows: Windows) -> Windows:
    """The windows that know a day and begin at four hours of the day."""
    day = windows.panels[0].steps_per_day
    late = (windows.origin >= day) & (windows.origin % max(1, day // 4) == 0)
    return windows.take(np.flatnonzero(late))


def _spans(city: Panel, number: int, seed: int) -> list[Panel]:
    """Histories of different length from one city, each from another hour on."""
    chance = stream(seed, "spans", number)
    per_day, steps = city.steps_per_day, len(city.times)
    spans = []
    for _ in range(SPANS):
        length = min(int(chance.choice(SPAN_DAYS)) * per_day, steps)
        first = int(chance.integers(0, steps - length + 1))
        spans.append(city.span(first, first + length))
    return spans
