"""Flow matching (Eqs. 13-14) in the paper's symbols: straight paths x_0 to x_1, and ODE solvers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]
"""v(x_t, t): x_t (n, dim) and t (n,) to dx/dt (n, dim)."""
AfterStep = Callable[[Tensor], Tensor]
TimeLaw = Literal["uniform", "logit_normal"]


@dataclass(frozen=True)
class PathSample:
    """A point on the path and the velocity there.

    Attributes
    ----------
    x_t, dx_t : Tensor, (n, dim)
        Point and velocity.
    t : Tensor, (n,)
        Flow time, 0 to 1.
    """

    x_t: Tensor
    dx_t: Tensor
    t: Tensor


def straight_path(x_0: Tensor, x_1: Tensor, t: Tensor) -> PathSample:
    """Return the point and the velocity at time t on the straight line from x_0 to x_1.

    Parameters
    ----------
    x_0, x_1 : Tensor, (n, dim)
        Noise and data.
    t : Tensor, (n,)
        Flow time, 0 to 1.

    Returns
    -------
    PathSample
        x_t and dx_t.

    Notes
    -----
    Eq. 14: x_t = (1 - t) x_0 + t x_1 and dx_t = x_1 - x_0.

    Examples
    --------
    >>> path = straight_path(torch.zeros(1, 2), torch.ones(1, 2), torch.tensor([0.25]))
    >>> path.x_t.tolist(), path.dx_t.tolist()
    ([[0.25, 0.25]], [[1.0, 1.0]])
    """
    at = t.unsqueeze(-1)
    return PathSample(x_t=(1 - at) * x_0 + at * x_1, dx_t=x_1 - x_0, t=t)


def draw_time(n: int, law: TimeLaw, generator: torch.Generator) -> Tensor:
    """Sample training times t (n,) in (0, 1): uniform as published, or logit-normal(0, 1).

    Parameters
    ----------
    n : int
        Number of times.
    law : str
        "uniform" or "logit_normal".
    generator : torch.Generator
        Random numbers.

    Returns
    -------
    Tensor, (n,)
        Flow times.

    Examples
    --------
    >>> t = draw_time(1000, "logit_normal", torch.Generator().manual_seed(0))
    >>> round(float(t.mean()), 1)
    0.5
    """
    if law == "uniform":
        return torch.rand(n, generator=generator)
    return torch.sigmoid(torch.randn(n, generator=generator))


def unchanged(x: Tensor) -> Tensor:
    """Return x: no clipping after a step."""
    return x


def euler_left(v: Velocity, x_0: Tensor, steps: int, after_step: AfterStep = unchanged) -> Tensor:
    """Integrate dx/dt = v from t=0 to 1, velocities taken at t = (k-1)/N.

    Parameters
    ----------
    v : callable
        Velocity: x_t (n, dim) and t (n,) to dx/dt (n, dim).
    x_0 : Tensor, (n, dim)
        Start.
    steps : int
        Number of steps N.
    after_step : callable
        Applied to x after each step, for example to clip it.

    Returns
    -------
    Tensor, (n, dim)
        x_1.

    Notes
    -----
    x_k = x_{k-1} + v(x_{k-1}, (k-1)/N) / N for k = 1..N; error of order 1/N.

    Examples
    --------
    >>> euler_left(lambda x, t: 2 * t[:, None], torch.zeros(1, 1), 4).item()
    0.75
    """
    x = x_0
    for k in range(steps):
        x = after_step(x + v(x, _at(k / steps, x)) / steps)
    return x


def euler_right(v: Velocity, x_0: Tensor, steps: int, after_step: AfterStep = unchanged) -> Tensor:
    """Integrate as in Algorithm 2: Euler steps with velocities taken at t = k/N, k = 1..N.

    Parameters
    ----------
    v : callable
        Velocity: x_t (n, dim) and t (n,) to dx/dt (n, dim).
    x_0 : Tensor, (n, dim)
        Start.
    steps : int
        Number of steps N.
    after_step : callable
        Applied to x after each step, for example to clip it.

    Returns
    -------
    Tensor, (n, dim)
        x_1.

    Notes
    -----
    x_k = x_{k-1} + v(x_{k-1}, k/N) / N for k = 1..N; error of order 1/N.

    Examples
    --------
    >>> euler_right(lambda x, t: 2 * t[:, None], torch.zeros(1, 1), 4).item()
    1.25
    """
    x = x_0
    for k in range(1, steps + 1):
        x = after_step(x + v(x, _at(k / steps, x)) / steps)
    return x


def midpoint(v: Velocity, x_0: Tensor, steps: int, after_step: AfterStep = unchanged) -> Tensor:
    """Integrate by second-order Runge-Kutta: two velocities a step, error of order 1/N².

    Parameters
    ----------
    v : callable
        Velocity: x_t (n, dim) and t (n,) to dx/dt (n, dim).
    x_0 : Tensor, (n, dim)
        Start.
    steps : int
        Number of steps N.
    after_step : callable
        Applied to x after each step, for example to clip it.

    Returns
    -------
    Tensor, (n, dim)
        x_1.

    Examples
    --------
    >>> midpoint(lambda x, t: 2 * t[:, None], torch.zeros(1, 1), 4).item()
    1.0
    """
    x, h = x_0, 1 / steps
    for k in range(steps):
        middle = x + h / 2 * v(x, _at(k * h, x))
        x = after_step(x + h * v(middle, _at((k + 0.5) * h, x)))
    return x


SOLVERS: dict[str, Callable[[Velocity, Tensor, int, AfterStep], Tensor]] = {
    "midpoint": midpoint,
    "euler_left": euler_left,
    "euler_right": euler_right,
}
VELOCITIES_PER_STEP = {"midpoint": 2, "euler_left": 1, "euler_right": 1}


def _at(t: float, x: Tensor) -> Tensor:
    return x.new_full((x.shape[0],), t)
