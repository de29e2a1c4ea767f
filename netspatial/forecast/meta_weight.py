"""Meta-weighting of simulations by one-step look-ahead: the recommended reweighting method.

A small network computes each simulated example's weight from its configuration and loss. It is
trained on the real loss after one gradient step with these weights. Few parameters per
configuration, instead of one per window, prevent overfitting to the few real examples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netspatial.errors import BadInput
from netspatial.forecast.bilevel import BilevelProblem, drawn, shares, unrolled
from netspatial.progress import Progress, silent
from netspatial.randomness import key


@dataclass(frozen=True)
class MetaWeight:
    """Settings of meta-weighting.

    Attributes
    ----------
    steps : int
        Training steps.
    batch : int
        Examples per step, simulated and real each.
    lr : float
        Learning rate of φ (AdamW).
    weight_lr : float
        Of the network from parameters and losses to weights (Adam).
    own_lr : float
        Of the bias of each configuration (Adam).
    look_ahead : float
        Learning rate of the look-ahead step.
    every : int
        Steps between updates of the weights.
    hidden : int
        Width of the weight network.
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
        """Logits w of simulated examples.

        Parameters
        ----------
        config : Tensor (B,) of int
            Configuration of each example.
        parameters : Tensor (configurations, P)
            Parameters of all configurations.
        loss : Tensor (B,)
            Of each example; the input is its logarithm relative to `usual`.
        usual : Tensor
            Reference loss.

        Returns
        -------
        Tensor (B,)
        """
        relative = torch.log((loss / usual).clamp(min=1e-3)).clamp(-4, 4)
        features = torch.cat([parameters[config], relative[:, None]], dim=1)
        w: Tensor = self.a[config] + self.mlp(features)[:, 0]
        return w


@dataclass(frozen=True)
class MetaWeighed:
    """Result of meta-weighting.

    Attributes
    ----------
    phi : Tensor (p,)
        Parameters φ trained with the weights.
    weights : WeightNetwork
        The weight network.
    usual : Tensor
        Its reference loss.
    """

    phi: Tensor
    weights: WeightNetwork
    usual: Tensor


def meta_weight(
    problem: BilevelProblem, phi: Tensor, how: MetaWeight, seed: int, report: Progress = silent
) -> MetaWeighed:
    """Train φ on weighted simulations, and the weights on real losses one step ahead.

    Parameters
    ----------
    problem : BilevelProblem
        Losses and data.
    phi : Tensor (p,)
        Initial parameters of the forecasting network.
    how : MetaWeight
        Settings.
    seed : int
        Of the batches and the weight network.
    report : Progress
        Called after each step.

    Returns
    -------
    MetaWeighed

    Raises
    ------
    BadInput
        If φ diverges.
    """
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
        # a running median, robust to outliers
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
            raise BadInput(f"Reweighting diverged by step {step + 1}; use a lower learning rate.")
        report("reweighting simulations", (step + 1) / how.steps)
    if usual is None:
        raise BadInput("Reweighting simulations needs at least one step.")
    return MetaWeighed(phi, network, usual)


@torch.no_grad()
def weights_of(weighed: MetaWeighed, problem: BilevelProblem, batch: int = 512) -> Tensor:
    """σ(w_j) of every simulated example under the final φ.

    Parameters
    ----------
    weighed : MetaWeighed
        Result of `meta_weight`.
    problem : BilevelProblem
        Losses and data.
    batch : int
        Examples that are computed at once.

    Returns
    -------
    Tensor (n,)
        0 to 1.
    """
    parts = []
    for begin in range(0, len(problem), batch):
        rows = torch.arange(begin, min(begin + batch, len(problem)))
        losses = problem.simulated(weighed.phi, rows.numpy())
        config = torch.from_numpy(problem.config[rows.numpy()])
        parts.append(weighed.weights(config, problem.parameters, losses, weighed.usual))
    return torch.sigmoid(torch.cat(parts))
