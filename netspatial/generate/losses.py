"""Terms of the objective, Eq. 15: flow matching, and the auxiliary terms that the paper only names.

Pure functions of generated and true series, all (n, T), over the largest true value; the
definitions of the auxiliary terms are ours. `objective` weights and sums them.
"""

import torch
from torch import Tensor

from netspatial.generate.decompose import weekly_target


def flow_matching(velocity: Tensor, dx_t: Tensor, importance: Tensor | None = None) -> Tensor:
    """Return the mean squared velocity error, Eq. 14; `importance` (dim,) weights coordinates.

    The weights have mean one. Any positive weights have the same minimiser; they decide which
    coordinates a network of limited size fits best.
    """
    error = (velocity - dx_t).square()
    return error.mean() if importance is None else (error * importance).mean()


def boundary(x_hat: Tensor, x_max: Tensor) -> Tensor:
    """Return the mean squared excess below zero or above the largest true value, (n,)."""
    return (torch.relu(-x_hat).square() + torch.relu(x_hat - x_max).square()).mean(-1)


def temporal(x_hat: Tensor, x: Tensor) -> Tensor:
    """Return the squared difference of the mean absolute hourly changes, (n,)."""
    return (x_hat.diff(dim=-1).abs().mean(-1) - x.diff(dim=-1).abs().mean(-1)).square()


def periodic(x_hat: Tensor, x: Tensor, hours: Tensor) -> Tensor:
    """Return the mean squared difference of the weekly means W(x), (n,)."""
    return (weekly_target(x_hat, hours) - weekly_target(x, hours)).square().mean(-1)


def bias(x_hat: Tensor, x: Tensor) -> Tensor:
    """Return the squared difference of the means, (n,)."""
    return (x_hat.mean(-1) - x.mean(-1)).square()


def correlation(x_hat: Tensor, x: Tensor, hours: Tensor) -> Tensor:
    """Return one minus Pearson's correlation of the weekly profiles, (n,)."""
    a, b = weekly_target(x_hat, hours), weekly_target(x, hours)
    a, b = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    return 1 - (a * b).sum(-1) / (_norm(a) * _norm(b)).clamp_min(1e-8)


def _norm(x: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(x, dim=-1)
    return length
