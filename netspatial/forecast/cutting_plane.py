"""Weights of simulations by cutting planes: Eqs. 1-8 and Algorithm 1 of Sim-MSTNet.

The real loss is minimised under h(w, φ) = κ |φ - ψ(w)|₁ <= ε: φ must be reachable by training on
the weighted simulations. The constraint is approximated by planes at visited points; in a first
phase planes are added and dropped, in a second they stay fixed under a penalty. h is not convex in
w, so planes may cut off feasible points: this is the paper's method, not the recommended one.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Indices
from netspatial.errors import BadInput
from netspatial.forecast.bilevel import BilevelProblem, drawn, shares, unrolled
from netspatial.progress import Progress, silent


@dataclass(frozen=True)
class CuttingPlane:
    """Settings of the algorithm; the stable form differs from the published one in five options.

    Attributes
    ----------
    steps : int
        Number of steps T.
    first_phase : float
        T1 as a part of T.
    plane_every : int
        Steps δ between two planes.
    most_planes : int
        Maximum number of planes that are kept.
    inner_steps : int
        Steps K of ψ.
    inner_lr : float
        Learning rate η of ψ.
    tolerance : float
        ε.
    multiplier : float
        μ of a new plane.
    multiplier_lr : float
        Rate of μ.
    lr : float
        Learning rate of φ.
    weight_lr : float
        Learning rate of w.
    penalty : float
        Factor of the squares of the second phase.
    batch : int
        Examples per step.
    by_configuration : bool
        Stable: one w per configuration instead of one per simulated example, of which the planes
        cover only few.
    per_parameter : bool
        Stable: κ is 1 / dim φ instead of 1, so that ε, η and μ are independent of network size.
    warm : bool
        Stable: ψ starts at the φ of the previous plane instead of the first; h compares the
        progress on real data since then with that on simulations.
    adam : bool
        Stable: φ and w use Adam; raw gradients of w are a millionth of its values.
    normalised : bool
        Stable: weights in g have a mean of 1, and the penalty includes ε.
    """

    steps: int = 600
    first_phase: float = 2 / 3
    plane_every: int = 20
    most_planes: int = 24
    inner_steps: int = 5
    inner_lr: float = 0.1
    tolerance: float = 1e-3
    multiplier: float = 1.0
    multiplier_lr: float = 0.1
    lr: float = 2e-3
    weight_lr: float = 0.05
    penalty: float = 1.0
    batch: int = 64
    by_configuration: bool = True
    per_parameter: bool = True
    warm: bool = True
    adam: bool = True
    normalised: bool = True


LITERAL = replace(
    CuttingPlane(),
    by_configuration=False,
    per_parameter=False,
    warm=False,
    adam=False,
    normalised=False,
    lr=0.1,
    weight_lr=0.1,
)
"""As published. It diverged in each of four trials on a small problem."""


@dataclass(frozen=True)
class Plane:
    """aᵀw + bᵀφ + c, the tangent plane of h at the point of its construction.

    Attributes
    ----------
    a : Tensor, shape of w
        Zero for examples outside the batch.
    b : Tensor (p,)
        Slope in φ.
    c : float
        Constant.
    """

    a: Tensor
    b: Tensor
    c: float

    def at(self, w: Tensor, phi: Tensor) -> Tensor:
        """Value at a point.

        Parameters
        ----------
        w : Tensor
            Logits.
        phi : Tensor (p,)
            Parameters φ.

        Returns
        -------
        Tensor
            A single value.

        Examples
        --------
        >>> float(Plane(torch.ones(1), torch.ones(1), 0.5).at(torch.ones(1), torch.ones(1)))
        2.5
        """
        return self.a @ w + self.b @ phi + self.c


@dataclass(frozen=True)
class CuttingPlaneResult:
    """Result of the algorithm.

    Attributes
    ----------
    w : Tensor
        Logits.
    of : array (n,) of int
        Index in w of each simulated example.
    phi : Tensor (p,)
        Parameters φ.
    planes : tuple of Plane
        The final planes.
    multipliers : Tensor
        μ of each plane.
    """

    w: Tensor
    of: Indices
    phi: Tensor
    planes: tuple[Plane, ...]
    multipliers: Tensor

    @property
    def weights(self) -> Tensor:
        """σ(w) of every simulated example, (n,), 0 to 1."""
        return torch.sigmoid(self.w[torch.from_numpy(self.of)])


def cutting_plane(
    problem: BilevelProblem, phi: Tensor, how: CuttingPlane, seed: int, report: Progress = silent
) -> CuttingPlaneResult:
    """Algorithm 1 of Sim-MSTNet from φ with equal weights.

    Parameters
    ----------
    problem : BilevelProblem
        Losses and data.
    phi : Tensor (p,)
        Initial parameters of the forecasting network.
    how : CuttingPlane
        Settings.
    seed : int
        Of the batches.
    report : Progress
        Called after each step.

    Returns
    -------
    CuttingPlaneResult

    Raises
    ------
    BadInput
        If φ diverges.

    Notes
    -----
    Eqs. 1-8: the real loss is minimised under h(w, φ) = κ |φ - ψ(w)|₁ <= ε.
    """
    state = _State(problem, phi.detach().clone(), how, seed)
    first_phase = round(how.first_phase * how.steps)
    for step in range(how.steps):
        if step < first_phase and step % how.plane_every == 0:
            state.add_plane(step)
        state.descend(step, penalised=step >= first_phase)
        if step < first_phase:
            state.ascend()
        if not bool(torch.isfinite(state.phi).all()):
            raise BadInput(
                f"The cutting planes diverged by step {step + 1}; use the stable form or lower "
                "rates."
            )
        report("reweighting simulations by cutting planes", (step + 1) / how.steps)
    return CuttingPlaneResult(
        state.w, owners(problem, how), state.phi, tuple(state.planes), state.multipliers
    )


def owners(problem: BilevelProblem, how: CuttingPlane) -> Indices:
    """Index in w of each simulated example: its configuration, or its own number.

    Parameters
    ----------
    problem : BilevelProblem
        Losses and data.
    how : CuttingPlane
        For `by_configuration`.

    Returns
    -------
    array (n,) of int
    """
    return problem.config if how.by_configuration else np.arange(len(problem))


def plane_at(
    problem: BilevelProblem,
    w: Tensor,
    phi: Tensor,
    start: Tensor,
    how: CuttingPlane,
    seed: int,
    step: int,
) -> Plane:
    """Tangent plane of h at (w, φ) for a batch of simulated examples, Eq. 4.

    Parameters
    ----------
    problem : BilevelProblem
        Losses and data.
    w : Tensor
        Logits.
    phi : Tensor (p,)
        Parameters φ.
    start : Tensor (p,)
        φ₀, from which ψ starts.
    how : CuttingPlane
        Settings.
    seed : int
        Of the batch.
    step : int
        Number of the batch.

    Returns
    -------
    Plane
    """
    rows = drawn(seed, "plane", step, len(problem), how.batch)
    at = w.detach().clone().requires_grad_()
    own = at[torch.from_numpy(owners(problem, how)[rows])]
    weights = shares(own) if how.normalised else torch.sigmoid(own)
    psi = unrolled(
        lambda moved: problem.simulated(moved, rows), start, weights, how.inner_lr, how.inner_steps
    )
    kappa = 1 / len(phi) if how.per_parameter else 1.0
    h = kappa * (phi - psi).abs().sum()
    (a,) = torch.autograd.grad(h, at)
    b = kappa * torch.sign(phi - psi.detach())
    return Plane(a, b, float(h.detach() - a @ w - b @ phi))


class _State:
    """State of the algorithm."""

    def __init__(self, problem: BilevelProblem, phi: Tensor, how: CuttingPlane, seed: int) -> None:
        self.problem, self.how, self.seed = problem, how, seed
        self.start, self.phi = phi.clone(), phi
        self.w = torch.zeros(1 + int(owners(problem, how).max()))
        self.planes: list[Plane] = []
        self.multipliers = torch.zeros(0)
        kind = torch.optim.Adam if how.adam else torch.optim.SGD
        self.of_phi = kind([self.phi], lr=how.lr)
        self.of_w = kind([self.w], lr=how.weight_lr)

    def add_plane(self, step: int) -> None:
        """Drop planes with a zero multiplier, or the smallest one if full; add a plane here."""
        self._keep([number for number, mu in enumerate(self.multipliers) if mu > 0])
        if len(self.planes) == self.how.most_planes:
            weakest = int(self.multipliers.argmin())
            self._keep([number for number in range(len(self.planes)) if number != weakest])
        self.planes.append(
            plane_at(self.problem, self.w, self.phi, self.start, self.how, self.seed, step)
        )
        if self.how.warm:
            self.start = self.phi.detach().clone()
        self.multipliers = torch.cat([self.multipliers, torch.tensor([self.how.multiplier])])

    def descend(self, step: int, *, penalised: bool) -> None:
        """One descent step of φ and w on the Lagrangian (Eqs. 5-6) or the penalty (Eqs. 7-8)."""
        rows = drawn(self.seed, "real", step, self.problem.real_count, self.how.batch)
        at = self.phi.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(self.problem.real(at, rows).mean(), at)
        pull = self._excess().clamp(min=0) * 2 * self.how.penalty if penalised else self.multipliers
        down = torch.zeros_like(self.w)
        for factor, plane in zip(pull, self.planes, strict=True):
            slope = slope + factor * plane.b
            down = down + factor * plane.a
        self.phi.grad, self.w.grad = slope, down
        self.of_phi.step()
        self.of_w.step()

    def ascend(self) -> None:
        """One ascent step of the multipliers on the Lagrangian; none falls below 0."""
        self.multipliers = (self.multipliers + self.how.multiplier_lr * self._excess()).clamp(min=0)

    def _excess(self) -> Tensor:
        tolerance = self.how.tolerance if self.how.normalised else 0.0
        values = [plane.at(self.w, self.phi) - tolerance for plane in self.planes]
        return torch.stack(values) if values else torch.zeros(0)

    def _keep(self, numbers: list[int]) -> None:
        self.planes = [self.planes[number] for number in numbers]
        self.multipliers = self.multipliers[numbers]
