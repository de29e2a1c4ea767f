"""Combination of the losses of several tasks: Eqs. 13-14 and common alternatives.

Losses are relative to each task's mean level, so that tasks with larger values do not dominate.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from netspatial.errors import BadInput

ALPHA = 0.1
"""Smoothing factor of dynamic weights, Eq. 13."""
TEMPERATURE = 2.0
"""Softmax temperature of dynamic weight averaging."""


class LossWeights(Protocol):
    """Combines the losses of K tasks."""

    def __call__(self, losses: Tensor) -> Tensor:
        """Combined loss of the tasks' losses (K,)."""
        ...

    def observe(self, losses: Tensor) -> None:
        """Update the weights from the mean losses since the last update.

        Parameters
        ----------
        losses : Tensor (K,)
            Mean loss of each task.
        """
        ...

    def parameters(self) -> list[nn.Parameter]:
        """Parameters trained together with the network.

        Returns
        -------
        list of Parameter
        """
        ...


class Equal:
    """The mean of all tasks: the ablation "average weights" of the paper.

    Parameters
    ----------
    tasks : int
        Number of tasks K.
    """

    def __init__(self, tasks: int) -> None:
        self.weights = torch.full((tasks,), 1 / tasks)

    def __call__(self, losses: Tensor) -> Tensor:
        """Weighted sum with constant weights."""
        return (self.weights.to(losses.device) * losses).sum()

    def observe(self, losses: Tensor) -> None:
        """Do nothing: weights stay equal."""

    def parameters(self) -> list[nn.Parameter]:
        """No parameters."""
        return []


class Dynamic(Equal):
    """Eqs. 13-14 of Sim-MSTNet: weights follow the shares of the losses and sum to one.

    In the steady state a weight is its task's share, so the largest loss has the largest weight.

    Parameters
    ----------
    tasks : int
        Number of tasks K.

    Examples
    --------
    >>> dynamic = Dynamic(2)
    >>> dynamic.observe(torch.tensor([3.0, 1.0]))
    >>> [round(float(weight), 4) for weight in dynamic.weights]
    [0.525, 0.475]
    """

    def observe(self, losses: Tensor) -> None:
        """Move the weights towards the shares.

        Parameters
        ----------
        losses : Tensor (K,)
            Mean loss of each task.

        Notes
        -----
        Eq. 13: w becomes (1 - alpha) w + alpha L / sum L.
        """
        share = losses.detach().cpu() / losses.detach().cpu().sum().clamp(min=1e-12)
        self.weights = (1 - ALPHA) * self.weights + ALPHA * share


class DynamicAverage(Equal):
    """Dynamic weight averaging: tasks with the slowest falling loss have the largest weight.

    Parameters
    ----------
    tasks : int
        Number of tasks K.
    """

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self._recent: list[Tensor] = []

    def observe(self, losses: Tensor) -> None:
        """Set the weights to a softmax of the ratio of the last two losses.

        Parameters
        ----------
        losses : Tensor (K,)
            Mean loss of each task.
        """
        self._recent = [*self._recent[-1:], losses.detach().cpu()]
        if len(self._recent) == 2:
            ratio = self._recent[1] / self._recent[0].clamp(min=1e-12)
            self.weights = torch.softmax(ratio / TEMPERATURE, dim=0)


class Uncertainty:
    """Uncertainty weighting with trained log variances s: mean of exp(-s) L + s over tasks.

    Parameters
    ----------
    tasks : int
        Number of tasks K.
    """

    def __init__(self, tasks: int) -> None:
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def __call__(self, losses: Tensor) -> Tensor:
        """Weighted mean plus the penalty of small weights."""
        s = self.log_variance.to(losses.device)
        return (torch.exp(-s) * losses + s).mean()

    def observe(self, losses: Tensor) -> None:
        """Do nothing: gradients update the log variances."""

    def parameters(self) -> list[nn.Parameter]:
        """The log variances."""
        return [self.log_variance]


LOSS_WEIGHTS: dict[str, Callable[[int], LossWeights]] = {
    "equal": Equal,
    "dynamic": Dynamic,
    "uncertainty": Uncertainty,
    "dwa": DynamicAverage,
}


def loss_weights(name: str, tasks: int) -> LossWeights:
    """Build loss weights by their name.

    Parameters
    ----------
    name : str
        A key of `LOSS_WEIGHTS`.
    tasks : int
        Number of tasks K.

    Returns
    -------
    LossWeights

    Raises
    ------
    BadInput
        If there are no such weights.

    Examples
    --------
    >>> float(loss_weights("equal", 2)(torch.tensor([1.0, 3.0])))
    2.0
    """
    if name not in LOSS_WEIGHTS:
        raise BadInput(f"There are no loss weights '{name}'; there are {', '.join(LOSS_WEIGHTS)}.")
    return LOSS_WEIGHTS[name](tasks)
