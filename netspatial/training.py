"""What all trainings share: learning rate, step, moving average, early stop and checkpoint.

Each loop stands in its own file, to be read from top to bottom, with its own loss and data:
`generate.training`, `generate.together`, `forecast.training`, `context.training` and
`context.satvit_training`. torch is known on this floor here and in `weights` alone.
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
    """Give all parameters this learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def descend(
    loss: Tensor,
    optimiser: torch.optim.Optimizer,
    *clipped: Iterable[nn.Parameter],
    average: Callable[[], None] = lambda: None,
) -> None:
    """Take one step down the loss; the gradients of each of `clipped` have at most norm 1.

    average : brings gradients of several processes together
    """
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    average()
    for parameters in clipped:
        nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Move the moving average of a network's parameters after so many steps.

    It keeps `decay` of what it was, and less while few steps are done: (step + 1) / (step + 10).
    """
    kept = min(decay, (step + 1) / (step + 10))
    for slow, fast in zip(average.parameters(), network.parameters(), strict=True):
        slow.lerp_(fast, 1 - kept)


@dataclass
class Best:
    """The lowest held-out loss so far, when it was, and how many since then were no lower.

    A training stops early when `worse` reaches its patience.
    """

    loss: float = math.inf
    at: int = 0
    worse: int = 0

    def beaten_by(self, loss: float, at: int) -> bool:
        """Return whether this loss is the lowest, and remember it; refuse what is no number."""
        if not math.isfinite(loss):
            raise BadInput(
                f"Training diverged by step {at}: a held-out loss is not a number; a lower "
                "learning rate would be right."
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
    """Write an unfinished training in one step: networks, moments and where it stands."""
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
    """Put networks and moments back to where `save_checkpoint` found them."""
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
