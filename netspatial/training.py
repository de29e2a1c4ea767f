"""Common parts of all trainings: learning rate, step, moving average, early stop and checkpoint.

Each training loop has its own file with its loss and data: `generate.training`,
`generate.joint_training`, `forecast.training`, `context.training.fusion_training` and
`context.training.satvit_training`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspatial.disk import remove_folder
from netspatial.errors import BadInput
from netspatial.weights import MODEL, Weights, arrays, fill, prefixed, save_weights, under

MOMENTS = "adam"
"""The optimiser's part of a checkpoint."""


def cosine_decay(done: float, whole: float, floor: float = 0.0) -> float:
    """Share of the learning rate after `done` of `whole`: half a cosine from 1 to `floor`."""
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done / whole))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def descend(
    loss: Tensor,
    optimiser: torch.optim.Optimizer,
    *clipped: Iterable[nn.Parameter],
    average: Callable[[], None] = lambda: None,
) -> None:
    """Take one optimiser step; the gradient norm of each of `clipped` is limited to 1.

    average : averages the gradients of several processes
    """
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    average()
    for parameters in clipped:
        nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Update the exponential moving average of a network's parameters after `step` steps.

    The decay is min(`decay`, (step + 1) / (step + 10)).
    """
    kept = min(decay, (step + 1) / (step + 10))
    for slow, fast in zip(average.parameters(), network.parameters(), strict=True):
        slow.lerp_(fast, 1 - kept)


@dataclass
class Best:
    """The lowest held-out loss so far, its step, and the number of evaluations since then.

    A training stops early when `worse` reaches its patience.
    """

    loss: float = math.inf
    at: int = 0
    worse: int = 0

    def beaten_by(self, loss: float, at: int) -> bool:
        """Return whether this loss is the lowest, and store it; raise where it is not finite."""
        if not math.isfinite(loss):
            raise BadInput(
                f"Training diverged by step {at}: a held-out loss is not finite; use a lower "
                "learning rate."
            )
        if loss < self.loss:
            self.loss, self.at, self.worse = loss, at, 0
            return True
        self.worse += 1
        return False


def save_checkpoint(
    folder: Path,
    kind: str,
    networks: Mapping[str, nn.Module],
    optimiser: torch.optim.Optimizer,
    config: Mapping[str, Any],
) -> None:
    """Write a checkpoint atomically: networks, moments of the optimiser and progress."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, network in networks.items():
        tensors |= prefixed(name, arrays(network))
    for index, moments in optimiser.state_dict()["state"].items():
        of_one = {name: value.detach().cpu().numpy() for name, value in moments.items()}
        tensors |= prefixed(f"{MOMENTS}/{index}", of_one)
    save_weights(folder, kind, tensors, config, "An unfinished training; not a model.")


def fill_from_checkpoint(
    saved: Weights, networks: Mapping[str, nn.Module], optimiser: torch.optim.Optimizer
) -> None:
    """Restore networks and moments from a checkpoint."""
    for name, network in networks.items():
        fill(network, under(name, saved.tensors), saved.source)
    state: dict[int, dict[str, Tensor]] = {}
    for path, array in under(MOMENTS, saved.tensors).items():
        index, name = path.split("/")
        state.setdefault(int(index), {})[name] = torch.from_numpy(array.copy())
    optimiser.load_state_dict(
        {"state": state, "param_groups": optimiser.state_dict()["param_groups"]}
    )


def forget_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a training that has ended."""
    if folder.exists():
        remove_folder(folder, MODEL)
