"""Bilevel optimisation: parameters minimise weighted simulated losses, weights minimise real ones.

Shared by both methods of reweighting simulations. In the paper's symbols: w are the logits of the
weights, φ the network parameters as one vector, g(w, φ) the simulated loss, G(φ) the real loss,
ψ(w) the parameters after K gradient steps on g.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Indices
from netspatial.randomness import stream

Losses = Callable[[Tensor, Indices], Tensor]
"""Losses (B,) of rows (B,) under the parameters φ (p,)."""


@dataclass(frozen=True)
class BilevelProblem:
    """Losses and data of the bilevel problem.

    Attributes
    ----------
    simulated : function from (φ, rows) to Tensor
        Losses ℓ_j(φ) of simulated examples.
    real : function from (φ, rows) to Tensor
        Losses of the real examples on which weights are trained.
    real_count : int
        Number of real examples.
    config : array (n,) of int
        Configuration of each simulated example.
    parameters : Tensor (configurations, P)
        Parameters of each configuration.
    """

    simulated: Losses
    real: Losses
    real_count: int
    config: Indices
    parameters: Tensor

    def __len__(self) -> int:
        return len(self.config)


def shares(w: Tensor) -> Tensor:
    """Weights σ(w) scaled to a mean of 1, so that g cannot fall by shrinking all weights.

    Parameters
    ----------
    w : Tensor (B,)
        Logits.

    Returns
    -------
    Tensor (B,)

    Examples
    --------
    >>> shares(torch.zeros(2)).tolist()
    [1.0, 1.0]
    """
    weights = torch.sigmoid(w)
    return weights / weights.mean()


def unrolled(
    losses: Callable[[Tensor], Tensor],
    phi: Tensor,
    weights: Tensor,
    rate: float,
    steps: int,
) -> Tensor:
    """ψ: steps of gradient descent on the weighted loss from φ, differentiable in the weights.

    Parameters
    ----------
    losses : function from Tensor (p,) to Tensor (n,)
        Losses of n examples under the parameters φ.
    phi : Tensor (p,)
        Parameters φ before the first step.
    weights : Tensor (n,)
        Weight of each example.
    rate : float
        Learning rate η.
    steps : int
        Number of steps K.

    Returns
    -------
    Tensor (p,)

    Notes
    -----
    The loss is mean(weights * losses). After one step ∂ψ/∂weight_j = -(rate / n) ∇ℓ_j(φ).

    Examples
    --------
    >>> half_square = lambda phi: 0.5 * phi**2
    >>> moved = unrolled(half_square, torch.ones(1), torch.ones(1), rate=0.25, steps=2)
    >>> moved.tolist()
    [0.5625]
    """
    moved = phi.detach().requires_grad_()
    for _ in range(steps):
        loss = (weights * losses(moved)).mean()
        (slope,) = torch.autograd.grad(loss, moved, create_graph=True)
        moved = moved - rate * slope
    return moved


def drawn(seed: int, name: str, step: int, count: int, batch: int) -> Indices:
    """Rows of a random batch without replacement; all rows if there are no more.

    Parameters
    ----------
    seed : int
        Of the batches.
    name : str
        Name of the series of batches.
    step : int
        Number of the batch.
    count : int
        Number of rows.
    batch : int
        Maximum number of rows of the batch.

    Returns
    -------
    array of int
        Sorted.
    """
    rows = stream(seed, "bilevel", name, step).permutation(count)[:batch]
    return np.sort(rows).astype(np.int64)
