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

    simulated       : ℓ_j(φ) of the n simulated examples
    real            : losses of the real examples on which weights are trained
    config          : (n,) configuration of each simulated example
    parameters      : (configurations, P) parameters of each configuration
    """

    simulated: Losses
    real: Losses
    real_count: int
    config: Indices
    parameters: Tensor

    def __len__(self) -> int:
        return len(self.config)


def shares(w: Tensor) -> Tensor:
    """Weights σ(w) scaled to a mean of 1, so that g cannot fall by shrinking all weights."""
    weights = torch.sigmoid(w)
    return weights / weights.mean()


def unrolled(
    losses: Callable[[Tensor], Tensor],
    phi: Tensor,
    weights: Tensor,
    rate: float,
    steps: int,
) -> Tensor:
    """ψ: `steps` of gradient descent on mean(weights * losses) from φ, differentiable in weights.

    After one step ∂ψ/∂weight_j = -(rate / n) ∇ℓ_j(φ).
    """
    moved = phi.detach().requires_grad_()
    for _ in range(steps):
        loss = (weights * losses(moved)).mean()
        (slope,) = torch.autograd.grad(loss, moved, create_graph=True)
        moved = moved - rate * slope
    return moved


def drawn(seed: int, name: str, step: int, count: int, batch: int) -> Indices:
    """Rows of a random batch without replacement; all rows if there are no more."""
    rows = stream(seed, "bilevel", name, step).permutation(count)[:batch]
    return np.sort(rows).astype(np.int64)
