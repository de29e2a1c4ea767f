"""Weights of simulations by cutting planes: Eqs. 1-8 and Algorithm 1 of Sim-MSTNet.

Real loss is minimised under h(w, φ) = κ |φ - ψ(w)|₁ <= ε: φ must lie where the weighted simulations
lead. The constraint is kept by planes through points that were visited; in a first phase planes
are added and dropped, in a second they stay and are held by a penalty. h is not convex in w, so
that planes may cut off what they should not: the method is the paper's, not the one recommended.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Indices
from netspatial.errors import BadInput
from netspatial.forecast.bilevel import Problem, drawn, shares, unrolled

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class CuttingPlane:
    """How the algorithm runs.

    steps, first_phase     : T, and T1 as a part of it
    plane_every            : δ steps between two planes; most_planes are kept
    inner_steps, inner_lr  : K and η of ψ
    tolerance              : ε
    multiplier, multiplier_lr : μ of a new plane, and its rate
    lr, weight_lr          : of φ and of w
    penalty                : factor of the squares of the second phase
    batch                  : examples of a step

    The stable form differs from the printed one in five things, each of which can be taken back:
    by_configuration : w are as many as configurations, not as simulated examples, of which planes
                       meet but few
    per_parameter : κ is 1 / dim φ instead of 1, so that ε, η and μ mean the same for any network
    warm          : ψ begins at the φ of the plane before, not at the first one: so h holds where
                    reality led since then against where simulations would have
    adam          : φ and w follow Adam; raw slopes of w are a millionth of its values
    normalised    : weights in g have a mean of 1, and ε counts in the penalty
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
"""As printed. It diverged in every one of four trials on a small problem."""


@dataclass(frozen=True)
class Plane:
    """aᵀw + bᵀφ + c, which equals h and touches it where it was laid.

    a : as w, zero for those that were not drawn; b : (p,)
    """

    a: Tensor
    b: Tensor
    c: float

    def at(self, w: Tensor, phi: Tensor) -> Tensor:
        """Value at a point."""
        return self.a @ w + self.b @ phi + self.c


@dataclass(frozen=True)
class Weighed:
    """What the algorithm leads to: logits w, φ (p,), and the planes and μ at the end.

    of : (n,) which of w is each simulated example's
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
    problem: Problem, phi: Tensor, how: CuttingPlane, seed: int, tell: Tell | None = None
) -> Weighed:
    """Algorithm 1 from φ, with all weights alike."""
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
                f"The cutting planes diverged by step {step + 1}; the stable form or lower rates "
                "would be right."
            )
        if tell is not None:
            tell("weighing simulations by cutting planes", (step + 1) / how.steps)
    return Weighed(state.w, owners(problem, how), state.phi, tuple(state.planes), state.multipliers)


def owners(problem: Problem, how: CuttingPlane) -> Indices:
    """Which of w is each simulated example's, (n,): that of its configuration, or its own."""
    return problem.config if how.by_configuration else np.arange(len(problem))


def plane_at(
    problem: Problem, w: Tensor, phi: Tensor, start: Tensor, how: CuttingPlane, seed: int, step: int
) -> Plane:
    """Eq. 4: the plane that touches h at (w, φ), for a batch of simulated examples.

    start : φ₀, from which ψ begins
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
    """Where the algorithm is."""

    def __init__(self, problem: Problem, phi: Tensor, how: CuttingPlane, seed: int) -> None:
        self.problem, self.how, self.seed = problem, how, seed
        self.start, self.phi = phi.clone(), phi
        self.w = torch.zeros(1 + int(owners(problem, how).max()))
        self.planes: list[Plane] = []
        self.multipliers = torch.zeros(0)
        kind = torch.optim.Adam if how.adam else torch.optim.SGD
        self.of_phi = kind([self.phi], lr=how.lr)
        self.of_w = kind([self.w], lr=how.weight_lr)

    def add_plane(self, step: int) -> None:
        """Drop planes without a multiplier, then lay one through here; the weakest gives way."""
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
        """One step of φ and w down the Lagrangian (Eqs. 5-6) or the penalty (Eqs. 7-8)."""
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
        """One step of the multipliers up the Lagrangian; none falls below 0."""
        self.multipliers = (self.multipliers + self.how.multiplier_lr * self._excess()).clamp(min=0)

    def _excess(self) -> Tensor:
        tolerance = self.how.tolerance if self.how.normalised else 0.0
        values = [plane.at(self.w, self.phi) - tolerance for plane in self.planes]
        return torch.stack(values) if values else torch.zeros(0)

    def _keep(self, numbers: list[int]) -> None:
        self.planes = [self.planes[number] for number in numbers]
        self.multipliers = self.multipliers[numbers]
