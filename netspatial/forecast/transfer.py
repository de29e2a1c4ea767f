"""From simulation to reality: train a forecaster for places where little was measured.

Every method has the same simulated windows, the same real ones and the same budgets. Real windows
come in three parts that share none: one to learn from, one on which weights of simulations are
learnt, which is training data too and is used as such by the methods that learn no weights, and
one that says when to stop. A fourth, for judging, is nobody's business here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspatial.arrays import Floats32
from netspatial.errors import BadInput
from netspatial.forecast.bilevel import Problem
from netspatial.forecast.cutting_plane import CuttingPlane, cutting_plane
from netspatial.forecast.forecaster import Progress
from netspatial.forecast.meta_weight import MetaWeight, meta_weight, weights_of
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_problem import problem_of
from netspatial.forecast.network_spec import Option
from netspatial.forecast.training import TrainConfig, validation_loss
from netspatial.forecast.windows import Windows
from netspatial.randomness import stream

ADAPTING = TrainConfig(steps=400, lr=5e-4, evaluate_every=25, patience=6)
"""How a network that has learnt from simulations goes on with real windows."""


@dataclass(frozen=True, eq=False)
class Real:
    """Real windows in three parts that share none.

    train : to learn from; meta : on which weights of simulations are learnt, training data too;
    stop  : when to stop, and how wide intervals must be
    """

    train: Windows
    meta: Windows
    stop: Windows

    @property
    def learnt_from(self) -> Windows:
        """All that is training data."""
        return Windows.join(self.train, self.meta)


@dataclass(frozen=True, eq=False)
class Simulated:
    """Simulated windows, and the parameters (configurations, P) that their `config` points to."""

    windows: Windows
    parameters: Floats32


@dataclass(frozen=True, eq=False)
class TransferResult:
    """A trained forecaster, and the weight (N,) of each simulated window; None if unused."""

    forecaster: NetworkForecaster
    weights: Floats32 | None


@dataclass(frozen=True)
class TransferConfig:
    """Budgets beside that of the forecaster, which is for learning from scratch.

    weighing : options of the network that weights are learnt with; None is the forecaster's own. A
               template of earlier days hides what simulations teach, and a small network is quick
    """

    adapting: TrainConfig = ADAPTING
    meta: MetaWeight = field(default_factory=MetaWeight)
    planes: CuttingPlane = field(default_factory=CuttingPlane)
    weighing: Mapping[str, Option] | None = None


EARLY = TransferConfig(
    meta=MetaWeight(steps=100, every=1, weight_lr=1e-3, own_lr=5e-2),
    planes=CuttingPlane(
        steps=120, plane_every=5, inner_steps=3, weight_lr=0.03, batch=128, first_phase=0.9
    ),
    weighing={"template": False, "space": False, "interaction": False, "d": 16},
)
"""Weights of configurations from the first hundred steps of a small Sim-MSTNet: which simulations
are sound shows while the rhythm of days is learnt, and hardly any more once it is."""
WAYS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How far from what simulations taught to what real windows add, as shares of the way."""
State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class TransferInputs:
    """What a method is given to train a forecaster with."""

    simulated: Simulated
    real: Real
    effort: TransferConfig
    seed: int
    progress: Progress | None


Method = Callable[[NetworkForecaster, TransferInputs], Floats32 | None]
"""Trains the forecaster in place and returns the weights of the simulated windows."""


def train(
    method: str,
    forecaster: NetworkForecaster,
    simulated: Simulated,
    real: Real,
    seed: int = 0,
    effort: TransferConfig | None = None,
    progress: Progress | None = None,
) -> TransferResult:
    """Train an untrained forecaster by one of METHODS."""
    if method not in METHODS:
        raise BadInput(f"There is no method '{method}'; there are {', '.join(METHODS)}.")
    check_apart(real)
    lesson = TransferInputs(simulated, real, effort or TransferConfig(), seed, progress)
    weights = METHODS[method](forecaster, lesson)
    return TransferResult(forecaster, weights)


def check_apart(real: Real) -> None:
    """Refuse parts of real windows that ask for the same step of the same place."""
    parts = {"train": real.train, "meta": real.meta, "stop": real.stop}
    begins = {name: _begins(windows) for name, windows in parts.items()}
    for one, other in combinations(parts, 2):
        for place in sorted(begins[one].keys() & begins[other].keys()):
            apart = np.abs(begins[one][place][:, None] - begins[other][place])
            if (apart < parts[one].shape.horizon * parts[one].panels[0].step).any():
                raise BadInput(
                    f"Windows of '{one}' and of '{other}' ask for the same steps of place "
                    f"'{place}'; parts that share none would be right."
                )


def _begins(windows: Windows) -> dict[str, NDArray[np.datetime64]]:
    """When the windows of each place begin to forecast."""
    found = {}
    for number, panel in enumerate(windows.panels):
        # a window may begin to forecast where its history ends
        times = panel.times.append(panel.coming(1)).to_numpy()
        inside = windows.panel == number
        for place in np.unique(windows.place[inside]):
            origins = windows.origin[inside & (windows.place == place)]
            found[panel.ids[place]] = times[origins]
    return found


def set_meta_apart(learnt_from: Windows, stop: Windows, seed: int = 0, part: float = 1 / 3) -> Real:
    """Set the windows of a part of the places apart for the weights of simulations."""
    places = np.unique(np.column_stack([learnt_from.panel, learnt_from.place]), axis=0)
    count = round(part * len(places))
    if not 0 < count < len(places):
        raise BadInput(
            f"{len(places)} places cannot be parted into some to learn from and some to learn "
            "weights of simulations on; two or more can."
        )
    order = stream(seed, "meta", "places").permutation(len(places))
    apart = {tuple(pair) for pair in places[order[:count]].tolist()}
    pairs = zip(learnt_from.panel.tolist(), learnt_from.place.tolist(), strict=True)
    of_meta = np.array([pair in apart for pair in pairs])
    return Real(
        train=learnt_from.take(np.flatnonzero(~of_meta)),
        meta=learnt_from.take(np.flatnonzero(of_meta)),
        stop=stop,
    )


def real_only(forecaster: NetworkForecaster, lesson: TransferInputs) -> None:
    """Learn from real windows alone."""
    real = lesson.real
    forecaster.fit(real.learnt_from, real.stop, lesson.seed, lesson.progress)


def uniform(forecaster: NetworkForecaster, lesson: TransferInputs) -> Floats32:
    """Learn from simulated windows alone, all weighing the same."""
    windows = lesson.simulated.windows
    forecaster.fit(windows, lesson.real.stop, lesson.seed, lesson.progress)
    return np.ones(len(windows), dtype=np.float32)


def finetune(forecaster: NetworkForecaster, lesson: TransferInputs) -> Floats32:
    """Learn from simulated windows, then go on with real ones."""
    weights = uniform(forecaster, lesson)
    _adapt(forecaster, lesson)
    return weights


def by_meta_weight(forecaster: NetworkForecaster, lesson: TransferInputs) -> Floats32:
    """Learn weights by looking ahead, then from simulated windows so weighed, then real ones."""
    problem, phi = _problem(forecaster, lesson)
    found = meta_weight(problem, phi, lesson.effort.meta, lesson.seed, lesson.progress)
    return _weighed(forecaster, lesson, weights_of(found, problem))


def by_cutting_plane(forecaster: NetworkForecaster, lesson: TransferInputs) -> Floats32:
    """Learn weights by cutting planes, then from simulated windows so weighed, then real ones."""
    problem, phi = _problem(forecaster, lesson)
    found = cutting_plane(problem, phi, lesson.effort.planes, lesson.seed, lesson.progress)
    return _weighed(forecaster, lesson, found.weights)


def _problem(forecaster: NetworkForecaster, lesson: TransferInputs) -> tuple[Problem, Tensor]:
    """What weights are learnt from, and the φ of a network that has learnt nothing."""
    simulated, options = lesson.simulated, lesson.effort.weighing
    weighing = forecaster if options is None else replace(forecaster, options=options)
    network = weighing.begin(simulated.windows, lesson.seed)
    return problem_of(network, simulated.windows, simulated.parameters, lesson.real.meta)


def _weighed(forecaster: NetworkForecaster, lesson: TransferInputs, found: Tensor) -> Floats32:
    """Learn as `finetune` does, with the weights that were found.

    The parameters that came with them are not gone on from: they served to find weights.
    """
    weights = scaled(found)
    windows = lesson.simulated.windows
    forecaster.fit(windows, lesson.real.stop, lesson.seed, lesson.progress, weights)
    _adapt(forecaster, lesson)
    return weights


def _adapt(forecaster: NetworkForecaster, lesson: TransferInputs) -> None:
    real, budget = lesson.real, lesson.effort.adapting
    adapt(forecaster, real.learnt_from, real.stop, budget, lesson.seed, lesson.progress)


def adapt(
    forecaster: NetworkForecaster,
    learnt_from: Windows,
    stop: Windows,
    budget: TrainConfig = ADAPTING,
    seed: int = 0,
    progress: Progress | None = None,
) -> None:
    """Go on with real windows, only as far as it helps.

    Few days tell a network of many parameters mostly about themselves. So the parameters end
    between those before and those after, where the loss on the windows to stop by is least.
    """
    network = forecaster.network
    if network is None:
        raise BadInput(f"The forecaster '{forecaster.name}' has learnt nothing to go on from.")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    usual = forecaster.budget, forecaster.calibrated
    # what is settled on the windows to stop by is settled once, where the way ends
    forecaster.budget, forecaster.calibrated = budget, False
    forecaster.finetune(learnt_from, stop, seed, progress)
    forecaster.budget, forecaster.calibrated = usual
    after = {name: value.clone() for name, value in network.state_dict().items()}
    losses = []
    for way in WAYS:
        network.load_state_dict(_between(before, after, way))
        losses.append(validation_loss(network, stop, forecaster.device))
    network.load_state_dict(_between(before, after, WAYS[int(np.argmin(losses))]))
    forecaster.calibrate(stop)


def _between(one: State, other: State, way: float) -> State:
    return {name: torch.lerp(value, other[name], way) for name, value in one.items()}


def scaled(weights: Tensor) -> Floats32:
    """Weights with a mean of 1."""
    found: Floats32 = (weights / weights.mean()).numpy().astype(np.float32)
    return found


METHODS: dict[str, Method] = {
    "real-only": real_only,
    "uniform": uniform,
    "finetune": finetune,
    "meta-weight": by_meta_weight,
    "cutting-plane": by_cutting_plane,
}
"""Ways to use simulations, by name: none, all alike, then real ones too, weighed, and so on."""
