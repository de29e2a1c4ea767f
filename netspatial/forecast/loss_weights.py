"""How the losses of several tasks become one: Eqs. 13-14 and the usual other ways.

Losses come in the unit of each task's own mean level, so that no task counts more because its
numbers are larger.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from netspatial.errors import BadInput

ALPHA = 0.1
"""How fast dynamic weights follow the losses, Eq. 13."""
TEMPERATURE = 2.0
"""Of the softmax of dynamic weight averaging."""


class LossWeights(Protocol):
    """Combines the losses of K tasks."""

    def __call__(self, losses: Tensor) -> Tensor:
        """One loss from those of the tasks, (K,)."""
        ...

    def observe(self, losses: Tensor) -> None:
        """Hear the mean losses (K,) of the steps since the last time."""
        ...

    def parameters(self) -> list[nn.Parameter]:
        """What is learnt along with the network."""
        ...


class Equal:
    """The mean of all tasks: the ablation "average weights" of the paper."""

    def __init__(self, tasks: int) -> None:
        self.weights = torch.full((tasks,), 1 / tasks)

    def __call__(self, losses: Tensor) -> Tensor:
        """Weighted sum, the weights being constants of the step."""
        return (self.weights.to(losses.device) * losses).sum()

    def observe(self, losses: Tensor) -> None:
        """Stay equal."""

    def parameters(self) -> list[nn.Parameter]:
        """Nothing is learnt."""
        return []


class Dynamic(Equal):
    """Eqs. 13-14: weights follow the shares of the losses and keep summing to one.

    In the steady state a weight is its task's share, so that the largest loss is pressed most.
    """

    def observe(self, losses: Tensor) -> None:
        """Move the weights towards the shares: (1 - alpha) w + alpha L / sum L."""
        share = losses.detach().cpu() / losses.detach().cpu().sum().clamp(min=1e-12)
        self.weights = (1 - ALPHA) * self.weights + ALPHA * share


class DynamicAverage(Equal):
    """Dynamic weight averaging: tasks whose loss falls slowest weigh most."""

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self._heard: list[Tensor] = []

    def observe(self, losses: Tensor) -> None:
        """Softmax of the ratio of the last two losses."""
        self._heard = [*self._heard[-1:], losses.detach().cpu()]
        if len(self._heard) == 2:
            ratio = self._heard[1] / self._heard[0].clamp(min=1e-12)
            self.weights = torch.softmax(ratio / TEMPERATURE, dim=0)


class Uncertainty:
    """Each task's log variance is learnt: exp(-s) L + s, in the mean over tasks."""

    def __init__(self, tasks: int) -> None:
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def __call__(self, losses: Tensor) -> Tensor:
        """Weighted mean and the price of small weights."""
        s = self.log_variance.to(losses.device)
        return (torch.exp(-s) * losses + s).mean()

    def observe(self, losses: Tensor) -> None:
        """Gradients do it."""

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
    """Build a way to combine losses by its name."""
    if name not in LOSS_WEIGHTS:
        raise BadInput(f"There are no loss weights '{name}'; there are {', '.join(LOSS_WEIGHTS)}.")
    return LOSS_WEIGHTS[name](tasks)
