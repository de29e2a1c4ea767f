"""Transfer from simulation to real places with few measurements.

Every method has the same simulated windows, real windows and budgets. Real windows come in three
disjoint parts: training, training of the simulation weights (training data for methods without
weights), and validation. Test windows are separate.
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
from netspatial.forecast.bilevel import BilevelProblem
from netspatial.forecast.cutting_plane import CuttingPlane, cutting_plane
from netspatial.forecast.meta_weight import MetaWeight, meta_weight, weights_of
from netspatial.forecast.network_forecaster import NetworkForecaster
from netspatial.forecast.network_problem import problem_of
from netspatial.forecast.network_spec import Option
from netspatial.forecast.training import TrainConfig, validation_loss
from netspatial.forecast.windows import Windows
from netspatial.progress import Progress, silent
from netspatial.randomness import stream

ADAPTING = TrainConfig(steps=400, lr=5e-4, evaluate_every=25, patience=6)
"""Fine-tuning on real windows after training on simulations."""


@dataclass(frozen=True, eq=False)
class Real:
    """Real windows in three disjoint parts.

    Attributes
    ----------
    train : Windows
        Training.
    meta : Windows
        Training of the simulation weights; training data for methods without weights.
    stop : Windows
        Validation, for early stopping and interval calibration.
    """

    train: Windows
    meta: Windows
    stop: Windows

    @property
    def all_train(self) -> Windows:
        """All training windows."""
        return Windows.join(self.train, self.meta)


@dataclass(frozen=True, eq=False)
class Simulated:
    """Simulated windows and the parameters of their configurations.

    Attributes
    ----------
    windows : Windows
        Their `config` is the row in `parameters`.
    parameters : array (configurations, P) of float32
        Parameters of each configuration.
    """

    windows: Windows
    parameters: Floats32


@dataclass(frozen=True, eq=False)
class TransferResult:
    """A trained forecaster and the weights of the simulated windows.

    Attributes
    ----------
    forecaster : NetworkForecaster
        The trained forecaster.
    weights : array (N,) of float32, or None
        Weight of each simulated window, with a mean of 1; None if unused.
    """

    forecaster: NetworkForecaster
    weights: Floats32 | None


@dataclass(frozen=True)
class TransferConfig:
    """Settings beside the forecaster's budget, which is that of training from scratch.

    Attributes
    ----------
    adapting : TrainConfig
        Of fine-tuning on real windows.
    meta : MetaWeight
        Settings of meta-weighting.
    planes : CuttingPlane
        Settings of the cutting-plane method.
    weighing : mapping from str to value, or None
        Options of the network used for reweighting; None for the forecaster's own. A seasonal
        baseline hides the effect of simulations, and a small network is fast.
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
"""Weights of configurations from the first hundred steps of a small Sim-MSTNet: corruptions are
detectable while the daily profile is trained, and hardly afterwards."""
WAYS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Interpolation from the parameters before fine-tuning (0) to those after it (1)."""
State = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class TransferInputs:
    """Inputs of a method for training a forecaster.

    Attributes
    ----------
    simulated : Simulated
        Simulated windows.
    real : Real
        Real windows.
    effort : TransferConfig
        Settings of reweighting and fine-tuning.
    seed : int
        Of the training.
    progress : Progress
        Called during training.
    """

    simulated: Simulated
    real: Real
    effort: TransferConfig
    seed: int
    progress: Progress


Method = Callable[[NetworkForecaster, TransferInputs], Floats32 | None]
"""Trains the forecaster in place and returns the weights of the simulated windows."""


def train(
    method: str,
    forecaster: NetworkForecaster,
    simulated: Simulated,
    real: Real,
    seed: int = 0,
    effort: TransferConfig | None = None,
    progress: Progress = silent,
) -> TransferResult:
    """Train an untrained forecaster by one of METHODS.

    Parameters
    ----------
    method : str
        "real-only", "uniform", "finetune", "meta-weight" or "cutting-plane".
    forecaster : NetworkForecaster
        Trained in place.
    simulated : Simulated
        Simulated windows.
    real : Real
        Real windows in three disjoint parts.
    seed : int
        Of the training.
    effort : TransferConfig, optional
        Settings of reweighting and fine-tuning.
    progress : Progress
        Called during training.

    Returns
    -------
    TransferResult

    Raises
    ------
    BadInput
        If no method has this name, or parts of the real windows overlap.
    """
    if method not in METHODS:
        raise BadInput(f"There is no method '{method}'; there are {', '.join(METHODS)}.")
    check_apart(real)
    inputs = TransferInputs(simulated, real, effort or TransferConfig(), seed, progress)
    weights = METHODS[method](forecaster, inputs)
    return TransferResult(forecaster, weights)


def check_apart(real: Real) -> None:
    """Raise an error for parts of real windows that forecast the same step of the same place.

    Parameters
    ----------
    real : Real
        Real windows in three parts.

    Raises
    ------
    BadInput
        If two parts overlap.
    """
    parts = {"train": real.train, "meta": real.meta, "stop": real.stop}
    begins = {name: _begins(windows) for name, windows in parts.items()}
    for one, other in combinations(parts, 2):
        for place in sorted(begins[one].keys() & begins[other].keys()):
            apart = np.abs(begins[one][place][:, None] - begins[other][place])
            if (apart < parts[one].shape.horizon * parts[one].panels[0].step).any():
                raise BadInput(
                    f"Windows of '{one}' and of '{other}' forecast the same steps of place "
                    f"'{place}'; the parts must be disjoint."
                )


def _begins(windows: Windows) -> dict[str, NDArray[np.datetime64]]:
    """First forecast step of the windows of each place."""
    found = {}
    for number, panel in enumerate(windows.panels):
        # the horizon may begin where the history ends
        times = panel.times.append(panel.coming(1)).to_numpy()
        inside = windows.panel == number
        for place in np.unique(windows.place[inside]):
            origins = windows.origin[inside & (windows.place == place)]
            found[panel.ids[place]] = times[origins]
    return found


def set_meta_apart(all_train: Windows, stop: Windows, seed: int = 0, part: float = 1 / 3) -> Real:
    """Real windows with a part of the places reserved for training the simulation weights.

    Parameters
    ----------
    all_train : Windows
        All training windows.
    stop : Windows
        Validation windows.
    seed : int
        Of the choice of places.
    part : float
        Part of the places that is reserved; BadInput below two places.

    Returns
    -------
    Real
    """
    places = np.unique(np.column_stack([all_train.panel, all_train.place]), axis=0)
    count = round(part * len(places))
    if not 0 < count < len(places):
        raise BadInput(
            f"{len(places)} places cannot be split into training and reweighting places; at least "
            "two are needed."
        )
    order = stream(seed, "meta", "places").permutation(len(places))
    apart = {tuple(pair) for pair in places[order[:count]].tolist()}
    pairs = zip(all_train.panel.tolist(), all_train.place.tolist(), strict=True)
    of_meta = np.array([pair in apart for pair in pairs])
    return Real(
        train=all_train.take(np.flatnonzero(~of_meta)),
        meta=all_train.take(np.flatnonzero(of_meta)),
        stop=stop,
    )


def real_only(forecaster: NetworkForecaster, inputs: TransferInputs) -> None:
    """Train on real windows only."""
    real = inputs.real
    forecaster.fit(real.all_train, real.stop, inputs.seed, inputs.progress)


def uniform(forecaster: NetworkForecaster, inputs: TransferInputs) -> Floats32:
    """Train on simulated windows only, with equal weights."""
    windows = inputs.simulated.windows
    forecaster.fit(windows, inputs.real.stop, inputs.seed, inputs.progress)
    return np.ones(len(windows), dtype=np.float32)


def finetune(forecaster: NetworkForecaster, inputs: TransferInputs) -> Floats32:
    """Train on simulated windows, then fine-tune on real ones."""
    weights = uniform(forecaster, inputs)
    _adapt(forecaster, inputs)
    return weights


def by_meta_weight(forecaster: NetworkForecaster, inputs: TransferInputs) -> Floats32:
    """Reweight by meta-weighting, train on the weighted simulations, fine-tune on real windows."""
    problem, phi = _problem(forecaster, inputs)
    found = meta_weight(problem, phi, inputs.effort.meta, inputs.seed, inputs.progress)
    return _weighed(forecaster, inputs, weights_of(found, problem))


def by_cutting_plane(forecaster: NetworkForecaster, inputs: TransferInputs) -> Floats32:
    """Reweight by cutting planes, train on the weighted simulations, fine-tune on real windows."""
    problem, phi = _problem(forecaster, inputs)
    found = cutting_plane(problem, phi, inputs.effort.planes, inputs.seed, inputs.progress)
    return _weighed(forecaster, inputs, found.weights)


def _problem(
    forecaster: NetworkForecaster, inputs: TransferInputs
) -> tuple[BilevelProblem, Tensor]:
    """The bilevel problem of reweighting, and the φ of an untrained network."""
    simulated, options = inputs.simulated, inputs.effort.weighing
    weighing = forecaster if options is None else replace(forecaster, options=options)
    network = weighing.begin(simulated.windows, inputs.seed)
    return problem_of(network, simulated.windows, simulated.parameters, inputs.real.meta)


def _weighed(forecaster: NetworkForecaster, inputs: TransferInputs, found: Tensor) -> Floats32:
    """Train as `finetune` does, with the given weights.

    Training starts from scratch, not from the parameters that were trained with the weights.
    """
    weights = scaled(found)
    windows = inputs.simulated.windows
    forecaster.fit(windows, inputs.real.stop, inputs.seed, inputs.progress, weights)
    _adapt(forecaster, inputs)
    return weights


def _adapt(forecaster: NetworkForecaster, inputs: TransferInputs) -> None:
    real, train_config = inputs.real, inputs.effort.adapting
    adapt(forecaster, real.all_train, real.stop, train_config, inputs.seed, inputs.progress)


def adapt(
    forecaster: NetworkForecaster,
    all_train: Windows,
    stop: Windows,
    train_config: TrainConfig = ADAPTING,
    seed: int = 0,
    progress: Progress = silent,
) -> None:
    """Fine-tune on real windows, as far as it lowers the validation loss.

    Against overfitting to few days, the final parameters are the interpolation between those before
    and after fine-tuning with the lowest validation loss.

    Parameters
    ----------
    forecaster : NetworkForecaster
        Fine-tuned in place; BadInput if it is not trained.
    all_train : Windows
        Training windows.
    stop : Windows
        Validation windows.
    train_config : TrainConfig
        Of fine-tuning.
    seed : int
        Of the training.
    progress : Progress
        Called during training.
    """
    network = forecaster.network
    if network is None:
        raise BadInput(f"The forecaster '{forecaster.name}' has no trained network to fine-tune.")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    usual = forecaster.train_config, forecaster.calibrated
    # calibrate once, with the final parameters
    forecaster.train_config, forecaster.calibrated = train_config, False
    forecaster.finetune(all_train, stop, seed, progress)
    forecaster.train_config, forecaster.calibrated = usual
    after = {name: value.clone() for name, value in network.state_dict().items()}
    losses = []
    for share in WAYS:
        network.load_state_dict(_between(before, after, share))
        losses.append(validation_loss(network, stop, forecaster.device))
    network.load_state_dict(_between(before, after, WAYS[int(np.argmin(losses))]))
    forecaster.calibrate(stop)


def _between(one: State, other: State, share: float) -> State:
    return {name: torch.lerp(value, other[name], share) for name, value in one.items()}


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
"""Transfer methods by name."""
