"""Weights of simulations by looking ahead: the recommended way to weigh them.

A small network gives each simulated example its weight from its configuration and its loss. It
learns by asking what one step with these weights would do to the loss on real examples. A few
numbers for each configuration, instead of one for each of 30,000 windows, keep the weights from
fitting the few real examples by heart.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netspatial.errors import BadInput
from netspatial.forecast.bilevel import Problem, drawn, shares, unrolled
from netspatial.randomness import key

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class MetaWeight:
    """How weights are learnt.

    steps, batch : of simulated examples, and of real ones
    lr           : of φ (AdamW)
    weight_lr    : of what gives the weights of parameters and losses (Adam)
    own_lr       : of the term that each configuration has of its own (Adam)
    look_ahead   : rate of the one step whose outcome is asked for
    every        : steps between two questions
    hidden       : width of the network that gives weights
    """

    steps: int = 1000
    batch: int = 64
    lr: float = 2e-3
    weight_lr: float = 1e-2
    own_lr: float = 1e-2
    look_ahead: float = 0.1
    every: int = 2
    hidden: int = 32


class WeightNetwork(nn.Module):
    """w_j = a_config(j) + MLP(parameters of the configuration, loss), Σσ(w_j) scaled to mean 1."""

    def __init__(self, configurations: int, parameters: int, hidden: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.zeros(configurations))
        self.mlp = nn.Sequential(nn.Linear(parameters + 1, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, config: Tensor, parameters: Tensor, loss: Tensor, usual: Tensor) -> Tensor:
        """Logits w (B,).

        config     : (B,) configuration of each example; parameters : (configurations, P) of all
        loss       : (B,) of each example, read in logarithms beside the `usual` one
        """
        relative = torch.log((loss / usual).clamp(min=1e-3)).clamp(-4, 4)
        read = torch.cat([parameters[config], relative[:, None]], dim=1)
        w: Tensor = self.a[config] + self.mlp(read)[:, 0]
        return w


@dataclass(frozen=True)
class MetaWeighed:
    """φ (p,) learnt with the weights, what gives them, and the usual loss that it compares with."""

    phi: Tensor
    weights: WeightNetwork
    usual: Tensor


def meta_weight(
    problem: Problem, phi: Tensor, how: MetaWeight, seed: int, tell: Tell | None = None
) -> MetaWeighed:
    """Learn φ on weighted simulations, and the weights on real losses one step ahead."""
    configurations, parameters = problem.parameters.shape
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, "meta-weight") % 2**63)
        network = WeightNetwork(configurations, parameters, how.hidden)
    phi = phi.detach().clone()
    of_phi = torch.optim.AdamW([phi], lr=how.lr)
    of_weights = torch.optim.Adam(
        [
            {"params": [network.a], "lr": how.own_lr},
            {"params": network.mlp.parameters(), "lr": how.weight_lr},
        ]
    )
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(of_phi, how.steps, eta_min=0.02 * how.lr)
    usual: Tensor | None = None
    for step in range(how.steps):
        rows = drawn(seed, "simulated", step, len(problem), how.batch)
        at = phi.clone().requires_grad_()
        losses = problem.simulated(at, rows)
        seen = losses.detach()
        # a running median that a few wild losses do not move
        usual = seen.median() if usual is None else 0.95 * usual + 0.05 * seen.median()
        config = torch.from_numpy(problem.config[rows])
        if step % how.every == 0:
            w = network(config, problem.parameters, seen, usual)
            ahead = unrolled(
                lambda at, rows=rows: problem.simulated(at, rows),  # type: ignore[misc]
                phi,
                shares(w),
                how.look_ahead,
                1,
            )
            real = drawn(seed, "real", step, problem.real_count, how.batch)
            of_weights.zero_grad(set_to_none=True)
            problem.real(ahead, real).mean().backward()  # type: ignore[no-untyped-call]
            of_weights.step()
        with torch.no_grad():
            counted = shares(network(config, problem.parameters, seen, usual))
        (phi.grad,) = torch.autograd.grad((counted * losses).mean(), at)
        nn.utils.clip_grad_norm_([phi], 1.0)
        of_phi.step()
        decay.step()
        if not bool(torch.isfinite(phi).all()):
            raise BadInput(f"Weighing diverged by step {step + 1}; a lower rate would be right.")
        if tell is not None:
            tell("weighing simulations by looking ahead", (step + 1) / how.steps)
    if usual is None:
        raise BadInput("Weighing simulations needs at least one step.")
    return MetaWeighed(phi, network, usual)


@torch.no_grad()
def weights_of(weighed: MetaWeighed, problem: Problem, batch: int = 512) -> Tensor:
    """σ(w_j) of every simulated example under the final φ, (n,), 0 to 1."""
    parts = []
    for begin in range(0, len(problem), batch):
        rows = torch.arange(begin, min(begin + batch, len(problem)))
        losses = problem.simulated(weighed.phi, rows.numpy())
        config = torch.from_numpy(problem.config[rows.numpy()])
        parts.append(weighed.weights(config, problem.parameters, losses, weighed.usual))
    return torch.sigmoid(torch.cat(parts))
